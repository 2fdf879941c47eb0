// Parts of the page that are loaded later, languages switched quickly, names that run in the
// other direction, and reduced motion.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { a_page, a_person, a_voice, are, at_rest, is_online, open_room, passing, server_url,
	until, watch_pages, write } from './browser.js';
import { wav } from '../lib/pictures.js';

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

const button = (page, name) => page.getByRole('button', { name, exact: true });

test('a part that cannot be had is said to be missing, and comes when one tries again', async () => {
	const { page } = await a_person({ url });
	const lost = page.getByRole('alert').filter({ hasText: 'Couldn’t load part of the page.' });

	await is_online(page);
	await page.route('**/ui/people.js', (route) => route.abort());
	await button(page, 'People').click();
	await lost.waitFor();
	assert.equal(await page.locator('dialog[open]').count(), 0);
	await page.unroute('**/ui/people.js');
	await lost.getByRole('button', { name: 'Try again' }).click();
	await page.locator('dialog .people').waitFor();
	assert.equal(await lost.count(), 0);
});

for (const missing of ['**/style/dialogs.css', '**/i18n/en_more.js'])
	test(`without ${missing.slice(3)} there is no half of a window, but another try`, async () => {
		const { page } = await a_person({ url });

		await page.reload();
		await is_online(page);
		await page.route(missing, (route) => route.abort());
		await button(page, 'New room').first().click();
		await page.getByRole('alert').filter({ hasText: 'Couldn’t load part of the page.' }).waitFor();
		assert.equal(await page.locator('dialog[open]').count(), 0);
		await page.unroute(missing);
		await button(page, 'Try again').click();
		await page.getByLabel('Name').waitFor();
	});

test('what is sent before the parts that act could be had goes when they can', async () => {
	const { page, user } = await a_person({ url });
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name: 'a room', kind: 'group', member_ids: [user.id] });

	boris.open_room(room.id);
	await boris.api.post_message(room.id, { text: 'can you read this?' });
	await page.route('**/core/acting.js', (route) => route.abort());
	await open_room(page, url, room.id);
	await page.reload();
	await page.getByText('can you read this?').first().waitFor();
	await write(page, 'I can');
	assert.equal(await page.locator('.composer-input').inputValue(), '');
	assert.equal(await page.locator('.line-dot').getAttribute('data-state'), 'connecting');
	await are(page.locator('.row.mine', { hasText: 'I can' }), 1);
	await page.unroute('**/core/acting.js');
	await is_online(page);
	await are(page.locator('.row.mine', { hasText: 'I can' }), 1);
	await until(() => boris.store.timelines.get(room.id)?.messages.at(-1)?.text === 'I can',
		'it at the other end');
});

test('a browser that never loads again what failed once gets a new page, and sends', async () => {
	const { page, user } = await a_person({ url });
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name: 'a room', kind: 'group', member_ids: [user.id] });
	let may_import = false;

	boris.open_room(room.id);
	await open_room(page, url, room.id);
	await page.reload();
	await is_online(page);
	// like Firefox: it can be fetched, but no longer be imported
	await page.route('**/core/delivery.js', (route) =>
		may_import || route.request().resourceType() === 'fetch' ? route.continue() : route.abort());
	page.once('framenavigated', () => {
		may_import = true;
	});
	await write(page, 'not lost');
	await until(() => boris.store.timelines.get(room.id)?.messages.at(-1)?.text === 'not lost',
		'it at the other end');
	assert.ok(may_import);
	await is_online(page);
	await are(page.locator('.row.mine', { hasText: 'not lost' }), 1);
});

test('a part that is broken for good does not make the page reload again and again', async () => {
	const { page, user } = await a_person({ url });
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name: 'a room', kind: 'group', member_ids: [user.id] });
	let tries = 0, pages = 0;

	await open_room(page, url, room.id);
	await page.reload();
	await is_online(page);
	page.on('framenavigated', () => pages++);
	await page.route('**/core/delivery.js', (route) => {
		if (route.request().resourceType() === 'fetch')
			return route.continue();
		tries += pages;	// those of the new page
		return route.abort();
	});
	await write(page, 'not yet');
	await until(() => tries > 3, 'tries on the new page');
	assert.equal(pages, 1);
});

test('a part is fetched when the pointer or the focus comes near its button', async () => {
	const { page } = await a_person({ url });
	const asked = new Set();

	await is_online(page);
	page.on('request', (request) => asked.add(new URL(request.url()).pathname));
	await button(page, 'People').hover();
	await until(() => asked.has('/ui/people.js'), 'the list of people');
	await page.locator('.account-button').focus();
	await until(() => asked.has('/ui/settings.js'), 'the settings');
	assert.equal(await page.locator('dialog[open]').count(), 0);
});

// Long enough for two lines.
const LONG = { name: 'the hum of the fridge in the kitchen, at night, in the new flat.wav',
	label: 'The bench behind the theatre, where the river bends and nobody ever sits' };

// Sends sounds and places, for a person without a page.
async function send_sounds_and_places({ api, session }, room) {
	const reply = await fetch(`${url}api/v1/files?name=${encodeURIComponent(LONG.name)}`, {
		method: 'POST', body: wav(3),
		headers: { Authorization: `Bearer ${await session.token()}` },
	});
	const { id: file_id } = await reply.json();

	for (const waveform of [undefined, [1, 5, 9, 3]])
		await api.post_message(room.id, { kind: 'audio', data: { file_id, waveform } });
	for (const label of [undefined, LONG.label])
		await api.post_message(room.id, { kind: 'location', data: { lat: 60.17, lon: 24.94, label } });
}

