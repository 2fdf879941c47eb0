// Rooms: created, found, joined, left, protected and removed.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, it } from 'node:test';

import { fetched, upload } from '../lib/files.js';
import { png } from '../lib/pictures.js';
import { actor, TIME, UUID } from '../lib/rest.js';
import { shared } from '../lib/server.js';

let server, ann, bob, eve;

before(async () => {
	server = await shared();
	[ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((n) => actor(server, n)));
});

const ids_of = (list) => list.items.map((r) => r.id);

async function events(who, room_id, after = 0) {
	return (await who.get(`/rooms/${room_id}/log?after=${after}&limit=100`)).items;
}

describe('making a room', () => {
	it('answers the room with every field of the contract, and room_id', async () => {
		const room = await ann.room({ name: 'Кухня', description: 'tea', max_members: 7 });
		for (const field of ['id', 'kind', 'name', 'description', 'avatar_url', 'owner_id',
			'max_members', 'member_count', 'join_by_id', 'settings', 'seq', 'epoch', 'created_at',
			'me', 'last_message', 'peer'])
			assert.ok(field in room, field);
		assert.match(room.id, UUID);
		assert.equal(room.room_id, room.id);
		assert.equal(room.kind, 'group');
		assert.equal(room.name, 'Кухня');
		assert.equal(room.description, 'tea');
		assert.equal(room.max_members, 7);
		assert.equal(room.member_count, 1);
		assert.equal(room.owner_id, ann.id);
		assert.equal(room.join_by_id, true);
		assert.deepEqual(room.settings, { slow_mode_s: 0, history: 'all' });
		assert.match(room.created_at, TIME);
		assert.match(room.epoch, /^[0-9a-f]{16}$/);
		assert.equal(room.me.role, 'owner');
		assert.equal(room.me.unread, 0);
		assert.equal(room.last_message, null);
		assert.equal(room.peer, null);
		const { room_id, ...bare } = room;
		assert.deepEqual(await ann.get(`/rooms/${room.id}`), bare);
		assert.equal(room_id, room.id);
	});

	it('brings the named people in', async () => {
		const room = await ann.room({ member_ids: [bob.id, eve.id] });
		assert.equal(room.member_count, 3);
		assert.equal((await bob.get(`/rooms/${room.id}`)).me.role, 'member');
		assert.ok(ids_of(await eve.get('/rooms')).includes(room.id));
		const members = await ann.get(`/rooms/${room.id}/members`);
		assert.deepEqual(members.items.map((m) => m.user.id).sort(), [ann.id, bob.id, eve.id].sort());
	});

	const refused = [
		['no name', { name: undefined }, ['name']],
		['an empty name', { name: '' }, ['name']],
		['a name that nobody sees', { name: ' \u200b\u3000' }, ['name']],
		['a name of fillers', { name: '\u3164\u2800' }, ['name']],
		['a name of two lines', { name: 'one\ntwo' }, ['name']],
		['a name of 101 letters', { name: 'ж'.repeat(101) }, ['name']],
		['a name that is a number', { name: 7 }, ['name']],
		['an unknown kind', { kind: 'secret' }, ['kind']],
		['max_members of 0', { max_members: 0 }, ['max_members']],
		['max_members below none', { max_members: -5 }, ['max_members']],
		['max_members of 1.5', { max_members: 1.5 }, ['max_members']],
		['max_members as text', { max_members: '7' }, ['max_members']],
		['max_members of 10^18', { max_members: 1e18 }, ['max_members']],
		['join_by_id as text', { join_by_id: 'yes' }, ['join_by_id']],
		['member_ids as text', { member_ids: 'all' }, ['member_ids']],
		['a field that we do not know', { colour: 'red' }, ['colour']],
		['three bad fields', { name: '', kind: 'x', colour: 1 }, ['colour', 'kind', 'name']],
	];
	for (const [name, fields, bad] of refused)
		it(`${name} is 422 and named`, async () => {
			const reply = await ann.refused(422, 'invalid', 'POST', '/rooms', {
				body: { name: 'x', kind: 'group', ...fields },
			});
			assert.deepEqual(reply.fields, bad, reply.text);
		});

	it('member_ids with something that is no id is 422 and named with its place', async () => {
		const reply = await ann.refused(422, 'invalid', 'POST', '/rooms', {
			body: { name: 'x', kind: 'group', member_ids: [bob.id, 'nobody'] },
		});
		assert.match(reply.fields[0], /^member_ids/);
	});

	it('more people at once than max_members is refused, and nothing is left behind', async () => {
		const before_it = ids_of(await ann.get('/rooms?limit=100'));
		const reply = await ann.call('POST', '/rooms', {
			body: { name: 'x', kind: 'group', max_members: 2, member_ids: [bob.id, eve.id] },
		});
		assert.ok([409, 422].includes(reply.status), reply.text);
		assert.deepEqual(ids_of(await ann.get('/rooms?limit=100')), before_it);
	});
});

