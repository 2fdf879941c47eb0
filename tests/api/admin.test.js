// Administrators of the instance: who is one, and what they can do with people and rooms.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { Mailbox } from '../lib/mailbox.js';
import { a_login, actor, Client, PASSWORD, sign_in, TIME, UUID } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

const OTHER = 'another long secret, 17';
const box = new Mailbox();
let server, root, ann;

before(async () => {
	server = await private_server({ name: 'admin', env: { ...LOOSE, ...box.env } });
	root = await actor(server, 'chief');
	await server.foyer('admin', root.login);
	ann = await actor(server, 'ann');
});
after(async () => {
	end_all();
	await end_private_servers();
	box.remove();
});

const nobody = () => new Client(server);

function login(who, password = PASSWORD) {
	return nobody().call('POST', '/auth/login', { body: { login: who.login, password } });
}

function set(who, body) {
	return root.want(200, 'PUT', `/admin/users/${who.id}`, { body });
}

function ended(who, path = '/auth/validate') {
	return until(async () => {
		const reply = await who.call('GET', path);
		return reply.status === 401 && reply.body.code === 'session_ended';
	}, 'end of the session');
}

describe('run/foyer admin', () => {
	it('makes somebody an administrator, in any case of the login, as often as one likes', async () => {
		const bob = await actor(server, 'Bob');
		for (const name of [bob.login.toUpperCase(), bob.login]) {
			const { stdout } = await server.foyer('admin', name);
			assert.equal(stdout, `${bob.login} is an administrator\n`);
		}
		assert.equal((await bob.get('/users/me')).is_admin, true);
	});

	it('refuses a login that nobody has, whatever is in it', async () => {
		for (const name of [a_login(), '\'; DROP TABLE users; --', ''])
			await assert.rejects(server.foyer('admin', name), /nobody with the login/);
		await assert.rejects(server.foyer('admin'), /usage/);
		assert.equal((await root.get('/users/me')).is_admin, true);
	});
});

describe('the paths of administrators', () => {
	const id = '8f2f7a0c-0d3e-4b7a-9d35-0a4b8f1f6c11';
	const all = [['GET', '/admin/users'], ['GET', `/admin/users/${id}`],
		['PUT', `/admin/users/${id}`], ['DELETE', `/admin/users/${id}`], ['POST', `/admin/users/${id}/reset`],
		['GET', '/admin/invites'], ['POST', '/admin/invites'], ['GET', '/admin/invites/x'],
		['DELETE', '/admin/invites/x'],
		['GET', '/admin/rooms'], ['DELETE', `/admin/rooms/${id}`], ['GET', '/admin/stats']];

	for (const [method, path] of all)
		it(`${method} ${path} is 403 for everybody else, 401 for nobody`, async () => {
			await ann.refused(403, 'forbidden', method, path);
			assert.equal((await nobody().call(method, path)).status, 401);
		});

	it('are closed to whoever is no administrator any more, at once', async () => {
		const bob = await actor(server);
		await set(bob, { is_admin: true });
		await bob.get('/admin/stats');
		await bob.get('/admin/users');
		await set(bob, { is_admin: false });
		for (const path of ['/admin/stats', '/admin/users'])
			await bob.refused(403, 'forbidden', 'GET', path);
		await bob.get('/users/me');
	});

	it('are 404 for what does not exist', async () => {
		for (const [method, path] of all.filter(([, path]) => path.includes(id)))
			await root.refused(404, 'not_found', method, path, { body: method === 'PUT' ? {} : undefined });
		await root.refused(404, 'not_found', 'DELETE', '/admin/invites/x');
		await root.refused(404, 'not_found', 'GET', '/admin/invites/x');
		await root.refused(404, 'not_found', 'GET', '/admin/users/x');
	});
});

