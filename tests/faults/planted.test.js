// The whole apparatus, people and checker, on a server with a planted fault: what a
// writer records and a listener collects must not hide it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Client } from '../lib/rest.js';
import { until, within } from '../lib/wait.js';
import { count, judge } from './checker.js';
import { FAULTS, Fake } from './fake.js';
import { Moderator, Party, random, Writer } from './party.js';
import { Listener } from './readers.js';

async function play(fault, seed) {
	const server = await new Fake(random(seed), fault).open();
	const party = new Party(server, seed, ['room']);
	const person = (id) => Object.assign(new Client(server, { token: id }), { id });
	const writers = ['rest1', 'rest2', 'live1', 'live2'].map((id) => new Writer(party, person(id),
		id.slice(0, 4), { depth: 2 }));
	const listeners = ['ear1', 'ear2'].map((id, i) => new Listener(party, person(id), {
		name: id, restless: i === 1,
	}));
	const moderator = new Moderator(party, person('mod'), [writers[0].who, writers[2].who]);
	const hearing = listeners.map((l) => l.run());
	const doing = [...writers.map((w) => w.run()), moderator.run()];
	const history = () => party.history(party.rooms[0], server.log);

	try {
		await until(() => {
			const c = count(history());
			return c.acknowledged > 300 && c.bans >= 2 && c.sent_again >= 3
				&& (c.refused >= 5 || fault === 'lets_the_banned_post')
				&& (c.mismatches_refused > 0 || ['takes_another_text', 'forgets_client_ids'].includes(fault));
		}, 'enough of a history', 30000);
		party.going = false;
		await within(Promise.all(doing), 'end of writing');
		// a fault may keep a listener from the end: then what it has must do
		listeners.forEach((l) => l.end_at({ room: server.log.at(-1).seq }));
		const heard = within(Promise.all(hearing), 'end of listening', fault ? 500 : undefined);
		await (fault ? heard.catch(() => {}) : heard);
		return history();
	} finally {
		party.going = false;
		party.over = true;
		listeners.forEach((l) => l.line.end());
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
