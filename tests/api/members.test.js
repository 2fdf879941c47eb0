// Memberships: adding people, one's own, and how many rooms one may be in.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, it } from 'node:test';

import { actor } from '../lib/rest.js';
import { shared } from '../lib/server.js';

let server, ann, bob, eve;

before(async () => {
	server = await shared();
	[ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((n) => actor(server, n)));
});

const people = (n) => Promise.all(Array.from({ length: n }, () => actor(server)));
const members_path = (room, who) => `/rooms/${room.id}/members${who ? `/${who.id}` : ''}`;
const add = (who, room, body, status = 201) => who.want(status, 'POST', members_path(room),
	{ body });
const count = async (room, who = ann) => (await who.get(`/rooms/${room.id}`)).member_count;

async function events(room) {
	return (await ann.get(`/rooms/${room.id}/log?after=0&limit=100`)).items;
}

// The room, its list of members and its log must agree.
async function agrees(room, who = ann) {
	const seen = await who.get(`/rooms/${room.id}`);
	const { items } = await who.get(`${members_path(room)}?limit=100`);
	const log = (await who.get(`/rooms/${room.id}/log?after=0&limit=100`)).items;
	assert.equal(items.filter((m) => !m.banned).length, seen.member_count);
	assert.ok(seen.member_count <= seen.max_members);
	assert.deepEqual(log.map((e) => e.seq), log.map((_, i) => i + 1));
	assert.equal(items.filter((m) => m.role === 'owner').length, 1);
	assert.equal(items.find((m) => m.role === 'owner').user.id, seen.owner_id);
}

