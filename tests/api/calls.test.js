// Calls: who may ring whom, every transition between states, races, and the log.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import { actor, Client, PASSWORD, sign_in, TIME, UUID } from '../lib/rest.js';
import { end_private_servers, private_server, shared } from '../lib/server.js';
import { sweep } from '../lib/sweep.js';

let server, ann, bob, room;

before(async () => {
	server = await shared();
	[ann, bob, room] = await pair();
});

after(end_private_servers);

const direct = (who, other) => who.room({ name: undefined, kind: 'direct', user_id: other.id });
const people = (...names) => Promise.all(names.map((name) => actor(server, name)));
const group = (who, ...others) => who.room({ member_ids: others.map((o) => o.id) });

async function pair() {
	const two = await people('ann', 'bob');
	return [...two, await direct(...two)];
}

const ring = (who, room_id, fields = {}, headers) =>
	who.want(201, 'POST', '/calls', { body: { room_id: room_id.id ?? room_id, ...fields }, headers });
const no_ring = (who, status, code, where) =>
	who.refused(status, code, 'POST', '/calls', { body: { room_id: where.id } });
const move = (who, call, action) => who.want(200, 'PUT', `/calls/${call.id}`, { body: { action } });
const no_move = (who, status, code, call, action) =>
	who.refused(status, code, 'PUT', `/calls/${call.id}`, { body: { action } });
const get = (who, call) => who.get(`/calls/${call.id}`);
const parts = (call) => Object.fromEntries(call.participants.map((p) => [p.user_id, p.state]));
const part = (call, who) => parts(call)[who.id];
const time_is_up = (call) =>
	server.sql(`UPDATE calls SET ring_until = started_at WHERE id = '${call.id}'`);

// A call that its two people have brought into this state.
async function call_in(state, caller, callee, where) {
	const call = await ring(caller, where);
	if (state === 'active' || state === 'ended')
		await move(callee, call, 'accept');
	if (state === 'ended')
		await move(caller, call, 'hangup');
	if (state === 'declined')
		await move(callee, call, 'decline');
	if (state === 'cancelled')
		await move(caller, call, 'cancel');
	if (state === 'missed')
		await time_is_up(call);
	const now = await get(caller, call);
	assert.equal(now.state, state);
	return now;
}

async function put_down(caller, call) {
	const { state } = await get(caller, call);
	if (state === 'ringing')
		await move(caller, call, 'cancel');
	if (state === 'active')
		await move(caller, call, 'hangup');
}

describe('a call', () => {
	it('rings, is answered, and ends, and its log says who and when', async () => {
		const reply = await ann.call('POST', '/calls', { body: { room_id: room.id, kind: 'video' } });
		assert.equal(reply.status, 201, reply.text);
		const call = reply.body;
		assert.ok(reply.headers.get('location').endsWith(`/calls/${call.id}`));
		assert.deepEqual(Object.keys(call), ['id', 'room_id', 'kind', 'state', 'initiator_id',
			'participants', 'started_at', 'answered_at', 'ended_at', 'duration']);
		assert.match(call.id, UUID);
		assert.match(call.started_at, TIME);
		assert.deepEqual(
			{ ...call, id: 0, started_at: 0 },
			{
				id: 0, room_id: room.id, kind: 'video', state: 'ringing', initiator_id: ann.id,
				participants: [
					{ user_id: ann.id, state: 'joined', joined_at: call.started_at, left_at: null },
					{ user_id: bob.id, state: 'ringing', joined_at: null, left_at: null },
				],
				started_at: 0, answered_at: null, ended_at: null, duration: null,
			});
		assert.deepEqual(await get(bob, call), call);

		const active = await move(bob, call, 'accept');
		assert.equal(active.state, 'active');
		assert.equal(active.answered_at, active.participants[1].joined_at);
		assert.equal(active.duration, null);
		assert.deepEqual(parts(active), { [ann.id]: 'joined', [bob.id]: 'joined' });

		await server.sql(`UPDATE calls SET started_at = started_at - interval '65 s',
			answered_at = answered_at - interval '62 s' WHERE id = '${call.id}'`);
		const ended = await move(ann, call, 'hangup');
		assert.equal(ended.state, 'ended');
		assert.deepEqual(parts(ended), { [ann.id]: 'left', [bob.id]: 'left' });
		const seconds = (Date.parse(ended.ended_at) - Date.parse(ended.answered_at)) / 1000;
		assert.equal(ended.duration, Math.floor(seconds));
		assert.ok(ended.duration >= 62);
		assert.deepEqual(await get(bob, call), ended);
	});

	it('is an audio call by default, and accepts the other names of its fields', async () => {
		for (const [body, kind] of [
			[{ room_id: room.id }, 'audio'],
			[{ room: room.id, kind: 'audio' }, 'audio'],
			[{ chat_id: room.id, type: 'voice' }, 'audio'],
			[{ chat_id: room.id, type: 'video' }, 'video'],
		]) {
			const call = await ann.want(201, 'POST', '/calls', { body });
			assert.equal(call.kind, kind);
			const ended = { state: 'cancelled' };
			assert.equal((await ann.want(200, 'PATCH', `/calls/${call.id}`, { body: ended })).state, 'cancelled');
		}
	});

	it('is changed by the state that is wanted, too', async () => {
		const call = await ring(ann, room);
		const to = (who, state) => who.want(200, 'PUT', `/calls/${call.id}`, { body: { state } });
		assert.equal((await to(bob, 'active')).state, 'active');
		assert.equal((await to(bob, 'ended')).state, 'ended');
		const other = await ring(ann, room);
		const body = { status: 'declined' };
		assert.equal((await bob.want(200, 'PUT', `/calls/${other.id}`, { body })).state, 'declined');
	});

	it('is over for both when one of two hangs up', async () => {
		const call = await call_in('active', ann, bob, room);
		const ended = await move(bob, call, 'hangup');
		assert.equal(ended.state, 'ended');
		assert.deepEqual(await move(ann, call, 'hangup'), ended);
	});

	const refused = [
		['no room', {}, ['room_id']],
		['a room that is no id', { room_id: 'x' }, ['room_id']],
		['a kind that is none', () => ({ room_id: room.id, kind: 'smoke' }), ['kind']],
		['a field that we do not know', () => ({ room_id: room.id, to: bob.id }), ['to']],
	];
	for (const [name, body, bad] of refused)
		it(`with ${name} is 422 and named`, async () => {
			const given = typeof body === 'function' ? body() : body;
			const reply = await ann.refused(422, 'invalid', 'POST', '/calls', { body: given });
			assert.deepEqual(reply.fields, bad, reply.text);
		});

	for (const [name, body, bad] of [
		['without an action', {}, ['action']],
		['with one that is none', { action: 'answer' }, ['action']],
		['with one and its other name', { action: 'accept', state: 'active' }, ['state']],
	])
		it(`changed ${name} is 422 and named`, async () => {
			const call = await call_in('ended', ann, bob, room);
			const reply = await ann.refused(422, 'invalid', 'PUT', `/calls/${call.id}`, { body });
			assert.deepEqual(reply.fields, bad, reply.text);
		});
});

