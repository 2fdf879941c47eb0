// Tabs of one person in real Chromium: one refresh for all of them, and signing out in one
// signs out in all.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { a_person, a_voice, has_value, is_online, open_page, open_room, sees, server_url, sign_in,
	until, watch_pages } from './browser.js';
import { private_server } from '../lib/server.js';

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

// The refresh tokens that a browser's tabs have used.
function spent_by(profile) {
	const spent = [];

	profile.on('response', (reply) => {
		if (reply.url().endsWith('/auth/refresh') && [200, 401].includes(reply.status()))
			spent.push(reply.request().postDataJSON().refresh_token);
	});
	return spent;
}

test('one tab refreshes for all, and nobody is put out', async () => {
	const server = await private_server({
		name: 'tabs', env: { FOYER_ACCESS_TOKEN_S: '6' },
	});
	const { page } = await a_person({ url: `${server.url}/` });
	const spent = spent_by(page.context());
	const tabs = [page];

	while (tabs.length < 3)
		tabs.push(await open_page(page.context(), `${server.url}/`));
	await until(() => spent.length > 2, 'some refreshes', 90000);
	for (const tab of tabs)
		await is_online(tab);
	assert.equal(new Set(spent).size, spent.length, 'no pair is spent twice');
});

test('tabs whose token the server does not know any more get one new pair together',
	async () => {
		const { page } = await a_person({ url });
		const tabs = [page, await open_page(page.context(), url)];
		const spent = spent_by(page.context());

		for (const tab of tabs)
			await is_online(tab);
		await page.evaluate(() => {
			const key = Object.keys(localStorage).find((name) => name.endsWith(':session'));
			const pair = JSON.parse(localStorage[key]);
			pair.access_token = `${pair.access_token.slice(0, -4)}AAAA`;
			localStorage[key] = JSON.stringify(pair);
		});
		await Promise.all(tabs.map((tab) => tab.reload()));
		for (const tab of tabs)
			await is_online(tab);
		await until(() => spent.length > 0, 'a new pair');
		assert.equal(spent.length, 1);
	});

test('who signs out in one tab is out in all; who signs in again is in in all', async () => {
	const { page, login } = await a_person({ url });
	const other = await open_page(page.context(), url);

	await is_online(other);
	await other.locator('.account-button').click();
	await other.getByRole('button', { name: 'Sign out' }).click();
	await page.getByText('You’ve signed out.').waitFor();
	await sign_in(page, login);
	await other.waitForSelector('.shell');
	await is_online(other);
});

test('what one writes in one tab is there in another, until it is sent', async () => {
	const boris = await a_voice(url, { name: 'boris' });
	const { page, user } = await a_person({ url });
	const room = await boris.create_room({ name: 'a room', kind: 'group', member_ids: [user.id] });
	const other = await open_page(page.context(), url);
	const [here, there] = [page, other].map((tab) => tab.locator('.composer-input'));

	await boris.api.post_message(room.id, { text: 'well?' });
	for (const tab of [page, other])
		await open_room(tab, url, room.id);
	await here.fill('half a');
	await has_value(there, 'half a');
	await there.fill('half a thought');
	await other.locator('.row', { hasText: 'well?' }).click({ button: 'right' });
	await other.getByRole('menuitem', { name: 'Reply' }).click();
	await has_value(here, 'half a thought');
	await page.locator('.composer-bar', { hasText: 'Replying to' }).waitFor();
	await here.press('Enter');
	await sees(other, ['well?', 'half a thought']);
	await has_value(there, '');
	await other.locator('.composer-bar').waitFor({ state: 'hidden' });
});
