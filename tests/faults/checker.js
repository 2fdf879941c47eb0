// checker.js -- was the promise kept? Rules over a recorded history, in the manner of Jepsen.
//
// It is pure: no network, no clock. checker.test.js feeds it one planted fault of each kind.
//
// A history is that of one room:
//   sends      [{ client_id, user, text, attempts: [{ via, begin, end, outcome, code, id, seq }] }]
//              outcome: 'ack'; 'refused' (surely not done); 'mismatch' (the key is known with
//              another text); 'unknown' (the answer was lost). altered: the attempt sent another
//              text on purpose
//   changes    [{ type: 'edited', 'deleted' or 'reaction', id, text, outcome }]: requested changes
//              of messages; each edit has a text of its own, the others are requested once
//   bans       [{ user, banned, begin, end }]: what the moderator did, in order; times as above
//   listeners  [{ name, from, events }]: all events one person received, in order of arrival,
//              over all their connections; from: the seq after which they began
//   log        every event of the room, read at the end, when all is quiet
// All times are of one clock.

// The rules by name, with their meaning; judge() returns { rule: [violations] }.
export const RULES = {
	log_without_gap: 'the log counts 1, 2, 3 without gap or double',
	one_id: 'no id stands twice in the log',
	one_message_per_key: 'one sender\'s client_id stands in the log at most once',
	acked_is_in_log: 'what was acknowledged is in the log, as acknowledged',
	one_answer_per_key: 'every acknowledgement of one client_id names the same message',
	one_text_per_key: 'a client_id that was acknowledged is refused with another text',
	changes_are_in_log: 'acknowledged edits, deletions and reactions are in the log, once, '
		+ 'and none that nobody asked for',
	nothing_invented: 'every message in the log was sent, by that sender, with that text',
	refused_is_not_in_log: 'what was refused, and never in doubt, is not in the log',
	order_of_time: 'what was acknowledged before another was begun has the lower seq',
	heard_without_gap: 'a listener misses no event',
	heard_once: 'a listener gets no event twice',
	heard_in_order: 'a listener gets the events in the order of seq',
	heard_to_the_end: 'a listener has the last event of the log',
	heard_is_committed: 'what a listener gets is in the log, the same',
	banned_is_silent: 'between a ban and its end the log has nothing of the banned',
	banned_is_refused: 'what was begun after a ban was answered, and over before its end was '
		+ 'asked for, is not acknowledged',
	bans_are_in_log: 'the log has the bans and their ends, each once, in their order',
};

export function judge(history) {
	const broken = Object.fromEntries(Object.keys(RULES).map((rule) => [rule, []]));
	const say = (rule, what) => broken[rule].push(what);
	const place = new Map(history.log.map((event) => [event.seq, event]));
	const changed = texts_of_changed(history);

	judge_log(history, changed, say);
	judge_sends(history, place, changed, say);
	judge_changes(history, say);
	judge_time(history, say);
	for (const listener of history.listeners)
		judge_listener(listener, history.log, place, changed, say);
	judge_bans(history, say);
	return Object.fromEntries(Object.entries(broken).filter(([, list]) => list.length > 0));
}

// The log shows a message as it reads now: the texts that each changed message may have.
function texts_of_changed({ changes }) {
	const texts = new Map();

	for (const { type, id, text } of changes) {
		if (!texts.has(id))
			texts.set(id, new Set());
		if (type === 'edited')
			texts.get(id).add(text);
		if (type === 'deleted')
			texts.get(id).add('').add(null).add(undefined);
	}
	return texts;
}

function judge_log({ log, sends }, changed, say) {
	const sent = new Map(sends.map((s) => [`${s.user} ${s.client_id}`, s]));
	const keys = new Set();
	const ids = new Set();

	log.forEach((event, i) => {
		if (event.seq !== i + 1)
			say('log_without_gap', `place ${i + 1} holds seq ${event.seq}`);
		if (event.type !== 'message')
			return;
		const key = `${event.sender.id} ${event.client_id}`;
		if (keys.has(key))
			say('one_message_per_key', `seq ${event.seq}: ${key} again`);
		keys.add(key);
		if (ids.has(event.id))
			say('one_id', `seq ${event.seq}: id ${event.id} again`);
		ids.add(event.id);
		if (!sent.has(key) || (sent.get(key).text !== event.text
			&& !changed.get(event.id)?.has(event.text)))
			say('nothing_invented', `seq ${event.seq}: ${key} ${JSON.stringify(event.text)}`);
	});
}

