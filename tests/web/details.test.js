// A room's details in a real browser: its members and what one may do to them, its settings,
// its invites, and the ways to leave it.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { PASSWORD, a_person, a_voice, are, becomes, focus_says, has_focus, is_online,
	server_url, until, watch_pages } from './browser.js';

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

// anna at a page, at the details of a room that she owns; boris and chen are members.
async function at_the_details(context) {
	const { page, user, access_token } = await a_person({ url, context });
	const [boris, chen] = [await a_voice(url, { name: 'boris' }),
		await a_voice(url, { name: 'chen' })];
	const ask = async (method, path, body) => {
		const reply = await fetch(`${url}api/v1${path}`, {
			method, body: body && JSON.stringify(body),
			headers: { 'Content-Type': 'application/json',
				Authorization: `Bearer ${access_token}` },
		});
		assert.ok(reply.ok, await reply.clone().text());
		return reply.status === 204 ? null : reply.json();
	};
	const id_of = (voice) => voice.store.user.id;
	const room = await ask('POST', '/rooms', { name: 'a garden', kind: 'group',
		member_ids: [id_of(boris), id_of(chen)] });

	await page.locator('.room-row').waitFor({ state: 'attached' });
	await page.goto(`${url}#/rooms/${room.id}/details`);
	await page.locator('.members-list .pick').nth(2).waitFor();
	await is_online(page);
	return { page, user, room, boris, chen, ask, id_of,
		details: page.getByRole('complementary'), dialog: page.getByRole('dialog') };
}

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

test('an owner names admins, mutes, bans and hands over; others see it at once', async () => {
	const { page, room, boris, chen, id_of, details, dialog, ask } = await at_the_details();
	const open = (voice) => details.locator('.pick', { hasText: voice.login }).click();
	const act = (name) => dialog.last().getByRole('button', { name, exact: true }).click();
	// the same for actions that ask for confirmation
	const act_surely = async (name) => {
		await act(name);
		await focus_says(page, 'Cancel');
		await act(name);
		await are(dialog, 1);
	};
	const in_group = (group, voice) => until(() => details.evaluate((node, [wanted, login]) => {
		let heading = '';
		for (const item of node.querySelectorAll('.members-list > li')) {
			heading = item.querySelector('h3')?.textContent ?? heading;
			if (item.querySelector('.pick')?.textContent.includes(login))
				return heading.startsWith(wanted);
		}
		return false;
	}, [group, voice.login]), `${voice.login} among ${group}`);

	await open(boris);
	await act('Make admin');
	await dialog.getByRole('button', { name: 'Remove as admin' }).waitFor();
	await page.keyboard.press('Escape');
	await in_group('Admins', boris);
	// the focus returns
	await has_focus(page.locator('.members-list .pick'));

	await open(chen);
	await act('Mute…');
	await page.getByRole('menuitem', { name: 'For an hour' }).click();
	await dialog.getByText('Member · muted').waitFor();
	await act_surely('Ban');
	await until(() => !chen.store.rooms.has(room.id), 'chen is out');
	await dialog.getByRole('button', { name: 'Unban', exact: true }).waitFor();
	await in_group('Banned', chen);
	await act('Unban');
	await until(() => chen.store.rooms.has(room.id), 'chen is back');
	await act_surely('Remove');
	await until(() => !chen.store.rooms.has(room.id), 'chen is out again');
	await page.keyboard.press('Escape');
	await details.locator('.pick', { hasText: chen.login }).waitFor({ state: 'detached' });

	// changes by others show at once: boris adds chen, and changes the room
	await boris.manage.add_members(room.id, [id_of(chen)]);
	await in_group('Members', chen);
	await boris.manage.change(room.id, { name: 'a wilder garden', description: 'No spades' });
	await details.getByText('a wilder garden').waitFor();
	await details.getByText('No spades').waitFor();
	await page.locator('.room-title').getByText('a wilder garden').waitFor();

	await open(boris);
	await act_surely('Transfer ownership');
	await in_group('Owner', boris);
	await details.getByRole('button', { name: 'Delete room' }).waitFor({ state: 'detached' });
	await page.keyboard.press('Escape');
	await are(dialog, 0);

	// an admin may do nothing to another admin
	await open(boris);
	await dialog.getByText('Owner').waitFor();
	await are(dialog.getByRole('button', { name: 'Ban' }), 0);
	await page.keyboard.press('Escape');
	await details.getByRole('button', { name: 'Leave room' }).click();
	await focus_says(page, 'Cancel');
	await act('Leave room');
	await page.getByText('No rooms yet').waitFor();
	await becomes(async () => (await ask('GET', '/rooms')).items.length, 0);
});

