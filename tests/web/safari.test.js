// Where Safari differs, on any system or on a Mac, played in Chromium: what it does at a click
// or a key, and which properties it knows only under its own names.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { before, test } from 'node:test';

import { a_person, a_voice, are, has_focus, is_online, sees, server_url, watch_pages,
	write } from './browser.js';

const STYLES = new URL('../../web/style/', import.meta.url);

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

// anna at a page in a room of her own, where she wrote something.
async function at_a_page(prepare) {
	const anna = await a_voice(url, { name: 'anna' });
	const room = await anna.create_room({ name: 'a room', kind: 'group' });
	const { page } = await a_person({ url, name: 'boris', prepare });

	await page.goto(`${url}#/rooms/${room.id}`);
	await page.getByRole('button', { name: 'Join this room' }).click();
	await is_online(page);
	await write(page, 'words');
	await sees(page, ['words']);
	return page;
}

// The keystroke that accepts the suggestion of an input method, after its composition.
const accept = (locator) => locator.evaluate((node) => node.dispatchEvent(new KeyboardEvent(
	'keydown', { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true })));

test('the Enter that accepts a suggestion of an input method sends nothing', async () => {
	const page = await at_a_page();
	const input = page.locator('.composer-input');

	await input.fill('日本');
	await accept(input);
	await input.press('End');
	await input.pressSequentially('語');
	await input.press('Enter');
	await sees(page, ['words', '日本語']);

	await page.getByRole('button', { name: 'Emoji' }).click();
	const search = page.getByRole('searchbox', { name: /emoji/i });
	await search.fill('heart');
	await accept(search);
	await search.press('ArrowDown');
	await has_focus(page.locator('.emoji-grid button').first());
});

test('a menu returns the focus to its button, though a click did not focus it', async () => {
	const page = await at_a_page((profile) => profile.addInitScript(() =>
		addEventListener('mousedown', (event) => {
			if (!event.target.closest('button'))
				return;
			event.preventDefault();
			document.activeElement.blur();
		}, true)));
	const opener = page.getByRole('button', { name: 'Emoji' });

	await opener.click();
	await page.locator('.emoji-picker').waitFor();
	await page.keyboard.press('Escape');
	await are(page.locator('.emoji-picker'), 0);
	await has_focus(opener);
});

test('a right click opens the menu of a message, though it has selected a word', async () => {
	const page = await at_a_page((profile) => profile.addInitScript(() =>
		addEventListener('mousedown', ({ button, target }) => {
			if (button === 2 && target.closest('.text'))
				getSelection().selectAllChildren(target);
		}, true)));
	const text = page.locator('.row .text');

	await text.click({ button: 'right' });
	await page.getByRole('menu').waitFor();
	assert.equal(await page.evaluate(() => String(getSelection())), '');
	await page.keyboard.press('Escape');
	await are(page.getByRole('menu'), 0);

	// who has selected something wants the menu of the browser
	await text.dblclick();
	await text.click({ button: 'right' });
	assert.equal(await page.getByRole('menu').count(), 0);
});

test('what it knows only under its own name is said under that name too', () => {
	const found = fs.readdirSync(STYLES).flatMap((name) =>
		[...fs.readFileSync(new URL(name, STYLES), 'utf8')
			.matchAll(/(.*)\n\s*(user-select|box-decoration-break):(.*)/g)]
			.map(([, former, property, value]) => ({ name, former, property, value })));

	assert.ok(found.length > 0);
	for (const { name, former, property, value } of found)
		assert.equal(former.trim(), `-webkit-${property}:${value}`, name);
});
