// tour.js -- walks through every screen (screens.js) at one size and in one scheme.

import { before } from 'node:test';

import { PASSWORD, a_page, open_page, sign_in, until, watch_pages } from './browser.js';
import { LOOSE, private_server } from '../lib/server.js';
import { Scene } from './scene.js';
import { SCREENS, settle } from './screens.js';

export const SIZES = {
	desktop: { viewport: { width: 1280, height: 800 } },
	phone: {
		viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true,
		deviceScaleFactor: 2,
	},
	// what is left of 1280 by 1024 at 400 %
	zoomed: { viewport: { width: 320, height: 256 } },
};

// The sizes of the screenshots.
export const PICTURED = ['desktop', 'phone'];

// Calls see(page, screen) at each screen, at rest. names: only these screens. states: also
// variants of other screens. is_afresh: the page is loaded anew for each; else the walk goes on
// from where it is.
export async function tour({ scene, url, size, scheme, locale = 'en-GB', names = null,
	states = true, is_afresh = true }, see) {
	const wanted = SCREENS.filter(({ name, is_state }) => (!names || names.includes(name))
		&& (states || !is_state));

	for (const who of new Set(wanted.map((screen) => screen.who))) {
		let page = await page_of({ scene, url, who, size, scheme, locale });
		const profile = page.context();
		for (const screen of wanted.filter((one) => one.who === who)) {
			try {
				page ??= await open_page(profile, url);
				page.home = url;
				await screen.go(page, scene);
				await settle(page, screen);
				await see(page, screen);
				if (is_afresh || screen.is_broken)
					page = await page.close() ?? null;
				else
					await come_home(page);
			} catch (error) {
				error.message = `${screen.name}, ${size}, ${scheme}: ${error.message}`;
				throw error;
			}
		}
		await profile.close();
	}
}

// The number of rooms if it is not to be a hundred: more than are visible.
const ROOMS = 24;

// For a suite that walks through its screens: like tour(), with a scene of so many people on a
// server of the suite's own.
export function tours({ people }) {
	let scene, url;

	watch_pages();
	before(async () => {
		const server = await private_server({ env: LOOSE });
		url = `${server.url}/`;
		scene = await Scene.on(server, { people, rooms: ROOMS });
	});
	return (options, see) => tour({ scene, url, ...options }, see);
}

// Closes everything that a screen has left open.
async function come_home(page) {
	const call = page.locator('.call');
	const search = page.locator('.filter').first();

	if (await call.count() > 0) {
		await call.locator('button:has(.icon-hang_up)').press('Enter');
		await call.waitFor({ state: 'detached' });
	}
	await until(async () => {
		const is_closed = await page.locator('dialog[open]').count() === 0;
		if (!is_closed)
			await page.keyboard.press('Escape');
		return is_closed;
	}, 'end of the dialogs');
	await page.evaluate(() => {
		location.hash = '#/';
	});
	if (await page.locator('.shell').count() > 0)
		await search.fill('');
}

async function page_of({ scene, url, who, size, scheme, locale }) {
	const page = await a_page({
		url,
		context: { ...SIZES[size], colorScheme: scheme, locale, reducedMotion: 'reduce' },
	});

	if (who !== 'guest') {
		const { login } = scene.people[who] ?? scene[who];
		await sign_in(page, login, PASSWORD);
	}
	return page;
}
