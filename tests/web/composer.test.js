// The composer and actions on messages, with two people and a real browser.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { a_person, a_voice, are, becomes, fill_room, focus_says, frames, has_focus,
	has_value, is_online, passing, sees, server_url, until, watch_pages, write } from './browser.js';

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

const call = async (client, method, path, body) => {
	const reply = await fetch(`${url}api/v1${path}`, {
		method,
		headers: { 'Content-Type': 'application/json',
			Authorization: `Bearer ${await client.session.token()}` },
		body: body && JSON.stringify(body),
	});
	assert.ok(reply.ok, `${method} ${path}: ${reply.status}`);
	return reply.status === 204 ? null : reply.json();
};

// Anna at a page in a group of boris, who follows it without one.
async function two(context) {
	const boris = await a_voice(url, { name: 'boris', first_name: 'Boris' });
	const room = await boris.create_room({ name: 'a group', kind: 'group' });
	const anna = await a_person({ url, name: 'anna', context });
	await call(boris, 'POST', `/rooms/${room.id}/members`, { user_id: anna.user.id });
	boris.open_room(room.id);
	await anna.page.goto(`${url}#/rooms/${room.id}`);
	await anna.page.waitForSelector('.timeline-top:not([data-key=loading])');
	await is_online(anna.page);
	const heard = () => boris.store.timelines.get(room.id)?.messages ?? [];
	return { anna, boris, room, page: anna.page, heard };
}

const row = (page, text) => page.locator('.row', { hasText: text });
const input_of = (page) => page.locator('.composer-input');
const choose = (page, name) => page.getByRole('menuitem', { name, exact: true }).click();

test('a message is answered, changed, reacted to and deleted, and both see it', async () => {
	const { page, boris, room, heard } = await two();

	boris.say(room.id, 'Shall we plant roses?');
	await row(page, 'roses?').click({ button: 'right' });
	await choose(page, 'Reply');
	await page.locator('.composer-bar', { hasText: 'Replying to Boris' }).waitFor();
	await has_focus(input_of(page));
	await page.keyboard.type('Yes, red ones');
	await page.keyboard.press('Enter');
	await row(page, 'Yes, red ones').locator('.quote', { hasText: 'Shall we plant roses?' }).waitFor();
	await until(() => heard().length === 2 && heard()[1].reply_to === heard()[0].id,
		'the answer');
	await sees(page, ['Shall we plant roses?', 'Yes, red ones']);
	await page.locator('.composer-bar').waitFor({ state: 'hidden' });

	// ArrowUp edits the last message, Escape cancels it
	await page.keyboard.press('ArrowUp');
	await has_value(input_of(page), 'Yes, red ones');
	await page.keyboard.press('Escape');
	await has_value(input_of(page), '');
	await page.keyboard.press('ArrowUp');
	await has_value(input_of(page), 'Yes, red ones');
	await page.keyboard.type(' and white ones');
	await page.keyboard.press('Enter');
	await row(page, 'Yes, red ones and white ones').getByText(/^edited/).waitFor();
	await until(() => heard().at(-1).text === 'Yes, red ones and white ones', 'the change');

	// mine is marked, the other's is counted, a click removes mine
	await row(page, 'roses?').first().click({ button: 'right' });
	await page.getByRole('menuitemcheckbox', { name: 'React with 👍' }).click();
	const reaction = row(page, 'roses?').first().locator('.reaction');
	await page.locator('.reaction[aria-pressed=true]', { hasText: '👍 1' }).waitFor();
	await call(boris, 'PUT', `/messages/${heard()[0].id}/reactions/${encodeURIComponent('👍')}`);
	await page.locator('.reaction', { hasText: '👍 2' }).waitFor();
	await reaction.click();
	await page.locator('.reaction[aria-pressed=false]', { hasText: '👍 1' }).waitFor();
	await until(() => heard()[0].reactions[0]?.count === 1, 'mine taken back');

	await row(page, 'white ones').last().click({ button: 'right' });
	await choose(page, 'Delete');
	await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
	await row(page, 'Message deleted').waitFor();
	await until(() => heard().at(-1).deleted_at, 'the deletion');
});

test('a change that does not get through is not lost: it is made when one tries again', async () => {
	const { page, heard } = await two();

	await write(page, 'Yes, red ones');
	await until(() => heard()[0]?.text === 'Yes, red ones', 'what was said');
	await sees(page, ['Yes, red ones']);
	await page.keyboard.press('ArrowUp');
	await has_value(input_of(page), 'Yes, red ones');
	await page.keyboard.type(', and white ones');
	await page.context().setOffline(true);
	await page.keyboard.press('Enter');
	await page.locator('.toast', { hasText: 'Editing message: Can’t reach the server.' })
		.waitFor();
	await sees(page, ['Yes, red ones']);
	// the page may show another room meanwhile
	await page.evaluate(() => {
		location.hash = '#/';
	});
	await page.context().setOffline(false);
	await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
	await until(() => heard()[0].text === 'Yes, red ones, and white ones', 'the change');
	await are(page.locator('.toast'), 0);
});

