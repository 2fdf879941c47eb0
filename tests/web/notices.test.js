// What deserves a notification, and which tab shows it: core/notices.js over a store that the
// test fills.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Keep } from '../../web/core/keep.js';
import { Notices } from '../../web/core/notices.js';
import { Store } from '../../web/core/store.js';
import { FakeClock, FakeLocks, FakeStorage } from './fake.js';

const ME = { id: 'anna', login: 'anna', status: 'online' };
const BORIS = { id: 'boris', login: 'boris' };

function room(id, more = {}) {
	return {
		id, kind: 'group', name: id, seq: 1, epoch: 'e', last_message: null, ...more,
		me: { read_seq: 1, unread: 0, mentions: 0, notify: 'all', ...more.me },
	};
}

function tab({ storage, locks, clock, rooms, is_late = false }) {
	const store = new Store();
	const sign_in = () => {
		store.signed_in({ ...ME });
		store.rooms_read(structuredClone(rooms));
	};

	if (is_late)
		sign_in();
	const notices = new Notices({
		store, clock, locks, keep: new Keep(storage, 'foyer:/:'),
	});
	const told = [];
	const read = [];

	notices.addEventListener('notice', ({ detail }) => told.push(...detail.notices
		.map((n) => `${n.room.id}: ${n.message.text}${n.is_personal ? '!' : ''}`)));
	notices.addEventListener('read', ({ detail }) => read.push(detail.room_id));
	if (!is_late)
		sign_in();
	return { store, notices, told, read };
}

function world({ tabs = 1, locks = new FakeLocks(), rooms = [room('a')], is_late } = {}) {
	const clock = new FakeClock();
	const storage = new FakeStorage();
	const all = Array.from({ length: tabs }, () => tab({ storage, locks, clock, rooms, is_late }));

	return { clock, storage, tabs: all, ...all[0] };
}

// What the server's `activity` changes in the store.
function says({ store }, id, text, { sender = BORIS, mentions = [], ...more } = {}) {
	const { seq, me } = store.rooms.get(id);

	store.room_told(id, {
		seq: seq + 1, unread: me.unread + 1, mentions: me.mentions + mentions.length,
		last_message: { id: `${id}-${seq}`, seq: seq + 1, sender, text, mentions,
			kind: 'text', ...more },
	});
}

for (const is_late of [false, true])
	test(`what others write is told, what is old, mine or deleted is not${is_late
		? ', where the list was there first' : ''}`, async () => {
		const old = { id: 'x', seq: 1, sender: BORIS, text: 'old', mentions: [] };
		const one = world({
			rooms: [room('a', { last_message: old, me: { unread: 1 } })], is_late,
		});

		await one.clock.run(1000);
		says(one, 'a', 'new');
		await one.clock.run(1000);
		says(one, 'a', 'mine', { sender: ME });
		says(one, 'a', 'gone', { deleted_at: 'then' });
		says(one, 'a', 'joined', { kind: 'system' });
		await one.clock.run(1000);
		assert.deepEqual(one.told, ['a: new']);
	});

test('a room is told of as its rule says, a mention where mentions are', async () => {
	const one = world({ rooms: [
		room('all'), room('mentions', { me: { notify: 'mentions' } }),
		room('none', { me: { notify: 'none' } }), room('two', { kind: 'direct' }),
	] });

	for (const id of ['all', 'mentions', 'none', 'two']) {
		says(one, id, 'hello');
		await one.clock.run(1000);
		says(one, id, 'anna!', { mentions: [ME.id] });
		await one.clock.run(1000);
	}
	assert.deepEqual(one.told, ['all: hello', 'all: anna!!', 'mentions: anna!!',
		'two: hello!', 'two: anna!!']);
	one.told.length = 0;
	one.notices.wish({ what: 'personal' });
	says(one, 'all', 'more');
	says(one, 'two', 'more');
	await one.clock.run(1000);
	assert.deepEqual(one.told, ['two: more!']);
	one.told.length = 0;
	one.store.me_changed({ ...ME, status: 'busy' });
	says(one, 'two', 'are you there?');
	await one.clock.run(1000);
	assert.deepEqual(one.told, [], 'who is busy is left alone');
});

test('a mention that later words covered is a mention all the same', async () => {
	const one = world();

	says(one, 'a', 'anna!', { mentions: [ME.id] });
	says(one, 'a', 'never mind');
	await one.clock.run(1000);
	assert.deepEqual(one.told, ['a: never mind!'], 'together, once');
});

test('a list that is read after a sleep tells what came meanwhile, and new rooms too',
	async () => {
		const one = world();
		const message = (text) =>
			({ id: text, seq: 9, sender: BORIS, text, mentions: [], kind: 'text' });

		one.store.rooms_read([
			room('a', { seq: 9, last_message: message('meanwhile'), me: { unread: 3 } }),
			room('b', { seq: 9, last_message: message('hi'), me: { unread: 1, read_seq: 2 } }),
			room('c', { seq: 9, last_message: message('read'), me: { read_seq: 9 } }),
		]);
		await one.clock.run(1000);
		assert.deepEqual(one.told, ['a: meanwhile', 'b: hi']);
	});

test('what was said in rooms further down the list is no news', async () => {
	const one = world();
	const message = { id: 'm', seq: 9, sender: BORIS, text: 'long ago', mentions: [], kind: 'text' };

	one.store.rooms_also_read([room('z', { seq: 9, last_message: message,
		me: { unread: 3 } })], { has_more: false });
	await one.clock.run(1000);
	assert.deepEqual(one.told, []);
	says(one, 'z', 'now');
	await one.clock.run(1000);
	assert.deepEqual(one.told, ['z: now']);
});

test('what is read elsewhere before it was told is not told', async () => {
	const one = world();

	says(one, 'a', 'hello');
	one.store.room_told('a', { unread: 0, read_seq: 2 });
	await one.clock.run(1000);
	assert.deepEqual(one.told, []);
	assert.deepEqual(one.read, ['a']);
});

test('of many tabs one tells, and none where one of them is looked at', async () => {
	const { clock, tabs } = world({ tabs: 5 });
	const all_say = (text) => tabs.forEach((one) => says(one, 'a', text));
	const told = () => tabs.flatMap((one) => one.told.splice(0));

	all_say('hello');
	await clock.run(1000);
	assert.deepEqual(told(), ['a: hello']);
	tabs[3].notices.attend(true);
	all_say('again');
	await clock.run(1000);
	assert.deepEqual(tabs.map((one) => one.told.splice(0).length), [0, 0, 0, 1, 0]);
	tabs[3].notices.attend(false);
	all_say('and again');
	await clock.run(1000);
	assert.deepEqual(told(), ['a: and again']);
});

test('without locks everything is told by whoever hears it', async () => {
	const one = world({ locks: null });

	one.notices.attend(true);
	one.notices.attend(false);
	says(one, 'a', 'hello');
	await one.clock.run(1000);
	assert.deepEqual(one.told, ['a: hello']);
});

test('who signs out is told nothing more, and the next one begins anew', async () => {
	const one = world();

	says(one, 'a', 'for anna');
	one.store.signed_out('signed_out');
	one.store.signed_in({ id: 'eva', login: 'eva' });
	one.store.rooms_read([room('z', {
		seq: 5, me: { unread: 4, read_seq: 1 },
		last_message: { id: 'm', seq: 5, sender: BORIS, text: 'long ago', mentions: [] },
	})]);
	await one.clock.run(1000);
	assert.deepEqual(one.told, []);
});
