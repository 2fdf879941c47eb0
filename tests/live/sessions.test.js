// A connection lives as long as its session, and no longer.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { parse, remake } from '../lib/jwt.js';
import { end_all, live } from '../lib/live.js';
import { actor, Client, sign_in } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { in_time, within } from '../lib/wait.js';

let server;

before(async () => {
	server = await shared();
});
afterEach(end_all);
after(end_all);

const connect = (token) => live(server, { token });

async function closed_with(connection, reason) {
	const gone = await within(connection.closed, `close for ${reason}`);
	assert.equal(gone.code, 4401, JSON.stringify(gone));
	assert.equal(gone.reason, reason);
}

const short_lived = (who, seconds) => remake(server, who.token, {
	claims: { exp: Math.floor(Date.now() / 1000) + seconds },
});

describe('the end of a session closes its connections with 4401 session_ended:', () => {
	it('sign-out by access token', async () => {
		const ann = await actor(server);
		const ears = await Promise.all([connect(ann.token), connect(ann.token)]);
		await ann.want(204, 'POST', '/auth/logout');
		for (const ear of ears)
			await closed_with(ear, 'session_ended');
	});

	it('sign-out by refresh token', async () => {
		const ann = await actor(server);
		const ear = await connect(ann.token);
		await new Client(server).want(204, 'POST', '/auth/logout', {
			body: { refresh_token: ann.pair.refresh_token },
		});
		await closed_with(ear, 'session_ended');
	});

	it('a stolen refresh token', async () => {
		const ann = await actor(server);
		const ear = await connect(ann.token);
		const nobody = new Client(server);
		const use = (refresh_token) => nobody.call('POST', '/auth/refresh', {
			body: { refresh_token },
		});
		const two = await use(ann.pair.refresh_token);
		await use(two.body.refresh_token);
		assert.equal((await use(ann.pair.refresh_token)).status, 401);
		await closed_with(ear, 'session_ended');
	});

	it('removal of the person', async () => {
		const ann = await actor(server);
		const ear = await connect(ann.token);
		await server.sql(`DELETE FROM users WHERE id = '${ann.id}'`);
		await closed_with(ear, 'session_ended');
	});

	it('and only its own: the other device goes on', async () => {
		const ann = await actor(server);
		const other = await sign_in(server, ann);
		const [one, two] = [await connect(ann.token), await connect(other.token)];
		await ann.want(204, 'POST', '/auth/logout');
		await closed_with(one, 'session_ended');
		await two.settled();
	});
});

describe('the end of a token', () => {
	it('closes with 4401 token_expired', async () => {
		const ann = await actor(server);
		const ear = await in_time((seconds) => connect(short_lived(ann, seconds)), 2);
		await closed_with(ear, 'token_expired');
	});

	it('is foretold by token_expiring', async () => {
		const ann = await actor(server);
		const [seconds, told] = await in_time(async (some) =>
			[some, await (await connect(short_lived(ann, some))).find('token_expiring')], 3);
		assert.ok(told.expires_in >= 0 && told.expires_in <= seconds, JSON.stringify(told));
	});

	it('does not come when a new token was shown in time; nothing is dropped', async () => {
		const ann = await actor(server);
		const room = await ann.room();
		const { renewed, left, first, ready } = await in_time(async (seconds) => {
			const [one, other] = [await connect(short_lived(ann, seconds)),
				await connect(short_lived(ann, seconds))];
			await one.join(room.id);
			return { renewed: one, left: other, first: await ann.post(room.id, 'before'),
				ready: await one.want('ready', { type: 'auth', token: ann.token }) };
		}, 3);
		assert.equal(ready.user.id, ann.id);
		await closed_with(left, 'token_expired');
		// its old token has expired like the other's
		const last = await ann.post(room.id, 'after');
		await renewed.find((f) => f.id === last.id && f.type === 'message', 'after');
		assert.deepEqual(renewed.messages(room.id).map((m) => m.id), [first.id, last.id]);
	});

	it('does not come for one whose new token is from a refreshed pair', async () => {
		const ann = await actor(server);
		const ear = await connect(ann.token);
		const { body } = await new Client(server).call('POST', '/auth/refresh', {
			body: { refresh_token: ann.pair.refresh_token },
		});
		const ready = await ear.want('ready', { type: 'auth', token: body.access_token });
		assert.equal(ready.session_id, parse(ann.token).claims.sid);
	});

	it('a bad token shown for renewal is an error; the old one still counts', async () => {
		const ann = await actor(server);
		const ear = await connect(ann.token);
		for (const token of ['garbage', short_lived(ann, -10), '', 7]) {
			const reply = await ear.ask({ type: 'auth', token });
			assert.equal(reply.type, 'error', JSON.stringify(reply));
		}
		await ear.settled();
	});

	it('another person\'s token is refused for renewal', async () => {
		const [ann, bob] = [await actor(server), await actor(server)];
		const ear = await connect(ann.token);
		const reply = await ear.ask({ type: 'auth', token: bob.token });
		assert.equal(reply.type, 'error', JSON.stringify(reply));
		const room = await ann.room();
		assert.equal((await ear.join(room.id)).room_id, room.id);
	});
});

describe('renewal with another session of one\'s own', () => {
	it('binds the connection to that one', async () => {
		const ann = await actor(server);
		const other = await sign_in(server, ann);
		const ear = await connect(ann.token);
		const reply = await ear.ask({ type: 'auth', token: other.token });
		if (reply.type === 'error')
			return; // a refusal is fine: then the first session still counts
		await other.want(204, 'POST', '/auth/logout');
		await closed_with(ear, 'session_ended');
	});
});
