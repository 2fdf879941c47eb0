// room.js -- one room in the list of my rooms, and how the server's reports, the log and my
// reading change it. Plain functions that only the store calls.
//
// `seq`: of the last known event. `me`: my membership, with unread counts.

import { changed } from './stretch.js';

// When the last message was posted.
export const time_of = (room) => room.last_message?.created_at ?? room.created_at ?? '';

// Merges a room as just read with what we know: the log may be ahead of the answer.
export function newer(known, read) {
	if (!known || known.epoch !== read.epoch)
		return read;
	const room = { ...known, ...read, is_stale: false };

	if (known.seq > read.seq) {
		room.seq = known.seq;
		room.last_message = known.last_message;
		room.me = known.me ?? read.me;
	} else if (known.me?.read_seq > read.me?.read_seq) {
		room.me = known.me;
	}
	return room;
}

// What the server reports outside the log: counts, the last message.
export function tell_room(room, { unread, mentions, read_seq, ...rest }) {
	// an event other than a message may have changed the room itself: read it when it is
	// opened
	if (rest.last_message !== undefined && rest.seq > room.seq
		&& rest.last_message?.seq !== rest.seq)
		room.is_stale = true;
	Object.assign(room, rest);
	const { me } = room;
	// counted from the server's idea of my read position: ours may be further
	if (me && (read_seq ?? Infinity) >= me.read_seq) {
		me.unread = unread ?? me.unread;
		me.mentions = mentions ?? me.mentions;
		me.read_seq = read_seq ?? me.read_seq;
	}
}

// The timeline has read up to seq. Events that the list was not told of may have changed the
// room.
export function reads_log(room, seq) {
	if (room && seq > room.seq)
		room.is_stale = true;
}

// Applies a later event of its log. user_id: mine.
export function apply_to_room(room, event, user_id) {
	room.seq = event.seq;
	if (event.type === 'message') {
		room.last_message = event;
		if (room.me && event.sender?.id === user_id)
			read_all(room.me, event.seq);
		else if (room.me)
			count_unread(room.me, event, user_id);
	} else if (event.type === 'room') {
		const { me, last_message, seq, ...fields } = event.room;
		Object.assign(room, fields);
	} else if (event.type === 'member') {
		apply_member(room, event, user_id);
	} else if (room.last_message?.id === event.id) {
		room.last_message = changed(room.last_message, event, user_id);
	}
}

function count_unread(me, { mentions = [] }, user_id) {
	me.unread++;
	if (mentions.includes(user_id))
		me.mentions++;
}

function apply_member(room, event, user_id) {
	const step = { joined: 1, left: -1, banned: -1 }[event.action] ?? 0;

	if (room.member_count !== undefined)
		room.member_count += step;
	if (event.user.id === user_id && room.me) {
		room.me.role = event.role ?? room.me.role;
		room.me.muted_until = event.muted_until ?? null;
	}
}

// I have read everything.
export function read_all(me, seq) {
	me.read_seq = seq;
	me.unread = 0;
	me.mentions = 0;
}

// I have read up to seq: subtracts those of `messages` that were unread.
export function read_some(me, seq, messages, user_id) {
	const read = messages.filter((message) => message.seq > me.read_seq
		&& message.seq <= seq && message.sender?.id !== user_id);
	const named = read.filter(({ mentions }) => mentions?.includes(user_id));

	me.read_seq = seq;
	me.unread = Math.max(0, me.unread - read.length);
	me.mentions = Math.max(0, me.mentions - named.length);
}
