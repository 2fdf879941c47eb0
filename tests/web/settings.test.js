// Personal settings, in a real browser against the real server: profile, account, devices,
// tokens, privacy, appearance.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { PASSWORD, a_page, a_person, a_voice, an_account, are, at_rest, becomes, focus_says,
	has_focus, has_value, is_online, open_page, passing, says, server_url, sign_in, until,
	watch_pages } from './browser.js';
import { png } from '../lib/pictures.js';

const OTHER = 'another long secret, 17';
let url;

watch_pages();

before(async () => {
	url = await server_url();
});

async function in_settings(options = {}) {
	const one = await a_person({ url, by_form: true, ...options });
	await is_online(one.page);
	await open_settings(one.page);
	return one;
}

async function open_settings(page) {
	await page.locator('.account-button').click();
	await page.waitForSelector('dialog.settings[open]');
}

const section = (page, name) => page.getByRole('navigation', { name: /Settings|Настройки/ })
	.getByRole('button', { name, exact: true }).click();

const session_of = (page) => page.evaluate(() => JSON.parse(localStorage[
	Object.keys(localStorage).find((key) => key.endsWith(':session'))]));

async function rest(token, path, options = {}) {
	const reply = await fetch(`${url}api/v1${path}`, {
		...options, headers: { Authorization: `Bearer ${token}`, ...options.headers },
	});
	return { status: reply.status, body: await reply.json().catch(() => null) };
}

const me = async (page) =>
	(await rest((await session_of(page)).access_token, '/users/me')).body;

test('names, words, picture and status are set, kept, and the same after a reload',
	async () => {
		const { page } = await in_settings();

		await page.getByLabel('First name').fill('Анна');
		await page.getByLabel('About you').fill('Two\nlines');
		await passing(page.getByText('Saved').first().waitFor(),
			() => page.getByRole('button', { name: 'Save', exact: true }).click());
		await page.locator('.settings-who').getByText('Анна').waitFor();

		await page.locator('input[type=file]').setInputFiles({
			name: 'me.png', mimeType: 'image/png', buffer: png(300, 200),
		});
		await page.getByRole('dialog', { name: 'Your picture' }).waitFor();
		for (const key of ['ArrowRight', '+', 'ArrowDown', '-'])
			await page.keyboard.press(key);
		await page.getByRole('button', { name: 'Use this picture' }).click();
		await page.locator('.profile-face img').waitFor();
		const avatar_url = await until(async () => (await me(page)).avatar_url, 'its address');
		const picture = await fetch(new URL(avatar_url, url));
		assert.match(picture.headers.get('content-type'), /^image\//);

		await page.getByRole('radio', { name: 'Busy' }).check();
		await page.getByLabel('What are you up to?').fill('on a train');
		await page.getByRole('button', { name: 'Set', exact: true }).click();
		await until(async () => (await me(page)).status_text === 'on a train', 'status');
		const { status, first_name, bio } = await me(page);
		assert.deepEqual([status, first_name, bio], ['busy', 'Анна', 'Two\nlines']);

		await page.reload();
		await open_settings(page);
		await page.getByRole('radio', { name: 'Busy', checked: true }).waitFor();
		await page.getByRole('button', { name: 'Remove', exact: true }).click();
		await page.locator('.profile-face img').waitFor({ state: 'detached' });
		await becomes(async () => (await me(page)).avatar_url, null);

		// a file that is not a picture is refused
		await page.locator('input[type=file]').setInputFiles({
			name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('no picture'),
		});
		await page.getByText('open this file as a picture').waitFor();
	});

test('the address and the password change with the password, and nobody else stays in',
	async () => {
		const { page, login } = await in_settings();
		const elsewhere = await a_page({ url });
		const email = page.locator('form', { hasText: 'New email' });
		const password = page.locator('form', { hasText: 'Current password' });

		await sign_in(elsewhere, login);
		await section(page, 'Account');
		await email.getByLabel('New email').fill('no address');
		await email.getByLabel('Password', { exact: true }).fill('not my password');
		await email.getByText('isn’t an email address').waitFor();
		await email.getByLabel('New email').fill(`${login}@example.net`);
		await email.locator('button[type=submit]').click();
		await email.getByText('Wrong password.').waitFor();
		await email.getByLabel('Password', { exact: true }).fill(PASSWORD);
		await email.locator('button[type=submit]').click();
		await page.locator('.email-now', { hasText: `${login}@example.net` }).waitFor();

		await password.getByLabel('Current password').fill(PASSWORD);
		await password.getByLabel('New password').fill(login);
		await password.locator('button[type=submit]').click();
		await password.getByText('something other than your username').waitFor();
		await password.getByLabel('New password').fill(OTHER);
		await password.locator('button[type=submit]').click();
		await page.getByText('Your password has been changed').waitFor();
		await elsewhere.getByText('Your session has ended').waitFor();
		await sign_in(elsewhere, `${login}@example.net`, OTHER);
	});

test('an account is removed with its password alone', async () => {
	const { page, login } = await in_settings();
	const dialog = page.getByRole('dialog', { name: 'Delete your account?' });

	await section(page, 'Account');
	await page.getByRole('button', { name: 'Delete my account' }).click();
	await focus_says(page, 'Cancel');
	await dialog.getByRole('checkbox').check();
	await dialog.getByLabel('Password', { exact: true }).fill('not my password');
	await dialog.getByRole('button', { name: 'Delete my account for good' }).click();
	await dialog.getByText('Wrong password.').waitFor();
	await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await dialog.getByRole('button', { name: 'Delete my account for good' }).click();
	await page.getByText('Your account has been deleted.').waitFor();
	await page.getByLabel('Username or email').fill(login);
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.keyboard.press('Enter');
	await page.getByText('Wrong username or password.').waitFor();
});

test('devices are told apart, and signed out one by one, all others, or everywhere',
	async () => {
		const { page, login } = await in_settings();
		const userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) '
			+ 'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';
		const phone = await a_page({ url, context: { userAgent } });
		const other = await a_page({ url });
		const tab = await open_page(page.context(), url);
		const list = page.getByRole('list', { name: 'Devices' });
		const sure = (name) => page.getByRole('dialog').last()
			.getByRole('button', { name }).click();

		await sign_in(phone, login);
		await section(page, 'Devices');
		await list.getByText('Safari on iPhone').waitFor();
		await says(list.locator('li').first(), /Chromium on LinuxThis device/);
		await page.getByRole('button', { name: 'Sign out Safari on iPhone' }).click();
		await sure('Sign out');
		await phone.getByText('Your session has ended').waitFor();
		await list.getByText('Safari on iPhone').waitFor({ state: 'detached' });

		await sign_in(other, login);
		await page.getByRole('button', { name: 'Sign out all other devices' }).click();
		await sure('Sign out the others');
		await other.getByText('Your session has ended').waitFor();
		await are(list.locator('li'), 1);

		await sign_in(phone, login);
		await page.getByRole('button', { name: 'Sign out everywhere' }).click();
		await sure('Sign out everywhere');
		for (const one of [page, tab])
			await one.getByText('You’ve signed out.').waitFor();
		await phone.getByText('Your session has ended').waitFor();
	});

