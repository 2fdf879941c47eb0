// call_state.js -- the calls that this page knows of.
//
// Held by the store; views read `store.calls`:
//   mine          the call that I am in on this page, or null (see call.js)
//   ringing       calls ringing for me, in the order they came
//   elsewhere     the call that I am in on another device or tab, or null
//   going_on(id)  a call in this room that I am not in and may join, or null
//   missed        calls I missed, until they are seen, latest first
//   ended         how my last call on this page ended {reason, room_id, kind, call, error,
//                 seconds}, until it is seen, or null
//   log(id)       a room's calls {items, next, failed}; null: not read yet
// `call` is as the server returns it. Each change dispatches the store's event {what:
// 'calls', room_id: of the log that changed, or null}. Only core/calls.js writes here.

export const part_of = (call, user_id) =>
	call.participants.find((part) => part.user_id === user_id) ?? null;

// Whether it is ringing or active.
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

	// ended null: there is nothing to show.
	mine_ended(ended) {
		this.mine = null;
		this.ended = ended;
		this.#tell();
	}

	ended_seen() {
		this.ended = null;
		this.#tell();
	}

	// Files the call under one of the names above; null: under none.
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

	// Replaces a ringing call, keeping its place.
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

	// Updates the call in its room's log, if that was read.
	log_told(call) {
		const log = this.#logs.get(call.room_id);

		if (!log)
			return;
		const known = log.items.some(({ id }) => id === call.id);
		const items = known ? log.items.map((one) => one.id === call.id ? call : one)
			: [call, ...log.items];
		this.log_read(call.room_id, { ...log, items });
	}

	// The connection was lost: calls may have ended without our being told.
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
