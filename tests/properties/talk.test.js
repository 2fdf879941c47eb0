// Three people and a few rooms: whatever order they do things in, a small model predicts what
// each may do, and how each room looks to everybody in it afterwards.

import assert from 'node:assert/strict';
import process from 'node:process';
import { after, before, it } from 'node:test';

import fc from 'fast-check';

import { actor } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';

const SEED = Number(process.env.FUZZ_SEED || 20261121);
const SECONDS = Number(process.env.FUZZ_SECONDS || 0) / 4;
const RUNS = SECONDS > 0 ? 1e6 : 12, STEPS = 40;
const NAMES = ['ann', 'bob', 'eve'];

let people, steps = 0;

before(async () => {
	const server = await private_server({ name: 'talk', env: LOOSE });
	const list = await Promise.all(NAMES.map((name) => actor(server, name)));
	people = Object.fromEntries(NAMES.map((name, i) => [name, list[i]]));
});
after(end_private_servers);

// ---- what a room should look like --------------------------------------------------------

class Room {
	constructor(fields, who, answer) {
		Object.assign(this, fields);
		this.id = answer.id;
		this.seq = answer.seq;
		this.messages = [];
		this.members = new Map([[who, { role: 'owner', read: answer.seq }]]);
	}

	// Outsiders of a room that is not hidden may get either status.
	refusal(who) {
		if (this.members.has(who))
			return 403;
		return this.kind === 'public' && this.members.size > 0 ? '403 or 404' : 404;
	}

	may_join(who) {
		return this.members.has(who) || (this.members.size > 0 && this.join_by_id);
	}

	drop(who) {
		const { role } = this.members.get(who);

		this.members.delete(who);
		// the oldest member becomes the owner: a Map keeps the order of joining
		const [next] = this.members.values();
		if (role === 'owner' && next)
			next.role = 'owner';
	}

	unread(who) {
		const { read } = this.members.get(who);
		return this.messages.filter((m) => !m.gone && m.seq > read).length;
	}
}

async function look(room, who) {
	const me = people[who];
	const seen = await me.get(`/rooms/${room.id}`);
	const { role } = room.members.get(who);
	const owner = [...room.members].find(([, m]) => m.role === 'owner')[0];

	assert.deepEqual(
		{ count: seen.member_count, owner: seen.owner_id, role: seen.me.role, unread: seen.me.unread,
			seq: seen.seq, read: seen.me.read_seq },
		{ count: room.members.size, owner: people[owner].id, role, unread: room.unread(who),
			seq: room.seq, read: room.members.get(who).read });
	const { items } = await me.get(`/rooms/${room.id}/messages?limit=100`);
	assert.deepEqual(
		items.map((m) => [m.seq, m.text, m.deleted_at !== null, m.reactions.map((r) => r.count)]),
		room.messages.map((m) => [m.seq, m.gone ? null : m.text, m.gone,
			m.likes.size > 0 && !m.gone ? [m.likes.size] : []]));
	const log = await me.get(`/rooms/${room.id}/log?limit=100`);
	assert.deepEqual(log.items.map((e) => e.seq),
		Array.from({ length: Math.min(room.seq, 100) }, (_, i) => i + 1));
}

// ---- what people can do --------------------------------------------------------------------

