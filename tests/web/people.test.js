// People in a real browser: my contacts, their nicknames, blocks, and presence.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { a_person, a_voice, are, has_focus, is_online, sees, server_url, until, watch_pages }
	from './browser.js';

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

const person = (options = {}) => a_person({ url, ...options });

test('a contact is added by login, named, talked to, blocked and let be', async () => {
	const [{ page }, boris] = [await person(), await a_voice(url, { name: 'boris' })];
	const dialog = page.getByRole('dialog');
	const act = (name) => dialog.last().getByRole('button', { name, exact: true }).click();

	await page.getByRole('button', { name: 'People', exact: true }).click();
	await dialog.getByText('No contacts yet').waitFor();
	await act('Add by username');
	// exact, since another field searches by login
	await dialog.last().getByLabel('Username', { exact: true }).fill('nobody-of-that-name');
	await act('Add to contacts');
	await dialog.last().getByText('There’s nobody with this username.').waitFor();
	await dialog.last().getByLabel('Username', { exact: true }).fill(boris.login);
	await dialog.last().getByLabel('Nickname').fill('Bo');
	await act('Add to contacts');
	await are(dialog, 1);
	await dialog.locator('.pick').filter({ hasText: 'Bo' }).click();
	await dialog.last().getByText(`@${boris.login}`).waitFor();

	await act('Nickname');
	await dialog.last().getByLabel('Nickname').fill('Bo from work');
	await act('Save');
	await dialog.last().locator('.profile-name').getByText('Bo from work').waitFor();
	await act('Message');
	await page.waitForSelector('.composer');
	await page.locator('.room-title').getByText('Bo from work').waitFor();
	await page.locator('.room-row').getByText('Bo from work').waitFor();
	await page.locator('.room-about').getByText('online').waitFor();
	const room_id = await until(() => [...boris.store.rooms.keys()][0], 'the room');
	boris.say(room_id, 'hello');
	await sees(page, ['hello']);

	// a change of their presence shows
	await boris.api.call('PUT', '/users/status', { body: { status: 'busy', text: 'in a meeting' } });
	await page.locator('.room-about').getByText('busy · in a meeting').waitFor();
	await page.locator('.room-row .avatar-dot[data-status=busy]').waitFor();

	// the details of a direct room show the other person
	await page.getByRole('button', { name: 'Room details' }).click();
	const details = page.getByRole('complementary');
	await details.getByText('in a meeting').waitFor();
	await details.getByRole('button', { name: 'Block', exact: true }).click();
	await dialog.getByText('Block Bo from work?').waitFor();
	await act('Block');
	await details.getByText('You’ve blocked this person.').waitFor();
	await until(async () => !(await page.locator('.room-about').textContent()).includes('busy'),
		'nothing is told of who is blocked');
	await are(details.getByRole('button', { name: 'Message' }), 0);
	await details.getByRole('button', { name: 'Unblock' }).click();
	await details.getByRole('button', { name: 'Block', exact: true }).waitFor();
	await details.getByRole('button', { name: 'Remove from contacts' }).click();
	await details.getByText(boris.login).first().waitFor();
	await page.locator('.room-title').getByText(boris.login).waitFor();
	await page.keyboard.press('Escape');
	await details.waitFor({ state: 'detached' });
});

test('людей ищут по-русски, и видно, когда человек был', async () => {
	const [{ page, user }, boris] = [await person({ context: { locale: 'ru-RU' } }),
		await a_voice(url, { name: 'boris', first_name: 'Борис', last_name: 'Соколов' })];
	const dialog = page.getByRole('dialog');
	const direct = await boris.create_room({ kind: 'direct', user_id: user.id });

	await is_online(page);
	await page.locator('.room-row', { hasText: 'Борис Соколов' }).click();
	await page.locator('.room-about').getByText('в сети').waitFor();
	boris.socket.stop();
	await page.locator('.room-about').getByText(/^был\(а\) (только что|\d+ мин)/).waitFor();
	await until(() => page.url().endsWith(direct.id), 'address of the room');

	await page.getByRole('button', { name: 'Люди', exact: true }).click();
	await dialog.getByRole('searchbox').fill(boris.login);
	await dialog.locator('.pick').filter({ hasText: 'Борис' }).click();
	await dialog.last().getByText(/^был\(а\)/).waitFor();
	await dialog.last().getByRole('button', { name: 'Добавить в контакты' }).click();
	await dialog.last().getByRole('button', { name: 'Удалить из контактов' }).waitFor();
	await page.keyboard.press('Escape');
	// the focus returns
	await has_focus(page.locator('.pick'));
});
