// The texts of the page: complete in both languages, and all of them used.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Words, choose_language, locale_of } from '../../web/core/words.js';
import { person_name, room_name } from '../../web/ui/avatar.js';
import { TABLES } from './tables.js';

const WEB = fileURLToPath(new URL('../../web/', import.meta.url));
const { en, ru } = TABLES;

const names_in = (text) =>
	[...new Set([...JSON.stringify(text).matchAll(/\{(\w+)\}/g)].map((m) => m[1]))].sort();

test('both languages have the same keys, filled with the same values', () => {
	assert.deepEqual(Object.keys(ru.words).sort(), Object.keys(en.words).sort());
	for (const key of Object.keys(en.words))
		assert.deepEqual(names_in(ru.words[key]), names_in(en.words[key]), key);
});

test('a counted text has every form that its language has', () => {
	for (const { language, words } of Object.values(TABLES)) {
		const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
		for (const [key, text] of Object.entries(words))
			if (typeof text === 'object')
				assert.deepEqual(Object.keys(text).sort(), [...forms].sort(),
					`${language} ${key}`);
	}
});

test('every key that the page asks for is there, and none is there for nothing', () => {
	const code = ['ui', 'core'].flatMap((folder) => fs.readdirSync(path.join(WEB, folder))
		.map((name) => fs.readFileSync(path.join(WEB, folder, name), 'utf8'))).join('\n');
	const sections = new Set(Object.keys(en.words).map((key) => key.split('.')[0]));
	const asked = new Set([...code.matchAll(/'([a-z]+\.[a-z_.]+)'/g)].map((m) => m[1])
		.filter((key) => sections.has(key.split('.')[0]) && !/\.(?:js|css)$/.test(key)));
	const built = [...code.matchAll(/`([a-z]+\.(?:[a-z_]+\.)*)\$\{/g)].map((m) => m[1]);

	for (const key of asked)
		assert.ok(key in en.words, `${key} is missing`);
	for (const key of Object.keys(en.words))
		assert.ok(asked.has(key) || built.some((start) => key.startsWith(start)),
			`${key} is not used`);
});

test('no key stands twice in a table: the last would win', () => {
	for (const language of Object.keys(TABLES)) {
		const code = [language, `${language}_more`].map((name) =>
			fs.readFileSync(path.join(WEB, `i18n/${name}.js`), 'utf8')).join('\n');
		const keys = [...code.matchAll(/^\t\t'([\w.]+)':/gm)].map((m) => m[1]);
		assert.deepEqual(keys.filter((key, at) => keys.indexOf(key) < at), [], language);
	}
});

test('numbers, names and plurals go into a text', () => {
	const russian = new Words(ru);
	const english = new Words(en);

	assert.equal(english.t('rooms.members', { count: 1 }), '1 member');
	assert.equal(english.t('rooms.members', { count: 1200 }), '1,200 members');
	assert.deepEqual([1, 2, 5, 11, 21].map((count) => russian.t('rooms.members', { count })), [
		'1 участник', '2 участника', '5 участников', '11 участников', '21 участник',
	]);
	assert.equal(english.t('rooms.by', { name: '{text}', text: 'Бр' }), '{text}: Бр');
	assert.equal(english.t('no.such.key'), 'no.such.key');
});

test('an error is told in words we know, else in those of the server', () => {
	const words = new Words(en);

	assert.equal(words.error({ code: 'room_full' }), 'This room is full.');
	assert.equal(words.error({ code: 'odd', message: 'How odd.' }), 'How odd.');
	assert.equal(words.error({ code: 'rate_limited', retry_after: 1.2 }),
		'You’re doing that too often. Try again in 2 seconds.');
	assert.equal(words.field_error({ field: 'login', code: 'too_long', message: 'x' }),
		en.words['field.login.too_long']);
	assert.equal(words.field_error({ field: 'name', code: 'too_long', message: 'x' }),
		en.words['field.too_long']);
	assert.equal(words.field_error({ field: 'z', code: 'odd', message: 'How odd.' }),
		'How odd.');
});

test('the language is the first wished for that there is', () => {
	assert.equal(choose_language(['de-DE', 'ru-RU', 'en'], TABLES), 'ru');
	assert.equal(choose_language(['en-GB', 'ru'], TABLES), 'en');
	assert.equal(choose_language(['zh'], TABLES), 'en');
	assert.equal(choose_language([], TABLES), 'en');
});

test('times are written as in the region of who reads', () => {
	const at = new Date(2026, 10, 17, 13, 5);

	assert.equal(locale_of('en', ['ru-RU', 'en-GB', 'en-US']), 'en-GB');
	assert.equal(locale_of('ru', ['en-GB']), 'ru');
	assert.equal(new Words(en, { locale: 'en-GB' }).time(at), '13:05');
	assert.match(new Words(en, { locale: 'en-US' }).time(at), /^1:05\sPM$/);
});

test('a day is named as one speaks of it', () => {
	const words = new Words(en);
	const now = new Date(2026, 10, 20, 0, 5);

	assert.equal(words.day(new Date(2026, 10, 20, 0, 1), now), 'Today');
	assert.equal(words.day(new Date(2026, 10, 19, 23, 59), now), 'Yesterday');
	assert.equal(words.day(new Date(2026, 2, 3), now), 'March 3');
	assert.equal(words.day(new Date(2024, 2, 3), now), 'March 3, 2024');
	assert.equal(words.when(new Date(2026, 10, 17, 12, 0), now), 'Tue');
	assert.equal(words.when(new Date(2026, 10, 1), now), '11/01/26');
});

test('a name that is read from right to left turns nothing around it', () => {
	const words = new Words(en);
	const said = words.t('rooms.by', { name: 'דנה', text: '1, 2, 3' });

	assert.equal(said, '\u2068דנה\u2069: 1, 2, 3');
	assert.equal(words.t('rooms.by', { name: 'Dana', text: 'Дана' }), 'Dana: Дана');
	// a character that reverses the text after it ends with the name
	assert.equal(words.t('composer.replying', { name: 'evil \u202egnp' }),
		'Replying to ⁨evil ‮gnp⁩');
});

test('what a chat writes with is made ready step by step, and made once', async () => {
	const words = new Words(en, { locale: 'en-GB' });
	const made = [];
	const { DateTimeFormat } = Intl;
	const now = new Date(2024, 4, 3, 12, 30);
	const yesterday = new Date(2024, 4, 1, 12, 30);

	Intl.DateTimeFormat = function (...all) {
		made.push(all);
		return new DateTimeFormat(...all);
	};
	try {
		let pauses = 0;
		await words.make_ready(async () => {
			assert.ok(made.length <= pauses++, 'no two in one step');
		});
		const count = made.length;
		assert.ok(count >= 3);
		assert.equal(words.time(now), '12:30');
		assert.equal(words.when(yesterday, now), 'Wed');
		assert.match(words.exactly(now), /2024/);
		assert.equal(made.length, count);
	} finally {
		Intl.DateTimeFormat = DateTimeFormat;
	}
});

test('a name cannot turn around what stands beside it', () => {
	const words = { nickname: () => null, t: (key) => key };

	assert.equal(person_name({ name: 'a\u202enn\u2069a' }, words), 'anna');
	assert.equal(room_name({ name: '\u2067tea' }, words), 'tea');
	assert.equal(room_name({ name: '\u2067\u05d0\u2069 \u200fb' }, words), '\u05d0 \u200fb');
});
