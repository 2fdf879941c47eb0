// The live line: opened with the token, watched, and reopened as each way of closing requires.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PROTOCOL, retry_after_of } from '../../web/core/socket.js';
import { backoff_ms } from '../../web/core/clock.js';
import { FakeClock, FakeServer, make_client } from './fake.js';

async function world({ run_ms = 100, trouble = {}, ...options } = {}) {
	const clock = new FakeClock();
	const server = new FakeServer({ clock, random: () => 0.5 });
	const made = [];
	const Plain = server.WebSocket;
	server.WebSocket = class extends Plain {
		constructor(url, protocols) {
			super(url, protocols);
			this.made_at = clock.time;
			this.sent = [];
			made.push(this);
		}

		send(text) {
			this.sent.push(JSON.parse(text));
			super.send(text);
		}
	};
	Object.assign(server.trouble, trouble);
	const user = server.user('anna');
	const room = server.room('a room', [user]);
	const client = await make_client(server, user, options);
	const states = [];
	client.socket.addEventListener('state', (event) => states.push(event.detail.state));
	await clock.run(run_ms);
	return { clock, server, user, room, client, socket: client.socket, made, states };
}

test('the token goes by subprotocol, and never into the address', async () => {
	const { client, made } = await world();

	assert.equal(made.length, 1);
	assert.equal(made[0].url, 'ws://foyer.test/api/v1/ws');
	assert.deepEqual(made[0].protocols, [PROTOCOL, `bearer.${await client.session.token()}`]);
});

test('under a prefix and TLS the address follows the page', async () => {
	const { made } = await world({ base: 'https://foyer.test/chat/', trouble: { rest_down: true } });

	assert.equal(made[0].url, 'wss://foyer.test/chat/api/v1/ws');
});

test('a line that breaks comes back, later each time, and at once when nudged', async () => {
	const { clock, server, socket, made, states } = await world();

	server.trouble.line_down = true;
	made[0].cut(1006, '');
	await clock.run(120000);
	const waits = made.slice(1).map((one, i) => one.made_at - made[i].made_at).slice(1);
	for (let i = 1; i < waits.length; i++)
		assert.ok(waits[i] >= waits[i - 1], `${waits}`);
	assert.ok(made.length < 16, `${made.length} tries in two minutes`);
	assert.equal(socket.state, 'waiting');
	assert.ok(socket.retry_at > clock.now());

	server.trouble.line_down = false;
	socket.nudge();
	await clock.run(50);
	assert.equal(socket.state, 'online');
	assert.equal(states.at(-1), 'online');
});

test('pauses double up to a bound and are spread by chance', () => {
	assert.deepEqual([0, 1, 2, 3].map((n) => backoff_ms(n, () => 1)), [400, 800, 1600, 3200]);
	assert.deepEqual([0, 1, 2, 3].map((n) => backoff_ms(n, () => 0)), [200, 400, 800, 1600]);
	assert.equal(backoff_ms(99, () => 1), 30000);
});

test('a server that shuts down says when to come back', async () => {
	const { clock, socket, made } = await world();

	made[0].cut(1001, '{"retry_after":3.5}');
	await clock.run(3400);
	assert.equal(socket.state, 'waiting');
	assert.equal(made.length, 1);
	await clock.run(200);
	assert.equal(socket.state, 'online');
});

test('retry_after is understood in JSON and in plain words', () => {
	for (const [reason, seconds] of [['{"retry_after":2}', 2], ['retry_after=0.25', 0.25],
		['shutting down; retry_after: 7', 7], ['', null], ['bye', null], [undefined, null]])
		assert.equal(retry_after_of(reason), seconds);
});

test('a token that has run out is renewed, and the line opened with the new one', async () => {
	const { clock, client, server, socket, made } = await world();
	const old = await client.session.token();

	server.tokens.get(old).expires_at = 0;
	made[0].cut(4401, 'token_expired');
	await clock.run(300);
	assert.equal(socket.state, 'online');
	assert.equal(made.length, 2);
	assert.notEqual(made[1].protocols[1], `bearer.${old}`);
	assert.equal(client.session.signed_in, true);
});

