// room.js -- one room as the list of my rooms has it, and what the server's word, the log
// and my own reading make of it. Plain functions; the store alone calls them.
//
// `seq` is that of the last event heard of; `me` how I am in it, with what is unread.

import { changed } from './stretch.js';

// When something was said in it last.
export const time_of = (room) => room.last_message?.created_at ?? room.created_at ?? '';

// A room as just read, and as we know it: the log may have told us more since it was.
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

// What the server says of it beside its log: counts, the last message.
export function tell_room(room, { unread, mentions, read_seq, ...rest }) {
	// what is no message may have changed the room itself: read when it is opened
	if (rest.last_message !== undefined && rest.seq > room.seq
		&& rest.last_message?.seq !== rest.seq)
		room.is_stale = true;
	Object.assign(room, rest);
	const { me } = room;
	// counted from where the server knows me to be: we may know better
	if (me && (read_seq ?? Infinity) >= me.read_seq) {
		me.unread = unread ?? me.unread;
		me.mentions = mentions ?? me.mentions;
		me.read_seq = read_seq ?? me.read_seq;
	}
}

// Its log is read up to there. What it was before that nobody told may have changed the room.
export function reads_log(room, seq) {
	if (room && seq > room.seq)
		room.is_stale = true;
}

// A later event of its log. user_id: who I am.
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

// I have read all of it.
export function read_all(me, seq) {
	me.read_seq = seq;
	me.unread = 0;
	me.mentions = 0;
}

// Read up to there: of these messages, those that are new are not unread any more.
export function read_some(me, seq, messages, user_id) {
	const read = messages.filter((message) => message.seq > me.read_seq
		&& message.seq <= seq && message.sender?.id !== user_id);
	const named = read.filter(({ mentions }) => mentions?.includes(user_id));

	me.read_seq = seq;
	me.unread = Math.max(0, me.unread - read.length);
	me.mentions = Math.max(0, me.mentions - named.length);
}
