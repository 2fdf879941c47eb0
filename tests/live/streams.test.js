// A room as a stream over HTTP: the same events in three forms, with the same promises.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { actor, check_ground_rules, sign_in } from '../lib/rest.js';
import { allowed_origin, shared } from '../lib/server.js';
import {
	end_streams, follow, NDJSON, PLAIN, read_events, refused, SSE, stream,
} from '../lib/stream.js';
import { DEADLINE_MS, until, within } from '../lib/wait.js';

const FORMS = [SSE, NDJSON, PLAIN];
let server, ann, bob, room, epoch;

before(async () => {
	server = await shared();
	[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(server, n)));
	room = await ann.room({ member_ids: [bob.id] });
	({ epoch } = room);
});
afterEach(() => {
	end_streams();
	end_all();
});
after(end_all);

const now = async (id = room.id) => (await ann.get(`/rooms/${id}`)).seq;
const log_after = async (seq, id = room.id) =>
	(await ann.get(`/rooms/${id}/log?after=${seq}&limit=100`)).items;

// The stream must have first..last, each once, in order.
function whole(one, first, last) {
	const seqs = one.seqs();
	assert.deepEqual(seqs, Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

describe('the three forms', () => {
	it('an event stream has the type, the place and the very JSON of each event', async () => {
		const seq = await now();
		const one = await follow(server, room.id, { token: bob.token });
		assert.equal(one.reply.headers['content-type'], SSE);
		const said = await ann.post(room.id, 'a "text"\nof two lines');
		await ann.want(200, 'PUT', `/messages/${said.id}`, { body: { text: 'another' } });
		await one.at(seq + 2);
		const log = await log_after(seq);
		// /log shows the edited text by now; the edit itself is unchanged
		assert.deepEqual(one.items.map((i) => i.event), ['message', 'edited']);
		assert.deepEqual(one.items.map((i) => i.id), [`${epoch}.${seq + 1}`, `${epoch}.${seq + 2}`]);
		assert.equal(one.items[0].data.text, 'a "text"\nof two lines');
		assert.deepEqual(one.items[1].data, log[1]);
	});

	it('NDJSON is one frame a line', async () => {
		const one = await follow(server, room.id, { token: bob.token, form: NDJSON });
		assert.equal(one.reply.headers['content-type'], NDJSON);
		const said = await ann.post(room.id, 'two\nlines');
		await one.at(said.seq);
		assert.deepEqual(one.items, await log_after(said.seq - 1));
		assert.match(one.text, /^\n*.+\n+$/, 'beside it at most the empty lines of a quiet time');
	});

	it('plain text is a line a person can read, with nothing in it that moves the cursor', async () => {
		const one = await follow(server, room.id, { token: bob.token, form: PLAIN });
		assert.match(one.reply.headers['content-type'], /^text\/plain; *charset=utf-8$/i);
		const said = await ann.post(room.id, 'a\tb\nc\u202e\u001b[2J é \\n');
		assert.deepEqual(await one.at(said.seq), [String(said.seq), said.created_at, ann.login,
			'a\\tb\\nc\\u202e\\u001b[2J é \\\\n']);
	});

	it('in plain text people who come and go, edits and deletions are lines too', async () => {
		const place = await ann.room({ name: 'a place' });
		const eve = await actor(server, 'eve');
		const one = await follow(server, place.id, { token: ann.token, form: PLAIN });
		await eve.join(place.id);
		const said = await eve.post(place.id, 'old');
		await eve.want(200, 'PUT', `/messages/${said.id}`, { body: { text: 'new' } });
		await ann.want(200, 'PUT', `/messages/${said.id}/reactions/%F0%9F%91%8D`);
		await eve.want(204, 'DELETE', `/messages/${said.id}`);
		await ann.ban(place.id, eve.id);
		const last = await ann.post(place.id, 'last');
		await one.at(last.seq);
		assert.deepEqual(one.items.map(([, , who, text]) => `${who} ${text}`), [
			`* ${eve.login} joined`, `${eve.login} old`, `* ${said.seq} now reads: new`,
			`* ${said.seq} got 👍`, `* ${said.seq} was deleted`, `* ${eve.login} was banned`,
			`${ann.login} last`]);
	});

	for (const [accept, type] of [
		['*/*', SSE], ['text/*', SSE], ['', SSE], ['application/*', NDJSON],
		['text/plain;q=0.5, application/x-ndjson;q=0.6', NDJSON], ['text/event-stream;q=0, */*', NDJSON],
		['text/plain, */*;q=0.1', PLAIN]])
		it(`Accept: ${accept || '(empty)'} is ${type}`, async () => {
			const one = await follow(server, room.id, { token: bob.token, headers: { Accept: accept } });
			assert.equal(one.reply.headers['content-type'].split(';')[0], type);
			assert.match(one.reply.headers.vary, /\bAccept\b/i);
		});

	it('another type is 406', async () => {
		await refused(server, room.id, 406, 'not_acceptable', {
			token: bob.token, headers: { Accept: 'application/json' },
		});
	});

	it('nothing on the way may keep, change or hold back what is sent', async () => {
		const { headers } = (await follow(server, room.id, { token: bob.token })).reply;
		assert.match(headers['cache-control'], /no-cache/);
		assert.match(headers['cache-control'], /no-transform/);
		assert.equal(headers['x-accel-buffering'], 'no');
		assert.equal(headers['x-content-type-options'], 'nosniff');
		assert.equal(headers['content-length'], undefined);
	});

	it('the same room under /chats, and with a slash', async () => {
		for (const path of [`/chats/${room.id}/events`, `/rooms/${room.id}/events/`]) {
			const reply = await fetch(server.api + path, {
				headers: { Authorization: `Bearer ${bob.token}` }, signal: AbortSignal.timeout(DEADLINE_MS),
			});
			assert.equal(reply.status, 200);
			await reply.body.cancel();
		}
	});
});

describe('coming back', () => {
	let place, seq;

	before(async () => {
		place = await ann.room({ member_ids: [bob.id] });
		const writer = await live(server, { token: ann.token });
		for (let i = 0; i < 700; i++)
			writer.send({ type: 'message', room_id: place.id, client_id: randomUUID(), text: `m${i}`, ref: `${i}` });
		({ seq } = await writer.find((f) => f.ref === '699', 'last ack', { ms: 60000 }));
	});

	for (const form of FORMS)
		it(`as ${form}, from many points: everything since, once, in order, then what is new`, async () => {
			const points = [0, 1, 199, 200, 201, 400, seq - 300, seq - 1, seq];
			const ones = await Promise.all(points.map((point) => follow(server, place.id, {
				token: bob.token, form, query: { after: point },
			})));
			// the one at the end has received nothing yet
			await Promise.all(ones.slice(0, -1).map((one) => one.at(seq)));
			const said = await ann.post(place.id, `to all of ${form}`);
			await Promise.all(ones.map((one) => one.at(said.seq)));
			ones.forEach((one, i) => whole(one, points[i] + 1, said.seq));
			({ seq } = said);
		});

	it('with the epoch before the seq, or beside it, or in Last-Event-ID', async () => {
		for (const options of [{ query: { after: `${epoch}.${seq - 2}` } },
			{ query: { after: seq - 2, epoch } },
			{ headers: { 'Last-Event-ID': `${epoch}.${seq - 2}` } },
			{ query: { after: 3, epoch: 'other' }, headers: { 'Last-Event-ID': `${epoch}.${seq - 2}` } }]) {
			const one = await follow(server, place.id, { token: bob.token, ...options });
			await one.at(seq);
			whole(one, seq - 1, seq);
		}
	});

	it('of another epoch, or ahead of the log: it says recovered false, and is live from now', async () => {
		const other = epoch.replace(/./g, (c) => (c === '0' ? '1' : '0'));
		for (const place_of of [() => ({ after: `${other}.1` }), () => ({ after: 1, epoch: other }),
			() => ({ after: seq + 1 }), () => ({ after: Number.MAX_SAFE_INTEGER })]) {
			const query = place_of();
			const ones = await Promise.all(FORMS.map((form) =>
				follow(server, place.id, { token: bob.token, form, query })));
			const said = await ann.post(place.id, 'on');
			await Promise.all(ones.map((one) => one.at(said.seq)));
			const [events, lines, plain] = ones;
			assert.equal(events.items[0].event, 'joined');
			assert.equal(events.items[0].id, `${epoch}.${seq}`);
			for (const joined of [events.items[0].data, lines.items[0]]) {
				assert.equal(joined.type, 'joined');
				assert.equal(joined.recovered, false);
				assert.equal(joined.seq, seq);
			}
			assert.equal(plain.items[0][2], '*');
			ones.forEach((one) => assert.equal(one.items.length, 2));
			({ seq } = said);
			end_streams();
		}
	});

	it('cut again and again while others write: nothing is missed, nothing comes twice', async () => {
		const first = seq;
		const got = [];
		let last_id, writing = true;
		const writer = (async () => {
			const w = await live(server, { token: ann.token });
			for (let i = 0; i < 300; i++) {
				await w.message(place.id, `n${i}`, { client_id: randomUUID() });
				if (i % 40 === 39)
					await ann.post(place.id, `by rest ${i}`);
			}
			writing = false;
		})();
		for (let cuts = 0; writing; cuts++) {
			const one = await follow(server, place.id, {
				token: bob.token, query: { after: first },
				headers: last_id ? { 'Last-Event-ID': last_id } : {},
			});
			await until(() => !writing || one.items.length >= 1 + cuts % 9, 'some events');
			one.end();
			const { items } = read_events(one.text);
			got.push(...items.map((i) => i.data.seq));
			last_id = items.at(-1)?.id ?? last_id;
		}
		await writer;
		seq = await now(place.id);
		const one = await follow(server, place.id, {
			token: bob.token, query: { after: first }, headers: { 'Last-Event-ID': last_id },
		});
		if (got.at(-1) < seq)
			await one.at(seq);
		got.push(...one.seqs());
		assert.deepEqual(got, Array.from({ length: seq - first }, (_, i) => first + 1 + i));
	});

	it('who was cut before anything happened comes back to where they were', async () => {
		const one = await follow(server, place.id, { token: bob.token });
		await until(() => /\n\n/.test(one.text), 'the beginning');
		const { last_id, items } = read_events(one.text);
		assert.deepEqual(items, []);
		assert.equal(last_id, `${epoch}.${seq}`);
		one.end();
		const said = await ann.post(place.id, 'between');
		const two = await follow(server, place.id, { token: bob.token, headers: { 'Last-Event-ID': last_id } });
		await two.at(said.seq);
		whole(two, said.seq, said.seq);
		({ seq } = said);
	});

	for (const after of ['x', '-1', '1.5.2', '99999999999999999999', '1e3'])
		it(`after=${after} is 422 and named`, async () => {
			const { body } = await refused(server, place.id, 422, 'invalid', {
				token: bob.token, query: { after },
			});
			assert.deepEqual(body.errors.map((e) => e.field), ['after']);
		});
});

describe('who may', () => {
	const ticket_of = async (who) => (await who.want(201, 'POST', '/auth/ticket')).ticket;
	const token_of = async (who, fields) =>
		who.want(201, 'POST', '/auth/tokens', { body: { name: 'a script', scopes: ['read'], ...fields } });

	it('with no token, or a bad one: 401 with a challenge', async () => {
		for (const options of [{}, { token: 'x' }, { token: `${ann.token}x` }, { query: { token: 'x' } }]) {
			const { reply } = await refused(server, room.id, 401, 'token_invalid', options);
			assert.match(reply.headers['www-authenticate'], /^Bearer/);
		}
	});

	it('refusals keep to the ground rules of the API', async () => {
		for (const [id, options] of [[room.id, {}], ['x', { token: ann.token }],
			[room.id, { token: ann.token, query: { after: 'x' } }]]) {
			const one = await stream(server, id, { ...options, headers: { 'X-Request-Id': 'my-own' } });
			await one.ended;
			check_ground_rules('GET', { status: one.status, headers: new Headers(one.reply.headers),
				body: JSON.parse(one.text), text: one.text });
			assert.equal(one.reply.headers['x-request-id'], 'my-own');
		}
	});

	it('a room that is hidden or not there: 404', async () => {
		const eve = await actor(server, 'eve');
		const hidden = await ann.room({ join_by_id: false });
		for (const id of [hidden.id, randomUUID(), 'x', '%20'])
			await refused(server, id, 404, 'not_found', { token: eve.token });
	});

	it('who is banned: 403; a full room: 409', async () => {
		const eve = await actor(server, 'eve');
		const place = await ann.room({ max_members: 2 });
		await eve.join(place.id);
		await refused(server, place.id, 409, 'room_full', { token: bob.token });
		await ann.ban(place.id, eve.id);
		await refused(server, place.id, 403, 'forbidden', { token: eve.token });
	});

	it('who knows the id of an open room becomes a member, as by joining', async () => {
		const eve = await actor(server, 'eve');
		const place = await ann.room();
		const one = await follow(server, place.id, { token: eve.token });
		const said = await ann.post(place.id, 'welcome');
		await one.at(said.seq);
		assert.equal((await eve.get(`/rooms/${place.id}`)).me.role, 'member');
	});

	it('no token in the URL, neither an access token nor an API token', async () => {
		const { secret } = await token_of(bob);
		for (const token of [bob.token, secret])
			await refused(server, room.id, 401, 'token_invalid', { query: { token } });
	});

	it('an API token that may read; bound to the room too; not one that may only post', async () => {
		const other = await bob.room();
		const reader = (await token_of(bob)).secret;
		const bound = (await token_of(bob, { room_id: room.id })).secret;
		const poster = (await token_of(bob, { scopes: ['post'] })).secret;
		const ones = await Promise.all([reader, bound].map((token) => follow(server, room.id, { token })));
		const said = await ann.post(room.id, 'for scripts');
		await Promise.all(ones.map((one) => one.at(said.seq)));
		await refused(server, other.id, 404, 'not_found', { token: bound });
		await refused(server, room.id, 403, 'forbidden', { token: poster });
	});

	it('a ticket, once; a spent one is 204, which stops an EventSource', async () => {
		const ticket = await ticket_of(bob);
		const one = await follow(server, room.id, { query: { ticket } });
		const said = await ann.post(room.id, 'by ticket');
		await one.at(said.seq);
		for (const again of [ticket, 'x']) {
			const spent = await stream(server, room.id, { query: { ticket: again } });
			await spent.ended;
			assert.equal(spent.status, 204);
			assert.equal(spent.text, '');
		}
	});

	it('HEAD: the head that GET has, and no stream', async () => {
		const told = ({ reply: { statusCode, headers } }) => ({
			status: statusCode, type: headers['content-type'], cache: headers['cache-control'],
			vary: headers.vary, challenge: headers['www-authenticate'],
		});
		const eve = await actor(server, 'eve');
		for (const port of [server.port, server.broker_port])
			for (const [form, token] of [[SSE, bob.token], [NDJSON, bob.token], [PLAIN, eve.token],
				[SSE, undefined], ['image/png', bob.token]]) {
				const head = await stream(server, room.id, { form, token, port, method: 'HEAD' });
				await head.ended;
				assert.equal(head.text, '');
				const got = await stream(server, room.id, { form, token, port });
				assert.deepEqual(told(head), told(got));
				got.end();
			}
	});

	it('other methods: 405 with what is allowed', async () => {
		for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
			for (const port of [server.port, server.broker_port]) {
				const one = await stream(server, room.id, {
					token: bob.token, method, port, headers: { 'Content-Length': 0 },
				});
				await one.ended;
				assert.equal(one.status, 405, method);
				assert.equal(one.reply.headers.allow, 'GET, HEAD, OPTIONS');
			}
	});

	it('pages of allowed origins may read it, others are refused', async () => {
		const headers = { Origin: allowed_origin };
		const one = await follow(server, room.id, { token: bob.token, headers });
		assert.equal(one.reply.headers['access-control-allow-origin'], allowed_origin);
		const no = await refused(server, room.id, 401, 'token_invalid', { headers });
		assert.equal(no.reply.headers['access-control-allow-origin'], allowed_origin);
		for (const Origin of ['https://evil.example', 'null'])
			await refused(server, room.id, 403, 'forbidden', { token: bob.token, headers: { Origin } });
		const own = await follow(server, room.id, { token: bob.token, headers: { Origin: server.origin } });
		assert.equal(own.reply.headers['access-control-allow-origin'], undefined);
		const ask = await stream(server, room.id, {
			method: 'OPTIONS', headers: { ...headers, 'Access-Control-Request-Method': 'GET' },
		});
		assert.equal(ask.status, 204);
		assert.match(ask.reply.headers['access-control-allow-methods'], /\bGET\b/);
		assert.match(ask.reply.headers['access-control-allow-headers'], /authorization/i);
		assert.match(ask.reply.headers['access-control-allow-headers'], /last-event-id/i);
	});
});

describe('how it ends', () => {
	// Waits for the end; returns the last item in each form.
	async function last_of(ones) {
		await Promise.all(ones.map((one) => one.all()));
		return ones.map((one) => one.items.at(-1));
	}
	const in_all = (id, who, options = {}) => Promise.all(FORMS.map((form) =>
		follow(server, id, { token: who.token, form, ...options })));

	it('with the session: an error that says so, within a second or so', async () => {
		const device = await sign_in(server, bob);
		const ones = await in_all(room.id, device);
		await device.want(204, 'POST', '/auth/logout');
		const [event, line, plain] = await last_of(ones);
		assert.equal(event.event, 'error');
		assert.equal(event.id, undefined);
		assert.equal(event.data.code, 'session_ended');
		assert.equal(line.type, 'error');
		assert.equal(line.code, 'session_ended');
		assert.deepEqual([plain[0], plain[2]], ['-', '*']);
		assert.match(plain[3], /session_ended/);
		await refused(server, room.id, 401, 'session_ended', { token: device.token });
	});

	it('with a ban: room_left is the last, and nothing of what follows', async () => {
		const eve = await actor(server, 'eve');
		const place = await ann.room({ member_ids: [eve.id] });
		const ones = await in_all(place.id, eve);
		await ann.ban(place.id, eve.id);
		await ann.post(place.id, 'among us');
		const [event, line, plain] = await last_of(ones);
		assert.equal(event.event, 'room_left');
		assert.equal(event.data.reason, 'banned');
		assert.equal(line.type, 'room_left');
		assert.match(plain[3], /banned/);
		ones.forEach((one) => assert.doesNotMatch(one.text, /among us/));
	});

	it('with the room', async () => {
		const place = await ann.room({ member_ids: [bob.id] });
		const ones = await in_all(place.id, bob);
		await ann.want(204, 'DELETE', `/rooms/${place.id}`);
		const [event, line] = await last_of(ones);
		assert.equal(event.event, 'room_removed');
		assert.equal(line.type, 'room_removed');
		await refused(server, place.id, 404, 'not_found', { token: bob.token });
	});

	it('what the connection hears elsewhere does not concern it', async () => {
		const other = await ann.room();
		const one = await follow(server, room.id, { token: bob.token, form: NDJSON });
		await bob.join(other.id);
		await bob.want(204, 'POST', `/rooms/${other.id}/leave`);
		const said = await ann.post(room.id, 'here');
		await one.at(said.seq);
		whole(one, said.seq, said.seq);
	});

	it('who hangs up is not missed, and the broker forgets them', async () => {
		const ones = await Promise.all(Array.from({ length: 20 }, () =>
			follow(server, room.id, { token: bob.token, port: server.broker_port })));
		ones.forEach((one) => one.end());
		const one = await follow(server, room.id, { token: bob.token });
		const said = await ann.post(room.id, 'still here');
		await within(one.at(said.seq), 'it');
	});
});
