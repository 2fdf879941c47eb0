// The outbox: what was written is kept, sent in order, and sent once.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../../web/core/api.js';
import { Keep } from '../../web/core/keep.js';
import { Notes } from '../../web/core/notes.js';
import { Outbox } from '../../web/core/outbox.js';
import { FakeChannels, FakeClock, FakeLocks, FakeShelf, FakeStorage, settle } from './fake.js';

const offline = () => new ApiError({ code: 'offline' });

async function world({ shelf = new FakeShelf(), storage = new FakeStorage(),
	clock = new FakeClock(), channel = null, locks = null, user_id = 'user-1' } = {}) {
	const sent = [];
	const states = [];
	const outbox = new Outbox({
		shelf, notes: new Notes(new Keep(storage, 'x:')), channel, locks, clock,
		random: () => 0.5,
		send: (item, how) => new Promise((resolve, reject) => {
			how.signal?.addEventListener('abort', () =>
				reject(new ApiError({ code: 'cancelled' })));
			sent.push({ item, how, text: item.text, client_id: item.client_id,
				ok: (seq = sent.length) => resolve({ seq }), fail: reject });
		}),
	});
	outbox.addEventListener('item', ({ detail }) => {
		if (states.at(-1) !== `${detail.state} ${detail.text}`)
			states.push(`${detail.state} ${detail.text}`);
	});
	outbox.addEventListener('gone', ({ detail }) => states.push(`gone ${detail.text}`));
	await outbox.open(user_id);
	return { shelf, storage, clock, sent, states, outbox };
}

test('a message is kept while it is on its way, and forgotten once acknowledged', async () => {
	const { shelf, sent, states, outbox } = await world();

	outbox.add('room', { text: 'hello' });
	await settle();
	const [kept] = await shelf.all('user-1');
	assert.deepEqual([kept.text, kept.state, kept.room_id], ['hello', 'waiting', 'room']);
	assert.match(kept.client_id, /^[0-9a-f]{32}$/);
	sent[0].ok(7);
	await settle();
	assert.deepEqual(states, ['waiting hello', 'sending hello', 'sent hello']);
	assert.equal(shelf.items.size, 0);
	assert.equal(outbox.unsent_count, 0);
});

test('in one room the next goes when the last has arrived; rooms do not wait for rooms',
	async () => {
		const { sent, outbox } = await world();

		outbox.add('a', { text: 'a1' });
		outbox.add('a', { text: 'a2' });
		outbox.add('b', { text: 'b1' });
		await settle();
		assert.deepEqual(sent.map((s) => s.text), ['a1', 'b1']);
		sent[0].ok();
		await settle();
		assert.deepEqual(sent.map((s) => s.text), ['a1', 'b1', 'a2']);
	});

test('what was lost is sent again under the same client_id, later each time', async () => {
	const { clock, sent, outbox } = await world();
	const times = [];

	outbox.add('a', { text: 'one' });
	outbox.add('a', { text: 'two' });
	await settle();
	for (let i = 0; i < 4; i++) {
		sent[i].fail(offline());
		await settle();
		const from = clock.now();
		while (sent.length === i + 1)
			await clock.run(100);
		times.push(clock.now() - from);
	}
	assert.deepEqual(new Set(sent.map((s) => s.client_id)).size, 1);
	assert.deepEqual([...times].sort((x, y) => x - y), times);
	sent[4].ok();
	await settle();
	assert.equal(sent[5].text, 'two');
});

test('the pause that the server asks for is kept', async () => {
	const { clock, sent, outbox } = await world();

	outbox.add('a', { text: 'one' });
	await settle();
	sent[0].fail(new ApiError({ status: 429, code: 'rate_limited', retry_after: 20 }));
	await clock.run(19900);
	assert.equal(sent.length, 1);
	await clock.run(200);
	assert.equal(sent.length, 2);
});

test('a nudge ends the pause', async () => {
	const { sent, outbox } = await world();

	outbox.add('a', { text: 'one' });
	await settle();
	sent[0].fail(offline());
	await settle();
	outbox.nudge();
	await settle();
	assert.equal(sent.length, 2);
});