// ---- every transition ---------------------------------------------------------------

// The result of each action on a call of two people: a state is a 200, a number a refusal.
const edges = {
	//            caller:  accept     decline     cancel       hangup
	ringing: { caller: [409, 409, 'cancelled', 409], callee: ['active', 'declined', 403, 409] },
	active: { caller: ['active', 409, 409, 'ended'], callee: ['active', 409, 403, 'ended'] },
	ended: { caller: [409, 409, 409, 'ended'], callee: [409, 409, 403, 'ended'] },
	declined: { caller: [409, 409, 409, 409], callee: [409, 'declined', 403, 409] },
	cancelled: { caller: [409, 409, 'cancelled', 409], callee: [409, 409, 403, 409] },
	missed: { caller: [409, 409, 409, 409], callee: [409, 409, 403, 409] },
};
const actions = ['accept', 'decline', 'cancel', 'hangup'];
const codes = { 403: 'forbidden', 409: 'conflict' };

describe('between the states of a call of two', () => {
	let who, where;

	before(async () => {
		const [caller, callee, direct_room] = await pair();
		who = { caller, callee };
		where = direct_room;
	});

	for (const [state, roles] of Object.entries(edges))
		for (const [role, outcomes] of Object.entries(roles))
			for (const [i, outcome] of outcomes.entries())
				it(`${state}: ${actions[i]} by the ${role} is ${outcome}`, async () => {
					const call = await call_in(state, who.caller, who.callee, where);
					if (typeof outcome === 'string') {
						assert.equal((await move(who[role], call, actions[i])).state, outcome);
						// an action without effect changes nothing at
						// all
						if (outcome === state)
							assert.deepEqual(await get(who[role], call), call);
					} else {
						const reply = await no_move(who[role], outcome, codes[outcome], call, actions[i]);
						if (outcome === 409)
							assert.ok(reply.body.detail.startsWith(`The call is ${state};`), reply.text);
						assert.deepEqual(await get(who[role], call), call);
					}
					await put_down(who.caller, call);
				});

	it('a stranger finds no call, and changes none', async () => {
		const eve = await actor(server, 'eve');
		for (const call of [await call_in('ended', who.caller, who.callee, where),
			await call_in('ringing', who.caller, who.callee, where), { id: randomUUID() }]) {
			await eve.refused(404, 'not_found', 'GET', `/calls/${call.id}`);
			await eve.refused(404, 'not_found', 'GET', `/calls/ice?call_id=${call.id}`);
			for (const action of actions)
				await no_move(eve, 404, 'not_found', call, action);
		}
	});
});

// ---- racing -------------------------------------------------------------------------

