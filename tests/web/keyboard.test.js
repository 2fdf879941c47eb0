// Everything that can be done, done once with a keyboard only, in a real browser: found by Tab,
// with the focus visible all the way. Actions on messages by arrows, and completing a name, are
// in composer.test.js.

import assert from 'node:assert/strict';
import { afterEach, before, test } from 'node:test';

import { PASSWORD, a_page, a_person, a_voice, an_account, are, becomes, has_value, is_online, passing,
	server_url, until, watch_pages } from './browser.js';
import { Hands } from './hands.js';
import { png } from '../lib/pictures.js';
import { a_login } from '../lib/rest.js';

// Without motion, since an animation would not have reached its end when it is looked at.
const CONTEXT = { reducedMotion: 'reduce', viewport: { width: 1280, height: 800 },
	permissions: ['geolocation', 'clipboard-read', 'clipboard-write'],
	geolocation: { latitude: 60.17, longitude: 24.94, accuracy: 20 } };

let url;
let all_hands = [];

watch_pages();

before(async () => {
	url = await server_url();
});

afterEach(() => {
	const faults = all_hands.flatMap((hands) => hands.faults);
	all_hands = [];
	assert.deepEqual(faults, [], 'the focus was lost from sight');
});

function at(page) {
	const hands = new Hands(page);
	all_hands.push(hands);
	return hands;
}

async function person(options = {}) {
	const one = await a_person({ url, name: 'anna', context: CONTEXT, ...options });
	await is_online(one.page);
	return { ...one, hands: at(one.page) };
}

// anna at a page in a group that she owns; boris, a member, has no page.
async function in_a_room() {
	const boris = await a_voice(url, { name: 'boris', first_name: 'Boris' });
	const anna = await person();
	const reply = await fetch(`${url}api/v1/rooms`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json',
			Authorization: `Bearer ${anna.access_token}` },
		body: JSON.stringify({ name: 'a group', kind: 'group',
			member_ids: [boris.store.user.id] }),
	});
	const room = await reply.json();

	await anna.page.locator('.room-row').waitFor();
	await anna.page.goto(`${url}#/rooms/${room.id}`);
	await anna.page.waitForSelector('.timeline-top:not([data-key=loading])');
	await until(() => boris.store.rooms.has(room.id), 'the room of boris');
	boris.open_room(room.id);
	await until(() => boris.store.timelines.has(room.id), 'its timeline');
	return { ...anna, boris, room, heard: () => boris.store.timelines.get(room.id).messages };
}

// Waits until the server has answered the search: the previous results are gone then.
async function search(page, hands, field, text) {
	const answered = page.waitForResponse((reply) =>
		decodeURIComponent(reply.url()).includes(text));

	await hands.fill(field, text);
	await (await answered).finished();
}

const gone = (page) => are(page.locator('dialog'), 0);
const dialogs = (page, count) => are(page.locator('dialog[open]'), count);

test('an account is made, left and come back to; theme and language are switched', async () => {
	const page = await a_page({ url, context: CONTEXT });
	const hands = at(page);
	const login = a_login('anna');

	await hands.is_at('Username or email');
	await hands.use('Create account');
	await hands.fill('Username', login);
	await hands.fill('Email', `${login}@example.org`);
	await hands.fill('Password', PASSWORD);
	await hands.use('Show password', { key: 'Space' });
	await becomes(() => page.locator('[name=password]').getAttribute('type'), 'text');
	await hands.is_at('Hide password');
	await hands.use('Create account');
	await page.waitForSelector('.shell');

	await hands.use(/^Account and settings of/);
	await hands.is_at('Profile');
	await hands.press('ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter');
	await hands.to('System');
	await hands.press('ArrowDown', 'ArrowDown');
	await becomes(() => page.evaluate(() => document.documentElement.dataset.theme), 'dark');
	await hands.to('English');
	await hands.press('ArrowDown');
	await page.getByRole('heading', { name: 'Внешний вид' }).waitFor();
	await hands.is_at('Русский');
	await hands.press('ArrowUp');
	await page.getByRole('heading', { name: 'Appearance' }).waitFor();
	await hands.is_at('English');
	await hands.use('Sign out');
	await hands.is_at('Username or email');

	await hands.type(login);
	await hands.fill('Password', PASSWORD);
	await hands.press('Enter');
	await page.waitForSelector('.shell');
	await page.getByText('No rooms yet').waitFor();
});

