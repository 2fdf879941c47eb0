// The page of an install under a URL prefix: it finds its own server, and keeps apart
// from another install on the same origin.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { a_person, close_browser, end_all, is_online, sees, write } from './browser.js';
import { private_server } from '../lib/server.js';

let server;

before(async () => {
	server = await private_server({ name: 'prefix', prefix: '/chat' });
});

afterEach(end_all);

after(close_browser);

test('under a prefix one signs in, makes a room and talks, live', async () => {
	const { page } = await a_person({ url: `${server.url}/` });

	await is_online(page);
	await page.getByRole('button', { name: 'New room' }).first().click();
	await page.getByLabel('Name').fill('under a prefix');
	await page.getByRole('button', { name: 'Create room' }).click();
	await page.waitForSelector('.composer');
	await write(page, 'hello');
	await sees(page, ['hello']);
	await page.reload();
	await sees(page, ['hello']);
	assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)
		.filter((key) => !key.startsWith('foyer:/chat/:'))), []);
	assert.deepEqual(page.complaints, []);
});

test('the prefix without its slash leads to the page', async () => {
	const reply = await fetch(server.url, { redirect: 'manual' });

	assert.match(String(reply.status), /^30[1278]$/);
	assert.equal(new URL(reply.headers.get('location'), server.url).pathname, '/chat/');
});
