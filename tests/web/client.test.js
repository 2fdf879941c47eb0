// The whole client without a page: nothing is lost and nothing doubled, whatever the line, the
// server and the tokens do meanwhile.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { storage_prefix } from '../../web/core/client.js';
import { FakeClock, FakeServer, FakeStorage, chance_of, make_client, pending, texts }
	from './fake.js';

async function world({ people = ['anna', 'boris'], seed = 1, features } = {}) {
	const clock = new FakeClock();
	const random = chance_of(seed);
	const server = new FakeServer({ clock, random });
	server.features = features ?? server.features;
	const users = people.map((name) => server.user(name));
	const room = server.room('a room', users);
	const clients = [];
	for (const user of users)
		clients.push(await make_client(server, user));
	await clock.run(100);
	for (const client of clients)
		client.open_room(room.id);
	await clock.run(100);
	return { clock, random, server, users, room, clients, anna: clients[0], boris: clients[1] };
}

const cut_all = (server) => [...server.sockets].forEach((socket) => socket.cut(1006, ''));

// All messages of a room, in the server's order.
const in_log = (server, room) => server.messages(room).map((message) => message.text);

test('two people talk, each seeing it once and in one order', async () => {
	const { clock, server, room, anna, boris } = await world();

	anna.say(room.id, 'Привет 👋');
	assert.deepEqual(pending(anna, room), ['waiting: Привет 👋'], 'shown at once');
	await clock.run(50);
	boris.say(room.id, 'hello');
	await clock.run(50);
	for (const client of [anna, boris]) {
		assert.deepEqual(texts(client, room), ['Привет 👋', 'hello']);
		assert.deepEqual(pending(client, room), []);
	}
	assert.equal(server.requests.filter((r) => r.method === 'POST').length, 0,
		'over the line, not by POST');
});

test('the history of the room that is looked at is asked for beside the list of rooms', async () => {
	const { clock, server, room, anna, boris } = await world();
	const { storage } = anna;
	const history = () => server.requests.filter(({ path }) => path === `/rooms/${room.id}/messages`);

	boris.say(room.id, 'before');
	await clock.run(100);
	server.requests.length = 0;
	server.trouble.delay_ms = 1000;
	const again = await make_client(server, null, { storage });
	again.open_room(room.id);
	await clock.run(1500);
	assert.deepEqual(texts(again, room), ['before'], 'after one trip, not two');
	await clock.run(5000);
	assert.equal(history().length, 1);
	server.trouble.delay_ms = 0;
	boris.say(room.id, 'after');
	await clock.run(5000);
	assert.deepEqual(texts(again, room), ['before', 'after']);
});

test('what only I may know of myself stays when the line tells of me again', async () => {
	const { clock, server, users: [{ id, login }], anna } = await world();

	server.users.set(id, { id, login, name: 'Anna' });
	anna.me_is({ ...anna.store.user, email: 'anna@example.org', settings: { send_receipts: false } });
	cut_all(server);
	await clock.run(5000);
	for (const user of [anna.store.user, anna.session.user])
		assert.deepEqual([user.name, user.email, user.settings],
			['Anna', 'anna@example.org', { send_receipts: false }]);
});

test('a message whose ack is lost with the line is there once', async () => {
	const { clock, server, room, anna, boris } = await world();

	server.trouble.cut_before_ack = 1;
	anna.say(room.id, 'once');
	await clock.run(30);
	assert.deepEqual(in_log(server, room), ['once']);
	server.trouble.cut_before_ack = 0;
	await clock.run(5000);
	assert.deepEqual(in_log(server, room), ['once']);
	assert.deepEqual(texts(anna, room), ['once']);
	assert.deepEqual(pending(anna, room), []);
	assert.deepEqual(texts(boris, room), ['once']);
});

test('what was said while the line was away comes in order when it is back', async () => {
	const { clock, server, room, anna, boris } = await world();

	server.trouble.line_down = true;
	cut_all(server);
	server.trouble.rest_down = true;
	for (const text of ['1', '2', '3'])
		anna.say(room.id, text);
	await clock.run(20000);
	assert.deepEqual(pending(anna, room), ['waiting: 1', 'waiting: 2', 'waiting: 3']);
	server.trouble.line_down = server.trouble.rest_down = false;
	while (anna.store.line.state !== 'online')
		await clock.run(100);
	await clock.run(200);
	assert.deepEqual(in_log(server, room), ['1', '2', '3'], 'at once, not at the next try');
	await clock.run(60000);
	assert.deepEqual(texts(anna, room), ['1', '2', '3']);
	assert.deepEqual(texts(boris, room), ['1', '2', '3']);
	assert.deepEqual(pending(anna, room), []);
});

