// The store: the room log's rule, and what a list of rooms makes of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Store } from '../../web/core/store.js';

const ME = { id: 'me', login: 'me' };
const OTHER = { id: 'other', login: 'other' };

const message = (seq, sender = OTHER, more = {}) => ({
	type: 'message', room_id: 'r', seq, id: `m${seq}`, sender, text: `text ${seq}`,
	created_at: new Date(seq * 1000).toISOString(), ...more,
});

const room = (more = {}) => ({
	id: 'r', name: 'r', kind: 'group', seq: 2, epoch: 'e', member_count: 2, last_message: null,
	created_at: '2026-01-01T00:00:00.000Z',
	me: { role: 'member', read_seq: 2, unread: 0, mentions: 0 }, ...more,
});

function world() {
	const store = new Store();
	const told = [];

	store.signed_in(ME);
	store.rooms_read([room()]);
	store.history_read('r', { epoch: 'e', seq: 2, has_before: false, items: [message(1), message(2)] });
	store.addEventListener('change', ({ detail }) => told.push(detail.what));
	return { store, told, seqs: () => store.timelines.get('r').messages.map((m) => m.seq) };
}

test('the next event is applied, a known one dropped, one too far reported', () => {
	const { store, told, seqs } = world();

	assert.equal(store.event_came(message(2)), 'known');
	assert.equal(store.event_came(message(4)), 'gap');
	assert.deepEqual(seqs(), [1, 2]);
	assert.equal(store.rooms.get('r').last_message.seq, 4, 'the list shows it all the same');
	told.length = 0;
	assert.equal(store.event_came(message(2)), 'known');
	assert.deepEqual(told, []);
	assert.equal(store.event_came(message(3)), 'applied');
	assert.equal(store.event_came(message(4)), 'applied');
	assert.deepEqual(seqs(), [1, 2, 3, 4]);
	assert.equal(store.event_came({ ...message(9), room_id: 'nowhere' }), 'closed');
});

test('a reaction that may not be seen takes its number and changes nothing', () => {
	const { store } = world();
	const bare = { user_id: null, emoji: null, on: null, count: null };

	store.event_came({ type: 'reaction', room_id: 'r', seq: 3, id: 'm2', user_id: 'other', emoji: 'x', on: true,
		count: 1 });
	assert.equal(store.event_came({ type: 'reaction', room_id: 'r', seq: 4, id: 'm2', ...bare }), 'applied');
	assert.deepEqual(store.timelines.get('r').messages[1].reactions, [{ emoji: 'x', count: 1, mine: false }]);
	assert.equal(store.event_came(message(5)), 'applied');
});

test('every event takes a number, whatever it changes', () => {
	const { store, seqs } = world();

	store.event_came({ type: 'edited', room_id: 'r', seq: 3, id: 'm2', text: 'new',
		edited_at: '2026-01-01T00:00:01.000Z' });
	store.event_came({ type: 'reaction', room_id: 'r', seq: 4, id: 'm2', emoji: 'x', on: true });
	store.event_came({ type: 'deleted', room_id: 'r', seq: 5, id: 'm1',
		created_at: '2026-01-01T00:00:02.000Z' });
	store.event_came({ type: 'member', room_id: 'r', seq: 6, user: OTHER, action: 'left' });
	store.event_came({ type: 'room', room_id: 'r', seq: 7, room: { name: 'renamed' } });
	store.event_came({ type: 'something new', room_id: 'r', seq: 8 });
	assert.equal(store.event_came(message(9)), 'applied');
	assert.deepEqual(seqs(), [1, 2, 9]);
	const [first, second] = store.timelines.get('r').messages;
	assert.equal(first.text, null);
	assert.equal(first.deleted_at, '2026-01-01T00:00:02.000Z');
	assert.equal(second.text, 'new');
	assert.equal(store.rooms.get('r').name, 'renamed');
	assert.equal(store.rooms.get('r').member_count, 1);
	assert.equal(store.rooms.get('r').seq, 9);
});