describe('bringing somebody in', () => {
	it('by id answers the membership, which is in the log', async () => {
		const room = await ann.room({ join_by_id: false });
		const reply = await ann.call('POST', members_path(room), { body: { user_id: bob.id } });
		assert.equal(reply.status, 201, reply.text);
		assert.ok(reply.headers.get('location').endsWith(members_path(room, bob)));
		assert.equal(reply.body.user.id, bob.id);
		assert.equal(reply.body.role, 'member');
		assert.equal(reply.body.notify, undefined);
		assert.equal((await bob.get(`/rooms/${room.id}`)).me.unread, 0);
		const last = (await events(room)).at(-1);
		assert.deepEqual([last.type, last.action, last.user.id, last.by],
			['member', 'joined', bob.id, ann.id]);
		assert.equal(await count(room), 2);
	});

	it('by login, however it is written', async () => {
		const room = await ann.room();
		assert.equal((await add(ann, room, { login: bob.login.toUpperCase() })).user.id, bob.id);
		assert.equal((await add(ann, room, { username: eve.login })).user.id, eve.id);
	});

	it('several at once answers them all, under every name of the list', async () => {
		for (const name of ['member_ids', 'user_ids', 'participants']) {
			const room = await ann.room();
			const page = await add(ann, room, { [name]: [bob.id, eve.id, bob.id] });
			assert.deepEqual(page.items.map((m) => m.user.id).sort(), [bob.id, eve.id].sort());
			assert.equal(page.next, null);
			await agrees(room);
		}
	});

	it('somebody who is in changes nothing: 200', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const again = await add(ann, room, { user_id: bob.id, role: 'admin' }, 200);
		assert.equal(again.role, 'member');
		assert.equal((await add(ann, room, { member_ids: [bob.id, ann.id] }, 200)).items.length, 2);
		assert.equal((await events(room)).length, 2);
		await add(ann, room, { member_ids: [bob.id, eve.id] });
		assert.equal((await events(room)).length, 3);
	});

	it('as an admin is the owner\'s to do', async () => {
		const room = await ann.room();
		assert.equal((await add(ann, room, { user_id: bob.id, role: 'admin' })).role, 'admin');
		await bob.refused(403, 'forbidden', 'POST', members_path(room), {
			body: { user_id: eve.id, role: 'admin' },
		});
		await add(bob, room, { user_id: eve.id });
	});

	it('is for admins; a stranger sees nothing', async () => {
		for (const kind of ['group', 'public']) {
			const room = await ann.room({ kind, member_ids: [bob.id] });
			const body = { user_id: eve.id };
			await bob.refused(403, 'forbidden', 'POST', members_path(room), { body });
			await eve.refused(404, 'not_found', 'POST', members_path(room), { body });
			await eve.refused(404, 'not_found', 'POST', members_path(room), {
				body: { login: 'nobody_of_that_name' },
			});
		}
	});

	it('into a direct room is nobody\'s', async () => {
		const room = await ann.room({ kind: 'direct', user_id: bob.id, name: undefined });
		await ann.refused(403, 'forbidden', 'POST', members_path(room), {
			body: { user_id: eve.id },
		});
	});

	it('adds all or nobody: an unknown person is named by position', async () => {
		const room = await ann.room();
		const reply = await ann.refused(422, 'invalid', 'POST', members_path(room), {
			body: { member_ids: [bob.id, randomUUID()] },
		});
		assert.deepEqual(reply.fields, ['member_ids[1]']);
		assert.deepEqual((await ann.refused(422, 'invalid', 'POST', members_path(room), {
			body: { login: 'nobody_of_that_name' },
		})).fields, ['login']);
		assert.equal(await count(room), 1);
	});

	it('a banned person is refused with a code of its own, until the ban is lifted', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		await ann.ban(room.id, bob.id);
		await ann.refused(403, 'banned', 'POST', members_path(room), { body: { user_id: bob.id } });
		const reply = await ann.refused(403, 'banned', 'POST', members_path(room), {
			body: { member_ids: [eve.id, bob.id] },
		});
		assert.match(reply.body.detail, /member_ids\[1\]/);
		assert.equal(await count(room), 1);
		await ann.want(204, 'DELETE', members_path(room, bob));
		await add(ann, room, { user_id: bob.id });
	});

	it('stops at max_members, all or nobody', async () => {
		const room = await ann.room({ max_members: 2 });
		await ann.refused(409, 'room_full', 'POST', members_path(room), {
			body: { member_ids: [bob.id, eve.id] },
		});
		await add(ann, room, { user_id: bob.id });
		await ann.refused(409, 'room_full', 'POST', members_path(room), {
			body: { user_id: eve.id },
		});
		await agrees(room);
	});

	it('respects who_can_add and blocks, at creation too', async () => {
		const room = await ann.room(), shy = await actor(server, 'shy');
		await shy.want(200, 'PUT', '/users/me', { body: { settings: { who_can_add: 'nobody' } } });
		await ann.refused(403, 'cannot_write', 'POST', members_path(room), {
			body: { user_id: shy.id },
		});
		await ann.refused(403, 'cannot_write', 'POST', members_path(room), {
			body: { member_ids: [bob.id, shy.id] },
		});
		await ann.refused(403, 'cannot_write', 'POST', '/rooms', {
			body: { name: 'x', member_ids: [bob.id, shy.id] },
		});
		assert.equal(await count(room), 1);
		await shy.join(room.id); // joining by oneself is possible
	});

	const refused = [
		['nobody', {}, ['user_id']],
		['an empty list', { member_ids: [] }, ['member_ids']],
		['too long a list', { member_ids: Array.from({ length: 101 }, () => randomUUID()) },
			['member_ids']],
		['two ways of saying whom', { user_id: randomUUID(), login: 'bob' }, ['user_id']],
		['an id that is none', { user_id: 'bob' }, ['user_id']],
		['a role that is none', { user_id: randomUUID(), role: 'king' }, ['role']],
		['role owner', { user_id: randomUUID(), role: 'owner' }, ['role']],
		['an unknown field', { user_id: randomUUID(), nope: 1 }, ['nope']],
	];
	for (const [name, body, fields] of refused)
		it(`${name} is 422 and named`, async () => {
			const room = await ann.room();
			const reply = await ann.refused(422, 'invalid', 'POST', members_path(room), { body });
			assert.deepEqual(reply.fields, fields);
		});
});