test('a refused message waits for a person, and holds up nobody', async () => {
	const { shelf, sent, states, outbox } = await world();

	const bad = outbox.add('a', { text: 'bad' });
	outbox.add('a', { text: 'good' });
	await settle();
	sent[0].fail(new ApiError({ status: 422, code: 'invalid' }));
	await settle();
	assert.equal(sent[1].text, 'good');
	sent[1].ok();
	await settle();
	assert.equal(shelf.items.size, 1, 'it is still there after a reload');
	outbox.nudge();
	await settle();
	assert.equal(sent.length, 2);

	outbox.retry(bad.client_id);
	await settle();
	assert.equal(sent[2].client_id, bad.client_id);
	sent[2].fail(new ApiError({ status: 422, code: 'invalid' }));
	await settle();
	outbox.discard(bad.client_id);
	assert.equal(states.at(-1), 'gone bad');
	await settle();
	assert.equal(shelf.items.size, 0);
});

test('a page that is closed leaves its messages to the next one', async () => {
	const first = await world();
	first.outbox.add('a', { text: 'one' });
	first.outbox.add('a', { text: 'two' });
	await settle();
	const { shelf, clock } = first;

	const next = await world({ shelf, clock });
	await settle();
	assert.equal(next.sent[0].client_id, first.sent[0].client_id);
	next.sent[0].ok();
	await settle();
	assert.deepEqual(next.sent.map((s) => s.text), ['one', 'two']);
	next.sent[1].ok();
	await settle();
	assert.equal(shelf.items.size, 0);
});

test('another user of the same browser does not send them', async () => {
	const first = await world();
	first.outbox.add('a', { text: 'secret' });
	await settle();

	const next = await world({ shelf: first.shelf, clock: first.clock, user_id: 'user-2' });
	await settle();
	assert.deepEqual(next.sent, []);
	assert.equal(next.outbox.unsent_count, 0);
});

test('a message that the log shows is done, whatever became of its answer', async () => {
	const { clock, shelf, sent, states, outbox } = await world();

	const item = outbox.add('a', { text: 'one' });
	await settle();
	outbox.confirmed(item.client_id);
	await settle();
	assert.equal(shelf.items.size, 0);
	sent[0].fail(offline());
	await clock.run(60000);
	assert.equal(sent.length, 1);
	assert.equal(states.at(-1), 'gone one');
});

test('the answer to a user who has left is not heard', async () => {
	const { clock, sent, states, outbox } = await world();

	outbox.add('a', { text: 'one' });
	await settle();
	outbox.close();
	states.length = 0;
	sent[0].fail(offline());
	await clock.run(60000);
	assert.deepEqual(states, []);
	assert.equal(sent.length, 1);
});

test('what is on its way cannot be taken back', async () => {
	const { sent, outbox } = await world();

	const item = outbox.add('a', { text: 'one' });
	await settle();
	outbox.discard(item.client_id);
	assert.equal(outbox.unsent_count, 1);
	sent[0].ok();
	await settle();
	assert.equal(outbox.unsent_count, 0);
});

test('the order of writing is kept although the clock goes back', async () => {
	const { shelf, clock, outbox } = await world();

	outbox.add('a', { text: 'one' });
	clock.time -= 3600 * 1000;
	outbox.add('a', { text: 'two' });
	await settle();
	const next = await world({ shelf, clock });
	await settle();
	assert.equal(next.sent[0].text, 'one');
});

test('where nothing can be kept, it is sent all the same, and said to end with the page',
	async () => {
		const { sent, outbox } = await world({ shelf: broken_shelf(), storage: full_storage() });

		outbox.add('a', { text: 'one' });
		outbox.add('a', { text: 'two' });
		assert.equal(outbox.is_fleeting, true);
		await settle();
		assert.equal(outbox.is_fleeting, true);
		outbox.nudge();
		await settle();
		assert.equal(outbox.unsent_count, 2, 'a shelf that fails takes nothing away');
		sent[0].ok();
		await settle();
		sent[1].ok();
		await settle();
		assert.deepEqual(sent.map((s) => s.text), ['one', 'two']);
		assert.equal(outbox.is_fleeting, false);
	});

// --- what is noted ---

function broken_shelf() {
	return Object.assign(new FakeShelf(), { is_broken: true });
}

// Like a slow IndexedDB: writes complete when end() is called.
function slow_shelf(shelf = new FakeShelf()) {
	const waiting = [];

	return {
		all: (...asked) => shelf.all(...asked),
		put: (...asked) => new Promise((resolve) => {
			waiting.push(() => shelf.put(...asked).then(resolve));
		}),
		remove: (...asked) => shelf.remove(...asked),
		blob: (...asked) => shelf.blob(...asked),
		end: () => waiting.splice(0).forEach((put) => put()),
	};
}