test('a message that the line swallows again and again goes by POST', async () => {
	const { clock, server, room, anna } = await world();

	for (const socket of server.sockets) {
		const send = socket.send.bind(socket);
		socket.send = (text) => JSON.parse(text).type === 'message' || send(text);
	}
	anna.say(room.id, 'through');
	await clock.run(20000);
	assert.deepEqual(in_log(server, room), ['through']);
	assert.deepEqual(texts(anna, room), ['through']);
	assert.deepEqual(pending(anna, room), []);
});

test('an invitation waits for a sign-in, over a reload, and is followed once', async () => {
	const { clock, server, room } = await world();
	const storage = new FakeStorage();
	const eva = server.user('eva');
	const joins = () => server.requests.filter((r) => r.path === '/invites/good').length;

	server.invites.set('good', room);
	(await make_client(server, null, { storage })).invited('good');
	const client = await make_client(server, eva, { storage });
	assert.equal(client.invitation, 'good');
	const joined = client.accept_invitation();
	await clock.run(100);
	assert.equal((await joined).id, room.id);
	assert.ok(client.store.rooms.has(room.id));
	assert.equal(client.invitation, null);
	assert.equal(await client.accept_invitation(), null);
	assert.equal(joins(), 1);
});

test('an invitation is kept while nobody answers, not once it was refused, nor for long',
	async () => {
		const { clock, server, anna } = await world();
		const accept = async () => {
			const tried = anna.accept_invitation().catch((error) => error.code);
			await clock.run(60000);
			return tried;
		};

		anna.invited('gone');
		server.trouble.rest_down = true;
		assert.equal(await accept(), 'offline');
		assert.equal(anna.invitation, 'gone');
		server.trouble.rest_down = false;
		assert.equal(await accept(), 'not_found');
		assert.equal(anna.invitation, null);

		anna.invited('gone');
		await clock.run(25 * 3600 * 1000);
		assert.equal(anna.invitation, null);
		assert.equal(await accept(), null);
	});

test('a lost frame is asked for again', async () => {
	const { clock, server, room, anna, boris } = await world();

	anna.say(room.id, 'one');
	await clock.run(50);
	server.trouble.lose_frame = 1;
	anna.say(room.id, 'two');
	await clock.run(50);
	server.trouble.lose_frame = 0;
	anna.say(room.id, 'three');
	await clock.run(200);
	assert.deepEqual(texts(boris, room), ['one', 'two', 'three']);
	assert.deepEqual(texts(anna, room), ['one', 'two', 'three']);
});

test('frames that overtake each other are put in order', async () => {
	const { clock, server, room, anna, boris } = await world();

	server.trouble.swap_frames = 0.5;
	for (let i = 0; i < 20; i++)
		anna.say(room.id, String(i));
	await clock.run(5000);
	server.trouble.swap_frames = 0;
	anna.say(room.id, 'end');
	await clock.run(1000);
	assert.deepEqual(texts(boris, room), [...Array(20).keys(), 'end'].map(String));
});

test('a gap that joining does not close is closed from the log', async () => {
	const { clock, server, room, anna, boris } = await world();
	const [socket] = [...server.sockets].filter((s) => s.user_id === boris.store.user.id);
	const tell = socket.tell.bind(socket);

	// a line that drops message 3 each time
	socket.tell = (frame) => frame.text === 'never' || tell(frame);
	for (const text of ['one', 'never', 'three'])
		anna.say(room.id, text);
	await clock.run(3000);
	assert.deepEqual(texts(boris, room), ['one', 'never', 'three']);
	assert.ok(server.requests.some((r) => r.path.endsWith('/log')));
});