describe('of those who race', () => {
	it('one device of many is the first to answer; it may ask again, the others may not', async () => {
		const [caller, callee, where] = await pair();
		const devices = [callee];
		while (devices.length < 6)
			devices.push(await sign_in(server, callee));
		const call = await ring(caller, where);
		const answers = await Promise.all(devices.map((d) =>
			d.call('PUT', `/calls/${call.id}`, { body: { action: 'accept' } })));
		assert.deepEqual(answers.map((a) => a.status).sort(), [200, 409, 409, 409, 409, 409]);
		const winner = answers.findIndex((a) => a.status === 200);
		assert.deepEqual(await move(devices[winner], call, 'accept'), answers[winner].body);
		await no_move(devices[(winner + 1) % 6], 409, 'conflict', call, 'accept');
		// any of them may hang up
		assert.equal((await move(devices[(winner + 2) % 6], call, 'hangup')).state, 'ended');
	});

	it('accepting and cancelling have one winner, and both sides hear the same', async () => {
		const [caller, callee, where] = await pair();
		for (let i = 0; i < 10; i++) {
			const call = await ring(caller, where);
			const [yes, no] = await Promise.all([
				callee.call('PUT', `/calls/${call.id}`, { body: { action: 'accept' } }),
				caller.call('PUT', `/calls/${call.id}`, { body: { action: 'cancel' } }),
			]);
			assert.deepEqual([yes.status, no.status].sort(), [200, 409], `${yes.text} ${no.text}`);
			const { state } = await get(caller, call);
			assert.equal(state, yes.status === 200 ? 'active' : 'cancelled');
			assert.ok((yes.status === 409 ? yes : no).body.detail.includes(state));
			await put_down(caller, call);
		}
	});

	it('many who call in one room at once make one call, which the others are told of', async () => {
		const all = await people('a', 'b', 'c', 'd', 'e');
		const where = await group(...all);
		const replies = await Promise.all(all.map((who) =>
			who.call('POST', '/calls', { body: { room_id: where.id } })));
		const made = replies.filter((r) => r.status === 201);
		assert.equal(made.length, 1);
		for (const reply of replies.filter((r) => r.status !== 201)) {
			assert.equal(reply.status, 409);
			assert.equal(reply.body.code, 'call_active');
			assert.equal(reply.body.call_id, made[0].body.id);
		}
	});

	it('many who answer a call of several all join, and it was answered once', async () => {
		const [caller, ...others] = await people('caller', 'a', 'b', 'c', 'd');
		const call = await ring(caller, await group(caller, ...others));
		const answers = await Promise.all(others.map((who) => move(who, call, 'accept')));
		const after_all = await get(caller, call);
		assert.ok(after_all.participants.every((p) => p.state === 'joined'));
		assert.deepEqual([...new Set(answers.map((a) => a.answered_at))], [after_all.answered_at]);
	});

	it('a person who answers two calls at once is in one of them', async () => {
		const [one, other, callee] = await people('one', 'other', 'callee');
		const second = await sign_in(server, callee);
		const calls = await Promise.all([one, other].map(async (who) => ring(who, await direct(who, callee))));
		const answers = await Promise.all([callee, second].map((who, i) =>
			who.call('PUT', `/calls/${calls[i].id}`, { body: { action: 'accept' } })));
		assert.deepEqual(answers.map((a) => a.status).sort(), [200, 409]);
		const lost = answers.findIndex((a) => a.status === 409);
		const reply = await no_move(callee, 409, 'busy', calls[lost], 'accept');
		assert.equal(reply.body.call_id, calls[1 - lost].id);
		await move(callee, calls[1 - lost], 'hangup');
		assert.equal((await move(callee, calls[lost], 'accept')).state, 'active');
	});
});

// ---- rooms of several ---------------------------------------------------------------

