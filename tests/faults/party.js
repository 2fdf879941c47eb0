// party.js -- people in one room who write, listen and moderate while things break.
//
// They do what a good client does: on a lost answer they ask again under the same
// client_id, by the same way or the other; on a lost connection they come back with
// after=. All that they did and saw is recorded for checker.js; nothing is judged here.

import { randomUUID } from 'node:crypto';

import { is_event, Live } from '../lib/live.js';
import { tick, within } from '../lib/wait.js';

// mulberry32: small, seedable, good enough to choose moments and victims.
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
const ANSWER_MS = 4000;
const TEXTS = ['Привет', '👩‍👩‍👧‍👦', 'plain', 'ж'.repeat(500), '"quoted\\"', '漢字'];

export class Party {
	constructor(server, seed) {
		this.server = server;
		this.random = random(seed);
		this.sends = [];
		this.bans = [];
		this.odd_answers = [];
		this.resumes = 0;
		this.going = true; // writing and moderating
		this.over = false; // everything: nobody comes back any more
	}

	between(low, high) {
		return low + this.random() * (high - low);
	}

	one_of(list) {
		return list[Math.floor(this.random() * list.length)];
	}
}

// One connection at a time, opened again whenever it is gone.
class Line {
	constructor(party, who) {
		this.party = party;
		this.who = who;
	}

	// A connection that is ready; asks for as long as it takes.
	async open() {
		while (!this.live || this.live.gone || !this.live.ready) {
			if (this.party.over)
				throw new Error('the party is over');
			const live = new Live(this.party.server, {
				token: this.who.token, address: this.who.address,
			});
			this.live = live;
			try {
				await within(live.opened, 'upgrade', ANSWER_MS);
				live.ready = await live.find('ready', 'ready', { ms: ANSWER_MS });
			} catch {
				live.end();
				this.live = null;
				await tick(this.party.between(20, 150));
			}
		}
		return this.live;
	}

	end() {
		this.live?.end();
	}
}

export class Writer {
	// way: 'rest' or 'live'; now and then the other, so that both meet on one key
	constructor(party, who, room_id, way) {
		Object.assign(this, { party, who, room_id, way });
		this.line = new Line(party, who);
	}

	async run() {
		const { party } = this;

		while (party.going) {
			const send = {
				client_id: randomUUID(),
				user: this.who.id,
				text: `${party.one_of(TEXTS)} ${party.sends.length}`,
				attempts: [],
			};
			party.sends.push(send);
			await this.see_through(send);
			await tick(party.between(0, 15));
		}
		this.line.end();
	}

	// Until it is acknowledged or refused; a few in doubt are left in doubt.
	async see_through(send) {
		const { party } = this;

		for (;;) {
			const other = party.random() < 0.2;
			const live = (this.way === 'live') !== other;
			const attempt = { via: live ? 'live' : 'rest', begin: now() };
			send.attempts.push(attempt);
			Object.assign(attempt, await (live ? this.live(send) : this.rest(send)), { end: now() });
			if (party.over)
				return;
			// now and then ask once more, for the same answer
			if (attempt.outcome === 'ack' && party.random() < 0.97)
				return;
			if (attempt.outcome === 'refused' && !attempt.again) {
				await tick(party.between(20, 80));
				return;
			}
			if (attempt.outcome === 'unknown' && party.random() < 0.1)
				return;
			await tick(party.between(10, 100));
		}
	}

	// Now and then hang up right after asking: what was asked may well be done.
	async rest(send) {
		const hang_up = this.party.random() < 0.02;
		let reply;

		try {
			reply = await this.who.call('POST', `/rooms/${this.room_id}/messages`, {
				body: { text: send.text, client_id: send.client_id },
				deadline_ms: hang_up ? this.party.between(1, 8) : ANSWER_MS, raw: true,
			});
		} catch {
			return { outcome: 'unknown', code: 'no answer' };
		}
		const { status, body } = reply;
		if (status === 201)
			return { outcome: 'ack', id: body.id, seq: body.seq };
		if (![403, 404, 429, 503].includes(status) || typeof body?.code !== 'string')
			this.party.odd_answers.push(`REST ${status} ${reply.text.slice(0, 300)}`);
		if (status === 403 || status === 404)
			return { outcome: 'refused', code: body?.code };
		if (status === 429)
			return { outcome: 'refused', code: body?.code, again: true };
		return { outcome: 'unknown', code: body?.code ?? String(status) };
	}

