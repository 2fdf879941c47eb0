// Invites: created and revoked by admins, and used by whoever holds one.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { actor, Client, TIME } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { sweep } from '../lib/sweep.js';
import { in_time, until } from '../lib/wait.js';

let server, ann, bob, eve;

before(async () => {
	server = await shared();
	[ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((n) => actor(server, n)));
});

const people = (n) => Promise.all(Array.from({ length: n }, () => actor(server)));
const closed = (fields = {}) => ann.room({ join_by_id: false, ...fields });
const path_of = (room, invite) => `/rooms/${room.id}/invites${invite ? `/${invite.code}` : ''}`;
const make = (room, body = {}, who = ann) => who.want(201, 'POST', path_of(room), { body });
const come = (who, invite) => who.call('POST', `/invites/${invite.code}`);
const uses = async (room, invite) => (await ann.get(path_of(room))).items
	.find((i) => i.code === invite.code)?.uses;

async function is_gone(who, invite) {
	await who.refused(404, 'not_found', 'POST', `/invites/${invite.code}`);
	await who.refused(404, 'not_found', 'GET', `/invites/${invite.code}`);
}

describe('an invite', () => {
	it('lets whoever holds it into a closed room, and counts them', async () => {
		const room = await closed({ description: 'by invite' });
		const reply = await ann.call('POST', path_of(room), { body: {} });
		assert.equal(reply.status, 201, reply.text);
		const invite = reply.body;
		assert.match(invite.code, /^[A-Za-z0-9_-]{22}$/);
		assert.deepEqual([invite.max_uses, invite.uses, invite.expires_at, invite.created_by],
			[null, 0, null, ann.id]);
		assert.match(invite.created_at, TIME);
		assert.ok(invite.url.endsWith(`/#join=${invite.code}`), invite.url);
		assert.ok(reply.headers.get('location').endsWith(path_of(room, invite)));
		assert.deepEqual(await ann.get(path_of(room, invite)), invite);

		const seen = await bob.get(`/invites/${invite.code}`);
		assert.deepEqual(seen, { id: room.id, kind: 'group', name: room.name,
			description: 'by invite', avatar_url: null, member_count: 1, is_member: false,
			expires_at: null });
		await bob.refused(404, 'not_found', 'GET', `/rooms/${room.id}`);

		const joined = (await come(bob, invite)).body;
		assert.deepEqual([joined.id, joined.me.role, joined.member_count, joined.me.unread],
			[room.id, 'member', 2, 0]);
		const last = (await ann.get(`/rooms/${room.id}/log?after=0`)).items.at(-1);
		assert.deepEqual([last.action, last.user.id], ['joined', bob.id]);
		assert.equal(await uses(room, invite), 1);
		assert.equal((await bob.get(`/invites/${invite.code}`)).is_member, true);
	});

	it('is not used up by somebody who is already a member', async () => {
		const room = await closed(), invite = await make(room, { max_uses: 2 });
		for (const who of [ann, bob, bob, ann])
			assert.equal((await come(who, invite)).status, 200);
		assert.equal(await uses(room, invite), 1);
		assert.equal((await come(eve, invite)).status, 200);
		assert.equal((await come(eve, invite)).status, 200, 'asked again after a lost answer');
		assert.equal(await uses(room, invite), 2);
	});

	it('unknown, spent, expired and revoked is one 404', async () => {
		const room = await closed();
		await is_gone(eve, { code: 'AAAAAAAAAAAAAAAAAAAAAA' });
		for (const code of ['x', "'", '%00', '%ff', encodeURIComponent('ж'.repeat(200))])
			for (const method of ['GET', 'POST']) {
				const reply = await eve.call(method, `/invites/${code}`, { raw: true });
				assert.ok([400, 404].includes(reply.status), `${code}: ${reply.status}`);
			}

		const spent = await make(room, { max_uses: 1 });
		assert.equal((await come(bob, spent)).status, 200);
		await is_gone(eve, spent);

		const revoked = await make(room);
		await ann.want(204, 'DELETE', path_of(room, revoked));
		await is_gone(eve, revoked);
		await is_gone(bob, revoked);
		for (const method of ['GET', 'DELETE'])
			await ann.refused(404, 'not_found', method, path_of(room, revoked));

		const short = await in_time((seconds) => make(room, {
			expires_at: new Date(Date.now() + 1000 * seconds).toISOString() }), 0.3);
		for (let status = 200; status !== 404;)
			({ status } = await eve.call('GET', `/invites/${short.code}`));
		await is_gone(eve, short);
		assert.equal(await uses(room, short), undefined);
		await ann.refused(404, 'not_found', 'GET', path_of(room, short));

		await sweep(server, 'room_invites', () => ann.get('/rooms'));
		await is_gone(eve, short);

		const gone = await make(room);
		await ann.want(204, 'DELETE', `/rooms/${room.id}`);
		await is_gone(eve, gone);
	});

	it('lets nobody in who is banned, and nobody more than there is room for', async () => {
		const room = await closed({ max_members: 2 }), invite = await make(room);
		await ann.ban(room.id, bob.id);
		for (const method of ['GET', 'POST'])
			await bob.refused(403, 'forbidden', method, `/invites/${invite.code}`);
		assert.equal((await come(eve, invite)).status, 200);
		const late = await actor(server);
		await late.refused(409, 'room_full', 'POST', `/invites/${invite.code}`);
		assert.equal(await uses(room, invite), 1);
	});

	it('is for admins to make, see and revoke', async () => {
		const room = await ann.room({ member_ids: [bob.id] }), invite = await make(room);
		const asked = [['GET', path_of(room)], ['POST', path_of(room)],
			['DELETE', path_of(room, invite)]];
		for (const [method, path] of asked) {
			const body = method === 'POST' ? {} : undefined;
			await bob.refused(403, 'forbidden', method, path, { body });
			await eve.refused(404, 'not_found', method, path, { body });
		}
		await ann.want(200, 'PUT', `/rooms/${room.id}/members/${bob.id}`, { body: { role: 'admin' } });
		const theirs = await make(room, {}, bob);
		assert.deepEqual((await bob.get(path_of(room))).items.map((i) => i.code),
			[theirs.code, invite.code]);
		await bob.want(204, 'DELETE', path_of(room, invite));
		const other = await ann.room();
		await ann.refused(404, 'not_found', 'DELETE', path_of(other, theirs));
		const direct = await ann.room({ kind: 'direct', user_id: eve.id, name: undefined });
		await ann.refused(403, 'forbidden', 'POST', path_of(direct), { body: {} });
		await new Client(server).refused(401, 'token_invalid', 'GET', `/invites/${theirs.code}`);
	});

	it('ends when the admin who made it is removed', async () => {
		let room;
		for (const put_out of [() => ann.ban(room.id, bob.id),
			() => ann.want(204, 'DELETE', `/rooms/${room.id}/members/${bob.id}`)]) {
			room = await closed({ member_ids: [bob.id] });
			await ann.want(200, 'PUT', `/rooms/${room.id}/members/${bob.id}`,
				{ body: { role: 'admin' } });
			const kept = await make(room), invite = await make(room, {}, bob);
			await put_out();
			await is_gone(eve, invite);
			assert.equal((await come(eve, kept)).status, 200);
		}
	});

	it('is one of at most a hundred, listed page by page; a spent one makes room', async () => {
		const room = await closed();
		const all = [await make(room, { max_uses: 1 })];
		for (let i = 1; i < 100; i++)
			all.push(await make(room));
		await ann.refused(409, 'too_many_invites', 'POST', path_of(room), { body: {} });
		const listed = [];
		for (let cursor = ''; cursor !== null;) {
			const page = await ann.get(`${path_of(room)}?limit=40${cursor && `&cursor=${cursor}`}`);
			listed.push(...page.items.map((i) => i.code));
			cursor = page.next;
		}
		assert.deepEqual(listed.sort(), all.map((i) => i.code).sort());
		assert.equal((await come(bob, all[0])).status, 200);
		await make(room);
		await ann.refused(409, 'too_many_invites', 'POST', path_of(room), { body: {} });
	});

	it('does not let an API token of one room into another', async () => {
		const [mine, other] = [await ann.room({ member_ids: [bob.id] }), await closed()];
		const [to_other, to_mine] = [await make(other), await make(mine)];
		const token = async (fields) => (await bob.want(201, 'POST', '/auth/tokens', {
			body: { name: 'script', ...fields },
		})).secret;
		const bound = await token({ scopes: ['read', 'post', 'admin'], room_id: mine.id });
		for (const invite of [to_other, to_mine, { code: 'AAAAAAAAAAAAAAAAAAAAAA' }])
			for (const method of ['GET', 'POST'])
				await bob.refused(403, 'forbidden', method, `/invites/${invite.code}`,
					{ token: bound });
		await bob.refused(404, 'not_found', 'GET', path_of(other), { token: bound });
		assert.equal(await uses(other, to_other), 0);
		await bob.refused(404, 'not_found', 'GET', `/rooms/${other.id}`);

		const post = await token({ scopes: ['post'] });
		await bob.refused(403, 'forbidden', 'GET', `/invites/${to_other.code}`,
			{ token: post });
		await ann.post(other.id, 'said before');
		const joined = await bob.want(200, 'POST', `/invites/${to_other.code}`, { token: post });
		assert.deepEqual([joined.id, joined.last_message], [other.id, null]);
		assert.equal((await bob.get(`/rooms/${other.id}`)).last_message.text, 'said before');
	});

	it('is swept when it has expired, and a day after it was used up', async () => {
		const room = await closed();
		const [good, spent, old_spent, expired] = [await make(room, { max_uses: 2 }),
			await make(room, { max_uses: 1 }), await make(room, { max_uses: 1 }), await make(room)];
		const crowd = await people(3);
		for (const [i, invite] of [good, spent, old_spent].entries())
			assert.equal((await come(crowd[i], invite)).status, 200);
		const set = (invite, when) => server.sql(`UPDATE room_invites SET expires_at = ${when}`
			+ ` WHERE code = '${invite.code}'`);
		await set(expired, "now() - interval '1 second'");
		await set(old_spent, "expires_at - interval '25 hours'");
		const left = async () => (await server.sql('SELECT code FROM room_invites i JOIN rooms r'
			+ ` ON r.no = i.room_no WHERE r.id = '${room.id}'`)).split('\n').sort();
		await until(async () => {
			await sweep(server, 'room_invites', () => ann.get('/rooms'));
			return (await left()).length === 2;
		}, 'sweep');
		assert.deepEqual(await left(), [good.code, spent.code].sort());
		assert.equal((await come(crowd[1], spent)).status, 200, 'asked again after a lost answer');
		await is_gone(eve, spent);
		assert.equal((await come(eve, good)).status, 200);
	});

	const refused = [
		['no uses at all', { max_uses: 0 }, ['max_uses']],
		['uses as text', { max_uses: '3' }, ['max_uses']],
		['an end that is past', { expires_at: '2020-01-01T00:00:00.000Z' }, ['expires_at']],
		['an end that is no time', { expires_at: 'soon' }, ['expires_at']],
		['an unknown field', { nope: 1 }, ['nope']],
	];
	for (const [name, body, fields] of refused)
		it(`${name} is 422 and named`, async () => {
			const room = await closed();
			assert.deepEqual((await ann.refused(422, 'invalid', 'POST', path_of(room), { body }))
				.fields, fields);
		});

	it('a cursor that is none is 422', async () => {
		const room = await closed();
		for (const cursor of ['x', '.', 'a.b', '1'])
			assert.deepEqual((await ann.refused(422, 'invalid', 'GET',
				`${path_of(room)}?cursor=${cursor}`)).fields, ['cursor']);
	});
});

