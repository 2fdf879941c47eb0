// After too many requests the page shows how long to wait, second by second, and then one may
// go on: signing in, registering, writing. In a real browser whose clock the test advances; the
// refusals are made up, as nobody is that fast within a test.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { PASSWORD, a_page, a_person, an_account, are, becomes, has_focus, is_online, says,
	sees, server_url, until, watch_pages } from './browser.js';
import { a_login } from '../lib/rest.js';

const WAIT_S = 65;

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

// Refuses the first request to this path.
async function refuse_one(page, path) {
	let is_first = true;

	await page.route(`**/api/v1${path}`, (route) => {
		if (!is_first)
			return route.continue();
		is_first = false;
		return route.fulfill({
			status: 429, contentType: 'application/problem+json',
			headers: { 'Retry-After': String(WAIT_S) },
			body: JSON.stringify({ status: 429, code: 'rate_limited', title: 'Too many requests' }),
		});
	});
}

async function guest() {
	const page = await a_page({ url });

	await page.clock.install();
	// the clock moves only when the test advances it
	await page.clock.pauseAt(Date.now() + 60000);
	return page;
}

// Waits it out: the button does nothing until then, and keeps the focus.
async function waits(page, button) {
	const told = (seconds) => page.locator('.form-error [aria-hidden=true]')
		.getByText(`Try again in ${seconds} seconds.`).waitFor();

	const is_disabled = () => button.getAttribute('aria-disabled');

	await told(WAIT_S);
	await says(page.getByRole('alert'), /You’re doing that too often\./);
	await becomes(is_disabled, 'true');
	await button.press('Enter');
	await page.clock.runFor(5000);
	await told(WAIT_S - 5);
	await are(page.locator('.form'), 1);
	await page.clock.runFor(1000 * (WAIT_S - 5));
	await page.locator('.form-error').waitFor({ state: 'hidden' });
	await becomes(is_disabled, null);
	await has_focus(button);
	await page.clock.resume();
	await button.press('Enter');
	await page.waitForSelector('.shell');
}

test('who signs in too fast sees the wait end, and is let in', async () => {
	const { login } = await an_account(url);
	const page = await guest();

	await refuse_one(page, '/auth/login');
	await page.getByLabel('Username or email').fill(login);
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	const button = page.getByRole('button', { name: 'Sign in' });
	await button.press('Enter');
	await waits(page, button);
});

test('who registers too fast sees the wait end, and has an account', async () => {
	const page = await guest();
	const login = a_login('anna');

	await refuse_one(page, '/auth/register');
	await page.getByRole('button', { name: 'Create account' }).click();
	await page.getByLabel('Username', { exact: true }).fill(login);
	await page.getByLabel('Email').fill(`${login}@example.org`);
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	const button = page.locator('form button[type=submit]');
	await button.press('Enter');
	await waits(page, button);
});

test('what is written too fast waits in sight, and is sent once', async () => {
	const refused = [];
	const { page } = await a_person({ url, prepare: (profile) =>
		profile.routeWebSocket(/\/ws$/, (line) => {
			const server = line.connectToServer();
			line.onMessage((text) => {
				const frame = JSON.parse(text);
				if (frame.type !== 'message' || refused.length > 0) {
					server.send(text);
					return;
				}
				refused.push(frame);
				line.send(JSON.stringify({ type: 'error', ref: frame.ref, code: 'rate_limited',
					message: 'Too many messages.', retry_after: WAIT_S }));
			});
		}) });
	// here the clock also runs by itself: otherwise nothing would be drawn
	const left = async () => Number(/Too fast: sending in (\d+) seconds?/.exec(
		await page.locator('.composer-status').textContent())?.[1] ?? NaN);

	await is_online(page);
	await page.clock.install();
	await page.getByRole('button', { name: 'New room' }).first().click();
	await page.getByLabel('Name').fill('a room');
	await page.getByRole('button', { name: 'Create room' }).click();
	await page.locator('.composer-input').fill('one');
	await page.locator('.composer-input').press('Enter');
	const first = await until(left, 'how long it takes');
	assert.ok(first > 0 && first <= WAIT_S, `${first} seconds`);
	await page.locator('.composer-input').fill('two');
	await page.locator('.composer-input').press('Enter');
	await sees(page, ['waiting: one', 'waiting: two']);
	await page.clock.runFor(10000);
	await until(async () => await left() <= first - 10, 'ten seconds less');
	await page.clock.runFor(1000 * WAIT_S + 500);
	await sees(page, ['one', 'two']);
	await are(page.getByText(/^Too fast/), 0);
	assert.equal(refused[0].text, 'one');
});