function full_storage() {
	return Object.assign(new FakeStorage(), {
		setItem() {
			throw new Error('full');
		},
	});
}

for (const [how, shelf] of [['is slow', slow_shelf], ['is none', broken_shelf]])
	test(`a text outlives a page that is gone at once, where the shelf ${how}`, async () => {
		const first = await world({ shelf: shelf() });
		const said = ['one', 'two'].map((text) => first.outbox.add('a', { text }));
		const storage = first.storage.copy();

		assert.equal(first.outbox.is_fleeting, false);
		const { outbox, sent } = await world({ shelf: shelf(), storage });
		for (const n of [0, 1]) {
			await settle();
			sent[n].ok();
		}
		await settle();
		assert.deepEqual(sent.map((s) => s.client_id), said.map((item) => item.client_id));
		assert.deepEqual([outbox.unsent_count, storage.length], [0, 0]);
	});

test('it is noted until the shelf has it', async () => {
	const shelf = slow_shelf();
	const { storage, outbox } = await world({ shelf });

	outbox.add('a', { text: 'one' });
	assert.equal(storage.length, 1);
	shelf.end();
	await settle();
	assert.equal(storage.length, 0);
	assert.equal(outbox.is_fleeting, false);
});

test('where the shelf refuses it stays noted, as it was last, and no longer than it is unsent',
	async () => {
		const { shelf, storage, sent, outbox } = await world({ shelf: broken_shelf() });
		const [bad, , , last] = ['bad', 'sent', 'shown', 'taken back', 'forgotten']
			.map((text) => outbox.add('a', { text }));
		const noted = () => Array.from({ length: storage.length }, (_, n) =>
			JSON.parse(storage.getItem(storage.key(n)))).map(({ state, text }) => `${state} ${text}`);

		await settle();
		assert.equal(outbox.is_fleeting, false);
		sent[0].fail(new ApiError({ status: 422, code: 'invalid' }));
		await settle();
		assert.deepEqual(noted(), ['failed bad', 'waiting sent', 'waiting shown',
			'waiting taken back', 'waiting forgotten']);
		const next = await world({ shelf, storage: storage.copy() });
		assert.deepEqual(next.states.map((state) => state.split(' ')[0]),
			['failed', 'waiting', 'waiting', 'waiting', 'waiting', 'sending']);
		sent[1].ok();
		await settle();
		outbox.confirmed(sent[2].client_id);
		outbox.discard(last.client_id);
		outbox.discard(bad.client_id);
		assert.deepEqual(noted(), ['waiting forgotten']);
		await outbox.clear();
		assert.equal(storage.length, 0);
	});

test('what the shelf has not heard of the last change is as it was noted', async () => {
	const { shelf, storage, sent, outbox } = await world();

	outbox.add('a', { text: 'bad' });
	await settle();
	shelf.put = async () => false;
	sent[0].fail(new ApiError({ status: 422, code: 'invalid' }));
	await settle();
	outbox.nudge();
	await settle();
	const next = await world({ shelf, storage });
	await settle();
	assert.deepEqual([sent.length, next.sent.length], [1, 0]);
});

test('where a note is refused it is kept once the shelf has it', async () => {
	const shelf = slow_shelf();
	const { sent, outbox } = await world({ shelf, storage: full_storage() });

	outbox.add('a', { text: 'one' });
	await settle();
	assert.equal(outbox.is_fleeting, true);
	shelf.end();
	await settle();
	assert.equal(outbox.is_fleeting, false);
	assert.deepEqual(sent.map((s) => s.text), ['one']);
});

test('what is no note does no harm, and of another user it is left alone', async () => {
	const storage = new FakeStorage();
	const good = { client_id: 'c', room_id: 'a', text: 'words', order: 1, state: 'waiting' };

	['{', 'null', '5', '"text"', '[]', '{}', JSON.stringify({ ...good, user_id: 'user-2' })]
		.forEach((text, n) => storage.setItem(`x:outbox:user-1:${n}`, text));
	storage.setItem('x:outbox:user-2:c', JSON.stringify({ ...good, user_id: 'user-2' }));
	const { sent, outbox } = await world({ storage });
	outbox.add('a', { text: 'one' });
	await settle();
	assert.deepEqual(sent.map((s) => s.text), ['one']);
	assert.equal(outbox.unsent_count, 1);
	assert.equal(storage.length, 8);
});

