// store.js -- all state that the page shows, and the only place where it changes.
//
// Only the named functions below change it; each dispatches one `change` event {what,
// room_id} afterwards. Views read and never write. The rule of the room log is enforced here:
// an event is applied if its seq is the next one, dropped if it is known, and reported as a
// gap if something before it is missing.
//
// Owns:  user, people, rooms, timelines, pending messages, drafts, the state of the
//        connection.
// Never: the network, storage, time.

import { CallState } from './call_state.js';
import { Members } from './members.js';
import { People } from './people.js';
import { apply_to_room, newer, read_all, read_some, reads_log, tell_room, time_of }
	from './room.js';
import { Roster } from './roster.js';
import { apply, change_one, changed, extend, keep_around, look_elsewhere, open_stretch,
	shows_other_history } from './stretch.js';

export const LOG_TYPES = new Set([
	'message', 'edited', 'deleted', 'reaction', 'member', 'room',
]);

// A new outgoing message; outbox.js describes the fields.
export const new_item = (fields, now) => ({
	kind: 'text', text: null, data: null, reply_to: null, file: null,
	state: 'waiting', error: null, progress: null,
	...fields, created_at: new Date(now).toISOString(),
});

export class Store extends EventTarget {
	user = null;
	people = new People((id) => this.#tell('people', id));
	calls = new CallState((room_id) => this.#tell('calls', room_id));
	status = null;			// GET /status
	rooms = new Map();		// id -> room
	rooms_known = false;		// whether the list has been read
	rooms_more = false;		// whether it has more pages
	rooms_trouble = null;		// error code if it could not be read yet
	roster = new Roster((room_id) => this.#tell('roster', room_id));
	timelines = new Map();		// room id -> loaded part of its history: stretch.js
	pending = new Map();		// room id -> my messages that the log does not show yet
	drafts = new Map();		// room id -> {text, reply_to}
	members = new Members((what, room_id) => this.#tell(what, room_id));
	originals = new Map();		// id -> quoted message; null: it does not exist
	current = null;			// id of the open room
	trouble = null;			// error code if the open room cannot be shown
	line = { state: 'closed', retry_at: 0, is_doubted: false, polling: false };
	ended = null;			// why the last session ended

	#tell(what, room_id = null, more = {}) {
		this.dispatchEvent(new CustomEvent('change', { detail: { what, room_id, ...more } }));
	}

	// --- the user and the connection ---

	signed_in(user) {
		this.user = user;
		this.ended = null;
		this.#tell('user');
	}

	// The same person with a changed profile. Keeps the object: its identity tells others
	// that nobody else has signed in.
	me_changed(user) {
		Object.assign(this.user, user);
		this.#tell('me');
	}

	signed_out(reason) {
		this.user = null;
		this.ended = reason;
		this.people.clear();
		this.calls.clear();
		this.rooms.clear();
		this.rooms_known = this.rooms_more = false;
		this.rooms_trouble = null;
		this.roster.close();
		this.timelines.clear();
		this.pending.clear();
		this.drafts.clear();
		this.members.clear();
		this.originals.clear();
		this.current = null;
		this.trouble = null;
		this.#tell('user');
	}

	status_read(status) {
		this.status = status;
		this.#tell('status');
	}

	// Whether the server announces this feature.
	can(feature) {
		return this.status?.features?.includes(feature) ?? false;
	}

	line_changed(line) {
		this.line = { ...this.line, ...line };
		this.#tell('line');
	}

	// --- rooms ---

	get sorted_rooms() {
		return [...this.rooms.values()].sort((a, b) => {
			const [left, right] = [time_of(a), time_of(b)];
			return left === right ? 0 : left < right ? 1 : -1;
		});
	}

	// Unread messages in all rooms, according to each room's notification setting.
	get unread() {
		let sum = 0;
		for (const { me } of this.rooms.values())
			if (me && me.notify !== 'none')
				sum += (me.notify === 'mentions' ? me.mentions : me.unread) ?? 0;
		return sum;
	}

	// My rooms as the server has them now, by last activity. has_more: this is only the start
	// of the list; older rooms are kept as they are.
	rooms_read(rooms, { has_more = false } = {}) {
		const end = has_more && rooms.length > 0 ? time_of(rooms.at(-1)) : '';
		const older = [...this.rooms].filter(([, room]) => time_of(room) < end);

		this.rooms = new Map([...rooms.map((room) => [
			room.id, newer(this.rooms.get(room.id), room),
		]), ...older.filter(([id]) => !rooms.some((room) => room.id === id))]);
		this.rooms_known = true;
		this.rooms_trouble = null;
		this.rooms_more = has_more;
		this.people.learn(...rooms.map((room) => room.peer));
		this.#tell('rooms');
	}

	rooms_refused(reason) {
		this.rooms_trouble = reason;
		this.#tell('rooms');
	}

	// The next page. is_further marks it in the event, because it is not news.
	rooms_also_read(rooms, { has_more }) {
		for (const room of rooms)
			this.rooms.set(room.id, newer(this.rooms.get(room.id), room));
		this.rooms_more = has_more;
		this.people.learn(...rooms.map((room) => room.peer));
		this.#tell('rooms', null, { is_further: true });
	}

	room_added(room) {
		this.rooms.set(room.id, newer(this.rooms.get(room.id), room));
		this.people.learn(room.peer);
		this.#tell('rooms', room.id);
	}

	room_gone(room_id, reason) {
		this.rooms.delete(room_id);
		this.timelines.delete(room_id);
		if (this.current === room_id)
			this.trouble = reason;
		this.#tell('rooms', room_id);
		this.#tell('current', room_id);
	}

	// What the server reports about a room outside its log: counts, the last message.
	room_told(room_id, fields) {
		const room = this.rooms.get(room_id);
		if (!room)
			return;
		tell_room(room, fields);
		this.#tell('rooms', room_id);
	}

	room_opened(room_id) {
		this.current = room_id;
		this.trouble = null;
		this.#tell('current', room_id);
	}

	room_refused(room_id, reason) {
		if (this.current !== room_id)
			return;
		this.trouble = reason;
		this.#tell('current', room_id);
	}

	// What I am notified about in this room: all, mentions or none.
	notify_changed(room_id, notify) {
		const room = this.rooms.get(room_id);
		if (!room?.me)
			return;
		room.me.notify = notify;
		this.#tell('rooms', room_id);
	}

	// I have read up to seq; returns whether that is new. The unread count is adjusted if the
	// messages in between are loaded; otherwise the server reports it.
	room_seen(room_id, seq) {
		const { me, seq: end } = this.rooms.get(room_id) ?? {};
		if (!me || seq <= me.read_seq)
			return false;
		if (seq >= Math.min(end, this.timelines.get(room_id)?.last ?? end))
			read_all(me, seq);
		else
			read_some(me, seq, this.timelines.get(room_id).messages, this.user.id);
		this.#tell('rooms', room_id);
		return true;
	}

	// null: there is no draft any more.
	draft_changed(room_id, draft) {
		if (draft)
			this.drafts.set(room_id, draft);
		else
			this.drafts.delete(room_id);
		this.#tell('draft', room_id);
	}

	// --- a room's timeline ---

	// A page of history replaces the timeline.
	history_read(room_id, page) {
		const room = this.rooms.get(room_id);

		this.timelines.set(room_id, open_stretch(page, room?.settings?.history));
		reads_log(room, page.seq);
		if (this.current === room_id)
			this.trouble = null;
		this.#match_pending(room_id, page.items);
		this.people.learn(...page.items.map((message) => message.sender));
		// acknowledged but not on this page: it was in the log all the same
		for (const item of this.pending_of(room_id))
			if (item.state === 'sent' && item.seq <= page.seq)
				this.pending_gone(item);
		this.#tell('timeline', room_id);
	}

	// The page before or after the loaded messages.
	page_read(room_id, side, page) {
		extend(this.timelines.get(room_id), side, page);
		this.#match_pending(room_id, page.items);
		this.#tell('timeline', room_id);
	}

	// A page from elsewhere in history; the log is still followed.
	elsewhere_read(room_id, page) {
		look_elsewhere(this.timelines.get(room_id), page);
		this.#match_pending(room_id, page.items);
		this.#tell('timeline', room_id);
	}

	// Forgets messages far from seq, which the user is reading; null: the user has left the
	// room.
	timeline_trimmed(room_id, seq = null) {
		const timeline = this.timelines.get(room_id);

		if (timeline && seq === null && timeline.has_after)
			this.timelines.delete(room_id);
		else if (timeline && keep_around(timeline, seq ?? Infinity))
			this.#tell('timeline', room_id);
	}

	// Applies an action of mine to a message before the log confirms it; also reverts it.
	message_changed(room_id, id, change) {
		if (change_one(this.timelines.get(room_id), id, change))
			this.#tell('timeline', room_id);
	}

	message_reacted(room_id, id, emoji, on) {
		this.message_changed(room_id, id, (now) => {
			const { count = 0, mine = false } =
				now.reactions?.find((one) => one.emoji === emoji) ?? {};
			return mine === on ? now : changed(now, {
				type: 'reaction', emoji, on, count: count + (on ? 1 : -1),
				user_id: this.user.id,
			}, this.user.id);
		});
	}

	// The message quoted by a reply; null: it does not exist.
	original_read(room_id, id, message) {
		this.originals.set(id, message);
		this.#tell('timeline', room_id);
	}

	// One event of the room's log. Returns 'applied', 'known', 'gap', 'closed' (no timeline)
	// or 'outdated': applied, but from now on I may see another part of the history.
	event_came(event) {
		const timeline = this.timelines.get(event.room_id);

		// the list shows the newest message even if the timeline has a gap
		this.#apply_to_room(event);
		if (!timeline)
			return 'closed';
		if (event.seq <= timeline.last)
			return 'known';
		if (event.seq > timeline.last + 1)
			return 'gap';
		apply(timeline, event, this.user.id);
		const original = this.originals.get(event.id);
		if (original)
			this.originals.set(event.id, changed(original, event, this.user.id));
		if (event.type === 'message')
			this.#match_pending(event.room_id, [event]);
		if (event.type === 'member')
			this.roster.event_came(event);
		const is_outdated = shows_other_history(timeline, event);
		if (is_outdated)
			this.#history_outdated(event.room_id);
		this.#tell('timeline', event.room_id);
		return is_outdated ? 'outdated' : 'applied';
	}

	// Only the server knows what I may still see: the last message, quoted ones, and those of
	// a room that is not open are forgotten; the open one is read again (follow.js).
	#history_outdated(room_id) {
		const room = this.rooms.get(room_id);

		this.originals.clear();
		if (room)
			room.is_stale = true;
		if (this.current !== room_id)
			this.timelines.delete(room_id);
	}

	#apply_to_room(event) {
		const room = this.rooms.get(event.room_id);

		if (!room || event.seq <= room.seq)
			return;
		apply_to_room(room, event, this.user.id);
		if (event.type === 'message')
			this.people.learn(event.sender);
		this.#tell('rooms', room.id);
	}

	// --- my messages, until the log shows them ---

	pending_of(room_id) {
		return this.pending.get(room_id) ?? [];
	}

	// Adds or updates an outbox item.
	pending_changed(item) {
		const list = this.pending_of(item.room_id);
		const timeline = this.timelines.get(item.room_id);

		// the log may be faster than the acknowledgement
		if (timeline?.messages.some((m) => is_mine_under(m, item.client_id, this.user)))
			return;
		// already logged, or there is no timeline that will show it
		if (item.state === 'sent' && !(timeline?.last < item.seq)) {
			this.pending_gone(item);
			return;
		}
		const rest = list.filter((other) => other.client_id !== item.client_id);
		this.pending.set(item.room_id, [...rest, item].sort((a, b) => a.order - b.order));
		this.#tell('timeline', item.room_id);
	}

	pending_gone({ room_id, client_id }) {
		const list = this.pending_of(room_id);
		const rest = list.filter((item) => item.client_id !== client_id);

		if (rest.length === list.length)
			return;
		this.pending.set(room_id, rest);
		this.#tell('timeline', room_id);
	}

	// Removes pending messages that the log shows now.
	#match_pending(room_id, messages) {
		const list = this.pending_of(room_id);
		if (list.length === 0)
			return;
		const shown = new Set(messages
			.filter((message) => message.sender?.id === this.user?.id)
			.map((message) => message.client_id));
		const found = list.filter((item) => shown.has(item.client_id));

		if (found.length === 0)
			return;
		this.pending.set(room_id, list.filter((item) => !shown.has(item.client_id)));
		this.dispatchEvent(new CustomEvent('confirmed', {
			detail: found.map((item) => item.client_id),
		}));
	}
}

function is_mine_under(message, client_id, user) {
	return message.client_id === client_id && message.sender?.id === user?.id;
}
