// clock.js -- time, as everything in core/ asks for it, so that tests can own it.
//
// after() answers the function that calls it off; calling that twice is fine. soon() is for
// the next task: a timer would wait for seconds in a page that nobody looks at.

const next = [];
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => next.shift()();
// in node: no reason to stay
port1.unref?.();

export const clock = {
	soon(fn) {
		next.push(fn);
		port2.postMessage(null);
	},
	now: () => Date.now(),
	after(ms, fn) {
		const timer = setTimeout(fn, ms);
		return () => clearTimeout(timer);
	},
};

// How long to wait before try number `attempt` (from 0): doubling up to a bound, and
// spread over half of it, so that a thousand clients of a restarted server do not come
// back in the same instant.
export function backoff_ms(attempt, random, { base_ms = 400, max_ms = 30000 } = {}) {
	const full = Math.min(max_ms, base_ms * 2 ** Math.min(attempt, 16));
	return Math.round(full / 2 + (full / 2) * random());
}