describe('the room list', () => {
	it('is mine, by last activity', async () => {
		const who = await actor(server, 'lister');
		const rooms = [];
		for (const name of ['one', 'two', 'three'])
			rooms.push(await who.room({ name }));
		await who.post(rooms[0].id, 'I am last now');
		const list = await who.get('/rooms');
		assert.deepEqual(list.items.map((r) => r.name), ['one', 'three', 'two']);
		assert.equal(list.items[0].last_message.text, 'I am last now');
		assert.equal(ids_of(await eve.get('/rooms?limit=100')).includes(rooms[0].id), false);
	});

	it('counts what I have not read exactly', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		for (let i = 0; i < 3; i++)
			await ann.post(room.id, `m${i}`);
		const unread = async (who) => (await who.get('/rooms?limit=100')).items
			.find((r) => r.id === room.id).me.unread;
		assert.equal(await unread(bob), 3);
		assert.equal(await unread(ann), 0);
		await bob.post(room.id, 'I have read it');
		assert.equal(await unread(bob), 0);
		assert.equal(await unread(ann), 1);
	});

	it('shows the status and client_id of the last message to its author', async () => {
		const who = await actor(server, 'reader');
		const room = await ann.room({ member_ids: [who.id] });
		const last = async (one) => {
			const listed = (await one.get('/rooms?limit=100')).items
				.find((r) => r.id === room.id).last_message;
			assert.deepEqual((await one.get(`/rooms/${room.id}`)).last_message, listed);
			return [listed.status, listed.client_id];
		};
		const { id, seq } = await ann.post(room.id, 'seen?', { client_id: 'mine' });
		assert.deepEqual(await last(ann), ['sent', 'mine']);
		assert.deepEqual(await last(who), [null, undefined]);
		await who.want(204, 'PUT', `/rooms/${room.id}/read`, { body: { seq } });
		assert.deepEqual(await last(ann), ['read', 'mine']);
		assert.deepEqual((await ann.get(`/messages/${id}`)).status, 'read');
		await who.want(200, 'PUT', '/users/me', { body: { settings: { send_receipts: false } } });
		assert.deepEqual(await last(ann), ['delivered', 'mine']);
		await who.want(201, 'POST', '/contacts', { body: { user_id: ann.id, blocked: true } });
		assert.deepEqual(await last(ann), ['sent', 'mine'], 'nobody is left who counts');

		const open = await ann.room({ kind: 'public', member_ids: [bob.id] });
		await ann.post(open.id, 'to all');
		assert.equal((await ann.get(`/rooms/${open.id}`)).last_message.status, null);
	});

	it('public rooms are found by anybody, groups are not', async () => {
		const word = `w${randomUUID().slice(0, 8)}`;
		const open = await ann.room({ kind: 'public', name: `open ${word}` });
		const group = await ann.room({ kind: 'group', name: `group ${word}` });
		const found = ids_of(await eve.get(`/rooms?scope=public&q=${word}`));
		assert.deepEqual(found, [open.id]);
		assert.ok(!found.includes(group.id));
	});

	it('a public room is not shown to who is banned from it, until they are not', async () => {
		const word = `w${randomUUID().slice(0, 8)}`;
		const room = await ann.room({ kind: 'public', name: `open ${word}` });
		const found = async () => ids_of(await eve.get(`/rooms?scope=public&q=${word}`));
		await ann.ban(room.id, eve.id);
		assert.deepEqual(await found(), []);
		assert.ok(!ids_of(await eve.get('/rooms?scope=public&limit=100')).includes(room.id));
		await ann.want(204, 'DELETE', `/rooms/${room.id}/members/${eve.id}`);
		assert.deepEqual(await found(), [room.id]);
	});
});

