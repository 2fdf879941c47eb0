// calls.js -- the calls that concern me: ringing, active or missed, and what I can do about
// them.
//
// Files what the server reports into store.calls (call_state.js). The call that I am in on
// this page is call.js, loaded when there is one. The server sees two tabs of a browser as
// one device, so a mark in the storage says which tab is in the call, and the former tab lets
// go of it.
//
// Owns: my call on this page.

import { is_open, part_of } from './call_state.js';
import { later } from './later.js';

const MARK = 'call';
const SEEN = 'calls_seen';
const DIRECT = 'direct';
const LATER_MS = 3000;
// Beyond this, the user loads a room's older calls by hand.
const MOST_FOLLOWED = 200;

export class Calls {
	#api;
	#socket;
	#store;
	#keep;
	#tools;
	#tab;
	#mine = null;			// Call
	#is_beginning = false;
	#asked = new Set();		// people whose names were requested
	#reading = new Set();		// rooms whose calls are being read
	#fresh = new Set();		// rooms whose calls were read on this connection
	#left = new Set();		// calls that I hung up, whether or not the server knows

	// rtc: {Connection: RTCPeerConnection, Stream: MediaStream, devices: mediaDevices or
	// null} of the browser; null if it cannot call.
	constructor({ api, socket, store, session, keep, rtc, clock, random }) {
		const line = later(() => import('./call_line.js'), ({ CallLine }) => new CallLine({
			socket, clock, on_lost: (user_id) => this.#mine?.signal_lost(user_id),
		}));

		this.#api = api;
		this.#socket = socket;
		this.#store = store;
		this.#keep = keep;
		this.#tools = { api, line, rtc, clock, random };
		this.#tab = Math.floor(random() * 2 ** 40).toString(36);
		socket.addEventListener('frame', (event) => this.#on_frame(event.detail));
		socket.addEventListener('ready', () => this.#on_ready());
		session.addEventListener('ended', () => this.#on_signed_out());
	}

	get #state() {
		return this.#store.calls;
	}

	get #me() {
		return this.#store.user?.id;
	}

	// Whether the room can have calls: direct rooms and small groups can.
	is_possible(room) {
		const most = this.#store.status?.limits?.max_call_participants ?? 8;

		if (!room?.me || !this.#tools.rtc || !this.#store.can('calls'))
			return false;
		return room.kind === DIRECT
			|| (room.kind !== 'public' && room.member_count > 1 && room.member_count <= most);
	}

	// Whether I may call here: not while I block the other.
	may_start(room) {
		return this.is_possible(room) && !this.#store.people.is_blocked(room.peer?.id);
	}

	// --- actions of the user ---

	start(room_id, { video = false } = {}) {
		return this.#begin({ room_id, video });
	}

	// Accepts a ringing call, joins an active one, or takes over mine from elsewhere.
	accept(call, { video = false } = {}) {
		this.#mine?.hang_up();
		this.#left.delete(call.id);
		this.#state.call_put(call, null);
		return this.#begin({ room_id: call.room_id, call_id: call.id, video });
	}

	decline(call) {
		this.#tools.line.say({ action: 'decline', call_id: call.id });
		this.#state.call_put(call, null);
	}

	hang_up() {
		this.#mine?.hang_up();
	}

	// Ends my call on another device or tab.
	hang_up_elsewhere(call) {
		return this.#tools.line.ask({ action: 'hangup', call_id: call.id });
	}

	// 'again', 'audio', 'listen': see call.js.
	choose(choice) {
		this.#mine?.choose(choice);
	}

	set_mic(on) {
		return this.#mine?.set_mic(on);
	}

	set_camera(on) {
		return this.#mine?.set_camera(on);
	}

	turn_camera() {
		return this.#mine?.turn_camera();
	}

	set_screen(on) {
		return this.#mine?.set_screen(on);
	}

	notice_seen() {
		this.#mine?.notice_seen();
	}

	ended_seen() {
		this.#state.ended_seen();
	}

	missed_seen(room_id) {
		if (!this.#state.missed.some((call) => call.room_id === room_id))
			return;
		this.#note_seen();
		this.#state.missed_seen(room_id);
	}

	level_of(user_id) {
		return this.#mine?.level_of(user_id) ?? 0;
	}

	// The page is closing: hang up.
	page_gone() {
		this.#mine?.hang_up();
	}

	// Another tab changed the stored value `key`.
	on_storage(key) {
		if (key !== this.#keep.prefix + MARK || !this.#mine)
			return;
		const mark = this.#keep.get(MARK);
		if (mark && mark.call_id === this.#mine.id && mark.tab !== this.#tab)
			this.#mine.taken_over();
	}

	// Reads a room's calls back to this time, once per connection; not while connecting, as
	// they would have to be read again then.
	follow_log(room_id, since) {
		const is_fresh = this.#fresh.has(room_id);
		const { items, next, failed } = this.#state.log(room_id) ?? { items: [] };
		const wants_more = next && !failed && items.length < MOST_FOLLOWED
			&& Date.parse(items.at(-1).started_at) > since;

		if (this.#socket.state === 'connecting' || this.#reading.has(room_id)
			|| (is_fresh && !wants_more)
			|| !this.is_possible(this.#store.rooms.get(room_id)))
			return;
		this.#reading.add(room_id);
		this.#fresh.add(room_id);
		this.read_log(room_id, { more: is_fresh })
			.finally(() => this.#reading.delete(room_id));
	}

	// The room's calls, latest first; `more`: the page before those already read.
	async read_log(room_id, { more = false } = {}) {
		const known = more ? this.#state.log(room_id) : null;

		try {
			const { items, next } = await this.#api.calls({ room_id, cursor: known?.next });
			const all = [...known?.items ?? [], ...items];
			this.#state.log_read(room_id, { items: all, next, failed: null });
			this.#learn(...items);
		} catch (error) {
			this.#state.log_read(room_id, {
				items: [], next: null, ...known, failed: error,
			});
		}
	}

	// --- my call ---

	async #begin({ room_id, call_id = null, video }) {
		if (this.#mine || this.#is_beginning)
			return;
		this.#is_beginning = true;
		try {
			const { Call, no_line, no_rtc } = await import('./call.js');
			if (!this.#me)
				return;
			if (!this.#tools.rtc || !this.#socket.online) {
				this.#state.mine_ended({
					reason: 'refused', room_id, kind: null, call: null,
					error: this.#tools.rtc ? no_line() : no_rtc(),
					seconds: null, is_mine: false,
				});
				return;
			}
			this.#mine = this.#make(Call, { room_id, call_id, video });
		} finally {
			this.#is_beginning = false;
		}
		this.#on_mine();
		await this.#mine.begin();
	}

	#make(Call, { room_id, call_id, video }) {
		const call = new Call({
			tools: this.#tools, me: this.#me, room_id, call_id, video,
			is_pair: this.#store.rooms.get(room_id)?.kind === DIRECT,
			on_change: () => call === this.#mine && this.#on_mine(),
			on_over: (ended) => this.#on_over(call, ended),
		});
		return call;
	}

	#on_mine() {
		const { id } = this.#mine;
		const view = this.#mine.view();

		if (view.phase !== 'preparing' && id && this.#keep.get(MARK)?.tab !== this.#tab)
			this.#keep.set(MARK, { call_id: id, tab: this.#tab });
		this.#state.mine_changed(view);
	}

	#on_over(call, ended) {
		if (call !== this.#mine)
			return;
		this.#mine = null;
		if (this.#keep.get(MARK)?.tab === this.#tab)
			this.#keep.remove(MARK);
		if (ended.is_mine && ended.call)
			this.#left.add(ended.call.id);
		// no note for a call that I cancelled myself
		this.#state.mine_ended(ended.is_mine && ended.reason === 'cancelled' ? null : ended);
		if (ended.call && !ended.is_mine)
			this.#place(ended.call);
	}

	#on_signed_out() {
		this.#mine?.abandon();
		this.#mine = null;
		this.#asked.clear();
		this.#fresh.clear();
		this.#keep.remove(MARK);
		this.#keep.remove(SEEN);
	}

	// --- frames of the server ---

	#on_frame(frame) {
		if (frame.type === 'signal' && frame.call_id === this.#mine?.id)
			this.#mine.take_signal(frame.from, frame.data);
		else if (frame.type === 'call')
			this.#on_call(frame);
	}

	#on_call(frame) {
		const { call, ref } = frame;
		const mine = this.#mine;

		this.#learn(call);
		this.#state.log_told(call);
		// the answer reports my own start; if it is lost, call.js asks
		const is_my_start = mine && !mine.id && mine.room_id === call.room_id
			&& call.initiator_id === this.#me;
		if (mine?.id !== call.id && !is_my_start)
			this.#place(call);
		else if (mine.id === call.id && !ref)
			mine.hear(frame);
	}

	#place(call) {
		const part = part_of(call, this.#me)?.state;
		const rings = this.#state.ringing.some(({ id }) => id === call.id);

		if (is_open(call) && part === 'ringing' && rings)
			this.#state.ringing_told(call);
		else if (is_open(call) && part === 'ringing')
			this.#state.call_put(call, 'ringing');
		else if (is_open(call) && part === 'joined' && this.#left.has(call.id))
			this.#tools.line.say({
				action: call.state === 'ringing' ? 'cancel' : 'hangup', call_id: call.id,
			});
		else if (is_open(call) && part === 'joined')
			this.#state.call_put(call, 'elsewhere');
		else if (call.state === 'active')
			this.#state.call_put(call, 'going_on');
		else
			this.#state.call_put(call, part === 'missed' || part === 'busy' ? 'missed' : null);
	}

	#on_ready() {
		this.#fresh.clear();
		this.#state.forget_others();
		this.#mine?.line_back();
		this.#tools.clock.after(LATER_MS, () => this.#read_missed());
	}

	// Reads calls missed while nobody was here.
	async #read_missed() {
		const { user } = this.#store;
		const seen = this.#keep.get(SEEN);

		if (!user || !this.#store.can('calls'))
			return;
		if (this.#store.current)
			this.follow_log(this.#store.current, Infinity);
		if (seen?.user_id !== user.id) {
			this.#note_seen();
			return;
		}
		const { items } = await this.#api.calls({ limit: 20 }).catch(() => ({ items: [] }));
		if (user !== this.#store.user)
			return;
		for (const call of items.reverse())
			if (!is_open(call) && call.initiator_id !== user.id
				&& Date.parse(call.started_at) > seen.at
				&& !this.#state.missed.some(({ id }) => id === call.id)) {
				this.#learn(call);
				this.#place(call);
			}
	}

	// Remembers the last call I was told of, by the server's clock if we know it.
	#note_seen() {
		const { missed } = this.#state;
		const at = Math.max(this.#keep.get(SEEN)?.at ?? 0,
			...missed.map((call) => Date.parse(call.started_at)),
			missed.length > 0 ? 0 : this.#tools.clock.now());

		this.#keep.set(SEEN, { user_id: this.#me, at });
	}

	// Looks up unknown participants' names.
	#learn(...calls) {
		const { people } = this.#store;

		for (const { user_id } of calls.flatMap((call) => call.participants)) {
			if (people.person(user_id) || user_id === this.#me || this.#asked.has(user_id))
				continue;
			this.#asked.add(user_id);
			this.#api.person(user_id).then((user) => people.learn(user), () => {});
		}
	}
}
