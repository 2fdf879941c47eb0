// The paged list of rooms, and the members of a room: core without a page.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../../web/core/api.js';
import { Manage } from '../../web/core/manage.js';
import { RoomList } from '../../web/core/roomlist.js';
import { Store } from '../../web/core/store.js';
import { FakeClock, settle } from './fake.js';

const ME = { id: 'me', login: 'me' };
const minute = (n) => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();

const a_room = (n, more = {}) => ({
	id: `r${n}`, kind: 'group', name: `room ${n}`, seq: 1, epoch: 'e', member_count: 1,
	created_at: minute(n), last_message: null, peer: null,
	me: { role: 'member', read_seq: 1, unread: 0, mentions: 0, notify: 'all' }, ...more,
});

// Five rooms, two a page, the latest first.
function a_list() {
	const rooms = [5, 4, 3, 2, 1].map((n) => a_room(n));
	const asked = [];
	const api = {
		async rooms({ cursor = 0 }) {
			asked.push(cursor);
			const end = cursor + 2;
			const answer = { items: rooms.slice(cursor, end).map((room) => ({ ...room })),
				next: end < rooms.length ? end : null };
			await api.way;
			return answer;
		},
	};
	const store = new Store();
	const socket = new EventTarget();
	const ready = (frame) =>
		socket.dispatchEvent(new CustomEvent('ready', { detail: frame }));
	const list = new RoomList({ api, socket, store, on_read() {}, clock: new FakeClock() });

	store.signed_in(ME);
	return { rooms, asked, store, list, ready, api,
		names: () => store.sorted_rooms.map((room) => room.name) };
}

test('the list comes page by page, and is read again as far as it came', async () => {
	const { rooms, asked, store, list, names } = a_list();

	await list.read();
	assert.deepEqual(names(), ['room 5', 'room 4']);
	assert.ok(store.rooms_more);
	await Promise.all([list.more(), list.more()]);
	assert.deepEqual(names(), ['room 5', 'room 4', 'room 3', 'room 2']);
	assert.deepEqual(asked, [0, 2], 'asked twice at once, once is enough');
	rooms.splice(1, 1); // left elsewhere
	await list.read();
	assert.deepEqual(names(), ['room 5', 'room 3', 'room 2', 'room 1']);
	assert.ok(!store.rooms_more);
	await list.more();
	await list.rest();
	assert.deepEqual(asked, [0, 2, 0, 2]);
});

test('a room further down that one has come to stays when the first page is read', async () => {
	const { store, list, names } = a_list();

	await list.read();
	store.room_added(a_room(1));
	await list.read();
	assert.deepEqual(names(), ['room 5', 'room 4', 'room 1']);
	await list.rest();
	assert.deepEqual(names(), ['room 5', 'room 4', 'room 3', 'room 2', 'room 1']);
});

test('what the line names and the list has not come to is no reason to read it', async () => {
	const { asked, list, store, ready } = a_list();
	const told = (n, seq = 1) => ({ id: `r${n}`, seq, read_seq: 1, unread: 3, mentions: 1 });

	await list.read();
	ready({ rooms: [5, 4, 3, 2, 1].map((n) => told(n)), more_rooms: false });
	assert.deepEqual(asked, [0]);
	assert.equal(store.rooms.get('r5').me.unread, 3);
	ready({ rooms: [told(5, 2), told(4)], more_rooms: true });
	await list.read();
	assert.deepEqual(asked, [0, 0]);
});

test('who comes into a room or leaves one while the list is read finds it so', async () => {
	const { rooms, list, store, api, names } = a_list();
	let come;

	rooms.splice(0, 3);
	await list.read();
	assert.deepEqual(names(), ['room 2', 'room 1']);
	api.way = new Promise((resolve) => (come = resolve));
	const reading = list.read();
	store.room_added(a_room(7));
	store.room_gone('r1', 'left');
	come();
	await reading;
	assert.deepEqual(names(), ['room 7', 'room 2']);
});

test('a list that was on its way when there was news is read once more', async () => {
	const { rooms, asked, list, api, ready, names } = a_list();
	let come;

	rooms.splice(0, 3);
	api.way = new Promise((resolve) => (come = resolve));
	list.refresh();
	rooms.push(a_room(9));
	list.refresh();
	list.refresh();
	come();
	await settle();
	assert.deepEqual([names(), asked], [['room 2', 'room 1'], [0, 0]]);

	// `ready` is compared with the page that arrives after it
	api.way = new Promise((resolve) => (come = resolve));
	list.refresh();
	rooms.unshift(a_room(8));
	ready({ rooms: [8, 2, 1, 9].map((n) => ({ id: `r${n}`, seq: 1, read_seq: 1 })) });
	come();
	await settle();
	assert.deepEqual([names(), asked], [['room 8', 'room 2', 'room 1'], [0, 0, 0, 0]]);
	api.way = new Promise((resolve) => (come = resolve));
	list.refresh();
	ready({ rooms: [8, 2, 1, 9].map((n) => ({ id: `r${n}`, seq: 1, read_seq: 1 })) });
	come();
	await settle();
	assert.deepEqual(asked, [0, 0, 0, 0, 0], 'no news');
});

