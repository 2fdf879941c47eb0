// The lobby: a public room that everybody joins by registering.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { a_login, actor, Client, PASSWORD, sign_in } from '../lib/rest.js';
import { alive, end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { until } from '../lib/wait.js';

const NAME = 'Площадь';
const CROWD = 100;
let server, crowd, lobby;
const others = [];	// people besides the crowd

before(async () => {
	server = await private_server({
		name: 'lobby',
		env: { ...LOOSE, FOYER_LOBBY: NAME },
	});
});
after(end_all);
after(end_private_servers);

async function lobby_of(who) {
	const { items } = await who.get('/rooms?limit=100');
	return items.find((room) => room.name === NAME);
}

async function log_of(who, room) {
	const events = [];
	for (let more = true; more;) {
		const page = await who.get(`/rooms/${room.id}/log?after=${events.length}&limit=100`);
		events.push(...page.items);
		({ more } = page);
	}
	return events;
}

const as_new = (login) => ({
	body: { login, email: `${login}@example.org`, password: PASSWORD }, raw: true,
	deadline_ms: 120000,
});

// As plain CGI all hundred hash at once, more than there are slots: retry after a 503.
async function one_of_many() {
	const who = new Client(server);
	who.login = a_login();
	const { status, body, text } = await until(async () => {
		const reply = await who.call('POST', '/auth/register', as_new(who.login));
		return reply.status !== 503 && reply;
	}, 'free slot');
	assert.equal(status, 201, text);
	return Object.assign(who, { token: body.access_token, id: body.user.id });
}

async function newcomer() {
	const who = await actor(server);
	others.push(who);
	return who;
}

const leave = (who) => who.want(204, 'POST', `/rooms/${lobby.id}/leave`);

// Accounts that are not in the lobby; and whether the lobby's head is right.
const strays = () => server.sql('SELECT count(*) FROM users u WHERE NOT EXISTS (SELECT'
	+ ' FROM members m JOIN rooms r ON r.no = m.room_no WHERE r.is_lobby AND m.user_id = u.id)');
const counted = () => server.sql("SELECT concat(h.member_count, ' of ', (SELECT count(*)"
	+ ' FROM members m WHERE m.room_no = h.room_no AND NOT m.banned),'
	+ " ', seq ', h.seq, ' of ', (SELECT count(*) FROM log l WHERE l.room_no = h.room_no))"
	+ ' FROM room_heads h JOIN rooms r ON r.no = h.room_no WHERE r.is_lobby');

describe('when a hundred register at once', () => {
	it('one of them makes the lobby, and all of them are in it', async () => {
		crowd = await Promise.all(Array.from({ length: CROWD }, one_of_many));
		const found = await Promise.all(crowd.map(lobby_of));

		[lobby] = found;
		assert.deepEqual([...new Set(found.map((room) => room.id))], [lobby.id]);
		lobby = await crowd[0].get(`/rooms/${lobby.id}`);
		assert.deepEqual([lobby.kind, lobby.name, lobby.owner_id, lobby.member_count,
			lobby.me.role], ['public', NAME, null, CROWD, 'member']);
		assert.equal(await counted(), '100 of 100, seq 100 of 100');
	});

	it('each arrival is an event of its own, in one order', async () => {
		const events = await log_of(crowd[0], lobby);

		assert.deepEqual(events.map((e) => e.seq), Array.from(crowd, (_, i) => i + 1));
		assert.ok(events.every((e) => e.type === 'member' && e.action === 'joined'
			&& e.role === 'member'));
		assert.deepEqual(events.map((e) => e.user.id).sort(), crowd.map((who) => who.id).sort());
	});

	it('a killed program leaves no account outside the lobby', async () => {
		const register = async () => {
			const login = a_login();
			const reply = await new Client(server).call('POST', '/auth/register', as_new(login));
			others.push({ login });
			return reply.status;
		};
		const statuses = [];
		for (let round = 0; round < 6; round++) {
			const asked = Array.from({ length: 8 }, register);
			const pids = server.workers('auth').filter((pid) => pid % 2 === round % 2);
			for (const pid of pids)
				process.kill(pid, 'SIGKILL');
			statuses.push(...await Promise.all(asked));
			await until(() => !pids.some(alive), 'end of those who were killed');
		}
		assert.ok(statuses.includes(201), String(statuses));
		assert.equal(await strays(), '0');
		const all = await server.sql('SELECT count(*) FROM users');
		assert.equal(await counted(), `${all} of ${all}, seq ${all} of ${all}`);
		// lighttpd pauses a program that has died for a moment
		const asked = () => Promise.all(Array.from({ length: 8 }, () => fetch(`${server.api}/status`)));
		await until(async () => (await asked()).every((reply) => reply.ok), 'all of them again');
	});
});

describe('who is in the lobby', () => {
	it('is told who joins', async () => {
		const ear = await live(server, { token: crowd[0].token });
		await ear.join(lobby.id);
		const late = await newcomer();
		const event = await ear.find((f) => f.type === 'member' && f.user.id === late.id);
		assert.deepEqual([event.action, event.role], ['joined', 'member']);
		assert.equal((await lobby_of(late)).me.unread, 0);
		const connection = await live(server, { token: late.token });
		const { ready } = connection;
		assert.deepEqual(ready.rooms.map((r) => [r.id, r.seq, r.unread]), [[lobby.id, event.seq, 0]]);
		assert.equal((await connection.join(lobby.id, { after: event.seq - 1 })).recovered, true);
		assert.equal((await connection.find('member')).seq, event.seq);
	});

	it('is told who joins even without listening to the room', async () => {
		const ear = await live(server, { token: crowd[1].token });
		const { seq } = ear.ready.rooms.find((r) => r.id === lobby.id);
		await newcomer();
		const { unread } = await ear.find((f) => f.type === 'activity' && f.room_id === lobby.id && f.seq > seq,
			'activity in the lobby');
		assert.equal(unread, 0);
	});

	it('may leave it, and is not brought back', async () => {
		const who = await newcomer();
		await leave(who);
		assert.equal(await lobby_of(await sign_in(server, who)), undefined);
		assert.equal((await who.join(lobby.id)).me.role, 'member');
	});
});

describe('the owner of the lobby', () => {
	it('is nobody, until one of its members is made an administrator', async () => {
		const [first, second] = crowd;
		await first.refused(403, 'forbidden', 'PUT', `/rooms/${lobby.id}`, { body: { name: 'x' } });
		await server.foyer('admin', first.login);
		await server.foyer('admin', second.login);
		const seen = await second.get(`/rooms/${lobby.id}`);
		assert.deepEqual([seen.owner_id, seen.me.role], [first.id, 'member']);
		const last = (await log_of(first, lobby)).at(-1);
		assert.deepEqual([last.action, last.role, last.user.id], ['role', 'owner', first.id]);
		const changed = await first.want(200, 'PUT', `/rooms/${lobby.id}`, {
			body: { description: 'for everybody' },
		});
		assert.equal(changed.description, 'for everybody');
	});

	it('may ban somebody, whom no sign-in brings back', async () => {
		const who = await newcomer();
		await crowd[0].ban(lobby.id, who.id);
		const again = await sign_in(server, who);
		assert.equal(await lobby_of(again), undefined);
		await again.refused(403, 'forbidden', 'POST', `/rooms/${lobby.id}/join`);
		await crowd[0].want(204, 'DELETE', `/rooms/${lobby.id}/members/${who.id}`);
	});

	it('cannot make it smaller', async () => {
		assert.deepEqual((await crowd[0].refused(422, 'invalid', 'PUT', `/rooms/${lobby.id}`,
			{ body: { max_members: 1000 } })).fields, ['max_members']);
	});

	it('is followed by another administrator, or by nobody', async () => {
		const [first, second, third] = crowd;
		const owner = async () => (await third.get(`/rooms/${lobby.id}`)).owner_id;
		await leave(first);
		assert.equal(await owner(), second.id);
		await leave(second);
		assert.equal(await owner(), null);
		assert.equal((await first.join(lobby.id)).me.role, 'owner');
		assert.equal((await second.join(lobby.id)).me.role, 'member');
		assert.equal(await owner(), first.id);
	});
});

describe('the lobby', () => {
	it('is there when everybody has left it', async () => {
		// some registrations whose program was killed succeeded, others did not
		const found = await Promise.all(others.map((who) => who.token ? who
			: sign_in(server, who).catch(() => null)));
		for (const who of [...crowd, ...found.filter(Boolean)])
			await who.call('POST', `/rooms/${lobby.id}/leave`);
		assert.equal((await crowd[0].get(`/rooms/${lobby.id}`)).member_count, 0);
		const late = await newcomer();
		const seen = await lobby_of(late);
		assert.deepEqual([seen.id, seen.member_count, seen.owner_id], [lobby.id, 1, null]);
	});

	it('that was removed is made again, and is an administrator\'s', async () => {
		await crowd[0].join(lobby.id);
		await crowd[0].want(204, 'DELETE', `/rooms/${lobby.id}`);
		const late = await newcomer();
		const seen = await lobby_of(late);
		assert.notEqual(seen.id, lobby.id);
		// whichever of the two joined first: they registered within one moment
		assert.ok([crowd[0].id, crowd[1].id].includes(seen.owner_id), seen.owner_id);
		assert.equal(seen.member_count, 2);
		assert.equal(await counted(), '2 of 2, seq 2 of 2');
	});
});
