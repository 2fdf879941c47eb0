// The whole apparatus, people and checker, on a server with a planted fault: what a
// writer records and a listener collects must not hide it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Client } from '../lib/rest.js';
import { until, within } from '../lib/wait.js';
import { count, judge } from './checker.js';
import { FAULTS, Fake } from './fake.js';
import { Listener, Moderator, Party, random, Writer } from './party.js';

async function play(fault, seed) {
	const server = await new Fake(random(seed), fault).open();
	const party = new Party(server, seed);
	const person = (id) => Object.assign(new Client(server, { token: id }), { id });
	const writers = ['rest1', 'rest2', 'live1', 'live2'].map((id) => new Writer(party, person(id),
		'room', id.slice(0, 4)));
	const listeners = ['ear1', 'ear2'].map((id, i) => new Listener(party, person(id), 'room', {
		name: id, from: 0, restless: i === 1,
	}));
	const moderator = new Moderator(party, person('mod'), 'room', [writers[0].who, writers[2].who]);
	let tell_end;
	const hearing = listeners.map((l) => l.run(new Promise((resolve) => {
		const former = tell_end;
		tell_end = (seq) => {
			former?.(seq);
			resolve(seq);
		};
	})));
	const doing = [...writers.map((w) => w.run()), moderator.run()];
	const history = () => ({
		sends: party.sends, bans: party.bans, log: server.log,
		listeners: listeners.map(({ name, from, events }) => ({ name, from, events })),
	});

	try {
		await until(() => {
			const c = count(history());
			return c.acknowledged > 150 && c.bans >= 2 && c.sent_again >= 3
				&& (c.refused >= 5 || fault === 'lets_the_banned_post');
		}, 'enough of a history', 30000);
		party.going = false;
		await within(Promise.all(doing), 'end of writing');
		// a fault may keep a listener from the end: then what it has must do
		tell_end(server.log.at(-1).seq);
		const heard = within(Promise.all(hearing), 'end of listening', fault ? 500 : undefined);
		await (fault ? heard.catch(() => {}) : heard);
		return history();
	} finally {
		party.going = false;
		party.over = true;
		server.close();
	}
}

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

describe('on a server in memory', { concurrency: 6 }, () => {
	it('a server that keeps the promise passes, whatever it loses on the way', async (t) => {
		t.diagnostic(`seed ${seed}`);
		assert.deepEqual(judge(await play(null, seed)), {});
	});

	for (const [fault, rules] of Object.entries(FAULTS))
		it(`one that ${fault.replaceAll('_', ' ')} is caught`, async (t) => {
			t.diagnostic(`seed ${seed}`);
			const broken = judge(await play(fault, seed));
			for (const rule of rules)
				assert.ok(rule in broken, `${rule} is not among ${Object.keys(broken)}`);
		});
});