test('settings: faults at their fields, a picture, who may come, slow mode', async () => {
	const { page, room, boris, details, dialog, ask } = await at_the_details();

	await details.getByRole('button', { name: 'Settings' }).click();
	await dialog.getByLabel('Name').fill('');
	await dialog.getByLabel('Member limit').fill('2');
	await dialog.getByRole('button', { name: 'Save' }).click();
	await dialog.getByText('Please fill this in.').waitFor();
	await dialog.getByLabel('Name').fill('a small garden');
	await dialog.getByRole('button', { name: 'Save' }).click();
	await dialog.getByText('The room already has more members than that.').waitFor();
	await has_focus(dialog.locator('[name=max_members]'));
	await dialog.getByLabel('Member limit').fill('3');
	await dialog.getByRole('switch', { name: /Anyone with the link/ }).uncheck();
	await dialog.getByLabel('Slow mode').selectOption({ label: '1 minute' });
	await dialog.getByLabel('What new members see').selectOption('since_join');
	const choose = async () => {
		await dialog.locator('input[type=file]').setInputFiles(
			{ name: 'face.png', mimeType: 'image/png', buffer: PNG });
		await dialog.locator('.picture-field img').waitFor();
	};
	await choose();
	// the event may come before the answer
	const remove = dialog.getByRole('button', { name: 'Remove picture' });
	await page.route('**/api/v1/rooms/*', async (route) => {
		const response = await route.fetch();

		await remove.waitFor({ state: 'hidden' });
		await route.fulfill({ response });
	}, { times: 1 });
	await remove.press('Enter');
	await has_focus(dialog.getByRole('button', { name: 'Choose a picture' }));
	await choose();
	await dialog.getByRole('button', { name: 'Save' }).click();
	await dialog.waitFor({ state: 'detached' });
	await details.getByText('One message every 1 minute').waitFor();
	await details.locator('.details-top img').waitFor();
	const now = await ask('GET', `/rooms/${room.id}`);
	assert.deepEqual([now.name, now.max_members, now.join_by_id, now.settings],
		['a small garden', 3, false, { slow_mode_s: 60, history: 'since_join' }]);
	await until(() => boris.store.rooms.get(room.id)?.avatar_url, 'a picture');

	// a full room says so in the dialog that adds people
	const eva = await a_voice(url, { name: 'eva' });
	await details.getByRole('button', { name: 'Invite people' }).click();
	await dialog.getByRole('searchbox').fill(eva.login);
	await dialog.locator('.pick').filter({ hasText: eva.login }).click();
	await dialog.getByRole('button', { name: 'Add to room' }).click();
	await dialog.getByText('This room is full.').waitFor();
	await has_focus(dialog.getByRole('button', { name: 'Add to room' }));
	await page.keyboard.press('Escape');

	await details.getByRole('button', { name: 'Delete room' }).click();
	await dialog.getByText('Delete “a small garden”?').waitFor();
	await dialog.getByRole('button', { name: 'Delete room' }).click();
	await until(() => boris.store.rooms.size === 0, 'it is gone for all');
});

test('приглашение делают, копируют и отзывают; на телефоне сведения закрывают страницу',
	async () => {
		const context = { locale: 'ru-RU', viewport: { width: 390, height: 844 },
			hasTouch: true, isMobile: true };
		const { page, room, details, dialog, ask } = await at_the_details(context);
		const eva = await a_voice(url, { name: 'eva' });

		await page.locator('.composer').waitFor();
		await becomes(async () => (await details.boundingBox()).width, 390);
		await details.getByText('Участники (2)').waitFor();
		await details.getByRole('button', { name: 'Пригласить людей' }).click();
		await dialog.getByText('Приглашений нет.').waitFor();
		await dialog.getByLabel('Для скольких').selectOption({ label: '5 человек' });
		await dialog.getByRole('button', { name: 'Новое приглашение' }).click();
		await dialog.getByText('использовано 0 из 5').waitFor();
		const link = await dialog.locator('.invite-row input').inputValue();
		assert.match(link, /^http.*#join=[\w-]{22}$/);
		await dialog.locator('.invite-row').getByRole('button', { name: 'Копировать' }).click();
		await dialog.locator('.invite-row').getByRole('button', { name: 'Скопировано' }).waitFor();
		await eva.join_invited(link.split('=')[1]);
		await dialog.getByRole('button', { name: 'Отозвать' }).click();
		await dialog.locator('.invite-row').waitFor({ state: 'detached' });
		assert.equal((await ask('GET', `/rooms/${room.id}/invites`)).items.length, 0);
		await page.keyboard.press('Escape');
		await details.getByText('Участники (3)').waitFor();
		await until(() => page.evaluate(() =>
			document.documentElement.scrollWidth <= window.innerWidth), 'room for it');

		await page.getByRole('button', { name: 'Закрыть сведения' }).click();
		await details.waitFor({ state: 'detached' });
		await page.getByRole('button', { name: 'Ещё об этой комнате' }).click();
		await details.waitFor();
		await page.goBack();
		await details.waitFor({ state: 'detached' });
		await page.getByRole('button', { name: 'Ещё об этой комнате' }).click();
		await details.waitFor();
		await page.keyboard.press('Escape');
		await details.waitFor({ state: 'detached' });
		await has_focus(page.getByRole('button', { name: 'Ещё об этой комнате' }));
	});

test('where there is no room for both, details lie over all of the conversation', async () => {
	const { page, details } = await at_the_details({ viewport: { width: 820, height: 1180 } });
	const box = (locator) => locator.evaluate((node) => {
		const { left, right } = node.getBoundingClientRect();
		return [left, right];
	});

	assert.deepEqual(await box(details), await box(page.locator('.room')));
	assert.ok(await page.locator('.room-main').evaluate((node) => node.inert));
	await page.setViewportSize({ width: 1280, height: 800 });
	await until(() => page.locator('.room-main').evaluate((node) => !node.inert), 'both');
	const [[, end], [start]] = [await box(page.locator('.room-main')), await box(details)];
	assert.equal(end, start);
});

test('a direct room is left once the other one has removed their account', async () => {
	const { page, boris, ask, id_of, details, dialog } = await at_the_details();
	const direct = await ask('POST', '/rooms', { kind: 'direct', user_id: id_of(boris) });
	const leave = details.getByRole('button', { name: 'Leave room' });

	await page.goto(`${url}#/rooms/${direct.id}/details`);
	await details.getByRole('group', { name: 'Notify me about' }).waitFor();
	await are(leave, 0);
	await boris.account.remove(PASSWORD, false);
	await leave.click();
	await dialog.getByRole('button', { name: 'Leave room' }).click();
	await are(dialog, 0);
	await becomes(() => new URL(page.url()).hash, '#/');
	await are(page.locator('.room-row'), 1);
});
