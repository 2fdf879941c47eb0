// screens.js -- every screen, and the way to each: for screenshots (screenshots.js) and for axe
// (axe.js).
//
// A screen: {name, who, go(page, scene), is_state, is_broken}. who: 'guest' or a person of the
// scene, whose page it is. is_state: it is a variant of another screen, in which something
// opens, waits or fails, and is not checked in every way. go() may leave dialogs and a call
// open: tour.js returns to the beginning, where the next screen starts. If is_broken, the page
// is closed instead; a person with an unsent message left has no other screen. A screen is
// looked at when it is at rest: settle() waits for pictures and for the line. go() finds things
// by what they are, not by their words, so it works in every language.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { PASSWORD } from '../lib/rest.js';
import { frames, until } from './browser.js';
import { drawn } from './drawn.js';

// Never answers.
const hang = () => {};

const tool = (page, picture) => page.locator(`.side-head button:has(.icon-${picture})`);

async function in_room(page, room) {
	await page.goto(`${page.home}#/rooms/${room.id}`);
	await page.locator('.row').first().waitFor();
}

async function in_details(page, room) {
	await page.goto(`${page.home}#/rooms/${room.id}/details`);
	await page.locator('.members-list .pick').first().waitFor();
}

async function in_settings(page, at) {
	await page.locator('.account-button').click();
	await page.locator('.settings-nav').waitFor();
	// on a phone the list comes first
	await page.locator('.settings-nav li button').nth(at).click();
	await page.locator('.settings .spinner').waitFor({ state: 'detached' });
}

