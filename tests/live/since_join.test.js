// Rooms whose members see only what was sent since they joined: neither an edit nor a reaction
// reveals older messages, on any path, and everybody still receives every number.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { end_streams, follow, NDJSON, PLAIN, SSE } from '../lib/stream.js';

let server, ann, bob, eve, room, old, came;

before(async () => {
	server = await shared();
	[ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((n) => actor(server, n)));
});
afterEach(() => {
	end_all();
	end_streams();
});
after(end_all);

const set = (history) =>
	ann.want(200, 'PUT', `/rooms/${room.id}`, { body: { settings: { history } } });
const edit = (message, text) => ann.want(200, 'PUT', `/messages/${message.id}`, { body: { text } });
const seq_now = async () => (await ann.get(`/rooms/${room.id}`)).seq;

// Ann and Bob are members, something was posted, then Eve joined.
async function arrange(history) {
	room = await ann.room({ member_ids: [bob.id] });
	await set(history);
	old = await ann.post(room.id, 'before eve');
	await eve.join(room.id);
	came = await seq_now();
}

async function listen(who, fields = {}) {
	const line = await live(server, { token: who.token });

	await line.join(room.id, fields);
	return line;
}

async function heard(line, seq) {
	await line.find((f) => f.room_id === room.id && f.seq === seq && f.created_at && !f.ref, `event ${seq}`);
	return line.events(room.id);
}

// An edit as shown to members who may see the message, and to those who may not.
const told = (e) => ({ type: e.type, id: e.id, text: e.text, mentions: e.mentions });
const open = (message, text, mentions = []) => ({ type: 'edited', id: message.id, text, mentions });
const bare = (message) => open(message, null);

const whole = (events, first, last) => assert.deepEqual(events.map((e) => e.seq),
	Array.from({ length: last - first + 1 }, (_, i) => first + i));