describe('in a room of several', () => {
	it('all ring; it ends when the last but one leaves, and who still rang has missed it', async () => {
		const [a, b, c, d] = await people('a', 'b', 'c', 'd');
		const call = await ring(a, await group(a, b, c, d));
		assert.deepEqual(parts(call), {
			[a.id]: 'joined', [b.id]: 'ringing', [c.id]: 'ringing', [d.id]: 'ringing',
		});
		assert.equal(call.participants[0].user_id, a.id);
		await move(b, call, 'accept');
		await move(c, call, 'accept');
		assert.equal((await move(a, call, 'hangup')).state, 'active');
		const ended = await move(b, call, 'hangup');
		assert.equal(ended.state, 'ended');
		assert.deepEqual(parts(ended), {
			[a.id]: 'left', [b.id]: 'left', [c.id]: 'left', [d.id]: 'missed',
		});
	});

	it('one who declines keeps nobody else from it; if all do, it is declined', async () => {
		const [a, b, c] = await people('a', 'b', 'c');
		const where = await group(a, b, c);
		const call = await ring(a, where);
		assert.equal((await move(b, call, 'decline')).state, 'ringing');
		assert.equal((await move(c, call, 'decline')).state, 'declined');
		const other = await ring(a, where);
		await move(b, other, 'decline');
		await time_is_up(other);
		assert.deepEqual(parts(await get(a, other)), {
			[a.id]: 'left', [b.id]: 'declined', [c.id]: 'missed',
		});
		assert.equal((await get(a, other)).state, 'missed');
	});

	it('one may join later: who said no, who left, and who came into the room meanwhile', async () => {
		const [a, b, c, d] = await people('a', 'b', 'c', 'd');
		const where = await group(a, b, c);
		const call = await ring(a, where);
		await move(b, call, 'accept');
		await move(c, call, 'decline');
		const first = (await move(c, call, 'accept')).participants.find((p) => p.user_id === c.id);
		await move(c, call, 'hangup');
		const again = (await move(c, call, 'accept')).participants.find((p) => p.user_id === c.id);
		assert.deepEqual(again, first);
		await d.join(where.id);
		assert.equal((await get(d, call)).state, 'active');
		await no_move(d, 403, 'forbidden', call, 'hangup');
		await no_move(d, 403, 'forbidden', call, 'decline');
		await no_move(d, 403, 'forbidden', call, 'cancel');
		assert.equal(part(await move(d, call, 'accept'), d), 'joined');
	});

	it('one who has not answered in time has missed it, while the others go on', async () => {
		const [a, b, c] = await people('a', 'b', 'c');
		const call = await ring(a, await group(a, b, c));
		await move(b, call, 'accept');
		await time_is_up(call);
		const now = await get(a, call);
		assert.equal(now.state, 'active');
		assert.equal(part(now, c), 'missed');
		assert.equal(part(await move(c, call, 'accept'), c), 'joined');
	});

	it('there are only so many, which /status says', async () => {
		const { max_call_participants: most } = (await ann.get('/status')).limits;
		assert.equal(most, 8);
		const owner = await actor(server, 'owner');
		const others = [];
		while (others.length < most)
			others.push(await actor(server, 'other'));
		const where = await group(owner, ...others.slice(1));
		const call = await ring(owner, where);
		for (const who of others.slice(1))
			await move(who, call, 'accept');
		await others[0].join(where.id);
		await no_move(others[0], 409, 'call_full', call, 'accept');
		await move(others[1], call, 'hangup');
		await move(others[0], call, 'accept');
		for (const who of others)
			await who.call('PUT', `/calls/${call.id}`, { body: { action: 'hangup' } });
		assert.equal((await get(owner, call)).state, 'ended');
		await no_ring(owner, 409, 'call_full', where);
	});

	it('alone there is nobody to call', async () => {
		const who = await actor(server, 'alone');
		await no_ring(who, 409, 'conflict', await who.room());
	});
});

// ---- busy ---------------------------------------------------------------------------

describe('whoever is in a call already', () => {
	it('is busy to others: nothing rings, and the call is missed at once', async () => {
		const [eve] = await people('eve');
		const call = await call_in('active', ann, bob, room);
		const missed = await ring(eve, await direct(eve, bob));
		assert.equal(missed.state, 'missed');
		assert.deepEqual(parts(missed), { [eve.id]: 'left', [bob.id]: 'busy' });
		assert.equal(missed.duration, null);
		assert.equal((await bob.get('/calls?limit=1')).items[0].id, missed.id);
		await move(ann, call, 'hangup');
		await move(bob, await ring(eve, missed.room_id), 'decline');
	});

	it('is not rung in a room of several, and may join when free', async () => {
		const [eve] = await people('eve');
		const call = await call_in('active', ann, bob, room);
		const [zoe] = await people('zoe');
		const all = await ring(eve, await group(eve, zoe, bob));
		assert.deepEqual(parts(all), { [eve.id]: 'joined', [zoe.id]: 'ringing', [bob.id]: 'busy' });
		const reply = await no_move(bob, 409, 'busy', all, 'accept');
		assert.equal(reply.body.call_id, call.id);
		await move(bob, call, 'hangup');
		assert.equal((await move(bob, all, 'accept')).state, 'active');
		await move(bob, all, 'hangup');
	});

	it('begins no other', async () => {
		const [a, b, c] = await people('a', 'b', 'c');
		const call = await ring(a, await direct(a, b));
		const reply = await no_ring(a, 409, 'busy', await direct(a, c));
		assert.equal(reply.body.call_id, call.id);
		await move(a, call, 'cancel');
		await ring(a, await direct(a, c));
	});

	it('is free again when the call they wait in was not answered in time', async () => {
		const [a, b, c] = await people('a', 'b', 'c');
		const call = await ring(a, await direct(a, b));
		await time_is_up(call);
		const next = await ring(c, await direct(c, a));
		assert.equal(next.state, 'ringing');
		assert.equal((await move(a, next, 'accept')).state, 'active');
		assert.equal((await get(b, call)).state, 'missed');
	});
});

// ---- who may ------------------------------------------------------------------------