test('an ended session closes the line for good and shows the way in', async () => {
	const { clock, client, server, user, socket, made } = await world();

	server.end_sessions(user);
	await clock.run(60000);
	assert.equal(socket.state, 'closed');
	assert.equal(made.length, 1);
	assert.equal(client.store.user, null);
	assert.equal(client.store.ended, 'session_ended');
});

test('a token renewed in good time goes over the open line', async () => {
	const { clock, client, made, states } = await world();
	const old = await client.session.token();
	states.length = 0;

	await clock.run(15 * 60 * 1000);
	assert.equal(made.length, 1, 'the line was never dropped');
	assert.notEqual(await client.session.token(), old);
	assert.deepEqual(made[0].sent.filter((f) => f.type === 'auth'),
		[{ type: 'auth', token: await client.session.token() }]);
	assert.deepEqual(states, []);
});

test('the server may ask for a new token', async () => {
	const { clock, client, made } = await world();
	const old = await client.session.token();

	made[0].tell({ type: 'token_expiring', expires_in: 30 });
	await clock.run(100);
	assert.notEqual(await client.session.token(), old);
	assert.equal(made[0].sent.at(-1).type, 'auth');
});

test('a line that has died without a word is noticed and replaced', async () => {
	const { clock, socket, made } = await world();

	made[0].tell = () => {};	// nothing arrives any more
	await clock.run(40000);
	assert.ok(made.length >= 2);
	assert.equal(socket.state, 'online');
	assert.equal(made[0].closed_with, 1000);
});

test('a line is doubted from the ping until anything arrives', async () => {
	const { clock, socket, made } = await world();
	const doubts = [];

	socket.addEventListener('doubt', ({ detail }) => doubts.push(detail));
	socket.nudge();
	assert.deepEqual(doubts, [true]);
	await clock.run(1000);
	assert.deepEqual(doubts, [true, false]);
	made[0].tell = () => {};
	socket.nudge();
	socket.nudge();
	await clock.run(1000);
	assert.deepEqual(doubts, [true, false, true]);
	await clock.run(10000);
	assert.deepEqual([made.length, socket.state, doubts.at(-1)], [2, 'online', false]);
});

test('a quiet line that still answers is left alone', async () => {
	const { clock, made } = await world();

	await clock.run(10 * 60 * 1000);
	assert.equal(made.length, 1);
	assert.ok(made[0].sent.filter((f) => f.type === 'ping').length >= 5);
});

test('a server that accepts and says nothing is given up and tried again', async () => {
	const { clock, server, socket, made } = await world();

	server.trouble.line_down = true;
	made[0].cut(1006, '');
	await clock.run(1000);
	server.trouble.line_down = false;
	server.WebSocket.prototype.tell = () => {};
	await clock.run(60000);
	delete server.WebSocket.prototype.tell;
	await clock.run(60000);
	assert.equal(socket.state, 'online');
});

test('a broken frame is not lived with', async () => {
	const { clock, socket, made } = await world();

	made[0].onmessage({ data: '{"type":"mess' });
	assert.equal(socket.state, 'waiting');
	await clock.run(1000);
	assert.equal(socket.state, 'online');
	assert.equal(made.length, 2);
});

test('too much makes the client slow down', async () => {
	const { clock, made } = await world();

	made[0].cut(4429, 'too much');
	await clock.run(9000);
	assert.equal(made.length, 1);
	await clock.run(12000);
	assert.equal(made.length, 2);
});

test('a server that refuses every token is not asked in a loop', async () => {
	const { clock, server, made } = await world();

	server.check = () => {
		throw Object.assign(new Error('token_expired'), { body: {}, status: 401 });
	};
	made[0].cut(4401, 'token_expired');
	await clock.run(60000);
	assert.ok(made.length < 14, `${made.length} tries in a minute`);
});

test('what a former line still has to say is not heard', async () => {
	const { clock, socket, made } = await world();
	const heard = [];

	socket.addEventListener('frame', (event) => heard.push(event.detail));
	const late = made[0].onmessage;
	socket.restart();
	late({ data: '{"type":"activity","room_id":"x"}' });
	await clock.run(100);
	assert.deepEqual(heard.filter((f) => f.room_id === 'x'), []);
	assert.equal(socket.state, 'online');
});
