// readers.js -- people who listen, over live connections or by polling, and resume after every
// loss from their last seq. See party.js; checker.js judges what they received.

import assert from 'node:assert/strict';

import { is_event } from '../lib/live.js';
import { tick } from '../lib/wait.js';
import { ANSWER_MS } from './line.js';
import { is_of_web_server } from './party.js';

const PAGE_EVENTS = 200; // the broker's page when a listener resumes
const EPOCH = '0123456789abcdef'; // of no database

// A list of events for each room.
class Reader {
	constructor(party, who, { name, from }) {
		Object.assign(this, { party, who, name });
		this.ears = new Map(party.rooms.map((room) => [room.id, {
			room, name, from: from?.(room) ?? 0, events: [],
		}]));
		for (const ear of this.ears.values())
			ear.room.listeners.push(ear);
	}

	last(ear) {
		return ear.events.at(-1)?.seq ?? ear.from;
	}

	hear(ear, event, text) {
		ear.events.push(ear.room.keep(event, text));
		if (ear.until !== undefined)
			this.look?.();
	}

	// Sets the last seq of each room, now that it is known.
	end_at(ends) {
		for (const [id, seq] of Object.entries(ends))
			this.ears.get(id).until = seq;
		this.look?.();
	}

	is_done() {
		return this.party.over
			|| [...this.ears.values()].every((ear) => this.last(ear) >= (ear.until ?? Infinity));
	}

	where() {
		return `${this.name}: ${[...this.ears.values()]
			.map((ear) => `${this.last(ear)} of ${ear.until}`)}`;
	}
}

export class Listener extends Reader {
	// restless: hangs up by itself after at most so many ms; url: another address of the
	// broker
	constructor(party, who, { restless = 0, url, ...options }) {
		super(party, who, options);
		this.restless = restless;
		this.line = party.line(who, (frame, text, connection) => {
			if (connection !== this.connection)
				return;
			const ear = this.ears.get(frame.room_id);
			if (ear && is_event(frame, frame.room_id))
				this.hear(ear, frame, text);
			else if (frame.type === 'joined')
				party.odd_answers.push(`${this.name}: begun anew ${text}`);
		}, url);
	}

	async run() {
		while (!this.is_done()) {
			const connection = await this.line.ready();
			this.connection = connection;
			try {
				await Promise.all([...this.ears.values()].map((ear) => this.join(connection, ear)));
			} catch {
				connection.end();
				await tick(this.party.between(10, 80));
				continue;
			}
			this.party.counts.resumes++;
			this.is_live = true;
			const hang_up = this.restless
				? setTimeout(() => connection.end(), this.party.between(100, this.restless)) : null;
			await new Promise((resolve) => {
				this.look = () => this.is_done() && resolve();
				connection.closed.then(resolve);
				this.look();
			});
			this.is_live = false;
			this.look = null;
			clearTimeout(hang_up);
		}
		this.line.end();
	}

	async join(connection, ear) {
		const after = this.last(ear);
		const reply = await connection.ask({
			type: 'join', room_id: ear.room.id, after, epoch: this.party.epoch,
		});

		if (reply.type !== 'joined') {
			if (reply.code !== 'unavailable')
				this.party.odd_answers.push(`${this.name}: ${JSON.stringify(reply)}`);
			throw new Error(reply.code);
		}
		if (reply.recovered !== true)
			this.party.odd_answers.push(`${this.name}: after ${after} ${JSON.stringify(reply)}`);
		this.party.counts.pages += Math.ceil((reply.seq - after) / PAGE_EVENTS);
	}
}

// Follows without a live connection, by the finite form of the log.
export class Poller extends Reader {
	async run() {
		while (!this.is_done())
			for (const ear of this.ears.values()) {
				const reply = await this.who.call('GET',
					`/rooms/${ear.room.id}/log?limit=100&after=${this.last(ear)}`, {
						deadline_ms: ANSWER_MS, raw: true,
					}).catch(() => null);
				if (reply?.status === 200) {
					this.party.counts.polls++;
					for (const event of reply.body.items)
						this.hear(ear, event, JSON.stringify(event));
				} else if (reply && reply.body?.code !== 'unavailable' && !is_of_web_server(reply)) {
					this.party.odd_answers.push(`${this.name}: ${reply.status} ${reply.text}`);
				}
				if (!reply?.body?.more)
					await tick(this.party.between(5, 60));
			}
	}
}

// Joins with another epoch, or from beyond the end, and must be told so each time.
export class Stranger {
	constructor(party, who) {
		Object.assign(this, { party, who });
		this.line = party.line(who);
	}

	async run() {
		const { party } = this;

		while (party.going) {
			const room = party.one_of(party.rooms);
			const place = party.random() < 0.5 ? { after: 1, epoch: EPOCH }
				: { after: 1e12, epoch: party.epoch };
			try {
				const reply = await this.line.ask({ type: 'join', room_id: room.id, ...place });
				if (reply.type === 'joined' && reply.recovered !== false)
					party.odd_answers.push(`${JSON.stringify(place)} is ${JSON.stringify(reply)}`);
				if (reply.type === 'joined')
					party.counts.strangers++;
			} catch {
				// no answer: try again later
			}
			if (party.random() < 0.5)
				this.line.end();
			await tick(party.between(50, 400));
		}
		this.line.end();
	}
}

// When all is quiet: every event of a room.
export async function whole_log(who, room_id) {
	const items = [];

	for (;;) {
		const page = await who.get(`/rooms/${room_id}/log?limit=100&after=${items.at(-1)?.seq ?? 0}`,
			{ raw: true });
		items.push(...page.items);
		if (!page.more)
			return items;
		assert.ok(page.items.length > 0, 'a page that says more has something');
	}
}
