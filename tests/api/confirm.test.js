// With addresses to confirm, nobody has an account before the link is opened, and registering
// does not reveal whose address is known.

import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { Mailbox } from '../lib/mailbox.js';
import { a_login, Client, PASSWORD } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { until } from '../lib/wait.js';

const box = new Mailbox();
let server, nobody;

before(async () => {
	server = await private_server({
		name: 'confirm',
		env: { ...LOOSE, ...box.env, FOYER_CONFIRM_EMAIL: 'on', FOYER_LOBBY: 'Lobby' },
	});
	nobody = () => new Client(server);
});
after(async () => {
	await end_private_servers();
	box.remove();
});

function account(fields = {}) {
	const login = a_login();
	return { login, email: `${login}@example.org`, password: PASSWORD, ...fields };
}

function register(body) {
	return nobody().call('POST', '/auth/register', { body });
}

function confirm(token) {
	return nobody().call('POST', '/auth/email/confirm', { body: { token } });
}

function login(body) {
	return nobody().call('POST', '/auth/login', { body });
}

// Registers, opens the link and signs in.
async function settled(fields) {
	const body = account(fields);
	assert.equal((await register(body)).status, 202);
	const { secret } = await box.next(body.email);
	assert.equal((await confirm(secret)).status, 204);
	const client = nobody();
	client.pair = await client.want(200, 'POST', '/auth/login', {
		body: { login: body.login, password: body.password },
	});
	Object.assign(client, body, { token: client.pair.access_token, id: client.pair.user.id });
	return client;
}

function shape({ status, text, headers }) {
	return { status, text, names: [...headers.keys()].sort() };
}

describe('registering', () => {
	it('is 202 without a pair, and the link in the letter makes the account', async () => {
		const body = account({ first_name: 'Ann' });
		const reply = await register(body);
		assert.equal(reply.status, 202, reply.text);
		assert.equal(reply.text, '');
		const letter = await box.next(body.email);
		assert.equal(letter.what, 'confirm');
		assert.equal(letter.link, `${server.url}/#confirm=${letter.secret}`);
		assert.equal((await confirm(letter.secret)).status, 204);
		const { body: pair } = await login({ login: body.login, password: PASSWORD });
		assert.equal(pair.user.login, body.login);
		assert.equal(pair.user.first_name, 'Ann');
		assert.equal(pair.user.email, body.email);
		assert.equal(pair.user.email_confirmed, true);
	});

	it('with a known address is the same 202, and its owner is told', async () => {
		const ann = await settled();
		const stranger = account({ email: ann.email.toUpperCase() });
		const known = await register(stranger);
		const unknown = await register(account());
		assert.deepEqual(shape(known), shape(unknown));
		const letter = await box.next(ann.email);
		assert.equal(letter.secret, undefined);
		assert.ok(letter.text.includes(ann.login));
		assert.deepEqual(box.to(stranger.email), []);
	});

	it('makes no account before the link is opened', async () => {
		const ann = await settled();
		const body = account();
		await register(body);
		await box.next(body.email);
		const { items } = await ann.get(`/users/search?q=${body.login}`);
		assert.deepEqual(items, []);
		assert.equal(await server.sql(`SELECT count(*) FROM users WHERE login = '${body.login}'`), '0');
	});

	it('a login that somebody has is 409, as anybody may see who is here', async () => {
		const ann = await settled();
		await nobody().refused(409, 'login_taken', 'POST', '/auth/register', {
			body: account({ login: ann.login.toUpperCase() }),
		});
	});

	it('a login awaiting confirmation reveals nothing of its address', async () => {
		const ann = await settled();
		const [known, unknown] = [account({ email: ann.email }), account()];
		await register(known);
		await register(unknown);
		// in both cases the login is free and signing in answers the same
		for (const { login: same } of [known, unknown]) {
			assert.equal((await register(account({ login: same }))).status, 202);
		}
		const said = await Promise.all([known, unknown].map(async (b) =>
			shape(await login({ login: b.login, password: 'not this one, no' }))));
		assert.equal(said[0].status, said[1].status);
	});

	it('joins the lobby once confirmed, and not before', async () => {
		const size = async (who) => (await who.get('/rooms')).items
			.find((room) => room.name === 'Lobby').member_count;
		const first = await settled(), before_it = await size(first);
		const body = account();
		assert.equal((await register(body)).status, 202);
		const { secret } = await box.next(body.email);
		assert.equal(await size(first), before_it);
		assert.equal((await confirm(secret)).status, 204);
		assert.equal(await size(first), before_it + 1);
		assert.equal((await confirm(secret)).status, 404);
		assert.equal(await size(first), before_it + 1);
	});

	it('of two who want one login the first to confirm gets it, the other is told', async () => {
		const name = a_login();
		const bodies = [0, 1].map((i) => account({ login: name, email: `${name}_${i}@example.org` }));
		for (const body of bodies)
			assert.equal((await register(body)).status, 202);
		const [one, two] = await Promise.all(bodies.map((b) => box.next(b.email)));
		assert.equal((await confirm(two.secret)).status, 204);
		await nobody().refused(409, 'login_taken', 'POST', '/auth/email/confirm', {
			body: { token: one.secret },
		});
	});

	it('of two with one address the first to confirm gets it', async () => {
		const first = account();
		const second = account({ email: first.email });
		assert.equal((await register(first)).status, 202);
		assert.equal((await register(second)).status, 202);
		const [one, two] = [await box.next(first.email), await box.next(first.email)];
		assert.equal((await confirm(one.secret)).status, 204);
		await nobody().refused(409, 'email_taken', 'POST', '/auth/email/confirm', {
			body: { token: two.secret },
		});
	});

	it('a link works once', async () => {
		const body = account();
		await register(body);
		const { secret } = await box.next(body.email);
		const replies = await Promise.all([0, 1, 2].map(() => confirm(secret)));
		assert.deepEqual(replies.map((r) => r.status).sort(), [204, 404, 404]);
		assert.equal((await confirm('x'.repeat(43))).status, 404);
	});
});

