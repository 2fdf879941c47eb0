// The page in a real browser against the real server.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Line, PASSWORD, a_page, a_person, a_voice, an_account, are, becomes, focus_says,
	has_focus, is_online, open_page, read_all, says, sees, server_url, shown, sign_in,
	try_now, until, watch_pages, write } from './browser.js';
import { a_login } from '../lib/rest.js';

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

const person = (options = {}) => a_person({ url, ...options });

// anna at a page, boris without one, both in one open room.
async function two_in_a_room({ through = url, name = 'a room', context, prepare } = {}) {
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name, kind: 'group' });
	const anna = await person({ url: through, context, prepare });
	boris.open_room(room.id);
	await anna.page.goto(`${through}#/rooms/${room.id}`);
	await anna.page.getByRole('button', { name: /^(Join this room|Войти в эту комнату)$/ })
		.click();
	// from here on messages are new ones, not history
	await anna.page.waitForSelector('.timeline-top:not([data-key=loading])');
	await is_online(anna.page);
	return { anna, boris, room, page: anna.page };
}

test('the page comes with a policy that allows nothing inline and no other host', async () => {
	const reply = await fetch(url);
	const policy = reply.headers.get('content-security-policy') ?? '';

	assert.match(policy, /default-src 'none'/);
	assert.match(policy, /script-src 'self'/);
	assert.match(policy, /frame-ancestors 'none'/);
	assert.doesNotMatch(policy, /unsafe|\*/);
	assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
});

test('one registers, faults shown at their fields, and stays signed in', async () => {
	const page = await a_page({ url });
	const login = a_login('anna');
	const error_at = (label, pattern) => until(async () => {
		const input = page.getByLabel(label, { exact: true });
		if (await input.getAttribute('aria-invalid') !== 'true')
			return false;
		const id = await input.getAttribute('aria-describedby');
		return pattern.test((await page.locator(`#${id}`).allTextContents()).join());
	}, `${pattern} at ${label}`);

	await page.getByRole('button', { name: 'Create account' }).click();
	await page.getByRole('button', { name: 'Create account' }).click();
	await error_at('Username', /fill this in/);
	await has_focus(page.locator('[name=login]'));

	await page.getByLabel('Username', { exact: true }).fill(login);
	await page.getByLabel('Email').fill('no address');
	await page.getByLabel('Password', { exact: true }).fill('short');
	await page.getByRole('button', { name: 'Create account' }).click();
	await error_at('Email', /isn’t an email address/);
	await error_at('Password', /at least 8 characters/);
	await becomes(() => page.getByLabel('Username', { exact: true }).getAttribute('aria-invalid'),
		null);

	await page.getByLabel('Email').fill(`${login}@example.org`);
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.getByRole('button', { name: 'Create account' }).click();
	await page.waitForSelector('.shell');
	await is_online(page);
	await page.reload();
	await page.waitForSelector('.shell');
	await is_online(page);
});

test('a fault is told once one has left the field, and goes as soon as it is mended',
	async () => {
		const page = await a_page({ url, context: { locale: 'ru-RU' } });
		const error = page.locator('.field-error:visible');

		await page.getByRole('button', { name: 'Создать аккаунт' }).click();
		await page.getByLabel('Логин', { exact: true }).pressSequentially('\u0430\u043dxy');
		assert.equal(await error.count(), 0, 'not while one types');
		await page.getByLabel('Почта').focus();
		await says(error, /^Только буквы одного алфавита\.$/);
		await page.getByLabel('Логин', { exact: true }).press('End');
		await page.keyboard.press('Backspace');
		await says(error, /^Только буквы одного алфавита\.$/);
		await page.keyboard.press('Backspace');
		await are(error, 0);
		await page.getByLabel('Пароль', { exact: true }).evaluate((input) =>
			input.dispatchEvent(new KeyboardEvent('keydown', { key: 'A', modifierCapsLock: true })));
		await page.getByText('Включён Caps Lock.').waitFor();
	});