export const SCREENS = [
	{ name: 'sign-in', who: 'guest', go: async () => {} },
	{
		name: 'sign-in-refused', who: 'guest', async go(page) {
			await page.locator('[name=login]').fill('anna');
			await page.locator('[name=password]').fill('not the password');
			await page.locator('form button[type=submit]').click();
			await page.locator('.form-error:not([hidden])').waitFor();
		},
	},
	{
		name: 'register', who: 'guest', async go(page) {
			await page.locator('.card-foot .link').click();
			await page.locator('[name=email]').waitFor();
		},
	},
	{
		name: 'session-ended', who: 'hugo', is_state: true, is_broken: true, async go(page, { people }) {
			const { hugo } = people;
			const { access_token: token } = await hugo.want(200, 'POST', '/auth/login',
				{ token: null, body: { login: hugo.login, password: PASSWORD } });
			await hugo.want(204, 'DELETE', '/auth/sessions', { token });
			await page.locator('.card .notice').waitFor();
		},
	},
	{ name: 'nothing-yet', who: 'newcomer', go: async () => {} },
	{
		name: 'hundred-rooms', who: 'busy', is_state: true, async go(page) {
			await page.locator('.room-row').nth(20).waitFor();
		},
	},
	{ name: 'rooms', who: 'anna', go: async () => {} },
	{
		name: 'rooms-loading', who: 'anna', is_state: true, is_broken: true, async go(page) {
			await page.route(/\/api\/v1\/rooms\?/, hang);
			await page.reload();
			await page.locator('.room-none .spinner').waitFor();
		},
	},
	{
		name: 'rooms-failed', who: 'anna', is_state: true, is_broken: true, async go(page) {
			await page.route(/\/api\/v1\/rooms\?/, (route) => route.fulfill({ status: 503 }));
			await page.reload();
			await page.locator('.room-none button').waitFor();
		},
	},
	...['profile', 'account', 'notify', 'appearance', 'privacy', 'sessions', 'tokens']
		.map((section, at) => ({
			name: `settings-${section}`, who: 'anna', go: (page) => in_settings(page, at),
		})),
	{ name: 'conversation', who: 'anna', go: (page, { garden }) => in_room(page, garden) },
	{
		name: 'long-names', who: 'anna', is_state: true, go: (page, { rooms }) => in_room(page, rooms.at(-4)),
	},
	{
		name: 'message-menu', who: 'anna', is_state: true, async go(page, { garden }) {
			await in_room(page, garden);
			await page.locator('.row.theirs:not(.away) .text').last()
				.click({ button: 'right', position: { x: 20, y: 8 } });
			await page.locator('.menu').waitFor();
		},
	},
	{
		name: 'emoji', who: 'anna', is_state: true, async go(page, { garden }) {
			await in_room(page, garden);
			await page.locator('.composer-line .composer-tool').click();
			await page.locator('.popup').waitFor();
		},
	},
	{
		name: 'files-chosen', who: 'anna', is_state: true, is_broken: true, async go(page, { garden }) {
			await in_room(page, garden);
			await page.setInputFiles('.attach-input', [
				...await Promise.all(['bed by the fence.png', 'the same in July.png'].map(
					async (name, seed) => ({ name, mimeType: 'image/png',
						buffer: await drawn('hills', 600, 400, seed + 3) }))),
				{ name: 'Watering plan.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(48000) },
			]);
			await page.locator('.tray-card').nth(2).waitFor();
		},
	},
	{
		name: 'file-refused', who: 'anna', is_state: true, is_broken: true, async go(page, { garden }) {
			const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'foyer-large-'));
			const large = path.join(folder, 'All of the summer.mov');

			await in_room(page, garden);
			fs.writeFileSync(large, '');
			fs.truncateSync(large, 900 * 1024 ** 2);
			await page.setInputFiles('.attach-input', large);
			await page.locator('.tray-notes .form-error').waitFor();
			fs.rmSync(folder, { recursive: true });
		},
	},
	{
		name: 'message-failed', who: 'boris', is_state: true, is_broken: true, async go(page, { garden }) {
			await page.routeWebSocket(/\/ws$/, (ws) => {
				const server = ws.connectToServer();
				ws.onMessage((text) => {
					const { type, ref } = JSON.parse(text);
					if (type === 'message')
						ws.send(JSON.stringify({ type: 'error', ref, code: 'forbidden' }));
					else
						server.send(text);
				});
			});
			await page.reload();
			await in_room(page, garden);
			await page.locator('.line-dot[data-state=online]').waitFor({ state: 'attached' });
			await page.locator('.composer-input').fill('I have the key to the shed.');
			await page.locator('.send').click();
			await page.locator('.row.is-failed').waitFor();
		},
	},
	{
		name: 'offline', who: 'elif', is_state: true, is_broken: true, async go(page, { garden }) {
			await in_room(page, garden);
			await page.locator('.line-dot[data-state=online]').waitFor({ state: 'attached' });
			await page.context().setOffline(true);
			await page.locator('.line-bar:not([hidden])').waitFor();
			await page.locator('.composer-input').fill('On my way, the train is in a tunnel.');
			await page.locator('.send').click();
			await page.locator('.row.is-waiting').waitFor();
		},
	},
	{
		name: 'history-loading', who: 'anna', is_state: true, is_broken: true, async go(page, { garden }) {
			await page.route(/\/messages\?/, hang);
			await page.goto(`${page.home}#/rooms/${garden.id}`);
			await page.locator('.timeline-top[data-key=loading]').waitFor();
		},
	},
	{
		name: 'history-failed', who: 'anna', is_state: true, is_broken: true, async go(page, { square }) {
			await page.route(/\/messages\?.*before=/, (route) => route.abort());
			await in_room(page, square);
			await page.locator('.scroller').evaluate(async (scroller) => {
				while (!scroller.querySelector('[data-key=older_failed]')) {
					scroller.scrollTop -= 300;
					await new Promise(requestAnimationFrame);
				}
				scroller.querySelector('[data-key=older_failed]').scrollIntoView();
			});
		},
	},
	{
		name: 'no-room', who: 'anna', is_state: true, async go(page) {
			await page.goto(`${page.home}#/rooms/00000000-0000-4000-8000-000000000000`);
			await page.locator('.trouble').waitFor();
		},
	},
	{
		name: 'no-invitation', who: 'anna', is_state: true, async go(page) {
			await page.goto(`${page.home}#join=${'A'.repeat(22)}`);
			await page.locator('dialog[open]').waitFor();
		},
	},
	{
		name: 'search', who: 'anna', async go(page) {
			await page.locator('.filter').first().fill('ch');
			await page.locator('.finder .pick').first().waitFor();
		},
	},
	{
		name: 'people', who: 'anna', async go(page) {
			await tool(page, 'people').click();
			await page.locator('dialog .people').waitFor();
		},
	},
	{
		name: 'contacts', who: 'busy', async go(page) {
			await tool(page, 'people').click();
			await page.locator('dialog .pick').first().waitFor();
		},
	},
	{
		name: 'new-room', who: 'anna', async go(page) {
			await tool(page, 'plus').click();
			await page.locator('dialog .pick').first().waitFor();
		},
	},
	{
		name: 'public-rooms', who: 'anna', async go(page) {
			await tool(page, 'enter').click();
			await page.locator('dialog .found-row').first().waitFor();
		},
	},
	{ name: 'details', who: 'anna', go: (page, { garden }) => in_details(page, garden) },
	{ name: 'thousand-members', who: 'anna', go: (page, { square }) => in_details(page, square) },
	{
		name: 'member', who: 'anna', async go(page, { garden }) {
			await in_details(page, garden);
			await page.locator('.members-list .pick').nth(1).click();
			await page.locator('dialog .profile-room button').first().waitFor();
		},
	},
	{
		name: 'room-settings', who: 'anna', async go(page, { garden }) {
			await in_details(page, garden);
			await page.locator('.details .tool-pencil').click();
			await page.locator('dialog .picture-field').waitFor();
		},
	},
	{
		name: 'invite', who: 'anna', async go(page, { garden }) {
			await in_details(page, garden);
			await page.locator('.details .tool-invite').click();
			await page.locator('dialog .pages-none').waitFor();
		},
	},
	{
		name: 'call', who: 'anna', async go(page, { rooms }) {
			await in_room(page, rooms.at(-1));
			await page.locator('.call-tools button').first().click();
			await page.locator('.call[data-state=ringing]').waitFor();
		},
	},
	{
		name: 'calls', who: 'anna', async go(page, { rooms }) {
			await in_room(page, rooms.at(-1));
			await page.locator('.room-tools > button').last().click();
			await page.locator('.details-actions .icon-phone').click();
			await page.locator('.call-log :is(.log-row, .muted)').first().waitFor();
		},
	},
];

