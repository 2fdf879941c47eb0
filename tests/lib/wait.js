// wait.js -- waiting for things to happen, each with a deadline.
//
// No test sleeps: it waits for an event or for a condition to hold, and fails with the
// name of what did not come. The deadlines are generous on purpose, since the servers
// under test are sanitizer builds on a busy machine: they end a hang, they time nothing.

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

export const DEADLINE_MS = Number(process.env.TEST_DEADLINE_MS ?? 20000);

// The promise's value, or an error that names what was waited for.
export function within(promise, what, ms = DEADLINE_MS) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => {
			const why = typeof what === 'function' ? what() : what;
			reject(new Error(`no ${why} within ${ms} ms`));
		}, ms);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Ask probe() again and again until it answers something truthy, and answer that.
export async function until(probe, what, ms = DEADLINE_MS) {
	const end = Date.now() + ms;
	let pause_ms = 5;

	for (;;) {
		const value = await probe();
		if (value)
			return value;
		if (Date.now() > end)
			throw new Error(`no ${what} within ${ms} ms`);
		await tick(pause_ms);
		pause_ms = Math.min(100, pause_ms * 1.5);
	}
}

// Until probe() answers just this; else what it answered instead.
export async function becomes(probe, wanted, what = 'such an answer') {
	let last;

	try {
		await until(async () => {
			last = await probe();
			return isDeepStrictEqual(last, wanted);
		}, what);
	} catch (error) {
		if (error.message.startsWith(`no ${what}`))
			assert.deepEqual(last, wanted);
		throw error;
	}
}

// What must be done before something runs out is tried with ever more time: work(seconds).
export async function in_time(work, seconds) {
	for (let some = seconds; some < 16 * seconds; some *= 2)
		try {
			return await work(some);
		} catch {
			// too slow, or wrong: the last time tells
		}
	return work(16 * seconds);
}

// For loops that pace themselves (a writer, a poll); never in place of waiting.
export function tick(ms) {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