test('a login that is taken is said at the login', async () => {
	const { login } = await an_account(url);
	const page = await a_page({ url });

	await page.getByRole('button', { name: 'Create account' }).click();
	await page.getByLabel('Username', { exact: true }).fill(login);
	await page.getByLabel('Email').fill(`${a_login('x')}@example.org`);
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.getByRole('button', { name: 'Create account' }).click();
	const error = page.locator('.field-error:not([hidden])');
	await says(error, /taken/);
	await has_focus(page.locator('[name=login]'));
});

test('a wrong password is refused in words, and signing out leads back', async () => {
	const { login } = await an_account(url);
	const page = await a_page({ url });

	await page.getByLabel('Username or email').fill(login);
	await page.getByLabel('Password', { exact: true }).fill('a wrong password');
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.getByText('Wrong username or password.').waitFor();
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.waitForSelector('.shell');

	await page.getByRole('button', { name: /^Account and settings/ }).click();
	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.getByText('You’ve signed out.').waitFor();
	await page.reload();
	await page.waitForSelector('form');
	await becomes(() => page.evaluate(() => Object.keys(localStorage)
		.filter((key) => !key.endsWith(':language'))), []);
});

test('one makes a room, another joins it by its link, and they talk', async () => {
	const [anna, boris] = [await person({ name: 'anna' }), await person({ name: 'boris' })];
	const name = `Площадь ${Date.now()} 🌳`;

	await anna.page.getByRole('button', { name: 'New room' }).first().click();
	await anna.page.getByLabel('Name').fill(name);
	await anna.page.getByRole('button', { name: 'Create room' }).click();
	await anna.page.waitForSelector('.composer');
	await anna.page.getByRole('button', { name: 'Invite people' }).click();
	const link = await until(() => anna.page.getByLabel('Link').inputValue(), 'the link');
	await anna.page.keyboard.press('Escape');

	await boris.page.getByRole('button', { name: 'Join a room' }).first().click();
	await boris.page.getByLabel('Room ID or link').fill(link);
	await boris.page.getByRole('dialog').locator('button[type=submit]').click();
	await boris.page.waitForSelector('.composer');

	const long = `${'Ж🎉a '.repeat(1999)}end.`;
	assert.equal([...long].length, 8000);
	const said = ['Привет!', 'multi\nline  with   spaces', '<b>not bold</b> & <script>', long];
	for (const text of said.slice(0, 3)) {
		await write(anna.page, text);
		await sees(boris.page, said.slice(0, said.indexOf(text) + 1));
	}
	await write(anna.page, long);
	await sees(boris.page, [long]);
	await write(boris.page, '👍');
	await anna.page.locator('.row').getByText('👍').waitFor();
	await becomes(() => read_all(anna.page), [...said, '👍']);
	await until(async () => await anna.page.title() === `${name} — Foyer`, 'title');
	assert.equal(await boris.page.locator('.text b, .text script').count(), 0);
});

// A room that nobody can enter by its id, and the link of an invite.
async function an_invitation(max_uses) {
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name: 'a closed room', kind: 'group',
		join_by_id: false });
	const reply = await fetch(`${url}api/v1/rooms/${room.id}/invites`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json',
			Authorization: `Bearer ${await boris.session.token()}` },
		body: JSON.stringify({ max_uses }),
	});
	assert.equal(reply.status, 201);
	const { url: link } = await reply.json();
	assert.match(link, /#join=[\w-]{22}$/);
	return { boris, room, link: url + link.slice(link.indexOf('#')) };
}

const is_at = (page, hash) => becomes(() => new URL(page.url()).hash, hash, `address ${hash}`);

test('the link of an invitation leads into the room; a spent one says so', async () => {
	const { room, link } = await an_invitation(1);
	const [anna, eva] = [await person({ name: 'anna' }), await person({ name: 'eva' })];

	await anna.page.goto(link);
	await anna.page.waitForSelector('.composer');
	await is_at(anna.page, `#/rooms/${room.id}`);
	await write(anna.page, 'I am in');
	await sees(anna.page, ['I am in']);

	await eva.page.goto(link);
	await eva.page.getByText('This invitation doesn’t exist').waitFor();
	await is_at(eva.page, '#/');
	await eva.page.getByText('No rooms yet').waitFor();
	assert.equal(await eva.page.locator('.room-row').count(), 0);
});