describe('who may call', () => {
	const keep = (who, other, fields) =>
		who.want(201, 'POST', '/contacts', { body: { user_id: other.id, ...fields } });
	const set = (who, settings) => who.want(200, 'PUT', '/users/me', { body: { settings } });
	const mute = (who, other, where, muted_until) =>
		who.want(200, 'PUT', `/rooms/${where.id}/members/${other.id}`, { body: { muted_until } });

	it('a block stops calls both ways, and lifting it brings them back', async () => {
		const [a, b, where] = await pair();
		await keep(a, b, { blocked: true });
		await no_ring(a, 403, 'cannot_write', where);
		await no_ring(b, 403, 'cannot_write', where);
		await keep(a, b, { blocked: false });
		await move(a, await ring(a, where), 'cancel');
	});

	it('a block ends the call that there is', async () => {
		const [a, b, where] = await pair();
		const rings = await ring(a, where);
		await keep(b, a, { blocked: true });
		await no_move(b, 409, 'conflict', rings, 'accept');
		assert.equal((await get(a, rings)).state, 'missed');
		await keep(b, a, { blocked: false });
		const call = await call_in('active', a, b, where);
		await keep(a, b, { blocked: true });
		assert.equal((await get(b, call)).state, 'ended');
	});

	it('who_can_write holds for calls', async () => {
		const [a, b, where] = await pair();
		await set(b, { who_can_write: 'contacts' });
		await no_ring(a, 403, 'cannot_write', where);
		await move(b, await ring(b, where), 'cancel');
		await keep(b, a, {});
		await move(a, await ring(a, where), 'cancel');
	});

	it('in a room of several, people with a block between them do not ring each other', async () => {
		const [a, b, c, d] = await people('a', 'b', 'c', 'd');
		const where = await group(a, b, c, d);
		await keep(b, a, { blocked: true });
		await set(c, { who_can_write: 'nobody' });
		const call = await ring(a, where);
		assert.deepEqual(parts(call), { [a.id]: 'joined', [d.id]: 'ringing' });
		// they are not rung, but may join by themselves, as they may read the room
		assert.equal((await move(b, call, 'accept')).state, 'active');
		await move(a, call, 'hangup');
		await keep(d, a, { blocked: true });
		await no_ring(a, 403, 'cannot_write', where);
	});

	it('the muted neither call nor ring nor answer', async () => {
		const [a, b, c] = await people('a', 'b', 'c');
		const where = await group(a, b, c);
		await mute(a, b, where, '2099-01-01T00:00:00Z');
		await no_ring(b, 403, 'forbidden', where);
		const call = await ring(a, where);
		assert.deepEqual(Object.keys(parts(call)).sort(), [a.id, c.id].sort());
		await no_move(b, 403, 'forbidden', call, 'accept');
		await mute(a, b, where, null);
		assert.equal((await move(b, call, 'accept')).state, 'active');
	});

	it('who is no member, was banned, or names no room, finds none', async () => {
		const [a, b, eve] = await people('a', 'b', 'eve');
		const where = await group(a, b);
		await a.ban(where.id, b.id);
		for (const who of [b, eve])
			await no_ring(who, 404, 'not_found', where);
		await no_ring(a, 404, 'not_found', { id: randomUUID() });
	});

	it('who is banned, leaves or is put out is out of the call, and sees no more of it if banned', async () => {
		const [a, b, c, d] = await people('a', 'b', 'c', 'd');
		const where = await group(a, b, c, d);
		const call = await ring(a, where);
		for (const who of [b, c, d])
			await move(who, call, 'accept');
		await a.ban(where.id, b.id);
		await b.refused(404, 'not_found', 'GET', `/calls/${call.id}`);
		await b.refused(404, 'not_found', 'GET', `/calls/ice?call_id=${call.id}`);
		await no_move(b, 404, 'not_found', call, 'hangup');
		assert.deepEqual((await b.get('/calls')).items, []);
		assert.equal(part(await get(a, call), b), 'left');
		await c.want(204, 'POST', `/rooms/${where.id}/leave`);
		const left = await get(c, call);
		assert.equal(part(left, c), 'left');
		assert.deepEqual((await c.get('/calls')).items, [left]);
		await no_move(c, 403, 'forbidden', call, 'accept');
		await a.want(204, 'DELETE', `/rooms/${where.id}/members/${d.id}`);
		assert.equal((await get(a, call)).state, 'ended');
	});

	it('whose sign-in ends is out of the call', async () => {
		const [a, b, where] = await pair();
		const device = await sign_in(server, b);
		const call = await ring(a, where);
		await move(device, call, 'accept');
		await b.want(204, 'POST', '/auth/logout');
		assert.equal((await get(a, call)).state, 'active');
		await device.want(204, 'POST', '/auth/logout');
		assert.equal((await get(a, call)).state, 'ended');
	});

	it('nobody without a token', async () => {
		const nobody = new Client(server);
		for (const [method, path] of [['GET', '/calls'], ['POST', '/calls'], ['GET', `/calls/${randomUUID()}`],
			['PUT', `/calls/${randomUUID()}`], ['GET', '/calls/ice']])
			assert.equal((await nobody.call(method, path)).status, 401, `${method} ${path}`);
	});

	it('another method is 405 and names those there are', async () => {
		const reply = await ann.refused(405, 'method_not_allowed', 'DELETE', `/calls/${randomUUID()}`);
		assert.match(reply.headers.get('allow'), /PUT/);
		await ann.refused(405, 'method_not_allowed', 'POST', '/calls/ice');
	});
});