test('all of it by keyboard: through the messages, into the menu and back', async () => {
	const { page, boris, room } = await two();

	for (const text of ['one', 'two', 'three'])
		boris.say(room.id, text);
	await sees(page, ['one', 'two', 'three']);
	await page.locator('.scroller').focus();
	const is_at = (text) => becomes(() => page.evaluate(() =>
		document.activeElement.querySelector?.('.text')?.textContent), text);
	await page.keyboard.press('ArrowUp');
	await is_at('three');
	await page.keyboard.press('ArrowUp');
	await is_at('two');
	await page.keyboard.press('Enter');
	await page.getByRole('menu').waitFor();
	await focus_says(page, 'Reply');
	await page.keyboard.press('Escape');
	await page.getByRole('menu').waitFor({ state: 'detached' });
	await is_at('two');
	await page.keyboard.press('Enter');
	await focus_says(page, 'Reply');
	await page.keyboard.press('Home');
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('Enter');
	await row(page, 'two').locator('.reaction', { hasText: '❤️ 1' }).waitFor();
	await is_at('two');
	await page.keyboard.press('Escape');
	await has_focus(input_of(page));
});

test('who is meant is found as one types, and sees it marked', async () => {
	const { page, anna, boris, room, heard } = await two();
	const input = page.locator('.composer-input');

	await input.pressSequentially('Hello @bor');
	await page.getByRole('option', { name: /Boris/ }).waitFor();
	await until(() => input.getAttribute('aria-activedescendant'), 'one that is chosen');
	await page.keyboard.press('Tab');
	await has_value(input, `Hello @${boris.login} `);
	await page.keyboard.press('Enter');
	await page.locator('.mention', { hasText: `@${boris.login}` }).waitFor();
	await until(() => heard()[0]?.mentions[0] === boris.store.user.id, 'the mention');
	await input.pressSequentially('@bo');
	await page.getByRole('listbox').waitFor();
	await page.keyboard.press('Escape');
	await page.getByRole('listbox').waitFor({ state: 'hidden' });
	await has_value(input, '@bo');
	await input.fill('');

	boris.say(room.id, `and you, @${anna.login}, with \`code\`\n\`\`\`js\nlet a = '<b>';\n\`\`\``);
	await page.locator('.mention.mine', { hasText: `@${anna.login}` }).waitFor();
	await becomes(() => page.locator('.text code').allTextContents(), ['code', "let a = '<b>';"]);
	await page.getByRole('button', { name: 'Copy code' }).waitFor();
});

test('one sees that the other writes, and how far one was read', async () => {
	const { page, boris, room } = await two();

	boris.open_room(null);
	await write(page, 'are you there?');
	const mine = row(page, 'are you there?');
	await page.locator('.row.is-delivered', { hasText: 'are you there?' }).waitFor();
	boris.open_room(room.id);
	await until(() => boris.store.timelines.get(room.id)?.messages.length === 1, 'the message');
	boris.seen(room.id, boris.store.timelines.get(room.id).last);
	await page.locator('.row.is-read', { hasText: 'are you there?' }).waitFor();
	await mine.click({ button: 'right' });
	await choose(page, 'Read by 1');
	await page.getByRole('dialog').getByText('Boris').waitFor();
	await page.keyboard.press('Escape');

	await passing(page.getByText('Boris is typing…').first().waitFor(),
		async () => boris.company.wrote(room.id, true));
	boris.company.wrote(room.id, false);
	await until(async () => await page.getByText('Boris is typing…').count() === 0, 'no more');
	await page.locator('.composer-input').pressSequentially('yes');
	await until(() => boris.store.members.writing(room.id).length === 1, 'anna writing');
});

test('what one began to write is there after a reload, with what it answers', async () => {
	const { page, boris, room } = await two();

	boris.say(room.id, 'a question');
	await row(page, 'a question').hover();
	await page.locator('.row-tools').getByRole('button', { name: 'Reply' }).click();
	await has_focus(input_of(page));
	await page.keyboard.type('half a thought');
	await page.reload();
	await page.locator('.composer-bar', { hasText: 'a question' }).waitFor();
	await has_value(input_of(page), 'half a thought');
	await input_of(page).press('Enter');
	await row(page, 'half a thought').locator('.quote').waitFor();
	await page.reload();
	await page.waitForSelector('.composer');
	await row(page, 'half a thought').locator('.quote').waitFor();
	await has_value(input_of(page), '');
});