test('an invitation that is opened before one is known is followed after', async () => {
	const { room, link } = await an_invitation(2);
	const { login } = await an_account(url);
	const known = await a_page({ url: link });

	await known.getByText('You’re invited to a room').waitFor();
	await is_at(known, '#/');	// the secret is gone
	await known.reload();
	await sign_in(known, login);
	await known.waitForSelector('.composer');
	await is_at(known, `#/rooms/${room.id}`);

	const newcomer = await a_page({ url: link });
	const name = a_login('nina');
	await newcomer.getByRole('button', { name: 'Create account' }).click();
	await newcomer.getByText('You’re invited to a room').waitFor();
	await newcomer.getByLabel('Username', { exact: true }).fill(name);
	await newcomer.getByLabel('Email').fill(`${name}@example.org`);
	await newcomer.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await newcomer.getByRole('button', { name: 'Create account' }).click();
	await newcomer.waitForSelector('.composer');
	await is_at(newcomer, `#/rooms/${room.id}`);
	await write(newcomer, 'hello');
	await sees(known, ['hello']);
});

test('an invitation that is pasted into the dialog lets one in', async () => {
	const { link } = await an_invitation(1);
	const { page } = await person();

	await page.getByRole('button', { name: 'Join a room' }).first().click();
	await page.getByLabel('Room ID or link').fill(link);
	await page.getByRole('dialog').locator('button[type=submit]').click();
	await page.waitForSelector('.composer');
});

test('more than fits is not sent, and nothing of it is lost', async () => {
	const { page } = await two_in_a_room();

	await page.locator('.composer-input').fill('я'.repeat(8001));
	await page.getByText('1 character over the limit').waitFor();
	await page.getByRole('button', { name: 'Send', disabled: true }).waitFor();
	await page.locator('.composer-input').press('Enter');
	assert.equal((await page.locator('.composer-input').inputValue()).length, 8001);
	await write(page, 'fits');
	await sees(page, ['fits']);
});

test('what is written on a cut line is shown, kept over a reload, and sent once', async () => {
	const line = await Line.to(url);
	const { page, boris, room } = await two_in_a_room({ through: line.url });

	await write(page, 'before');
	await sees(page, ['before']);
	line.down();
	await page.locator('.line-dot:not([data-state=online])').waitFor({ state: 'attached' });
	await write(page, 'while away 1');
	await write(page, 'while away 2');
	boris.say(room.id, 'meanwhile');
	await until(() => boris.outbox.unsent_count === 0, 'word of boris');
	await page.locator('.line-bar:not([hidden])').waitFor();
	await until(async () => /^before\n(waiting|sending): while away 1\nwaiting: while away 2$/
		.test((await shown(page)).join('\n')), 'what waits');

	line.up();
	await page.reload();
	await sees(page, ['before', 'meanwhile', 'while away 1', 'while away 2']);
	await is_online(page);
	await until(() => boris.store.timelines.get(room.id).messages.length === 4, 'all of it');
	await page.reload();
	await sees(page, ['before', 'meanwhile', 'while away 1', 'while away 2']);
});

test('a line that is cut again and again loses nothing and doubles nothing', async () => {
	const line = await Line.to(url);
	const { page, boris, room } = await two_in_a_room({ through: line.url });
	const said = [];

	for (let i = 0; i < 24; i++) {
		await write(page, `anna ${i}`);
		boris.say(room.id, `boris ${i}`);
		said.push(`anna ${i}`, `boris ${i}`);
		if (i % 4 === 2)
			line.cut();
	}
	await until(async () =>
		boris.store.timelines.get(room.id).messages.length === said.length
		&& !(await shown(page)).some((text) => /^(waiting|sending|failed)/.test(text)),
	'all of it');
	const log = boris.store.timelines.get(room.id).messages.map((m) => m.text);
	await until(async () => (await shown(page)).at(-1) === log.at(-1), 'the last one');
	await becomes(() => read_all(page), log, 'the same for both');
	assert.deepEqual([...log].sort(), [...said].sort(), 'all, each once');
	for (const who of ['anna', 'boris'])
		assert.deepEqual(log.filter((text) => text.startsWith(who)),
			said.filter((text) => text.startsWith(who)), 'as written');
});