test('rooms are made, found, gone through, joined and left', async () => {
	const boris = await a_voice(url, { name: 'boris' });
	const { page, hands } = await person();
	await boris.create_room({ name: `Square of ${boris.login}`, kind: 'public' });
	const other = await boris.create_room({ name: 'by its link', kind: 'group' });
	const rows = page.locator('.room-row');

	await hands.use('New room');
	await hands.is_at('Name');
	await hands.type('a quiet corner');
	await hands.to(/^Group/);
	await hands.press('ArrowDown', 'ArrowUp');
	await search(page, hands, 'Search people to add', boris.login);
	await are(page.locator('.pick'), 1);
	await hands.use(new RegExp(boris.login), { key: 'Space' });
	await page.locator('.pick[aria-pressed=true]').waitFor();
	await hands.use('Create room');
	await gone(page);
	await hands.is_at(/^Message to/);
	await until(() => [...boris.store.rooms.values()].some(({ name }) =>
		name === 'a quiet corner'), 'boris in the room');

	// by its link, and from the list of public rooms
	await hands.use('Join a room', { back: true });
	await hands.is_at('Room ID or link');
	await hands.type(`${url}#/rooms/${other.id}`);
	await hands.press('Enter');
	await gone(page);
	await hands.is_at(/^Message to/);
	await hands.use('Join a room', { back: true });
	await hands.is_at('Room ID or link');
	await search(page, hands, 'Search public rooms', boris.login);
	await page.getByRole('button', { name: 'Join: Square of' }).waitFor();
	await hands.use(`Join: Square of ${boris.login}`);
	await gone(page);
	await hands.is_at(/^Message to/);

	// from the composer to the messages, to the list, through it, and back
	await hands.press('F6');
	await hands.is_at(/^Square of/);
	await hands.press('ArrowUp');
	await hands.is_at(/by its link/);
	await hands.press('Enter');
	await hands.is_at('Message to by its link');
	await hands.press('Shift+F6');
	await hands.is_at('Messages in by its link');
	await hands.press('Shift+F6');
	await hands.is_at(/by its link/);
	await hands.use('Skip to the conversation', { back: true });
	await hands.is_at('Message to by its link');
	await hands.press('Control+k');
	await hands.is_at('Search');
	await hands.type('corner');
	await hands.press('ArrowDown');
	await hands.is_at(/a quiet corner/);
	await hands.press('Enter');
	await hands.is_at('Message to a quiet corner');

	// mine: fewer notifications, a new name, and removal; another's: leaving
	await hands.use('Room details', { back: true });
	await hands.is_at('Close details');
	await hands.to('Everything');
	await hands.press('ArrowRight');
	await page.locator('.room-row.quiet').waitFor();
	await hands.is_at('Mentions');
	await hands.use('Settings', { back: true });
	await dialogs(page, 1);
	await hands.fill('Name', 'a loud corner');
	await hands.use('Save');
	await gone(page);
	await hands.is_at('Settings');
	await page.locator('.room-title', { hasText: 'a loud corner' }).waitFor();
	await hands.use('Delete room');
	await hands.is_at('Cancel');
	await hands.use('Delete room');
	await are(rows, 2);
	await hands.is_at('Search');
	await hands.press('ArrowDown', 'Enter');
	await hands.is_at(/^Message to/);
	await hands.use('Room details', { back: true });
	await hands.is_at('Close details');
	await hands.use('Leave room');
	await hands.is_at('Cancel');
	await hands.use('Leave room');
	await are(rows, 1);
	await hands.is_at('Search');
});

