// preloads.js -- finds out from the files what of web/ a page loads at first, and writes the
// lists by which begin.js requests all of it at once.
//
//   make preloads        writes the lists anew
//
// A browser finds an import only in the importing file, so without the lists a page would wait
// for one file after the other. load.test.js checks that the lists are right.

import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const WEB = fileURLToPath(new URL('../../web/', import.meta.url));
// The entry module, and the two halves of the page.
const FIRST = 'main.js';
export const HALVES = { login: 'ui/login.js', chat: 'ui/chat.js' };
// What app.js loads with a half besides its texts: sign-in has icons that the chat does not
// load at first.
const BESIDE = { login: ['ui/icons_more.js'], chat: [] };
export const LANGUAGES = ['en', 'ru'];

export const read = (file) => fs.readFileSync(path.join(WEB, file), 'utf8');
export const raw = (file) => fs.readFileSync(path.join(WEB, file));

// A file with all its imports, except those by import().
export function with_imports(file, found = new Set()) {
	if (!found.has(file)) {
		found.add(file);
		for (const [, from] of read(file).matchAll(/^(?:import|export)\b[^;]*?'(\.[^']+)';/gm))
			with_imports(path.join(path.dirname(file), from), found);
	}
	return found;
}

export const shared_modules = () => [...with_imports(FIRST)];

// What a half loads in addition.
export function modules_of(half) {
	const all = with_imports(FIRST);
	const shared = all.size;

	for (const file of [HALVES[half], ...BESIDE[half]])
		with_imports(file, all);
	return [...all].slice(shared);
}

export const words_of = (half, language) => half === 'login'
	? [`i18n/${language}.js`, `i18n/${language}_more.js`] : [`i18n/${language}.js`];

export const shared_styles = () => [...read('index.html').matchAll(/href="(style\/[^"]+)"/g)]
	.map(([, file]) => file);

export function styles_of(half) {
	const [, names] = new RegExp(`${half}: async \\(\\) => \\(await half\\(([^;]+?)\\)\\)\\.`)
		.exec(read('ui/app.js'));
	return [...names.matchAll(/'(\w+\.css)'/g)].map(([, name]) => `style/${name}`);
}

const list = (name, files, indent) => `${indent}${name}: [\n${files.map((file) =>
	`${indent}\t'${file}',\n`).join('')}${indent}],\n`;

const lists = () => `const FIRST = {\n${
	list('both', shared_modules().filter((file) => file !== FIRST), '\t')}${
	Object.keys(HALVES).map((half) => `\t${half}: {\n${
		list('styles', styles_of(half), '\t\t')}${
		list('modules', modules_of(half), '\t\t')}\t},\n`).join('')}};\n`;

// The contents of begin.js as they are, and as they should be.
export function both_of_begin() {
	const [begin, end] = ['// --- lists ---\n', '// --- / ---\n'];
	const is = read('begin.js');
	const from = is.indexOf(begin) + begin.length;

	return { is, should_be: is.slice(0, from) + lists() + is.slice(is.indexOf(end, from)) };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	fs.writeFileSync(path.join(WEB, 'begin.js'), both_of_begin().should_be);