test('a mention is counted with the unread, and both are gone with reading', () => {
	const store = new Store();
	const message = (seq, mentions) => ({ type: 'message', room_id: 'r1', seq, id: `m${seq}`,
		sender: { id: 'other', login: 'other' }, text: 'x', mentions, created_at: minute(seq) });

	store.signed_in(ME);
	store.rooms_read([a_room(1)]);
	store.event_came(message(2, []));
	store.event_came(message(3, ['me', 'you']));
	const { me } = store.rooms.get('r1');
	assert.deepEqual([me.unread, me.mentions], [2, 1]);
	store.room_seen('r1', 3);
	assert.deepEqual([me.unread, me.mentions], [0, 0]);
	assert.equal(store.people.person('other').login, 'other', 'who speaks is known');
});

const member = (id, role = 'member', more = {}) => ({
	user: { id, login: id, status: null }, role, joined_at: minute(1), muted_until: null,
	banned: false, ...more,
});

function a_room_of(pages) {
	const store = new Store();
	const calls = [];
	const api = {
		async call(method, path, { query, body } = {}) {
			calls.push(`${method} ${path}${query?.cursor ? `?${query.cursor}` : ''}`);
			if (method === 'GET')
				return { items: pages[query.cursor ?? 0] ?? [],
					next: pages[(query.cursor ?? 0) + 1] ? (query.cursor ?? 0) + 1 : null };
			if (method === 'PUT')
				return { ...pages.flat().find((one) => path.endsWith(`/${one.user.id}`)),
					...body };
			return null;
		},
		members(id, query) {
			return this.call('GET', `/rooms/${id}/members`, { query });
		},
		async room() {
			return a_room(1);
		},
	};

	store.signed_in(ME);
	store.rooms_read([a_room(1)]);
	store.history_read('r1', { epoch: 'e', seq: 1, has_before: false, items: [] });
	let seq = 1;
	return {
		store, calls, api, manage: new Manage({ api, store, on_mine() {} }),
		told: (event) => store.event_came({ type: 'member', room_id: 'r1', seq: ++seq,
			created_at: minute(9), ...event }),
		roles: () => Object.fromEntries(store.roster.list.map((one) =>
			[one.user.id, one.banned ? 'banned' : one.role])),
	};
}

test('members are read to the last page, and then follow what happens', async () => {
	const { store, manage, told, roles, calls } = a_room_of(
		[[member('a', 'owner'), member('b')], [member('c')]]);

	await manage.open_members('r1');
	assert.ok(store.roster.is_whole);
	assert.deepEqual(roles(), { a: 'owner', b: 'member', c: 'member' });
	told({ user: { id: 'd', login: 'd' }, action: 'joined', role: 'member' });
	told({ user: { id: 'b', login: 'b' }, action: 'role', role: 'admin' });
	told({ user: { id: 'c', login: 'c' }, action: 'banned', role: 'member' });
	assert.deepEqual(roles(), { a: 'owner', b: 'admin', c: 'banned', d: 'member' });
	told({ user: { id: 'd', login: 'd' }, action: 'muted', role: 'member',
		muted_until: minute(99) });
	assert.equal(store.roster.of('d').muted_until, minute(99));
	told({ user: { id: 'c', login: 'c' }, action: 'unbanned', role: 'member' });
	told({ user: { id: 'd', login: 'd' }, action: 'left', role: 'member' });
	told({ user: { id: 'b', login: 'b' }, action: 'banned', role: 'member' });
	told({ user: { id: 'b', login: 'b' }, action: 'unbanned' });
	assert.deepEqual(roles(), { a: 'owner', c: 'member' });
	assert.deepEqual(calls, ['GET /rooms/r1/members', 'GET /rooms/r1/members?1']);
});

test('what an admin does shows with its answer, before anybody tells of it', async () => {
	const { manage, roles, store } = a_room_of([[member('a'), member('b')]]);

	await manage.open_members('r1');
	await manage.change_member('r1', 'a', { role: 'admin' });
	await manage.remove_member('r1', 'b');
	assert.deepEqual(roles(), { a: 'admin' });
	await manage.set_notify('r1', 'none').catch(() => {});
	manage.close_members();
	assert.deepEqual([store.roster.room_id, store.roster.list], [null, []]);
});

test('a page that does not come leaves what was read, and the trouble is told', async () => {
	const { manage, roles, store, api } = a_room_of([[member('a')], [member('b')]]);
	const { members } = api;

	api.members = async (id, query) => {
		if (query.cursor)
			throw new ApiError({ status: 503, code: 'unavailable' });
		return members.call(api, id, query);
	};
	await manage.open_members('r1');
	assert.deepEqual([roles(), store.roster.is_whole, store.roster.trouble],
		[{ a: 'member' }, false, 'unavailable']);
});

test('pages that come after one looks at another room are not shown there', async () => {
	const { manage, store } = a_room_of([[member('a')], [member('b')]]);
	const first = manage.open_members('r1');

	manage.close_members();
	store.roster.open('r2');
	await first;
	assert.deepEqual(store.roster.list, []);
});