describe('joining', () => {
	it('a public room and a group with join_by_id admit anybody who knows the id', async () => {
		for (const kind of ['public', 'group']) {
			const room = await ann.room({ kind });
			const joined = await bob.join(room.id);
			assert.equal(joined.id, room.id);
			assert.equal(joined.me.role, 'member');
			assert.equal(joined.member_count, 2);
		}
	});

	it('joining twice is joining once', async () => {
		const room = await ann.room();
		await bob.join(room.id);
		const again = await bob.join(room.id);
		assert.equal(again.member_count, 2);
		const came = (await events(ann, room.id)).filter((e) => e.type === 'member'
			&& e.user.id === bob.id);
		assert.equal(came.length, 1);
	});

	it('ten times at once is joining once', async () => {
		const room = await ann.room();
		await Promise.all(Array.from({ length: 10 }, () => bob.join(room.id)));
		assert.equal((await ann.get(`/rooms/${room.id}`)).member_count, 2);
	});

	it('a group without join_by_id is hidden from people who only know the id', async () => {
		const room = await ann.room({ join_by_id: false });
		await bob.refused(404, 'not_found', 'POST', `/rooms/${room.id}/join`);
		await bob.refused(404, 'not_found', 'GET', `/rooms/${room.id}`);
	});

	it('max_members is held exactly while twenty people push', async () => {
		const room = await ann.room({ max_members: 6 });
		const crowd = await Promise.all(Array.from({ length: 20 }, () => actor(server)));
		const replies = await Promise.all(crowd.map((who) => who.call('POST',
			`/rooms/${room.id}/join`)));
		const statuses = replies.map((r) => r.status).sort();
		assert.deepEqual(statuses, [...Array(5).fill(200), ...Array(15).fill(409)]);
		for (const reply of replies.filter((r) => r.status === 409))
			assert.equal(reply.body.code, 'room_full');
		assert.equal((await ann.get(`/rooms/${room.id}`)).member_count, 6);
		const members = await ann.get(`/rooms/${room.id}/members?limit=100`);
		assert.equal(members.items.filter((m) => !m.banned).length, 6);
		const [inside] = crowd.filter((_, i) => replies[i].status === 200);
		const [outside] = crowd.filter((_, i) => replies[i].status === 409);
		await inside.want(204, 'POST', `/rooms/${room.id}/leave`);
		await outside.join(room.id);
	});

	it('a room that does not exist is 404 for every method', async () => {
		for (const id of [randomUUID(), 'x', "' OR 1=1 --", '0', 'null', '%00', '%ff'])
			for (const [method, path] of [['GET', ''], ['POST', '/join'], ['POST', '/leave'],
				['GET', '/messages'], ['POST', '/messages'], ['GET', '/log'], ['DELETE', ''],
				['GET', '/members']]) {
				const body = path === '/messages' && method === 'POST' ? { text: 'x' } : undefined;
				const reply = await bob.call(method, `/rooms/${encodeURIComponent(id)
					.replace(/%25/g, '%')}${path}`, { body, raw: id.startsWith('%') });
				assert.ok([404, 400].includes(reply.status),
					`${method} ${id}${path}: ${reply.status} ${reply.text}`);
			}
	});
});

