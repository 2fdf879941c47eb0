// storm.js -- ten thousand clients reconnect at once while others talk.
//
//	node bench/storm.js            STORM=10000 LIVE=50 RATE=200 NEWCOMERS=300
//
// A few people in rooms of ten talk all the time and measure how long each message takes to
// reach each of the ten. Ten thousand others, in rooms of a hundred, are connected; then all of
// them disconnect at once, and reconnect at once, each to its position in its room. Prints the
// talkers' delays before, while the others disconnect, while they reconnect, and after; each
// p99 also as a multiple of the one before.

import process from 'node:process';

process.env.VARIANT = 'release';
const { end_private_servers, private_server } = await import('../tests/lib/server.js');
const { metrics_of } = await import('../tests/lib/prometheus.js');
const { calm, CROWDED, ms, people, prefer, Swarm, table } = await import('./lib/swarm.js');

const STORM = Number(process.env.STORM ?? 10000);
const LIVE = Number(process.env.LIVE ?? 50);
const RATE = Number(process.env.RATE ?? 200);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const DURING = Math.ceil(STORM / Number(CROWDED.FOYER_NEWCOMERS_PER_SECOND)) + 2;

async function main() {
	const server = await private_server({ name: 'storm', env: CROWDED });
	await people(server, 0, LIVE, 10);
	await people(server, 1000000, STORM, 100);
	const live = new Swarm(server, 0, 10), crowd = new Swarm(server, 1000000, 100, { nice: 5 });
	prefer(server, live, crowd);
	const rows = [];
	let first_p99;
	const note = (when, talk, storm) => rows.push([when, talk.delay.count, ms(talk.delay.p50_ms),
		ms(talk.delay.p99_ms), (talk.delay.p99_ms / (first_p99 ??= talk.delay.p99_ms)).toFixed(2),
		ms(talk.delay.max_ms), talk.acked, storm ? storm.seconds.toFixed(1) : '-',
		storm ? ms(storm.opening.p50_ms) : '-', storm ? storm.turned_away : '-']);
	const talk = (seconds) => live.do(`talk ${RATE} ${seconds} 200`);

	await live.do(`open ${LIVE}`);
	const first = await crowd.do(`open ${STORM}`);
	console.error(`${first.listening} of ${STORM} listening after ${first.seconds} s`);
	await calm(server);
	await talk(3);
	const before = await talk(10);
	note('before', before);
	for (let i = 1; i <= ROUNDS; i++) {
		const [cut] = await Promise.all([talk(5), crowd.do('drop')]);
		note('all are disconnected', cut);
		if (cut.gaps || cut.acked !== cut.sent)
			throw new Error(JSON.stringify(cut));
		await calm(server);
		const [during, storm] = await Promise.all([talk(DURING), crowd.do('back')]);
		note(`they reconnect, ${CROWDED.FOYER_NEWCOMERS_PER_SECOND} a second`, during, storm);
		if (during.gaps || during.acked !== during.sent || storm.listening !== STORM || storm.gaps)
			throw new Error(JSON.stringify([during, storm]));
	}
	await calm(server);
	note('after', await talk(10));
	table(['', 'heard', 'p50 ms', 'p99 ms', 'x before', 'max ms', 'acked', 'storm s', 'until joined, p50 ms', 'turned away'], rows);
	const metrics = await metrics_of(server);
	for (const name of ['foyer_limited_total', 'foyer_connections_ended_total', 'foyer_resumes_total', 'foyer_turn_seconds'])
		console.error(metrics.families[name].rows.filter((r) => r.value).map((r) => `${r.name}${JSON.stringify(r.labels)}=${r.value}`).join(' '));
	await Promise.all([live.end(), crowd.end()]);
}

await main().finally(end_private_servers);