test('one writes, answers, changes, reacts, deletes and finds messages', async () => {
	const { page, hands, boris, room, heard } = await in_a_room();
	const said = (count) => until(() => heard().length === count, `${count} messages`);
	// the last message's menu, from the composer
	const menu = async (name) => {
		await hands.press('Shift+F6');
		await hands.is_at('Messages in a group');
		await hands.press('ArrowUp', 'Shift+F10');
		await hands.is_at('Reply');
		for (let i = 0; (await hands.look())?.name !== name; i++) {
			assert.ok(i < 20, `no ${name} in the menu`);
			await hands.press(name === 'Another reaction' ? 'ArrowRight' : 'ArrowDown');
			if (name === 'Another reaction' && i === 0)
				await hands.press('Home');
		}
		await hands.press('Enter');
	};

	boris.say(room.id, 'Shall we plant roses?');
	await page.locator('.row').waitFor();
	await hands.is_at('Message to a group');
	await menu('Reply');
	await hands.is_at('Message to a group');
	await hands.type('Yes');
	await hands.press('Shift+Enter');
	await hands.type('red ones');
	await hands.use('Send');
	await said(2);
	assert.deepEqual([heard()[1].text, heard()[1].reply_to], ['Yes\nred ones', heard()[0].id]);
	await page.locator('.row:is(.is-sent, .is-delivered, .is-read)', { hasText: 'red ones' })
		.waitFor();
	await hands.is_at('Message to a group');

	await menu('Edit');
	await hands.is_at('Message to a group');
	await hands.press('Control+a');
	await hands.type('No');
	await hands.press('Enter');
	await until(() => heard()[1].text === 'No', 'the change');
	await page.locator('.row', { hasText: 'No' }).getByText(/^edited/).waitFor();
	await menu('Copy text');
	await becomes(() => page.evaluate(() => navigator.clipboard.readText()), 'No');
	await hands.is_at(/No/);
	await hands.press('Escape');

	// any emoji, by its name; removed and put there again at the message itself
	await menu('Another reaction');
	await hands.is_at('Search emoji');
	await hands.type('rose');
	await hands.press('ArrowDown');
	await hands.is_at('🌹 rose');
	await hands.press('Enter');
	await until(() => heard()[1].reactions?.[0]?.emoji === '🌹', 'a rose');
	await boris.acts.react(heard()[1], '🌹', true);
	await page.locator('.reaction', { hasText: '🌹 2' }).waitFor();
	await hands.use('🌹, 2 people');
	await until(() => heard()[1].reactions[0].count === 1, 'mine taken back');
	await hands.is_at('🌹, 1 person');
	await boris.acts.react(heard()[1], '🌹', false);
	await page.locator('.reaction').waitFor({ state: 'detached' });
	await hands.is_at(/No/);
	await hands.press('Escape');

	await menu('Delete');
	await hands.is_at('Cancel');
	await hands.use('Delete');
	await until(() => heard()[1].deleted_at, 'the deletion');
	await hands.is_at(/Message deleted/);
	await hands.press('Escape');

	// found by a word, jumped to, and back to the composer
	await hands.press('Control+Shift+f');
	await hands.is_at('Search for');
	await search(page, hands, 'Search for', 'roses');
	await page.locator('.hit').waitFor();
	await hands.use(/^Boris.*Shall we plant roses/);
	await hands.is_at(/Shall we plant roses/);
	await hands.press('Escape');
	await hands.is_at('Message to a group');
	// an emoji into the composer
	await hands.use('Emoji');
	await hands.is_at('Search emoji');
	await hands.type('rocket');
	await hands.press('Enter');
	await hands.is_at('Message to a group');
	await has_value(page.locator('.composer-input'), '🚀');
});