for (const is_whole of [false, true])
	test(`what is said at the moment of a reload is said once, ${is_whole ? 'by a whole page'
		: 'before the page is whole'}`, async () => {
		const { page, heard } = await two();
		let is_held = !is_whole;
		await page.route('**/core/acting.js', (route) => is_held ? null : route.continue());
		await page.reload();
		if (is_whole)
			await is_online(page);
		await input_of(page).fill('in passing');
		is_held = false;
		await passing(page.waitForEvent('load'), () => page.evaluate(() => {
			document.querySelector('.send').click();
			location.reload();
		}));
		await until(() => heard().length > 0, 'the message');
		await has_value(input_of(page), '');
		await write(page, 'and on');
		await until(() => heard().at(-1).text === 'and on', 'the next one');
		assert.deepEqual(heard().map(({ text }) => text), ['in passing', 'and on']);
		await sees(page, ['in passing', 'and on']);
		await becomes(() => page.evaluate(() => Object.keys(localStorage)
			.filter((key) => key.includes(':outbox:'))), []);
	});

test('slow mode is counted down, and who is muted is told', async () => {
	const { page, anna, boris, room } = await two();

	const slow = (slow_mode_s) =>
		call(boris, 'PUT', `/rooms/${room.id}`, { settings: { slow_mode_s } });
	const left = async () => Number(/^Slow mode: (\d+) seconds?$/.exec(
		await page.locator('.composer-status').textContent())?.[1] ?? NaN);
	await slow(600);
	await page.locator('.composer-status').waitFor({ state: 'attached' });
	await write(page, 'one');
	const first = await until(left, 'how long it takes');
	await input_of(page).fill('two');
	await page.locator('.send:disabled').waitFor();
	await until(async () => await left() < first, 'a second less');
	// and in the end it is allowed again
	await slow(2);
	await page.locator('.send:enabled').click();
	await sees(page, ['one', 'two']);
	await call(boris, 'PUT', `/rooms/${room.id}/members/${anna.user.id}`, {
		muted_until: new Date(Date.now() + 3600000).toISOString() });
	await page.getByText(/^You’re muted until (\d+ \w+, )?\d+:\d\d\.$/).waitFor();
	await input_of(page).waitFor({ state: 'hidden' });
	// nothing is offered that would be refused, or that nobody could see
	const offered = async () => {
		await row(page, 'two').click({ button: 'right' });
		await page.getByRole('menu').waitFor();
		const all = await page.locator('.menu button').allTextContents();
		await page.keyboard.press('Escape');
		return all.filter((text) => ['Reply', 'Edit', '👍', 'Copy text'].includes(text));
	};
	const at_hand = () => page.locator('.row-tools button:visible').evaluateAll((all) =>
		all.map(({ title }) => title));
	assert.deepEqual(await offered(), ['Copy text']);
	assert.deepEqual(await at_hand(), ['Message actions']);
	await call(boris, 'PUT', `/rooms/${room.id}/members/${anna.user.id}`, { muted_until: null });
	await input_of(page).waitFor();
	assert.deepEqual(await offered(), ['👍', 'Reply', 'Edit', 'Copy text']);
	await page.mouse.move(0, 0);
	await row(page, 'two').hover();
	assert.deepEqual(await at_hand(), ['React', 'Reply', 'Message actions']);
});

test('on a phone a long press opens the menu, and emoji are found in both languages', async () => {
	const { page, boris, room, heard } = await two({
		viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'ru-RU' });

	boris.say(room.id, 'привет');
	const text = row(page, 'привет').locator('.text');
	await text.tap({ trial: true });	// it is at rest
	const box = await text.boundingBox();
	const touch = await page.context().newCDPSession(page);
	await touch.send('Input.dispatchTouchEvent', { type: 'touchStart',
		touchPoints: [{ x: box.x + 5, y: box.y + 5 }] });
	await page.getByRole('menuitem', { name: 'Ответить' }).waitFor();
	await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
	await page.getByRole('menuitem', { name: 'Другая реакция' }).click();
	await page.getByRole('searchbox', { name: 'Поиск эмодзи' }).fill('роз');
	await page.getByRole('button', { name: '🌹 роза' }).click();
	await row(page, 'привет').locator('.reaction', { hasText: '🌹 1' }).waitFor();
	await page.getByRole('button', { name: 'Эмодзи' }).click();
	await page.getByRole('searchbox', { name: 'Поиск эмодзи' }).fill('rocket');
	await page.keyboard.press('Enter');
	await has_value(input_of(page), '🚀');
	await page.locator('.send').click();
	await until(() => heard().at(-1)?.text === '🚀', 'the rocket');
	await sees(page, ['привет', '🚀']);
});

