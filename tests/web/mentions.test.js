// Unread mentions: found among the loaded messages and beyond, without a page; and the button
// that leads to them, in a real browser.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Mentions } from '../../web/core/mentions.js';
import { Store } from '../../web/core/store.js';
import { a_person, a_voice, is_online, passing, server_url, until, watch_pages }
	from './browser.js';

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

const ME = { id: 'me', login: 'me' };

// A room of `count` messages, read up to `read_seq`; those in `named` mention me; from..to are
// loaded.
function a_room({ count, named, read_seq, from, to }) {
	const store = new Store();
	const asked = [];
	const all = Array.from({ length: count }, (_, n) => ({
		id: `m${n + 1}`, seq: n + 1, room_id: 'r', text: 'x', created_at: '2026-01-01T00:00:00Z',
		sender: { id: 'you', login: 'you' }, mentions: named.includes(n + 1) ? ['me'] : [],
	}));
	const api = {
		async messages(id, { after, limit }) {
			asked.push(after);
			const items = all.slice(after, after + limit);
			return { items, has_after: after + limit < count };
		},
	};

	store.signed_in(ME);
	store.rooms_read([{ id: 'r', kind: 'group', seq: count, epoch: 'e', last_message: null,
		me: { role: 'member', read_seq, unread: 9, mentions: named.length, notify: 'all' } }]);
	if (to)
		store.history_read('r', { epoch: 'e', seq: count, items: all.slice(from - 1, to),
			has_before: from > 1, has_after: to < count });
	return { store, asked, mentions: new Mentions({ api, store }) };
}

test('the next mention is found at hand, further on, and once there is none', async () => {
	const near = a_room({ count: 50, named: [3, 20, 40], read_seq: 5, from: 1, to: 50 });
	assert.equal(await near.mentions.next('r'), 20);
	assert.equal(await near.mentions.next('r', 20), 40);
	assert.equal(await near.mentions.next('r', 40), null);
	assert.deepEqual(near.asked, []);

	const far = a_room({ count: 500, named: [20, 480], read_seq: 25, from: 10, to: 60 });
	assert.equal(await far.mentions.next('r'), 480);
	assert.deepEqual(far.asked, [60, 160, 260, 360, 460]);
	assert.equal(await far.mentions.next('r', 480), null);

	// the loaded part begins after the first unread message
	const beyond = a_room({ count: 300, named: [100, 290], read_seq: 10, from: 251, to: 300 });
	assert.equal(await beyond.mentions.next('r'), 100);
	assert.deepEqual(beyond.asked, [10]);
	assert.equal(await a_room({ count: 9, named: [4], read_seq: 2 }).mentions.next('r'), 4);
});

test('a button leads from one unread mention to the next, and goes with the last', async () => {
	const boris = await a_voice(url, { name: 'boris', first_name: 'Boris' });
	const { page, user } = await a_person({
		url, context: { viewport: { width: 1000, height: 500 } } });
	const room = await boris.create_room({ name: 'a group', kind: 'group',
		member_ids: [user.id] });
	const button = page.getByRole('button', { name: /^Jump to the next mention of you/ });

	await is_online(page);
	boris.open_room(room.id);
	for (let i = 1; i <= 70; i++)
		boris.say(room.id, i === 20 || i === 60 ? `line ${i} for @${user.login}` : `line ${i}`);
	await until(() => boris.outbox.unsent_count === 0, 'all of it', 60000);
	await page.locator('.room-row').getByText('70 unread messages').waitFor({ state: 'attached' });
	await page.goto(`${url}#/rooms/${room.id}`);
	await page.locator('.row', { hasText: 'line 1' }).first().waitFor();
	await button.getByText('2').waitFor();
	await passing(page.locator('.row.flash', { hasText: 'line 20 for' }).waitFor(),
		() => button.click());
	await button.getByText('1').waitFor();
	await passing(page.locator('.row.flash', { hasText: 'line 60 for' }).waitFor(),
		() => button.press('Enter'));
	await button.waitFor({ state: 'hidden' });
	await until(() => page.evaluate(() =>
		document.activeElement.querySelector('.text')?.textContent.startsWith('line 60')),
	'focus on the message');
});
