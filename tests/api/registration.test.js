// Who may register: with an invite only, or nobody.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Mailbox } from '../lib/mailbox.js';
import { a_login, Client, PASSWORD, TIME } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { until } from '../lib/wait.js';
import { utimesSync } from 'node:fs';
import path from 'node:path';

const box = new Mailbox();
let server, root;

// The first account is made before there is anybody who could invite.
async function first_admin(where) {
	const client = new Client(where);
	const login = a_login();
	await where.sql("INSERT INTO registration_invites (code, max_uses) VALUES ('the-first-one', 1)");
	client.pair = await client.want(201, 'POST', '/auth/register', {
		body: { login, email: `${login}@example.org`, password: PASSWORD, invite: 'the-first-one' },
	});
	client.token = client.pair.access_token;
	client.id = client.pair.user.id;
	await where.foyer('admin', login);
	return client;
}

before(async () => {
	server = await private_server({
		name: 'invite',
		env: { ...LOOSE, FOYER_REGISTRATION: 'invite' },
	});
	root = await first_admin(server);
});
after(async () => {
	await end_private_servers();
	box.remove();
});

const nobody = (where = server) => new Client(where);
const invite = (body, by = root) => by.want(201, 'POST', '/admin/invites', { body });

function register(code, fields = {}, where = server) {
	const login = a_login();
	return nobody(where).call('POST', '/auth/register', {
		body: { login, email: `${login}@example.org`, password: PASSWORD, invite: code, ...fields },
	});
}

async function uses(code, by = root) {
	const { items } = await by.get('/admin/invites?limit=100');
	return items.find((i) => i.code === code).uses;
}

describe('registration by invite', () => {
	it('is said in /status', async () => {
		assert.equal((await nobody().get('/status')).registration, 'invite');
	});

	it('without an invitation is 403 invite_required', async () => {
		const reply = await register();
		assert.equal(reply.status, 403);
		assert.equal(reply.body.code, 'invite_required');
	});

	it('with one lets as many in as it says: one, if it says nothing', async () => {
		const { code, max_uses } = await invite();
		assert.equal(max_uses, 1);
		assert.equal((await register(code)).status, 201);
		const again = await register(code);
		assert.equal(again.status, 422);
		assert.deepEqual(again.body.errors.map((e) => [e.field, e.code]), [['invite', 'unknown']]);
		assert.equal(await uses(code), 1);
	});

	it('of many at once lets in exactly as many as it says', async () => {
		const { code } = await invite({ max_uses: 5 });
		const replies = await Promise.all(Array.from({ length: 12 }, () => register(code)));
		const statuses = replies.map((r) => r.status);
		assert.equal(statuses.filter((s) => s === 201).length, 5, statuses.join());
		assert.equal(statuses.filter((s) => s === 422).length, 7, statuses.join());
		assert.equal(await uses(code), 5);
	});

	it('lets any number in when it says null', async () => {
		const { code, max_uses } = await invite({ max_uses: null });
		assert.equal(max_uses, null);
		const replies = await Promise.all(Array.from({ length: 4 }, () => register(code)));
		assert.deepEqual(replies.map((r) => r.status), Array(4).fill(201));
		assert.equal(await uses(code), 4);
	});

	it('that fails uses nothing up', async () => {
		const { code } = await invite();
		const login = a_login();
		assert.equal((await register(code, { login: 'x' })).status, 422);
		const other = await invite();
		assert.equal((await register(other.code, { login })).status, 201);
		assert.equal((await register(code, { login })).status, 409);
		assert.equal(await uses(code), 0);
		assert.equal((await register(code)).status, 201);
	});

	it('of two at once with one login uses one up', async () => {
		const { code } = await invite({ max_uses: 10 });
		const login = a_login();
		const replies = await Promise.all(Array.from({ length: 4 }, () => register(code, { login })));
		assert.deepEqual(replies.map((r) => r.status).sort(), [201, 409, 409, 409]);
		assert.equal(await uses(code), 1);
	});

	it('unknown, expired and taken back are one answer', async () => {
		const [expired, gone] = [await invite({ expires_at: '2099-01-01T00:00:00Z' }), await invite()];
		await server.sql(`UPDATE registration_invites SET expires_at = now() WHERE code = '${expired.code}'`);
		await root.want(204, 'DELETE', `/admin/invites/${gone.code}`);
		await root.refused(404, 'not_found', 'DELETE', `/admin/invites/${gone.code}`);
		const said = [];
		for (const code of [expired.code, gone.code, 'never-was-one'])
			said.push(await register(code));
		for (const { status, body: { request_id, ...body } } of said) {
			assert.equal(status, 422);
			assert.deepEqual(body.errors, said[0].body.errors);
		}
	});
});