test('without a live side one talks all the same, and is told that it is slower', async () => {
	const line = await Line.to(url);
	line.is_live = false;
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name: 'slow room', kind: 'group' });
	const { page } = await person({ url: line.url });

	boris.open_room(room.id);
	await page.getByRole('button', { name: 'Join a room' }).first().click();
	await page.getByLabel('Room ID or link').fill(room.id);
	await page.getByRole('dialog').locator('button[type=submit]').click();
	await page.waitForSelector('.composer');
	await page.getByText('No live connection: new messages may be delayed.').last()
		.waitFor();
	await write(page, 'by post');
	await sees(page, ['by post']);
	boris.say(room.id, 'heard');
	await sees(page, ['by post', 'heard']);

	line.is_live = true;
	await try_now(page);
	await is_online(page);
	boris.say(room.id, 'live');
	await sees(page, ['by post', 'heard', 'live']);
});

test('a message that is refused says so, can be tried again, and can be let go', async () => {
	let is_refusing = true;
	const { page } = await two_in_a_room({
		async prepare(profile) {
			await profile.routeWebSocket(/\/ws$/, (near) => {
				const far = near.connectToServer();
				near.onMessage((text) => {
					const { type, ref, room_id } = JSON.parse(text);
					if (is_refusing && type === 'message')
						near.send(JSON.stringify({
							type: 'error', ref, room_id, code: 'forbidden', detail: 'No.',
						}));
					else
						far.send(text);
				});
			});
		},
	});

	await write(page, 'one');
	await write(page, 'two');
	await sees(page, ['failed: one', 'failed: two']);
	await page.getByText('Not sent. You’re not allowed to do this.').first().waitFor();
	await page.getByRole('button', { name: 'Discard' }).first().click();
	await sees(page, ['failed: two']);
	is_refusing = false;
	await page.getByRole('button', { name: 'Try again' }).click();
	await sees(page, ['two']);
});

test('a room that is deleted says so and leads back', async () => {
	const { page, boris, room } = await two_in_a_room();

	boris.say(room.id, 'soon over');
	await sees(page, ['soon over']);
	await boris.remove_room(room.id);
	await page.getByText('This room was deleted').waitFor();
	await page.getByRole('button', { name: 'Back to my rooms' }).click();
	await page.getByText('No rooms yet').waitFor();
});

test('history is read as one scrolls up, to the beginning of the room', async () => {
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name: 'long room', kind: 'group' });
	for (let i = 0; i < 130; i++)
		boris.say(room.id, `line ${i}`);
	await until(() => boris.outbox.unsent_count === 0, 'all of it', 60000);
	const { page } = await person();
	await page.goto(`${url}#/rooms/${room.id}`);
	await page.getByRole('button', { name: 'Join this room' }).click();
	await page.locator('.row', { hasText: 'line 129' }).waitFor();
	const at_end = () => page.locator('.scroller').evaluate((node) =>
		node.scrollHeight - node.clientHeight - node.scrollTop < 2);
	await until(at_end, 'end of the timeline in sight');

	await page.locator('.scroller').hover();
	const read = new Set(await shown(page));
	await until(async () => {
		await page.mouse.wheel(0, -300);
		await page.evaluate(() => new Promise(requestAnimationFrame));
		(await shown(page)).forEach((text) => read.add(text));
		return read.has('line 0');
	}, 'beginning of the room', 60000);
	const lines = Array.from({ length: 130 }, (_, i) => `line ${i}`);
	assert.deepEqual([...read].sort(), [...lines].sort());

	boris.say(room.id, 'news');
	await page.getByRole('button', { name: '1 new message below' }).click();
	await until(at_end, 'end of the timeline in sight');
});

