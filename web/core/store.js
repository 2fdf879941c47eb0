// store.js -- everything the page shows, and the only place where it changes.
//
// Changed by the named functions below and by nothing else; each says what changed
// through one `change` event {what, room_id}, after the fact. Views read, and never
// write. The room log's rule is kept here: an event is applied when its seq is the next
// one, dropped when it is known, and reported when something is missing before it.
//
// Owns:  user, people, rooms, timelines, pending messages, drafts, the state of the line.
// Never: the network, storage, time.

import { CallState } from './call_state.js';
import { Members } from './members.js';
import { People } from './people.js';
import { apply_to_room, newer, read_all, read_some, reads_log, tell_room, time_of }
	from './room.js';
import { Roster } from './roster.js';
import { apply, change_one, changed, extend, keep_around, look_elsewhere, open_stretch }
	from './stretch.js';

export const LOG_TYPES = new Set([
	'message', 'edited', 'deleted', 'reaction', 'member', 'room',
]);

// A message of mine on its way (outbox.js says of what it consists), as it begins.
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
	rooms_known = false;		// whether the list has been read at all
	rooms_more = false;		// whether there are more than those
	rooms_trouble = null;		// why it could not be read yet: an error's word
	roster = new Roster((room_id) => this.#tell('roster', room_id));
	timelines = new Map();		// id -> the part of its history at hand: stretch.js
	pending = new Map();		// room id -> my messages that no log has shown yet
	drafts = new Map();		// room id -> {text, reply_to}
	members = new Members((what, room_id) => this.#tell(what, room_id));
	originals = new Map();		// id -> a message that is answered; null: there is none
	current = null;			// id of the open room
	trouble = null;			// why the open room cannot be shown: an error's word
	line = { state: 'closed', retry_at: 0, is_doubted: false, polling: false };
	ended = null;			// why the last session ended

	#tell(what, room_id = null, more = {}) {
		this.dispatchEvent(new CustomEvent('change', { detail: { what, room_id, ...more } }));
	}

	// --- who, and how the line is ---

	signed_in(user) {
		this.user = user;
		this.ended = null;
		this.#tell('user');
	}

	// Still the same person, called or set otherwise; the same object, too, by which
	// others see that nobody else signed in.
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

	// Whether the server has this feature, by its own word.
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

	// In all rooms, as far as I want to be told of them.
	get unread() {
		let sum = 0;
		for (const { me } of this.rooms.values())
			if (me && me.notify !== 'none')
				sum += (me.notify === 'mentions' ? me.mentions : me.unread) ?? 0;
		return sum;
	}

	// My rooms as the server has them now, by last activity; has_more: the older ones are
	// not among them, and stay what they were.
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

	// It could not be read.
	rooms_refused(reason) {
		this.rooms_trouble = reason;
		this.#tell('rooms');
	}

	// The page after those: is_further in what is told, since it is no news.
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

	// What the server says of a room beside its log: counts, the last message.
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

	// What I am told of in this room: all, mentions or none.
	notify_changed(room_id, notify) {
		const room = this.rooms.get(room_id);
		if (!room?.me)
			return;
		room.me.notify = notify;
		this.#tell('rooms', room_id);
	}

	// Read up to there: answers whether that was news. What is left unread can be said
	// where the messages in between are at hand; else the server says it.
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

	// null: there is none any more.
	draft_changed(room_id, draft) {
		if (draft)
			this.drafts.set(room_id, draft);
		else
			this.drafts.delete(room_id);
		this.#tell('draft', room_id);
	}

	// --- a room's timeline ---

	// A page of history: the timeline starts over from it.
	history_read(room_id, page) {
		this.timelines.set(room_id, open_stretch(page));
		reads_log(this.rooms.get(room_id), page.seq);
		if (this.current === room_id)
			this.trouble = null;
		this.#match_pending(room_id, page.items);
		this.people.learn(...page.items.map((message) => message.sender));
		// acknowledged, and not on this page: seen all the same
		for (const item of this.pending_of(room_id))
			if (item.state === 'sent' && item.seq <= page.seq)
				this.pending_gone(item);
		this.#tell('timeline', room_id);
	}

	// The page before or after what is there.
	page_read(room_id, side, page) {
		extend(this.timelines.get(room_id), side, page);
		this.#match_pending(room_id, page.items);
		this.#tell('timeline', room_id);
	}

	// A page from elsewhere in history; the log is followed as before.
	elsewhere_read(room_id, page) {
		look_elsewhere(this.timelines.get(room_id), page);
		this.#match_pending(room_id, page.items);
		this.#tell('timeline', room_id);
	}

	// Forget what lies far from what somebody reads; from the end, when nobody does.
	timeline_trimmed(room_id, seq = null) {
		const timeline = this.timelines.get(room_id);

		if (timeline && seq === null && timeline.has_after)
			this.timelines.delete(room_id);
		else if (timeline && keep_around(timeline, seq ?? Infinity))
			this.#tell('timeline', room_id);
	}

	// What somebody here does with a message, before the log says so; and taken back.
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

	// A message that another one answers; null: there is none.
	original_read(room_id, id, message) {
		this.originals.set(id, message);
		this.#tell('timeline', room_id);
	}

	// One event of the room's log: 'applied', 'known', 'gap' or 'closed' (no timeline).
	event_came(event) {
		const timeline = this.timelines.get(event.room_id);

		// the list shows the newest, whatever a timeline still misses
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
		this.#tell('timeline', event.room_id);
		return 'applied';
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

	// --- what I wrote, until the log shows it ---

	pending_of(room_id) {
		return this.pending.get(room_id) ?? [];
	}

	// Put it there, or change it there: an item of the outbox.
	pending_changed(item) {
		const list = this.pending_of(item.room_id);
		const timeline = this.timelines.get(item.room_id);

		// the log may be faster than the answer
		if (timeline?.messages.some((m) => is_mine_under(m, item.client_id, this.user)))
			return;
		// nobody waits for the log to show it: there is no timeline, or it has come by
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

	// Messages of mine that the log shows need not be shown as pending any more.
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
