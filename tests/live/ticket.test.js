// A ticket opens one connection, once, which then lasts as long as its session.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live, open } from '../lib/live.js';
import { actor, sign_in } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { in_time, within } from '../lib/wait.js';

let server, ann, room;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
	room = await ann.room();
});
afterEach(end_all);
after(end_all);

const ticket_of = async (who) => (await who.want(201, 'POST', '/auth/ticket')).ticket;

async function is_refused(ticket) {
	const connection = await open(server, { query: { ticket } });
	assert.equal((await connection.find('error')).code, 'token_invalid');
	const gone = await within(connection.closed, 'close');
	assert.equal(gone.code, 4401);
	assert.equal(connection.frames.some((f) => f.type === 'ready'), false);
}

async function session_ends(connection) {
	const gone = await within(connection.closed, 'close');
	assert.deepEqual(gone, { code: 4401, reason: 'session_ended' });
}

describe('a ticket is taken', () => {
	const ways = [
		['at /api/v1/ws', () => ({})],
		['at /ws', () => ({ base: server.url.replace('http', 'ws') })],
		['with foyer.v1 as subprotocol', () => ({ protocols: ['foyer.v1'] })],
		['at /rooms/ws, which is joined', () => ({ path: '/rooms/ws', query: { room: room.id } })],
	];
	for (const [name, options] of ways)
		it(name, async () => {
			const { query, ...rest } = options();
			const connection = await live(server, {
				...rest, query: { ...query, ticket: await ticket_of(ann) },
			});
			assert.equal(connection.ready.user.id, ann.id);
			assert.equal(connection.ready.session_id,
				(await ann.get('/auth/validate')).session_id);
			if (query)
				assert.equal((await connection.find('joined')).room_id, room.id);
		});

	it('and does what a token does', async () => {
		const connection = await live(server, { query: { ticket: await ticket_of(ann) } });
		await connection.join(room.id);
		await connection.message(room.id, 'by ticket', { client_id: 'by-ticket' });
		await connection.find((f) => f.type === 'message' && f.text === 'by ticket');
		await connection.want('ready', { type: 'auth', token: ann.token });
	});

	it('and not used up where a token is shown too', async () => {
		const ticket = await ticket_of(ann);
		await live(server, { token: ann.token, query: { ticket } });
		await live(server, { query: { ticket } });
	});

	it('and frames before ready wait for it', async () => {
		const connection = await open(server, { query: { ticket: await ticket_of(ann) } });
		assert.equal((await connection.join(room.id)).room_id, room.id);
		assert.equal(connection.frames[0].type, 'ready');
	});
});

describe('a ticket is refused', () => {
	it('the second time', async () => {
		const ticket = await ticket_of(ann);
		await live(server, { query: { ticket } });
		await is_refused(ticket);
	});

	it('to all but one who show it at once', async () => {
		const ticket = await ticket_of(ann);
		const all = await Promise.all(Array.from({ length: 6 },
			() => open(server, { query: { ticket } })));
		const said = await Promise.all(all.map((c) => c.find(() => true, 'any frame')));
		assert.equal(said.filter((f) => f.type === 'ready').length, 1);
		assert.equal(said.filter((f) => f.code === 'token_invalid').length, 5);
	});

	it('when it is too old', async () => {
		const bob = await actor(server);
		const ticket = await ticket_of(bob);
		await server.sql('UPDATE tickets t SET expires_at = now() - interval \'1 s\''
			+ ` FROM sessions s WHERE s.id = t.session_id AND s.user_id = '${bob.id}'`);
		await is_refused(ticket);
	});

	it('when its session has ended', async () => {
		const bob = await actor(server);
		const ticket = await ticket_of(bob);
		await bob.want(204, 'POST', '/auth/logout');
		await is_refused(ticket);
	});

	for (const [name, ticket] of [['none of ours', 'x'.repeat(43)], ['empty', ''], ['long', 'y'.repeat(2000)]])
		it(`when it is ${name}`, () => is_refused(ticket));

	it('when it is an access token or a refresh token', async () => {
		await is_refused(ann.token);
		await is_refused(ann.pair.refresh_token);
	});
});

describe('what a ticket opened closes', () => {
	it('with its session, signed out from afar', async () => {
		const bob = await actor(server);
		const phone = await sign_in(server, bob);
		const ears = [await live(server, { query: { ticket: await ticket_of(phone) } }),
			await live(server, { token: phone.token })];
		const { session_id } = ears[0].ready;
		const mine = await live(server, { query: { ticket: await ticket_of(bob) } });
		await bob.want(204, 'DELETE', `/auth/sessions/${session_id}`);
		for (const ear of ears)
			await session_ends(ear);
		await mine.settled();
	});

	it('with a new password, but for the session that gave it', async () => {
		const bob = await actor(server);
		const phone = await sign_in(server, bob);
		const ear = await live(server, { query: { ticket: await ticket_of(phone) } });
		const unused = await ticket_of(phone);
		const mine = await live(server, { query: { ticket: await ticket_of(bob) } });
		await bob.want(204, 'PUT', '/auth/password', {
			body: { old_password: 'correct horse battery staple', new_password: 'another secret, 7' },
		});
		await session_ends(ear);
		await is_refused(unused);
		await mine.settled();
	});

	it('with the end of the session itself', async () => {
		const ear = await in_time(async (seconds) => {
			const bob = await actor(server);
			const ticket = await ticket_of(bob);
			await server.sql(`UPDATE sessions SET refresh_expires_at = now() + interval '${seconds} s',`
				+ ` expires_at = now() + interval '${seconds} s' WHERE user_id = '${bob.id}'`);
			return live(server, { query: { ticket } });
		}, 3);
		const gone = await within(ear.closed, 'close');
		assert.deepEqual(gone, { code: 4401, reason: 'token_expired' });
	});
});

describe('the logs', () => {
	it('name no ticket, used or refused', async () => {
		const ticket = await ticket_of(ann);
		await live(server, { query: { ticket } });
		await is_refused(ticket);
		for (const name of ['rest.log', 'lighttpd.log', 'broker.log', 'supervise.log'])
			assert.equal(server.log(name).includes(ticket), false, name);
	});
});