test('files are chosen, described, taken back, sent and looked at; so is a place', async () => {
	const { page, hands, heard } = await in_a_room();
	const choose = async (what, name) => {
		// before the action: only now does the browser report the chooser
		const chooser = page.waitForEvent('filechooser');
		await hands.use('Attach', { back: true });
		await hands.is_at(what);
		await hands.press('Enter');
		await (await chooser).setFiles({ name, mimeType: 'image/png', buffer: png(60, 40) });
		await page.locator('.tray-name', { hasText: name }).waitFor();
		await hands.is_at('Message to a group');
	};

	await hands.is_at('Message to a group');
	await choose('Photo or video', 'one.png');
	await choose('Photo or video', 'two.png');
	await hands.use('Remove two.png', { back: true });
	await hands.is_at('Remove one.png');
	await hands.use('ALT: describe one.png', { back: true });
	await hands.is_at(/^Describe one.png/);
	await hands.type('a grey field');
	await hands.press('Enter');
	await hands.is_at('ALT: change the description of one.png');
	await hands.to('Message to a group');
	await hands.press('Enter');
	await until(() => heard()[0]?.data?.alt === 'a grey field', 'the picture');
	await page.locator('.photo-open img').waitFor();
	await hands.use('a grey field', { back: true });
	await hands.is_at(/^Picture. Arrow/);
	await hands.press('+');
	await hands.use('Zoom out');
	await hands.press('Escape');
	await hands.is_at('a grey field');

	await hands.use('Attach');
	await hands.is_at('Photo or video');
	await hands.press('ArrowDown', 'ArrowDown', 'Enter');
	await hands.is_at('Find me');
	await hands.press('Enter');
	await page.getByText('accurate to 20 metres').waitFor();
	await hands.fill('Name of the place', 'the market');
	await hands.use(/^Approximate/, { key: 'Space' });
	await hands.use('Send');
	await until(() => heard()[1]?.data?.label === 'the market', 'the place');
	assert.equal(heard()[1].data.lat, 60.17);
	await hands.is_at('Attach');
});

test('members are named, muted and put out; others are brought in', async () => {
	const { page, hands, boris, room } = await in_a_room();
	const chen = await a_voice(url, { name: 'chen' });

	await hands.use('Room details', { back: true });
	await hands.is_at('Close details');
	await page.locator('.members-list .pick').nth(1).waitFor();
	await hands.use(/^Boris/);
	await page.getByRole('dialog').getByRole('button', { name: 'Make admin' }).waitFor();
	await hands.use('Make admin');
	await hands.is_at('Remove as admin');
	await hands.press('Enter');
	await hands.is_at('Make admin');
	await hands.use('Mute…');
	await hands.is_at('For an hour');
	await hands.press('ArrowDown', 'Enter');
	await page.getByText('Member · muted').waitFor();
	await hands.is_at('Mute…');
	await hands.press('Enter');
	await hands.is_at('Unmute');
	await hands.press('Enter');
	await until(async () => await page.getByText('Member · muted').count() === 0, 'no mute');
	await hands.use('Remove');
	await hands.is_at('Cancel');
	await hands.use('Remove');
	await until(() => !boris.store.rooms.has(room.id), 'boris is out');
	await dialogs(page, 1);
	await hands.press('Escape');
	await gone(page);
	await hands.is_at(/^anna.*you/);

	await hands.use('Invite people', { back: true });
	await hands.is_at('Copy');
	await hands.press('Enter');
	await hands.is_at('Copied');
	await search(page, hands, 'Search people to add', chen.login);
	await are(page.locator('dialog .pick'), 1);
	await hands.use(new RegExp(chen.login), { key: 'Space' });
	await page.locator('.pick[aria-pressed=true]').waitFor();
	await hands.use('Add to room');
	await until(() => chen.store.rooms.has(room.id), 'chen is in');
	await gone(page);
	await hands.is_at('Invite people');
	await hands.press('Enter');
	await hands.is_at('Copy');
	await hands.use('New invitation');
	await page.locator('.invite-row').waitFor();
	await hands.is_at('New invitation');
	await hands.press('Enter');
	await are(page.locator('.invite-row'), 2);
	await hands.use('Revoke');
	await are(page.locator('.invite-row'), 1);
	await hands.is_at('Revoke');
	await hands.press('Enter');
	await are(page.locator('.invite-row'), 0);
	await hands.is_at('New invitation');
	await hands.press('Escape');
	await gone(page);
	await hands.use('Close details', { back: true });
	await hands.is_at('Room details');
});

