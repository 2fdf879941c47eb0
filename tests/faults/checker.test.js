// The checker notices each kind of fault, and only faults: one planted fault a rule.

import assert from 'node:assert/strict';
import { it } from 'node:test';

import { count, judge, RULES } from './checker.js';

const person = (id) => ({ id, login: id, name: id, avatar_url: null });

function message(seq, user, key, text) {
	return { type: 'message', seq, id: `id-${seq}`, sender: person(user), client_id: key, text };
}

function member(seq, user, action) {
	return { type: 'member', seq, user: person(user), action };
}

// Ann and Bob write; Bob is banned and unbanned; two listeners receive everything.
function good() {
	const log = [
		member(1, 'ann', 'joined'), member(2, 'bob', 'joined'),
		message(3, 'ann', 'a1', 'one'), message(4, 'bob', 'b1', 'two'),
		member(5, 'bob', 'banned'), message(6, 'ann', 'a2', 'three'),
		member(7, 'bob', 'unbanned'), message(8, 'bob', 'b3', 'four'),
		message(9, 'ann', 'a3', 'five'),
	];
	const attempt = (begin, outcome, more = {}) => ({ via: 'rest', begin, end: begin + 5, outcome, ...more });
	const acked = (begin, seq, via = 'rest') => attempt(begin, 'ack', { via, id: `id-${seq}`, seq });
	return {
		sends: [
			{ client_id: 'a1', user: 'ann', text: 'one', attempts: [acked(10, 3)] },
			{ client_id: 'b1', user: 'bob', text: 'two', attempts: [
				attempt(20, 'unknown'), acked(26, 4), acked(33, 4, 'live')] },
			{ client_id: 'b2', user: 'bob', text: 'silenced', attempts: [
				attempt(50, 'refused', { code: 'forbidden' })] },
			{ client_id: 'a2', user: 'ann', text: 'three', attempts: [acked(60, 6, 'live')] },
			{ client_id: 'b3', user: 'bob', text: 'four', attempts: [acked(80, 8)] },
			{ client_id: 'a3', user: 'ann', text: 'five', attempts: [attempt(90, 'unknown')] },
			{ client_id: 'a4', user: 'ann', text: 'lost', attempts: [attempt(96, 'unknown')] },
		],
		changes: [],
		bans: [
			{ user: 'bob', banned: true, begin: 40, end: 45 },
			{ user: 'bob', banned: false, begin: 70, end: 75 },
		],
		listeners: [
			{ name: 'early', from: 0, events: structuredClone(log) },
			{ name: 'late', from: 4, events: structuredClone(log.slice(4)) },
		],
		log,
	};
}

it('a history in which all went well breaks no rule', () => {
	assert.deepEqual(judge(good()), {});
});

it('an edit shows in the log as the message reads now, and who heard it before heard well', () => {
	const history = good();
	history.changes.push({ type: 'edited', id: 'id-3', text: 'ONE', outcome: 'ack' });
	Object.assign(history.log[2], { text: 'ONE', edited_at: 'later' });
	history.log.push({ type: 'edited', seq: 10, id: 'id-3', text: 'ONE', edited_at: 'later' });
	history.listeners.forEach((l) => l.events.push(structuredClone(history.log.at(-1))));
	assert.deepEqual(judge(history), {});
	history.log[2].text = 'two';
	assert.deepEqual(Object.keys(judge(history)).sort(), ['acked_is_in_log', 'nothing_invented']);
});

it('the counts are those of the history', () => {
	const said = count(good());
	assert.equal(said.messages_sent, 7);
	assert.equal(said.acknowledged, 4);
	assert.equal(said.acknowledged_live, 1);
	assert.equal(said.never_answered, 2);
	assert.equal(said.committed_but_unanswered, 1);
	assert.equal(said.refused, 1);
	assert.equal(said.bans, 1);
	assert.equal(said.events_heard, 14);
});

// Changes every copy of the log, so that only the rule in question sees a difference.
function in_log(history, change) {
	change(history.log);
	for (const listener of history.listeners)
		change(listener.events);
}

const renumber = (list, from) => list.forEach((e) => {
	if (e.seq >= from)
		e.seq++;
});

