// The promise, under fire: several writers over REST and live at once, while the broker
// is killed, PostgreSQL's backends die in mid-commit, the database restarts, and members
// are banned and unbanned. Whoever was answered is heard, once, in order, by everybody.
//
// SEED=n repeats the same choices (not the same interleaving: that is the machine's).

import assert from 'node:assert/strict';
import process from 'node:process';
import { after, it } from 'node:test';

import { end_all } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { alive, end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { tick, until, within } from '../lib/wait.js';
import { count, judge } from './checker.js';
import { Listener, Moderator, Party, random, Writer } from './party.js';

after(end_private_servers);

const KILLS = 10;
const KILLS_IN_MID_COMMIT = 2;
const BACKENDS_KILLED = 4;
const BACKENDS_ENDED = 4;
const ROLES = ['foyer_broker', 'foyer_api'];

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

async function kill_broker(server) {
	const victim = await until(() => server.pid('broker'), 'a broker');
	process.kill(victim, 'SIGKILL');
	await until(() => {
		const next = server.pid('broker');
		return next && next !== victim && alive(next);
	}, 'the next broker');
}

async function strike_backend(signal, pid) {
	process.kill(pid, signal);
	await until(() => !alive(pid), `end of backend ${pid}`);
}

// Stretch the moment between the commit's record and its flush, and strike there.
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

// The database comes back by itself: ask until it does.
function retried(ask) {
	return until(() => ask().then(() => true, () => false), 'the database');
}

async function whole_log(who, room_id) {
	const items = [];

	for (;;) {
		const page = await who.get(`/rooms/${room_id}/log?limit=100&after=${items.at(-1)?.seq ?? 0}`);
		items.push(...page.items);
		if (!page.more)
			return items;
		assert.ok(page.items.length > 0, 'a page that says more has something');
	}
}

it('every acknowledged message is heard by all exactly once, in order, whatever is killed', {
	timeout: 180000,
}, async (t) => {
	t.diagnostic(`counts: seed ${seed}`);
	const choose = random(seed ^ 0x5eed);
	const server = await private_server({ name: 'faults', env: LOOSE });
	const party = new Party(server, seed);
	const names = ['mod', 'rest1', 'rest2', 'rest3', 'live1', 'live2', 'live3', 'ear1', 'ear2', 'ear3'];
	const people = {};
	for (const name of names)
		people[name] = await actor(server, name);
	const { mod, ear1, ear2, ear3, ...writing } = people;
	const room = await mod.room({ member_ids: names.slice(1).map((n) => people[n].id) });
	party.epoch = room.epoch;

	const writers = Object.entries(writing).map(([name, who]) => new Writer(party, who, room.id,
		name.startsWith('rest') ? 'rest' : 'live'));
	const listeners = [
		new Listener(party, ear1, room.id, { name: 'from the start', from: 0 }),
		new Listener(party, ear2, room.id, { name: 'from now', from: room.seq }),
		new Listener(party, ear3, room.id, { name: 'restless', from: 0, restless: true }),
	];
	const moderator = new Moderator(party, mod, room.id, [writing.rest1, writing.live1]);
	let tell_end;
	const end = new Promise((resolve) => (tell_end = resolve));
	const hearing = listeners.map((l) => l.run(end));
	const doing = [...writers.map((w) => w.run()), moderator.run()];

	// the order of blows is the seed's; a pause between them lets work be under way
	const blows = [
		...Array(KILLS).fill(['broker_kills', () => kill_broker(server)]),
		...Array(KILLS_IN_MID_COMMIT).fill(['broker_kills_in_mid_commit',
			() => in_mid_commit(server, 'foyer_broker', () => kill_broker(server))]),
		...Array.from({ length: BACKENDS_KILLED }, (_, i) => ['backends_killed',
			() => in_mid_commit(server, ROLES[i % 2], (pid) => strike_backend('SIGKILL', pid))]),
		...Array.from({ length: BACKENDS_ENDED }, (_, i) => ['backends_ended',
			() => in_mid_commit(server, ROLES[i % 2], (pid) => strike_backend('SIGTERM', pid))]),
		['database_restarts', () => server.cluster('restart', 'immediate')],
		['database_restarts', () => server.cluster('restart', 'fast')],
	].map((blow) => [choose(), blow]).sort((a, b) => a[0] - b[0]).map(([, blow]) => blow);
	const struck = {};
	for (const [name, strike] of blows) {
		await tick(200 + choose() * 1300);
		const acked = party.sends.filter((s) => s.attempts.at(-1)?.outcome === 'ack').length;
		await strike();
		struck[name] = (struck[name] ?? 0) + 1;
		// no blow falls on a server that is still down: something must get through first
		await until(() => party.sends.filter((s) => s.attempts.at(-1)?.outcome === 'ack').length
			> acked, `an acknowledgement after ${name}`, 30000);
	}

	party.going = false;
	await within(Promise.all(doing), 'end of all writing', 60000);
	await until(() => server.answers(), 'a whole server');
	const log = await whole_log(mod, room.id);
	tell_end(log.at(-1).seq);
	await within(Promise.all(hearing), () => `end of the log for everybody: ${listeners
		.map((l) => `${l.name} ${l.last()}`)} of ${log.at(-1).seq}`, 60000);
	end_all();

	const history = {
		sends: party.sends, bans: party.bans, log,
		listeners: listeners.map(({ name, from, events }) => ({ name, from, events })),
	};
	const counts = { ...struck, resumes: party.resumes, ...count(history) };
	for (const [name, value] of Object.entries(counts))
		t.diagnostic(`counts: ${name} ${value}`);

	const broken = Object.fromEntries(Object.entries(judge(history))
		.map(([rule, list]) => [`${rule} (${list.length})`, list.slice(0, 5)]));
	assert.deepEqual(broken, {}, `seed ${seed}`);
	assert.deepEqual(party.odd_answers.slice(0, 5), [], 'answers outside the contract');
	assert.equal(counts.broker_kills, KILLS);
	assert.equal(counts.backends_killed + counts.backends_ended, BACKENDS_KILLED + BACKENDS_ENDED);
	assert.equal(counts.database_restarts, 2);
	for (const [name, least] of [['acknowledged_by_rest', 100], ['acknowledged_live', 100],
		['answers_lost', 5], ['sent_again', 5], ['committed_but_unanswered', 3], ['bans', 3], ['refused', 3], ['resumes', 15]])
		assert.ok(counts[name] >= least, `${name}: ${counts[name]}, too few to mean anything`);
});