	async live(send) {
		const ref = randomUUID();
		let live, reply;

		try {
			live = await this.line.open();
			live.send({
				type: 'message', ref, room_id: this.room_id, client_id: send.client_id, text: send.text,
			});
			if (this.party.random() < 0.02)
				throw await live.close();
			reply = await live.find((f) => f.ref === ref, 'answer', {
				from: Math.max(0, live.frames.length - 1), ms: ANSWER_MS,
			});
		} catch {
			live?.end();
			return { outcome: 'unknown', code: 'no answer' };
		}
		if (reply.type === 'ack')
			return { outcome: 'ack', id: reply.id, seq: reply.seq };
		if (['forbidden', 'not_found'].includes(reply.code))
			return { outcome: 'refused', code: reply.code };
		if (reply.code === 'rate_limited')
			return { outcome: 'refused', code: reply.code, again: true };
		if (reply.code !== 'unavailable')
			this.party.odd_answers.push(`live ${JSON.stringify(reply)}`);
		return { outcome: 'unknown', code: reply.code };
	}
}

export class Listener {
	// restless: hangs up by itself now and then
	constructor(party, who, room_id, { name, from, restless = false }) {
		Object.assign(this, { party, who, room_id, name, from, restless });
		this.events = [];
		this.line = new Line(party, who);
	}

	last() {
		return this.events.at(-1)?.seq ?? this.from;
	}

	// Listens until it has the seq that `end` resolves to.
	async run(end) {
		let until_seq = Infinity;
		let wake = () => {};
		end.then((seq) => {
			until_seq = seq;
			wake();
		});

		while (this.last() < until_seq && !this.party.over) {
			const live = await this.line.open();
			let taken = live.frames.length;
			try {
				const joined = await within(live.join(this.room_id, {
					after: this.last(), epoch: this.party.epoch,
				}), 'joined', ANSWER_MS);
				if (joined.recovered !== true)
					this.party.odd_answers.push(`${this.name}: ${JSON.stringify(joined)}`);
			} catch (error) {
				if (!/closed|within/.test(error.message) && !/unavailable/.test(error.message))
					this.party.odd_answers.push(`${this.name}: ${error.message}`);
				live.end();
				await tick(this.party.between(10, 80));
				continue;
			}
			this.party.resumes++;
			const hang_up = this.restless ? setTimeout(() => live.end(), this.party.between(200, 2500))
				: null;
			const done = new Promise((resolve) => {
				wake = resolve;
				live.closed.then(resolve);
			});
			const take = () => {
				for (; taken < live.frames.length; taken++) {
					const frame = live.frames[taken];
					if (is_event(frame, this.room_id))
						this.events.push(frame);
				}
				if (this.last() >= until_seq)
					wake();
			};
			live.socket.on('message', take);
			take();
			await done;
			clearTimeout(hang_up);
			take();
		}
		this.line.end();
	}
}

// Bans and unbans; asks again until it is sure, as the events are one each whatever
// is asked twice.
export class Moderator {
	constructor(party, who, room_id, targets) {
		Object.assign(this, { party, who, room_id, targets });
	}

	async run() {
		const { party } = this;

		while (party.going) {
			const target = party.one_of(this.targets);
			await tick(party.between(100, 900));
			await this.set(target, true);
			await tick(party.between(100, 900));
			await this.set(target, false);
			await this.insist(() => target.call('POST', `/rooms/${this.room_id}/join`, {
				deadline_ms: ANSWER_MS, raw: true,
			}));
		}
	}

	async set(target, banned) {
		const ban = { user: target.id, banned, begin: now() };

		await this.insist(() => this.who.call('PUT',
			`/rooms/${this.room_id}/members/${target.id}`, {
				body: { banned }, deadline_ms: ANSWER_MS, raw: true,
			}));
		ban.end = now();
		this.party.bans.push(ban);
	}

	async insist(ask) {
		while (!this.party.over) {
			const reply = await ask().catch(() => null);
			if (reply?.status === 200)
				return;
			if (reply && ![503, 429].includes(reply.status))
				this.party.odd_answers.push(`moderator: ${reply.status} ${reply.text.slice(0, 300)}`);
			await tick(this.party.between(20, 100));
		}
	}
}