describe('one membership', () => {
	it('is seen by members; a banned one by admins; notify by oneself alone', async () => {
		const room = await ann.room({ member_ids: [bob.id, eve.id] });
		const seen = await bob.get(members_path(room, ann));
		assert.equal(seen.user.id, ann.id);
		assert.equal(seen.role, 'owner');
		assert.equal('notify' in seen, false);
		assert.equal((await bob.get(members_path(room, bob))).notify, 'all');
		assert.deepEqual(await bob.get(`/rooms/${room.id}/members/me`),
			await bob.get(members_path(room, bob)));
		await ann.ban(room.id, eve.id);
		assert.equal((await ann.get(members_path(room, eve))).banned, true);
		await bob.refused(404, 'not_found', 'GET', members_path(room, eve));
		await eve.refused(404, 'not_found', 'GET', members_path(room, ann));
		const own = await eve.refused(404, 'not_found', 'GET', `/rooms/${room.id}/members/me`);
		assert.equal(own.body.banned, true);
		const strange = await bob.refused(404, 'not_found', 'GET',
			`/rooms/${randomUUID()}/members/me`);
		assert.equal('banned' in strange.body, false);
		await ann.refused(404, 'not_found', 'GET', `${members_path(room)}/${randomUUID()}`);
	});

	it('notify is one\'s own to set, by PUT and PATCH, and is no event', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const own = `/rooms/${room.id}/members/me`;
		assert.equal((await bob.want(200, 'PUT', members_path(room, bob),
			{ body: { notify: 'mentions' } })).notify, 'mentions');
		assert.equal((await bob.get(`/rooms/${room.id}`)).me.notify, 'mentions');
		assert.equal((await bob.want(200, 'PATCH', own, { body: { notify: 'none' } })).notify, 'none');
		assert.equal((await ann.get(`/rooms/${room.id}`)).me.notify, 'all');
		assert.equal((await events(room)).length, 2);
		await ann.refused(403, 'forbidden', 'PUT', members_path(room, bob),
			{ body: { notify: 'all' } });
		await eve.refused(404, 'not_found', 'PUT', own, { body: { notify: 'all' } });
		await eve.refused(404, 'not_found', 'PUT', members_path(room, bob),
			{ body: { notify: 'all' } });
		assert.equal((await bob.want(200, 'PUT', own, { body: { notify: null } })).notify, 'all');
		for (const notify of ['loud', 3])
			assert.deepEqual((await bob.refused(422, 'invalid', 'PUT', own, { body: { notify } }))
				.fields, ['notify']);
	});

	it('what one may not change about oneself is 403, and nothing changes', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		await ann.want(200, 'PUT', members_path(room, bob), { body: { role: 'admin' } });
		for (const body of [{ role: 'owner' }, { role: 'member' }, { muted_until: null },
			{ banned: true }, { banned: false }, { role: 'owner', notify: 'none' }])
			for (const who of [bob, ann])
				await who.refused(403, 'forbidden', 'PUT', members_path(room, who), { body });
		assert.equal((await bob.get(members_path(room, bob))).notify, 'all');
		await eve.refused(404, 'not_found', 'PUT', members_path(room, eve),
			{ body: { role: 'owner' } });
	});

	it('a mute outlasts a ban, and the event that lifts the ban says so', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const muted_until = '2099-01-01T00:00:00.000Z';
		await ann.want(200, 'PUT', members_path(room, bob), { body: { muted_until } });
		await ann.ban(room.id, bob.id);
		await ann.ban(room.id, bob.id, false);
		assert.equal((await bob.get(members_path(room, bob))).muted_until, muted_until);
		const last = (await events(room)).at(-1);
		assert.deepEqual([last.action, last.muted_until], ['unbanned', muted_until]);
	});

	it('a mute outlasts leaving and being removed, however one comes back', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const muted_until = '2099-01-01T00:00:00.000Z';
		const invite = await ann.want(201, 'POST', `/rooms/${room.id}/invites`, { body: {} });
		const leave = () => bob.want(204, 'POST', `/rooms/${room.id}/leave`);
		const put_out = () => ann.want(204, 'DELETE', members_path(room, bob));
		await ann.want(200, 'PUT', members_path(room, bob), { body: { muted_until } });
		for (const [go, come] of [
			[leave, () => bob.join(room.id)],
			[put_out, () => bob.want(200, 'POST', `/invites/${invite.code}`)],
			[leave, () => ann.want(201, 'POST', members_path(room), { body: { user_id: bob.id } })],
		]) {
			await go();
			await come();
			await bob.refused(403, 'forbidden', 'POST', `/rooms/${room.id}/messages`, { body: { text: 'x' } });
			const last = (await events(room)).at(-1);
			assert.deepEqual([last.action, last.muted_until], ['joined', muted_until]);
		}
		await ann.want(200, 'PUT', members_path(room, bob), { body: { muted_until: null } });
		await leave();
		await bob.join(room.id);
		await bob.post(room.id, 'at last');
	});

	it('slow mode continues after leaving or being removed, however one comes back', async () => {
		const room = await ann.room({ member_ids: [bob.id] });
		const invite = await ann.want(201, 'POST', `/rooms/${room.id}/invites`, { body: {} });
		const slow = (slow_mode_s) => ann.want(200, 'PUT', `/rooms/${room.id}`,
			{ body: { settings: { slow_mode_s } } });
		const leave = () => bob.want(204, 'POST', `/rooms/${room.id}/leave`);
		await slow(3600);
		await bob.post(room.id, 'once');
		for (const [go, come] of [
			[leave, () => bob.join(room.id)],
			[() => ann.want(204, 'DELETE', members_path(room, bob)), () => bob.want(200, 'POST', `/invites/${invite.code}`)],
			[leave, () => ann.want(201, 'POST', members_path(room), { body: { user_id: bob.id } })],
			[() => ann.ban(room.id, bob.id), () => ann.ban(room.id, bob.id, false)],
		]) {
			await go();
			await come();
			const reply = await bob.refused(429, 'rate_limited', 'POST', `/rooms/${room.id}/messages`,
				{ body: { text: 'twice' } });
			assert.ok(Number(reply.headers.get('retry-after')) > 3000, reply.headers.get('retry-after'));
		}
		await slow(0);
		await leave();
		await bob.join(room.id);
		await bob.post(room.id, 'at last');
	});

	it('an owner is not muted, in whatever way they became it: nobody could lift it', async () => {
		const mute = (room) => ann.want(200, 'PUT', members_path(room, bob),
			{ body: { muted_until: '2099-01-01T00:00:00Z' } });
		const give = (room, fields = {}) => ann.want(200, 'PUT', members_path(room, bob),
			{ body: { role: 'owner', ...fields } });
		for (const become of [
			(room) => give(room),
			(room) => give(room, { muted_until: '2099-01-01T00:00:00Z' }),
			(room) => ann.want(204, 'POST', `/rooms/${room.id}/leave`),
		]) {
			const room = await ann.room({ member_ids: [bob.id] });
			await mute(room);
			await become(room);
			assert.equal((await bob.get(`/rooms/${room.id}`)).owner_id, bob.id);
			assert.equal((await bob.get(members_path(room, bob))).muted_until, null);
			await bob.post(room.id, 'mine now');
		}
	});

	it('removing one\'s own is leaving', async () => {
		for (const path of ['me', bob.id]) {
			const room = await ann.room({ member_ids: [bob.id] });
			await bob.want(204, 'DELETE', `/rooms/${room.id}/members/${path}`);
			assert.equal((await events(room)).at(-1).action, 'left');
			await bob.refused(404, 'not_found', 'DELETE', `/rooms/${room.id}/members/${path}`);
		}
	});

	it('returning after a ban is joining anew: nothing unread, and no messages of the meantime',
		async () => {
			const room = await ann.room({ member_ids: [bob.id] });
			await ann.want(200, 'PUT', `/rooms/${room.id}`,
				{ body: { settings: { history: 'since_join' } } });
			await ann.ban(room.id, bob.id);
			await ann.ban(room.id, eve.id); // never a member
			await ann.post(room.id, 'between us');
			await ann.ban(room.id, bob.id, false);
			await ann.ban(room.id, eve.id, false);
			for (const who of [bob, eve]) {
				const seen = await who.get(`/rooms/${room.id}`);
				assert.equal(seen.me.unread, 0);
				assert.equal(seen.last_message, null);
				assert.deepEqual((await who.get(`/rooms/${room.id}/messages`)).items, []);
			}
			await ann.post(room.id, 'hello again');
			assert.equal((await bob.get(`/rooms/${room.id}`)).me.unread, 1);
		});
});