test('a message of somebody else counts as unread until it is seen; mine does not', () => {
	const { store } = world();
	const me = () => store.rooms.get('r').me;

	store.event_came(message(3));
	store.event_came(message(4));
	assert.equal(me().unread, 2);
	assert.equal(store.unread, 2);
	assert.equal(store.room_seen('r', 4), true);
	assert.equal(store.room_seen('r', 4), false);
	assert.equal(store.room_seen('r', 3), false);
	assert.equal(me().unread, 0);
	store.event_came(message(5, ME));
	assert.equal(me().unread, 0);
});

test('what the server counted before it knew what I read does not count', () => {
	const { store } = world();
	store.event_came(message(3));
	store.event_came(message(4));
	store.room_seen('r', 4);

	store.room_told('r', { unread: 2, mentions: 1, read_seq: 2 });
	assert.equal(store.rooms.get('r').me.unread, 0);
	store.room_told('r', { unread: 3 });
	assert.equal(store.rooms.get('r').me.unread, 3, 'news beside the log');
	store.room_told('r', { unread: 0, read_seq: 9 });
	assert.equal(store.rooms.get('r').me.read_seq, 9, 'read elsewhere');
});

test('older pages go in front, without doubles', () => {
	const store = new Store();
	store.signed_in(ME);
	store.history_read('r', { epoch: 'e', seq: 9, has_before: true, items: [message(8), message(9)] });

	store.page_read('r', 'before',
		{ items: [message(6), message(7), message(8)], has_before: true });
	store.page_read('r', 'before', { items: [message(5)], has_before: false });
	const timeline = store.timelines.get('r');
	assert.deepEqual(timeline.messages.map((m) => m.seq), [5, 6, 7, 8, 9]);
	assert.equal(timeline.has_before, false);
});

test('a long timeline is cut above, and comes back from history', () => {
	const store = new Store();
	store.signed_in(ME);
	store.history_read('r', { epoch: 'e', seq: 500, has_before: false,
		items: Array.from({ length: 500 }, (_, i) => message(i + 1)) });

	store.timeline_trimmed('r');
	const timeline = store.timelines.get('r');
	assert.equal(timeline.messages.at(-1).seq, 500);
	assert.ok(timeline.messages.length <= 300);
	assert.equal(timeline.has_before, true);
	assert.equal(timeline.last, 500);
});

// A person reads messages 10 to 12 of 20.
function far_above() {
	const { store } = world();
	store.rooms_read([room({ seq: 20, me: { role: 'member', read_seq: 9, unread: 11, mentions: 0 } })]);
	store.history_read('r', { epoch: 'e', seq: 20, has_before: true, has_after: true,
		items: [message(10), message(11), message(12)] });
	const timeline = () => store.timelines.get('r');
	return { store, timeline, seqs: () => timeline().messages.map((m) => m.seq) };
}

test('who reads far above misses nothing of what is said meanwhile', () => {
	const { store, timeline, seqs } = far_above();

	assert.equal(store.event_came(message(21)), 'applied');
	store.event_came({ type: 'edited', room_id: 'r', seq: 22, id: 'm11', text: 'new' });
	assert.deepEqual(seqs(), [10, 11, 12], 'it comes from history');
	assert.equal(timeline().messages[1].text, 'new');
	assert.equal(timeline().last, 22);
	assert.equal(store.rooms.get('r').me.unread, 12, 'and is counted');

	store.page_read('r', 'after', { seq: 20, has_after: false,
		items: [13, 14, 15, 16, 17, 18, 19, 20].map((seq) => message(seq)) });
	assert.equal(timeline().has_after, true, 'read before the last one was said');
	store.event_came(message(23));
	store.page_read('r', 'after', { seq: 23, has_after: false, items: [message(21), message(23)] });
	assert.equal(timeline().has_after, false);
	store.event_came(message(24));
	assert.deepEqual(seqs(), [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24]);
});

