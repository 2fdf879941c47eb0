// torture.js -- the promise under fire: many people write over REST and live at once, in
// several rooms, while everything that can be is killed, stopped, cut off or starved. Every
// acknowledged message must reach everybody, once and in order.
//
// torture.test.sh runs it on a disk small enough to be filled. MESSAGES=n goes on until so many
// are acknowledged, or MINUTES=n have passed; SEED=n repeats the same choices (but not the same
// interleaving, which depends on the machine).

import assert from 'node:assert/strict';
import process from 'node:process';
import { after, it } from 'node:test';

import { actor } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { tick, until, within } from '../lib/wait.js';
import { deck, KINDS } from './blows.js';
import { count_all, judge } from './checker.js';
import { Changer, Moderator, Party, random, Writer } from './party.js';
import { Proxy } from './proxy.js';
import { Listener, Poller, Stranger, whole_log } from './readers.js';

after(end_private_servers);

const MESSAGES = Number(process.env.MESSAGES || 3000);
const IS_LONG = MESSAGES > 20000;
const MINUTES = Number(process.env.MINUTES || Infinity);
const ROOMS = 4;
const DEPTH = IS_LONG ? 24 : 4;
const seed = Number(process.env.SEED || Math.floor(Math.random() * 2 ** 31));

const LEAST = {
	acknowledged_by_rest: 100, acknowledged_live: 100, answers_lost: 5, sent_again: 5,
	committed_but_unanswered: 3, asked_twice: 10, mismatches_refused: 5, changes: 10, bans: 3,
	refused: 3, resumes: 15, pages: 20, polls: 20, strangers: 3, connections_cut: 2,
	connections_half_open: 3,
};

// Everybody, and the bad line through which most of them connect.
async function world_of(server) {
	const choose = random(seed ^ 0x5eed);
	const proxy = await new Proxy(server.port, choose).open();
	const bad = Object.assign(Object.create(server), {
		api: proxy.through(server.api), ws: proxy.through(server.ws),
	});
	const straight = `${server.ws.replace(String(server.port), String(server.broker_port))}/ws`;
	const people = {};
	for (const name of ['mod', 'rest1', 'rest2', 'rest3', 'live1', 'live2', 'live3', 'shouter',
		'ear1', 'ear2', 'ear3', 'ear4', 'poll', 'lost'])
		people[name] = await actor(server, name);
	const { mod, ear1, ear2, ear3, ear4, poll, lost, shouter } = people;
	const rooms = [];
	for (let i = 0; i < ROOMS; i++)
		rooms.push(await mod.room({
			name: `room ${i}`, member_ids: Object.values(people).slice(1).map((p) => p.id),
		}));
	const party = new Party(server, seed, rooms.map((room) => room.id), { through: bad });
	party.epoch = rooms[0].epoch;

	for (const name of ['rest1', 'rest2', 'live1', 'live2', 'live3', 'poll'])
		people[name].server = bad;
	const now = (room) => rooms.find((r) => r.id === room.id).seq;
	const url = `${server.ws}/ws`;
	const stalled = new Listener(party, ear4, { name: 'stalled', url: straight });
	const shouting = new Writer(party, shouter, 'live', { line: party.line(shouter, undefined, straight) });
	const readers = [
		new Listener(party, ear1, { name: 'from the start' }),
		new Listener(party, ear2, { name: 'from now', from: now, url }),
		new Listener(party, ear3, { name: 'restless', restless: 2500 }),
		new Poller(party, poll, { name: 'polling' }),
		stalled,
	];
	const writers = ['rest1', 'rest2', 'rest3', 'live1', 'live2', 'live3'].map((name) => new Writer(party,
		people[name], name.slice(0, 4), { depth: name.startsWith('live') ? DEPTH : 2 }));
	const others = [
		new Moderator(party, mod, [people.rest1, people.live1]),
		new Changer(party, people.rest3), new Changer(party, people.live2),
		new Stranger(party, lost),
	];
	return {
		server, party, proxy, choose, stalled, shouter: shouting, mod, readers, writers, others,
		counts: {
			connections_cut: 0, connections_half_open: 0, closed_as_too_slow: 0, heard_4408: 0,
		},
	};
}

