// A client for reading, before the parts that act are loaded: whatever happens or is done until
// then waits for them, and nothing is lost.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as acting from '../../web/core/acting.js';
// the page loads these with a call; here the clock would not wait for that
import '../../web/core/call.js';
import '../../web/core/call_line.js';
import { FakeClock, FakeServer, FakeShelf, make_client, pending, texts } from './fake.js';
import { FakeCalls, FakeNet } from './fake_calls.js';

async function world() {
	const clock = new FakeClock();
	const server = new FakeServer({ clock, random: () => 0.5 });
	const [anna, boris] = ['anna', 'boris'].map((name) => server.user(name));
	const room = server.room('a room', [anna, boris]);
	const net = new FakeNet(clock);
	const reader = async (how = {}) => {
		const client = await make_client(server, anna, { is_whole: false, rtc: net.rtc(), ...how });
		client.open_room(room.id);
		await clock.run(500);
		return client;
	};

	new FakeCalls(server);
	room.kind = 'direct';
	return { clock, server, users: { anna, boris }, room, reader,
		other: await make_client(server, boris, { rtc: net.rtc() }) };
}

test('one reads before one can act, and there is no line that could say what nobody hears', async () => {
	const { clock, server, room, reader, other } = await world();

	other.say(room.id, 'read me');
	await clock.run(100);
	const lines = server.sockets.size;
	const client = await reader();
	assert.deepEqual(texts(client, room), ['read me']);
	assert.equal(server.sockets.size, lines);
	assert.equal(client.outbox, undefined);
	client.nudge();
	client.rest();
	client.leave();
	other.say(room.id, 'and me');
	client.complete(acting);
	await clock.run(1000);
	assert.equal(client.store.line.state, 'online');
	assert.deepEqual(texts(client, room), ['read me', 'and me']);
});

test('what is said before that is sent, once, in order, behind what an earlier page left', async () => {
	const { clock, server, users, room, reader } = await world();
	const shelf = new FakeShelf();
	const earlier = await make_client(server, users.anna, { shelf });

	server.trouble.line_down = server.trouble.rest_down = true;
	[...server.sockets].forEach((socket) => socket.cut(1006, ''));
	earlier.say(room.id, 'kept');
	await clock.run(100);
	earlier.session.end('signed_out');
	server.trouble.line_down = server.trouble.rest_down = false;

	const client = await reader({ shelf });
	for (const text of ['one', 'two']) {
		client.say(room.id, text);
		assert.ok(!client.is_fleeting, 'it is noted');
	}
	const shown = () => client.store.pending_of(room.id);
	const at_first = shown();
	assert.deepEqual(at_first.map(({ text, state }) => [text, state]),
		[['one', 'waiting'], ['two', 'waiting']], 'seen at once');
	await client.whole();
	assert.deepEqual(shown().filter(({ text }) => text !== 'kept').map(({ client_id }) => client_id),
		at_first.map(({ client_id }) => client_id), 'the same ones');
	await clock.run(60000);
	assert.deepEqual(server.messages(room).map(({ text }) => text), ['kept', 'one', 'two']);
	assert.deepEqual(pending(client, room), []);
	assert.ok(!client.is_fleeting);
	assert.deepEqual(client.keep.names('outbox:'), []);
});

test('what is said on a page that is gone at once is sent by the next one, once, in order',
	async () => {
		const { clock, server, room, reader } = await world();
		const gone = await reader();
		const said = ['one', 'two'].map((text) => gone.say(room.id, text));
		const storage = gone.storage.copy();

		assert.ok(said[0].order < said[1].order);
		gone.session.end('signed_out');
		const client = await reader({ storage });
		await client.whole();
		assert.deepEqual(client.store.pending_of(room.id).map(({ client_id }) => client_id),
			said.map(({ client_id }) => client_id));
		await clock.run(60000);
		assert.deepEqual(server.messages(room).map(({ text, client_id }) => [text, client_id]),
			said.map(({ text, client_id }) => [text, client_id]));
		assert.deepEqual(client.keep.names('outbox:'), []);
		assert.equal(client.outbox.unsent_count, 0);
	});

test('what another tab sends before that is not shown as waiting any more', async () => {
	const { clock, server, users, room, reader } = await world();
	const client = await reader();
	const { storage, shelf } = client;

	client.whole = () => new Promise(() => {});
	client.say(room.id, 'one');
	const other = await make_client(server, users.anna, { storage, shelf });
	await clock.run(5000);
	assert.deepEqual(server.messages(room).map(({ text }) => text), ['one']);
	assert.deepEqual(pending(client, room), ['waiting: one']);
	client.complete(acting);
	assert.deepEqual(pending(client, room), []);
	await clock.run(5000);
	assert.deepEqual(texts(client, room), ['one']);
	assert.deepEqual(client.keep.names('outbox:'), []);
	assert.deepEqual([client, other].map(({ outbox }) => outbox.unsent_count), [0, 0]);
});