describe('people', () => {
	it('are listed by login, in pages that neither miss nor repeat one', async () => {
		await Promise.all(Array.from({ length: 5 }, () => actor(server, 'page')));
		const { items: all, next } = await root.get('/admin/users?limit=100');
		assert.equal(next, null);
		const seen = [];
		for (let cursor = ''; cursor !== null;) {
			const page = await root.get(`/admin/users?limit=2${cursor && `&cursor=${cursor}`}`);
			assert.ok(page.items.length <= 2);
			seen.push(...page.items);
			cursor = page.next;
		}
		assert.deepEqual(seen, all);
		const logins = all.map((u) => u.login.toLowerCase());
		assert.deepEqual(logins, [...logins].sort());
		assert.equal(all.length, Number(await server.sql('SELECT count(*) FROM users')));
	});

	it('are found by any part of login, name or e-mail address', async () => {
		const bob = await actor(server, 'needle');
		await bob.want(200, 'PUT', '/users/me', { body: { first_name: 'Ольга', last_name: 'Наумова' } });
		const email = `hay.${a_login()}@stack.example`;
		await bob.want(200, 'PUT', '/users/me', { body: { email, password: PASSWORD } });
		for (const q of [bob.login, bob.login.slice(3).toUpperCase(), 'льга нау', email.slice(2, -4)]) {
			const { items } = await root.get(`/admin/users?q=${encodeURIComponent(q)}`);
			assert.deepEqual(items.map((u) => u.id), [bob.id], q);
		}
		assert.deepEqual((await root.get('/admin/users?q=%25')).items, []);
	});

	it('are shown with what only they and administrators see', async () => {
		const bob = await actor(server);
		await sign_in(server, bob);
		const user = await root.get(`/admin/users/${bob.id}`);
		assert.match(user.id, UUID);
		assert.match(user.created_at, TIME);
		assert.equal(user.email, bob.email);
		assert.equal(user.is_admin, false);
		assert.equal(user.disabled, false);
		assert.equal(user.disabled_at, null);
		assert.equal(user.sessions, 2);
		assert.equal(JSON.stringify(user).includes('argon2'), false);
	});

	for (const query of ['cursor=!', 'cursor=gA', 'limit=0', 'q=', 'what=1'])
		it(`?${query} is 422`, async () => {
			await root.refused(422, 'invalid', 'GET', `/admin/users?${query}`);
		});

	it('of two administrators who end each other one is left', async () => {
		for (const end of [{ is_admin: false }, { disabled: true }, null]) {
			const two = await Promise.all(['one', 'two'].map((n) => actor(server, n)));
			const ids = two.map((who) => `'${who.id}'`).join();
			const of_two = `FROM users WHERE id IN (${ids}) AND is_admin AND disabled_at IS NULL`;
			await server.sql(`UPDATE users SET is_admin = true WHERE id IN (${ids})`);
			const release = await server.hold(`SELECT 1 FROM users WHERE id IN (${ids}) FOR UPDATE`);
			const replies = two.map((who, i) => (end
				? who.call('PUT', `/admin/users/${two[1 - i].id}`, { body: end })
				: who.call('DELETE', `/admin/users/${two[1 - i].id}`)));
			await until(async () => await release.waiting() === 2, 'both to wait');
			await release();
			const statuses = (await Promise.all(replies)).map((r) => r.status).sort();
			assert.deepEqual(statuses, [end ? 200 : 204, 403]);
			assert.equal(await server.sql(`SELECT count(*) ${of_two}`), '1');
		}
	});

	it('an administrator neither disables nor demotes himself', async () => {
		for (const body of [{ disabled: true }, { is_admin: false }, { is_admin: false, disabled: false }])
			await root.refused(409, 'conflict', 'PUT', `/admin/users/${root.id}`, { body });
		assert.equal((await set(root, { is_admin: true, disabled: false })).is_admin, true);
	});

	it('a change of nothing, or with unknown fields, is told', async () => {
		assert.equal((await set(ann, {})).disabled, false);
		const reply = await root.refused(422, 'invalid', 'PUT', `/admin/users/${ann.id}`, {
			body: { disabled: 'yes', login: 'x' },
		});
		assert.deepEqual(reply.fields, ['disabled', 'login']);
	});
});

describe('a disabled account', () => {
	it('is signed out everywhere at once, by REST and by refreshing', async () => {
		const bob = await actor(server);
		const phone = await sign_in(server, bob);
		const user = await set(bob, { disabled: true });
		assert.equal(user.disabled, true);
		assert.match(user.disabled_at, TIME);
		assert.equal(user.sessions, 0);
		for (const device of [bob, phone]) {
			await ended(device);
			await ended(device, '/rooms');
			assert.equal((await nobody().call('POST', '/auth/refresh', {
				body: { refresh_token: device.pair.refresh_token },
			})).status, 401);
		}
	});

	it('loses its live connections with 4401', async () => {
		const bob = await actor(server);
		const there = await live(server, { token: bob.token });
		await set(bob, { disabled: true });
		assert.equal((await within(there.closed, 'close')).code, 4401);
	});

	it('tells so to the right password only', async () => {
		const bob = await actor(server);
		await set(bob, { disabled: true });
		assert.equal((await login(bob)).body.code, 'account_disabled');
		assert.equal((await login(bob)).status, 403);
		const wrong = await login(bob, 'not this one, no');
		const unknown = await login({ login: a_login() }, 'not this one, no');
		const { request_id: a, ...one } = wrong.body;
		const { request_id: b, ...two } = unknown.body;
		assert.deepEqual(one, two);
	});

	it('is not found by others, and is all there again when enabled', async () => {
		const bob = await actor(server);
		await set(bob, { disabled: true });
		assert.deepEqual((await ann.get(`/users/search?q=${bob.login}`)).items, []);
		const since = (await set(bob, { disabled: true })).disabled_at;
		assert.equal((await set(bob, { is_admin: false })).disabled_at, since);
		assert.equal((await set(bob, { disabled: false })).disabled_at, null);
		assert.equal((await login(bob)).status, 200);
	});

	it('that signs in while it is disabled is out in the end', async () => {
		const bob = await actor(server);
		const entering = Array.from({ length: 6 }, () => login(bob));
		await set(bob, { disabled: true });
		await Promise.all(entering);
		assert.equal((await root.get(`/admin/users/${bob.id}`)).sessions, 0);
	});
});