describe('a stranger', () => {
	it('sees of a group nothing at all', async () => {
		const room = await ann.room();
		for (const [method, path, body] of [
			['GET', ''], ['GET', '/messages'], ['GET', '/log'], ['GET', '/members'],
			['POST', '/messages', { text: 'x' }], ['POST', '/leave'], ['DELETE', ''],
			['PUT', `/members/${ann.id}`, { banned: true }]])
			await eve.refused(404, 'not_found', method, `/rooms/${room.id}${path}`, { body });
	});

	it('may look at a public room but not write into it', async () => {
		const room = await ann.room({ kind: 'public' });
		const seen = await eve.get(`/rooms/${room.id}`);
		assert.equal(seen.me, null);
		const reply = await eve.call('POST', `/rooms/${room.id}/messages`, { body: { text: 'x' } });
		assert.ok([403, 404].includes(reply.status), reply.text);
	});
});

describe('leaving', () => {
	it('takes a member out, and is in the log', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		await bob.want(204, 'POST', `/rooms/${room.id}/leave`);
		await bob.refused(404, 'not_found', 'GET', `/rooms/${room.id}/messages`);
		assert.equal((await ann.get(`/rooms/${room.id}`)).member_count, 1);
		const last = (await events(ann, room.id)).at(-1);
		assert.equal(last.type, 'member');
		assert.equal(last.action, 'left');
		assert.equal(last.user.id, bob.id);
	});

	it('the last owner hands over to the oldest admin, else the oldest member', async () => {
		const room = await ann.room();
		await bob.join(room.id);
		await eve.join(room.id);
		await ann.want(204, 'POST', `/rooms/${room.id}/leave`);
		assert.equal((await bob.get(`/rooms/${room.id}`)).owner_id, bob.id);

		const other = await ann.room();
		await bob.join(other.id);
		await eve.join(other.id);
		await ann.want(200, 'PUT', `/rooms/${other.id}/members/${eve.id}`, { body: { role: 'admin' } });
		await ann.want(204, 'POST', `/rooms/${other.id}/leave`);
		assert.equal((await bob.get(`/rooms/${other.id}`)).owner_id, eve.id);
	});

	it('an empty room is removed', async () => {
		const room = await ann.room({ kind: 'public' });
		await ann.want(204, 'POST', `/rooms/${room.id}/leave`);
		await ann.refused(404, 'not_found', 'GET', `/rooms/${room.id}`);
	});

	it('two owners of nothing: all leave at once and the room is gone', async () => {
		const room = await ann.room({ member_ids: [bob.id, eve.id] });
		const replies = await Promise.all([ann, bob, eve].map((who) => who.call('POST',
			`/rooms/${room.id}/leave`)));
		assert.deepEqual(replies.map((r) => r.status), [204, 204, 204]);
		await ann.refused(404, 'not_found', 'GET', `/rooms/${room.id}`);
	});
});