describe('API tokens', () => {
	const script = async (who, fields) => {
		const { secret } = await who.want(201, 'POST', '/auth/tokens', { body: { name: 'x', ...fields } });
		return Object.assign(new Client(server, { token: secret }), { id: who.id });
	};

	it('read with `read`, and call and answer with `post`', async () => {
		const [a, b, where] = await pair();
		const reads = await script(b, { scopes: ['read'] });
		const posts = await script(b, { scopes: ['post'] });
		const call = await ring(a, where);
		assert.equal((await get(reads, call)).id, call.id);
		assert.equal((await reads.get('/calls')).items.length, 1);
		await no_move(reads, 403, 'forbidden', call, 'accept');
		await no_ring(reads, 403, 'forbidden', where);
		await reads.refused(403, 'forbidden', 'GET', `/calls/ice?call_id=${call.id}`);
		await posts.refused(403, 'forbidden', 'GET', '/calls');
		assert.equal((await move(posts, call, 'accept')).state, 'active');
		await posts.get(`/calls/ice?call_id=${call.id}`);
		// the device in the call is the token
		const { items } = await b.get('/auth/tokens');
		const { id } = items.find((t) => t.scopes[0] === 'post');
		await b.want(204, 'DELETE', `/auth/tokens/${id}`);
		assert.equal((await get(a, call)).state, 'ended');
	});

	it('of one room know no call elsewhere', async () => {
		const [a, b, where] = await pair();
		const other = await group(a, b);
		const bound = await script(a, { scopes: ['read', 'post'], room_id: where.id });
		await no_ring(bound, 404, 'not_found', other);
		const call = await ring(a, other);
		await bound.refused(404, 'not_found', 'GET', `/calls/${call.id}`);
		await bound.refused(404, 'not_found', 'GET', `/calls/ice?call_id=${call.id}`);
		await no_move(bound, 404, 'not_found', call, 'cancel');
		await bound.refused(404, 'not_found', 'GET', `/calls?room_id=${other.id}`);
		// it may learn that they are busy, but not with which call
		const says_no_id = (reply) => assert.doesNotMatch(reply.text, new RegExp(`call_id|${call.id}`));
		says_no_id(await no_ring(bound, 409, 'busy', where));
		const three = await group(a, b, await actor(server));
		const of_three = await script(a, { scopes: ['post'], room_id: three.id });
		const theirs = await ring(b, three);
		says_no_id(await no_move(of_three, 409, 'busy', theirs, 'accept'));
		assert.equal((await no_ring(of_three, 409, 'call_active', three)).body.call_id, theirs.id);
		await move(b, theirs, 'cancel');
		await move(a, call, 'cancel');
		const own = await ring(bound, where);
		assert.deepEqual((await bound.get('/calls')).items.map((c) => c.id), [own.id]);
		assert.equal((await get(bound, own)).id, own.id);
		await bound.get(`/calls/ice?call_id=${own.id}`);
		assert.equal((await move(bound, own, 'cancel')).state, 'cancelled');
	});
});

// ---- time ---------------------------------------------------------------------------

describe('a call that nobody answers', () => {
	it('is missed when its time is up, as of that time, whoever asks and however late', async () => {
		const looks = {
			'by its id': (call) => get(ann, call),
			'in my list': async () => (await bob.get('/calls?limit=1')).items[0],
			"in the room's list": async () => (await ann.get(`/calls?room_id=${room.id}&limit=1`)).items[0],
		};
		for (const [name, look] of Object.entries(looks)) {
			const call = await ring(ann, room);
			await time_is_up(call);
			const seen = await look(call);
			assert.equal(seen.id, call.id);
			assert.equal(seen.state, 'missed', name);
			assert.deepEqual(parts(seen), { [ann.id]: 'left', [bob.id]: 'missed' });
			assert.equal(seen.ended_at, seen.started_at);
		}
	});

	it('is missed by the sweep, if nobody looks', async () => {
		const call = await ring(ann, room);
		await time_is_up(call);
		await sweep(server, 'calls', () => bob.get('/calls?limit=1&cursor=' + Buffer.from(
			`d1000.${randomUUID()}`).toString('base64url')));
		const state = () => server.sql(`SELECT state FROM calls WHERE id = '${call.id}'`);
		for (let i = 0; await state() !== 'missed'; i++) {
			assert.ok(i < 200, 'the sweep ends it');
			await sweep(server, 'calls', () => ann.refused(404, 'not_found', 'GET', `/calls/${randomUUID()}`));
		}
	});

	it('can no longer be accepted, and prevents no other call', async () => {
		const call = await ring(ann, room);
		await time_is_up(call);
		await no_move(bob, 409, 'conflict', call, 'accept');
		const late = await ring(ann, room);
		await time_is_up(late);
		await move(bob, await ring(bob, room), 'cancel');
		assert.equal((await get(bob, late)).state, 'missed');
	});

	it('and one that never ends is ended', async () => {
		const call = await call_in('active', ann, bob, room);
		await server.sql(`UPDATE calls SET started_at = started_at - interval '2 days',
			ring_until = ring_until - interval '2 days', end_by = end_by - interval '2 days',
			answered_at = answered_at - interval '2 days' WHERE id = '${call.id}'`);
		const ended = await get(ann, call);
		assert.equal(ended.state, 'ended');
		assert.ok(Math.abs(ended.duration - 86400) <= 1);
	});
});