const planted = [
	['log_without_gap', 'a number that the log passes over', (h) => {
		in_log(h, (list) => renumber(list, 9));
		h.listeners.forEach((l) => l.events.push(member(9, 'eve', 'joined')));
	}],
	['log_without_gap', 'a log that begins at 2', (h) => in_log(h, (list) => renumber(list, 1))],
	['one_id', 'two messages with one id', (h) => in_log(h, (list) => {
		list.find((e) => e.seq === 9).id = 'id-8';
	})],
	['one_message_per_key', 'a message written twice under one client_id', (h) => in_log(h,
		(list) => list.push({ ...message(10, 'ann', 'a3', 'five') }))],
	['acked_is_in_log', 'an acknowledgement before the commit: the message was lost', (h) => in_log(h,
		(list) => {
			const event = list.find((e) => e.seq === 6);
			list.splice(list.indexOf(event), 1, member(6, 'eve', 'joined'));
		})],
	['acked_is_in_log', 'an acknowledgement with another seq', (h) => {
		h.sends[3].attempts[0].seq = 9;
	}],
	['acked_is_in_log', 'an acknowledgement beyond the log', (h) => {
		h.sends[4].attempts[0].seq = 99;
	}],
	['one_answer_per_key', 'a repeat that was stored as another message', (h) => {
		h.sends[1].attempts[2].id = 'id-9';
	}],
	['nothing_invented', 'a message that nobody sent', (h) => in_log(h,
		(list) => list.push(message(10, 'ann', 'x9', 'who said that')))],
	['nothing_invented', 'a text that changed on the way', (h) => {
		h.sends[5].text = 'fünf';
	}],
	['nothing_invented', 'a message under another name', (h) => in_log(h, (list) => {
		list.find((e) => e.seq === 9).sender = person('eve');
	})],
	['one_text_per_key', 'another text that was acknowledged under the same key', (h) => {
		h.sends[1].attempts[2].altered = true;
	}],
	['changes_are_in_log', 'an edit that was acknowledged and is nowhere', (h) => {
		h.changes.push({ type: 'edited', id: 'id-3', text: 'ONE', outcome: 'ack' });
	}],
	['changes_are_in_log', 'a deletion that was done twice', (h) => {
		h.changes.push({ type: 'deleted', id: 'id-3', outcome: 'ack' });
		in_log(h, (list) => list.push({ type: 'deleted', seq: 10, id: 'id-3' },
			{ type: 'deleted', seq: 11, id: 'id-3' }));
	}],
	['refused_is_not_in_log', 'a message that was refused and stored', (h) => in_log(h,
		(list) => list.push(message(10, 'bob', 'b2', 'silenced')))],
	['order_of_time', 'a message before one that was acknowledged when it was begun', (h) => {
		h.sends[0].attempts[0].begin = 30;
		h.sends[0].attempts[0].end = 60;
		h.sends[1].attempts[0].begin = 20;
		h.sends[1].attempts[1].end = 29;
	}],
	['heard_without_gap', 'one event passed over on resume', (h) => {
		h.listeners[0].events.splice(4, 1);
	}],
	['heard_without_gap', 'the first of what was missed passed over', (h) => {
		h.listeners[1].events.shift();
	}],
	['heard_once', 'one event delivered twice', (h) => {
		h.listeners[1].events.splice(3, 0, structuredClone(h.listeners[1].events[2]));
	}],
	['heard_once', 'all of a page delivered again after a reconnect', (h) => {
		h.listeners[0].events.push(...structuredClone(h.log.slice(6)));
	}],
	['heard_in_order', 'two events the wrong way round', (h) => {
		const { events } = h.listeners[0];
		[events[3], events[4]] = [events[4], events[3]];
	}],
	['heard_to_the_end', 'the last event never came', (h) => {
		h.listeners[0].events.pop();
	}],
	['heard_to_the_end', 'a listener who heard nothing', (h) => {
		h.listeners[1].events = [];
	}],
	['heard_is_committed', 'delivered what was rolled back', (h) => {
		h.listeners[0].events.push(message(10, 'ann', 'a4', 'lost'));
	}],
	['heard_is_committed', 'delivered another event under that seq', (h) => {
		h.listeners[0].events[8] = message(9, 'ann', 'a4', 'lost');
	}],
	['heard_is_committed', 'delivered another text', (h) => {
		h.listeners[1].events.at(-1).text = 'FIVE';
	}],
	['banned_is_silent', 'a message of the banned, stored after the ban', (h) => in_log(h, (list) => {
		const [ban, text] = [list.find((e) => e.seq === 5), list.find((e) => e.seq === 6)];
		text.sender = person('bob');
		assert.ok(ban);
	})],
	['banned_is_refused', 'an acknowledgement to the banned', (h) => {
		Object.assign(h.sends[2].attempts[0], { outcome: 'ack', id: 'id-6', seq: 6 });
	}],
	['bans_are_in_log', 'a ban that the log does not know', (h) => in_log(h, (list) => {
		list.find((e) => e.seq === 5).action = 'joined';
	})],
	['bans_are_in_log', 'a ban that stands twice', (h) => in_log(h,
		(list) => list.push(member(10, 'bob', 'banned')))],
];

for (const [rule, what, plant] of planted)
	it(`${rule} is broken by ${what}`, () => {
		const history = structuredClone(good());
		plant(history);
		assert.ok(rule in judge(history), `found only ${JSON.stringify(judge(history))}`);
	});

it('every rule has a planted fault', () => {
	assert.deepEqual([...new Set(planted.map(([rule]) => rule))].sort(), Object.keys(RULES).sort());
});

it('a long history is judged in time that grows with it', () => {
	const history = { sends: [], changes: [], bans: [], log: [], listeners: [] };
	for (let seq = 1; seq <= 50000; seq++) {
		history.log.push(message(seq, 'ann', `k${seq}`, 'x'));
		history.sends.push({ client_id: `k${seq}`, user: 'ann', text: 'x', attempts: [
			{ via: 'rest', begin: seq, end: seq + 3, outcome: 'ack', id: `id-${seq}`, seq }] });
	}
	history.listeners.push({ name: 'all', from: 0, events: history.log });
	assert.deepEqual(judge(history), {});
});