test('where nothing can be kept, what is said before that would be lost with the page', async () => {
	const { clock, server, room, reader } = await world();
	const shelf = new FakeShelf();
	const client = await reader({ shelf, storage: null });

	shelf.is_broken = true;
	client.say(room.id, 'stay a moment');
	assert.ok(client.is_fleeting);
	await client.whole();
	assert.ok(client.is_fleeting);
	await clock.run(60000);
	assert.deepEqual(server.messages(room).map(({ text }) => text), ['stay a moment']);
	assert.ok(!client.is_fleeting);
});

test('what is written fetches the parts that act; a draft is kept without them', async () => {
	const { clock, room, reader } = await world();
	const client = await reader();

	client.draft(room.id, { text: 'hel', reply_to: null });
	await client.whole();
	assert.ok(client.is_whole);
	await clock.run(1000);
	assert.equal(client.store.drafts.get(room.id).text, 'hel');
	assert.equal(client.store.line.state, 'online');
});

test('a message that is changed or reacted to at once is, when that is possible', async () => {
	const { clock, room, reader, other } = await world();

	other.say(room.id, 'well?');
	await clock.run(100);
	const client = await reader();
	const [message] = client.store.timelines.get(room.id).messages;
	const done = client.acts.react(message, '👍', true);
	await client.whole();
	await clock.run(1000);
	await done;
	assert.deepEqual(client.store.timelines.get(room.id).messages[0].reactions
		.map(({ emoji, mine }) => [emoji, mine]), [['👍', true]]);
});

test('what was seen before that is told as read, once', async () => {
	const { clock, server, room, reader, other } = await world();

	for (const text of ['one', 'two', 'three'])
		other.say(room.id, text);
	await clock.run(1000);
	const client = await reader();
	client.seen(room.id, 1);
	client.seen(room.id, 2);
	assert.equal(client.store.rooms.get(room.id).me.read_seq, 2, 'here at once');
	client.complete(acting);
	await clock.run(5000);
	assert.deepEqual(server.marks, [{ room_id: room.id, seq: 2 }]);
});

test('a call that rang before that rings', async () => {
	const { clock, room, reader, other } = await world();
	const client = await reader();

	other.calls.start(room.id);
	await clock.run(2000);
	client.complete(acting);
	await clock.run(500);
	assert.equal(client.store.calls.ringing.length, 1);
	other.calls.hang_up();
	await clock.run(500);
});

test('who signs out before that leaves nothing to be sent by the next one', async () => {
	const { clock, server, users, room, reader } = await world();
	const client = await reader();

	client.say(room.id, 'not by somebody else');
	client.session.end('session_ended');
	client.session.adopt(server.pair(users.boris));
	client.complete(acting);
	await clock.run(5000);
	assert.deepEqual(server.messages(room), []);
	client.session.end('session_ended');
	await (await reader({ storage: client.storage })).whole();
	await clock.run(5000);
	assert.deepEqual(server.messages(room).map(({ sender }) => sender.id), [users.anna.id]);
});

test('who signs out leaves nothing of it behind', async () => {
	const { clock, server, room, reader } = await world();
	const client = await reader();

	server.trouble.line_down = server.trouble.rest_down = true;
	client.say(room.id, 'never to be sent');
	client.storage.setItem(`${client.keep.prefix}outbox:${client.store.user.id}:x`, 'no note');
	const gone = client.sign_out();
	await clock.run(1000);
	await gone;
	assert.equal(client.storage.length, 0);
	assert.equal(client.shelf.items.size, 0);
});

test('nor of what the page before put on the shelf; nor does who removes the account', async () => {
	for (const way of ['sign_out', 'removed']) {
		const { clock, server, room, reader } = await world();
		const before = await reader();

		server.trouble.line_down = server.trouble.rest_down = true;
		await before.whole();
		before.say(room.id, 'on the shelf');
		await clock.run(1000);
		assert.equal(before.shelf.items.size, 1);
		const client = await reader({ storage: before.storage, shelf: before.shelf });
		client.draft(room.id, { text: 'begun', reply_to: null });
		const gone = client[way]();
		await clock.run(1000);
		await gone;
		await clock.run(1000);
		assert.equal(client.shelf.items.size, 0, way);
		assert.equal(client.storage.length, 0, way);
	}
});
