// stretch.js -- the part of a room's history that is at hand, and what history and log
// make of it. Plain functions; the store alone calls them.
//
// Stretch: {epoch, last, newest, messages, has_before, has_after}. `last` is the seq of
// the log up to which every event was heard, wherever one reads; `newest` the seq of the
// last message that there is, as far as we know; `messages` a stretch of history without
// gaps, has_before and has_after whether there is more of it. While has_after, what is
// said now is not at hand: it is read from history by who comes down to it.

// A stretch is cut when it has more messages than MOST, to KEPT around the reader.
const MOST = 400;
const KEPT = 300;

export function open_stretch(page) {
	const opened = { epoch: page.epoch, last: page.seq, newest: 0 };

	look_elsewhere(opened, page);
	return opened;
}

// Another stretch of history: the stretch moves there.
export function look_elsewhere(stretch, page) {
	stretch.messages = page.items;
	stretch.has_before = page.has_before;
	note_end(stretch, page);
}

// The page before (side 'before') or after what is there.
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

// Was something said after the page was read?
function note_end(stretch, page) {
	stretch.has_after = Boolean(page.has_after) || stretch.newest > page.seq;
	if (!stretch.has_after)
		stretch.newest = Math.max(stretch.newest, page.items.at(-1)?.seq ?? 0);
}

// The next event of the log. me: the reader's id.
export function apply(stretch, event, me) {
	stretch.last = event.seq;
	if (event.type === 'message') {
		stretch.newest = Math.max(stretch.newest, event.seq);
		// a page that was read meanwhile may have shown it already
		if (!stretch.has_after && event.seq > (stretch.messages.at(-1)?.seq ?? 0))
			stretch.messages.push(event);
		return;
	}
	change_one(stretch, event.id, (message) => changed(message, event, me));
}

// The message with this id becomes change(message), if it is at hand.
export function change_one(stretch, id, change) {
	const at = stretch?.messages.findIndex((message) => message.id === id) ?? -1;

	if (at >= 0)
		stretch.messages[at] = change(stretch.messages[at]);
	return at >= 0;
}

// Forget what lies far from the message `seq`, which somebody looks at. Answers whether
// anything went.
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

// A message after an event that is about it.
export function changed(message, event, me) {
	switch (event.type) {
	case 'edited':
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

// Reactions after one was put or taken back: in the order in which each emoji came first.
function reacted(reactions, { emoji, on, count, user_id }, me) {
	const known = reactions.find((one) => one.emoji === emoji);
	const mine = user_id === me ? on : known?.mine ?? false;

	if (count <= 0)
		return reactions.filter((one) => one !== known);
	return known
		? reactions.map((one) => (one === known ? { emoji, count, mine } : one))
		: [...reactions, { emoji, count, mine }];
}