// Each: (room, who, step) => { method, path, body, status, then(answer) }.
const deeds = {
	join: (room, who) => ({
		method: 'POST', path: `/rooms/${room.id}/join`, status: room.may_join(who) ? 200 : 404,
		then: (answer) => {
			if (!room.members.has(who))
				room.members.set(who, { role: 'member', read: ++room.seq });
			assert.equal(answer.seq, room.seq);
		},
	}),
	leave: (room, who) => ({
		method: 'POST', path: `/rooms/${room.id}/leave`,
		status: room.members.has(who) ? 204 : room.refusal(who),
		then: () => {
			room.drop(who);
			room.seq = undefined; // one event, or two if the ownership passes on
		},
	}),
	put_out: (room, who, { n }) => {
		const other = NAMES[n % NAMES.length];
		const may = room.members.get(who)?.role === 'owner' && other !== who;
		return {
			method: 'DELETE', path: `/rooms/${room.id}/members/${people[other].id}`,
			status: !may ? undefined : room.members.has(other) ? 204 : 404,
			then: () => {
				room.drop(other);
				room.seq = undefined;
			},
		};
	},
	post: (room, who, { n }) => ({
		method: 'POST', path: `/rooms/${room.id}/messages`, body: { text: `said ${n}` },
		status: room.members.has(who) ? 201 : room.refusal(who),
		then: ({ id, seq }) => {
			assert.equal(seq, ++room.seq);
			room.messages.push({ id, seq, who, text: `said ${n}`, gone: false,
				likes: new Set() });
			room.members.get(who).read = seq;
		},
	}),
	edit: (room, who, { n, at }) => on_message(room, who, at, (m) => ({
		method: 'PUT', path: '', body: { text: `now ${n}` },
		status: m.who !== who ? 403 : m.gone ? 409 : 200,
		then: () => {
			room.seq += m.text === `now ${n}` ? 0 : 1;
			m.text = `now ${n}`;
		},
	})),
	remove: (room, who, { at }) => on_message(room, who, at, (m) => ({
		method: 'DELETE', path: '',
		status: m.who === who || room.members.get(who)?.role === 'owner' ? 204 : 403,
		then: () => {
			room.seq += m.gone ? 0 : 1;
			m.gone = true;
		},
	})),
	like: (room, who, { at }) => on_message(room, who, at, (m) => ({
		method: 'PUT', path: `/reactions/${encodeURIComponent('👍')}`, status: m.gone ? 409 : 200,
		then: () => {
			room.seq += m.likes.has(who) ? 0 : 1;
			m.likes.add(who);
		},
	})),
	dislike: (room, who, { at }) => on_message(room, who, at, (m) => ({
		method: 'DELETE', path: `/reactions/${encodeURIComponent('👍')}`, status: 204,
		then: () => {
			room.seq += m.likes.delete(who) && !m.gone ? 1 : 0;
		},
	})),
	read: (room, who, { n }) => ({
		method: 'PUT', path: `/rooms/${room.id}/read`, body: { seq: n },
		status: room.members.has(who) ? 204 : room.refusal(who),
		then: () => {
			const me = room.members.get(who);
			me.read = Math.max(me.read, Math.min(n, room.seq));
		},
	}),
	end: (room, who) => ({
		method: 'DELETE', path: `/rooms/${room.id}`,
		status: room.members.get(who)?.role === 'owner' ? 204 : room.refusal(who),
		then: () => room.members.clear(),
	}),
};

function on_message(room, who, at, deed) {
	const message = room.messages[at % (room.messages.length || 1)];
	if (!message)
		return undefined;
	const what = deed(message);
	return { ...what, path: `/messages/${message.id}${what.path}`,
		status: room.members.has(who) ? what.status : room.refusal(who) };
}

class Begin {
	constructor({ who, fields }) {
		Object.assign(this, { who, fields });
	}

	check({ rooms }) {
		return rooms.length < 3;
	}

	async run({ rooms }) {
		const answer = await people[this.who].room({ name: 'talk', ...this.fields });
		rooms.push(new Room({ join_by_id: true, ...this.fields }, this.who, answer));
		await look(rooms.at(-1), this.who);
	}

	toString() {
		return `${this.who} begins ${JSON.stringify(this.fields)}`;
	}
}

class Do {
	constructor(step) {
		this.step = step;
	}

	check({ rooms }) {
		return rooms.length > 0;
	}

	async run({ rooms }) {
		const { what, who } = this.step;
		const room = rooms[this.step.room % rooms.length];
		const deed = deeds[what](room, who, this.step);

		steps++;
		if (!deed || deed.status === undefined)
			return;
		const answer = await people[who].call(deed.method, deed.path, { body: deed.body });
		assert.ok(String(deed.status).includes(answer.status),
			`${this}: ${answer.status} for ${deed.status}: ${answer.text}`);
		if (answer.status < 300)
			deed.then(answer.body);
		const [first] = room.members.keys();
		if (first && room.seq === undefined)
			room.seq = (await people[first].get(`/rooms/${room.id}`)).seq;
		for (const name of NAMES)
			if (room.members.has(name))
				await look(room, name);
	}

	toString() {
		const { what, who, room, n, at } = this.step;
		return `${who}: ${what} in room ${room} (${n}, message ${at})`;
	}
}

const who = fc.constantFrom(...NAMES);
const beginning = fc.record({
	who, fields: fc.constantFrom({ kind: 'public' }, { kind: 'group' },
		{ kind: 'group', join_by_id: false }),
}).map((how) => new Begin(how));
const often = ['post', 'post', 'post', 'join', 'join', 'read'];
const doing = fc.record({
	what: fc.constantFrom(...Object.keys(deeds), ...often), who,
	room: fc.nat({ max: 2 }), n: fc.nat({ max: 30 }), at: fc.nat({ max: 30 }),
}).map((step) => new Do(step));

it('in whatever order things are done, each room is as it should be to everybody', async (t) => {
	await fc.assert(fc.asyncProperty(
		fc.commands([beginning, doing, doing, doing, doing], { maxCommands: STEPS, size: 'max' }),
		(commands) => fc.asyncModelRun(() => ({ model: { rooms: [] }, real: undefined }), commands),
	), {
		seed: SEED, numRuns: RUNS, includeErrorInReport: true,
		...(SECONDS > 0 ? { interruptAfterTimeLimit: SECONDS * 1000 } : {}),
	});
	t.diagnostic(`counts: seed ${SEED}, steps ${steps}`);
});
