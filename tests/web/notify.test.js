// Notifications: in the page, by the browser while nobody looks, by the title and the badge; in
// real Chromium, whose notifications are recorded instead of shown.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { a_person, a_voice, are, becomes, focus_says, has_focus, is_online, open_page, passing,
	says, server_url, until, watch_pages } from './browser.js';

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

// Runs in the page before anything else: the test decides whether somebody looks, and calls to
// the browser are recorded. Permission is shared by all tabs.
function stage() {
	const seen = window.seen = { asked: 0, shown: [], closed: [], badge: [], tones: 0 };
	let is_hidden = false;

	window.hide = (to) => {
		is_hidden = to;
		document.dispatchEvent(new Event('visibilitychange'));
	};
	Object.defineProperty(document, 'visibilityState', {
		get: () => is_hidden ? 'hidden' : 'visible',
	});
	document.hasFocus = () => !is_hidden;
	window.Notification = class {
		static get permission() {
			return localStorage.consent ?? 'default';
		}

		static async requestPermission() {
			seen.asked++;
			localStorage.consent = 'granted';
			return 'granted';
		}

		constructor(title, options) {
			seen.shown.push([title, options.body]);
			seen.last = this;
			this.close = () => seen.closed.push(title);
		}
	};
	navigator.setAppBadge = async (count) => seen.badge.push(count);
	navigator.clearAppBadge = async () => seen.badge.push(0);
	window.OscillatorNode = class extends window.OscillatorNode {
		start(...at) {
			seen.tones++;
			super.start(...at);
		}
	};
}

const prepare = (profile) => profile.addInitScript(stage);
const seen = (page) => page.evaluate(() => {
	const { last, ...rest } = window.seen;
	return rest;
});
const hide = (page, to = true) => page.evaluate((is) => window.hide(is), to);

async function anna_and_boris({ context } = {}) {
	const boris = await a_voice(url, { name: 'boris', first_name: 'Борис' });
	const anna = await a_person({ url, context, prepare });
	const direct = await boris.create_room({ kind: 'direct', user_id: anna.user.id });

	await is_online(anna.page);
	await anna.page.locator('.room-row').waitFor();
	return { boris, page: anna.page, anna, direct };
}

async function allow(page) {
	await page.locator('.account-button').click();
	await page.getByRole('button', { name: 'Notifications', exact: true }).click();
	await page.getByRole('switch', { name: /^Show notifications/ }).check();
	await page.getByText('Shown by your system').waitFor();
	await page.keyboard.press('Escape');
}

test('a direct message is told in the page, and a click leads to it', async () => {
	const { boris, page, anna, direct } = await anna_and_boris();
	const toast = page.locator('.toast');

	boris.say(direct.id, 'are you here?');
	await says(toast, /^.*Борис.*are you here\?/);
	await toast.locator('.toast-open').click();
	await page.waitForSelector('.composer');
	await becomes(() => new URL(page.url()).hash, `#/rooms/${direct.id}`);
	await toast.waitFor({ state: 'detached' });
	boris.say(direct.id, 'good');
	await page.locator('.row').getByText('good').waitFor();
	// the open room causes no notification; the next one is of another room
	const chen = await a_voice(url, { name: 'chen' });
	const other = await chen.create_room({ kind: 'direct', user_id: anna.user.id });
	await are(page.locator('.room-row'), 2);
	chen.say(other.id, 'and here?');
	await says(toast, /and here\?/);
	await page.locator('.composer-input').focus();
	await toast.getByRole('button', { name: 'Close' }).focus();
	await page.keyboard.press('Enter');
	await are(toast, 0);
	await has_focus(page.locator('.composer-input'));
	assert.deepEqual((await seen(page)).shown, []);
	assert.equal((await seen(page)).asked, 0, 'nobody is asked unasked');
});