describe('removing an account', () => {
	it('is done at once: nobody signs in, nobody finds it, the login is free', async () => {
		const bob = await actor(server);
		await root.want(204, 'DELETE', `/admin/users/${bob.id}`);
		await ended(bob);
		assert.equal((await login(bob)).status, 401);
		await ann.refused(404, 'not_found', 'GET', `/users/${bob.id}`);
		await root.refused(404, 'not_found', 'DELETE', `/admin/users/${bob.id}`);
		await nobody().want(201, 'POST', '/auth/register', {
			body: { login: bob.login, email: bob.email, password: PASSWORD },
		});
	});

	it('takes what was written with it, if asked to', async () => {
		const [bob, eve] = [await actor(server), await actor(server)];
		for (const [who, erase] of [[bob, 'true'], [eve, 'false']]) {
			await root.want(204, 'DELETE', `/admin/users/${who.id}?erase_messages=${erase}`);
			assert.equal(await server.sql(`SELECT erase_messages FROM removed_accounts
				WHERE user_id = '${who.id}'`), erase[0]);
		}
		await root.refused(422, 'invalid', 'DELETE', `/admin/users/${ann.id}?erase=1`);
	});

	it('of oneself is refused here', async () => {
		await root.refused(409, 'conflict', 'DELETE', `/admin/users/${root.id}`);
	});
});

describe('a link to a new password', () => {
	const make = (who, body) => root.want(201, 'POST', `/admin/users/${who.id}/reset`, { body });
	const use = (token) => nobody().call('POST', '/auth/password/reset', {
		body: { token, new_password: OTHER },
	});

	it('is given to the administrator, to be handed on', async () => {
		const bob = await actor(server);
		const link = await make(bob);
		assert.deepEqual(Object.keys(link).sort(), ['expires_in', 'mailed', 'token', 'url']);
		assert.equal(link.mailed, false);
		assert.equal(link.expires_in, 1800);
		assert.equal(link.url, `${server.url}/#reset=${link.token}`);
		assert.equal((await use(link.token)).status, 204);
		assert.equal((await login(bob, OTHER)).status, 200);
		assert.equal((await use(link.token)).status, 404);
		assert.deepEqual(box.to(bob.email), []);
	});

	it('or mailed, and then the administrator does not see it', async () => {
		const bob = await actor(server);
		const link = await make(bob, { mail: true });
		assert.equal(link.mailed, true);
		assert.equal(link.token, null);
		assert.equal(link.url, null);
		const { secret } = await box.next(bob.email);
		assert.equal((await use(secret)).status, 204);
	});
});

describe('rooms', () => {
	it('are all listed, and say nothing of what was written there', async () => {
		const room = await ann.room({ name: 'Zwischen den Zeilen', kind: 'group' });
		await ann.post(room.id, 'nobody else reads this');
		const { items } = await root.get('/admin/rooms?q=ZWISCHEN');
		assert.equal(items.length, 1);
		assert.deepEqual(Object.keys(items[0]).sort(), ['active_at', 'created_at', 'id', 'kind',
			'member_count', 'message_count', 'name', 'owner_id']);
		assert.equal(items[0].id, room.id);
		assert.equal(items[0].owner_id, ann.id);
		assert.equal(items[0].member_count, 1);
		assert.equal(items[0].message_count, 1);
	});

	it('come in pages, the latest first', async () => {
		for (let i = 0; i < 4; i++)
			await ann.room({ name: `paged ${i}` });
		const { items: all } = await root.get('/admin/rooms?q=paged');
		assert.deepEqual(all.map((r) => r.name), [3, 2, 1, 0].map((i) => `paged ${i}`));
		const first = await root.get('/admin/rooms?q=paged&limit=3');
		const rest = await root.get(`/admin/rooms?q=paged&limit=3&cursor=${first.next}`);
		assert.deepEqual([...first.items, ...rest.items], all);
		assert.equal(rest.next, null);
		await root.refused(422, 'invalid', 'GET', '/admin/rooms?cursor=x');
	});

	it('are removed, whoever owns them, and their members hear it', async () => {
		const room = await ann.room();
		const there = await live(server, { token: ann.token });
		await there.join(room.id);
		await root.want(204, 'DELETE', `/admin/rooms/${room.id}`);
		await ann.refused(404, 'not_found', 'GET', `/rooms/${room.id}`);
		await root.refused(404, 'not_found', 'DELETE', `/admin/rooms/${room.id}`);
		await there.find((f) => f.type === 'room_removed' && f.room_id === room.id, 'room_removed');
	});
});

describe('the numbers', () => {
	it('count people, rooms and messages', async () => {
		const before_all = await root.get('/admin/stats');
		const bob = await actor(server);
		const room = await bob.room({ kind: 'public' });
		await bob.post(room.id, 'x');
		await set(bob, { disabled: true });
		const stats = await root.get('/admin/stats');
		const grown = (key) => stats[key] - before_all[key];
		assert.deepEqual(['users', 'disabled', 'admins', 'sessions', 'messages', 'files'].map(grown),
			[1, 1, 0, 0, 1, 0]);
		assert.equal(stats.rooms.public - before_all.rooms.public, 1);
		assert.equal(stats.rooms.group, before_all.rooms.group);
	});
});