describe('changing a room', () => {
	const change = (who, room, body, status = 200) => who.want(status, 'PUT', `/rooms/${room.id}`,
		{ body });

	it('changes the fields named, keeps the absent, clears with null', async () => {
		const room = await ann.room({ name: 'before', description: 'long' });
		assert.equal((await change(ann, room, { name: 'after' })).name, 'after');
		assert.equal((await ann.get(`/rooms/${room.id}`)).description, 'long');
		assert.equal((await change(ann, room, { description: null })).description, null);
		const patched = await ann.want(200, 'PATCH', `/rooms/${room.id}`, {
			body: { settings: { slow_mode_s: 3 } },
		});
		assert.equal(patched.settings.slow_mode_s, 3);
		assert.equal(patched.settings.history, 'all');
		assert.equal(patched.name, 'after');
	});

	it('null gives settings back what every room begins with, all of them or one', async () => {
		const room = await ann.room();
		const settings = { slow_mode_s: 5, history: 'since_join' };
		const set = async (to) => (await change(ann, room, { settings: to })).settings;
		assert.deepEqual(await set(settings), settings);
		assert.deepEqual(await set({ slow_mode_s: null }), { ...settings, slow_mode_s: 0 });
		assert.deepEqual(await set({ history: null }), { slow_mode_s: 0, history: 'all' });
		await set(settings);
		assert.deepEqual(await set(null), { slow_mode_s: 0, history: 'all' });
	});

	it('null restores the defaults: open to anybody who knows the id, and large', async () => {
		const room = await ann.room({ max_members: 3, join_by_id: false });
		const other = await ann.room();
		const { max_members, join_by_id } = await change(ann, room, { max_members: null, join_by_id: null });
		assert.deepEqual([max_members, join_by_id], [other.max_members, other.join_by_id]);
	});

	it('is an event of its log', async () => {
		const room = await ann.room();
		await change(ann, room, { name: 'new name' });
		const last = (await events(ann, room.id)).at(-1);
		assert.equal(last.type, 'room');
		assert.equal(last.room.name, 'new name');
	});

	it('has an avatar: an image that one may use, which its log tells of', async () => {
		const image = async (who, width = 64) =>
			(await upload(who, 'a.png', png(width, 64))).id;
		const last_url = async (room) => (await events(ann, room.id)).at(-1).room.avatar_url;
		const left_over = (url) => server.sql('SELECT replaced_at IS NOT NULL FROM avatars'
			+ ` WHERE id = '${url.split('/').at(-1)}'`);
		const room = await ann.room({ avatar: await image(ann), member_ids: [bob.id] });
		const { avatar_url } = room;
		assert.match(avatar_url, /\/api\/v1\/avatars\/[0-9a-f-]{36}$/);
		assert.equal((await bob.get(`/rooms/${room.id}`)).avatar_url, avatar_url);
		const shown = await fetched(server, avatar_url);
		assert.deepEqual([shown.status, shown.headers.get('content-type')], [200, 'image/webp']);
		await bob.refused(403, 'forbidden', 'PUT', `/rooms/${room.id}`,
			{ body: { avatar: await image(bob) } });

		const text = await upload(ann, 'a.png', 'no image');
		const no_image = [await image(bob), text.id, randomUUID(), 'a.png'];
		for (const avatar of no_image) {
			const body = { name: 'another', avatar };
			for (const [method, path] of [['PUT', `/rooms/${room.id}`], ['POST', '/rooms']])
				assert.deepEqual((await ann.refused(422, 'invalid', method, path, { body })).fields,
					['avatar']);
		}
		assert.equal((await change(ann, room, { name: 'named' })).avatar_url, avatar_url);
		assert.equal(await last_url(room), avatar_url);
		const again = (await change(ann, room, { avatar: await image(ann) })).avatar_url;
		assert.notEqual(again, avatar_url);
		assert.equal(await last_url(room), again);
		assert.deepEqual([await left_over(avatar_url), await left_over(again)], ['t', 'f']);
		assert.equal((await change(ann, room, { avatar: null })).avatar_url, null);
		assert.equal(await last_url(room), null);
		assert.equal(await left_over(again), 't');
		// a file posted in one of the owner's rooms may be used
		const theirs = await image(bob);
		await bob.want(201, 'POST', `/rooms/${room.id}/messages`, {
			body: { kind: 'image', data: { file_id: theirs } },
		});
		assert.ok((await change(ann, room, { avatar: theirs })).avatar_url);
		await change(ann, room, { avatar: null });
		const { seq } = await change(ann, room, { avatar: null });
		assert.equal(seq, (await events(ann, room.id)).at(-1).seq, 'nothing changed, no event');
	});

	it('the avatar of a direct room is the other person\'s', async () => {
		assert.deepEqual((await ann.refused(422, 'invalid', 'POST', '/rooms', {
			body: { user_id: bob.id, avatar: randomUUID() },
		})).fields, ['avatar']);
	});

	it('changing nothing is no event', async () => {
		const room = await ann.room({ name: 'same' });
		await change(ann, room, { name: 'same' });
		await change(ann, room, {});
		assert.equal((await ann.get(`/rooms/${room.id}`)).seq, room.seq);
	});

	it('max_members cannot go below the count', async () => {
		const room = await ann.room({ member_ids: [bob.id, eve.id] });
		const reply = await ann.call('PUT', `/rooms/${room.id}`, { body: { max_members: 2 } });
		assert.ok([409, 422].includes(reply.status), reply.text);
		assert.equal((await change(ann, room, { max_members: 3 })).max_members, 3);
	});

	it('is for admins and the owner', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		await bob.refused(403, 'forbidden', 'PUT', `/rooms/${room.id}`, { body: { name: 'x' } });
		await eve.refused(404, 'not_found', 'PUT', `/rooms/${room.id}`, { body: { name: 'x' } });
		await ann.want(200, 'PUT', `/rooms/${room.id}/members/${bob.id}`, { body: { role: 'admin' } });
		assert.equal((await change(bob, room, { name: 'by an admin' })).name, 'by an admin');
	});

	it('that is direct, or with nonsense, is refused', async () => {
		const room = await ann.room();
		for (const [body, fields] of [[{ name: null }, ['name']], [{ name: '\u00a0' }, ['name']],
			[{ kind: 'direct' }, ['kind']],
			[{ settings: { slow_mode_s: -1 } }, ['settings.slow_mode_s']],
			[{ settings: { nope: 1 } }, ['settings.nope']], [{ owner_id: bob.id }, ['owner_id']]])
			assert.deepEqual((await ann.refused(422, 'invalid', 'PUT', `/rooms/${room.id}`,
				{ body })).fields, fields, JSON.stringify(body));
	});
});

