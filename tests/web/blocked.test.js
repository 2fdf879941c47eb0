// Messages of blocked people in shared rooms: folded until one unfolds them, and without
// notifications. In a real browser.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { a_person, a_voice, are, becomes, focus_says, has_focus, is_online, open_room, passing,
	sees, server_url, until, watch_pages } from './browser.js';

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

test('what somebody blocked says is one line, shown on demand, and not told of', async () => {
	const [boris, chen] = [await a_voice(url, { name: 'boris', first_name: 'Boris' }),
		await a_voice(url, { name: 'chen', first_name: 'Chen' })];
	const { page, user } = await a_person({ url });
	const { keyboard } = page;
	const room = await chen.create_room({ name: 'a group', kind: 'group',
		member_ids: [user.id, boris.store.user.id] });
	const folded = (text) => page.locator('.row-folded', { hasText: text }).waitFor();

	await is_online(page);
	await page.goto(`${url}#/rooms/${room.id}/details`);
	await until(() => boris.store.rooms.has(room.id), 'the room of boris');
	boris.open_room(room.id);
	chen.open_room(room.id);
	boris.say(room.id, 'one');
	boris.say(room.id, 'two');
	await sees(page, ['one', 'two']);
	const first = await until(() => boris.store.timelines.get(room.id)?.messages[0],
		'the first of them');
	chen.say(room.id, 'an answer', { reply_to: first.id });
	await sees(page, ['one', 'two', 'an answer']);

	const act = (name) => page.getByRole('dialog').last()
		.getByRole('button', { name, exact: true }).click();
	await page.locator('.members-list .pick', { hasText: 'Boris' }).click();
	await act('Block');
	await focus_says(page, 'Cancel');
	await act('Block');
	await folded('2 messages from blocked people');
	await sees(page, ['an answer']);
	await page.getByText('You’ve blocked this person.').waitFor();
	await keyboard.press('Escape');
	boris.say(room.id, 'three');
	await folded(/^Message from a blocked person/);
	await page.locator('.room-last', { hasText: 'Message from a blocked person' }).waitFor();
	boris.say(room.id, 'four');
	await becomes(() => page.locator('.row-folded').allTextContents(),
		['2 messages from blocked people Show', '2 messages from blocked people Show']);

	// unfolded, with the focus on the first of them; the rest stays folded
	await page.locator('.row-folded button').first().press('Enter');
	await sees(page, ['one', 'two', 'an answer']);
	await becomes(() => page.evaluate(() =>
		document.activeElement.querySelector('.text')?.textContent), 'one');
	await page.locator('.quote-text', { hasText: 'one' }).waitFor();

	// there is no notification of them, in another room either
	await page.goto(`${url}#/`);
	await page.locator('.room.none').waitFor();
	boris.say(room.id, `@${user.login}, look here`);
	await page.locator('.room-row').getByText('1 unread message').waitFor({ state: 'attached' });
	await passing(page.locator('.toast', { hasText: 'dinner?' }).waitFor(),
		async () => chen.say(room.id, `@${user.login}, dinner?`));
	assert.equal(await page.locator('.toast', { hasText: 'look here' }).count(), 0);

	await page.goto(`${url}#/rooms/${room.id}/details`);
	await page.locator('.row-folded').first().waitFor();
	await page.locator('.members-list .pick', { hasText: 'Boris' }).click();
	await act('Unblock');
	await sees(page, ['one', 'two', 'an answer', 'three', 'four', `@${user.login}, look here`,
		`@${user.login}, dinner?`]);
	await are(page.locator('.row-folded'), 0);
});

test('whom one has blocked one neither writes to nor calls, until one unblocks them', async () => {
	const boris = await a_voice(url, { name: 'boris', first_name: 'Boris' });
	const { page, user } = await a_person({ url });
	const room = await boris.api.create_room({ kind: 'direct', user_id: user.id });
	const input = page.locator('.composer-input');
	const calls = page.locator('.call-tools button');

	await open_room(page, url, room.id);
	await is_online(page);
	await are(calls, 2);
	await page.goto(`${url}#/rooms/${room.id}/details`);
	await page.locator('.details').getByRole('button', { name: 'Block', exact: true }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Block', exact: true }).click();
	await page.locator('.composer-notice', { hasText: 'You’ve blocked this person.' }).waitFor();
	await input.waitFor({ state: 'hidden' });
	await are(calls, 0);

	// it is the same after a reload; and unblocking by keyboard works
	await page.goto(`${url}#/rooms/${room.id}`);
	await page.reload();
	await input.waitFor({ state: 'hidden' });
	await page.locator('.composer-notice').getByRole('button', { name: 'Unblock' }).press('Enter');
	await has_focus(input);
	await are(calls, 2);
});
