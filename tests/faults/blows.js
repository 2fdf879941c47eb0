// blows.js -- what is done to a server: processes are killed and stopped, connections cut, the
// disk filled.
//
// A blow is [name, strike]. strike(world) ends when its victim is on the way back. A world is {
// server, party, proxy, choose, stalled, shouter, counts }.

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

import { alive } from '../lib/server.js';
import { tick, until } from '../lib/wait.js';

const run = promisify(execFile);
const ROLES = ['foyer_broker', 'foyer_api'];
const PROGRAMS = ['messages', 'rooms', 'users', 'auth'];
const BIG = '💬'.repeat(8000);
const STALL_MESSAGES = 480; // at most, of 32 KB: they fill the kernel's buffers and the outbox

const one_of = (choose, list) => list[Math.floor(choose() * list.length)];

// Retries until the database has come back by itself.
function retried(ask, ms) {
	return until(() => ask().then(() => true, () => false), 'the database', ms);
}

function restarted(server) {
	return retried(() => server.cluster('start'), 60000);
}

// ---- killed --------------------------------------------------------------------------

async function kill_broker({ server }) {
	const victim = await until(() => server.pid('broker'), 'a broker');

	process.kill(victim, 'SIGKILL');
	await until(() => {
		const next = server.pid('broker');
		return next && next !== victim && alive(next);
	}, 'the next broker');
}

async function kill_program({ server, choose }) {
	const name = choose() < 0.6 ? 'messages' : one_of(choose, PROGRAMS);
	const victim = await until(() => one_of(choose, server.workers(name)), `a ${name}.fcgi`);

	process.kill(victim, 'SIGKILL');
	await until(() => !alive(victim), `end of ${name}.fcgi`);
}

// Delays the flush after the commit record is written (commit_delay), and strikes in between.
async function in_mid_commit(server, role, strike) {
	const busy = `SELECT pid FROM pg_stat_activity WHERE usename = '${role}'
		AND state = 'active' AND backend_xid IS NOT NULL LIMIT 1`;

	await retried(() => server.sql('ALTER SYSTEM SET commit_siblings = 0'));
	await retried(() => server.sql('ALTER SYSTEM SET commit_delay = 60000'));
	await retried(() => server.sql('SELECT pg_reload_conf()'));
	const pid = await until(() => server.sql(busy).then(Number, () => 0), `a commit of ${role}`);
	await strike(pid);
	await retried(() => server.sql('ALTER SYSTEM RESET commit_delay'));
	await retried(() => server.sql('SELECT pg_reload_conf()'));
}

function strike_backend(signal) {
	return ({ server, choose }) => in_mid_commit(server, one_of(choose, ROLES), async (pid) => {
		process.kill(pid, signal);
		await until(() => !alive(pid), `end of backend ${pid}`);
	});
}

// The backends notice by themselves, and must be gone before the next postmaster starts.
async function kill_postmaster({ server }) {
	const victim = server.postmaster();

	process.kill(victim, 'SIGKILL');
	await until(() => !alive(victim), 'end of the postmaster');
	await restarted(server);
}

async function restart_database({ server, choose }) {
	await server.cluster('stop', choose() < 0.5 ? 'immediate' : 'fast').catch(() => {});
	await restarted(server);
}

// ---- stopped -------------------------------------------------------------------------

async function stopped(pids, ms) {
	for (const pid of pids)
		process.kill(pid, 'SIGSTOP');
	try {
		await tick(ms);
	} finally {
		for (const pid of pids)
			if (alive(pid))
				process.kill(pid, 'SIGCONT');
	}
}

function stop(pids_of, max_ms) {
	return async (world) => {
		const pids = (await pids_of(world)).filter(Boolean);
		await stopped(pids, 200 + world.choose() * max_ms);
	};
}

const the_broker = ({ server }) => [server.pid('broker')];
const the_programs = ({ server }) => server.workers();
const a_program = ({ server, choose }) => [one_of(choose, server.workers('messages'))];
const the_database = ({ server }) => [server.postmaster(), ...server.backends()];
const a_backend = ({ server, choose }) => [one_of(choose, server.backends())];