test('people who are found late do not push out of sight what one has come to', async () => {
	const { page, hands } = await in_a_room();
	let answer;
	const may_answer = new Promise((resolve) => {
		answer = resolve;
	});

	for (let i = 0; i < 5; i++)
		await an_account(url, { name: 'chen' });
	await page.route(/\/api\/v1\/users\?/, async (route) => {
		await may_answer;
		await route.continue();
	});
	await hands.use('Invite people', { back: true });
	await hands.is_at('Copy');
	await hands.to('Expires after');
	answer();
	await page.locator('dialog .pick').nth(4).waitFor();
	await hands.is_at('Expires after');
});

test('who is put out of a room comes back by a key, and goes on writing', async () => {
	const boris = await a_voice(url, { name: 'boris' });
	const { page, user, hands } = await person();
	const room = await boris.create_room({ name: 'a group', kind: 'group',
		member_ids: [user.id] });

	await page.goto(`${url}#/rooms/${room.id}`);
	await page.reload();
	await hands.is_at('Message to a group');
	await is_online(page);
	await hands.type('Half a ');
	await boris.manage.remove_member(room.id, user.id);
	await hands.is_at('Join this room');
	await hands.press('Enter');
	await hands.is_at('Message to a group');
	await has_value(page.locator('.composer-input'), 'Half a ');

	await hands.use('Room details', { back: true });
	await hands.is_at('Close details');
	await boris.remove_room(room.id);
	await hands.is_at('Back to my rooms');
	await are(page.locator('.details'), 0);
});

test('a button that goes once it was pressed leaves the focus in the page', async () => {
	const { page, hands, boris, room } = await in_a_room();

	for (let i = 0; i < 40; i++)
		boris.say(room.id, `line ${i}`);
	await page.locator('.row', { hasText: 'line 39' }).waitFor();
	await page.locator('.scroller').evaluate((node) => node.scrollTo(0, 0));
	await hands.use(/newest message/, { back: true });
	await page.locator('.to-bottom').waitFor({ state: 'hidden' });
	await hands.is_at('Messages in a group');

	await search(page, hands, 'Search', 'group');
	await hands.use('Clear search');
	await hands.is_at('Search');

	await page.context().setOffline(true);
	await hands.to('Try now');
	await page.context().setOffline(false);
	await hands.press('Enter');
	await page.locator('.line-bar').waitFor({ state: 'hidden' });
	await hands.is_at('a group');
});

test('people are found, kept, named, blocked and let be', async () => {
	const boris = await a_voice(url, { name: 'boris' });
	const { page, hands } = await person();

	await hands.use('People');
	await hands.is_at('Search people by name or username');
	await search(page, hands, 'Search people by name or username', boris.login);
	await page.locator('dialog .pick').waitFor();
	await hands.use(new RegExp(boris.login));
	await dialogs(page, 2);
	await hands.use('Add to contacts');
	await page.getByRole('button', { name: 'Nickname' }).waitFor();
	await hands.use('Nickname');
	await dialogs(page, 3);
	await hands.is_at('Nickname');
	await hands.type('Bo');
	await hands.press('Enter');
	await page.locator('.profile-name', { hasText: 'Bo' }).waitFor();
	await hands.is_at('Nickname');
	await hands.use('Block');
	await hands.is_at('Cancel');
	await hands.use('Block');
	await page.getByText('You’ve blocked this person.').waitFor();
	await dialogs(page, 2);
	await hands.use('Unblock');
	await page.getByText('You’ve blocked this person.').waitFor({ state: 'detached' });
	await hands.use('Remove from contacts');
	await page.getByRole('button', { name: 'Add to contacts' }).waitFor();
	await hands.to('Add to contacts');
	await hands.press('Escape');
	await dialogs(page, 1);
	await hands.press('Escape', 'Escape');
	await gone(page);
	await hands.is_at('People');
});

