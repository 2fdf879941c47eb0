// tour.js -- walks through every screen (screens.js) at one size and in one scheme.

import { PASSWORD, a_page, open_page, sign_in } from './browser.js';
import { SCREENS, settle } from './screens.js';

export const SIZES = {
	desktop: { viewport: { width: 1280, height: 800 } },
	phone: {
		viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true,
		deviceScaleFactor: 2,
	},
};

// see(page, screen) is called at each screen, at rest. names: just these screens.
export async function tour({ scene, url, size, scheme, locale = 'en-GB', names = null }, see) {
	const wanted = SCREENS.filter(({ name }) => !names || names.includes(name));

	for (const who of new Set(wanted.map((screen) => screen.who))) {
		const profile = await profile_of({ scene, url, who, size, scheme, locale });
		for (const screen of wanted.filter((one) => one.who === who)) {
			const page = await open_page(profile, url);
			page.home = url;
			try {
				await screen.go(page, scene);
				await settle(page, screen);
				await see(page, screen);
			} catch (error) {
				error.message = `${screen.name}, ${size}, ${scheme}: ${error.message}`;
				throw error;
			}
			await page.close();
		}
		await profile.close();
	}
}

async function profile_of({ scene, url, who, size, scheme, locale }) {
	const page = await a_page({
		url,
		context: { ...SIZES[size], colorScheme: scheme, locale, reducedMotion: 'reduce' },
	});

	if (who !== 'guest') {
		const { login } = scene.people[who] ?? scene[who];
		await sign_in(page, login, PASSWORD);
	}
	const profile = page.context();
	await page.close();
	return profile;
}
