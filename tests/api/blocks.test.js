// What a block prevents, in both directions, whoever of the two made it; what it leaves alone;
// and that the refused person cannot tell it from a setting.

import assert from 'node:assert/strict';
import { afterEach, before, describe, it } from 'node:test';

import { end_all, here } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { shared } from '../lib/server.js';

let server;

before(async () => {
	server = await shared();
});
afterEach(end_all);

const keep = (who, other, fields = {}) =>
	who.want(201, 'POST', '/contacts', { body: { user_id: other.id, ...fields } });
const block = (who, other, blocked = true) => keep(who, other, { blocked });
const set = (who, settings) => who.want(200, 'PUT', '/users/me', { body: { settings } });
const two = () => Promise.all([actor(server, 'blocker'), actor(server, 'blocked')]);
const direct = (who, other) => who.room({ name: undefined, kind: 'direct', user_id: other.id });
const refused = (who, method, path, body) => who.refused(403, 'cannot_write', method, path, { body });
const member = async (who, room, other) =>
	(await who.get(`/rooms/${room.id}/members`)).items.find((m) => m.user.id === other.id);

// Both ways: the blocker and the blocked.
const ways = ([a, b]) => [[a, b], [b, a]];

describe('a block stops direct rooms', () => {
	it('no new one is opened, by either of the two, by id or by login', async () => {
		const pair = await two();
		await block(...pair);
		for (const [who, other] of ways(pair)) {
			await refused(who, 'POST', '/rooms', { kind: 'direct', user_id: other.id });
			await refused(who, 'POST', '/messages', { to: other.login, text: 'hello' });
			assert.deepEqual((await who.get('/rooms')).items.filter((r) => r.kind === 'direct'), []);
		}
	});

	it('nobody posts in the one there is, or opens it again, but both read it', async () => {
		const pair = await two();
		const room = await direct(...pair);
		await pair[0].post(room.id, 'before');
		await block(...pair);
		for (const [who, other] of ways(pair)) {
			await refused(who, 'POST', `/rooms/${room.id}/messages`, { text: 'after' });
			await refused(who, 'POST', '/messages', { to: other.login, text: 'after' });
			await refused(who, 'POST', '/rooms', { kind: 'direct', user_id: other.id });
			const { items } = await who.get(`/rooms/${room.id}/messages`);
			assert.deepEqual(items.map((m) => m.text), ['before']);
			assert.equal((await who.get(`/rooms/${room.id}`)).peer.id, other.id);
		}
	});

	it('nobody can say more there by editing or reacting, but can delete what they said', async () => {
		const pair = await two();
		const room = await direct(...pair);
		const said = [];
		for (const who of pair)
			said.push(await who.post(room.id, 'before'));
		const emoji = (m) => `/messages/${m.id}/reactions/${encodeURIComponent('👎')}`;
		for (const [i, who] of pair.entries())
			await who.want(200, 'PUT', emoji(said[1 - i]));
		await block(...pair);
		const { seq } = await pair[0].get(`/rooms/${room.id}`);
		for (const [i, who] of pair.entries()) {
			const live = await here(server, who);
			await refused(who, 'PUT', `/messages/${said[i].id}`, { text: 'and another thing' });
			await live.refused('cannot_write', { type: 'edit', id: said[i].id, text: 'more' });
			await refused(who, 'PUT', emoji(said[i]));
			await live.refused('cannot_write', { type: 'react', id: said[i].id, emoji: 'x' });
		}
		assert.equal((await pair[0].get(`/rooms/${room.id}`)).seq, seq);
		for (const [i, who] of pair.entries())
			await who.want(204, 'DELETE', emoji(said[1 - i]));
		for (const [i, who] of pair.entries())
			await who.want(204, 'DELETE', `/messages/${said[i].id}`);
	});

	it('and all of it comes back when it is lifted', async () => {
		const pair = await two();
		const room = await direct(...pair);
		await block(...pair);
		await block(...pair, false);
		for (const [who, other] of ways(pair)) {
			await who.post(room.id, 'again');
			assert.equal((await direct(who, other)).id, room.id);
		}
		await block(pair[1], pair[0]);
		await refused(pair[0], 'POST', `/rooms/${room.id}/messages`, { text: 'x' });
		await pair[1].want(204, 'DELETE', `/contacts/${pair[0].id}`);
		await pair[0].post(room.id, 'and again');
	});
});

