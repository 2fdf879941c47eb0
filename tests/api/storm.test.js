// Everybody does everything at once in a few rooms: whatever the outcome, the answers are
// documented ones, and the log of each room agrees with its members.
//
// SEED=n repeats the same choices.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';

import { random } from '../faults/party.js';
import { end_all, live } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { shared } from '../lib/server.js';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const PEOPLE = 8, ROOMS = 2, ACTIONS = 60, MAX_MEMBERS = 6;
const choose = random(seed);
const one_of = (list) => list[Math.floor(choose() * list.length)];
let server, people, rooms, watcher;

before(async () => {
	server = await shared();
	people = await Promise.all(Array.from({ length: PEOPLE }, (_, i) => actor(server, `p${i}`)));
	watcher = await actor(server, 'watcher');
	rooms = [];
	for (let i = 0; i < ROOMS; i++)
		rooms.push(await watcher.room({ max_members: MAX_MEMBERS, member_ids: [people[i].id] }));
});
after(end_all);

function action() {
	const room = one_of(rooms).id;
	const other = one_of(people).id;
	return one_of([
		['POST', `/rooms/${room}/join`],
		['POST', `/rooms/${room}/join`],
		['POST', `/rooms/${room}/join`],
		['POST', `/rooms/${room}/leave`],
		['POST', `/rooms/${room}/messages`, { text: 'x', client_id: `k${Math.floor(choose() * 20)}` }],
		['POST', `/rooms/${room}/messages`, { text: 'y' }],
		['PUT', `/rooms/${room}/members/${other}`, { banned: choose() < 0.5 }],
		['PUT', `/rooms/${room}/members/${other}`, { role: one_of(['admin', 'member']) }],
		['PUT', `/rooms/${room}/members/${other}`, { muted_until: null }],
		['DELETE', `/rooms/${room}/members/${other}`],
		['PUT', `/rooms/${room}`, { description: `d${Math.floor(choose() * 5)}` }],
		['GET', `/rooms/${room}/log?after=0`],
		['GET', '/rooms'],
	]);
}

// Replays the log of a room: who is in it, in which role.
function played(log) {
	const state = new Map();

	for (const event of log.filter((e) => e.type === 'member')) {
		const id = event.user.id;
		// an unbanned person is a member again or, without a role, forgotten
		if (event.action === 'left' || (event.action === 'unbanned' && !event.role))
			state.delete(id);
		else if (event.action === 'banned')
			state.set(id, 'banned');
		else
			state.set(id, event.role);
	}
	return state;
}

it('a storm of everything leaves every room whole', { timeout: 120000 }, async (t) => {
	t.diagnostic(`seed ${seed}`);
	const ears = await Promise.all(rooms.map(async (room) => {
		const ear = await live(server, { token: watcher.token });
		await ear.join(room.id, { after: 0 });
		return ear;
	}));
	const statuses = {};
	const storm = [...people, watcher].map(async (who) => {
		for (let i = 0; i < ACTIONS; i++) {
			const [method, path, body] = action();
			// the watcher never leaves, so that the rooms stay and somebody can
			// always ban
			const [m, p, b] = who === watcher && /leave/.test(path)
				? ['PUT', path.replace('leave', `members/${one_of(people).id}`), { banned: false }]
				: [method, path, body];
			const reply = await who.call(m, p, { body: b });
			assert.ok(reply.status < 500 && reply.status !== 400, `${m} ${p}: ${reply.text}`);
			statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
		}
	});
	const talk = people.slice(0, 4).map(async (who) => {
		const line = await live(server, { token: who.token });
		for (let i = 0; i < ACTIONS; i++)
			await line.ask({
				type: 'message', room_id: one_of(rooms).id, text: 'live', client_id: randomUUID(),
			});
	});
	await Promise.all([...storm, ...talk]);

	for (const [i, room] of rooms.entries()) {
		const log = [];
		for (let more = true; more;) {
			const page = await watcher.get(`/rooms/${room.id}/log?limit=100&after=${log.length}`);
			log.push(...page.items);
			({ more } = page);
		}
		assert.deepEqual(log.map((e) => e.seq), log.map((_, n) => n + 1));
		const now = await watcher.get(`/rooms/${room.id}`);
		assert.equal(now.seq, log.length);

		const members = (await watcher.get(`/rooms/${room.id}/members?limit=100`)).items;
		const inside = members.filter((m) => !m.banned);
		assert.equal(now.member_count, inside.length);
		assert.ok(inside.length <= MAX_MEMBERS);
		assert.equal(inside.filter((m) => m.role === 'owner').length, 1);
		const story = played(log);
		for (const m of inside)
			assert.equal(story.get(m.user.id), m.role, `${m.user.login} in room ${i}`);
		const told = [...story].filter(([, role]) => role !== 'banned').map(([id]) => id);
		assert.deepEqual(told.sort(), inside.map((m) => m.user.id).sort());

		const keys = log.filter((e) => e.type === 'message' && e.client_id)
			.map((e) => `${e.sender.id} ${e.client_id}`);
		assert.equal(new Set(keys).size, keys.length);
		await ears[i].find((f) => f.room_id === room.id && f.seq === log.length, 'the end');
		assert.deepEqual(ears[i].events(room.id), log);
	}
	t.diagnostic(`answers ${JSON.stringify(statuses)}`);
	assert.ok(statuses[200] > 50 && statuses[201] > 10 && statuses[204] > 3, JSON.stringify(statuses));
});