// --- files ---

const a_file = (text = 'contents') => new Blob([text]);
const carrying = (name, size = 8) => ({ kind: 'file', data: { name, size }, text: name });

test('a file is kept beside its message, also for the next page', async () => {
	const first = await world();
	first.outbox.add('a', carrying('a.txt'), { blob: a_file() });
	await settle();
	assert.equal(first.sent[0].item.kind, 'file');
	assert.equal(await first.sent[0].how.blob.text(), 'contents');

	const next = await world({ shelf: first.shelf, clock: first.clock });
	await settle();
	assert.equal(await next.sent[0].how.blob.text(), 'contents');
	next.sent[0].ok();
	await settle();
	assert.equal(first.shelf.blobs.size, 0);
});

test('a file would be lost with the page until the shelf has it', async () => {
	const shelf = slow_shelf();
	const { storage, outbox } = await world({ shelf });

	outbox.add('a', carrying('a.txt'), { blob: a_file() });
	assert.equal(outbox.is_fleeting, true);
	assert.equal(storage.length, 0);
	shelf.end();
	await settle();
	assert.equal(outbox.is_fleeting, false);
});

test('how far a file is, is told now and then, and that it is up is kept', async () => {
	const { shelf, clock, sent, outbox } = await world();
	const told = [];
	outbox.addEventListener('item', ({ detail }) => told.push(detail.progress?.sent ?? '-'));

	outbox.add('a', carrying('a.txt', 100), { blob: a_file() });
	await settle();
	told.length = 0;
	for (let i = 1; i <= 20; i++) {
		sent[0].how.on_progress(i * 5, 100);
		clock.time += 50;
	}
	assert.deepEqual(told, [5, 25, 45, 65, 85]);
	sent[0].how.on_uploaded({ kind: 'image', data: { name: 'a.txt', size: 8, file_id: 'f1' } });
	await settle();
	const [kept] = await shelf.all('user-1');
	assert.deepEqual([kept.kind, kept.data.file_id, kept.progress], ['image', 'f1', null]);
	assert.equal(kept.state, 'waiting');
});

test('a file on its way up is called back; what is behind it goes', async () => {
	const { shelf, sent, outbox } = await world();

	const item = outbox.add('a', carrying('large.bin'), { blob: a_file() });
	outbox.add('a', { text: 'after' });
	await settle();
	outbox.discard(item.client_id);
	await settle();
	assert.equal(sent[0].how.signal.aborted, true);
	assert.deepEqual(sent.map((s) => s.text), ['large.bin', 'after']);
	assert.equal(shelf.blobs.size, 0);
	assert.equal(outbox.unsent_count, 1);
});

test('files that are too large together are sent, and last as long as the page', async () => {
	const { shelf, outbox } = await world();

	for (let i = 0; i < 3; i++)
		outbox.add('a', carrying(`${i}`, 90 * 1024 ** 2), { blob: a_file() });
	await settle();
	assert.equal(shelf.blobs.size, 2);
	assert.equal(outbox.is_fleeting, true);
	assert.equal(outbox.unsent_count, 3);
});

// --- several tabs ---

async function tabs(count, { with_locks = true } = {}) {
	const shelf = new FakeShelf();
	const storage = new FakeStorage();
	const clock = new FakeClock();
	const channels = new FakeChannels();
	const locks = with_locks ? new FakeLocks() : null;
	const all = [];
	for (let i = 0; i < count; i++)
		all.push(await world({ shelf, storage, clock, locks, channel: channels.channel() }));
	return { shelf, storage, clock, channels, locks, all };
}

test('what one tab writes the others show, and one of them sends', async () => {
	const { clock, all: [one, other] } = await tabs(2);

	one.outbox.add('a', { text: 'hello' });
	await settle();
	assert.deepEqual(other.states, ['waiting hello']);
	await clock.run(60000);
	assert.deepEqual([one.sent.length, other.sent.length], [1, 0]);
	one.sent[0].ok(5);
	await clock.run(60000);
	assert.deepEqual(other.states, ['waiting hello', 'sent hello']);
	assert.deepEqual([one.sent.length, other.sent.length], [1, 0]);
});