test('while a dialog is open, what is told is announced and pressed there', async () => {
	const { boris, page, anna, direct } = await anna_and_boris();
	const toast = page.locator('dialog[open] .toast');

	boris.say(direct.id, 'are you here?');
	await page.locator('.toast').waitFor();
	await page.keyboard.press('Control+Shift+F');
	await has_focus(page.getByRole('searchbox'));
	await says(toast, /are you here\?/);
	await toast.getByRole('button', { name: 'Close' }).click();
	await are(page.locator('.toast'), 0);
	boris.say(direct.id, 'look here');
	await says(toast, /look here/);
	await toast.locator('.toast-open').click();
	await are(page.locator('dialog'), 0);
	await page.locator('.row').getByText('look here').waitFor();

	const region = (inside) => page.locator(`${inside} > [role=log][aria-live=polite]`);
	await page.keyboard.press('Control+Shift+F');
	await are(region('.search-dialog'), 1);
	boris.say(direct.id, 'dinner?');
	await region('.search-dialog').getByText(/dinner\?$/).waitFor({ state: 'attached' });
	await page.keyboard.press('Escape');
	await are(page.locator('dialog'), 0);
	await are(region('#app'), 1);
	assert.equal(await region('#app').textContent(), '');
	const chen = await a_voice(url, { name: 'chen' });
	const other = await chen.create_room({ kind: 'direct', user_id: anna.user.id });
	await are(page.locator('.room-row'), 2);
	chen.say(other.id, 'and here?');
	await says(page.locator('body > .toasts'), /and here\?/);
});

test('while nobody looks the browser tells, from one tab; a click leads there', async () => {
	const { boris, page, direct } = await anna_and_boris();
	await allow(page);
	const tab = await open_page(page.context(), url);
	await is_online(tab);
	await tab.locator('.room-row').waitFor();
	const shown = async () =>
		[...(await seen(page)).shown, ...(await seen(tab)).shown];

	assert.equal((await seen(page)).asked, 1);
	await hide(tab);
	await passing(page.locator('.toast').getByText('one').waitFor(),
		async () => boris.say(direct.id, 'one'));
	assert.deepEqual(await shown(), [], 'somebody looks at the other tab');

	await hide(page);
	boris.say(direct.id, 'two');
	await until(async () => (await shown()).length > 0, 'a notification');
	assert.deepEqual(await shown(), [['Борис', 'two']]);
	await becomes(async () => (await seen(page)).tones + (await seen(tab)).tones, 2);
	await until(async () => (await page.title()).startsWith('(2) '), 'count in the title');
	await until(async () => (await seen(page)).badge.at(-1) === 2, 'count on the sign');

	const teller = (await seen(page)).shown.length > 0 ? page : tab;
	await hide(teller, false);
	await teller.evaluate(() => window.seen.last.onclick());
	await teller.waitForSelector('.composer');
	await teller.locator('.row').getByText('two').waitFor();
	await until(async () => (await seen(teller)).closed.length > 0, 'end of the notification');
	await until(async () => !(await page.title()).startsWith('('), 'no count in the title');
	await until(async () => (await seen(page)).badge.at(-1) === 0, 'no count on the sign');
});