test('a page that is ahead of the log shows nothing twice', () => {
	const { store, timeline, seqs } = far_above();

	store.elsewhere_read('r', { seq: 22, has_before: true, has_after: false,
		items: [message(21), message(22)] });
	store.event_came(message(21));
	store.event_came(message(22));
	store.event_came(message(23));
	assert.deepEqual(seqs(), [21, 22, 23]);
	assert.equal(timeline().last, 23);
});

test('a long stretch is cut on both sides of who reads', () => {
	const { store } = world();
	store.history_read('r', { epoch: 'e', seq: 1000, has_before: false, has_after: false,
		items: Array.from({ length: 1000 }, (_, i) => message(i + 1)) });

	store.timeline_trimmed('r', 500);
	const timeline = store.timelines.get('r');
	assert.ok(timeline.messages.length <= 300);
	assert.ok(timeline.messages[0].seq < 400 && timeline.messages.at(-1).seq > 600);
	assert.deepEqual([timeline.has_before, timeline.has_after], [true, true]);
	store.timeline_trimmed('r');
	assert.equal(store.timelines.get('r'), undefined, 'nobody there: the newest is read anew');
});

test('reading some leaves the rest unread', () => {
	const { store } = far_above();
	const { me } = store.rooms.get('r');

	me.mentions = 2;
	store.timelines.get('r').messages[1].mentions = ['me'];
	assert.equal(store.room_seen('r', 11), true);
	assert.deepEqual([me.read_seq, me.unread, me.mentions], [11, 9, 1]);
	store.room_seen('r', 20);
	assert.deepEqual([me.read_seq, me.unread, me.mentions], [20, 0, 0]);
});

test('reactions follow the log, mine marked, in the order they came', () => {
	const { store } = world();
	const react = (seq, emoji, on, count, user_id) => store.event_came({
		type: 'reaction', room_id: 'r', seq, id: 'm2', emoji, on, count, user_id });
	const now = () => store.timelines.get('r').messages[1].reactions;

	react(3, '👍', true, 1, 'other');
	react(4, '🎉', true, 1, 'me');
	react(5, '👍', true, 2, 'me');
	assert.deepEqual(now(), [{ emoji: '👍', count: 2, mine: true },
		{ emoji: '🎉', count: 1, mine: true }]);
	react(6, '🎉', false, 0, 'me');
	react(7, '👍', false, 1, 'other');
	assert.deepEqual(now(), [{ emoji: '👍', count: 1, mine: true }]);
});

test('rooms are ordered by their last message, or else their making', () => {
	const { store } = world();

	store.rooms_read([
		room({ id: 'old', created_at: '2026-01-01T00:00:00.000Z' }),
		room({ id: 'busy', created_at: '2025-01-01T00:00:00.000Z',
			last_message: { created_at: '2026-03-01T00:00:00.000Z' } }),
		room({ id: 'new', created_at: '2026-02-01T00:00:00.000Z' }),
	]);
	assert.deepEqual(store.sorted_rooms.map((r) => r.id), ['busy', 'new', 'old']);
});

test('a list that was read before the last event does not undo it', () => {
	const { store } = world();
	store.event_came(message(3));
	store.room_seen('r', 3);

	store.rooms_read([room({ seq: 2, name: 'newer name' })]);
	assert.equal(store.rooms.get('r').last_message.seq, 3);
	assert.equal(store.rooms.get('r').me.read_seq, 3);
	assert.equal(store.rooms.get('r').name, 'newer name');

	store.rooms_read([room({ seq: 1, epoch: 'another' })]);
	assert.equal(store.rooms.get('r').seq, 1, 'but another epoch does');
});