describe('a block stops adding', () => {
	it('to a new room and to one there is, both ways', async () => {
		const pair = await two();
		await block(...pair);
		for (const [who, other] of ways(pair)) {
			await refused(who, 'POST', '/rooms', { kind: 'group', name: 'x', member_ids: [other.id] });
			const room = await who.room();
			await refused(who, 'POST', `/rooms/${room.id}/members`, { user_id: other.id });
			assert.equal((await who.get(`/rooms/${room.id}`)).member_count, 1);
		}
	});

	it('nor by a ban that is lifted again', async () => {
		const [who, other] = [await actor(server, 'who'), await actor(server, 'other')];
		const room = await who.room();
		const ban = (banned) => ['PUT', `/rooms/${room.id}/members/${other.id}`, { body: { banned } }];
		const seq = async () => (await who.get(`/rooms/${room.id}`)).seq;
		await who.want(200, ...ban(true));
		await block(other, who);
		const before = await seq();
		await who.refused(403, 'cannot_write', ...ban(false));
		assert.equal(await seq(), before);
		assert.deepEqual((await other.get('/rooms')).items, []);
		await who.want(204, 'DELETE', `/rooms/${room.id}/members/${other.id}`);
		assert.deepEqual((await other.get('/rooms')).items, []);
		// somebody who joins alone gets in, and can be unbanned once they let
		// themselves be added
		await other.join(room.id);
		await who.want(200, ...ban(true));
		await who.refused(403, 'cannot_write', ...ban(false));
		await block(other, who, false);
		assert.equal((await who.want(200, ...ban(false))).banned, false);
	});

	it('but not coming in by oneself', async () => {
		const pair = await two();
		await block(...pair);
		for (const [who, other] of ways(pair)) {
			const room = await who.room({ kind: 'public' });
			assert.equal((await other.join(room.id)).member_count, 2);
		}
	});
});

describe('a block stops mentions', () => {
	it('both ways, and of nobody else', async () => {
		const pair = await two();
		const third = await actor(server, 'third');
		const room = await pair[0].room({ member_ids: [pair[1].id, third.id] });
		await block(...pair);
		for (const [who, other] of ways(pair)) {
			const { mentions } = await who.post(room.id, `@${other.login} @${third.login}`);
			assert.deepEqual(mentions, [third.id]);
		}
		const { mentions } = await third.post(room.id, pair.map((p) => `@${p.login}`).join(' '));
		assert.deepEqual([...mentions].sort(), pair.map((p) => p.id).sort());
	});
});

describe('a block stops presence', () => {
	it('wherever somebody is shown: profile, search, list, members, the other of a direct room', async () => {
		const pair = await two();
		const group = await pair[0].room({ member_ids: [pair[1].id] });
		const room = await direct(...pair);
		for (const [who, other] of ways(pair)) {
			await here(server, who);
			await who.want(200, 'PUT', '/users/status', { body: { status: 'busy', text: 'in a meeting' } });
			await keep(who, other);
		}
		const shown = async (who, other) => [
			await who.get(`/users/${other.id}`),
			(await who.get(`/users/search?q=${other.login}`)).items[0],
			(await who.get(`/contacts/${other.id}`)).user,
			(await who.get('/contacts')).items[0].user,
			(await member(who, group, other)).user,
			(await member(who, room, other)).user,
			(await who.get(`/rooms/${room.id}`)).peer,
			(await who.get('/rooms')).items.find((r) => r.id === room.id).peer,
		];
		for (const blocked of [false, true, false]) {
			await block(...pair, blocked);
			for (const [who, other] of ways(pair))
				for (const user of await shown(who, other)) {
					assert.equal(user.login, other.login);
					assert.equal(user.status, blocked ? null : 'busy');
					assert.equal(user.status_text, blocked ? null : 'in a meeting');
					assert.equal(user.last_seen_at === null, blocked);
				}
		}
	});
});

describe('a block stops receipts', () => {
	it('neither is told how far the other has read, or what was delivered', async () => {
		const pair = await two();
		const room = await pair[0].room({ member_ids: [pair[1].id] });
		for (const who of pair)
			await who.post(room.id, 'so far');
		for (const [who, other] of ways(pair))
			assert.ok((await member(who, room, other)).read_seq > 0);
		await block(...pair);
		for (const [who, other] of ways(pair)) {
			const seen = await member(who, room, other);
			assert.deepEqual([seen.read_seq, seen.delivered_seq], [0, 0]);
			assert.ok((await member(who, room, who)).read_seq > 0);
		}
	});

	it('who sends none is not told of as a reader, but sees their own', async () => {
		const [who, other] = await two();
		const room = await who.room({ member_ids: [other.id] });
		await other.post(room.id, 'so far');
		await set(other, { send_receipts: false });
		assert.equal((await member(who, room, other)).read_seq, 0);
		assert.ok((await member(other, room, other)).read_seq > 0);
	});
});

