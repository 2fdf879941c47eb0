// Links in mails and invitations, opened in a real browser.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { a_login, Client } from '../lib/rest.js';
import { Mailbox } from '../lib/mailbox.js';
import { LOOSE, private_server } from '../lib/server.js';
import { PASSWORD, a_page, becomes, has_focus, has_value, says, sign_in, until, watch_pages }
	from './browser.js';

const OTHER = 'another long secret, 17';
const box = new Mailbox();
let server, url;

watch_pages();
after(() => box.remove());

before(async () => {
	server = await private_server({
		name: 'links',
		env: { ...LOOSE, ...box.env, FOYER_CONFIRM_EMAIL: 'on' },
	});
	url = `${server.url}/`;
});

const page_at = (where) => a_page({ url: where });
const is_at = (page, hash) => becomes(() => new URL(page.url()).hash, hash);

async function register(page, login) {
	await page.getByRole('button', { name: 'Create account' }).click();
	await page.getByLabel('Username', { exact: true }).fill(login);
	await page.getByLabel('Email').fill(`${login}@example.org`);
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.getByRole('button', { name: 'Create account' }).click();
	await page.getByText('open the link in the email').waitFor();
	return box.next(`${login}@example.org`);
}

test('one registers, opens the link in the mail, and signs in', async () => {
	const login = a_login('anna');
	const page = await page_at(url);
	const { link } = await register(page, login);

	await page.goto(link);
	await page.getByText('your address is confirmed').waitFor();
	await is_at(page, '#/');
	await page.getByRole('button', { name: 'Close' }).click();
	await sign_in(page, login);
	// the second time it says so
	await page.goto(link);
	await page.getByText('This link was already used').waitFor();
});

test('what one types before the server has told what it allows is kept', async () => {
	let tell;
	const told = new Promise((resolve) => (tell = resolve));
	const page = await a_page({ url, prepare: (profile) =>
		profile.route('**/api/v1/status', async (route) => {
			await told;
			await route.continue();
		}) });

	await page.getByLabel('Username or email').fill('anna');
	await page.getByLabel('Password', { exact: true }).pressSequentially('a secr');
	tell();
	await page.getByRole('button', { name: 'Forgot your password?' }).waitFor();
	await has_focus(page.getByLabel('Password', { exact: true }));
	await has_value(page.getByLabel('Username or email'), 'anna');
	await has_value(page.getByLabel('Password', { exact: true }), 'a secr');
});

test('another address counts once the link in the mail to it is opened', async () => {
	const login = a_login('anna');
	const page = await page_at(url);
	const next = `${login}@example.net`;

	await page.goto((await register(page, login)).link);
	await page.getByText('your address is confirmed').waitFor();
	await page.getByRole('button', { name: 'Close' }).click();
	await sign_in(page, login);
	await page.locator('.account-button').click();
	await page.getByRole('button', { name: 'Account', exact: true }).click();
	const form = page.locator('form', { hasText: 'New email' });
	await form.getByLabel('New email').fill(next);
	await form.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await form.locator('button[type=submit]').click();
	await form.getByText(`the link we sent to ${next}`).waitFor();
	await says(page.locator('.email-now'), new RegExp(`^${login}@example.org$`));

	// opened while signed in: the page stays, and shows it
	const { link, secret } = await box.next(next);
	await page.goto(link);
	await page.getByText('your address is confirmed').waitFor();
	await until(() => !page.url().includes(secret), 'address without the secret');
	await page.getByRole('button', { name: 'Close' }).last().click();
	if (await page.locator('dialog.settings').count() === 0) {
		await page.locator('.account-button').click();
		await page.getByRole('button', { name: 'Account', exact: true }).click();
	}
	await page.locator('.email-line', { hasText: next }).getByText('Confirmed').waitFor();
	// a used link, and one that never existed
	for (const where of [link, `${url}#confirm=${'x'.repeat(43)}`]) {
		const other = await page_at(url);
		await other.goto(where);
		await other.getByText('This link was already used or has expired').waitFor();
	}
});

test('a forgotten password is replaced through the mail', async () => {
	const login = a_login('boris');
	const first = await page_at(url);
	await first.goto((await register(first, login)).link);
	await first.getByText('your address is confirmed').waitFor();

	const page = await page_at(url);
	await page.getByLabel('Username or email').fill(`${login}@example.org`);
	await page.getByRole('button', { name: 'Forgot your password?' }).click();
	const dialog = page.getByRole('dialog');
	await has_value(dialog.getByLabel('Email'), `${login}@example.org`);
	await dialog.getByRole('button', { name: 'Send me a link' }).click();
	await dialog.getByText('an email with a link is on its way').waitFor();
	await has_focus(dialog.locator('.dialog-actions button'));

	const { link, secret } = await box.next(`${login}@example.org`);
	const other = await page_at(link);
	await until(() => !other.url().includes(secret), 'address without the secret');
	await other.getByLabel('New password', { exact: true }).fill('password123');
	await other.getByRole('button', { name: 'Set password' }).click();
	await other.locator('.dialog .field-error:visible').waitFor();
	await other.getByLabel('New password', { exact: true }).fill(OTHER);
	await other.getByRole('button', { name: 'Set password' }).click();
	await other.getByText('Your new password is set').waitFor();
	await other.locator('.dialog-actions button').click();
	await sign_in(other, login, OTHER);
});

test('an invitation leads to the form, and is filled in', async () => {
	const page = await page_at(`${url}#register=good-for_one`);

	await has_value(page.getByLabel('Invitation'), 'good-for_one');
	await is_at(page, '#/');
	await page.getByRole('button', { name: 'Русский' }).click();
	await has_value(page.getByLabel('Приглашение'), 'good-for_one');
});

test('an invitation to a room outlasts the mail that one has to open first', async () => {
	const [host, guest] = [a_login('host'), a_login('guest')];
	const first = await page_at(url);
	await first.goto((await register(first, host)).link);
	await first.getByText('your address is confirmed').waitFor();

	const boris = new Client(server);
	const pair = await boris.want(200, 'POST', '/auth/login', {
		body: { login: host, password: PASSWORD },
	});
	boris.token = pair.access_token;
	const room = await boris.room({ join_by_id: false });
	const { code } = await boris.want(201, 'POST', `/rooms/${room.id}/invites`, { body: {} });

	const page = await page_at(`${url}#join=${code}`);
	await page.goto((await register(page, guest)).link);
	await page.getByText('your address is confirmed').waitFor();
	await page.getByRole('button', { name: 'Close' }).click();
	await sign_in(page, guest);
	await page.waitForSelector('.composer');
	await is_at(page, `#/rooms/${room.id}`);
});