test('a token is made for a script, shown once, does what it may, and is revoked',
	async () => {
		const { page } = await in_settings();

		await section(page, 'API tokens');
		await page.getByText('No API tokens yet.').waitFor();
		await page.getByRole('button', { name: 'New token' }).click();
		const dialog = page.getByRole('dialog', { name: 'New token' });
		await dialog.getByLabel('Name').fill('backup');
		await dialog.getByRole('checkbox', { name: 'Post' }).uncheck();
		await dialog.getByRole('button', { name: 'Create token' }).click();
		await dialog.getByText('Choose at least one').waitFor();
		await dialog.getByRole('checkbox', { name: 'Read' }).check();
		await dialog.getByRole('button', { name: 'Create token' }).click();
		const secret = await dialog.getByLabel('Secret').inputValue();
		assert.equal((await rest(secret, '/rooms')).status, 200);
		assert.equal((await rest(secret, '/auth/sessions')).status, 403);
		await dialog.getByRole('button', { name: 'Close' }).click();
		await focus_says(page, 'New token');
		await until(async () => !(await page.content()).includes(secret),
			'page without the secret');

		await page.getByRole('button', { name: 'Revoke backup' }).click();
		await page.getByRole('dialog').last().getByRole('button', { name: 'Revoke' }).click();
		await page.getByText('No API tokens yet.').waitFor();
		assert.equal((await rest(secret, '/rooms')).status, 401);
	});

test('what others see is a choice, which goes back where it cannot be saved', async () => {
	const { page } = await in_settings();

	await section(page, 'Privacy');
	await page.getByLabel('Who can message me directly').selectOption('contacts');
	await page.getByRole('switch', { name: /^Send read receipts/ }).uncheck();
	await until(async () => {
		const { settings } = await me(page);
		return settings.who_can_write === 'contacts' && !settings.send_receipts;
	}, 'settings on the server');
	await page.context().setOffline(true);
	await page.getByLabel('Who can add me to rooms').selectOption('nobody');
	await page.getByText('Can’t reach the server').waitFor();
	await has_value(page.getByLabel('Who can add me to rooms'), 'everyone');
	await section(page, 'Devices');
	await page.getByText('Can’t reach the server').last().waitFor();
	await page.context().setOffline(false);
	await page.getByRole('button', { name: 'Try again' }).click();
	await page.getByText('Chromium on Linux').waitFor();
});