// The seed determines the order of blows; pauses between them let work get under way.
async function strike_all(world) {
	const { party, choose } = world;
	const struck = Object.fromEntries(KINDS.map((name) => [name, 0]));

	const until_ms = performance.now() + MINUTES * 60000;

	// the whole first deck, then as many as it takes
	for (let blows = deck(choose), decks = 1; (decks === 1 && blows.length > 0)
		|| (party.acked < MESSAGES && performance.now() < until_ms);) {
		if (blows.length === 0) {
			blows = deck(choose);
			decks++;
		}
		const [name, strike] = blows.pop();
		await tick(100 + choose() * 1100);
		const acked = party.acked;
		if (process.env.LOUD)
			console.error(`${(performance.now() / 1000).toFixed(1)} ${name}, ${acked} acknowledged`);
		await strike(world);
		struck[name]++;
		// never strike a server that is still down: wait until something is
		// acknowledged
		await until(() => party.acked > acked, `an acknowledgement after ${name}`, 60000);
	}
	return struck;
}

it('every acknowledged message is heard by all exactly once, in order, whatever breaks', {
	timeout: IS_LONG ? 7200000 : 460000,
}, async (t) => {
	t.diagnostic(`counts: seed ${seed}`);
	// a stalled reader must count as too slow before two pings are unanswered, on any
	// machine
	const server = await private_server({ name: 'torture', env: {
		...LOOSE, FOYER_MAX_OUTBOX_BYTES: '1048576', FOYER_PING_INTERVAL_S: '15',
		FOYER_ACCESS_TOKEN_S: '86400', // nobody here refreshes a token
	} });
	const world = await world_of(server);
	const { party, readers, mod } = world;
	const began = performance.now();
	const hearing = readers.map((reader) => reader.run());
	const doing = [...world.writers, ...world.others].map((one) => one.run());
	try {
		const struck = await strike_all(world);
		party.going = false;
		world.shouter.line.end();
		await within(Promise.all(doing), 'end of all writing', 60000);
		await until(() => server.answers(), 'a whole server');
		const seconds = Math.round((performance.now() - began) / 1000);

		const histories = [];
		for (const room of party.rooms)
			histories.push(party.history(room, await whole_log(mod, room.id)));
		const ends = Object.fromEntries(party.rooms.map((room, i) => [room.id, histories[i].log.at(-1).seq]));
		readers.forEach((reader) => reader.end_at(ends));
		await within(Promise.all(hearing), () => `end of the logs for everybody: ${readers
			.map((reader) => reader.where()).join('; ')}`, 120000);

		const counts = {
			seconds, ...struck, ...world.counts, ...party.counts, ...count_all(histories),
		};
		for (const [name, value] of Object.entries(counts))
			t.diagnostic(`counts: ${name} ${value}`);
		judged(histories, counts);
		assert.deepEqual(party.odd_answers.slice(0, 5), [], 'answers outside the contract');
	} catch (error) {
		server.failed = true; // keeps its logs
		console.error(await looked_into(server));
		throw error;
	} finally {
		party.going = false;
		party.over = true;
		readers.forEach((reader) => reader.line?.end());
		world.proxy.close();
	}
});

// Shows what can be seen of a server that has a problem.
async function looked_into(server) {
	const broker = server.pid('broker');
	const ask = (what) => what().catch((error) => error.message);
	const text = async (url) => (await fetch(url, { signal: AbortSignal.timeout(3000) })).text();

	return [
		`broker ${broker}: ${server.children(server.pid('supervise')).map((p) => `${p.pid} ${p.state}`)}`,
		await ask(() => text(`http://127.0.0.1:${server.broker_port}/health`)),
		await ask(() => text(`http://127.0.0.1:${server.broker_port}/metrics`)),
		await ask(() => server.sql('SELECT usename, state, wait_event_type, wait_event, left(query, 60)'
			+ ', now() - xact_start FROM pg_stat_activity WHERE usename IS NOT NULL')),
		server.log_ends(30),
	].join('\n');
}

function judged(histories, counts) {
	for (const history of histories) {
		const broken = Object.fromEntries(Object.entries(judge(history))
			.map(([rule, list]) => [`${rule} (${list.length})`, list.slice(0, 5)]));
		assert.deepEqual(broken, {}, `seed ${seed}`);
	}
	for (const [name, least] of Object.entries(LEAST))
		assert.ok(counts[name] >= least, `${name}: ${counts[name]}, too few to mean anything`);
	for (const name of KINDS)
		assert.ok(counts[name] >= 1, `${name}: not once`);
	assert.equal(counts.closed_as_too_slow, counts.stalls, 'who does not read is closed with 4408');
}