describe('a direct room', () => {
	it('is made of one other person, however they are named', async () => {
		const other = await actor(server, 'other');
		const ask = (fields) => ann.call('POST', '/rooms', { body: fields });
		const named = [{ user_id: other.id }, { kind: 'direct', member_ids: [other.id] },
			{ type: 'private', participants: [ann.id, other.id] },
			{ kind: 'direct', user_id: other.id, user_ids: [other.id, ann.id, other.id] }];
		const ids = [];
		for (const fields of named) {
			const reply = await ask(fields);
			assert.equal(reply.status, 201, reply.text);
			ids.push(reply.body.id);
		}
		assert.equal(new Set(ids).size, 1);
		const wrong = [[{ kind: 'direct' }, ['user_id']], [{ user_id: ann.id }, ['user_id']],
			[{ kind: 'direct', member_ids: [ann.id] }, ['user_id']],
			[{ kind: 'direct', member_ids: [bob.id, eve.id] }, ['member_ids']],
			[{ user_id: bob.id, member_ids: [eve.id, ann.id] }, ['member_ids']]];
		for (const [body, fields] of wrong)
			assert.deepEqual((await ann.refused(422, 'invalid', 'POST', '/rooms', { body })).fields,
				fields, JSON.stringify(body));
	});

	it('is one for two people, however they race', async () => {
		const [one, two] = [await actor(server), await actor(server)];
		const replies = await Promise.all(Array.from({ length: 12 }, (_, i) => {
			const [from, to] = i % 2 ? [one, two] : [two, one];
			return from.call('POST', '/rooms', { body: { kind: 'direct', user_id: to.id } });
		}));
		for (const reply of replies)
			assert.ok([200, 201].includes(reply.status), reply.text);
		assert.equal(new Set(replies.map((r) => r.body.id)).size, 1);
		const [{ body: room }] = replies;
		assert.equal(room.member_count, 2);
		assert.equal((await one.get(`/rooms/${room.id}`)).peer.id, two.id);
		assert.equal((await two.get(`/rooms/${room.id}`)).peer.id, one.id);
		const log = await events(one, room.id);
		assert.deepEqual(log.map((e) => e.seq), [1, 2]);
		await eve.refused(404, 'not_found', 'GET', `/rooms/${room.id}`);
		await eve.refused(404, 'not_found', 'POST', `/rooms/${room.id}/join`);
	});

	it('with oneself or with nobody is refused', async () => {
		for (const user_id of [ann.id, randomUUID(), 'x', undefined]) {
			const reply = await ann.call('POST', '/rooms', { body: { kind: 'direct', user_id } });
			assert.ok([404, 422].includes(reply.status), reply.text);
		}
	});
});

describe('removing a member', () => {
	it('takes a member out, who may come back', async () => {
		const room = await ann.room({ member_ids: [bob.id, eve.id] });
		await ann.want(204, 'DELETE', `/rooms/${room.id}/members/${bob.id}`);
		await bob.refused(404, 'not_found', 'GET', `/rooms/${room.id}/messages`);
		assert.equal((await ann.get(`/rooms/${room.id}`)).member_count, 2);
		await eve.refused(403, 'forbidden', 'DELETE', `/rooms/${room.id}/members/${ann.id}`);
		await bob.join(room.id);
	});
});

