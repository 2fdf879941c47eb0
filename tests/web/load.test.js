// What a page loads at first, and how it gets the rest.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import zlib from 'node:zlib';

import { later } from '../../web/core/later.js';
import { Words } from '../../web/core/words.js';
import { HALVES, LANGUAGES, both_of_begin, modules_of, raw, read, shared_modules,
	shared_styles, styles_of, with_imports, words_of, WEB } from './preloads.js';
import { TABLES } from './tables.js';

// What a first visit loads besides: parts that each half loads by itself when it is idle, more
// of them in the chat.
const SOON = {
	login: ['core/acting.js', 'ui/worker.js'],
	chat: ['core/acting.js', 'ui/notify.js', 'ui/worker.js', 'ui/announcer.js',
		'ui/call_door.js', 'ui/tray.js'],
};
const BESIDE = ['index.html', 'begin.js', 'icon.svg', 'manifest.webmanifest'];
const MOST = 150000;
// The size of our web server's headers for a file.
const HEADERS = 300;

function loaded_at_first(half) {
	const found = new Set([...shared_modules(), ...modules_of(half)]);

	for (const file of SOON[half])
		with_imports(file, found);
	return [...found];
}

test('the chat says at first only what the first table of words has', () => {
	const code = loaded_at_first('chat').map(read).join('\n');
	const { words } = TABLES.en;
	const asked = [...code.matchAll(/'([a-z]+\.[a-z_.]+)'/g)].map(([, key]) => key)
		.filter((key) => key in words);
	// any error text may be needed
	const built = [...code.matchAll(/`([a-z]+\.(?:[a-z_]+\.)*)\$\{/g)].map(([, start]) => start)
		.filter((start) => start !== 'field.');

	assert.ok(asked.length > 100);
	for (const language of Object.keys(TABLES)) {
		const first = read(`i18n/${language}.js`);
		const more = read(`i18n/${language}_more.js`);
		for (const key of Object.keys(words)) {
			const is_first = asked.includes(key) || built.some((start) => key.startsWith(start));
			const place = is_first ? first : more;
			if (is_first || !key.startsWith('field.'))
				assert.ok(place.includes(`'${key}':`), `${language}: ${key} stands in the other table`);
		}
	}
});

test('the chat shows at first only pictures that icons.js has, and all there are exist', () => {
	const names_in = (file) => [...read(file).matchAll(/^\t(\w+): /gm)].map(([, name]) => name);
	const used_in = (code) => [...code.matchAll(
		/(?:\bicon|#?\btool|\bwide|\bmark)\(\s*'(\w+)'|picture: '(\w+)'|\? 'edit' : '(reply)'/g)]
		.map(([, ...names]) => names.find(Boolean));
	const first = new Set([...names_in('ui/icons.js'), ...names_in('ui/call_icons.js')]);
	const all = new Set([...first, ...names_in('ui/icons_more.js')]);
	const shown = used_in(loaded_at_first('chat').map(read).join('\n')
		+ read('core/filetypes.js').replace(/^\t\t?\[[^]*?'(\w+)'\],/gm, "icon('$1')"));

	assert.ok(shown.length > 20 && shown.includes('archive'));
	for (const name of shown)
		assert.ok(first.has(name), `${name} comes too late`);
	for (const file of fs.readdirSync(`${WEB}ui`))
		for (const name of used_in(read(`ui/${file}`)))
			assert.ok(all.has(name), `${file}: no picture ${name}`);
});

for (const half of Object.keys(HALVES))
	test(`the first load of the ${half} weighs less than 150 KB in any language`, () => {
		const sum = (files, weigh) => files.reduce((bytes, file) => bytes + weigh(raw(file)), 0);

		for (const language of LANGUAGES) {
			const files = [...BESIDE, ...shared_styles(), ...styles_of(half),
				...words_of(half, language), ...loaded_at_first(half)];
			const told = `${language}, ${files.length} files`;
			assert.ok(sum(files, (file) => zlib.gzipSync(file).length) < MOST, `${told}, gzip`);
			assert.ok(sum(files, (file) => zlib.brotliCompressSync(file).length + HEADERS)
				< MOST, `${told}, brotli, headers too`);
		}
	});

test('what is sent for at once is what the page loads at first (make preloads)', () => {
	const { is, should_be } = both_of_begin();

	assert.equal(is, should_be);
	// modules that need not wait for begin.js
	const at_once = [...read('index.html').matchAll(/"modulepreload" href="([^"]+)"/g)];
	assert.ok(at_once.length > 0);
	for (const [, file] of at_once)
		assert.ok(shared_modules().includes(file), file);
	assert.deepEqual(LANGUAGES, Object.keys(TABLES));
	assert.ok(is.includes(`LANGUAGES = ['${LANGUAGES.join("', '")}'];`));
});

test('a part that is loaded later is asked in order, and once more after it was out of reach', async () => {
	const said = [];
	let is_there = false;
	const part = later(async () => {
		if (!is_there)
			throw new TypeError('Failed to fetch dynamically imported module');
		return { Part: class {
			say(word) {
				said.push(word);
				return said.length;
			}
		} };
	}, ({ Part }) => new Part());

	await assert.rejects(part.say('lost'), { code: 'offline' });
	is_there = true;
	assert.deepEqual(await Promise.all([part.say('one'), part.say('two')]), [1, 2]);
	assert.deepEqual(said, ['one', 'two']);
	assert.equal(await Promise.resolve(part), part, 'it is no promise itself');
});

test('words that could not be had are asked for again, and then all are there', async () => {
	let tries = 0;
	const words = new Words({ language: 'en', words: { a: 'at first' } }, {
		more: async () => {
			if (++tries === 1)
				throw new TypeError('offline');
			return { words: { b: 'later' } };
		},
	});

	await assert.rejects(words.whole());
	assert.ok(!words.has('b'));
	await words.whole();
	await words.whole();
	assert.deepEqual([words.t('a'), words.t('b'), tries], ['at first', 'later', 2]);
});
