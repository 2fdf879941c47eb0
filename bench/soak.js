// soak.js -- half of the maximum load for a long time: does memory stay flat, is nothing lost,
// does nothing leak?
//
//	node bench/soak.js             SECONDS=600 RATE= (found if not given)
//	VARIANT=asan node bench/soak.js    the same under sanitizers, which look for leaks
//
// First it finds the maximum: twice as many messages a second each time, until they are not all
// acknowledged in time. Then a hundred people in rooms of ten send half of that, while a crowd
// of a thousand disconnects and reconnects every half minute. Memory is the broker's Pss. At
// the end every process must exit with status 0.

import process from 'node:process';

process.env.VARIANT ??= 'release';
const { end_private_servers, private_server } = await import('../tests/lib/server.js');
const { metrics_of } = await import('../tests/lib/prometheus.js');
const { calm, CROWDED, memory_kib, ms, people, prefer, Swarm, table } = await import('./lib/swarm.js');

const SECONDS = Number(process.env.SECONDS || 600);
const LIVE = 100, CROWD = 1000, SLICE = 30, TRY = 5, MOST = 64000;

async function find_maximum(live) {
	let best = 0;

	for (let rate = 500; rate <= MOST; rate *= 2) {
		const talk = await live.do(`talk ${rate} ${TRY} 200`);
		const took = talk.seconds, done = talk.acked === talk.sent && talk.sent >= 0.98 * rate * TRY;
		console.log(`${rate}/s: ${talk.acked} of ${talk.sent} acknowledged in ${took.toFixed(1)} s, `
			+ `p99 ${ms(talk.delay.p99_ms)} ms`);
		if (!done || took > 1.1 * TRY)
			return Math.max(best, Math.round(talk.acked / took));
		best = rate;
	}
	return best;
}

async function main() {
	const server = await private_server({ name: 'soak', env: CROWDED });
	await people(server, 0, LIVE, 10);
	await people(server, 1000000, CROWD, 100);
	const live = new Swarm(server, 0, 10), crowd = new Swarm(server, 1000000, 100, { nice: 5 });
	const rows = [], memory = [];
	const pid = server.pid('broker');

	prefer(server, live, crowd);
	await live.do(`open ${LIVE}`);
	await crowd.do(`open ${CROWD}`);
	await calm(server);
	const rate = Number(process.env.RATE) || Math.floor(await find_maximum(live) / 2);
	console.log(`half of the maximum: ${rate}/s, each heard by ten`);
	await calm(server);
	for (let at = 0; at < SECONDS; at += SLICE) {
		const comings = crowd.do('drop').then(() => crowd.do('back'));
		const [talk, back] = await Promise.all([live.do(`talk ${rate} ${SLICE} 200`), comings]);
		const now = memory_kib(pid);
		if (talk.acked !== talk.sent || talk.gaps || talk.cut || back.listening !== CROWD || back.gaps)
			throw new Error(JSON.stringify([talk, back]));
		memory.push(now.pss);
		rows.push([at + SLICE, talk.acked, talk.delay.count, ms(talk.delay.p50_ms), ms(talk.delay.p99_ms),
			now.pss, now.anonymous]);
		console.error(rows.at(-1).join('\t'));
	}
	table(['after s', 'acked', 'heard', 'p50 ms', 'p99 ms', 'Pss KiB', 'anonymous KiB'], rows);
	const half = memory.slice(memory.length >> 1);
	console.log(`Pss in the second half: ${Math.min(...half)} to ${Math.max(...half)} KiB; `
		+ `dropped ${(await metrics_of(server)).get('foyer_ephemeral_dropped_total')} ephemeral frames`);
	if (server.pid('broker') !== pid)
		throw new Error('the broker is another one');
	await Promise.all([live.end(), crowd.end()]);
}

await main().finally(end_private_servers);
console.log('all ended with status 0, nothing leaked');
