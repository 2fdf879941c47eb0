// stretch.js -- the loaded part of a room's history, and how pages and events change it.
// Plain functions that only the store calls.
//
// Stretch: {epoch, history, last, newest, messages, has_before, has_after}. `history`: the
// room's setting when it was read: all, or since_join. `last`: seq up to which
// every event of the log was applied, wherever the user reads. `newest`: seq of the newest
// message we know of. `messages`: a part of history without gaps; has_before, has_after:
// whether there is more. While has_after is set, new messages are not added; they are read
// from history when the user gets there.

// With more messages than MOST, a stretch is cut to KEPT around the reader.
const MOST = 400;
const KEPT = 300;

export function open_stretch(page, history) {
	const opened = { epoch: page.epoch, history, last: page.seq, newest: 0 };

	look_elsewhere(opened, page);
	return opened;
}

// Moves to another part of history.
export function look_elsewhere(stretch, page) {
	stretch.messages = page.items;
	stretch.has_before = page.has_before;
	note_end(stretch, page);
}

// Adds the page before (side 'before') or after the loaded messages.
export function extend(stretch, side, page) {
	const { messages } = stretch;

	if (side === 'before') {
		const first = messages[0]?.seq ?? Infinity;
		stretch.messages = [...page.items.filter(({ seq }) => seq < first), ...messages];
		stretch.has_before = page.has_before;
	} else {
		const end = messages.at(-1)?.seq ?? 0;
		stretch.messages = [...messages, ...page.items.filter(({ seq }) => seq > end)];
		note_end(stretch, page);
	}
}

// Was anything posted after the page was read?
function note_end(stretch, page) {
	stretch.has_after = Boolean(page.has_after) || stretch.newest > page.seq;
	if (!stretch.has_after)
		stretch.newest = Math.max(stretch.newest, page.items.at(-1)?.seq ?? 0);
}

// Applies the next event of the log. me: the reader's id.
export function apply(stretch, event, me) {
	stretch.last = event.seq;
	if (event.type === 'message') {
		stretch.newest = Math.max(stretch.newest, event.seq);
		// a page that was just read may contain it already
		if (!stretch.has_after && event.seq > (stretch.messages.at(-1)?.seq ?? 0))
			stretch.messages.push(event);
		return;
	}
	change_one(stretch, event.id, (message) => changed(message, event, me));
}

// Whether this event changes which part of the history a member may see.
export function shows_other_history(stretch, { type, room }) {
	return type === 'room' && room.settings !== undefined
		&& room.settings.history !== stretch.history;
}

// Replaces the message with this id by change(message), if it is loaded.
export function change_one(stretch, id, change) {
	const at = stretch?.messages.findIndex((message) => message.id === id) ?? -1;

	if (at >= 0)
		stretch.messages[at] = change(stretch.messages[at]);
	return at >= 0;
}

// Forgets messages far from `seq`, which the user is reading. Returns whether it forgot any.
export function keep_around(stretch, seq) {
	const { messages } = stretch;
	if (messages.length <= MOST)
		return false;
	const found = messages.findIndex((message) => message.seq >= seq);
	const at = found < 0 ? messages.length - 1 : found;
	const from = Math.min(Math.max(0, at - KEPT / 2), messages.length - KEPT);
	const to = from + KEPT;

	stretch.has_before ||= from > 0;
	stretch.has_after ||= to < messages.length;
	stretch.messages = messages.slice(from, to);
	return true;
}

// Returns the message changed by an event about it.
export function changed(message, event, me) {
	switch (event.type) {
	case 'edited':
		// a text without words is one that I may not see (any more)
		if (event.text === null && !message.data)
			return message;
		return {
			...message, text: event.text, mentions: event.mentions, edited_at: event.edited_at,
		};
	case 'deleted':
		return {
			...message, text: null, data: null, reactions: [], deleted_at: event.created_at,
		};
	case 'reaction':
		return { ...message, reactions: reacted(message.reactions ?? [], event, me) };
	default:
		return message;
	}
}

// The reactions after adding or removing one, in the order in which each emoji first
// appeared.
function reacted(reactions, { emoji, on, count, user_id }, me) {
	const known = reactions.find((one) => one.emoji === emoji);
	const mine = user_id === me ? on : known?.mine ?? false;

	if (count <= 0)
		return reactions.filter((one) => one !== known);
	return known
		? reactions.map((one) => (one === known ? { emoji, count, mine } : one))
		: [...reactions, { emoji, count, mine }];
}