describe('removing a room', () => {
	it('is the owner\'s; a member may not, a stranger sees nothing', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		await bob.refused(403, 'forbidden', 'DELETE', `/rooms/${room.id}`);
		await eve.refused(404, 'not_found', 'DELETE', `/rooms/${room.id}`);
		await ann.want(204, 'DELETE', `/rooms/${room.id}`);
		await ann.refused(404, 'not_found', 'GET', `/rooms/${room.id}`);
		await bob.refused(404, 'not_found', 'GET', `/rooms/${room.id}/messages`);
		await ann.refused(404, 'not_found', 'DELETE', `/rooms/${room.id}`);
		assert.equal(ids_of(await bob.get('/rooms?limit=100')).includes(room.id), false);
	});

	it('/rooms/remove without a room says which field is missing', async () => {
		const reply = await ann.refused(422, 'invalid', 'DELETE', '/rooms/remove', { body: {} });
		assert.deepEqual(reply.fields, ['room_id']);
	});
});

describe('banning and muting', () => {
	let room;

	async function member(who, fields, by = ann, status = 200) {
		return by.want(status, 'PUT', `/rooms/${room.id}/members/${who.id}`, { body: fields });
	}

	it('who is banned neither reads nor writes nor comes back, until unbanned', async () => {
		room = await ann.room({ member_ids: [bob.id] });
		const said = await member(bob, { banned: true });
		assert.equal(said.banned, true);
		for (const [method, path, body] of [['GET', '/messages'], ['GET', '/log'],
			['POST', '/messages', { text: 'x' }], ['POST', '/join']]) {
			const reply = await bob.call(method, `/rooms/${room.id}${path}`, { body });
			assert.ok([403, 404].includes(reply.status), `${path}: ${reply.text}`);
		}
		assert.equal((await ann.get(`/rooms/${room.id}`)).member_count, 1);
		assert.equal(ids_of(await bob.get('/rooms?limit=100')).includes(room.id), false);
		await member(bob, { banned: false });
		await bob.join(room.id);
		await bob.post(room.id, 'back');
		const actions = (await events(ann, room.id))
			.filter((e) => e.type === 'member' && e.user.id === bob.id).map((e) => e.action);
		assert.equal(actions[0], 'joined');
		assert.ok(actions.indexOf('banned') < actions.indexOf('unbanned'), String(actions));
	});

	it('a ban frees a place, and a banned one does not count', async () => {
		room = await ann.room({ max_members: 2, member_ids: [bob.id] });
		await eve.refused(409, 'room_full', 'POST', `/rooms/${room.id}/join`);
		await member(bob, { banned: true });
		await eve.join(room.id);
		assert.equal((await ann.get(`/rooms/${room.id}`)).member_count, 2);
	});

	it('lifting a ban adds nobody to a full room', async () => {
		room = await ann.room({ max_members: 2, member_ids: [bob.id] });
		await member(bob, { banned: true });
		await eve.join(room.id);
		const reply = await ann.call('PUT', `/rooms/${room.id}/members/${bob.id}`, {
			body: { banned: false },
		});
		assert.ok([200, 409].includes(reply.status), reply.text);
		const joined = await bob.call('POST', `/rooms/${room.id}/join`);
		assert.ok(joined.status !== 200, joined.text);
		assert.equal((await ann.get(`/rooms/${room.id}`)).member_count, 2);
		const list = await ann.get(`/rooms/${room.id}/members`);
		assert.equal(list.items.filter((m) => !m.banned).length, 2);
	});

	it('who leaves under a ban is still banned', async () => {
		room = await ann.room({ member_ids: [bob.id] });
		await member(bob, { banned: true });
		await bob.call('POST', `/rooms/${room.id}/leave`);
		const reply = await bob.call('POST', `/rooms/${room.id}/join`);
		assert.ok([403, 404].includes(reply.status), reply.text);
	});

	it('who is muted reads but does not write, until the end of it', async () => {
		room = await ann.room({ member_ids: [bob.id] });
		const until = new Date(Date.now() + 3600e3).toISOString();
		assert.equal((await member(bob, { muted_until: until })).muted_until, until);
		await bob.refused(403, 'forbidden', 'POST', `/rooms/${room.id}/messages`, {
			body: { text: 'x' },
		});
		assert.equal((await bob.get(`/rooms/${room.id}/messages`)).items.length, 0);
		assert.equal((await member(bob, { muted_until: null })).muted_until, null);
		await bob.post(room.id, 'I can speak');
	});

	it('a mute that has ended does not hold', async () => {
		room = await ann.room({ member_ids: [bob.id] });
		await member(bob, { muted_until: new Date(Date.now() - 1000).toISOString() });
		await bob.post(room.id, 'I can speak');
	});

	it('a member bans nobody; nobody bans the owner', async () => {
		room = await ann.room({ member_ids: [bob.id, eve.id] });
		await bob.refused(403, 'forbidden', 'PUT', `/rooms/${room.id}/members/${eve.id}`, {
			body: { banned: true },
		});
		await bob.refused(403, 'forbidden', 'PUT', `/rooms/${room.id}/members/${ann.id}`, {
			body: { banned: true },
		});
		await member(bob, { role: 'admin' });
		await bob.refused(403, 'forbidden', 'PUT', `/rooms/${room.id}/members/${ann.id}`, {
			body: { banned: true },
		});
		await member(eve, { banned: true }, bob);
	});

	it('banning twice is one event', async () => {
		room = await ann.room({ member_ids: [bob.id] });
		await member(bob, { banned: true });
		await member(bob, { banned: true });
		const bans = (await events(ann, room.id)).filter((e) => e.action === 'banned');
		assert.equal(bans.length, 1);
		assert.equal(bans[0].by.id ?? bans[0].by, ann.id);
	});

	const refused = [
		['a role that is none', { role: 'king' }, ['role']],
		['banned as text', { banned: 'yes' }, ['banned']],
		['muted_until that is no time', { muted_until: 'tomorrow' }, ['muted_until']],
		['muted_until in the year 0', { muted_until: '0000-01-01T00:00:00Z' }, ['muted_until']],
		['muted_until in the year 300000', { muted_until: '300000-01-01T00:00:00.000Z' },
			['muted_until']],
		['an unknown field', { nope: 1 }, ['nope']],
	];
	for (const [name, body, fields] of refused)
		it(`${name} is 422 and named`, async () => {
			room = await ann.room({ member_ids: [bob.id] });
			const reply = await ann.refused(422, 'invalid', 'PUT',
				`/rooms/${room.id}/members/${bob.id}`, { body });
			assert.deepEqual(reply.fields, fields);
		});
});

describe('the member list', () => {
	it('names each with role, times and cursors', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const list = await bob.get(`/rooms/${room.id}/members`);
		assert.equal(list.next, null);
		const me = list.items.find((m) => m.user.id === bob.id);
		assert.equal(me.role, 'member');
		assert.equal(me.user.login, bob.login);
		assert.equal(me.user.email, undefined);
		assert.match(me.joined_at, TIME);
		assert.equal(me.muted_until, null);
		assert.equal(me.banned, false);
		assert.equal(list.items.find((m) => m.user.id === ann.id).role, 'owner');
	});
});

describe('the log of a room', () => {
	it('has no gap from 1 on, whatever happens in it', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		await ann.post(room.id, 'one');
		await eve.join(room.id);
		await ann.ban(room.id, eve.id);
		await bob.post(room.id, 'two');
		await bob.want(204, 'POST', `/rooms/${room.id}/leave`);
		const log = await ann.get(`/rooms/${room.id}/log?after=0&limit=100`);
		assert.deepEqual(log.items.map((e) => e.seq), log.items.map((_, i) => i + 1));
		assert.equal(log.seq, log.items.length);
		assert.equal(log.more, false);
		assert.equal((await ann.get(`/rooms/${room.id}`)).seq, log.seq);
	});
});
