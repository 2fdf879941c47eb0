// rows.js -- builds the rows of a timeline: messages, dates, calls, the line above new
// messages. A row's model contains everything it depends on.

// Messages by the same person within this time are grouped.
const TOGETHER_MS = 5 * 60 * 1000;
// Estimated heights of attachments.
const CARRIED = { image: 260, video: 260, audio: 80, location: 190, file: 36 };

const times = new WeakMap();	// message -> {time, day}

function time_of(message) {
	let known = times.get(message);

	if (!known) {
		const date = new Date(message.created_at);
		known = { time: date.getTime(), day: date.toDateString() };
		times.set(message, known);
	}
	return known;
}

// The rows of a timeline: [{key, kind, …}].
// unread_after: the seq that the line follows, or null.
// state_of(message): the state of one of mine.
// original_of(message): the quoted message; undefined if it is no reply.
// calls: from call_row.js, oldest first.
// is_folded(message): whether its sender is blocked; consecutive ones are one row.
// has_before: the first message gets no row yet, as its look depends on the one before.
export function rows_of({
	messages, pending, user, unread_after, has_before, state_of, original_of, calls = [],
	is_folded = () => false,
}) {
	const rows = [];
	const today = new Date().toDateString();
	let before = null;
	let is_marked = unread_after === null;

	const add = (row) => {
		const { time, day } = time_of(row.message);
		const is_new_day = before?.day !== day;
		if (is_new_day)
			rows.push({ key: `day ${day}`, kind: 'day', time, today });
		let is_first = is_new_day;
		if (!is_marked && row.seq > unread_after && !row.is_mine) {
			rows.push({ key: 'new', kind: 'new' });
			is_marked = true;
			is_first = true;
		}
		is_first ||= before.sender_id !== row.sender_id || time - before.time > TOGETHER_MS;
		if (before)
			before.row.is_last = is_first;
		Object.assign(row, { is_first, is_last: true });
		rows.push(row);
		before = { day, time, sender_id: row.sender_id, row };
	};
	const waiting = [...calls];
	const add_calls = (until) => {
		while (waiting.length > 0 && time_of(waiting[0]).time < until) {
			const about = waiting.shift();
			const { time, day } = time_of(about);
			if (before?.day !== day)
				rows.push({ key: `day ${day}`, kind: 'day', time, today });
			rows.push({ key: `call ${about.call.id}`, kind: 'call', about });
			before = { day, time, sender_id: null, row: {} };
		}
	};
	const add_folded = (row) => {
		const { time, day } = time_of(row.message);
		const is_new = !is_marked && row.seq > unread_after;
		if (before?.row.kind === 'folded' && before.day === day && !is_new) {
			before.row.ids = [...before.row.ids, row.message.id];
			before.row.seq = row.seq;
			return;
		}
		if (before?.day !== day)
			rows.push({ key: `day ${day}`, kind: 'day', time, today });
		if (is_new)
			rows.push({ key: 'new', kind: 'new' });
		is_marked ||= is_new;
		const folded = { key: `folded ${row.message.id}`, kind: 'folded', seq: row.seq,
			ids: [row.message.id] };
		rows.push(folded);
		before = { day, time, sender_id: null, row: folded };
	};
	for (const message of messages) {
		const row = row_of_message(message, user, state_of, original_of);
		row.hides_original = Boolean(row.original) && is_folded(row.original);
		add_calls(time_of(message).time);
		if (is_folded(message))
			add_folded(row);
		else
			add(row);
	}
	if (has_before)
		rows.splice(0, 1 + rows.findIndex(({ kind }) => kind === 'message' || kind === 'folded'));
	add_calls(Infinity);
	for (const item of pending)
		add(row_of_item(item, user, original_of));
	return rows;
}

function row_of_message(message, user, state_of, original_of) {
	const is_mine = Boolean(user) && message.sender?.id === user.id;

	return {
		// my own message keeps the row it had while it was being sent
		key: is_mine && message.client_id ? `mine ${message.client_id}` : message.id,
		kind: 'message',
		is_mine,
		message,
		seq: message.seq,
		sender: message.sender,
		sender_id: message.sender?.id ?? '',
		state: is_mine ? state_of(message) : 'sent',
		error: null,
		original: original_of(message),
	};
}

function row_of_item(item, user, original_of) {
	return {
		key: `mine ${item.client_id}`,
		kind: 'message',
		is_mine: true,
		message: item,
		seq: Infinity,
		sender: user,
		sender_id: user.id,
		state: item.state,
		error: item.error,
		original: original_of(item),
	};
}

// The estimated height of a row that was never drawn.
export function guess_height(row) {
	if (row.kind !== 'message')
		return 48;
	const lines = (row.message.text ?? '').split('\n');
	const count = lines.reduce((sum, line) => sum + 1 + Math.floor(line.length / 60), 0);
	const more = (row.is_first ? (row.is_mine ? 9 : 27) : 0) + (row.original ? 46 : 0)
		+ (row.message.reactions?.length ? 36 : 0)
		+ (CARRIED[row.message.kind] ?? 0);
	return 16 + 21 * count + more;
}
