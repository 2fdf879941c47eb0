// clock.js -- time for everything in core/, so that tests can control it.
//
// after() returns a function that cancels it, and may be called twice. soon() runs fn in the
// next task: in a hidden page a timer would wait for seconds.

const next = [];
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => next.shift()();
// in node: does not keep the process alive
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

// How long to wait before try number `attempt` (from 0): doubles up to a maximum, with jitter
// over half of it, so that a thousand clients of a restarted server do not come back at the
// same moment.
export function backoff_ms(attempt, random, { base_ms = 400, max_ms = 30000 } = {}) {
	const full = Math.min(max_ms, base_ms * 2 ** Math.min(attempt, 16));
	return Math.round(full / 2 + (full / 2) * random());
}
