// Off and on again, without a page: several tabs of one person, files among the words,
// and all that a line, a server and a browser may do meanwhile, by seeds.

import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';

import { FakeChannels, FakeClock, FakeLocks, FakeServer, FakeShelf, FakeStorage, chance_of,
	make_client, pending, texts } from './fake.js';

const SEEDS = Number(process.env.SEEDS) || 8;

// A person's browser: what its tabs share.
class Browser {
	tabs = [];

	constructor(server, user, { clock, random, with_locks = true }) {
		const channels = new FakeChannels();

		this.server = server;
		this.user = user;
		this.channels = channels;
		this.shared = {
			storage: new FakeStorage(), locks: with_locks ? new FakeLocks() : null,
			shelf: new FakeShelf({ clock, random }),
		};
	}

	async open(room) {
		const channel = this.channels.channel();
		const tab = await make_client(this.server, this.user, { ...this.shared, channel });

		tab.channel = channel;
		tab.open_room(room.id);
		this.tabs.push(tab);
		return tab;
	}

	// As a tab that is closed: nothing of it is heard any more.
	close(tab) {
		this.tabs = this.tabs.filter((other) => other !== tab);
		tab.channel.close();
		tab.socket.stop();
		tab.outbox.close();
	}
}

async function world({ seed = 1, with_locks = true } = {}) {
	const clock = new FakeClock();
	const random = chance_of(seed);
	const server = new FakeServer({ clock, random });
	const users = ['anna', 'boris'].map((name) => server.user(name));
	const room = server.room('a room', users);
	const anna = new Browser(server, users[0], { clock, random, with_locks });
	const boris = new Browser(server, users[1], { clock, random, with_locks });
	return { clock, random, server, room, anna, boris };
}

const in_log = (server, room) => server.messages(room).map(({ text }) => text);
const cut_all = (server) => [...server.sockets].forEach((socket) => socket.cut(1006, ''));

function say_file(tab, room, text, size = 10) {
	return tab.outbox.add(room.id, { kind: 'file', text, data: { name: text, size } },
		{ blob: new Blob(['x'.repeat(size)]) });
}

test('a file and the words around it arrive in order, with what the server knows of it',
	async () => {
		const { clock, server, room, anna, boris } = await world();
		const [here, there] = [await anna.open(room), await boris.open(room)];

		await clock.run(100);
		here.say(room.id, 'before');
		say_file(here, room, 'a.txt');
		here.say(room.id, 'after');
		await clock.run(1000);
		assert.deepEqual(texts(there, room), ['before', 'a.txt', 'after']);
		const { data } = there.store.timelines.get(room.id).messages[1];
		assert.equal(data.name, 'a.txt');
		assert.deepEqual(pending(here, room), []);
		assert.equal(server.uploads, 1);
	});

test('a file whose answers are lost is uploaded and posted as one', async () => {
	const { clock, server, room, anna } = await world();
	const tab = await anna.open(room);

	await clock.run(100);
	server.trouble.cut_after_post = 1;
	say_file(tab, room, 'a.txt');
	await clock.run(3000);
	assert.ok(server.uploads > 1);
	assert.equal(server.files.size, 1);
	server.trouble.cut_after_post = 0;
	await clock.run(30000);
	assert.deepEqual(in_log(server, room), ['a.txt']);
	assert.deepEqual(pending(tab, room), []);
});

test('an uploaded file that was swept before its message went is uploaded again', async () => {
	const { clock, server, room, anna } = await world();
	const tab = await anna.open(room);

	await clock.run(100);
	say_file(tab, room, 'a.txt');
	while (server.files.size === 0)
		await clock.run(1);
	server.trouble.line_down = true;
	server.trouble.rest_down = true;
	cut_all(server);
	await clock.run(1000);
	assert.equal(tab.store.pending_of(room.id)[0].data.file_id, [...server.files.keys()][0]);
	server.files.clear();
	server.trouble.line_down = server.trouble.rest_down = false;
	await clock.run(60000);
	assert.deepEqual(in_log(server, room), ['a.txt']);
	assert.equal(server.uploads, 2);
});