test('what one tab takes back is gone from the others, though they were sending it',
	async () => {
		const { all: [one, other] } = await tabs(2);

		const item = one.outbox.add('a', carrying('a.txt'), { blob: a_file() });
		await settle();
		other.outbox.discard(item.client_id);
		await settle();
		assert.equal(one.states.at(-1), 'gone a.txt');
		assert.equal(one.sent[0].how.signal.aborted, true);
	});

test('what a closed tab was sending, another one sends', async () => {
	const { clock, all: [one, other] } = await tabs(2);

	one.outbox.add('a', { text: 'hello' });
	await settle();
	one.outbox.close();	// like a closed tab: its lock is released, without a message
	await clock.run(5000);
	assert.equal(other.sent[0].client_id, one.sent[0].client_id);
});

test('a tab that rests gives way to another, and does not send again what that has sent',
	async () => {
		const { clock, all: [one, other] } = await tabs(2);

		one.outbox.add('a', { text: 'hello' });
		await settle();
		one.outbox.rest();
		assert.equal(one.states.at(-1), 'waiting hello');
		await clock.run(5000);
		assert.equal(other.sent.length, 1);
		other.sent[0].ok();
		await settle();
		one.outbox.nudge();
		await clock.run(60000);
		assert.equal(one.sent.length, 1);
		assert.equal(one.states.at(-1), 'sent hello');
	});

test('what another tab noted and had no time to put away, a tab sends when it looks', async () => {
	const { shelf, storage, clock, locks, channels, all: [other] } = await tabs(1);
	const one = await world({ shelf: slow_shelf(shelf), storage, clock, locks,
		channel: channels.channel() });

	const { client_id } = one.outbox.add('a', { text: 'hello' });
	one.outbox.close();	// its tab is closed
	await clock.run(60000);
	assert.deepEqual(other.sent, []);
	other.outbox.nudge();
	await settle();
	assert.equal(other.sent[0].client_id, client_id);
	other.sent[0].ok();
	await clock.run(60000);
	assert.deepEqual([storage.length, shelf.items.size, other.outbox.unsent_count], [0, 0, 0]);
});

test('what one tab has only noted, and another sends or takes back, does not come back', async () => {
	for (const is_sent of [true, false]) {
		const { shelf, storage, clock, locks, channels, all: [one] } = await tabs(1);
		const slow = slow_shelf(shelf);
		const other = await world({ shelf: slow, storage, clock, locks,
			channel: channels.channel() });

		const { client_id } = other.outbox.add('a', { text: 'hello' });
		await settle();
		other.outbox.rest();
		one.outbox.nudge();
		await settle();
		if (is_sent)
			one.sent[0].ok();
		else
			one.sent[0].fail(new ApiError({ status: 422, code: 'invalid' }));
		await settle();
		one.outbox.discard(client_id);
		await settle();
		slow.end();
		other.outbox.nudge();
		await clock.run(60000);
		assert.deepEqual([one.sent.length, other.sent.length], [1, 1]);
		assert.deepEqual([one, other].map(({ outbox }) => outbox.unsent_count), [0, 0]);
		assert.deepEqual([storage.length, shelf.items.size], [0, 0]);
		assert.equal((await world({ shelf, storage })).outbox.unsent_count, 0);
	}
});

test('two tabs that write into one room take turns, in the order of writing', async () => {
	for (const with_locks of [true, false]) {
		const { clock, all: [one, other] } = await tabs(2, { with_locks });
		const order = [];
		const ids = new Set();
		const answer = async () => {
			for (const tab of [one, other])
				for (const s of tab.sent.splice(0)) {
					if (!ids.has(s.client_id))
						order.push(s.text);
					ids.add(s.client_id);
					s.ok(ids.size);
				}
			await clock.run(1000);
		};

		for (let i = 0; i < 3; i++) {
			one.outbox.add('a', { text: `${i} one` });
			await clock.run(10);
			other.outbox.add('a', { text: `${i} other` });
			await clock.run(10);
		}
		for (let i = 0; i < 12; i++)
			await answer();
		assert.deepEqual(order, ['0 one', '0 other', '1 one', '1 other', '2 one', '2 other']
			.filter((text) => order.includes(text)));
		assert.equal(order.length, 6);
		assert.equal(one.outbox.unsent_count + other.outbox.unsent_count, 0);
	}
});