test('another epoch makes the client read history anew', async () => {
	const { clock, server, room, anna, boris } = await world();

	anna.say(room.id, 'kept');
	anna.say(room.id, 'lost with the backup');
	await clock.run(100);
	cut_all(server);
	server.epoch = 'e000000000000002';
	room.log.pop();
	await clock.run(3000);
	assert.deepEqual(texts(boris, room), ['kept']);
	boris.say(room.id, 'and on');
	await clock.run(1000);
	assert.deepEqual(texts(anna, room), ['kept', 'and on']);
	assert.deepEqual(texts(boris, room), ['kept', 'and on']);
});

test('without a live line one reads and writes all the same, and it is said so', async () => {
	const { clock, server, room, anna, boris } = await world();

	server.trouble.line_down = true;
	cut_all(server);
	await clock.run(6000);
	assert.equal(anna.store.line.polling, true);
	anna.say(room.id, 'by post');
	await clock.run(200);
	assert.deepEqual(texts(anna, room), ['by post'], 'my own at once');
	await clock.run(5000);
	assert.deepEqual(texts(boris, room), ['by post']);

	server.trouble.line_down = false;
	await clock.run(60000);
	assert.equal(anna.store.line.polling, false);
	assert.equal(anna.store.line.state, 'online');
	boris.say(room.id, 'live again');
	await clock.run(100);
	assert.deepEqual(texts(anna, room), ['by post', 'live again']);
});

test('polling reads a long log page by page', async () => {
	const { clock, server, users, room, boris } = await world();

	server.trouble.line_down = true;
	cut_all(server);
	for (let i = 0; i < 35; i++)
		server.post(room, users[0].id, { client_id: `c${i}`, text: String(i) });
	await clock.run(8000);
	assert.equal(texts(boris, room).length, 35);
});

test('no server at all is not called polling', async () => {
	const { clock, server, anna } = await world();

	server.trouble.line_down = server.trouble.rest_down = true;
	cut_all(server);
	await clock.run(20000);
	assert.equal(anna.store.line.polling, false);
	assert.equal(anna.store.line.state === 'waiting' || anna.store.line.state === 'connecting',
		true);
});

test('a refused message is marked, may be tried again, and may be let go', async () => {
	const { clock, server, room, anna } = await world();

	const item = anna.say(room.id, 'refuse me');
	anna.say(room.id, 'fine');
	await clock.run(100);
	assert.deepEqual(pending(anna, room), ['failed: refuse me']);
	assert.deepEqual(texts(anna, room), ['fine']);
	anna.retry(item.client_id);
	await clock.run(100);
	assert.deepEqual(pending(anna, room), ['failed: refuse me']);
	anna.discard(item.client_id);
	assert.deepEqual(pending(anna, room), []);
	assert.deepEqual(in_log(server, room), ['fine']);
});

test('what was written before the page was closed is sent by the next page', async () => {
	const { clock, server, users, room, anna } = await world();

	server.trouble.line_down = server.trouble.rest_down = true;
	cut_all(server);
	anna.say(room.id, 'do not forget me');
	await clock.run(3000);
	server.trouble.line_down = server.trouble.rest_down = false;
	const again = await make_client(server, null, { storage: anna.storage.copy(), shelf: anna.shelf });
	assert.equal(again.store.user.id, users[0].id, 'still signed in');
	await clock.run(60000);
	again.open_room(room.id);
	await clock.run(1000);
	// both pages sent it, under the same client_id
	assert.deepEqual(texts(again, room), ['do not forget me']);
	assert.deepEqual(pending(again, room), []);
	assert.equal(again.outbox.unsent_count, 0);
});

test('a room that is closed and opened again has all that was said meanwhile', async () => {
	const { clock, server, users, room, anna, boris } = await world();

	boris.say(room.id, 'one');
	await clock.run(100);
	anna.open_room(null);
	await clock.run(50);
	for (let i = 0; i < 60; i++)
		server.post(room, users[1].id, { client_id: `c${i}`, text: String(i) });
	await clock.run(100);
	assert.deepEqual(texts(anna, room), ['one'], 'not listening');
	anna.open_room(room.id);
	await clock.run(500);
	assert.equal(texts(anna, room).length, 61);
	assert.deepEqual(new Set(texts(anna, room)).size, 61);
});

