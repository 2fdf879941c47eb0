// The reference as people see it: Swagger UI, on a server under a prefix.

import assert from 'node:assert/strict';
import process from 'node:process';
import { before, test } from 'node:test';

import { are, PATIENCE_MS, the_browser, watch_pages } from './browser.js';
import { private_server } from '../lib/server.js';

let server;

watch_pages();

before(async () => {
	server = await private_server({ name: 'swagger', prefix: '/chat' });
});

// A page that records its requests and complaints.
async function a_reader(prepare = () => {}) {
	const page = await (await the_browser()).newPage();

	page.setDefaultTimeout(PATIENCE_MS);
	page.asked = [];
	page.complaints = [];
	page.on('request', (request) => page.asked.push(new URL(request.url())));
	page.on('console', (message) => {
		if (['error', 'warning'].includes(message.type()))
			page.complaints.push(message.text());
	});
	page.on('pageerror', (error) => page.complaints.push(String(error)));
	await prepare(page);
	await page.goto(`${server.url}/swagger/index.html`);
	return page;
}

test('it shows every operation, asks no other host, and breaks no policy', async () => {
	const page = await a_reader();
	const document = await (await fetch(`${server.api}/openapi.json`)).json();
	const count = Object.values(document.paths)
		.reduce((sum, methods) => sum + Object.keys(methods).length, 0);

	await page.locator('.opblock').first().waitFor();
	await are(page.locator('.opblock'), count);
	await page.locator('#operations-rooms-get_room').click();
	await page.locator('.responses-table').first().waitFor();
	if (process.env.SCREENSHOT)
		await page.screenshot({ path: process.env.SCREENSHOT });
	for (const { protocol, origin } of page.asked)
		assert.ok(protocol === 'data:' || origin === server.origin, origin);
	assert.deepEqual(page.complaints, []);
	await page.close();
});

test('without Swagger UI the page says so, and where the reference is', async () => {
	const page = await a_reader((p) => p.route('**/swagger/ui/**', (route) =>
		route.fulfill({ status: 404 })));

	await page.getByText('is not installed').waitFor();
	const to = await page.getByRole('link', { name: 'openapi.json' }).first();
	await to.click();
	await page.waitForURL(`${server.api}/openapi.json`);
	await page.close();
});

test('its policy lets no other host in and no script into the page', async () => {
	for (const path of ['', 'index.html', 'show.js', 'ui/swagger-ui-bundle.js']) {
		const reply = await fetch(`${server.url}/swagger/${path}`);
		const policy = reply.headers.get('content-security-policy');
		await reply.arrayBuffer();
		assert.equal(reply.status, 200, path);
		assert.match(policy, /default-src 'none'; script-src 'self';/, path);
		assert.doesNotMatch(policy, /https?:|\*|script-src[^;]*unsafe/, path);
		assert.equal(reply.headers.get('x-content-type-options'), 'nosniff', path);
	}
});
