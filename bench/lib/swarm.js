// swarm.js -- creates people on a server, and runs the load program (bench/swarm.c) that plays
// them.

import fs from 'node:fs';
import process from 'node:process';

import { LOOSE } from '../../tests/lib/server.js';
import { metrics_of } from '../../tests/lib/prometheus.js';
import { Child } from './child.js';
import { keys_of } from './load.js';

// All clients come from one machine, many at once. The limits against that are not what is
// measured here.
export const CROWDED = {
	...LOOSE,
	FOYER_MAX_CONNECTIONS_PER_ADDRESS: '1000000',
	FOYER_NEWCOMERS_PER_SECOND: process.env.NEWCOMERS ?? '300',
	FOYER_ACCESS_TOKEN_S: '86400',
};

const id = (kind, n) => `('5eed000${kind}-0000-4000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

// Creates people number first … first + count - 1, each signed in, per_room of them in each
// room.
export async function people(server, first, count, per_room) {
	const last = first + count - 1;
	const room = Math.floor(first / per_room), rooms = `generate_series(${room}, ${Math.floor(last / per_room)}) r`;

	await server.sql(`
		INSERT INTO users (id, login, login_key)
		SELECT ${id(0, 'n')}, 'swarm' || n, 'swarm' || n FROM generate_series(${first}, ${last}) n;
		INSERT INTO sessions (id, user_id, refresh_hash, refresh_expires_at, expires_at)
		SELECT ${id(1, 'n')}, ${id(0, 'n')}, sha256(n::text::bytea), now() + '7 days', now() + '7 days'
		FROM generate_series(${first}, ${last}) n;
		INSERT INTO rooms (id, kind, name, name_key, max_members)
		SELECT ${id(2, 'r')}, 'group', 'swarm ' || r, 'swarm ' || r, 10000 FROM ${rooms};
		INSERT INTO room_heads (room_no, member_count)
		SELECT no, ${per_room} FROM rooms JOIN ${rooms} ON id = ${id(2, 'r')};
		INSERT INTO members (room_no, user_id, role)
		SELECT no, ${id(0, 'n')}, CASE WHEN n % ${per_room} = 0 THEN 'owner' ELSE 'member' END::member_role
		FROM generate_series(${first}, ${last}) n JOIN rooms ON id = ${id(2, `n / ${per_room}`)};
		ANALYZE users, sessions, rooms, room_heads, members`);
}

// Waits until the search index has reached the end of this person's rooms, and thus holds
// everything older too. Rooms that were filled may have a million messages to index.
export async function until_indexed(who) {
	while ((await who.call('GET', '/search?q=nosuchwordatall')).status === 503)
		;
}

export class Swarm extends Child {
	// nice: how far to lower its priority.
	constructor(server, first, per_room, { port = server.broker_port, nice = 0 } = {}) {
		const { folder, kid } = keys_of(server);

		super('swarm', [port, folder, kid, first, per_room], { nice });
	}
}

// On a busy machine BENCH_NICE=-15 gives the measured processes precedence (the kernel weighs
// whole sessions, each by its autogroup).
export function prefer(server, ...swarms) {
	if (!process.env.BENCH_NICE)
		return;
	for (const pid of [process.pid, ...server.all_pids(), ...swarms.map((s) => s.child.pid)])
		try {
			fs.writeFileSync(`/proc/${pid}/autogroup`, process.env.BENCH_NICE);
		} catch {
			// it has exited, or shares a group that was done already
		}
}

// Memory of a process in KiB; Pss divides shared pages among the processes that share them.
export function memory_kib(pid) {
	const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
	const of = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)[1]);
	return { pss: of('Pss'), rss: of('Rss'), anonymous: of('Anonymous') };
}

// Waits until the broker has nothing left to do.
export async function calm(server, port) {
	for (let before = -1; ;) {
		const now = await metrics_of(server, port);
		const writes = now.get('foyer_writes_total');
		if (writes === before && now.get('foyer_messages_waiting') === 0)
			return now;
		before = writes;
		await new Promise((resolve) => setTimeout(resolve, 500));
	}
}

export const ms = (value) => (value === undefined ? '-' : value.toFixed(value < 10 ? 2 : 1));

export function table(head, rows) {
	const line = (cells) => `| ${cells.join(' | ')} |`;
	console.log([line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n'));
}