function judge_sends({ sends, log }, place, changed, say) {
	const logged = new Set(log.filter((e) => e.type === 'message')
		.map((e) => `${e.sender.id} ${e.client_id}`));

	for (const send of sends) {
		const acks = send.attempts.filter((a) => a.outcome === 'ack');
		for (const ack of acks) {
			const event = place.get(ack.seq);
			if (ack.altered)
				say('one_text_per_key', `${send.client_id} with another text as seq ${ack.seq}`);
			if (event?.type !== 'message' || event.id !== ack.id
				|| (event.text !== send.text && !changed.get(event.id)?.has(event.text))
				|| event.sender.id !== send.user || event.client_id !== send.client_id)
				say('acked_is_in_log', `${send.client_id} as seq ${ack.seq}, id ${ack.id}; `
					+ `there is ${JSON.stringify(event)}`);
			if (ack.id !== acks[0].id || ack.seq !== acks[0].seq)
				say('one_answer_per_key', `${send.client_id}: ${acks[0].seq} and ${ack.seq}`);
		}
		const surely_refused = send.attempts.length > 0
			&& send.attempts.every((a) => a.outcome === 'refused');
		if (surely_refused && logged.has(`${send.user} ${send.client_id}`))
			say('refused_is_not_in_log', `${send.client_id}: ${send.attempts.map((a) => a.code)}`);
	}
}

// A message was committed between the start of its first attempt and its first acknowledgement.
function judge_time({ sends }, say) {
	const points = sends.flatMap((send) => {
		const ack = send.attempts.find((a) => a.outcome === 'ack');
		return ack ? [{
			begin: send.attempts[0].begin, end: ack.end, seq: ack.seq, name: send.client_id,
		}] : [];
	});
	const ended = [...points].sort((a, b) => a.end - b.end);
	let next = 0;
	let highest = { seq: 0 };

	for (const point of points.sort((a, b) => a.begin - b.begin)) {
		for (; next < ended.length && ended[next].end < point.begin; next++)
			if (ended[next].seq > highest.seq)
				highest = ended[next];
		if (point.seq < highest.seq)
			say('order_of_time', `${point.name} (seq ${point.seq}) was begun after `
				+ `${highest.name} (seq ${highest.seq}) was acknowledged`);
	}
}

function judge_changes({ changes, log }, say) {
	const known = new Map();
	const counts = (type, id) => {
		const key = `${type} ${id}`;
		if (!known.has(key))
			known.set(key, { asked: 0, acked: 0, logged: 0 });
		return known.get(key);
	};

	for (const { type, id, outcome } of changes) {
		counts(type, id).asked += outcome !== 'refused';
		counts(type, id).acked += outcome === 'ack';
	}
	for (const event of log)
		if (['edited', 'deleted', 'reaction'].includes(event.type))
			counts(event.type, event.id).logged++;
	for (const [key, { asked, acked, logged }] of known)
		if (logged < acked || logged > asked)
			say('changes_are_in_log', `${key}: asked ${asked}, acknowledged ${acked}, in the log ${logged}`);
}

// Hundreds of thousands of events are compared, mostly the same few objects.
const canonical = new WeakMap();

function text_of(value) {
	const keep = value && typeof value === 'object';
	const known = keep && canonical.get(value);
	if (known)
		return known;
	const text = JSON.stringify(sorted(value));
	if (keep)
		canonical.set(value, text);
	return text;
}

function same(a, b) {
	return a === b || text_of(a) === text_of(b);
}

// The members that stay when a message is changed later.
function unchanging({ text, data, mentions, edited_at, deleted_at, reactions, count, ...rest }) {
	return rest;
}

function agree(logged, heard, changed) {
	if (!logged)
		return false;
	return same(logged, heard)
		|| (changed.has(logged.id) && same(unchanging(logged), unchanging(heard)));
}

function sorted(value) {
	if (Array.isArray(value))
		return value.map(sorted);
	if (value && typeof value === 'object')
		return Object.fromEntries(Object.keys(value).sort().map((k) => [k, sorted(value[k])]));
	return value;
}

function judge_listener({ name, from, events }, log, place, changed, say) {
	const seen = new Set();
	let last = from;

	for (const event of events) {
		if (seen.has(event.seq)) {
			say('heard_once', `${name}: seq ${event.seq} again`);
			continue;
		}
		seen.add(event.seq);
		if (event.seq < last)
			say('heard_in_order', `${name}: seq ${event.seq} after ${last}`);
		last = Math.max(last, event.seq);
		if (!agree(place.get(event.seq), event, changed))
			say('heard_is_committed', `${name}: ${JSON.stringify(event)}, the log has `
				+ `${JSON.stringify(place.get(event.seq))}`);
	}
	for (let seq = from + 1; seq <= last; seq++)
		if (!seen.has(seq))
			say('heard_without_gap', `${name}: seq ${seq} is missing`);
	const end = log.at(-1)?.seq ?? 0;
	if (last < end)
		say('heard_to_the_end', `${name}: ends at ${last} of ${end}`);
}