describe('when many act at once', () => {
	it('fifty who join a room for ten at once find nine places', async () => {
		const room = await ann.room({ kind: 'public', max_members: 10 });
		const crowd = await people(50);
		const half = await Promise.all(crowd.map((who, i) => (i % 2
			? who.call('POST', `/rooms/${room.id}/join`)
			: ann.call('POST', members_path(room), { body: { user_id: who.id } }))));
		const done = half.filter((r) => r.status < 300);
		assert.equal(done.length, 9);
		for (const reply of half.filter((r) => r.status >= 300))
			assert.deepEqual([reply.status, reply.body.code], [409, 'room_full']);
		assert.equal(await count(room), 10);
		await agrees(room);
	});

	it('owners who leave and hand over in one moment leave one owner behind', async () => {
		const crowd = await people(6);
		const room = await crowd[0].room({ member_ids: crowd.slice(1).map((p) => p.id) });
		await Promise.all(crowd.slice(0, 5).map((who, i) => (i % 2
			? who.call('POST', `/rooms/${room.id}/leave`)
			: who.call('PUT', members_path(room, crowd[i + 1]), { body: { role: 'owner' } }))));
		await agrees(room, crowd[5]);
		await Promise.all(crowd.slice(0, 5).map((who) => who.call('POST', `/rooms/${room.id}/leave`)));
		const last = await crowd[5].get(`/rooms/${room.id}`);
		assert.deepEqual([last.owner_id, last.member_count], [crowd[5].id, 1]);
		await agrees(room, crowd[5]);
	});

	it('who is banned while they join, leave and are added stays out', async () => {
		const room = await ann.room({ kind: 'public' });
		const crowd = await people(8);
		await Promise.all(crowd.flatMap((who) => [
			who.call('POST', `/rooms/${room.id}/join`),
			ann.call('PUT', members_path(room, who), { body: { banned: true } }),
			who.call('POST', `/rooms/${room.id}/leave`),
			ann.call('POST', members_path(room), { body: { user_id: who.id } }),
		]));
		await agrees(room);
		const { items } = await ann.get(`${members_path(room)}?limit=100`);
		for (const who of crowd) {
			assert.equal(items.find((m) => m.user.id === who.id).banned, true);
			await who.refused(403, 'forbidden', 'POST', `/rooms/${room.id}/join`);
		}
		assert.equal(await count(room), 1);
	});

	it('twenty who ask for the room of the same two get one room, both ways and by every name',
		async () => {
			const [one, two] = await people(2);
			const replies = await Promise.all(Array.from({ length: 20 }, (_, i) => {
				const [from, to] = i % 2 ? [one, two] : [two, one];
				const body = [{ kind: 'direct', user_id: to.id }, { type: 'private', user_ids: [to.id] },
					{ kind: 'direct', participants: [to.id] }, { user_id: to.id }][i % 4];
				return from.call('POST', i % 3 ? '/rooms' : '/chats/create', { body });
			}));
			assert.deepEqual([...new Set(replies.map((r) => r.status))], [201]);
			assert.equal(new Set(replies.map((r) => r.body.id)).size, 1);
			const room = replies[0].body;
			assert.equal((await one.get('/rooms')).items.length, 1);
			assert.equal((await two.get(`/rooms/${room.id}/log?after=0`)).items.length, 2);
		});
});
