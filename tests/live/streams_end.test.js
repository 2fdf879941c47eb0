// How event streams end when something gives way: a reader that does not read, an expired
// token, a broker that stops or dies, a database that is away; and what keeps them open.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { after, afterEach, before, it } from 'node:test';

import { remake } from '../lib/jwt.js';
import { end_all, live } from '../lib/live.js';
import { metrics_of } from '../lib/prometheus.js';
import { actor } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import {
	end_streams, follow, NDJSON, PLAIN, read_events, refused, SSE, Stream, stream,
} from '../lib/stream.js';
import { DEADLINE_MS, in_time, until, within } from '../lib/wait.js';

const FORMS = [SSE, NDJSON, PLAIN];
let server, ann, bob, room;

before(async () => {
	server = await private_server({ name: 'streams', env: {
		...LOOSE, FOYER_PING_INTERVAL_S: '3', FOYER_MAX_CONNECTIONS_PER_USER: '12',
	} });
	[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(server, n)));
	room = await ann.room({ member_ids: [bob.id] });
});
afterEach(() => {
	end_streams();
	end_all();
});
after(end_all);
after(end_private_servers);

// The stream must have first..last, each once, in order.
function whole(one, first, last) {
	assert.deepEqual(one.seqs(), Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

// Waits for the end of all; returns the last item of each.
async function lasts(ones) {
	await Promise.all(ones.map((one) => one.all()));
	return ones.map((one) => one.items.at(-1));
}
const in_all = () => Promise.all(FORMS.map((form) =>
	follow(server, room.id, { token: bob.token, form })));

it('where nothing happens, something is sent all the same, which is no event', async () => {
	const ones = await in_all();
	const [events, lines, plain] = ones;
	await until(() => (events.text.match(/^:/gm) ?? []).length >= 2, 'comments');
	await until(() => lines.text.length >= 2 && plain.text.length >= 2, 'empty lines');
	ones.forEach((one) => assert.deepEqual(one.items, []));
	assert.match(lines.text, /^\n+$/);
	assert.match(plain.text, /^\n+$/);
	const said = await ann.post(room.id, 'after the silence');
	await Promise.all(ones.map((one) => one.at(said.seq)));
});

it('a reader that reads nothing is told so at its bound, resumes whole, and holds up nobody', async () => {
	const { seq } = await ann.get(`/rooms/${room.id}`);
	// past lighttpd, which would read on the slow client's behalf
	const port = server.broker_port;
	const slow = await follow(server, room.id, { token: bob.token, port });
	const quick = await follow(server, room.id, { token: bob.token, port });
	const writer = await live(server, { token: ann.token });
	slow.reply.pause();
	// once cut off, it has only some seconds to read what it was sent
	const cut = until(async () => (await metrics_of(server))
		.get('foyer_connections_ended_total', { by: '4408' }) > 0, 'its end', 4 * DEADLINE_MS)
		.then(() => slow.reply.resume());
	// as many bytes as a text can have, without a word to be indexed
	const text = `a${'\u2003'.repeat(7998)}b`;
	let last;
	for (let i = 0; i < 30; i++)
		last = (await Promise.all(Array.from({ length: 20 }, () => writer.message(room.id, text,
			{ client_id: randomUUID() })))).at(-1);
	await quick.at(last.seq);
	whole(quick, seq + 1, last.seq);
	await cut;
	const items = await slow.all();
	assert.equal(items.at(-1).event, 'error');
	assert.equal(items.at(-1).data.code, 'too_slow');
	const { last_id } = read_events(slow.text);
	const rest = await follow(server, room.id, { token: bob.token, headers: { 'Last-Event-ID': last_id } });
	await rest.at(last.seq);
	assert.ok(slow.seqs().length < last.seq - seq, 'it was cut before the end');
	assert.deepEqual([...slow.seqs(), ...rest.seqs()], quick.seqs());
});

it('with the token: its end is told, and that is the end', async () => {
	let token;
	const ones = await in_time((seconds) => {
		token = remake(server, bob.token, {
			claims: { exp: Math.floor(Date.now() / 1000) + seconds } });
		return Promise.all(FORMS.map((form) => follow(server, room.id, { token, form })));
	}, 3);
	const [event, line, plain] = await lasts(ones);
	assert.equal(event.data.code, 'token_expired');
	assert.equal(line.code, 'token_expired');
	assert.match(plain[3], /token_expired/);
	ones.forEach((one) => assert.doesNotMatch(one.text, /token_expiring/));
	await refused(server, room.id, 401, 'token_expired', { token });
});

it('one person has only so many: the next is 429, with a time to come back', async () => {
	await Promise.all(Array.from({ length: 12 }, () => follow(server, room.id, { token: bob.token })));
	const { reply } = await refused(server, room.id, 429, 'rate_limited', { token: bob.token });
	assert.match(reply.headers['retry-after'], /^[1-9]\d*$/);
	// hanging up makes room
	end_streams();
	await until(async () => (await stream(server, room.id, { token: bob.token })).status === 200, 'room');
	end_streams();
	await until(async () => (await metrics_of(server)).get('foyer_connections', { state: 'ready' }) === 0,
		'end of all of them');
});

it('SIGTERM: each is told when to come back, at a time of its own, and finds the next broker', async () => {
	const ones = await in_all();
	const more = await Promise.all(Array.from({ length: 4 }, () => follow(server, room.id, { token: bob.token })));
	const said = await ann.post(room.id, 'before the end');
	await Promise.all([...ones, ...more].map((one) => one.at(said.seq)));
	const broker = server.pid('broker');
	process.kill(broker, 'SIGTERM');
	const [event, line, plain] = await lasts(ones);
	assert.equal(event.data.code, 'unavailable');
	assert.ok(event.data.retry_after >= 1);
	assert.equal(line.code, 'unavailable');
	assert.match(plain[3], /unavailable/);
	await lasts(more);
	const waits = [ones[0], ...more].map((one) => read_events(one.text).retry);
	assert.ok(waits.every((ms) => ms >= 500 && ms <= 61000), `${waits}`);
	assert.ok(new Set(waits).size > 1, `not all at once: ${waits}`);
	await until(() => ![0, broker].includes(server.pid('broker')), 'the next broker');
	await comes_back(said.seq);
});

// Follows after seq, through any number of refusals with 502 or 503; must get everything since.
async function comes_back(seq) {
	const one = await until(async () => {
		const tried = await stream(server, room.id, { token: bob.token, query: { after: seq } });
		return tried.status === 200 && tried;
	}, 'a broker that answers');
	const said = await ann.post(room.id, 'after all');
	await one.at(said.seq);
	whole(one, seq + 1, said.seq);
}

it('a broker that is killed: the streams break, and nothing is lost', async () => {
	const ones = await in_all();
	const said = await ann.post(room.id, 'before');
	await Promise.all(ones.map((one) => one.at(said.seq)));
	const broker = server.pid('broker');
	process.kill(broker, 'SIGKILL');
	await Promise.all(ones.map((one) => one.all()));
	await ann.post(room.id, 'meanwhile');
	await until(() => ![0, broker].includes(server.pid('broker')), 'the next broker');
	await comes_back(said.seq);
});

it('while the database is away: who follows stays, who comes waits for it, and both hear all', async () => {
	const { seq } = await ann.get(`/rooms/${room.id}`);
	const options = { token: bob.token, query: { after: seq } };
	const one = await follow(server, room.id, options);
	await server.cluster('stop', 'immediate');
	const early = new Stream(server, room.id, options);
	await server.cluster('start');
	await within(early.opened, 'an answer');
	await until(async () => (await ann.call('GET', '/rooms', { raw: true })).status === 200, 'REST');
	const said = await ann.post(room.id, 'again');
	await one.at(said.seq);
	whole(one, seq + 1, said.seq);
	if (early.status === 503) { // the database was slow to return
		assert.match(early.reply.headers['retry-after'], /^\d+$/);
		return;
	}
	assert.equal(early.status, 200, early.text);
	await early.at(said.seq);
	whole(early, seq + 1, said.seq);
});