test('an open room follows what is said, and the list counts what is not open', async () => {
	const { page, boris, room } = await two_in_a_room({ name: 'followed' });
	const other = await boris.create_room({ name: 'other room', kind: 'group' });

	await page.evaluate((id) => {
		location.hash = `#/rooms/${id}`;
	}, other.id);
	await page.getByRole('button', { name: 'Join this room' }).click();
	await page.waitForSelector('.composer');
	boris.say(room.id, 'one');
	boris.say(room.id, 'two');
	const row = page.locator('.room-row', { hasText: 'followed' });
	await row.getByText('2 unread messages').waitFor({ state: 'attached' });
	await until(async () => (await page.title()).startsWith('(2) '), 'count in the title');
	await row.click();
	await sees(page, ['one', 'two']);
	await page.getByText('New messages').waitFor();
	await row.locator('.badge').waitFor({ state: 'detached' });
	await until(async () => !(await page.title()).startsWith('('), 'no count in the title');
});

test('what comes as one leaves a room has not been read', async () => {
	const heard = [];
	const { page, boris, room } = await two_in_a_room({
		async prepare(profile) {
			// frames are drawn only when the test allows; the server hears of no leaving
			await profile.addInitScript(() => {
				const draw = window.requestAnimationFrame.bind(window);
				let held = null;
				window.requestAnimationFrame = (fn) => held ? held.push(fn) : draw(fn);
				window.hold = (is_held) => {
					const due = held ?? [];
					held = is_held ? [] : null;
					due.forEach((fn) => draw(fn));
				};
			});
			await profile.routeWebSocket(/\/ws$/, (near) => {
				const far = near.connectToServer();
				near.onMessage((text) => JSON.parse(text).type === 'leave' || far.send(text));
				far.onMessage((text) => {
					near.send(text);
					heard.push(JSON.parse(text).text);
				});
			});
		},
	});
	const say = async (text) => {
		boris.say(room.id, text);
		await until(() => heard.includes(text), text);
	};

	await say('one');
	await sees(page, ['one']);
	await page.evaluate(() => window.hold(true));
	await say('two');
	await page.evaluate(() => {
		location.hash = '#/';
	});
	await becomes(() => page.locator('.shell').getAttribute('data-open'), 'list');
	await say('three');
	await page.evaluate(() => window.hold(false));
	await page.locator('.room-row').getByText('1 unread message').waitFor({ state: 'attached' });
	await say('four');
	await page.locator('.room-row').getByText('2 unread messages').waitFor({ state: 'attached' });
});

test('a screen reader is told what others say, in one polite region', async () => {
	const { page, boris, room } = await two_in_a_room();
	const region = page.locator('[role=log][aria-live=polite]');

	boris.say(room.id, 'good morning');
	await region.getByText(/: good morning$/).waitFor({ state: 'attached' });
	await are(region, 1);
	await write(page, 'to you too');
	await sees(page, ['good morning', 'to you too']);
	for (let i = 0; i < 5; i++)
		boris.say(room.id, `and ${i}`);
	await until(async () => /and 4|new messages/.test(await region.textContent()),
		'the rest in the region');
	assert.doesNotMatch(await region.textContent(), /to you too/);
});

test('everything is done by keyboard alone', async () => {
	const { login } = await an_account(url);
	const page = await a_page({ url });
	const { keyboard } = page;
	const tab_to = (name) => until(async () => {
		await keyboard.press('Tab');
		return page.evaluate((wanted) => {
			const { activeElement: one } = document;
			return [one.getAttribute('aria-label'), one.textContent, one.id
				&& document.querySelector(`label[for="${one.id}"]`)?.textContent]
				.some((text) => text?.trim() === wanted);
		}, name);
	}, `focus on ${name}`);

	await keyboard.type(login);
	await keyboard.press('Tab');
	await keyboard.type(PASSWORD);
	await keyboard.press('Enter');
	await page.waitForSelector('.shell');
	await page.getByText('No rooms yet').waitFor();
	await tab_to('New room');
	await keyboard.press('Enter');
	await has_focus(page.getByRole('dialog').getByLabel('Name'));
	await keyboard.type('by keyboard');
	await keyboard.press('Enter');
	await has_focus(page.locator('.composer-input'));
	await keyboard.type('first line');
	await keyboard.press('Shift+Enter');
	await keyboard.type('second line');
	await keyboard.press('Enter');
	await sees(page, ['first line\nsecond line']);

	await tab_to('Room details');
	await keyboard.press('Enter');
	await page.getByRole('complementary').waitFor();
	await has_focus(page.getByRole('button', { name: 'Close details' }));
	await tab_to('Leave room');
	await keyboard.press('Enter');
	await page.getByText('Nobody else is here. The room will be deleted.').waitFor();
	await focus_says(page, 'Cancel');
	await tab_to('Leave room');
	await keyboard.press('Enter');
	await page.getByText('No rooms yet').waitFor();
});

