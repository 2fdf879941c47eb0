// The whole apparatus, people and checker, against a server with a planted fault: what writers
// and listeners record must not hide it. First against one in memory, which can have every
// fault; then against a real broker with a fault linked into it (plant.c).

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';

import { actor, Client } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { DEADLINE_MS, until, within } from '../lib/wait.js';
import { count, judge } from './checker.js';
import { FAULTS, Fake } from './fake.js';
import { Moderator, Party, random, Writer } from './party.js';
import { Listener, Stranger, whole_log } from './readers.js';

async function play(fault, seed) {
	const server = await new Fake(random(seed), fault).open();
	const party = new Party(server, seed, ['room']);
	party.alters = 0.1;
	const person = (id) => Object.assign(new Client(server, { token: id }), { id });
	const writers = ['rest1', 'rest2', 'live1', 'live2'].map((id) => new Writer(party, person(id),
		id.slice(0, 4), { depth: 2 }));
	const listeners = ['ear1', 'ear2'].map((id, i) => new Listener(party, person(id), {
		name: id, restless: 2500 * i,
	}));
	const moderator = new Moderator(party, person('mod'), [writers[0].who, writers[2].who],
		{ patient: true });
	const hearing = listeners.map((l) => l.run());
	const doing = [...writers.map((w) => w.run()), moderator.run()];
	const history = () => party.history(party.rooms[0], server.log);

	try {
		await until(() => {
			const c = count(history());
			return c.acknowledged > 150 && c.bans >= 2 && c.sent_again >= 3
				&& (c.refused >= 5 || fault === 'lets_the_banned_post')
				&& (c.mismatches_refused > 0 || ['takes_another_text', 'forgets_client_ids'].includes(fault));
		}, 'enough of a history', 60000);
		party.going = false;
		await within(Promise.all(doing), 'end of writing');
		// a fault may keep a listener from reaching the end: then judge what it has
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

// The faults of plant.c, and the rules that must notice them; '' is a sound broker.
const PLANTS = {
	'': [],
	acknowledges_before_commit: ['acked_is_in_log', 'one_answer_per_key'],
	acknowledges_what_it_drops: ['acked_is_in_log'],
	delivers_what_is_not_committed: ['heard_is_committed'],
	invents_a_message: ['nothing_invented'],
	forgets_client_ids: ['nothing_invented'],
	takes_another_text: ['one_text_per_key'],
	delivers_out_of_order: ['heard_in_order'],
	delivers_twice: ['heard_once'],
	skips_one_on_resume: ['heard_without_gap'],
	delivers_again_on_resume: ['heard_once'],
	loses_one_where_it_goes_live: ['heard_without_gap'],
	recovers_from_another_epoch: ['odd'],
};
const WANTED = { acked: 250, resumes: 8, strangers: 3 };

describe('on a real broker', () => {
	let server, people, file;

	before(async () => {
		const folder = fs.mkdtempSync(path.join(process.env.TEST_TMP ?? os.tmpdir(), 'plant-'));
		fs.chmodSync(folder, 0o755);
		file = path.join(folder, 'plant');
		server = await private_server({
			name: 'planted', variant: 'asan-planted', env: { ...LOOSE, PLANT_FILE: file },
		});
		people = await Promise.all(['rest', 'live1', 'live2', 'ear1', 'ear2', 'lost']
			.map((name) => actor(server, name)));
	});
	after(end_private_servers);

	async function play_on(fault, t) {
		fs.writeFileSync(file, fault);
		const [rest, live1, live2, ear1, ear2, lost] = people;
		const room = await rest.room({ member_ids: people.slice(1).map((p) => p.id) });
		const party = new Party(server, seed, [room.id]);
		party.epoch = room.epoch;
		party.alters = 0.1;
		const readers = [ear1, ear2].map((who, i) => new Listener(party, who, {
			name: `ear ${i}`, restless: 200 * i,
		}));
		const hearing = readers.map((reader) => reader.run());
		const doing = [new Writer(party, rest, 'rest'), new Writer(party, live1, 'live', { depth: 4 }),
			new Writer(party, live2, 'live', { depth: 4 }), new Stranger(party, lost)].map((one) => one.run());
		try {
			await until(() => party.acked > WANTED.acked && party.counts.resumes > WANTED.resumes
				&& party.counts.strangers > WANTED.strangers, 'enough of a history', Math.max(30000, DEADLINE_MS));
			party.going = false;
			await within(Promise.all(doing), 'end of writing');
			const log = await whole_log(rest, room.id);
			readers.forEach((reader) => reader.end_at({ [room.id]: log.at(-1).seq }));
			const heard = within(Promise.all(hearing), 'end of listening', fault ? 1000 : undefined);
			await (fault ? heard.catch(() => {}) : heard);
			const broken = judge(party.history(party.rooms[0], log));
			if (party.odd_answers.length > 0)
				broken.odd = party.odd_answers;
			t.diagnostic(`${party.acked} acknowledged, broken: ${Object.keys(broken)}`);
			return broken;
		} finally {
			party.going = false;
			party.over = true;
			readers.forEach((reader) => reader.line.end());
		}
	}

	for (const [fault, rules] of Object.entries(PLANTS))
		it(fault ? `one that ${fault.replaceAll('_', ' ')} is caught` : 'a sound one passes', async (t) => {
			const broken = await play_on(fault, t);
			if (!fault)
				assert.deepEqual(broken, {});
			assert.ok(!fault || rules.some((rule) => rule in broken),
				`none of ${rules} is among ${Object.keys(broken)}`);
		});
});

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
