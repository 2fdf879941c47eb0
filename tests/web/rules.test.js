// What a browser can check of a login, an address and a password by itself; and how devices are
// named.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { agent_of } from '../../web/core/agent.js';
import { email_fault, login_fault, password_fault } from '../../web/core/rules.js';

test('logins: the server\'s rules, in its words', () => {
	for (const [login, fault] of [
		['anna', null], ['анна-1', null], ['李小龍', null], ['a.b_c-1', null], ['42', null],
		['a', 'too_short'], ['ё', 'too_short'], ['x'.repeat(32), null],
		['x'.repeat(33), 'too_long'], ['anna b', 'characters'], ['a@b', 'characters'],
		['--', 'characters'], ['aннa', 'mixed_scripts'], ['ａｎｎａ', null],
	])
		assert.equal(login_fault(login), fault, login);
});

test('addresses: what is surely none is said to be none', () => {
	for (const email of ['a@b', 'anna.b+c@example.org', 'анна@пример.рф'])
		assert.equal(email_fault(email), null, email);
	for (const email of ['anna', '@b', 'a@', 'a b@c', 'a@b..c', 'a@@b'])
		assert.equal(email_fault(email), 'format', email);
	assert.equal(email_fault(`${'x'.repeat(250)}@b.cc`), 'too_long');
});

test('passwords: counted as the server counts, and none of what is known of one', () => {
	const anna = { login: 'Annabella', email: 'someone.else@example.org' };

	for (const [password, fault] of [
		['12345678', null], ['1234567', 'too_short'], ['e\u0301'.repeat(4), 'too_short'],
		['e\u0301'.repeat(8), null], ['💙'.repeat(8), null], ['я'.repeat(513), 'too_long'],
		['annaBELLA', 'same'], ['someone.else', 'same'], ['SOMEONE.else@example.org', 'same'],
	])
		assert.equal(password_fault(password, anna), fault, password);
	assert.equal(password_fault('annabella'), null);
});

test('a device is told by its browser and its system', () => {
	const of = (text) => Object.values(agent_of(text)).join();
	const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

	assert.equal(of(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/130.0.0.0 Safari/537.36`),
		'Chrome,Windows,computer');
	assert.equal(of(`Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/130.0 Safari/537.36 Edg/130.0`),
		'Edge,Windows,computer');
	assert.equal(of(`Mozilla/5.0 (Linux; Android 14; SM-S921B) ${webkit} SamsungBrowser/26.0 Chrome/122.0 Mobile Safari/537.36`),
		'Samsung Internet,Android,phone');
	assert.equal(of('Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0'),
		'Firefox,Linux,computer');
	assert.equal(of('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15'),
		'Safari,macOS,computer');
	assert.equal(of('curl/8.5.0'), 'curl,,other');
	assert.equal(of('backup-robot/2'), 'backup-robot,,other');
	assert.equal(of(null), ',,other');
});