test('what I wrote stands in order of writing, until the log shows it', () => {
	const { store, seqs } = world();
	const confirmed = [];
	store.addEventListener('confirmed', ({ detail }) => confirmed.push(...detail));
	const item = (client_id, order, state) =>
		({ client_id, room_id: 'r', order, state, text: client_id, seq: null });

	store.pending_changed(item('b', 2, 'waiting'));
	store.pending_changed(item('a', 1, 'waiting'));
	assert.deepEqual(store.pending_of('r').map((i) => i.client_id), ['a', 'b']);
	store.event_came(message(3, OTHER, { client_id: 'a' }));
	assert.deepEqual(confirmed, [], 'the same word of somebody else is not mine');
	store.event_came(message(4, ME, { client_id: 'a' }));
	assert.deepEqual(confirmed, ['a']);
	assert.deepEqual(store.pending_of('r').map((i) => i.client_id), ['b']);
	store.pending_changed(item('a', 1, 'sent'));
	assert.deepEqual(store.pending_of('r').map((i) => i.client_id), ['b'],
		'an answer that comes after the log shows nothing twice');
	store.history_read('r', { epoch: 'e', seq: 5, has_before: false,
		items: [message(5, ME, { client_id: 'b' })] });
	assert.deepEqual(confirmed, ['a', 'b']);
	assert.deepEqual(store.pending_of('r'), []);
	assert.deepEqual(seqs(), [5]);
});

test('an acknowledged message that fell off the newest page is not shown for ever', () => {
	const { store } = world();

	store.pending_changed({ client_id: 'a', room_id: 'r', order: 1, state: 'sent', seq: 3 });
	assert.equal(store.pending_of('r').length, 1);
	store.history_read('r', { epoch: 'e', seq: 90, has_before: true, items: [message(90)] });
	assert.deepEqual(store.pending_of('r'), []);
});

test('an edit without words leaves a text as it was, and takes the caption of a file', () => {
	const { store } = world();
	const veiled = (seq, id) => ({ room_id: 'r', seq, type: 'edited', id, text: null,
		mentions: [], edited_at: 'now' });

	store.history_read('r', { epoch: 'e', seq: 2, has_before: false,
		items: [message(1), { ...message(2), kind: 'file', data: { file_id: 'f' } }] });
	const [{ id, text }, file] = store.timelines.get('r').messages;
	store.event_came(veiled(3, id));
	store.event_came(veiled(4, file.id));
	assert.deepEqual(store.timelines.get('r').messages.map((m) => m.text), [text, null]);
});

test('an event that changes what of the history one may see is told of, and no other', () => {
	const { store } = world();
	const changed = (seq, settings) => store.event_came({ room_id: 'r', seq, type: 'room',
		room: { name: 'r', ...settings && { settings } } });

	store.room_added({ id: 'r', epoch: 'e', seq: 2, settings: { history: 'all' } });
	store.room_opened('r');
	store.history_read('r', { epoch: 'e', seq: 2, has_before: false, items: [message(2)] });
	store.original_read('r', 'm1', message(1));
	assert.equal(changed(3, null), 'applied');
	assert.equal(changed(4, { history: 'all', slow_mode_s: 5 }), 'applied');
	assert.equal(store.originals.size, 1);
	assert.equal(changed(5, { history: 'since_join' }), 'outdated');
	assert.equal(store.originals.size, 0);
	assert.equal(store.rooms.get('r').is_stale, true);
	assert.ok(store.timelines.has('r'), 'is shown until it is read again');
	store.room_opened(null);
	assert.equal(changed(6, { history: 'since_join' }), 'outdated');
	assert.ok(!store.timelines.has('r'));
});

test('signing out leaves nothing', () => {
	const { store } = world();
	store.draft_changed('r', { text: 'half a thought', reply_to: null });
	store.pending_changed({ client_id: 'a', room_id: 'r', order: 1, state: 'waiting' });
	store.room_opened('r');

	store.signed_out('signed_out');
	assert.equal(store.user, null);
	for (const map of ['rooms', 'timelines', 'pending', 'drafts'])
		assert.equal(store[map].size, 0, map);
	assert.equal(store.current, null);
	assert.equal(store.rooms_known, false);
});