test('a room that is far behind is read anew instead of event by event', async () => {
	const { clock, server, users, room, anna } = await world();

	anna.open_room(null);
	for (let i = 0; i < 500; i++)
		server.post(room, users[1].id, { client_id: `c${i}`, text: String(i) });
	anna.store.room_told(room.id, { seq: room.log.length });
	anna.open_room(room.id);
	await clock.run(500);
	assert.deepEqual(texts(anna, room), Array.from({ length: 50 }, (_, i) => String(450 + i)));
	while (anna.store.timelines.get(room.id).has_before) {
		const older = anna.more('before');
		await clock.run(50);
		await older;
	}
	assert.deepEqual(texts(anna, room), Array.from({ length: 500 }, (_, i) => String(i)));
});

test('asking for older messages many times asks once', async () => {
	const { clock, server, users, room, anna } = await world();

	for (let i = 0; i < 120; i++)
		server.post(room, users[1].id, { client_id: `c${i}`, text: String(i) });
	await clock.run(200);
	anna.seen(room.id, room.log.length);
	anna.open_room(null);
	anna.store.timelines.clear();
	anna.open_room(room.id);
	await clock.run(100);
	server.requests.length = 0;
	const all = [1, 2, 3].map(() => anna.more('before'));
	await clock.run(100);
	await Promise.all(all);
	assert.equal(server.requests.length, 1);
	assert.equal(texts(anna, room).length, 100);
});

test('a link to a room that is not mine does not join it', async () => {
	const { clock, server, users, anna } = await world();
	const other = server.room('elsewhere', [users[1]]);

	anna.open_room(other.id);
	await clock.run(500);
	assert.equal(anna.store.trouble, 'not_member');
	assert.equal(other.members.has(users[0].id), false);
});

test('a link to a room that one is just taken into is followed, whoever hears of it first',
	async () => {
		const { clock, server, users, anna } = await world();
		const other = server.room('elsewhere', [users[1]]);

		server.post(other, users[1].id, { client_id: 'c', text: 'come in' });
		anna.open_room(other.id);
		await clock.run(500);
		assert.equal(anna.store.trouble, 'not_member');
		other.members.add(users[0].id);
		const looking = anna.manage.look(other.id);	// as the page does for a room one may join
		await clock.run(500);
		await looking;
		assert.equal(anna.store.trouble, null);
		assert.deepEqual(texts(anna, other), ['come in']);
	});

test('who is banned from a room learns it from its link, and hears when the ban ends', async () => {
	const { clock, server, users, anna } = await world();
	const other = server.room('elsewhere', [users[1]]);

	other.banned.add(users[0].id);
	anna.open_room(other.id);
	await clock.run(500);
	assert.equal(anna.store.trouble, 'banned');
	other.members.add(users[0].id);
	anna.list.refresh();
	await clock.run(1000);
	assert.equal(anna.store.trouble, null);
});

test('whether a room is mine is asked again until the server has answered', async () => {
	const { clock, server, users, anna } = await world();
	const other = server.room('elsewhere', [users[1]]);

	server.trouble.rest_down = true;
	anna.open_room(other.id);
	await clock.run(500);
	assert.equal(anna.store.trouble, 'offline');
	server.trouble.rest_down = false;
	await clock.run(6000);
	assert.equal(anna.store.trouble, 'not_member');
});

test('who was put out of a room reads why, also when the list is read again', async () => {
	const { clock, server, users, room, anna } = await world();

	room.members.delete(users[0].id);
	[...server.sockets].find((socket) => socket.user_id === users[0].id)
		.tell({ type: 'room_left', room_id: room.id, reason: 'banned' });
	await clock.run(100);
	assert.equal(anna.store.trouble, 'banned');
	anna.list.refresh();
	await clock.run(1000);
	assert.equal(anna.store.trouble, 'banned');
	room.members.add(users[0].id);
	anna.list.refresh();
	await clock.run(1000);
	assert.equal(anna.store.trouble, null);
});

test('a room that was removed before one listened to it is not tried again', async () => {
	const { clock, server, room, anna } = await world();

	anna.open_room(null);
	await clock.run(100);
	// the live side told nobody: it had not yet heard that one is a member
	server.rooms.delete(room.id);
	anna.open_room(room.id);
	await clock.run(500);
	assert.equal(anna.store.trouble, 'not_found');
	assert.equal(anna.store.rooms.has(room.id), false);
});