describe('invitations', () => {
	it('are made and listed, the latest first', async () => {
		const reply = await root.call('POST', '/admin/invites', {
			body: { max_uses: 3, expires_at: '2099-01-01T00:00:00Z' },
		});
		assert.equal(reply.status, 201);
		const made = reply.body;
		assert.deepEqual(Object.keys(made).sort(), ['code', 'created_at', 'created_by',
			'expires_at', 'max_uses', 'url', 'uses']);
		assert.match(made.code, /^[\w-]{16}$/);
		assert.match(made.created_at, TIME);
		assert.equal(made.expires_at, '2099-01-01T00:00:00.000Z');
		assert.equal(made.created_by, root.id);
		assert.equal(made.uses, 0);
		assert.equal(made.url, `${server.url}/#register=${made.code}`);
		assert.ok(reply.headers.get('location').endsWith(`/admin/invites/${made.code}`));
		assert.deepEqual(await root.get(`/admin/invites/${made.code}`), made);
		const { items } = await root.get('/admin/invites');
		assert.deepEqual(items[0], made);
	});

	it('come in pages that neither miss nor repeat one', async () => {
		for (let i = 0; i < 3; i++)
			await invite();
		await server.sql("UPDATE registration_invites SET created_at = '2026-01-01'");
		const { items: all } = await root.get('/admin/invites?limit=100');
		const seen = [];
		for (let cursor = ''; cursor !== null;) {
			const page = await root.get(`/admin/invites?limit=2${cursor && `&cursor=${cursor}`}`);
			seen.push(...page.items);
			cursor = page.next;
			assert.ok(seen.length <= all.length);
		}
		assert.deepEqual(seen, all);
	});

	const bad = [
		[{ max_uses: 0 }, ['max_uses']],
		[{ max_uses: 1.5, expires_at: 'tomorrow' }, ['expires_at', 'max_uses']],
		[{ expires_at: '2020-01-01T00:00:00Z' }, ['expires_at']],
		[{ code: 'mine' }, ['code']],
	];
	for (const [body, fields] of bad)
		it(`${JSON.stringify(body)} is 422`, async () => {
			const reply = await root.refused(422, 'invalid', 'POST', '/admin/invites', { body });
			assert.deepEqual(reply.fields, fields);
		});

	for (const cursor of ['x', 'MS4y!', 'MC54'])
		it(`?cursor=${cursor} is 422`, async () => {
			await root.refused(422, 'invalid', 'GET', `/admin/invites?cursor=${cursor}`);
		});
});

describe('registration by invite with confirmed addresses', () => {
	let other, boss;

	before(async () => {
		other = await private_server({
			name: 'both',
			env: {
				...LOOSE, ...box.env, FOYER_REGISTRATION: 'invite', FOYER_CONFIRM_EMAIL: 'on',
			},
		});
		await other.sql("INSERT INTO registration_invites (code, max_uses) VALUES ('the-first-one', 2)");
		const login = a_login();
		const reply = await register('the-first-one', { login, email: `${login}@example.org` }, other);
		assert.equal(reply.status, 202, reply.text);
		const { secret } = await box.next(`${login}@example.org`);
		await nobody(other).want(204, 'POST', '/auth/email/confirm', { body: { token: secret } });
		await other.foyer('admin', login);
		boss = nobody(other);
		boss.token = (await boss.want(200, 'POST', '/auth/login', { body: { login, password: PASSWORD } }))
			.access_token;
	});

	it('counts a use when somebody registers, and gives it back when nobody confirms', async () => {
		const { code } = await invite({ max_uses: 2 }, boss);
		const replies = await Promise.all(Array.from({ length: 5 }, () => register(code, {}, other)));
		assert.deepEqual(replies.map((r) => r.status).sort(), [202, 202, 422, 422, 422]);
		assert.equal(await uses(code, boss), 2);
		await other.sql(`UPDATE pending_accounts SET expires_at = now() - interval '1 s' WHERE invite = '${code}'`);
		utimesSync(path.join(other.state, 'run/sweep.accounts'), 0, 0);
		await until(async () => await uses(code, boss) === 0, 'uses that were given back');
		assert.equal((await register(code, {}, other)).status, 202);
	});
});

describe('closed registration', () => {
	it('is 403 registration_closed, with an invitation too', async () => {
		const closed = await private_server({
			name: 'closed',
			env: { ...LOOSE, FOYER_REGISTRATION: 'closed' },
		});
		await closed.sql("INSERT INTO registration_invites (code) VALUES ('good-elsewhere')");
		for (const code of [undefined, 'good-elsewhere']) {
			const reply = await register(code, {}, closed);
			assert.equal(reply.status, 403);
			assert.equal(reply.body.code, 'registration_closed');
		}
		assert.equal((await nobody(closed).get('/status')).registration, 'closed');
	});
});