function judge_bans({ log, bans, sends }, say) {
	const out = new Set();

	for (const event of log) {
		if (event.type === 'member' && event.action === 'banned')
			out.add(event.user.id);
		else if (event.type === 'member' && event.action === 'unbanned')
			out.delete(event.user.id);
		else if (event.type === 'message' && out.has(event.sender.id))
			say('banned_is_silent', `seq ${event.seq} of ${event.sender.id}`);
	}

	for (const user of new Set(bans.map((b) => b.user))) {
		const done = bans.filter((b) => b.user === user);
		const theirs = sends.filter((s) => s.user === user);
		const logged = log.filter((e) => e.type === 'member' && e.user.id === user
			&& ['banned', 'unbanned'].includes(e.action)).map((e) => e.action === 'banned');
		if (!same(logged, done.map((b) => b.banned)))
			say('bans_are_in_log', `${user}: ${logged.length} of ${done.length}`);
		done.forEach((ban, i) => {
			const over = done[i + 1]?.begin ?? Infinity;
			if (ban.banned)
				judge_ban(ban.end, over, theirs, say);
		});
	}
}

function judge_ban(from, to, sends, say) {
	for (const send of sends) {
		// a message first sent before the ban may be in the log already: a repeat may
		// confirm it
		if (send.attempts[0]?.begin <= from)
			continue;
		for (const a of send.attempts)
			if (a.outcome === 'ack' && a.end < to)
				say('banned_is_refused', `${send.client_id} acknowledged as seq ${a.seq}`);
	}
}

// Messages that an earlier attempt committed although its answer was lost: somebody already had
// an acknowledgement of a higher seq when the last attempt began.
function committed_unheard(sends) {
	const acks = sends.flatMap((s) => s.attempts.filter((a) => a.outcome === 'ack'))
		.sort((a, b) => a.end - b.end);
	const retried = sends.map((s) => s.attempts.filter((a) => a.outcome === 'ack')[0])
		.filter((ack, i) => ack && sends[i].attempts[0] !== ack)
		.sort((a, b) => a.begin - b.begin);
	let next = 0, highest = 0;

	return retried.filter((ack) => {
		for (; next < acks.length && acks[next].end < ack.begin; next++)
			highest = Math.max(highest, acks[next].seq);
		return ack.seq < highest;
	}).length;
}

// The sums over several rooms.
export function count_all(histories) {
	const sum = {};

	for (const history of histories)
		for (const [name, value] of Object.entries(count(history)))
			sum[name] = (sum[name] ?? 0) + value;
	return sum;
}

// Counts what happened, for the record, and so that an empty history does not pass for a good
// one.
export function count(history) {
	const attempts = history.sends.flatMap((s) => s.attempts);
	const acked = history.sends.filter((s) => s.attempts.some((a) => a.outcome === 'ack'));
	const messages = history.log.filter((e) => e.type === 'message');
	const doubtful = history.sends.filter((s) => s.attempts.some((a) => a.outcome === 'unknown'));
	const by = (via) => acked.filter((s) => s.attempts.find((a) => a.outcome === 'ack').via === via);

	return {
		messages_sent: history.sends.length,
		acknowledged: acked.length,
		acknowledged_by_rest: by('rest').length,
		acknowledged_live: by('live').length,
		answers_lost: attempts.filter((a) => a.outcome === 'unknown').length,
		sent_again: doubtful.filter((s) => s.attempts.length > 1).length,
		committed_but_unanswered: committed_unheard(history.sends)
			+ doubtful.filter((s) => !acked.includes(s) && messages.some((m) =>
				m.client_id === s.client_id && m.sender.id === s.user)).length,
		never_answered: doubtful.filter((s) => !acked.includes(s)).length,
		refused: history.sends.filter((s) => s.attempts.every((a) => a.outcome === 'refused')).length,
		mismatches_refused: attempts.filter((a) => a.outcome === 'mismatch').length,
		changes: history.changes.filter((c) => c.outcome === 'ack').length,
		bans: history.bans.filter((b) => b.banned).length,
		in_log: messages.length,
		events_in_log: history.log.length,
		events_heard: history.listeners.reduce((n, l) => n + l.events.length, 0),
	};
}