test('a room that changed before it was listened to is as it is now', async () => {
	const { clock, server, users, anna } = await world();
	const other = server.room('one', users);

	anna.list.refresh();
	await clock.run(500);
	other.name = 'another';
	server.append(other, { type: 'room', room: { name: 'another' } });
	anna.open_room(other.id);
	await clock.run(500);
	assert.equal(anna.store.rooms.get(other.id).name, 'another');
});

test('history that cannot be read yet is read when the line is back', async () => {
	const { clock, server, users, room, anna } = await world();

	server.post(room, users[1].id, { client_id: 'c', text: 'there' });
	anna.open_room(null);
	anna.store.timelines.clear();
	server.trouble.line_down = server.trouble.rest_down = true;
	cut_all(server);
	anna.open_room(room.id);
	await clock.run(1000);
	assert.equal(anna.store.trouble, 'offline');
	server.trouble.line_down = server.trouble.rest_down = false;
	await clock.run(30000);
	assert.equal(anna.store.trouble, null);
	assert.deepEqual(texts(anna, room), ['there']);
});

test('without word of activity the list is read again now and then', async () => {
	for (const features of [['activity'], []]) {
		const clock = new FakeClock();
		const server = new FakeServer({ clock, random: () => 0.5 });
		server.features = features;
		const [anna, boris] = [server.user('anna'), server.user('boris')];
		const room = server.room('a room', [anna, boris]);
		const client = await make_client(server, anna);
		await clock.run(1000);
		server.requests.length = 0;
		server.post(room, boris.id, { client_id: 'c', text: 'news' });
		await clock.run(6000);
		const is_known = client.store.rooms.get(room.id).last_message?.text === 'news';
		assert.equal(is_known, features.length === 0);
		assert.equal(server.requests.length, features.length === 0 ? 1 : 0);
		await clock.run(300000);
		assert.equal(client.store.rooms.get(room.id).last_message?.text, 'news', 'some time');
		server.requests.length = 0;
		client.sign_out();
		await clock.run(60000);
		assert.ok(server.requests.length <= 2, 'not after signing out');
	}
});

test('what moved a room and is no message is read, once for many such rooms', async () => {
	const { clock, server, users, anna, room } = await world();
	const others = [server.room('one', users), server.room('two', users)];
	const tell = (of, more) => [...server.sockets].forEach((socket) => socket.user_id === users[0].id
		&& socket.tell({ type: 'activity', room_id: of.id, mentions: 0, last_message: null, ...more }));

	anna.open_room(room.id);
	anna.list.refresh();
	await clock.run(1000);
	server.requests.length = 0;
	tell(others[0], { seq: 2, unread: 2 });
	await clock.run(10000);
	assert.deepEqual(server.requests, [], 'two messages');
	assert.equal(anna.store.rooms.get(others[0].id).me.unread, 2);
	for (const of of others) {
		of.name = `${of.name} more`;
		tell(of, { seq: 3, unread: 2 });
	}
	await clock.run(10000);
	assert.deepEqual(server.requests.map(({ path }) => path.replace(/\?.*/, '')), ['/rooms']);
	assert.deepEqual(others.map(({ id }) => anna.store.rooms.get(id).name), ['one more', 'two more']);
	tell(others[0], { seq: 9, unread: 2 });
	anna.sign_out();
	server.requests.length = 0;
	await clock.run(10000);
	assert.ok(!server.requests.some(({ path }) => path.startsWith('/rooms')), 'not after signing out');
});

test('a server that keeps no word of reading is not told', async () => {
	const { clock, server, users, room, anna } = await world({ features: ['activity'] });
	server.post(room, users[1].id, { client_id: 'c', text: 'x' });
	await clock.run(100);
	const sent = [];
	for (const socket of server.sockets)
		socket.send = (text) => sent.push(text);

	anna.seen(room.id, room.log.length);
	await clock.run(3000);
	assert.deepEqual(sent, []);
	assert.deepEqual(server.marks, []);
	assert.equal(anna.store.rooms.get(room.id).me.unread, 0);
});

test('what is on the screen is told as read, once for many', async () => {
	const { clock, server, users, room, anna } = await world();
	for (let i = 0; i < 5; i++) {
		server.post(room, users[1].id, { client_id: `c${i}`, text: String(i) });
		await clock.run(20);
		anna.seen(room.id, room.log.length);
	}
	assert.equal(anna.store.rooms.get(room.id).me.unread, 0);
	await clock.run(2000);
	assert.deepEqual(server.marks, [{ room_id: room.id, seq: room.log.length }]);
});