describe('an edit of what was said before one came', () => {
	before(() => arrange('since_join'));

	it('is told live without its text; to the others, and of what came later, with it', async () => {
		const lines = await Promise.all([ann, bob, eve, eve].map((who) => listen(who)));
		const first = await seq_now() + 1;
		const said = await ann.post(room.id, 'to eve');
		await edit(old, `secret @${bob.login}`);
		await edit(said, 'to eve, again');
		const last = await ann.post(room.id, 'end');
		for (const [i, line] of lines.entries()) {
			const events = await heard(line, last.seq);
			whole(events, first, last.seq);
			assert.deepEqual(told(events[1]), i < 2 ? open(old, `secret @${bob.login}`, [bob.id]) : bare(old));
			assert.match(events[1].edited_at, /^\d{4}-/);
			assert.deepEqual(told(events[2]), open(said, 'to eve, again'));
		}
	});

	it('is found in the log, and by who resumes, without its text', async () => {
		await edit(old, 'another secret');
		const { seq } = await ann.post(room.id, 'end');
		for (const from of [0, came, seq - 2]) {
			const { items } = await eve.get(`/rooms/${room.id}/log?after=${from}&limit=100`);
			const events = await heard(await listen(eve, { after: from }), seq);
			assert.deepEqual(events, items, `after ${from}`);
			assert.deepEqual(told(events.at(-2)), bare(old));
			assert.doesNotMatch(JSON.stringify(events), /secret|before eve/);
		}
		for (const from of [came, seq - 2]) {
			const { items } = await bob.get(`/rooms/${room.id}/log?after=${from}&limit=100`);
			const events = await heard(await listen(bob, { after: from }), seq);
			assert.deepEqual(events, items, `after ${from}`);
			assert.deepEqual(told(events.at(-2)), open(old, 'another secret'));
		}
	});

	it('comes to many at once who came at different times: each is told what is theirs', async () => {
		const { seq: from } = await ann.post(room.id, 'mark');
		const late = [], messages = [old];
		for (let i = 0; i < 4; i++) {
			late.push(await actor(server, `late${i}`));
			await late[i].join(room.id);
			messages.push(await ann.post(room.id, `after ${i}`));
		}
		const before_edits = await seq_now();
		for (const [i, message] of messages.entries())
			await edit(message, `edit ${i}`);
		const { seq } = await ann.post(room.id, 'end');
		const all = [bob, ...late];
		const lines = await Promise.all(all.map((who) => listen(who, { after: before_edits })));
		for (const [i, line] of lines.entries()) {
			const events = await heard(line, seq);
			whole(events, before_edits + 1, seq);
			assert.deepEqual(events.slice(0, -1).map(told), messages.map((message, k) =>
				(k < i ? bare(message) : open(message, `edit ${k}`))), all[i].login);
		}
		assert.ok(from < before_edits);
	});

	for (const form of [SSE, NDJSON, PLAIN])
		it(`is told without its text in a stream of ${form}`, async () => {
			const one = await follow(server, room.id, { token: eve.token, form });
			const first = await seq_now() + 1;
			await edit(old, `secret in ${form}`);
			const { seq } = await ann.post(room.id, 'end');
			await one.at(seq);
			const again = await follow(server, room.id, { token: eve.token, form, query: { after: first - 1 } });
			await again.at(seq);
			for (const { text, ...stream } of [one, again]) {
				assert.doesNotMatch(text, /secret/);
				assert.match(text, form === PLAIN ? new RegExp(`\t${old.seq} was edited\n`) : /"edited"/);
				assert.ok(stream.items.length >= 2);
			}
			assert.deepEqual(one.seqs(), [first, seq]);
		});

	it('shows in no list, search, mention or activity of theirs either', async () => {
		const line = await live(server, { token: eve.token });
		const { unread } = (await eve.get(`/rooms/${room.id}`)).me;
		await edit(old, `needle @${eve.login}`);
		const reply = await ann.post(room.id, 'what I said', { reply_to: old.id });
		await line.find((f) => f.type === 'activity' && f.room_id === room.id && f.seq >= reply.seq, 'activity');
		assert.doesNotMatch(JSON.stringify(line.frames), /needle/);
		const seen = await eve.get(`/rooms/${room.id}`);
		assert.deepEqual([seen.me.unread, seen.me.mentions], [unread + 1, 0]);
		await eve.refused(404, 'not_found', 'GET', `/messages/${old.id}`);
		for (const path of ['/rooms', `/rooms/${room.id}`, `/rooms/${room.id}/messages?before=${came}`,
			`/rooms/${room.id}/messages?around=${old.seq}`, `/rooms/${room.id}/log?limit=100`,
			'/search?q=needle', `/search?q=needle&room_id=${room.id}`])
			assert.doesNotMatch(JSON.stringify(await eve.get(path)), /needle/, path);
	});
});

describe('a reaction to what was said before one came', () => {
	before(() => arrange('since_join'));

	const react = (who, message, emoji) => who.want(200, 'PUT', `/messages/${message.id}/reactions/${emoji}`);
	const take_back = (who, message, emoji) =>
		who.want(204, 'DELETE', `/messages/${message.id}/reactions/${emoji}`);
	const told_of = (e) => ({ id: e.id, user_id: e.user_id, emoji: e.emoji, on: e.on, count: e.count });
	const nothing = () => ({ id: old.id, user_id: null, emoji: null, on: null, count: null });
	const shown = (message, who, emoji, on, count) => ({ id: message.id, user_id: who.id, emoji, on, count });

	it('is told live, in the log, and to who resumes without who, what and how many', async () => {
		const lines = await Promise.all([bob, eve].map((who) => listen(who)));
		const from = await seq_now();
		const said = await ann.post(room.id, 'to eve');
		await react(bob, old, '🌹');
		await react(ann, old, '🌹');
		await take_back(bob, old, '🌹');
		await react(bob, said, '🌹');
		const { seq } = await ann.post(room.id, 'end');
		const whole_story = [shown(old, bob, '🌹', true, 1), shown(old, ann, '🌹', true, 2),
			shown(old, bob, '🌹', false, 1), shown(said, bob, '🌹', true, 1)];
		for (const [who, line, expected] of [[bob, lines[0], whole_story],
			[eve, lines[1], [nothing(), nothing(), nothing(), whole_story[3]]]]) {
			const { items } = await who.get(`/rooms/${room.id}/log?after=${from}`);
			const again = await heard(await listen(who, { after: from }), seq);
			const events = (await heard(line, seq)).filter((e) => e.seq > from);
			for (const list of [events, items, again]) {
				whole(list, from + 1, seq);
				assert.deepEqual(list.filter((e) => e.type === 'reaction').map(told_of), expected);
			}
		}
	});

	for (const form of [SSE, NDJSON, PLAIN])
		it(`is told in a stream of ${form} without the emoji`, async () => {
			const one = await follow(server, room.id, { token: eve.token, form });
			const first = await seq_now() + 1;
			await react(bob, old, `x${form.length}`);
			const { seq } = await ann.post(room.id, 'end');
			await one.at(seq);
			const again = await follow(server, room.id, { token: eve.token, form, query: { after: first - 1 } });
			await again.at(seq);
			for (const { text, ...stream } of [one, again]) {
				assert.ok(!text.includes(`x${form.length}`) && !text.includes(bob.id), text);
				assert.match(text, form === PLAIN
					? new RegExp(`\t${old.seq} got or lost a reaction\n`) : /"reaction"/);
				assert.ok(stream.items.length >= 2);
			}
			assert.deepEqual(one.seqs(), [first, seq]);
		});
});