test('text, sound and rooms are told as one wished; on a phone, in Russian', async () => {
	const context = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true,
		locale: 'ru-RU' };
	const { boris, page, direct } = await anna_and_boris({ context });
	const turn = (name) => page.getByRole('switch', { name });

	await page.locator('.account-button').click();
	await page.getByRole('button', { name: 'Уведомления', exact: true }).click();
	await turn(/^Показывать уведомления/).check();
	await turn(/^Показывать текст/).uncheck();
	await turn(/^Звук/).uncheck();
	await page.keyboard.press('Escape');
	await page.keyboard.press('Escape');
	await hide(page);
	boris.say(direct.id, 'a secret');
	await until(async () => (await seen(page)).shown.length > 0, 'a notification');
	assert.deepEqual((await seen(page)).shown, [['Борис', 'Новое сообщение']]);
	assert.equal((await seen(page)).tones, 0);

	await hide(page, false);
	await page.locator('.account-button').click();
	await page.getByRole('button', { name: 'Уведомления', exact: true }).click();
	await passing(page.getByText('Сохранено').waitFor(),
		() => page.getByLabel('Борис').selectOption('none'));
	await until(async () => !(await page.title()).startsWith('('), 'no count in the title');
	await page.keyboard.press('Escape');
	await hide(page);
	boris.say(direct.id, 'another secret');
	await until(() => page.evaluate(() =>
		/another secret/.test(document.querySelector('.room-row').textContent)), 'the list');
	const room = await boris.create_room({ name: 'a group', kind: 'group' });
	await hide(page, false);
	await page.goto(`${url}#/rooms/${room.id}`);
	await page.keyboard.press('Escape');
	await page.getByRole('button', { name: 'Войти в эту комнату' }).click();
	await page.waitForSelector('.composer');
	await is_online(page);
	await hide(page);
	boris.open_room(room.id);
	boris.say(room.id, 'to all');
	await until(async () => (await seen(page)).shown.length > 1, 'the next notification');
	assert.deepEqual((await seen(page)).shown[1], ['Борис, a group', 'Новое сообщение']);
});

test('a call rings in the page, and by the browser while nobody looks, as long as it rings',
	async () => {
		const { boris, page, direct } = await anna_and_boris();
		const call = (action, more) => boris.socket.send({ type: 'call', ref: action, action,
			...more });
		const is_over = () => page.getByRole('alertdialog').waitFor({ state: 'detached' });
		let call_id;
		const ring = async () => {
			const former = call_id;
			call('start', { room_id: direct.id, kind: 'audio' });
			await until(() => call_id !== former, 'the call');
		};

		boris.socket.addEventListener('frame', ({ detail }) => {
			call_id = detail.call?.id ?? call_id;
		});
		await allow(page);
		await ring();
		await page.getByRole('alertdialog', { name: 'Борис' }).waitFor();
		assert.deepEqual((await seen(page)).shown, [], 'somebody looks');
		call('cancel', { call_id });
		await is_over();

		await hide(page);
		await ring();
		await until(async () => (await seen(page)).shown.length > 0, 'a notification');
		assert.deepEqual((await seen(page)).shown, [['Борис', 'Incoming call']]);
		call('cancel', { call_id });
		await until(async () => (await seen(page)).closed.includes('Борис'), 'its end');
		await is_over();

		// a click leads to the room, where it goes on ringing
		await ring();
		await until(async () => (await seen(page)).shown.length > 1, 'another one');
		await hide(page, false);
		await page.evaluate(() => window.seen.last.onclick());
		await page.waitForSelector('.composer');
		await becomes(() => new URL(page.url()).hash, `#/rooms/${direct.id}`);
		await page.getByRole('button', { name: 'Decline' }).click();
		await is_over();
	});

test('where the browser offers to install the page, the settings do', async () => {
	const { page } = await a_person({ url });
	const button = page.getByRole('button', { name: 'Install Foyer' });
	const offer = () => page.evaluate(() => {
		const event = new Event('beforeinstallprompt', { cancelable: true });
		event.prompt = async () => {
			window.prompted = (window.prompted ?? 0) + 1;
		};
		dispatchEvent(event);
		return event.defaultPrevented;
	});

	await page.locator('.account-button').click();
	await page.getByRole('button', { name: 'Sign out' }).waitFor();
	assert.equal(await button.count(), 0);
	assert.equal(await offer(), true, 'nothing across the page unasked');
	await button.press('Enter');
	await button.waitFor({ state: 'hidden' });
	await becomes(() => page.evaluate(() => window.prompted), 1);
	await focus_says(page, 'Profile');
	// offered again another time, and installed elsewhere meanwhile
	await offer();
	await button.waitFor();
	await page.evaluate(() => dispatchEvent(new Event('appinstalled')));
	await button.waitFor({ state: 'hidden' });
});
