// follow.js -- keeps the open room's timeline complete, whatever happens to the connection.
//
// History comes over REST; the live connection then joins with `after` set to its seq, so
// nothing falls in between. An event whose seq is not the next one means that something was
// lost: the room is joined again from the last known seq. If the server cannot resume from
// there (another epoch), history is read again. Without a live connection, catch_up() reads
// the same events from the room's log over REST.
//
// Owns: which room is followed, and how far that has come.

import { error_of_frame } from './api.js';
import { backoff_ms, clock as real_clock } from './clock.js';
import { LOG_TYPES } from './store.js';

const JOINED_MS = 15000;
// Further behind than this, a fresh page is cheaper than all missed events.
const WORTH_RESUMING = 200;
// With more unread messages than this, reading begins at the first of them.
const MANY_UNREAD = 40;

export class Follow {
	#api;
	#socket;
	#store;
	#clock;
	#random;
	#on_read;
	#room_id = null;
	#turn = 0;		// discards answers for a room that was left
	#phase = 'closed';	// closed, loading, joining, live, apart (not connected)
	#refs = 0;
	#join_ref = null;
	#gap_at = null;		// last seq before the gap that we joined again for
	#catching = null;
	#reading = {};		// side -> promise of the page being read
	#asked = new Set();	// ids of quoted messages that are being read
	#foreseen = null;	// {user, room_id, page}, requested before the room is opened
	#cancel = () => {};
	#again = null;		// retried after the pause, or when the connection is back