describe('a reply to what was said before one came', () => {
	before(() => arrange('since_join'));

	it('is refused like a reply to what does not exist', async () => {
		const none = randomUUID();
		const answers = await Promise.all([old.id, none].map((reply_to) =>
			eve.refused(422, 'invalid', 'POST', `/rooms/${room.id}/messages`, { body: { text: 'x', reply_to } })));
		const [to_old, to_none] = answers.map(({ body: { request_id, ...rest } }) => rest);
		assert.deepEqual(to_old, to_none);
		assert.deepEqual(answers[0].fields, ['reply_to']);

		const line = await live(server, { token: eve.token });
		await line.join(room.id);
		const first = await seq_now() + 1;
		const errors = [];
		for (const [i, reply_to] of [old.id, none].entries()) {
			line.send({ type: 'message', ref: `r${i}`, room_id: room.id, client_id: `c${i}`, text: `@${bob.login}`, reply_to });
			const { ref, ...rest } = await line.find((f) => f.type === 'error' && f.ref === `r${i}`, 'refusal');
			errors.push(rest);
		}
		assert.deepEqual(errors[0], errors[1]);

		const reply = await bob.post(room.id, 'bob was there', { reply_to: old.id });
		assert.deepEqual([reply.seq, reply.reply_to], [first, old.id]);
		const own = await eve.post(room.id, 'to bob', { reply_to: reply.id });
		assert.equal(own.reply_to, reply.id);
		await set('all');
		assert.equal((await eve.post(room.id, 'now', { reply_to: old.id })).reply_to, old.id);
	});
});

describe('where the setting changes', () => {
	it('what is edited is told as the setting is then, to who listens and to who comes back', async () => {
		await arrange('all');
		const line = await listen(eve);
		const first = await seq_now() + 1;
		await edit(old, 'one');
		await set('since_join');
		await edit(old, 'two');
		await set('all');
		await edit(old, 'three');
		await set('since_join');
		const { seq } = await ann.post(room.id, 'end');
		const events = await heard(line, seq);
		whole(events, first, seq);
		assert.deepEqual(events.filter((e) => e.type === 'edited').map(told),
			[open(old, 'one'), bare(old), open(old, 'three')]);

		// reading the log and resuming follow the present setting
		for (const from of [0, came, first, first + 1, first + 3, seq - 2]) {
			const { items } = await eve.get(`/rooms/${room.id}/log?after=${from}`);
			const again = await heard(await listen(eve, { after: from }), seq);
			assert.deepEqual(again, items, `after ${from}`);
			assert.doesNotMatch(JSON.stringify(again), /"(one|two|three)"/);
		}
	});

	it('back to all, everything is told again', async () => {
		await set('all');
		const from = came;
		await edit(old, 'for everybody');
		const { seq } = await ann.post(room.id, 'end');
		const events = await heard(await listen(eve, { after: from }), seq);
		whole(events, from + 1, seq);
		assert.deepEqual(told(events.at(-2)), open(old, 'for everybody'));
	});
});