test('messages are found by their words, and a hit leads to its message', async () => {
	const { page, boris, room } = await two();
	const other = await boris.create_room({ name: 'another group', kind: 'group' });

	for (let i = 0; i < 60; i++)
		boris.say(room.id, i === 3 ? 'the old apple tree' : `line ${i}`);
	await until(() => boris.outbox.unsent_count === 0, 'all of it', 60000);
	await page.locator('.row', { hasText: 'line 59' }).waitFor();
	await page.keyboard.press('Control+Shift+F');
	const words = page.getByRole('searchbox', { name: 'Search for' });
	await words.fill('apple');
	const hit = page.locator('.hit', { hasText: 'the old apple tree' });
	await hit.waitFor();
	await page.getByLabel('From (username)').fill('nobody_of_this_name');
	await page.getByText('Nothing found.').waitFor();
	await words.fill('apple '.repeat(60));
	await page.getByText('This is too long. Use fewer words.').waitFor();
	await words.fill('apple');
	await page.getByLabel('From (username)').fill(boris.login);
	const is_led_there = () => becomes(() => page.evaluate(() =>
		document.activeElement.querySelector('.text')?.textContent), 'the old apple tree');
	await passing(page.locator('.row.flash', { hasText: 'the old apple tree' }).waitFor(),
		() => hit.click());
	await is_led_there();

	// and again from elsewhere
	await page.getByRole('button', { name: 'Jump to the newest message' }).click();
	await input_of(page).click();
	await page.keyboard.press('Control+Shift+F');
	await words.fill('apple');
	await hit.click();
	await is_led_there();
	assert.ok(other.id);
});

test('who asks for more of what was found reads on where that begins', async () => {
	const { page, boris, room } = await two();

	await fill_room(room.id, boris.store.user.id, 40, 'apple');
	await page.keyboard.press('Control+Shift+F');
	await page.getByRole('searchbox', { name: 'Search for' }).fill('apple');
	await are(page.locator('.hit'), 30);
	await page.getByRole('button', { name: 'Show more' }).press('Enter');
	await are(page.locator('.hit'), 40);
	await has_focus(page.locator('.hit').nth(30));
	await page.getByRole('button', { name: 'Show more' }).waitFor({ state: 'hidden' });
});

test('what is found moves nothing, and stays until something else is', async () => {
	const { page, boris, room } = await two();
	const field = page.getByRole('searchbox', { name: 'Search for' });
	const place = () => field.boundingBox();
	let answer;
	const may_answer = new Promise((resolve) => {
		answer = resolve;
	});

	await fill_room(room.id, boris.store.user.id, 40, 'apple');
	await page.keyboard.press('Control+Shift+F');
	await has_focus(field);
	const before = await place();
	await field.fill('apple');
	await are(page.locator('.hit'), 30);
	assert.deepEqual(await place(), before);
	assert.ok(await page.getByRole('button', { name: 'Show more' }).isVisible());
	await page.route(/\/api\/v1\/search/, async (route) => {
		await may_answer;
		await route.continue();
	});
	await passing(page.getByText('Searching…').waitFor(), () => field.fill('pear'));
	assert.equal(await page.locator('.hit').count(), 30);
	answer();
	await are(page.locator('.hit'), 0);
	assert.deepEqual(await place(), before);
});

test('the newest message stays in sight above a text of many lines, letter by letter', async () => {
	const { page, boris, room } = await two();
	const is_at_end = () => page.locator('.scroller').evaluate((node) =>
		node.scrollHeight - node.clientHeight - node.scrollTop < 2);

	await fill_room(room.id, boris.store.user.id, 40);
	await page.reload();
	await page.locator('.row', { hasText: 'message 40' }).waitFor();
	await until(is_at_end, 'the end');
	await input_of(page).fill('line\n'.repeat(9));
	await until(is_at_end, 'the end above nine lines');
	for (const letter of 'and more') {
		await page.keyboard.type(letter);
		await frames(page);
	}
	assert.ok(await is_at_end());
	await input_of(page).fill('a long word '.repeat(300));
	await until(is_at_end, 'the end above many lines');
	await input_of(page).fill('');
	await until(is_at_end, 'the end above none');
	await input_of(page).fill('line\n'.repeat(9));
	await until(is_at_end, 'the end above nine lines again');
});
