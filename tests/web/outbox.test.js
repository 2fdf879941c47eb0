// The outbox: what was written is kept, sent in order, and sent once.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../../web/core/api.js';
import { Keep } from '../../web/core/keep.js';
import { Outbox } from '../../web/core/outbox.js';
import { FakeClock, FakeStorage, settle } from './fake.js';

const offline = () => new ApiError({ code: 'offline' });

function world({ storage = new FakeStorage(), clock = new FakeClock() } = {}) {
	const sent = [];
	const states = [];
	const outbox = new Outbox({
		keep: new Keep(storage, 'foyer:/:'), clock, random: () => 0.5,
		send: (item) => new Promise((resolve, reject) => {
			sent.push({ item, text: item.text, client_id: item.client_id,
				ok: (seq = sent.length) => resolve({ seq }), fail: reject });
		}),
	});
	outbox.addEventListener('item', ({ detail }) =>
		states.push(`${detail.state} ${detail.text}`));
	outbox.addEventListener('gone', ({ detail }) => states.push(`gone ${detail.text}`));
	outbox.open('user-1');
	return { storage, clock, sent, states, outbox };
}

test('a message is kept before it is sent, and forgotten once acknowledged', async () => {
	const { storage, sent, states, outbox } = world();

	outbox.add('room', { text: 'hello' });
	assert.equal(storage.length, 1);
	assert.match(storage.key(0), /^foyer:\/:outbox:user-1:[0-9a-f]{32}$/);
	sent[0].ok(7);
	await settle();
	assert.deepEqual(states, ['waiting hello', 'sending hello', 'sent hello']);
	assert.equal(storage.length, 0);
	assert.equal(outbox.unsent_count, 0);
});

test('in one room the next goes when the last has arrived; rooms do not wait for rooms',
	async () => {
		const { sent, outbox } = world();

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
	const { clock, sent, outbox } = world();
	const times = [];

	outbox.add('a', { text: 'one' });
	outbox.add('a', { text: 'two' });
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
	const { clock, sent, outbox } = world();

	outbox.add('a', { text: 'one' });
	sent[0].fail(new ApiError({ status: 429, code: 'rate_limited', retry_after: 20 }));
	await clock.run(19900);
	assert.equal(sent.length, 1);
	await clock.run(200);
	assert.equal(sent.length, 2);
});

test('a nudge ends the pause', async () => {
	const { sent, outbox } = world();

	outbox.add('a', { text: 'one' });
	sent[0].fail(offline());
	await settle();
	outbox.nudge();
	assert.equal(sent.length, 2);
});

test('a refused message waits for a person, and holds up nobody', async () => {
	const { storage, sent, states, outbox } = world();

	const bad = outbox.add('a', { text: 'bad' });
	outbox.add('a', { text: 'good' });
	sent[0].fail(new ApiError({ status: 422, code: 'invalid' }));
	await settle();
	assert.equal(sent[1].text, 'good');
	sent[1].ok();
	await settle();
	assert.equal(storage.length, 1, 'it is still there after a reload');
	outbox.nudge();
	await settle();
	assert.equal(sent.length, 2);

	outbox.retry(bad.client_id);
	assert.equal(sent[2].client_id, bad.client_id);
	sent[2].fail(new ApiError({ status: 422, code: 'invalid' }));
	await settle();
	outbox.discard(bad.client_id);
	assert.equal(states.at(-1), 'gone bad');
	assert.equal(storage.length, 0);
});

test('a page that is closed leaves its messages to the next one', async () => {
	const first = world();
	first.outbox.add('a', { text: 'one' });
	first.outbox.add('a', { text: 'two' });
	const { storage, clock } = first;

	const next = world({ storage, clock });
	await settle();
	assert.equal(next.sent[0].client_id, first.sent[0].client_id);
	next.sent[0].ok();
	await settle();
	assert.deepEqual(next.sent.map((s) => s.text), ['one', 'two']);
	next.sent[1].ok();
	await settle();
	assert.equal(storage.length, 0);
});

test('another user of the same browser does not send them', async () => {
	const { storage, clock } = (() => {
		const first = world();
		first.outbox.add('a', { text: 'secret' });
		return first;
	})();
	const next = world({ storage, clock });

	next.sent.length = 0;
	next.outbox.open('user-2');
	await settle();
	assert.deepEqual(next.sent, []);
	assert.equal(next.outbox.unsent_count, 0);
});

test('a message that the log shows is done, whatever became of its answer', async () => {
	const { clock, storage, sent, states, outbox } = world();

	const item = outbox.add('a', { text: 'one' });
	outbox.confirmed(item.client_id);
	assert.equal(storage.length, 0);
	sent[0].fail(offline());
	await clock.run(60000);
	assert.equal(sent.length, 1);
	assert.equal(states.at(-1), 'gone one');
});

test('the answer to a user who has left is not heard', async () => {
	const { clock, sent, states, outbox } = world();

	outbox.add('a', { text: 'one' });
	outbox.close();
	states.length = 0;
	sent[0].fail(offline());
	await clock.run(60000);
	assert.deepEqual(states, []);
	assert.equal(sent.length, 1);
});

test('what is on its way cannot be taken back', async () => {
	const { sent, outbox } = world();

	const item = outbox.add('a', { text: 'one' });
	outbox.discard(item.client_id);
	assert.equal(outbox.unsent_count, 1);
	sent[0].ok();
	await settle();
	assert.equal(outbox.unsent_count, 0);
});

test('the order of writing is kept although the clock goes back', async () => {
	const { storage, clock, outbox } = world();

	outbox.add('a', { text: 'one' });
	clock.time -= 3600 * 1000;
	outbox.add('a', { text: 'two' });
	const next = world({ storage, clock });
	await settle();
	assert.equal(next.sent[0].text, 'one');
});