test('the language follows the browser, can be switched, and is remembered', async () => {
	const { login } = await an_account(url);
	const page = await a_page({ url, context: { locale: 'ru-RU' } });
	const is_in = (lang) => becomes(() => page.evaluate(() => document.documentElement.lang), lang);

	await page.getByRole('heading', { name: 'С возвращением' }).waitFor();
	await is_in('ru');
	await sign_in(page, login);
	await page.getByRole('button', { name: /^Аккаунт/ }).click();
	await page.getByRole('button', { name: 'Внешний вид' }).click();
	await page.getByRole('radio', { name: 'English' }).check();
	await page.getByRole('heading', { name: 'Appearance' }).waitFor();
	await page.keyboard.press('Escape');
	await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
	await page.reload();
	await page.getByRole('heading', { name: 'Rooms', exact: true }).waitFor();
	await is_in('en');
});

test('on a phone it is one column at a time, and nothing is wider than the screen',
	async () => {
		const context = { viewport: { width: 320, height: 560 }, hasTouch: true, isMobile: true };
		const name = `A name without end ${'w'.repeat(60)}`;
		const { page, boris, room } = await two_in_a_room({ name, context });
		const is_narrow = () => page.evaluate(() =>
			document.documentElement.scrollWidth <= window.innerWidth
			&& document.querySelector('.scroller')?.scrollWidth <= window.innerWidth);

		boris.say(room.id, `${'m'.repeat(300)} ${'ы'.repeat(300)} https://x.example/${'y'.repeat(200)}`);
		await page.locator('.row').waitFor();
		await until(is_narrow, 'room for it');
		await page.locator('.side').waitFor({ state: 'hidden' });
		await page.getByRole('link', { name: 'Back to rooms' }).click();
		await page.locator('.room-row').waitFor();
		await page.locator('.composer').waitFor({ state: 'hidden' });
		await until(() => page.evaluate(() =>
			document.documentElement.scrollWidth <= window.innerWidth), 'room for the list');
		await page.locator('.room-row').click();
		await page.locator('.composer').waitFor();
		await page.goBack();
		await page.locator('.room-row').waitFor();
	});

test('two tabs share one session: one signs out, both are out', async () => {
	const { page } = await person();
	const other = await open_page(page.context(), url);

	await other.waitForSelector('.shell');
	await other.getByRole('button', { name: /^Account and settings/ }).click();
	await other.getByRole('button', { name: 'Sign out' }).click();
	await page.getByText('You’ve signed out.').waitFor();
	const third = await open_page(page.context(), url);
	assert.equal(await third.locator('.shell').count(), 0);
});

test('two tabs of one person show the same, and what one writes the other has once',
	async () => {
		const { page, room } = await two_in_a_room();
		const other = await open_page(page.context(), `${url}#/rooms/${room.id}`);

		await other.waitForSelector('.composer');
		await is_online(other);
		await write(page, 'from the first');
		await sees(other, ['from the first']);
		await write(other, 'from the second');
		await sees(page, ['from the first', 'from the second']);
		await sees(other, ['from the first', 'from the second']);
	});

test('a session that the server ends leads back to the way in, with a word', async () => {
	const { page, login } = await person();
	const key = await page.evaluate(() =>
		Object.keys(localStorage).find((name) => name.endsWith(':session')));
	const { refresh_token } = JSON.parse(await page.evaluate((k) => localStorage[k], key));

	await is_online(page);
	const reply = await fetch(`${url}api/v1/auth/logout`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ refresh_token }),
	});
	assert.equal(reply.status, 204);
	await page.getByText('Your session has ended. Please sign in again.').waitFor();
	await sign_in(page, login);
	await is_online(page);
});
