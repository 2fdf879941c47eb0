// What people do in a room besides talking, without a page: reading, writing, changing
// messages; and the parts of a text.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { named_in, parts_of } from '../../web/core/markup.js';
import { FakeClock, FakeServer, FakeStorage, chance_of, make_client, settle, texts }
	from './fake.js';

async function world() {
	const clock = new FakeClock();
	const server = new FakeServer({ clock, random: chance_of(1) });
	const users = ['anna', 'boris'].map((name) => server.user(name));
	const room = server.room('a room', users);
	const [anna, boris] = await Promise.all(users.map((user) => make_client(server, user)));
	await clock.run(100);
	for (const client of [anna, boris])
		client.open_room(room.id);
	await clock.run(200);
	const last = (client) => client.store.timelines.get(room.id).messages.at(-1);
	return { clock, server, users, room, anna, boris, last };
}

test('a message is sent, delivered, and read by the slowest of the others', async () => {
	const { clock, server, room, anna, boris, last } = await world();
	const progress = () => anna.store.members.progress(last(anna));

	boris.open_room(null);
	await clock.run(50);
	anna.say(room.id, 'hello');
	await clock.run(50);
	assert.equal(progress(), 'sent');
	boris.open_room(room.id);
	await clock.run(1500);
	assert.equal(progress(), 'delivered');
	assert.equal(server.arrivals.at(-1).seq, room.log.length);
	boris.seen(room.id, room.log.length);
	await clock.run(1500);
	assert.equal(progress(), 'read');
	assert.deepEqual(anna.store.members.readers(last(anna)).map(({ user }) => user.login), ['boris']);
});

test('what was said while the line was away has arrived when it is back', async () => {
	const { clock, server, users, room, anna, boris, last } = await world();

	boris.open_room(null);
	server.trouble.line_down = true;
	[...server.sockets].find((socket) => socket.user_id === users[1].id).cut(1006, '');
	await clock.run(100);
	anna.say(room.id, 'good morning');
	await clock.run(100);
	assert.equal(anna.store.members.progress(last(anna)), 'sent');
	server.trouble.line_down = false;
	server.unread.set(users[1].id, 1);
	await clock.run(60000);
	assert.equal(boris.socket.state, 'online');
	assert.equal(anna.store.members.progress(last(anna)), 'delivered');
	assert.equal(server.arrivals.length, 1);
	[...server.sockets].find((socket) => socket.user_id === users[1].id).cut(1006, '');
	await clock.run(60000);
	assert.equal(server.arrivals.length, 1, 'once is enough');
});

test('who writes is told now and then, and that it is over', async () => {
	const { clock, server, users, room, anna, boris } = await world();
	const writing = () => boris.store.members.writing(room.id);

	for (let i = 0; i < 10; i++) {
		anna.draft(room.id, { text: 'x'.repeat(i + 1), reply_to: null });
		await clock.run(500);
	}
	assert.deepEqual(server.typed, [true, true], 'not for each letter');
	assert.deepEqual(writing(), [users[0].id]);
	assert.deepEqual(anna.store.members.writing(room.id), [], 'not oneself');
	anna.draft(room.id, { text: '', reply_to: null });
	await clock.run(100);
	assert.deepEqual(writing(), []);

	anna.draft(room.id, { text: 'and', reply_to: null });
	await clock.run(100);
	assert.deepEqual(writing(), [users[0].id]);
	anna.say(room.id, 'and here it is');
	await clock.run(100);
	assert.deepEqual(writing(), [], 'it was said');
	anna.draft(room.id, { text: 'more', reply_to: null });
	await clock.run(100);
	for (const socket of server.sockets)
		if (socket.user_id === users[0].id)
			socket.cut(1006, '');
	server.trouble.line_down = true;
	await clock.run(9000);
	assert.deepEqual(writing(), [], 'nothing was heard for long');
});