test('somebody else signing in in another tab takes this tab along', async () => {
	const { clock, server, users, anna, boris, room } = await world();

	anna.storage.setItem(`${anna.keep.prefix}session`,
		boris.storage.getItem(`${boris.keep.prefix}session`));
	anna.on_storage(`${anna.keep.prefix}session`);
	await clock.run(500);
	assert.equal(anna.store.user.id, users[1].id);
	assert.equal(anna.socket.state, 'online');
	assert.ok(anna.store.rooms.has(room.id));
	assert.equal(server.requests.filter((r) => r.status === 401).length, 0);
});

test('signing out forgets here although the server is away', async () => {
	const { clock, server, room, anna } = await world();

	server.trouble.rest_down = server.trouble.line_down = true;
	cut_all(server);
	anna.say(room.id, 'never to be sent');
	await clock.run(100);
	const gone = anna.sign_out();
	await clock.run(1000);
	await gone;
	assert.equal(anna.store.user, null);
	assert.equal(anna.storage.length, 0);
	assert.equal(anna.socket.state, 'closed');
});

test('two installs on one origin do not share their storage', () => {
	assert.equal(storage_prefix('https://x.example/'), 'foyer:/:');
	assert.equal(storage_prefix('https://x.example/chat/'), 'foyer:/chat/:');
});

// A long series of random accidents, from a seed.
async function evening(seed) {
	const { clock, random, server, users, room, clients } =
		await world({ people: ['anna', 'boris', 'mei'], seed });
	const said = users.map(() => []);
	const some = (list) => list[Math.floor(random() * list.length)];
	Object.assign(server.trouble, {
		lose_frame: 0.05, swap_frames: 0.05, cut_before_ack: 0.1, cut_after_post: 0.1,
	});
	const accidents = [
		() => cut_all(server),
		() => (server.trouble.line_down = !server.trouble.line_down),
		() => (server.trouble.rest_down = !server.trouble.rest_down),
		() => (server.trouble.delay_ms = some([1, 5, 50, 400])),
		() => server.tokens.forEach((token) => (token.expires_at = clock.now())),
		() => [...server.sockets].forEach((s) => s.cut(1001, '{"retry_after":0.5}')),
		() => [...server.sockets].forEach((s) => s.cut(4408, 'too slow')),
		() => some(clients).nudge(),
		() => {
			const client = some(clients);
			client.open_room(client.store.current ? null : room.id);
		},
	];

	for (let step = 0; step < 120; step++) {
		const who = Math.floor(random() * clients.length);
		if (random() < 0.6) {
			const text = `${users[who].login} ${said[who].length}`;
			said[who].push(text);
			clients[who].say(room.id, text);
		}
		if (random() < 0.25)
			some(accidents)();
		await clock.run(Math.floor(random() * 1500));
	}

	// at the end everything is quiet
	Object.assign(server.trouble, { line_down: false, rest_down: false, lose_frame: 0,
		swap_frames: 0, cut_before_ack: 0, cut_after_post: 0, delay_ms: 5 });
	for (const client of clients)
		client.open_room(room.id);
	await clock.run(90000);
	for (const socket of server.sockets)
		socket.held = null;
	server.post(room, users[0].id, { client_id: 'last', text: 'good night' });
	await clock.run(5000);
	return { server, users, room, clients, said };
}

for (let seed = 1; seed <= 12; seed++)
	test(`an evening of accidents loses nothing and doubles nothing (seed ${seed})`,
		async () => {
			const { server, users, room, clients, said } = await evening(seed);
			const log = in_log(server, room);

			users.forEach((user, i) => assert.deepEqual(
				log.filter((text) => text.startsWith(`${user.login} `)), said[i],
				`${user.login}: all there, once, as written`));
			for (const client of clients) {
				while (client.store.timelines.get(room.id).has_before) {
					const older = client.more('before');
					await server.clock.run(50);
					await older;
				}
				assert.deepEqual(texts(client, room), log, 'the same for everybody');
				assert.deepEqual(pending(client, room), []);
				assert.equal(client.outbox.unsent_count, 0);
			}
		});
