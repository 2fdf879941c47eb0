// wait.js -- waits for things to happen, each with a deadline.
//
// No test sleeps: it waits for an event or a condition, and fails with the name of what did not
// happen. The deadlines are generous on purpose, since the servers under test are sanitizer
// builds on a busy machine: a deadline ends a hang and measures nothing.

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

export const DEADLINE_MS = Number(process.env.TEST_DEADLINE_MS ?? 20000);

// The promise's value, or an error that names what was awaited.
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

// Calls probe() until it returns something truthy, and returns that.
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

// Waits until probe() returns `wanted`; on failure shows what it returned instead.
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

// Calls work(seconds) with ever more time, for what must be done before something expires.
export async function in_time(work, seconds) {
	for (let some = seconds; some < 16 * seconds; some *= 2)
		try {
			return await work(some);
		} catch {
			// too slow, or wrong: the last attempt decides
		}
	return work(16 * seconds);
}

// For loops that pace themselves (a writer, a poller); never to wait for something.
export function tick(ms) {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