for (const [size, context] of Object.entries({
	'a desktop': {},
	'a telephone': { locale: 'ru-RU', viewport: { width: 390, height: 844 }, hasTouch: true,
		isMobile: true },
}))
	test(`a sound and a place have their room before they come, on ${size}`, async () => {
		const { page, user, access_token } = await a_person({ url, context });
		const boris = await a_voice(url, { name: 'boris' });
		const room = await boris.create_room({ name: 'a room', kind: 'group', member_ids: [user.id] });
		const held = [];
		const rows = () => page.locator('.row').evaluateAll((all) =>
			all.map((one) => JSON.stringify(one.getBoundingClientRect())));
		const look = async (go) => {
			await go();
			await are(page.locator('.row'), 4);
			await until(() => held.length === 2, 'the question for them');
			const before = await at_rest(page, rows);
			for (const route of held.splice(0))
				await route.continue();
			await are(page.locator('.place-links a'), 4);
			await are(page.locator('audio'), 2);
			assert.deepEqual(await at_rest(page, rows), before);
		};

		await send_sounds_and_places(boris, room);
		await page.route(/\/ui\/(players|place)\.js$/, (route) => held.push(route));
		await look(() => page.goto(`${url}#/rooms/${room.id}`));
		// read messages are drawn from the end on, row by row
		await fetch(`${url}api/v1/rooms/${room.id}/read`, {
			method: 'PUT', body: JSON.stringify({ seq: room.seq + 4 }),
			headers: { Authorization: `Bearer ${access_token}`, 'Content-Type': 'application/json' },
		});
		await look(() => page.reload());
	});

test('of two languages chosen one after the other the last one stays', async () => {
	const page = await a_page({ url });
	let let_go;
	const held = new Promise((resolve) => {
		let_go = resolve;
	});

	await page.route('**/i18n/ru.js', async (route) => {
		await held;
		await route.continue();
	});
	await button(page, 'Русский').click();
	await button(page, 'English').click();
	await until(() => page.evaluate(() => Object.entries(localStorage)
		.some(([key, value]) => key.endsWith(':language') && value === '"en"')), 'a choice');
	const came = page.waitForResponse('**/i18n/ru.js');
	let_go();
	await came;
	await page.evaluate(() => new Promise((done) => {
		requestAnimationFrame(() => requestAnimationFrame(done));
	}));
	assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
	await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
	await button(page, 'Русский').click();
	await page.getByRole('heading', { name: 'С возвращением' }).waitFor();
});

test('a name that runs from right to left stays in its place in a sentence', async () => {
	const { page } = await a_person({ url });
	const dana = await a_voice(url, { name: 'dana', first_name: 'דנה' });
	const room = await dana.create_room({ name: 'שיחה', kind: 'public' });

	dana.open_room(room.id);
	await dana.join_room(room.id);
	dana.say(room.id, '1, 2, 3');
	await page.goto(`${url}#/rooms/${room.id}`);
	await button(page, 'Join this room').click();
	const last = page.locator('.room-last', { hasText: '1, 2, 3' });
	await last.waitFor();
	assert.equal(await last.textContent(), '\u2068דנה\u2069: 1, 2, 3');
	await until(async () => await page.title() === '\u2068שיחה\u2069 — Foyer', 'the title');
	await page.getByRole('textbox', { name: /^Message to “?\u2068שיחה\u2069/ }).waitFor();
});

test('who wants less to move sees nothing move', async () => {
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name: 'a calm room', kind: 'public' });
	const { page } = await a_person({
		url, context: { reducedMotion: 'reduce' },
		prepare: (profile) => profile.addInitScript(() => {
			window.moved = [];
			const note = ({ type, target, animationName, propertyName }) =>
				window.moved.push(`${type} ${target.className} ${animationName ?? propertyName}`);
			for (const type of ['animationstart', 'transitionrun'])
				document.addEventListener(type, note, true);
			for (const name of ['scrollTo', 'scrollBy', 'scrollIntoView', 'animate']) {
				const was = Element.prototype[name];
				Element.prototype[name] = function moves(...all) {
					if (name === 'animate' || all[0]?.behavior === 'smooth')
						window.moved.push(`${name} ${this.className}`);
					return was.apply(this, all);
				};
			}
		}),
	});

	for (let n = 1; n <= 40; n++)
		boris.say(room.id, `line ${n} of what was said\nand its second half`);
	await page.goto(`${url}#/rooms/${room.id}`);
	await button(page, 'Join this room').click();
	await page.locator('.row', { hasText: 'line 40' }).waitFor();
	await is_online(page);
	await page.locator('.scroller').hover();
	await page.mouse.wheel(0, -600);
	await page.locator('.to-bottom:not([hidden])').first().click();
	await page.locator('.to-bottom').first().waitFor({ state: 'hidden' });
	await write(page, 'here I am');
	await page.locator('.row.is-sent', { hasText: 'here I am' }).waitFor();
	// a message that a link leads to, a dialog, the settings
	await passing(page.locator('.row.flash').waitFor(), () => page.goto(`${url}#/rooms/${room.id}/3`));
	await button(page, 'People').click();
	await page.locator('dialog[open]').waitFor();
	await page.keyboard.press('Escape');
	await page.locator('.account-button').click();
	await page.locator('.settings-nav').waitFor();
	await page.keyboard.press('Escape');
	await open_room(page, url, room.id);
	assert.deepEqual(await page.evaluate(() => window.moved), []);
});
