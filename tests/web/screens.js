// screens.js -- every screen there is, and the way to each: for the pictures of them
// (screenshots.js) and for what axe says of them (axe.test.js).
//
// A screen: {name, who, go(page, scene)}. who: 'guest', 'newcomer' (has nothing yet) or
// 'anna', on a page that is theirs. go() may leave dialogs and a call: tour.js leads back
// to the beginning, where the next one starts. It comes at rest: settle() waits for pictures and for the line.

const button = (page, name) => page.getByRole('button', { name, exact: true });

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
	// on a telephone it is the list that comes first
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
			await page.getByRole('button', { name: 'Create account' }).first().click();
			await page.locator('[name=email]').waitFor();
		},
	},
	{ name: 'nothing-yet', who: 'newcomer', go: async () => {} },
	{ name: 'rooms', who: 'anna', go: async () => {} },
	...['profile', 'account', 'notify', 'appearance', 'privacy', 'sessions', 'tokens']
		.map((section, at) => ({
			name: `settings-${section}`, who: 'anna', go: (page) => in_settings(page, at),
		})),
	{ name: 'conversation', who: 'anna', go: (page, { garden }) => in_room(page, garden) },
	{
		name: 'search', who: 'anna', async go(page) {
			await page.getByRole('searchbox').first().fill('ch');
			await page.locator('.finder .pick').first().waitFor();
		},
	},
	{
		name: 'people', who: 'anna', async go(page) {
			await button(page, 'People').click();
			await page.locator('dialog .people').waitFor();
		},
	},
	{
		name: 'new-room', who: 'anna', async go(page) {
			await button(page, 'New room').click();
			await page.locator('dialog .pick').first().waitFor();
		},
	},
	{
		name: 'public-rooms', who: 'anna', async go(page) {
			await button(page, 'Join a room').click();
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
			await button(page, 'Settings').click();
			await page.locator('dialog .picture-field').waitFor();
		},
	},
	{
		name: 'invite', who: 'anna', async go(page, { garden }) {
			await in_details(page, garden);
			await page.locator('.details').getByRole('button', { name: 'Invite people' }).click();
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

// Nothing moves any more: fonts, pictures and the line are there.
export async function settle(page) {
	await page.evaluate(async () => {
		await document.fonts.ready;
		await Promise.all([...document.images].map((image) =>
			image.complete || new Promise((done) => {
				image.onload = image.onerror = done;
			})));
		await Promise.all(document.getAnimations()
			.filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
			.map((one) => one.finished.catch(() => {})));
		await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
	});
	if (await page.locator('.shell').count() > 0)
		await page.locator('.line-dot[data-state=online]').waitFor({ state: 'attached' });
}