test('one calls, turns everything on and off, hangs up, and declines', async () => {
	const { page, hands, boris, room } = await in_a_room();
	const turn = async (name, to) => {
		await hands.use(name);
		await hands.is_at(to);
	};

	await hands.use('Call', { back: true });
	await page.locator('.call[data-state=ringing]').waitFor();
	await turn('Turn off microphone', 'Turn on microphone');
	await turn('Turn on camera', 'Turn off camera');
	await turn('Share screen', 'Stop sharing');
	await hands.press('Enter');
	await hands.is_at('Share screen');
	await hands.use('Shrink call', { back: true });
	await hands.is_at('Enlarge call');
	await hands.press('F6');
	await hands.is_at(/^a group/);
	await hands.use('Show call');
	await page.locator('.call[data-form=big]').waitFor();
	await hands.use('Hang up');
	await page.locator('.call').waitFor({ state: 'detached' });
	await hands.is_at(/^Message to|^Call$|^Show call$/);

	// while one writes it does not take the focus, but can be reached
	await hands.to('Message to a group');
	await hands.type('wait');
	boris.socket.send({ type: 'call', ref: 'ring', action: 'start', room_id: room.id,
		kind: 'audio' });
	await page.getByRole('alertdialog').waitFor();
	await hands.is_at('Message to a group');
	await hands.use('Silence ringing');
	await hands.use('Decline');
	await page.getByRole('alertdialog').waitFor({ state: 'detached' });
	await hands.is_at('Message to a group');
});

test('every section of the settings is come to, and does what it is for', async () => {
	const { page, hands } = await person();

	await hands.use(/^Account and settings of/);
	await hands.is_at('Profile');
	await hands.fill('First name', 'Anna');
	await passing(page.getByText('Saved').first().waitFor(), () => hands.use('Save'));
	await hands.is_at('Save');
	await hands.to(/^Online/);
	await hands.press('ArrowDown');
	await hands.is_at(/^Away/);

	await hands.use('Notifications', { back: true });
	await hands.use(/^Sound/, { key: 'Space' });
	await page.getByRole('switch', { name: /^Sound/, checked: false }).waitFor();
	await hands.to(/^All messages/);
	await hands.press('ArrowDown');
	await hands.is_at(/^Only what’s for me/);

	await hands.use('Privacy', { back: true });
	await hands.to('Who can message me directly');
	await passing(page.getByText('Saved').first().waitFor(), () => hands.press('ArrowDown'));
	await hands.use('Devices', { back: true });
	await page.getByText('This device').waitFor();
	await hands.use('Sign out all other devices');
	await hands.is_at('Cancel');
	await hands.press('Enter');
	await hands.is_at('Sign out all other devices');

	await hands.use('API tokens', { back: true });
	await hands.use('New token');
	await hands.is_at('Name');
	await hands.type('backup');
	await hands.use(/^Read/, { key: 'Space' });
	await hands.use('Create token');
	await hands.is_at('Copy');
	await hands.press('Escape');
	await hands.is_at('New token');
	await hands.use('Revoke backup');
	await hands.is_at('Cancel');
	await hands.use('Revoke');
	await page.getByText('No API tokens yet.').waitFor();

	await hands.use('Account', { back: true });
	await hands.fill('Current password', PASSWORD);
	await hands.fill('New password', 'another long secret, 17');
	await hands.use('Change password');
	await page.getByText('Your password has been changed').waitFor();
	await hands.use('Delete my account…');
	await hands.is_at('Cancel');
	await hands.fill('Password', 'another long secret, 17');
	await hands.use('Delete my account for good');
	await page.getByText('Your account has been deleted.').waitFor();
	await hands.is_at('Username or email');
});
