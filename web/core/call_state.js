// call_state.js -- the calls that this page knows of.
//
// Held by the store; views read it as `store.calls`:
//   mine          the call that I am in on this page, or null (call.js tells what is in it)
//   ringing       calls that ring for me here, the first one first
//   elsewhere     the call that I am in on another device or in another tab, or null
//   going_on(id)  the call in a room that I am not in and may join, or null
//   missed        calls that I missed, until they were looked at, the latest first
//   ended         how my last call here ended {reason, room_id, kind, call, error, seconds},
//                 until it was looked at, or null
//   log(id)       a room's calls {items, next, failed}, or null before they were read
// `call` is as the server shows it. Whatever changes is told by the store's event
// {what: 'calls', room_id: of a log that changed, or null}. Written to by core/calls.js alone.

export const part_of = (call, user_id) =>
	call.participants.find((part) => part.user_id === user_id) ?? null;

// Whether it goes on, or rings.
export const is_open = (call) => call.state === 'ringing' || call.state === 'active';

export class CallState {
	#tell;
	#going_on = new Map();
	#logs = new Map();
	mine = null;
	ringing = [];
	elsewhere = null;
	missed = [];
	ended = null;

	constructor(tell) {
		this.#tell = tell;
	}

	going_on(room_id) {
		return this.#going_on.get(room_id) ?? null;
	}

	log(room_id) {
		return this.#logs.get(room_id) ?? null;
	}

	mine_changed(mine) {
		this.mine = mine;
		if (mine)
			this.ended = null;
		this.#tell();
	}

	// ended null: there is nothing to be said of it.
	mine_ended(ended) {
		this.mine = null;
		this.ended = ended;
		this.#tell();
	}

	ended_seen() {
		this.ended = null;
		this.#tell();
	}

	// What this call is to me, by a name of the list above; null: nothing (any more).
	call_put(call, place) {
		this.ringing = this.ringing.filter(({ id }) => id !== call.id);
		if (place === 'ringing')
			this.ringing.push(call);
		if (place === 'elsewhere')
			this.elsewhere = call;
		else if (this.elsewhere?.id === call.id)
			this.elsewhere = null;
		if (place === 'going_on')
			this.#going_on.set(call.room_id, call);
		else if (this.#going_on.get(call.room_id)?.id === call.id)
			this.#going_on.delete(call.room_id);
		if (place === 'missed')
			this.missed = [call, ...this.missed.filter(({ id }) => id !== call.id)];
		this.#tell();
	}

	// In the order in which they rang: one that is told of again keeps its place.
	ringing_told(call) {
		this.ringing = this.ringing.map((known) => known.id === call.id ? call : known);
		this.#tell();
	}

	missed_seen(room_id) {
		if (!this.missed.some((call) => call.room_id === room_id))
			return;
		this.missed = this.missed.filter((call) => call.room_id !== room_id);
		this.#tell();
	}

	log_read(room_id, log) {
		this.#logs.set(room_id, log);
		this.#tell(room_id);
	}

	// A call as it is now, in its room's log if that was read.
	log_told(call) {
		const log = this.#logs.get(call.room_id);

		if (!log)
			return;
		const known = log.items.some(({ id }) => id === call.id);
		const items = known ? log.items.map((one) => one.id === call.id ? call : one)
			: [call, ...log.items];
		this.log_read(call.room_id, { ...log, items });
	}

	// The line was away: what went on may be over without our having been told.
	forget_others() {
		this.#going_on.clear();
		this.ringing = [];
		this.elsewhere = null;
		this.#tell();
	}

	clear() {
		this.#going_on.clear();
		this.#logs.clear();
		this.mine = null;
		this.ringing = [];
		this.elsewhere = null;
		this.missed = [];
		this.ended = null;
	}
}
