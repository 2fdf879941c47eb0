// party.js -- people in some rooms who write, listen and moderate while things break.
//
// They do what a good client does: if an answer is lost, they repeat the request under the same
// client_id, by the same transport or the other; if a connection is lost, they reconnect with
// after=. Everything that they do and see is recorded for checker.js, room by room; nothing is
// judged here.

import { createHash, randomUUID } from 'node:crypto';

import { tick } from '../lib/wait.js';
import { ANSWER_MS, Line } from './line.js';

// mulberry32: small, seedable, and good enough to choose moments and victims.
export function random(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

const now = () => performance.now();
const TEXTS = ['Привет', '👩‍👩‍👧‍👦', 'plain', 'ж'.repeat(200), '"quoted\\"', '漢字'];

// The record of one room.
class Record {
	constructor(id) {
		Object.assign(this, { id, sends: [], changes: [], bans: [], listeners: [], texts: new Map() });
	}

	// Most listeners get identical events: each is kept once, recognised by the digest of
	// its text.
	keep(event, text) {
		const digest = createHash('md5').update(text).digest('base64');
		const known = this.texts.get(event.seq);

		if (known?.digest === digest)
			return known.event;
		if (!known)
			this.texts.set(event.seq, { digest, event });
		return event;
	}
}

export class Party {
	// through: the server by the address that people use, if it is another one (a proxy's)
	constructor(server, seed, rooms, { through = server } = {}) {
		this.server = through;
		this.random = random(seed);
		this.rooms = rooms.map((id) => new Record(id));
		this.odd_answers = [];
		this.counts = { resumes: 0, pages: 0, polls: 0, asked_twice: 0, strangers: 0 };
		this.alters = 0.01; // how often another text is sent under a known key
		this.acked = 0;
		this.doubts = 0;
		this.written = 0;
		this.going = true; // writing and moderating
		this.over = false; // everything: nobody reconnects
	}

	between(low, high) {
		return low + this.random() * (high - low);
	}

	one_of(list) {
		return list[Math.floor(this.random() * list.length)];
	}

	line(who, on_frame, url = `${this.server.ws}/ws`) {
		return new Line(who, { url, over: () => this.over, on_frame });
	}

	// When all is over: the history of a room for the checker.
	history(room, log) {
		const { sends, changes, bans, listeners } = room;

		return { sends, changes, bans, log, listeners };
	}
}

// The program was killed meanwhile: the web server answers by itself, without a request_id.
export const is_of_web_server = ({ status, body }) => status === 500 && !body?.request_id;

// The outcome of an answer, in the checker's terms.
function outcome(party, code, reply, words) {
	if (['forbidden', 'not_found', 'cannot_write'].includes(code))
		return { outcome: 'refused', code };
	if (code === 'idempotency_mismatch')
		return { outcome: 'mismatch', code };
	if (code === 'rate_limited')
		return { outcome: 'refused', code, again: true };
	if (code !== 'unavailable')
		party.odd_answers.push(`${words} ${JSON.stringify(reply)}`);
	return { outcome: 'unknown', code };
}

export class Writer {
	// way: 'rest' or 'live'; now and then it uses the other, so that both meet on one key.
	// depth: messages at once.
	constructor(party, who, way, { depth = 1, pause_ms = 15, line } = {}) {
		Object.assign(this, { party, who, way, depth, pause_ms });
		this.line = line ?? party.line(who);
	}

	async run() {
		await Promise.all(Array.from({ length: this.depth }, async () => {
			while (this.party.going) {
				await this.write(this.party.one_of(this.party.rooms));
				await tick(this.party.between(0, this.pause_ms));
			}
		}));
		this.line.end();
	}

	async write(room, text) {
		const { party } = this;
		const send = {
			client_id: randomUUID(),
			user: this.who.id,
			text: text ?? `${party.one_of(TEXTS)} ${++party.written}`,
			attempts: [],
		};

		room.sends.push(send);
		await this.see_through(room, send);
		return send;
	}

	// Repeats until acknowledged or refused; leaves a few unknown outcomes unknown.
	async see_through(room, send) {
		const { party } = this;

		for (;;) {
			const attempt = await this.attempt(room, send, send.text);
			if (party.over)
				return;
			// now and then repeat it, for the same answer, or with another text
			if (attempt.outcome === 'ack' && party.random() < 0.97) {
				party.acked++;
				if (party.random() < party.alters)
					await this.attempt(room, send, `not ${send.text}`);
				return;
			}
			if (attempt.outcome === 'ack')
				party.counts.asked_twice++;
			if (attempt.outcome === 'mismatch') {
				party.odd_answers.push(`${send.client_id} is taken for another`);
				return;
			}
			if (attempt.outcome === 'refused' && !attempt.again) {
				await tick(party.between(20, 80));
				return;
			}
			if (attempt.outcome === 'unknown' && party.random() < 0.1)
				return;
			await tick(party.between(10, 100));
		}
	}

	async attempt(room, send, text) {
		const other = this.party.random() < 0.1;
		const live = (this.way === 'live') !== other;
		const attempt = { via: live ? 'live' : 'rest', begin: now() };

		if (text !== send.text)
			attempt.altered = true;
		send.attempts.push(attempt);
		Object.assign(attempt, await (live ? this.live(room, send, text)
			: this.rest(room, send, text)), { end: now() });
		this.party.doubts += attempt.outcome === 'unknown';
		return attempt;
	}

	// Now and then it hangs up right after the request, which may well be carried out.
	async rest(room, { client_id }, text) {
		const hang_up = this.party.random() < 0.02;
		let reply;

		try {
			reply = await this.who.call('POST', `/rooms/${room.id}/messages`, {
				body: { text, client_id },
				deadline_ms: hang_up ? this.party.between(1, 8) : ANSWER_MS, raw: true,
			});
		} catch {
			return { outcome: 'unknown', code: 'no answer' };
		}
		const { status, body } = reply;
		if (status === 201)
			return { outcome: 'ack', id: body.id, seq: body.seq };
		if (is_of_web_server(reply))
			return { outcome: 'unknown', code: 'no program' };
		return outcome(this.party, body?.code, [status, reply.text.slice(0, 300)], 'REST');
	}

	async live(room, { client_id }, text) {
		let reply;

		try {
			const asking = this.line.ask({ type: 'message', room_id: room.id, client_id, text });
			if (this.party.random() < 0.002)
				this.line.end();
			reply = await asking;
		} catch {
			return { outcome: 'unknown', code: 'no answer' };
		}
		if (reply.type === 'ack')
			return { outcome: 'ack', id: reply.id, seq: reply.seq };
		return outcome(this.party, reply.code, reply, 'live');
	}
}

// Edits, deletes and reacts to a writer's messages, each message once, whatever the outcome.
export class Changer {
	constructor(party, who) {
		Object.assign(this, { party, who });
	}

	async run() {
		const { party } = this;

		while (party.going) {
			await tick(party.between(20, 200));
			const room = party.one_of(party.rooms);
			const sends = room.sends.slice(-200).filter((s) => s.user === this.who.id && !s.is_changed
				&& s.attempts[0]?.outcome === 'ack');
			if (sends.length > 0)
				await this.change(room, party.one_of(sends));
		}
	}

	async change(room, send) {
		const { id } = send.attempts[0];
		const [type, method, path, body] = this.party.one_of([
			['edited', 'PUT', '', { text: `edited ${randomUUID()}` }],
			['deleted', 'DELETE', ''],
			['reaction', 'PUT', `/reactions/${encodeURIComponent('👍')}`],
		]);
		const change = { type, id, text: body?.text, outcome: 'unknown' };

		send.is_changed = true;
		room.changes.push(change);
		const reply = await this.who.call(method, `/messages/${id}${path}`, {
			body, deadline_ms: ANSWER_MS, raw: true,
		}).catch(() => null);
		if (reply?.status === 200 || reply?.status === 201 || reply?.status === 204)
			change.outcome = 'ack';
		else if ([403, 404].includes(reply?.status))
			change.outcome = 'refused';
		else if (reply && reply.body?.code !== 'unavailable' && !is_of_web_server(reply))
			this.party.odd_answers.push(`${type}: ${reply.status} ${reply.text.slice(0, 300)}`);
	}
}

// Has this person got a sure answer to anything that they first sent after that moment?
const was_answered = (room, { id }, since) => room.sends.some((send) => send.user === id
	&& send.attempts[0]?.begin > since
	&& send.attempts.some((a) => ['ack', 'refused'].includes(a.outcome)));

// Bans and unbans; repeats until it is sure, since a repeated request makes only one event.
// patient: no ban ends before the banned person has sent something during it and got an answer.
export class Moderator {
	constructor(party, who, targets, { pause_ms = 900, patient = false } = {}) {
		Object.assign(this, { party, who, targets, pause_ms, patient });
	}

	async run() {
		const { party } = this;

		while (party.going) {
			const target = party.one_of(this.targets);
			const room = party.one_of(party.rooms);
			await tick(party.between(100, this.pause_ms));
			const { end } = await this.set(room, target, true);
			await tick(party.between(100, this.pause_ms));
			while (this.patient && party.going && !was_answered(room, target, end))
				await tick(20);
			await this.set(room, target, false);
			await this.insist(() => target.call('POST', `/rooms/${room.id}/join`, {
				deadline_ms: ANSWER_MS, raw: true,
			}));
		}
	}

	async set(room, target, banned) {
		const ban = { user: target.id, banned, begin: now() };

		await this.insist(() => this.who.call('PUT',
			`/rooms/${room.id}/members/${target.id}`, {
				body: { banned }, deadline_ms: ANSWER_MS, raw: true,
			}));
		ban.end = now();
		room.bans.push(ban);
		return ban;
	}

	async insist(ask) {
		while (!this.party.over) {
			const reply = await ask().catch(() => null);
			if (reply?.status === 200)
				return;
			if (reply && ![503, 429].includes(reply.status) && !is_of_web_server(reply))
				this.party.odd_answers.push(`moderator: ${reply.status} ${reply.text.slice(0, 300)}`);
			await tick(this.party.between(20, 100));
		}
	}
}