// Waits until nothing moves: fonts and pictures are loaded, and the line is up unless it should
// not be.
export async function settle(page, { name } = {}) {
	let moving;

	await until(async () => {
		moving = await page.evaluate(what_moves);
		return moving.length === 0;
	}, 'rest').catch((error) => {
		throw new Error(`${error.message}: ${moving}`);
	});
	await frames(page);
	if (name !== 'offline' && await page.locator('.shell').count() > 0)
		await page.locator('.line-dot[data-state=online]').waitFor({ state: 'attached' });
}

// Runs in the page. It is polled, since something replaced meanwhile may never finish, e.g. a
// lazy picture that is removed before the frame that would load it.
async function what_moves() {
	await new Promise((done) => requestAnimationFrame(done));
	const { height } = visualViewport;
	const is_in_sight = (image) => {
		const { top, bottom } = image.getBoundingClientRect();
		return image.checkVisibility() && bottom > 0 && top < height;
	};

	return [
		...document.fonts.status === 'loaded' ? [] : ['fonts'],
		// pictures out of sight are not loaded
		...[...document.images].filter((image) => !image.complete && is_in_sight(image))
			.map(({ src }) => src),
		...document.getAnimations().filter(({ playState, effect }) =>
			playState === 'running' && effect.getComputedTiming().iterations !== Infinity)
			.map(({ effect }) => `animation of ${effect.target?.className}`),
	];
}
