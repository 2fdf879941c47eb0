// The borders inside web/: core/ has no page, ui/ has no network, and text is never
// parsed as HTML.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const WEB = fileURLToPath(new URL('../../web/', import.meta.url));

function files(folder, ending) {
	return fs.readdirSync(path.join(WEB, folder), { recursive: true })
		.filter((name) => name.endsWith(ending))
		.map((name) => path.join(folder, name));
}

// The code of a file without comments and the contents of quotes.
function code_of(file) {
	return fs.readFileSync(path.join(WEB, file), 'utf8')
		.replace(/\/\*[^]*?\*\//g, '')
		.replace(/(^|\s)\/\/.*$/gm, '$1')
		.replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

function without(list, words) {
	for (const file of list) {
		const code = code_of(file);
		for (const word of words)
			assert.doesNotMatch(code, word, `${file} must not use ${word}`);
	}
}

const word = (name) => new RegExp(`(?<![\\w.#])${name}\\b`);
const method = (name) => new RegExp(`\\b${name}\\b`);

test('core/ has no page: it runs in node as it is', async () => {
	const core = files('core', '.js');

	assert.ok(core.length > 8);
	without(core, ['document', 'window', 'navigator', 'location', 'localStorage',
		'sessionStorage', 'indexedDB', 'HTMLElement', 'requestAnimationFrame', 'alert']
		.map(word));
	for (const file of core)
		await import(path.join(WEB, file));
});

test('core/ is handed fetch and WebSocket, and never reaches for them', () => {
	without(files('core', '.js'), [/(?<![\w.#])fetch\(/, /new WebSocket\b/,
		/globalThis/, /\bself\./]);
});

test('ui/ has no network', () => {
	without(files('ui', '.js'), ['fetch', 'WebSocket', 'XMLHttpRequest', 'EventSource']
		.map(word).concat(/sendBeacon/));
});

test('ui/ is given the client, and imports no more of core/ than plain functions', () => {
	for (const file of files('ui', '.js'))
		for (const [, from] of fs.readFileSync(path.join(WEB, file), 'utf8')
			.matchAll(/from '\.\.\/core\/([^']+)'/g))
			assert.ok(['agent.js', 'entry.js', 'filetypes.js', 'markup.js', 'rules.js', 'text.js', 'words.js'].includes(from),
				`${file} imports core/${from}`);
});

test('views never write to the store', () => {
	for (const file of files('ui', '.js'))
		assert.doesNotMatch(code_of(file),
			/\bstore\.(?:\w+_(?:read|added|gone|told|opened|refused|seen|changed|came|trimmed)|signed_\w+)\(/,
			file);
});

test('no text becomes HTML or code, anywhere', () => {
	without([...files('.', '.js')], ['innerHTML', 'outerHTML', 'insertAdjacentHTML',
		'createContextualFragment', 'DOMParser', 'setHTMLUnsafe', 'srcdoc'].map(method)
		.concat(/document\.write/, /\beval\(/, /new Function\b/, /javascript:/));
});

test('the page needs no inline script or style and no other host', () => {
	const html = fs.readFileSync(path.join(WEB, 'index.html'), 'utf8');

	assert.doesNotMatch(html, /\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)/i);
	assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\//, 'paths are relative');
	for (const file of [...files('.', '.js'), ...files('.', '.css'), ...files('.', '.svg')])
		assert.doesNotMatch(fs.readFileSync(path.join(WEB, file), 'utf8')
			.replaceAll('http://www.w3.org/2000/svg', '')
			// a link that opens only at a click
			.replace("const MAP = 'https://www.openstreetmap.org/';", ''),
		/https?:\/\/[a-z0-9]|@import|\burl\(/, file);
});

// A file of ui/ with all its imports from there, except those by import().
function with_imports(name, found = new Set()) {
	if (!found.has(name)) {
		found.add(name);
		for (const [, from] of fs.readFileSync(path.join(WEB, 'ui', name), 'utf8')
			.matchAll(/from '\.\/([^']+)'/g))
			with_imports(from, found);
	}
	return found;
}

test('what opens windows and menus is loaded with their styles, when somebody wants it', () => {
	const loads = files('ui', '.js').flatMap((file) =>
		[...fs.readFileSync(path.join(WEB, file), 'utf8')
			.matchAll(/(\w+)\(\(\) => import\('\.\/([^']+)'\)([^)]*)\)|import\('\.\/([^']+)'\)/g)]
			.map(([, how, name, styles = '', bare]) => ({ file, how, styles, name: name ?? bare })));

	assert.ok(loads.length > 12);
	for (const { file, how, styles, name } of loads) {
		const all = with_imports(name);
		if (all.has('dialog.js') || all.has('picks.js'))
			assert.equal(how, 'dialog_part', `${file} loads ${name}`);
		if (all.has('popup.js') && how !== 'dialog_part')
			assert.match(styles, /'menus\.css'/, `${file} loads ${name}`);
	}
	for (const part of ['app.js', 'login.js', 'chat.js'])
		for (const name of ['dialog.js', 'picks.js', 'popup.js'])
			assert.ok(!with_imports(part).has(name), `${part} has ${name} from the start`);
});

test('a style is set by a class; by code only a height, and where a window stands', () => {
	for (const file of files('ui', '.js'))
		assert.deepEqual([...code_of(file).matchAll(/\.style\.(\w+)/g)].map((m) => m[1])
			.filter((name) => !['height', 'setProperty'].includes(name)), [], file);
});

test('no class has two methods of one name, of which the first would be dead', () => {
	for (const file of files('.', '.js')) {
		const seen = new Set();
		for (const [line, name] of code_of(file).matchAll(
			/^(?:\t(?:async |static |get |set )*(#?\w+)\([^\n]*\) \{|class \w+.*|export class \w+.*)$/gm)) {
			if (!name) {
				seen.clear();
				continue;
			}
			const kind = line.replace(/\(.*/, '').trim();
			assert.ok(!seen.has(kind) || /^(?:if|for|while|switch|catch)$/.test(name), `${file}: ${kind}`);
			seen.add(kind);
		}
	}
});