test('on a phone, in Russian: a list opens a section; dark is dark, here and in other tabs',
	async () => {
		const context = { viewport: { width: 390, height: 844 }, hasTouch: true,
			isMobile: true, locale: 'ru-RU', colorScheme: 'light' };
		const { page } = await in_settings({ context });
		const tab = await open_page(page.context(), url);
		const ground = (one) => one.evaluate(() => [
			getComputedStyle(document.body).backgroundColor,
			document.querySelector('meta[name=theme-color]').content,
		].join());
		const light = await ground(page);

		await page.locator('.settings-pane').waitFor({ state: 'hidden' });
		await section(page, 'Внешний вид');
		await page.locator('.settings-nav').waitFor({ state: 'hidden' });
		await focus_says(page, 'Внешний вид');
		await page.getByRole('radio', { name: 'Тёмная' }).check();
		await until(async () => await ground(page) !== light, 'another ground');
		const dark = await at_rest(page, () => ground(page));
		assert.notEqual(dark, light);
		await becomes(() => ground(tab), dark, 'dark in the other tab');
		await page.getByRole('radio', { name: 'Крупнее' }).check();
		await becomes(() => page.evaluate(() =>
			getComputedStyle(document.documentElement).fontSize), '20px');
		await until(() => page.evaluate(() => document.querySelector('dialog').scrollWidth
			<= innerWidth), 'room for it');

		await page.keyboard.press('Escape');
		await page.locator('.settings-nav').waitFor();
		await page.keyboard.press('Escape');
		await page.waitForSelector('dialog', { state: 'detached' });
		await has_focus(page.locator('.account-button'));
		await page.reload();
		await page.waitForSelector('.shell');
		await becomes(() => ground(page), dark);
	});

test('settings are gone through by keyboard alone', async () => {
	const { login } = await an_account(url);
	const page = await a_page({ url });
	const { keyboard } = page;
	await sign_in(page, login);
	await page.locator('.account-button').focus();
	await keyboard.press('Enter');
	await page.waitForSelector('dialog.settings[open]');
	await focus_says(page, 'Profile');
	for (const name of ['Account', 'Notifications', 'Appearance']) {
		await keyboard.press('ArrowDown');
		await focus_says(page, name);
	}
	await keyboard.press('Enter');
	await page.getByRole('radio', { name: 'System' }).focus();
	await keyboard.press('ArrowRight');
	await becomes(() => page.evaluate(() => document.documentElement.dataset.theme), 'light');
	await page.getByRole('radio', { name: 'English' }).focus();
	await keyboard.press('ArrowDown');
	await page.getByRole('heading', { name: 'Внешний вид' }).waitFor();
	await until(() => page.evaluate(() => document.activeElement.value === 'ru'),
		'focus where it was');
	await keyboard.press('Escape');
	await page.waitForSelector('dialog', { state: 'detached' });
	await has_focus(page.locator('.account-button'));
});

test('what is chosen is told from the rest where the colours are the system’s', async () => {
	const boris = await a_voice(url, { name: 'boris' });
	const { page, user } = await a_person({ url,
		context: { colorScheme: 'light', forcedColors: 'active' } });
	const edge_of = (node) => {
		const { borderTopWidth, borderTopColor } = getComputedStyle(node);
		return `${borderTopWidth} ${borderTopColor}`;
	};
	const differ = async (chosen, other) => {
		const edges = await Promise.all([chosen, other].map((one) =>
			page.locator(one).first().evaluate(edge_of)));
		assert.notEqual(...edges, `${chosen}, ${other}`);
	};
	const member_ids = [user.id];
	const room = await boris.create_room({ name: 'one', kind: 'group', member_ids });
	await boris.create_room({ name: 'two', kind: 'group', member_ids });
	const { id } = await boris.api.post_message(room.id, { text: 'Tea?', client_id: 'tea' });
	await boris.api.react(id, '🍵', true);

	await page.goto(`${url}#/rooms/${room.id}/details`);
	await page.locator('.segments').waitFor();
	await are(page.locator('.room-row'), 2);
	await differ('.room-row[aria-current]', '.room-row:not([aria-current])');
	await differ('.segment input:checked + span', '.segment input:not(:checked) + span');
	const reaction = await page.locator('.reaction').evaluate(edge_of);
	await page.locator('.reaction').click();
	await page.locator('.reaction[aria-pressed=true]').waitFor();
	assert.notEqual(await page.locator('.reaction').evaluate(edge_of), reaction);

	await open_settings(page);
	await section(page, 'Notifications');
	await differ('.choice:has(input:checked)', '.choice:has(input:not(:checked))');
	await differ('.settings-item[aria-current]', '.settings-item:not([aria-current])');
	// only its edge shows where a dialog ends
	assert.match(await page.locator('dialog').evaluate(edge_of), /^1px /);
});