describe('a block leaves alone', () => {
	it('the rooms that both are in: both post, both read the same log', async () => {
		const pair = await two();
		const room = await pair[0].room({ member_ids: [pair[1].id] });
		await block(...pair);
		for (const who of pair)
			await who.post(room.id, `of ${who.login}`);
		const [one, other] = await Promise.all(pair.map((who) => who.get(`/rooms/${room.id}/log?after=0`)));
		assert.deepEqual(one, other);
		for (const who of pair) {
			const { items } = await who.get(`/rooms/${room.id}/messages`);
			assert.deepEqual(items.map((m) => m.text), pair.map((p) => `of ${p.login}`));
		}
		assert.equal((await pair[0].get(`/rooms/${room.id}`)).member_count, 2);
	});

	it('what is found, and what a profile says but for presence', async () => {
		const pair = await two();
		const look = ([who, other]) => Promise.all([
			who.get(`/users/${other.id}`), who.get(`/users/search?q=${other.login}`)]);
		const before_it = await Promise.all(ways(pair).map(look));
		await block(...pair);
		assert.deepEqual(await Promise.all(ways(pair).map(look)), before_it);
	});
});

describe('who is refused', () => {
	it('is told the same, whether by a block of either or by a setting', async () => {
		const [who, other] = await two();
		const room = await direct(who, other);
		const tries = [
			['/rooms', { kind: 'direct', user_id: other.id }],
			[`/rooms/${room.id}/messages`, { text: 'x' }],
			['/messages', { to: other.login, text: 'x' }],
			['/rooms', { kind: 'group', name: 'x', member_ids: [other.id] }],
		];
		const told = async () => {
			const answers = [];
			for (const [path, body] of tries) {
				const { request_id, ...problem } = (await refused(who, 'POST', path, body)).body;
				assert.ok(request_id);
				answers.push(problem);
			}
			return answers;
		};
		await set(other, { who_can_write: 'nobody', who_can_add: 'nobody' });
		const by_setting = await told();
		await set(other, { who_can_write: 'contacts', who_can_add: 'contacts' });
		assert.deepEqual(await told(), by_setting);
		await set(other, null);
		await block(other, who);
		assert.deepEqual(await told(), by_setting);
		await block(other, who, false);
		await block(who, other);
		assert.deepEqual(await told(), by_setting);
	});

	it('under who_can_write is who the other does not keep; it holds for each message', async () => {
		const [who, other] = await two();
		const room = await direct(who, other);
		await set(other, { who_can_write: 'contacts' });
		await refused(who, 'POST', `/rooms/${room.id}/messages`, { text: 'x' });
		await keep(who, other);
		await refused(who, 'POST', `/rooms/${room.id}/messages`, { text: 'x' });
		await other.post(room.id, 'I may');
		await keep(other, who);
		await who.post(room.id, 'so may I');
		await set(other, { who_can_write: 'nobody' });
		await refused(who, 'POST', `/rooms/${room.id}/messages`, { text: 'x' });
	});

	it('under who_can_add likewise, and writing is another matter', async () => {
		const [who, other] = await two();
		await set(other, { who_can_add: 'contacts' });
		const room = await who.room();
		const add = [`/rooms/${room.id}/members`, { user_id: other.id }];
		await refused(who, 'POST', ...add);
		await direct(who, other);
		await keep(other, who);
		await who.want(201, 'POST', add[0], { body: add[1] });
	});
});

// How the other lists the person (not at all, as a contact, as blocked), with each setting.
describe('the settings of the other', () => {
	const reach = ['everyone', 'contacts', 'nobody'];
	const allows = (setting, held) => held !== true
		&& (setting === 'everyone' || (setting === 'contacts' && held === false));
	const answers = async (who, tries) => {
		const told = [];
		for (const [path, body] of tries) {
			const reply = await who.call('POST', path, { body });
			told.push(reply.status < 300 ? 'yes' : reply.body.code);
		}
		return told;
	};
	const told = (yes, count) => Array(count).fill(yes ? 'yes' : 'cannot_write');

	for (const [held, name] of [[undefined, 'do not keep'], [false, 'keep'], [true, 'block']])
		for (const write of reach)
			for (const add of reach)
				it(`whom they ${name} may write under ${write} and add under ${add}, as each says by itself`, async () => {
					const [who, other] = await two();
					const peers = await direct(who, other);
					const group = await who.room();
					if (held !== undefined)
						await block(other, who, held);
					await set(other, { who_can_write: write, who_can_add: add });
					assert.deepEqual(await answers(who, [
						['/rooms', { kind: 'direct', user_id: other.id }],
						[`/rooms/${peers.id}/messages`, { text: 'x' }],
						['/messages', { room_id: peers.id, text: 'x' }],
						['/messages', { to: other.login, text: 'x' }],
					]), told(allows(write, held), 4));
					assert.deepEqual(await answers(who, [
						['/rooms', { kind: 'group', name: 'x', member_ids: [other.id] }],
						[`/rooms/${group.id}/members`, { user_id: other.id }],
					]), told(allows(add, held), 2));
					// their own settings do not restrict what they do
					assert.deepEqual(await answers(other, [
						[`/rooms/${peers.id}/messages`, { text: 'x' }],
						['/messages', { to: who.login, text: 'x' }],
						['/rooms', { kind: 'group', name: 'x', member_ids: [who.id] }],
					]), told(held !== true, 3));
				});
});