	// on_read(room_id): its history was read again.
	constructor({ api, socket, store, on_read, clock = real_clock, random = Math.random }) {
		this.#api = api;
		this.#socket = socket;
		this.#store = store;
		this.#clock = clock;
		this.#random = random;
		this.#on_read = on_read;
		socket.addEventListener('ready', () => this.#on_ready());
		socket.addEventListener('state', (event) => this.#on_state(event.detail.state));
		socket.addEventListener('frame', (event) => this.#on_frame(event.detail));
	}

	get #timeline() {
		return this.#store.timelines.get(this.#room_id);
	}

	open(room_id) {
		if (this.#room_id === room_id && this.#phase !== 'closed')
			return;
		this.close();
		this.#room_id = room_id;
		const { seq = 0 } = this.#store.rooms.get(room_id) ?? {};
		if (this.#timeline && seq - this.#timeline.last <= WORTH_RESUMING)
			this.#connect();
		else
			this.#reload();
	}

	// The room will be opened if it turns out to be one of mine: requests its newest page in
	// parallel with the list of rooms.
	foresee(room_id) {
		const { user } = this.#store;

		this.#foreseen = { user, room_id, page: this.#api.messages(room_id).catch(() => null) };
	}

	close() {
		this.#turn++;
		this.#pause_over();
		this.#catching = null;
		this.#reading = {};
		this.#gap_at = null;
		if (this.#phase === 'live' || this.#phase === 'joining')
			this.#socket.send({ type: 'leave', room_id: this.#room_id });
		this.#phase = 'closed';
		this.#room_id = null;
	}

	// Retries now what waits for its next try.
	nudge() {
		const again = this.#again;
		this.#pause_over();
		again?.();
	}

	// Loads the page before or after the loaded messages (side: 'before', 'after').
	more(side) {
		const turn = this.#turn;
		this.#reading[side] ??= this.#more(side).finally(() => {
			if (turn === this.#turn)
				this.#reading[side] = null;
		});
		return this.#reading[side];
	}

	// Moves to the message with this seq; null: to the newest.
	async look_at(seq) {
		const timeline = this.#timeline;
		const is_there = seq === null ? timeline && !timeline.has_after
			: timeline?.messages.some((message) => message.seq === seq);

		if (timeline && !is_there)
			await this.#read(timeline, seq === null ? {} : { around: seq },
				(page) => this.#store.elsewhere_read(this.#room_id, page));
	}

	// Loads the message with this id for the reply that quotes it, once; the store then
	// dispatches 'timeline'.
	ask_original(room_id, id) {
		if (this.#asked.has(id))
			return;
		this.#asked.add(id);
		this.#api.message(id).then(
			(message) => this.#store.original_read(room_id, id, message),
			(error) => error.transient ? this.#asked.delete(id)
				: this.#store.original_read(room_id, id, null));
	}

	// Reads all events since the last seq over REST. Rejects if the server is out of reach.
	catch_up() {
		if (!this.#timeline || this.#phase === 'loading')
			return Promise.resolve();
		const turn = this.#turn;
		this.#catching ??= this.#catch_up().finally(() => {
			if (turn === this.#turn)
				this.#catching = null;
		});
		return this.#catching;
	}

	// --- history ---

	async #reload(attempt = 0) {
		const turn = this.#turn;
		const room_id = this.#room_id;

		this.#phase = 'loading';
		this.#pause_over();
		try {
			const page = await this.#first_page(room_id);
			if (turn !== this.#turn)
				return;
			this.#gap_at = null;
			this.#store.history_read(room_id, page);
			this.#connect();
			this.#on_read(room_id);
		} catch (error) {
			if (turn === this.#turn)
				this.#on_unreadable(error, () => this.#reload(attempt + 1), attempt);
		}
	}

	async #first_page(room_id) {
		const where = this.#where_to_begin();
		const { user, room_id: of, page } = this.#foreseen ?? {};

		this.#foreseen = null;
		return of === room_id && user === this.#store.user && !where.around && await page
			|| this.#api.messages(room_id, where);
	}

	// The newest page, unless the unread messages begin before it.
	#where_to_begin() {
		const { me } = this.#store.rooms.get(this.#room_id) ?? {};
		return me?.unread > MANY_UNREAD ? { around: me.read_seq + 1 } : {};
	}

	#on_unreadable(error, again, attempt = 0) {
		if (!error.transient) {
			this.#phase = 'closed';
			// the live side tells nobody of the end of a membership it had not yet heard of
			if (error.code === 'not_found')
				this.#store.room_gone(this.#room_id, error.code);
			else if (error.status !== 401)
				this.#store.room_refused(this.#room_id, error.code);
			return;
		}
		if (!this.#timeline)
			this.#store.room_refused(this.#room_id, 'offline');
		const wait = Math.max(backoff_ms(attempt, this.#random, { max_ms: 15000 }),
			(error.retry_after ?? 0) * 1000);
		this.#again = again;
		this.#cancel = this.#clock.after(wait, () => this.nudge());
	}

	#pause_over() {
		this.#cancel();
		this.#again = null;
	}

	async #more(side) {
		const timeline = this.#timeline;
		const edge = () => timeline?.messages.at(side === 'before' ? 0 : -1)?.seq;
		const from = edge();

		if (!timeline?.[`has_${side}`] || from === undefined)
			return;
		await this.#read(timeline, { [side]: from }, (page) => {
			// unless the user has moved elsewhere in the meantime
			if (edge() === from)
				this.#store.page_read(this.#room_id, side, page);
		});
	}

	// Reads a page of history for this stretch; drops it if it is no longer wanted.
	async #read(timeline, where, take) {
		const turn = this.#turn;
		const page = await this.#api.messages(this.#room_id, where);

		if (turn !== this.#turn || this.#timeline !== timeline)
			return;
		if (page.epoch === timeline.epoch)
			take(page);
		else
			this.#reload();
	}

	// --- the live connection ---

	#connect() {
		if (this.#socket.online)
			this.#join();
		else
			this.#phase = 'apart';
	}

	#join() {
		const { last, epoch } = this.#timeline;
		const room_id = this.#room_id;

		this.#pause_over();
		this.#join_ref = `join:${++this.#refs}`;
		this.#phase = 'joining';
		this.#cancel = this.#clock.after(JOINED_MS, () => this.#socket.restart());
		this.#socket.send({
			type: 'join', ref: this.#join_ref, room_id, after: last, epoch,
		});
	}

	#on_ready() {
		if (this.#phase === 'apart')
			this.#join();
		else
			this.nudge();
	}

	#on_state(state) {
		if (state === 'online' || !(this.#phase === 'joining' || this.#phase === 'live'))
			return;
		this.#pause_over();
		this.#phase = 'apart';
		this.#gap_at = null;
	}

	#on_frame(frame) {
		if (LOG_TYPES.has(frame.type))
			this.#on_event(frame);
		else if (frame.type === 'joined' && frame.room_id === this.#room_id)
			this.#on_joined(frame);
		else if (frame.type === 'error' && frame.ref === this.#join_ref)
			this.#on_refused(frame);
	}

	#on_joined(frame) {
		if (this.#phase !== 'joining' || (frame.ref && frame.ref !== this.#join_ref))
			return;
		this.#cancel();
		if (frame.member_count !== undefined)
			this.#store.room_told(frame.room_id, { member_count: frame.member_count });
		if (frame.recovered === false || frame.epoch !== this.#timeline.epoch)
			this.#reload();
		else
			this.#phase = 'live';
	}

	#on_refused(frame) {
		if (this.#phase !== 'joining')
			return;
		this.#cancel();
		this.#on_unreadable(error_of_frame(frame), () => this.#connect());
	}

	#on_event(event) {
		const is = this.#take(event);

		if (is === 'gap' && event.room_id === this.#room_id)
			this.#on_gap();
	}

	#take(event) {
		const is = this.#store.event_came(event);

		if (is === 'outdated' && event.room_id === this.#room_id) {
			this.#asked.clear();
			this.#reload();
		}
		return is;
	}

	#on_gap() {
		// what is missing was requested already
		if (this.#phase !== 'live' || this.#catching)
			return;
		if (this.#gap_at !== this.#timeline.last) {
			this.#gap_at = this.#timeline.last;
			this.#join();
			return;
		}
		// joined from there and still missing: read the log itself
		const { last } = this.#timeline;
		this.catch_up().then(() => {
			if (this.#phase !== 'live')
				return;
			if (this.#timeline.last === last)
				this.#reload();
			else
				this.#join();
		}, () => this.#socket.restart());
	}

	// --- without a connection ---

	async #catch_up() {
		const turn = this.#turn;
		const room_id = this.#room_id;

		for (let more = true; more;) {
			const timeline = this.#timeline;
			const { last, epoch } = timeline;
			let page;
			try {
				page = await this.#api.log(room_id, { after: last, epoch });
			} catch (error) {
				if (turn === this.#turn && !error.transient)
					this.#on_unreadable(error);
				throw error;
			}
			if (turn !== this.#turn || this.#timeline !== timeline)
				return;
			if (page.recovered === false || page.epoch !== epoch || page.seq < last) {
				await this.#reload();
				return;
			}
			for (const event of page.items)
				this.#take({ room_id, ...event });
			// a page without news would repeat itself
			more = page.more && this.#timeline?.last > last;
		}
	}
}