describe('signing in before the link was opened', () => {
	it('with the right password is 403 email_unconfirmed', async () => {
		const body = account();
		await register(body);
		await nobody().refused(403, 'email_unconfirmed', 'POST', '/auth/login', {
			body: { login: body.login.toUpperCase(), password: PASSWORD },
		});
	});

	it('with a wrong one is the same 401 as for everybody', async () => {
		const body = account();
		await register(body);
		const wrong = await login({ login: body.login, password: 'not this one, no' });
		const unknown = await login({ login: a_login(), password: 'not this one, no' });
		assert.equal(wrong.status, 401);
		const { request_id: a, ...one } = wrong.body;
		const { request_id: b, ...two } = unknown.body;
		assert.deepEqual(one, two);
	});

	it('by an address tells nobody whether it is somebody\'s', async () => {
		const ann = await settled();
		const password = 'a stranger\'s own secret';
		await register(account({ email: ann.email, password }));
		const free = account({ password });
		await register(free);
		for (const email of [ann.email, free.email])
			await nobody().refused(401, 'invalid_credentials', 'POST', '/auth/login', {
				body: { email, password },
			});
	});
});

describe('another e-mail address', () => {
	it('is there once the link was opened, and the old one until then', async () => {
		const ann = await settled();
		const email = `${a_login()}@example.net`;
		const me = await ann.want(200, 'PUT', '/users/me', { body: { email, password: PASSWORD } });
		assert.equal(me.email, ann.email);
		const { secret, what } = await box.next(email);
		assert.equal(what, 'confirm');
		assert.equal((await ann.get('/users/me')).email, ann.email);
		assert.equal((await login({ email, password: PASSWORD })).status, 401);
		assert.equal((await confirm(secret)).status, 204);
		const now = await ann.get('/users/me');
		assert.equal(now.email, email);
		assert.equal(now.email_confirmed, true);
		assert.equal((await login({ email, password: PASSWORD })).status, 200);
		assert.equal((await confirm(secret)).status, 404);
	});

	it('that was requested with a former password is no longer accepted', async () => {
		const other_password = 'another long secret, 17';
		const changes = [
			(ann) => ann.want(204, 'PUT', '/auth/password', {
				body: { old_password: PASSWORD, new_password: other_password },
			}),
			async (ann) => {
				await nobody().want(202, 'POST', '/auth/password/forgot', { body: { email: ann.email } });
				const { secret } = await box.next(ann.email);
				await nobody().want(204, 'POST', '/auth/password/reset', {
					body: { token: secret, new_password: other_password },
				});
			},
		];
		for (const change of changes) {
			const ann = await settled();
			const email = `${a_login()}@example.net`;
			await ann.want(200, 'PUT', '/users/me', { body: { email, password: PASSWORD } });
			const { secret } = await box.next(email);
			await change(ann);
			assert.equal((await confirm(secret)).status, 404);
			assert.equal((await login({ email: ann.email, password: other_password })).status, 200);
		}
	});

	it('that somebody has gets the same answer, and they are told', async () => {
		const [ann, bob] = [await settled(), await settled()];
		const said = await ann.call('PUT', '/users/me', {
			body: { email: bob.email, password: PASSWORD },
		});
		assert.equal(said.status, 200);
		assert.equal(said.body.email, ann.email);
		assert.equal((await box.next(bob.email)).secret, undefined);
	});

	it('that somebody else confirmed first is 409 at the link', async () => {
		const ann = await settled();
		const bob = account();
		await ann.want(200, 'PUT', '/users/me', { body: { email: bob.email, password: PASSWORD } });
		const mine = await box.next(bob.email);
		await register(bob);
		const theirs = await box.next(bob.email);
		assert.equal((await confirm(theirs.secret)).status, 204);
		await nobody().refused(409, 'email_taken', 'POST', '/auth/email/confirm', {
			body: { token: mine.secret },
		});
		assert.equal((await ann.get('/users/me')).email, ann.email);
	});
});

describe('a link that nobody opened', () => {
	it('is invalid after three days, and is swept', async () => {
		const body = account();
		await register(body);
		const { secret } = await box.next(body.email);
		const rows = () => server.sql(`SELECT round(extract(epoch FROM expires_at - created_at))
			FROM pending_accounts WHERE email = '${body.email}'`);
		assert.equal(await rows(), String(3 * 86400));
		await server.sql(`UPDATE pending_accounts SET expires_at = now() - interval '1 s'
			WHERE email = '${body.email}'`);
		assert.equal((await confirm(secret)).status, 404);
		assert.equal((await login({ login: body.login, password: PASSWORD })).status, 401);
		utimesSync(path.join(server.state, 'run/sweep.accounts'), 0, 0);
		await until(async () => {
			await nobody().get('/auth/validate', { token: 'x' }).catch(() => {});
			return await rows() === '';
		}, 'end of the row');
	});
});

describe('the features', () => {
	it('say that addresses are confirmed', async () => {
		assert.equal((await nobody().get('/status')).confirm_email, true);
	});
});
