// The broker accepts API tokens: what they may do, where, and until when.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live, open } from '../lib/live.js';
import { actor, Client } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { in_time, within } from '../lib/wait.js';

let server, ann, room, other;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
	room = await ann.room();
	other = await ann.room();
});
afterEach(end_all);
after(end_all);

const make = (who, scopes, fields = {}) => who.want(201, 'POST', '/auth/tokens', {
	body: { name: 'a script', scopes, ...fields },
});
const ticket_of = async (token) =>
	(await new Client(server, { token }).want(201, 'POST', '/auth/ticket')).ticket;

// Each way to authenticate: what holds for a token holds for its ticket.
const ways = [
	['a header', async (secret, rest) => live(server, { token: secret, ...rest })],
	['a subprotocol', async (secret, rest) => live(server, { protocols: ['foyer.v1', `bearer.${secret}`], ...rest })],
	['a ticket', async (secret, rest) => live(server, { ...rest, query: { ...rest?.query, ticket: await ticket_of(secret) } })],
];

for (const [name, enter] of ways)
	describe(`by ${name}`, () => {
		it('it acts as its owner, and is told only what it may know', async () => {
			const made = await make(ann, ['read'], { room_id: room.id });
			const ear = await enter(made.secret);
			assert.equal(ear.ready.user.id, ann.id);
			assert.equal(ear.ready.session_id, made.id);
			assert.deepEqual(ear.ready.rooms.map((r) => r.id), [room.id]);
			const blind = await enter((await make(ann, ['post'])).secret);
			assert.deepEqual(blind.ready.rooms, []);
		});

		it('it listens with read, and writes with post', async () => {
			const reader = await enter((await make(ann, ['read'])).secret);
			await reader.join(room.id);
			assert.equal((await reader.ask({ type: 'message', room_id: room.id, text: 'x' })).code, 'forbidden');
			const writer = await enter((await make(ann, ['post'])).secret);
			assert.equal((await writer.ask({ type: 'join', room_id: room.id })).code, 'forbidden');
			await writer.want('ack', { type: 'message', room_id: room.id, text: `by ${name}` });
			await reader.find((f) => f.text === `by ${name}`, 'the message');
		});

		it('it finds no room but its own', async () => {
			const ear = await enter((await make(ann, ['read', 'post'], { room_id: room.id })).secret);
			await ear.join(room.id);
			for (const frame of [{ type: 'join' }, { type: 'message', text: 'x' }, { type: 'leave' }])
				assert.equal((await ear.ask({ ...frame, room_id: other.id })).code, 'not_found');
			await ear.want('ack', { type: 'message', room_id: room.id, text: 'here' });
		});

		it('coming into a room takes post, as by REST', async () => {
			const bob = await actor(server, 'bob');
			const reader = await enter((await make(bob, ['read'])).secret);
			assert.equal((await reader.ask({ type: 'join', room_id: room.id })).code, 'forbidden');
			await bob.refused(404, 'not_found', 'GET', `/rooms/${room.id}`);
			const both = await enter((await make(bob, ['read', 'post'])).secret);
			await both.join(room.id);
		});

		it('it closes within a second when it is taken back', async () => {
			const made = await make(ann, ['read']);
			const ear = await enter(made.secret);
			await ann.want(204, 'DELETE', `/auth/tokens/${made.id}`);
			assert.deepEqual(await within(ear.closed, 'close'), { code: 4401, reason: 'session_ended' });
		});

		it('it closes when its time has come', async () => {
			const ear = await in_time(async (seconds) => enter((await make(ann, ['read'], {
				expires_at: new Date(Date.now() + 1000 * seconds).toISOString(),
			})).secret), 4);
			assert.deepEqual(await within(ear.closed, 'close'), { code: 4401, reason: 'token_expired' });
		});
	});

describe('an API token', () => {
	it('of one room does not say how its owner is, as by REST', async () => {
		const { secret } = await make(ann, ['read', 'post'], { room_id: room.id });
		const bound = await live(server, { token: secret });
		const script = new Client(server, { token: secret });
		const body = { status: 'busy', text: 'not mine to say' };
		const { body: said } = await script.refused(403, 'forbidden', 'PUT', '/users/status', { body });
		const heard = await bound.refused('forbidden', { type: 'status', ...body });
		assert.equal(heard.detail, said.detail);
		assert.equal((await ann.get('/users/me')).status, 'online');
	});

	it('is taken as the first frame, with its ref', async () => {
		const { secret } = await make(ann, ['read']);
		const ear = await open(server);
		assert.equal((await ear.want('ready', { type: 'auth', token: secret })).user.id, ann.id);
	});

	it('is not taken from a URL', async () => {
		const { secret } = await make(ann, ['read']);
		const ear = await open(server, { query: { token: secret } });
		assert.equal((await ear.find('error')).code, 'token_invalid');
		assert.equal((await within(ear.closed, 'close')).code, 4401);
	});

	it('does not take over a connection that somebody signed in to', async () => {
		const { secret } = await make(ann, ['read']);
		const ear = await live(server, { token: ann.token });
		assert.equal((await ear.ask({ type: 'auth', token: secret })).code, 'forbidden');
		await ear.join(room.id);
	});

	it('of another room is refused where the connection is for this one', async () => {
		const { secret } = await make(ann, ['read'], { room_id: other.id });
		const ear = await open(server, { token: secret, path: '/rooms/ws', query: { room: room.id } });
		assert.equal((await within(ear.closed, 'close')).code, 4404);
	});

	for (const [name, secret] of [['unknown', `fyr_${'x'.repeat(43)}`], ['short', 'fyr_']])
		it(`that is ${name} is token_invalid`, async () => {
			const ear = await open(server, { token: secret });
			assert.equal((await ear.find('error')).code, 'token_invalid');
			assert.equal((await within(ear.closed, 'close')).code, 4401);
		});
});
