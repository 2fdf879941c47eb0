// A burst is handled in slices, in order, and completely.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Slices } from '../../web/core/slices.js';
import { FakeClock } from './fake.js';

// each takes 3 ms
function world() {
	const clock = new FakeClock();
	const done = [];
	const slices = new Slices({
		clock, each: (one) => {
			done.push(one);
			clock.time += 3;
		},
	});
	return { clock, done, slices };
}

const numbers = (count) => Array.from({ length: count }, (_, at) => at);

test('what comes alone is done at once', async () => {
	const { clock, done, slices } = world();

	for (const one of numbers(20)) {
		slices.push(one);
		assert.equal(done.at(-1), one);
		await clock.run(1);
	}
});

test('of a burst a part is done in each task, all in order', async () => {
	const { clock, done, slices } = world();
	const parts = [];
	const { soon } = clock;

	clock.soon = (fn) => soon(() => {
		fn();
		parts.push(done.length);
	});
	for (const one of numbers(10))
		slices.push(one);
	assert.equal(done.length, 3);
	await clock.run(100);
	assert.deepEqual(parts, [6, 9, 10, 10]);
	assert.deepEqual(done, numbers(10));
});

test('what waits when nothing comes any more is done at once', () => {
	const { done, slices } = world();

	for (const one of numbers(10))
		slices.push(one);
	slices.finish();
	assert.deepEqual(done, numbers(10));
});
