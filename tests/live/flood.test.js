// Floods: of bytes, of frames by many people together, of connections; and a reader who does
// not read in a room at full rate. Clients within the limits must not notice.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live, Live } from '../lib/live.js';
import { metrics_of } from '../lib/prometheus.js';
import { actor, an_address } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

afterEach(end_all);
after(end_private_servers);

describe('a flood', () => {
	let server, ann, room, base;

	before(async () => {
		server = await private_server({ name: 'flood', env: {
			...LOOSE, FOYER_HANDSHAKES_PER_SECOND: '1', FOYER_HANDSHAKES_BURST: '5',
			FOYER_RECEIVED_BYTES_PER_SECOND: '20000', FOYER_RECEIVED_BYTES_BURST: '300000',
			FOYER_REQUESTS_PER_SECOND: '1', FOYER_REQUESTS_BURST: '100', FOYER_ADDRESS_PEOPLE: '2',
			FOYER_MAX_ROOMS_PER_CONNECTION: '1',
		} });
		base = server.ws.replace(String(server.port), String(server.broker_port));
		ann = await actor(server, 'ann');
		room = await ann.room();
	});

	it('of connections: 429 at the door with a time that differs, other addresses come in', async () => {
		const address = an_address();
		// together: a busy machine would be too slow for one after the other
		const fates = await Promise.all(Array.from({ length: 20 }, () =>
			new Live(server, { token: ann.token, base, address }).opened.then(() => null, (e) => e)));
		const refused = fates.filter(Boolean);
		assert.ok(refused.length >= 10, `${refused.length} refused`);
		for (const { status, headers } of refused) {
			assert.equal(status, 429);
			assert.ok(Number(headers['retry-after']) >= 1);
		}
		assert.ok(new Set(refused.map((e) => e.headers['retry-after'])).size > 1, 'not all at once');
		await live(server, { token: ann.token, base });
		assert.equal((await metrics_of(server)).get('foyer_limited_total', { limit: 'handshakes' }),
			refused.length);
	});

	it('of bytes: refused with retry_after, then closed with 4429', async () => {
		const [ear, flood] = [await live(server, { token: ann.token }),
			await live(server, { token: (await actor(server)).token })];
		const frame = `${' '.repeat(100000)}{"type":"ping"}`;
		let sent = 0;
		while (!flood.gone && sent++ < 200) {
			flood.send(frame);
			await new Promise((resolve) => setImmediate(resolve));
		}
		assert.equal((await within(flood.closed, 'close')).code, 4429);
		const pongs = flood.frames.filter((f) => f.type === 'pong').length;
		assert.ok(pongs >= 1 && pongs < 10, `${pongs} pongs`);
		const errors = flood.frames.filter((f) => f.type === 'error');
		assert.ok(errors.length > 0 && errors.every((e) => e.code === 'rate_limited'
			&& e.retry_after > 0));
		await ear.settled();
	});

	it('of frames by many people of one address: they share it, the others do not', async () => {
		const address = an_address();
		const crowd = [];
		for (let i = 0; i < 4; i++)
			crowd.push(await live(server, { token: (await actor(server)).token, address }));
		const ask = (c, n) => Promise.all(Array.from({ length: n }, () => c.ask({ type: 'ping' })));
		const replies = (await Promise.all(crowd.map((c) => ask(c, 60)))).flat();
		const refused = replies.filter((r) => r.type === 'error');
		assert.ok(refused.length > 0 && refused.length < 100, `${refused.length} refused`);
		assert.ok(refused.every((r) => r.code === 'rate_limited' && r.retry_after > 0));
		const ear = await live(server, { token: ann.token });
		await ear.join(room.id);
		await ear.message(room.id, 'I still speak');
	});
});

describe('one who does not read, in a room at full rate', () => {
	it('is cut with 4408; meanwhile the others hear everything, in order', async () => {
		const server = await private_server({ name: 'deaf', env: { ...LOOSE,
			FOYER_MAX_OUTBOX_BYTES: '65536' } });
		const [ann, bob] = [await actor(server), await actor(server)];
		const room = await ann.room({ member_ids: [bob.id] });
		const base = server.ws.replace(String(server.port), String(server.broker_port));
		const [deaf, ear, writer] = await Promise.all([bob, bob, ann].map((who) =>
			live(server, { token: who.token, base })));
		const { seq } = await ear.join(room.id);
		await deaf.join(room.id);
		deaf.socket.pause();
		const cut = async () =>
			(await metrics_of(server)).get('foyer_connections_ended_total', { by: '4408' }) > 0;
		let sent = 0;
		const text = 'x'.repeat(8000);
		// as many in flight as the broker commits at once
		for (let done = false; !done && sent < 8000;) {
			const acks = await Promise.all(Array.from({ length: 100 }, () =>
				writer.message(room.id, text, { client_id: randomUUID() })));
			sent += acks.length;
			await ear.find((f) => f.type === 'message' && f.id === acks.at(-1).id, 'the last');
			done = await cut();
		}
		assert.ok(await cut(), `not cut after ${sent} messages`);
		deaf.socket.resume();
		assert.equal((await within(deaf.closed, 'close')).code, 4408);
		const seqs = ear.events(room.id).map((e) => e.seq);
		assert.deepEqual(seqs, Array.from({ length: sent }, (_, i) => seq + 1 + i));
		await ear.settled();
		await until(async () => (await metrics_of(server)).get('foyer_outbox_stuck') === 0, 'an end of it');
	});
});