// ---- keys ---------------------------------------------------------------------------

describe('with an Idempotency-Key', () => {
	it('one call is made, however often and at once it is asked for', async () => {
		const [a, b, where] = await pair();
		const headers = { 'Idempotency-Key': randomUUID() };
		const made = await Promise.all([1, 2, 3, 4, 5].map(() => ring(a, where, {}, headers)));
		assert.equal(new Set(made.map((c) => c.id)).size, 1);
		await move(b, made[0], 'decline');
		const again = await ring(a, where, {}, headers);
		assert.equal(again.id, made[0].id);
		assert.equal(again.state, 'declined');
		assert.equal((await a.get('/calls')).items.length, 1);
		// the same key of another person is another key
		await move(b, await ring(b, where, {}, headers), 'cancel');
	});

	it('another request under it is 422', async () => {
		const [a, , where] = await pair();
		const headers = { 'Idempotency-Key': randomUUID() };
		await ring(a, where, {}, headers);
		await a.refused(422, 'idempotency_mismatch', 'POST', '/calls', {
			body: { room_id: where.id, kind: 'video' }, headers,
		});
		await a.refused(422, 'invalid', 'POST', '/calls', {
			body: { room_id: where.id }, headers: { 'Idempotency-Key': 'a key' },
		});
	});

	it('what was refused is tried anew', async () => {
		const [a, b, where] = await pair();
		const headers = { 'Idempotency-Key': randomUUID() };
		const first = await ring(b, where);
		await a.refused(409, 'call_active', 'POST', '/calls', { body: { room_id: where.id }, headers });
		await move(b, first, 'cancel');
		assert.equal((await ring(a, where, {}, headers)).state, 'ringing');
	});
});

// ---- the log ------------------------------------------------------------------------

async function whole_list(who, query, limit) {
	const items = [];
	for (let next = ''; next !== null;) {
		const page = await who.get(`/calls?limit=${limit}${query}${next && `&cursor=${next}`}`);
		assert.ok(page.items.length <= limit);
		items.push(...page.items);
		next = page.next;
	}
	return items;
}

