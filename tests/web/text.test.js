// Plain functions on texts.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { entry_of } from '../../web/core/entry.js';
import { code_points, hue_of, initials, is_just_emoji, link_parts, random_id }
	from '../../web/core/text.js';

test('code points are counted, not the halves they are kept in', () => {
	assert.equal(code_points(''), 0);
	assert.equal(code_points('Привет'), 6);
	assert.equal(code_points('🎉🎉'), 2);
	assert.equal(code_points('😀'.repeat(8000)), 8000);
});

test('a link is found in a text, without what ends the sentence', () => {
	const links = (text) => link_parts(text).filter((p) => p.url).map((p) => p.url);

	for (const [text, found] of [
		['see https://a.example/x?y=1#z.', ['https://a.example/x?y=1#z']],
		['(https://a.example/b)', ['https://a.example/b']],
		['https://a.example/b_(c), d', ['https://a.example/b_(c)']],
		['«https://пример.рф/путь»!', ['https://пример.рф/путь']],
		['http://a.example http://b.example', ['http://a.example', 'http://b.example']],
		['javascript:alert(1) ftp://x data:text/html,x', []],
		['http:// https://', []],
		['xhttp://a.example', []],
	])
		assert.deepEqual(links(text), found, text);
});

test('the pieces of a text make up the text', () => {
	for (const text of ['', 'a', 'a https://b.example c', 'https://b.example', '🎉 http://x.y)'])
		assert.equal(link_parts(text).map((p) => p.text).join(''), text);
});

test('a way into a room is found in what somebody pasted', () => {
	const id = '0c9f8a7e-1b2c-4d3e-8f90-123456789abc';
	const code = 'aB_9-xaB_9-xaB_9-xaB_9';

	for (const text of [` ${id} `, `https://x.example/chat/#/rooms/${id.toUpperCase()}`,
		`Come here: <https://x.example/#/rooms/${id}>.`, `https://x.example/api/v1/rooms/${id}`,
		`https://x.example/#/rooms/${id}/details`])
		assert.deepEqual(entry_of(text), { id }, text);
	for (const text of [` https://x.example/chat/#join=${code}\n`, `#join=${code}`, code,
		`“https://x.example/#join=${code}”, see you!`, `https://x.example/api/v1/invites/${code}`])
		assert.deepEqual(entry_of(text), { code }, text);
	for (const text of ['', 'tea', 'two words', 'https://x.example/#register=aB_9-x'])
		assert.equal(entry_of(text), null, text);
});

test('initials are of the first two words, whatever the script', () => {
	for (const [name, letters] of [['Anna Lee', 'AL'], ['анна ковалёва', 'АК'], ['mei', 'M'],
		['🌱 Garden', '🌱'], ['anna_b', 'AB'], ['  ', '?'], ['', '?'], ['𝒳 y', '𝒳Y']])
		assert.equal(initials(name), letters, name);
});

test('a colour belongs to an id for good, and all colours are used', () => {
	const hues = Array.from({ length: 400 }, (_, i) => hue_of(`some-id-${i}`));

	assert.equal(hue_of('some-id-7'), hues[7]);
	assert.deepEqual([...new Set(hues)].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
});

test('one to three emoji alone are just emoji', () => {
	for (const text of ['👍', '🎉🎉🎉', '👩‍👩‍👧‍👦', '🇫🇮', '👍🏽', '❤️', '1️⃣'])
		assert.equal(is_just_emoji(text), true, text);
	for (const text of ['', 'a', '1', '12', '#', '🎉🎉🎉🎉', 'a🎉', '🎉 🎉', '\u200d'.repeat(61)])
		assert.equal(is_just_emoji(text), false, text);
});

test('random ids are of the letters a client_id may have, and never meet', () => {
	const ids = Array.from({ length: 100 }, random_id);

	assert.equal(new Set(ids).size, 100);
	for (const id of ids)
		assert.match(id, /^[A-Za-z0-9._-]{1,64}$/);
});