describe('when many hold the same invite', () => {
	it('exactly as many come in as it says, however they race', async () => {
		const room = await closed(), invite = await make(room, { max_uses: 5 });
		const crowd = await people(16);
		const replies = await Promise.all(crowd.flatMap((who) => [come(who, invite),
			come(who, invite)]));
		const inside = crowd.filter((_, i) => replies[2 * i].status === 200
			|| replies[2 * i + 1].status === 200);
		assert.equal(inside.length, 5);
		for (const reply of replies)
			assert.ok([200, 404].includes(reply.status), reply.text);
		assert.equal(await uses(room, invite), 5);
		assert.equal((await ann.get(`/rooms/${room.id}`)).member_count, 6);
	});

	it('the last use is had by one of two', async () => {
		for (let i = 0; i < 5; i++) {
			const room = await closed(), invite = await make(room, { max_uses: 1 });
			const replies = await Promise.all([come(bob, invite), come(eve, invite)]);
			assert.deepEqual(replies.map((r) => r.status).sort(), [200, 404]);
		}
	});

	it('nobody comes in after it was revoked', async () => {
		const room = await closed(), invite = await make(room);
		const crowd = await people(6);
		const [removed, ...replies] = await Promise.all([
			ann.call('DELETE', path_of(room, invite)), ...crowd.map((who) => come(who, invite))]);
		assert.equal(removed.status, 204);
		const inside = replies.filter((r) => r.status === 200).length;
		assert.equal((await ann.get(`/rooms/${room.id}`)).member_count, 1 + inside);
		await is_gone(await actor(server), invite);
	});
});