describe('the log', () => {
	it('has my calls of all rooms, the latest first, page by page', async () => {
		const [a, b, where] = await pair();
		const other = await group(a, b);
		const made = [];
		for (let i = 0; i < 7; i++)
			made.unshift(await call_in(['declined', 'ended', 'cancelled'][i % 3], a, b, i % 2 ? where : other));
		for (const limit of [1, 2, 3, 7, 50]) {
			assert.deepEqual(await whole_list(b, '', limit), made);
			assert.deepEqual(await whole_list(a, `&room_id=${where.id}`, limit),
				made.filter((c) => c.room_id === where.id));
		}
		assert.deepEqual(await whole_list(b, `&chat_id=${other.id}`, 2),
			made.filter((c) => c.room_id === other.id));
	});

	it('of a room is for its members; mine has only the calls that I had a part in', async () => {
		const [a, b, late, eve] = await people('a', 'b', 'late', 'eve');
		const where = await group(a, b);
		const call = await call_in('ended', a, b, where);
		await late.join(where.id);
		assert.deepEqual((await late.get('/calls')).items, []);
		assert.deepEqual((await late.get(`/calls?room_id=${where.id}`)).items, [call]);
		assert.deepEqual(await get(late, call), call);
		await eve.refused(404, 'not_found', 'GET', `/calls?room_id=${where.id}`);
		await eve.refused(404, 'not_found', 'GET', `/calls?room_id=${randomUUID()}`);
	});

	it('hides what was before one came, where the room does', async () => {
		const [a, b, late] = await people('a', 'b', 'late');
		const where = await group(a, b);
		await a.want(200, 'PUT', `/rooms/${where.id}`, { body: { settings: { history: 'since_join' } } });
		const before_them = await call_in('ended', a, b, where);
		await late.join(where.id);
		await late.refused(404, 'not_found', 'GET', `/calls/${before_them.id}`);
		const after_them = await call_in('ringing', a, b, where);
		assert.deepEqual((await late.get(`/calls?room_id=${where.id}`)).items, [after_them]);
	});

	it('is not changed as long as the ETag holds', async () => {
		const [a, b, where] = await pair();
		const call = await ring(a, where);
		for (const [path, action] of [['/calls', 'accept'], [`/calls/${call.id}`, 'hangup']]) {
			const first = await a.call('GET', path);
			const headers = { 'If-None-Match': first.headers.get('etag') };
			assert.equal((await a.call('GET', path, { headers })).status, 304);
			await move(b, call, action);
			assert.equal((await a.call('GET', path, { headers })).status, 200);
		}
	});

	it('keeps those whose account was removed, by their id', async () => {
		const [a, b, where] = await pair();
		const call = await call_in('ended', a, b, where);
		const live = await call_in('active', b, a, where);
		await a.want(204, 'DELETE', '/users/me', { body: { password: PASSWORD } });
		assert.deepEqual(await get(b, call), call);
		const ended = await get(b, live);
		assert.equal(ended.state, 'ended');
		assert.deepEqual(parts(ended), { [a.id]: 'left', [b.id]: 'left' });
		assert.deepEqual((await b.get('/calls')).items.map((c) => c.id), [live.id, call.id]);
	});

	it('goes with its room', async () => {
		const [a, b] = await people('a', 'b');
		const where = await group(a, b);
		const headers = { 'Idempotency-Key': randomUUID() };
		const call = await ring(a, where, {}, headers);
		await a.want(204, 'DELETE', `/rooms/${where.id}`);
		for (const who of [a, b]) {
			await who.refused(404, 'not_found', 'GET', `/calls/${call.id}`);
			assert.deepEqual((await who.get('/calls')).items, []);
		}
		assert.equal(await server.sql(`SELECT count(*) FROM idempotency_keys WHERE thing_id = '${call.id}'`), '0');
	});

	const refused = [
		['a limit of 0', '?limit=0', ['limit']],
		['a cursor that is none', '?cursor=x', ['cursor']],
		['a room that is no id', '?room_id=x', ['room_id']],
		['a parameter that we do not know', '?kind=video', ['kind']],
	];
	for (const [name, query, bad] of refused)
		it(`${name} is 422 and named`, async () => {
			const reply = await ann.refused(422, 'invalid', 'GET', `/calls${query}`);
			assert.deepEqual(reply.fields, bad, reply.text);
		});
});

describe('ICE servers', () => {
	it('are for those who ring or are in the call, while it goes on', async () => {
		const [a, b, where] = await pair();
		const call = await ring(a, where);
		const path = `/calls/ice?call_id=${call.id}`;
		for (const who of [a, b]) {
			const reply = await who.call('GET', path);
			assert.equal(reply.status, 200, reply.text);
			assert.match(reply.headers.get('cache-control'), /no-store/);
			assert.deepEqual(reply.body.ice_servers, []);
			assert.match(reply.body.expires_at, TIME);
		}
		await move(b, call, 'accept');
		await b.get(path);
		await move(b, call, 'hangup');
		for (const who of [a, b])
			await who.refused(409, 'conflict', 'GET', path);
		await a.refused(404, 'not_found', 'GET', `/calls/ice?call_id=${randomUUID()}`);
		assert.deepEqual((await a.refused(422, 'invalid', 'GET', '/calls/ice')).fields, ['call_id']);
	});

	it('are not for members who take no part, nor for those who said no or left', async () => {
		const [a, b, c, late] = await people('a', 'b', 'c', 'late');
		const where = await group(a, b, c);
		const call = await ring(a, where);
		const path = `/calls/ice?call_id=${call.id}`;
		await late.join(where.id);
		await late.refused(403, 'forbidden', 'GET', path);
		await move(b, call, 'decline');
		await b.refused(409, 'conflict', 'GET', path);
		await move(c, call, 'accept');
		await move(late, call, 'accept');
		await late.get(path);
		await move(late, call, 'hangup');
		await late.refused(409, 'conflict', 'GET', path);
	});
});

it('settings change how long it rings and how many take part', async () => {
	const small = await private_server({
		name: 'small-calls', env: { FOYER_MAX_CALL_PARTICIPANTS: '2', FOYER_CALL_RING_S: '5' },
	});
	const [a, b, c] = [await actor(small, 'a'), await actor(small, 'b'), await actor(small, 'c')];
	await no_ring(a, 409, 'call_full', await group(a, b, c));
	const call = await ring(a, await direct(a, b));
	const row = await small.sql(`SELECT ring_until - started_at FROM calls WHERE id = '${call.id}'`);
	assert.equal(row, '00:00:05');
	assert.equal((await a.get('/status')).limits.call_ring_s, 5);
	assert.ok((await a.get('/status')).features.includes('calls'));
});