test('a file that is refused waits for a person, and what is behind it goes', async () => {
	const { clock, server, room, anna } = await world();
	const tab = await anna.open(room);

	await clock.run(100);
	const item = say_file(tab, room, 'large.bin', 5000);
	tab.say(room.id, 'after');
	await clock.run(1000);
	assert.deepEqual(in_log(server, room), ['after']);
	assert.equal(tab.store.pending_of(room.id)[0].error, 'too_large');
	tab.discard(item.client_id);
	await clock.run(100);
	assert.deepEqual(pending(tab, room), []);
	assert.equal(tab.shelf.blobs.size, 0);
});

// Everything that may happen, by chance: told here so that a failure can be read.
const ACCIDENTS = {
	cut({ server }) {
		cut_all(server);
	},
	down({ server }) {
		server.trouble.line_down = true;
		cut_all(server);
	},
	gone({ server }) {
		server.trouble.line_down = server.trouble.rest_down = true;
		cut_all(server);
	},
	back({ server, anna, boris }) {
		server.trouble.line_down = server.trouble.rest_down = false;
		for (const tab of [...anna.tabs, ...boris.tabs])
			tab.nudge();
	},
	rest({ pick }) {
		pick.rest();
	},
	wake({ pick }) {
		pick.nudge();
	},
	async reload({ pick, browser, room }) {
		browser.close(pick);
		await browser.open(room);
	},
};

async function a_storm({ seed, with_locks }) {
	const it = await world({ seed, with_locks });
	const { clock, random, server, room, anna, boris } = it;
	const said = new Map();		// browser -> what was written in it, in order
	const of = (list) => list[Math.floor(random() * list.length)];
	let count = 0;

	for (const browser of [anna, boris, anna])
		await browser.open(room);
	await clock.run(200);
	Object.assign(server.trouble, {
		lose_frame: 0.05, swap_frames: 0.05, cut_before_ack: 0.08, cut_after_post: 0.1,
	});
	for (let step = 0; step < 120; step++) {
		const browser = of([anna, boris]);
		const pick = of(browser.tabs);
		if (random() < 0.55) {
			const text = `${browser === anna ? 'anna' : 'boris'} ${count++}`;
			if (random() < 0.25)
				say_file(pick, room, text);
			else
				pick.say(room.id, text);
			said.set(browser, [...said.get(browser) ?? [], text]);
			await clock.run(5);	// written, and kept
		} else if (random() < 0.4) {
			await ACCIDENTS[of(Object.keys(ACCIDENTS))]({ ...it, pick, browser });
		}
		await clock.run(Math.floor(random() ** 3 * 3000));
	}
	Object.assign(server.trouble, { lose_frame: 0, swap_frames: 0, cut_before_ack: 0,
		cut_after_post: 0, line_down: false, rest_down: false });
	for (const tab of [...anna.tabs, ...boris.tabs])
		tab.nudge();
	await clock.run(120000);
	// a frame that was lost is noticed at the next one
	anna.tabs[0].say(room.id, 'anna last');
	said.get(anna).push('anna last');
	await clock.run(60000);
	return { ...it, said };
}

for (const with_locks of [true, false])
	test(`whatever happens, each message is there once and all see one order${
		with_locks ? '' : ', also in a browser without locks'}`, async () => {
		for (let seed = 1; seed <= SEEDS; seed++) {
			const { server, room, anna, boris, said } = await a_storm({ seed, with_locks });
			const log = in_log(server, room);
			const hint = `seed ${seed}`;

			assert.deepEqual([...log].sort(), [...said.values()].flat().sort(), hint);
			for (const [browser, list] of said) {
				const who = browser === anna ? 'anna' : 'boris';
				assert.deepEqual(log.filter((text) => text.startsWith(who)), list,
					`${hint}: ${who} in the order of writing`);
				assert.equal(browser.shared.shelf.items.size, 0, hint);
				assert.equal(browser.shared.shelf.blobs.size, 0, hint);
			}
			for (const tab of [...anna.tabs, ...boris.tabs]) {
				assert.deepEqual(pending(tab, room), [], hint);
				assert.deepEqual(texts(tab, room).slice(-40), log.slice(-40), hint);
			}
		}
	});
