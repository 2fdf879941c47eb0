// The list of rooms in a real browser: what it shows of each, the search above it, creating and
// finding rooms.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { a_person, a_voice, are, has_focus, has_value, is_online, open_room, sees, server_url,
	until, watch_pages } from './browser.js';

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

const person = (options = {}) => a_person({ url, ...options });

// Posts by REST as this person; returns the status.
const post = async ({ access_token }, path, body) => (await fetch(`${url}api/v1${path}`, {
	method: 'POST',
	headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${access_token}` },
	body: JSON.stringify(body),
})).status;

const row = (page, name) => page.locator('.room-row', { hasText: name });

const names = (page) => page.locator('.room-row .room-name').allTextContents();

test('who is banned from a room reads so after a reload, and is offered nothing that fails',
	async () => {
		const [{ page, user }, boris] = [await person(), await a_voice(url, { name: 'boris' })];

		for (const kind of ['group', 'public']) {
			const room = await boris.create_room({ name: `a ${kind} room`, kind });
			await boris.manage.add_members(room.id, [user.id]);
			await open_room(page, url, room.id);
			await is_online(page);
			await boris.manage.change_member(room.id, user.id, { banned: true });
			const why = page.getByRole('heading', { name: 'You were banned from this room' });
			await why.waitFor();
			await page.reload();
			await why.waitFor();
			await page.getByText('An admin of the room can let you back in.').waitFor();
			assert.deepEqual(await page.locator('.trouble button').allTextContents(),
				['Back to my rooms']);
			await boris.manage.change_member(room.id, user.id, { banned: false });
			await page.waitForSelector('.composer');
		}
	});

test('a row tells what is unread, who names me, drafts, silence, and who is here', async () => {
	const [{ page, user }, boris] = [await person(), await a_voice(url, { name: 'boris' })];
	const rooms = [];

	for (const name of ['first', 'second', 'third'])
		rooms.push(await boris.create_room({ name, kind: 'group', member_ids: [user.id] }));
	await row(page, 'third').waitFor();
	boris.say(rooms[0].id, `look, @${user.login}`);
	boris.say(rooms[0].id, 'at this');
	await row(page, 'first').getByText('1 mention of you').waitFor({ state: 'attached' });
	await row(page, 'first').getByText('2 unread messages').waitFor({ state: 'attached' });
	await until(async () => (await names(page))[0] === 'first', 'the latest stands first');

	// a draft shows in the row once another room is open
	await row(page, 'second').click();
	await page.locator('.composer-input').fill('not yet said');
	await row(page, 'third').click();
	await row(page, 'second').getByText('Draft: not yet said').waitFor();

	// muted: quieter, and marked so
	await page.getByRole('button', { name: 'Room details' }).click();
	await page.getByRole('radio', { name: 'Nothing' }).check();
	await row(page, 'third').getByText('Muted').waitFor({ state: 'attached' });
	await page.reload();
	await page.getByRole('radio', { name: 'Nothing' }).and(page.locator(':checked')).waitFor();

	// a direct room shows the other person, and whether they are here
	await boris.create_room({ kind: 'direct', user_id: user.id });
	await row(page, 'boris').getByText('online').waitFor({ state: 'attached' });
	await boris.leave_room(rooms[1].id);
	await boris.remove_room(rooms[2].id);
	await row(page, 'third').waitFor({ state: 'detached' });
});

test('one search finds rooms, people, public rooms and what is pasted, by keyboard', async () => {
	const [{ page }, boris] = [await person(), await a_voice(url, { name: 'borisov' })];
	const { keyboard } = page;
	const stamp = `n${Date.now().toString(36)}`;
	const open = await boris.create_room({ name: `Garden ${stamp}`, kind: 'public' });
	const closed = await boris.create_room({ name: 'a hidden place', kind: 'group' });

	await is_online(page);
	const search = page.getByRole('searchbox', { name: 'Search' }).first();
	// inserted at once, so that it is searched for once
	const find = async (text) => {
		await keyboard.press('Control+k');
		await has_focus(search);
		await keyboard.insertText(text);
	};
	await find(boris.login);
	const hit = page.locator('.finder .pick').filter({ hasText: boris.login });
	await hit.waitFor();
	await keyboard.press('ArrowDown');
	await has_focus(hit);
	await keyboard.press('Enter');
	await page.waitForSelector('.composer');
	await page.locator('.room-about').getByText('online').waitFor();
	await has_value(search, '');
	// a direct room can be searched, and nobody can be invited to it
	await page.getByRole('button', { name: 'Search messages' }).waitFor();
	await page.getByRole('button', { name: 'Invite people' }).waitFor({ state: 'hidden' });

	// the same person now has a room of mine: found in the list, at once
	await find(boris.login);
	await row(page, 'borisov').waitFor();
	await keyboard.press('Escape');
	await has_value(search, '');

	await keyboard.type(`garden ${stamp}`);
	await page.locator('.finder .pick').filter({ hasText: `Garden ${stamp}` }).waitFor();
	await keyboard.press('Enter');
	await page.getByText(`Garden ${stamp}`).first().waitFor();
	await page.getByRole('button', { name: 'Join this room' }).click();
	await page.waitForSelector('.composer');
	await until(() => page.url().endsWith(open.id), 'address of the room');

	await find(`see ${url}#/rooms/${closed.id} there`);
	await page.getByRole('button', { name: /Open this room/ }).waitFor();
	await keyboard.press('Enter');
	await page.getByText('You’re not in this room').waitFor();

	await find(`nobody ${stamp} at all`);
	await page.getByText('No rooms or people found.').waitFor();
});

test('комнату создают на телефоне по-русски, сразу с людьми и пределом', async () => {
	const context = { locale: 'ru-RU', viewport: { width: 390, height: 844 }, hasTouch: true,
		isMobile: true };
	const [{ page }, boris] = [await person({ context }), await a_voice(url, { name: 'boris' })];
	const dialog = page.getByRole('dialog');

	await page.getByRole('button', { name: 'Новая комната' }).first().click();
	await dialog.getByRole('button', { name: 'Создать комнату' }).click();
	await dialog.getByText('Заполните это поле').or(dialog.locator('.field-error:not([hidden])'))
		.first().waitFor();
	await dialog.getByLabel('Название').fill('Сад и огород');
	await dialog.getByText('Ещё', { exact: true }).click();
	await dialog.getByLabel('Предел числа').fill('1');
	await dialog.getByRole('button', { name: 'Создать комнату' }).click();
	await dialog.getByText('Нужно число от 2').waitFor();
	await dialog.getByLabel('Предел числа').fill('5');
	await dialog.getByRole('searchbox').fill(boris.login);
	await dialog.locator('.pick').filter({ hasText: boris.login }).click();
	await dialog.getByRole('button', { name: `Не выбирать: ${boris.login}` }).waitFor();
	await until(() => page.evaluate(() =>
		document.documentElement.scrollWidth <= window.innerWidth), 'room for it');
	await dialog.getByRole('button', { name: 'Создать комнату' }).click();
	await page.waitForSelector('.composer');
	await page.locator('.room-about').getByText('2 участника').waitFor();
	await until(() => [...boris.store.rooms.values()].some(({ name, max_members }) =>
		name === 'Сад и огород' && max_members === 5), 'boris is in');
});

test('a hundred rooms are there as one scrolls, and a name among all of them is found',
	async () => {
		const { page, ...anna } = await person();
		const boris = await a_voice(url, { name: 'boris' });
		const make = (n) => until(async () =>
			await post(anna, '/rooms', { name: `number ${n}.`, kind: 'group' }) === 201, `room ${n}`);

		for (let n = 0; n < 130; n += 10)
			await Promise.all(Array.from({ length: 10 }, (_, i) => make(n + i)));
		await page.reload();
		await row(page, 'number').first().waitFor();
		await is_online(page);
		await are(page.locator('.room-row'), 112);
		await page.locator('.side-scroll').evaluate((node) => node.scrollTo(0, 1e6));
		await are(page.locator('.room-row'), 130);

		await page.reload();
		await row(page, 'number').first().waitFor();
		await page.getByRole('searchbox', { name: 'Search' }).fill('number 0.');
		await row(page, 'number 0.').waitFor();
		await page.getByRole('searchbox', { name: 'Search' }).fill('');
		// a room that the list has not loaded opens by its link all the same
		await page.reload();
		const room = await boris.create_room({ name: 'news', kind: 'group',
			member_ids: [anna.user.id] });
		await open_room(page, url, room.id);
		boris.say(room.id, 'hello');
		await sees(page, ['hello']);
	});

test('a list that cannot be read says so, and comes when one tries again, or by itself',
	async () => {
		const { page, ...anna } = await person();
		const told = page.locator('.room-none').getByRole('alert');
		let asked = 0;

		assert.equal(await post(anna, '/rooms', { name: 'still there', kind: 'group' }), 201);
		await row(page, 'still there').waitFor();
		await page.clock.install();
		await page.route(/\/api\/v1\/rooms\?/, (route) => {
			asked++;
			return route.fulfill({ status: 503 });
		});
		await page.reload();
		await told.getByText('Couldn’t load your rooms.').waitFor();
		const once = asked;
		await page.getByRole('button', { name: 'Try again' }).focus();
		await page.clock.runFor(120000);
		await until(() => asked > once, 'another try by itself');
		// the focused button is not replaced at each try
		await has_focus(page.getByRole('button', { name: 'Try again' }));
		await page.unrouteAll({ behavior: 'wait' });
		await page.getByRole('button', { name: 'Try again' }).click();
		await row(page, 'still there').waitFor();
		await are(told, 0);
	});

test('a list that is answered anew leaves the focus with whom one has come to', async () => {
	const { page, ...anna } = await person();
	const others = await Promise.all(['boris', 'eva'].map((name) => a_voice(url, { name })));
	const held = [];
	const pick = (login) => page.getByRole('dialog').locator('.pick').filter({ hasText: login });
	const search = page.getByRole('dialog').getByRole('searchbox');
	const answered = async (text) => {
		await search.fill(text);
		await until(() => held.length === 1, 'the question');
	};
	const let_go = () => held.pop().continue();

	for (const { store } of others)
		assert.equal(await post(anna, '/contacts', { user_id: store.user.id }), 201);
	await page.reload();
	await page.getByRole('button', { name: 'New room' }).first().click();
	const [boris, eva] = others.map(({ login }) => pick(login));
	await eva.waitFor();
	await page.route(/\/api\/v1\/users\?/, (route) => held.push(route));
	await answered(others[1].login);
	await eva.focus();
	await let_go();
	await boris.waitFor({ state: 'detached' });
	await has_focus(eva);
	await page.keyboard.press('Space');
	const chip = page.getByRole('button', { name: `Remove ${others[1].login}` });
	await answered(others[0].login);
	await eva.focus();
	await let_go();
	await eva.waitFor({ state: 'detached' });
	await has_focus(search);
	await chip.press('Enter');
	await chip.waitFor({ state: 'detached' });
	await has_focus(search);
});
