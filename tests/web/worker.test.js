// The service worker in real Chromium: the page opens without a line, only the page is cached,
// and a new version is taken as a whole, when somebody chooses to.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Line, a_page, a_person, a_voice, becomes, is_online, server_url, try_now, until,
	watch_pages } from './browser.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const context = { serviceWorkers: 'allow' };
let url;

watch_pages();

before(async () => {
	url = await server_url();
});

const is_ready = (page) => page.evaluate(async () => {
	await navigator.serviceWorker.ready;
});

// The paths in all caches of the origin.
const kept = (page) => page.evaluate(async () => {
	const found = [];
	for (const name of await caches.keys())
		for (const request of await (await caches.open(name)).keys())
			found.push(`${name} ${new URL(request.url).pathname}`);
	return found;
});

test('once it was open the page opens without a line, and says so', async () => {
	const line = await Line.to(url);
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name: 'a room', kind: 'group' });
	const { page } = await a_person({ url: line.url, context });

	await is_online(page);
	await page.goto(`${line.url}#/rooms/${room.id}`);
	await page.getByRole('button', { name: 'Join this room' }).click();
	await page.waitForSelector('.composer');
	await is_ready(page);
	await page.reload();
	await is_online(page);
	await until(() => page.evaluate(() => Boolean(navigator.serviceWorker.controller)),
		'page out of the cache');

	const files = await kept(page);
	assert.ok(files.length > 40);
	assert.ok(files.every((name) => /^foyer:\/:shell:[0-9a-f]{16} \/(index\.html|icon\.svg|[\w.]+\.js|(core|i18n|style|ui)\/[\w.]+)$/
		.test(name)), files.join('\n'));
	assert.ok(!files.some((name) => /\/((sw|shell)\.js$|api\/)/.test(name)), 'neither itself nor the API');

	line.down();
	await page.reload();
	await page.waitForSelector('.shell');
	await page.locator('.line-bar:not([hidden])').waitFor();
	// what is loaded on demand is there as well
	await page.locator('.account-button').click();
	await page.getByRole('button', { name: 'Appearance', exact: true }).click();
	await page.getByRole('radio', { name: 'Dark' }).check();
	await page.keyboard.press('Escape');
	line.up();
	await try_now(page);
	await is_online(page);
});

test('the page names its manifest, whose pictures are there in their sizes', async () => {
	const html = await (await fetch(url)).text();
	const [, where] = /<link rel="manifest" href="([^"]+)">/.exec(html);
	const reply = await fetch(new URL(where, url));
	const manifest = await reply.json();

	assert.equal(reply.headers.get('content-type'), 'application/manifest+json');
	assert.equal(new URL(manifest.start_url, reply.url).href, url);
	for (const { src, sizes, type } of manifest.icons) {
		const icon = await fetch(new URL(src, reply.url));
		const bytes = Buffer.from(await icon.arrayBuffer());
		assert.equal(icon.headers.get('content-type'), type);
		if (type === 'image/png')
			assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes);
		assert.ok(bytes.length < 20000, src);
	}
	assert.ok(manifest.icons.some(({ purpose }) => purpose === 'maskable'));
});

// web/ as files, under a prefix, in a folder that the test may change, with the real server's
// policy. There is no API behind it.
async function a_folder() {
	const web = fs.mkdtempSync(path.join(process.env.TEST_TMP ?? os.tmpdir(), 'web-'));
	const policy = (await fetch(url)).headers.get('content-security-policy');
	const types = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html',
		'.svg': 'image/svg+xml' };
	const list = () => fs.writeFileSync(path.join(web, 'shell.js'),
		execFileSync(path.join(ROOT, 'run/shell.sh'), [web]));

	fs.cpSync(path.join(ROOT, 'web'), web, { recursive: true });
	list();
	const server = http.createServer((request, reply) => {
		const name = new URL(request.url, 'http://x').pathname.replace(/^\/a\/chat\//, '');
		const file = path.join(web, name || 'index.html');
		if (!fs.existsSync(file) || fs.statSync(file).isDirectory()) {
			reply.writeHead(404).end();
			return;
		}
		reply.writeHead(200, {
			'Content-Type': types[path.extname(file)] ?? 'application/octet-stream',
			'Content-Security-Policy': policy, 'Cache-Control': 'no-cache',
		}).end(fs.readFileSync(file));
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${server.address().port}/a/chat/`,
		list,
		change: (name, from, to) => {
			const file = path.join(web, name);
			const text = fs.readFileSync(file, 'utf8');
			assert.ok(text.includes(from));
			fs.writeFileSync(file, text.replaceAll(from, to));
		},
		end: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			fs.rmSync(web, { recursive: true });
		},
	};
}

test('a new version is taken whole, once somebody asks for it, by all tabs', async () => {
	const folder = await a_folder();
	const page = await a_page({ url: folder.url, context });
	const heading = (one) => one.locator('.card h2').textContent();

	await is_ready(page);
	await page.reload();
	await page.waitForSelector('form');
	const tab = await page.context().newPage();
	await tab.goto(folder.url);
	await tab.waitForSelector('form');
	const [before] = await kept(page);

	// a server in the middle of an update: its files do not match its list
	folder.change('i18n/en_more.js', 'Welcome back', 'Welcome anew');
	folder.change('sw.js', 'Only the shell is cached', 'Just the shell is cached');
	await page.reload();
	await page.waitForSelector('form');
	await page.evaluate(async () => {
		const registration = await navigator.serviceWorker.getRegistration();
		await registration.update().catch(() => {});
		await new Promise((done) => {
			const look = () => registration.installing ? setTimeout(look, 20) : done();
			look();
		});
	});
	await becomes(() => heading(page), 'Welcome back');
	await becomes(() => page.evaluate(() => caches.keys()), [before.split(' ')[0]]);

	folder.list();
	await page.evaluate(async () => {
		await (await navigator.serviceWorker.getRegistration()).update();
	});
	await page.getByText('A new version of this page is available.').waitFor();
	assert.equal(await heading(page), 'Welcome back');
	await page.reload();
	await page.getByText('A new version of this page is available.').waitFor();
	assert.equal(await heading(page), 'Welcome back', 'as long as nobody takes it');

	await page.getByRole('button', { name: 'Reload' }).click();
	for (const one of [page, tab])
		await until(async () => await heading(one).catch(() => '') === 'Welcome anew',
			'the new version');
	await until(async () => (await page.evaluate(() => caches.keys()).catch(() => [])).length === 1,
		'end of the former version');
	assert.match(before, /^foyer:\/a\/chat\/:shell:/);
	await folder.end();
});