// ---- cut off -------------------------------------------------------------------------

async function cut({ proxy, counts }) {
	counts.connections_cut += proxy.cut(0.6);
}

function half_open(way) {
	return async ({ proxy, counts }) => {
		counts.connections_half_open += proxy.stop(0.4, way);
	};
}

async function delay({ proxy, choose }) {
	proxy.delay_ms = 20 + choose() * 200;
	await tick(400 + choose() * 1500);
	proxy.delay_ms = 0;
}

// Has the broker logged, after the first `from` bytes, that it closed a slow connection?
function says_too_slow(file, from) {
	const fd = fs.openSync(file, 'r');

	try {
		const rest = Buffer.alloc(fs.fstatSync(fd).size - from);
		fs.readSync(fd, rest, 0, rest.length, from);
		return /event=conn\.close .*code=4408/.test(rest.toString('latin1'));
	} finally {
		fs.closeSync(fd);
	}
}

// One reader stops reading while big messages arrive: the broker must close its connection, and
// it must come back. It may read again for some seconds then, and receives the reason if it is
// quick enough.
async function stall({ server, party, stalled, shouter, counts }) {
	const connection = await until(() => stalled.is_live && stalled.connection, 'a reader');
	const log = path.join(server.state, 'log/broker.log');
	const from = fs.statSync(log).size;
	let is_told = false;

	connection.stall();
	for (let i = 0; i < STALL_MESSAGES && !is_told; i += 8) {
		await Promise.all(Array.from({ length: 8 },
			(_, j) => shouter.write(party.rooms[0], `${i + j} ${BIG.slice(16)}`)));
		is_told = says_too_slow(log, from);
	}
	connection.unstall();
	await connection.closed;
	counts.closed_as_too_slow += is_told;
	counts.heard_4408 += connection.code === 4408;
}

// ---- starved -------------------------------------------------------------------------

// Until somebody notices, and a little longer. This may take the database down, or not.
async function fill_disk({ server, party, choose }) {
	const filler = path.join(server.state, 'filler');
	const before = party.doubts;

	try {
		await run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k']).catch(() => {});
		await until(() => party.doubts > before, 'anybody who notices');
		await tick(choose() * 2000);
	} finally {
		fs.rmSync(filler, { force: true });
	}
	await restarted(server);
}

// ---- how much of each ----------------------------------------------------------------

const BLOWS = [
	[4, 'broker_kills', kill_broker],
	[2, 'broker_kills_in_mid_commit', (world) => in_mid_commit(world.server, 'foyer_broker',
		() => kill_broker(world))],
	[4, 'program_kills', kill_program],
	[2, 'backends_killed', strike_backend('SIGKILL')],
	[3, 'backends_ended', strike_backend('SIGTERM')],
	[1, 'postmaster_kills', kill_postmaster],
	[1, 'database_restarts', restart_database],
	[2, 'broker_stops', stop(the_broker, 1500)],
	[1, 'program_stops', stop(a_program, 1500)],
	[1, 'all_programs_stops', stop(the_programs, 1000)],
	[1, 'database_stops', stop(the_database, 1500)],
	[2, 'backend_stops', stop(a_backend, 1500)],
	[2, 'cuts', cut],
	[1, 'half_open_up', half_open('up')],
	[1, 'half_open_down', half_open('down')],
	[1, 'half_open_both', half_open('both')],
	[1, 'delays', delay],
	[1, 'stalls', stall],
	[1, 'disks_filled', fill_disk],
];

export const KINDS = BLOWS.map(([, name]) => name);

// All blows, in random order.
export function deck(choose) {
	return BLOWS.flatMap(([times, ...blow]) => Array(times).fill(blow))
		.map((blow) => [choose(), blow]).sort((a, b) => a[0] - b[0]).map(([, blow]) => blow);
}