test('a change and a reaction are seen at once, and taken back when they are refused',
	async () => {
		const { clock, server, room, anna, boris, last } = await world();

		anna.say(room.id, 'one');
		await clock.run(100);
		const edited = anna.acts.edit(last(anna), 'two');
		await settle();
		assert.equal(last(anna).text, 'two');
		await clock.run(100);
		await edited;
		await clock.run(100);
		assert.deepEqual(texts(boris, room), ['two']);

		boris.acts.react(last(boris), '👍', true);
		await settle();
		assert.deepEqual(last(boris).reactions, [{ emoji: '👍', count: 1, mine: true }]);
		boris.acts.react(last(boris), '👍', false);
		await settle();
		assert.deepEqual(last(boris).reactions, []);
		boris.acts.react(last(boris), '👍', true);
		await clock.run(200);
		assert.deepEqual(last(anna).reactions, [{ emoji: '👍', count: 1, mine: false }]);

		const refused = [boris.acts.edit(last(boris), 'not mine'),
			boris.acts.react(last(boris), 'x', true)].map((act) => act.catch((e) => e.code));
		await settle();
		assert.equal(last(boris).text, 'not mine');
		await clock.run(200);
		assert.deepEqual(await Promise.all(refused), ['forbidden', 'invalid']);
		assert.equal(last(boris).text, 'two');
		assert.deepEqual(last(boris).reactions, [{ emoji: '👍', count: 1, mine: true }]);
		assert.equal(server.messages(room).length, 1);
	});

test('what is answered is read once, and follows the log', async () => {
	const { clock, server, room, anna, last } = await world();
	anna.say(room.id, 'the first');
	await clock.run(100);
	const { id } = last(anna);
	server.requests.length = 0;

	for (let i = 0; i < 3; i++)
		anna.ask_original(room.id, id);
	await clock.run(100);
	assert.equal(anna.store.originals.get(id).text, 'the first');
	assert.equal(server.requests.length, 1);
	anna.acts.edit(last(anna), 'the very first');
	await clock.run(500);
	assert.equal(anna.store.originals.get(id).text, 'the very first');
	anna.ask_original(room.id, 'message-nowhere');
	await clock.run(100);
	assert.equal(anna.store.originals.get('message-nowhere'), null);
});

test('a draft outlives the page, is somebody\'s own, and goes with who signs out', async () => {
	const { clock, server, users, room } = await world();
	const storage = new FakeStorage();
	const first = await make_client(server, users[0], { storage });

	first.draft(room.id, { text: 'half a thought', reply_to: null });
	await clock.run(1000);
	const second = await make_client(server, null, { storage });
	assert.deepEqual(second.store.drafts.get(room.id), { text: 'half a thought', reply_to: null });
	const gone = second.sign_out();
	await clock.run(500);
	await gone;
	assert.equal([...Array(storage.length).keys()].filter((at) =>
		storage.key(at).includes('draft')).length, 0);
});

test('a text is made of words, links, code and people', () => {
	const kinds = (text, who) => parts_of(text, who).map((part) => [part.kind, part.text]);
	const who = (login) => ({ anna: 'me', 'boris.b': 'other' })[login.toLowerCase()] ?? null;

	assert.deepEqual(kinds('see `a`b`, https://x.example/`c`.'), [['text', 'see '], ['code', 'a'],
		['text', 'b'], ['code', ', https://x.example/'], ['text', 'c`.']]);
	assert.deepEqual(kinds('so:\n```js\nlet `a`;\n\n```\nand'), [['text', 'so:\n'],
		['block', 'let `a`;\n'], ['text', 'and']]);
	assert.deepEqual(kinds('```one line```'), [['block', 'one line']]);
	assert.deepEqual(kinds('``` no end'), [['text', '``` no end']]);
	assert.deepEqual(kinds('@Anna, @boris.b. me@anna.example @eva `@anna`', who), [
		['mention', '@Anna'], ['text', ', '], ['mention', '@boris.b'],
		['text', '. me@anna.example @eva '], ['code', '@anna']]);
	assert.equal(parts_of('@anna', who)[0].is_mine, true);
	assert.equal(parts_of('```js\nx```')[0].language, 'js');
});

test('whom a message means is what the server found', () => {
	const me = { id: '1', login: 'Anna' };
	const who = named_in({ mentions: ['1', '2'] }, me, (id) => ({ 2: 'boris' })[id]);

	assert.equal(who('anna'), 'me');
	assert.equal(who('BORIS'), 'other');
	assert.equal(who('eva'), null);
	assert.equal(named_in({ mentions: ['3'] }, me, () => null)('eva'), 'other', 'not met yet');
	assert.equal(named_in({ mentions: [] }, me, () => null)('anna'), null);
});
