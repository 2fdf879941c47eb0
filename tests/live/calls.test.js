// Calls by frames: all devices ring, one answers, signals go between the participants, and a
// device that stays away is out. Actions by REST are heard here, and the other way round.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { Peer } from '../lib/peer.js';
import { reload } from '../lib/reload.js';
import { actor, sign_in } from '../lib/rest.js';
import { end_private_servers, private_server, LOOSE } from '../lib/server.js';

// Ringing lasts longer than any test; so may absence, unless the test is about its end.
const LONG_S = 600, SOON_S = 2;

// Each test has people of its own, so tests run in parallel.
const BESIDE = { concurrency: 4 };

let server;

before(async () => {
	server = await private_server({
		name: 'calls',
		env: { ...LOOSE, FOYER_CALL_RING_S: String(LONG_S), FOYER_MAX_CALL_PARTICIPANTS: '3' },
	});
	await grace(LONG_S);
});
after(end_all);
after(end_private_servers);

const grace = (seconds) => reload(server, { call_grace_s: seconds });
const people = (...names) => Promise.all(names.map((name) => actor(server, name)));
const direct = (who, other) => who.room({ name: undefined, kind: 'direct', user_id: other.id });
const group = (who, ...others) => who.room({ member_ids: others.map((o) => o.id) });
const parts = (call) => Object.fromEntries(call.participants.map((p) => [p.user_id, p.state]));
const device = (who) => live(server, { token: who.token });
const other_device = async (who) => device(await sign_in(server, who));

const start = async (ear, room, fields = {}) =>
	(await ear.want('call', { type: 'call', action: 'start', room_id: room.id, ...fields })).call;
const act = async (ear, call, action) =>
	(await ear.want('call', { type: 'call', action, call_id: call.id })).call;
const no_act = (ear, code, call, action) =>
	ear.refused(code, { type: 'call', action, call_id: call.id });
const by_rest = (who, call, action) => who.want(200, 'PUT', `/calls/${call.id}`, { body: { action } });

// The first `call` frame that shows this call in this state.
const hears = (ear, call, state, like = () => true) => ear.find(
	(f) => f.type === 'call' && f.call.id === call.id && f.call.state === state && like(f),
	`call frame ${state}`);
const heard = (ear, call) => ear.frames.filter((f) => f.type === 'call' && f.call.id === call.id);
const signals = (ear) => ear.frames.filter((f) => f.type === 'signal');
const signal = (ear, call, to, data) =>
	ear.send({ type: 'signal', call_id: call.id, to: to.id, data });

// Two people in a direct room with a device each, and a call from one to the other.
async function pair(options = {}) {
	const [ann, bob] = await people('ann', 'bob');
	const room = await direct(ann, bob);
	const [a, b] = [await device(ann), await device(bob)];
	if (options.idle)
		return { ann, bob, room, a, b };
	const call = await start(a, room);
	await hears(b, call, 'ringing');
	if (options.active) {
		await act(b, call, 'accept');
		await hears(a, call, 'active');
	}
	return { ann, bob, room, a, b, call };
}

describe('a call by frames', BESIDE, () => {
	it('rings on all devices, is answered by one, and ends, as REST shows it', async () => {
		const { ann, bob, room, a, b } = await pair({ idle: true });
		const [a2, b2] = [await other_device(ann), await other_device(bob)];
		const call = await start(a, room, { kind: 'video' });
		assert.equal(call.kind, 'video');
		assert.equal(call.state, 'ringing');
		assert.deepEqual(parts(call), { [ann.id]: 'joined', [bob.id]: 'ringing' });
		assert.deepEqual(await ann.get(`/calls/${call.id}`), call);
		for (const ear of [b, b2, a2]) {
			const frame = await hears(ear, call, 'ringing');
			assert.deepEqual(frame, { type: 'call', call, action: 'start', by: ann.id });
		}
		const active = await act(b2, call, 'accept');
		assert.equal(active.state, 'active');
		for (const ear of [a, a2, b]) {
			const frame = await hears(ear, call, 'active');
			assert.deepEqual(frame, { type: 'call', call: active, action: 'accept', by: bob.id });
		}
		const ended = await act(a, call, 'hangup');
		assert.equal(ended.state, 'ended');
		for (const ear of [a2, b, b2])
			assert.deepEqual(await hears(ear, call, 'ended'),
				{ type: 'call', call: ended, action: 'hangup', by: ann.id });
		assert.deepEqual(await bob.get(`/calls/${call.id}`), ended);
		for (const ear of [a2, b]) {
			await ear.settled();
			assert.deepEqual(heard(ear, call).map((f) => f.call.state), ['ringing', 'active', 'ended']);
		}
	});

	it('stops ringing on all devices when one of them declines', async () => {
		const { bob, a, b, room } = await pair({ idle: true });
		const b2 = await other_device(bob);
		const call = await start(a, room);
		await hears(b2, call, 'ringing');
		await act(b2, call, 'decline');
		for (const ear of [a, b])
			assert.equal((await hears(ear, call, 'declined')).by, bob.id);
		await no_act(b, 'conflict', call, 'accept');
		assert.deepEqual(parts(await act(b2, call, 'decline')), parts((await hears(a, call, 'declined')).call));
	});

	it('stops ringing when the caller cancels', async () => {
		const { ann, a, b, call } = await pair();
		await no_act(b, 'forbidden', call, 'cancel');
		assert.equal((await act(a, call, 'cancel')).state, 'cancelled');
		assert.equal((await hears(b, call, 'cancelled')).by, ann.id);
		await no_act(b, 'conflict', call, 'accept');
	});

	it('is missed when nobody answers in time, by nobody', async () => {
		const { a, b, call } = await pair();
		await server.sql(`UPDATE calls SET ring_until = started_at WHERE id = '${call.id}'`);
		for (const ear of [a, b]) {
			const { action, by } = await hears(ear, call, 'missed');
			assert.deepEqual({ action, by }, { action: 'missed', by: null });
		}
	});

	it('is one: starting where it goes on names it, and the device may accept again', async () => {
		const { a, b, call, room } = await pair();
		for (const ear of [a, b]) {
			const refused = await ear.refused('call_active',
				{ type: 'call', action: 'start', room_id: room.id });
			assert.equal(refused.call_id, call.id);
			assert.equal(refused.room_id, room.id);
		}
		const active = await act(b, call, 'accept');
		assert.deepEqual(await act(b, call, 'accept'), active);
		await a.settled();
		assert.equal(heard(a, call).filter((f) => f.call.state === 'active').length, 1);
	});

	it('does not ring for who is in another one, and they hear of it', async () => {
		const { bob, a, b, call } = await pair({ active: true });
		const eve = await actor(server, 'eve');
		const e = await device(eve);
		const missed = await start(e, await direct(eve, bob));
		assert.equal(missed.state, 'missed');
		assert.equal(parts(missed)[bob.id], 'busy');
		assert.equal(parts((await hears(b, missed, 'missed')).call)[bob.id], 'busy');
		const busy = await b.refused('busy',
			{ type: 'call', action: 'start', room_id: (await direct(bob, eve)).id });
		assert.equal(busy.call_id, call.id);
		await act(a, call, 'hangup');
	});

	const bad = [
		['an action that is none', { action: 'sing' }, 'action'],
		['no room', { action: 'start' }, 'room_id'],
		['no call', { action: 'accept' }, 'call_id'],
		['a call to be started', { action: 'start', room_id: randomUUID(), call_id: randomUUID() }, 'call_id'],
		['a kind for another action', { action: 'accept', call_id: randomUUID(), kind: 'audio' }, 'kind'],
	];
	for (const [name, fields, field] of bad)
		it(`with ${name} is invalid, and named`, async () => {
			const ear = await device(await actor(server));
			const refused = await ear.refused('invalid', { type: 'call', ...fields });
			assert.deepEqual(refused.errors.map((e) => e.field), [field]);
		});

	it('unknown to the person is not found', async () => {
		const { call, room } = await pair();
		const eve = await device(await actor(server, 'eve'));
		await no_act(eve, 'not_found', call, 'accept');
		await no_act(eve, 'not_found', { id: randomUUID() }, 'hangup');
		await eve.refused('not_found', { type: 'call', action: 'start', room_id: room.id });
		assert.deepEqual(eve.frames.filter((f) => f.type === 'call'), []);
	});

	it('is in the room that the connection is for, if none is named', async () => {
		const { ann, room } = await pair({ idle: true });
		const ear = await live(server, { token: ann.token, path: '/rooms/ws', query: { room: room.id } });
		assert.equal((await start(ear, { id: undefined })).room_id, room.id);
	});
});

describe('races', BESIDE, () => {
	it('of many devices that accept one wins, and the others hear so', async () => {
		const { ann, bob, room, a } = await pair({ idle: true });
		const ears = await Promise.all([1, 2, 3, 4].map(() => other_device(bob)));
		const call = await start(a, room);
		await Promise.all(ears.map((ear) => hears(ear, call, 'ringing')));
		const answers = await Promise.all(ears.map((ear) =>
			ear.ask({ type: 'call', action: 'accept', call_id: call.id })));
		assert.equal(answers.filter((f) => f.type === 'call').length, 1);
		assert.equal(answers.filter((f) => f.code === 'conflict').length, 3);
		await Promise.all(ears.map((ear) => hears(ear, call, 'active')));
		assert.deepEqual(parts(await ann.get(`/calls/${call.id}`)),
			{ [ann.id]: 'joined', [bob.id]: 'joined' });
	});

	it('of an accept and a cancel one wins, and both are told the same', async () => {
		for (let i = 0; i < 5; i++) {
			const { a, b, call } = await pair();
			const [cancel, accept] = await Promise.all([
				a.ask({ type: 'call', action: 'cancel', call_id: call.id }),
				b.ask({ type: 'call', action: 'accept', call_id: call.id }),
			]);
			const won = accept.type === 'call';
			assert.equal(cancel.type, won ? 'error' : 'call');
			for (const ear of [a, b])
				await hears(ear, call, won ? 'active' : 'cancelled');
		}
	});

	it('of two who call each other one does, and the other is told which', async () => {
		const { a, b, room } = await pair({ idle: true });
		const answers = await Promise.all([a, b].map((ear) =>
			ear.ask({ type: 'call', action: 'start', room_id: room.id })));
		const [won] = answers.filter((f) => f.type === 'call');
		const [lost] = answers.filter((f) => f.type === 'error');
		assert.equal(lost.code, 'call_active');
		assert.equal(lost.call_id, won.call.id);
	});

	it('what a connection says of a call is done in its order', async () => {
		const { a, b, call } = await pair();
		for (const [i, action] of ['accept', 'hangup'].entries())
			b.send({ type: 'call', action, call_id: call.id, ref: `x${i}` });
		assert.equal((await b.find((f) => f.ref === 'x0')).call.state, 'active');
		assert.equal((await b.find((f) => f.ref === 'x1')).call.state, 'ended');
		await hears(a, call, 'ended');
	});

	it('a room that somebody holds holds up nobody else', async () => {
		const [one, two] = [await pair({ idle: true }), await pair({ idle: true })];
		const release = await server.hold('SELECT FROM room_heads h JOIN rooms r ON r.no = h.room_no '
			+ `WHERE r.id = '${one.room.id}' FOR UPDATE OF h`);
		const first = start(one.a, one.room).then(() => 'held');
		const second = start(two.a, two.room).then(() => 'free');
		assert.equal(await Promise.race([first, second]), 'free');
		await Promise.all([first, release()]);
	});
});

describe('with REST', BESIDE, () => {
	it('what one does there rings here, and what one does here shows there', async () => {
		const { ann, bob, room, a, b } = await pair({ idle: true });
		const call = await ann.want(201, 'POST', '/calls', { body: { room_id: room.id } });
		for (const ear of [a, b])
			assert.equal((await hears(ear, call, 'ringing')).by, ann.id);
		await act(b, call, 'accept');
		assert.equal((await ann.get(`/calls/${call.id}`)).state, 'active');
		await by_rest(ann, call, 'hangup');
		assert.deepEqual({ ...await hears(b, call, 'ended'), call: 0 },
			{ type: 'call', call: 0, action: 'hangup', by: ann.id });
		assert.equal(bob.id, (await hears(a, call, 'active')).by);
	});

	it('a lost wake-up costs a moment', async () => {
		const { a, b, call } = await pair();
		await server.sql(`UPDATE call_participants SET state = 'declined'
			WHERE call_id = '${call.id}' AND state = 'ringing';
			UPDATE calls SET state = 'declined', ended_at = now(), version = version + 1,
			action = 'decline' WHERE id = '${call.id}'`);
		for (const ear of [a, b])
			await hears(ear, call, 'declined');
	});

	it('who accepts by REST is in the call with the device of that sign-in', async () => {
		const { bob, a, b, call, ann } = await pair();
		const b2 = await other_device(bob);
		await by_rest(bob, call, 'accept');
		await Promise.all([a, b, b2].map((ear) => hears(ear, call, 'active')));
		signal(a, call, bob, { to: 'the first' });
		assert.deepEqual(await b.find('signal'),
			{ type: 'signal', call_id: call.id, from: ann.id, data: { to: 'the first' } });
		await b2.settled();
		assert.deepEqual(signals(b2), []);
	});
});

describe('a device that connects', BESIDE, () => {
	it('hears the call that rings for its owner right after ready', async () => {
		const { ann, bob, call } = await pair();
		const b2 = await other_device(bob);
		assert.deepEqual(await b2.find('call'), { type: 'call', call, action: 'start', by: ann.id });
		assert.equal(b2.frames.findIndex((f) => f.type === 'call'), 1);
		await act(b2, call, 'accept');
	});

	it('hears of the call that it is in, and of none that is over', async () => {
		const { ann, bob, b, call } = await pair({ active: true });
		b.end();
		const again = await device(bob);
		assert.equal((await again.find('call')).call.state, 'active');
		await act(again, call, 'hangup');
		const late = await device(ann);
		await late.settled();
		assert.deepEqual(late.frames.filter((f) => f.type === 'call'), []);
	});
});

// In parallel, since each waits for the grace period.
describe('whose device is gone', { concurrency: true }, () => {
	before(() => grace(SOON_S));
	after(() => grace(LONG_S));

	it('for good is out of the call, and the other hears so', async () => {
		const { bob, a, b, call } = await pair({ active: true });
		b.end();
		const ended = await hears(a, call, 'ended');
		assert.deepEqual({ action: ended.action, by: ended.by }, { action: 'ended', by: null });
		assert.equal(parts(ended.call)[bob.id], 'left');
	});

	it('while the caller waits gives the call up', async () => {
		const { a, b, call } = await pair();
		a.end();
		assert.equal((await hears(b, call, 'cancelled')).by, null);
	});

	it('who takes part by REST alone stays', async () => {
		const [ann, bob] = await people('ann', 'bob');
		const room = await direct(ann, bob);
		const a = await device(ann);
		const call = await start(a, room);
		await by_rest(bob, call, 'accept');
		await hears(a, call, 'active');
		await server.sql(`UPDATE call_participants SET joined_at = joined_at - interval '1 hour'
			WHERE call_id = '${call.id}'`);
		// somebody else is found to be gone meanwhile, as bob would be
		const gone = await pair({ active: true });
		gone.b.end();
		await hears(gone.a, gone.call, 'ended');
		assert.equal((await ann.get(`/calls/${call.id}`)).state, 'active');
	});

	it('is in it with another device only if that one joined', async () => {
		const { ann, bob, a, b, call } = await pair({ active: true });
		await other_device(bob); // another session
		b.end();
		await hears(a, call, 'ended');
		assert.equal((await ann.get(`/calls/${call.id}`)).state, 'ended');
	});
});

describe('a participant', () => {
	afterEach(() => grace(LONG_S));

	it('whose device comes back in time stays, with its signals', async () => {
		const { ann, bob, a, b, call } = await pair({ active: true });
		const probe = await pair({ active: true });
		b.end();
		const again = await device(bob);
		await again.find('call');
		await grace(SOON_S);
		// somebody who disconnects now is out before the check
		probe.b.end();
		await hears(probe.a, probe.call, 'ended');
		assert.equal((await ann.get(`/calls/${call.id}`)).state, 'active');
		signal(a, call, bob, 1);
		assert.equal((await again.find('signal')).data, 1);
	});

	it('whose device is connected stays, however slowly the broker notes other things', async () => {
		const { ann, call } = await pair({ active: true });
		const note = await server.sql('SELECT pid FROM pg_stat_activity'
			+ " WHERE application_name = 'foyer-broker note'");
		await grace(SOON_S);
		process.kill(note, 'SIGSTOP');
		try {
			// who disconnects is out before the check
			for (let i = 0; i < 2; i++) {
				const gone = await pair({ active: true });
				gone.b.end();
				await hears(gone.a, gone.call, 'ended');
			}
		} finally {
			process.kill(note, 'SIGCONT');
		}
		assert.equal((await ann.get(`/calls/${call.id}`)).state, 'active');
	});
});

describe('signals', BESIDE, () => {
	it('go both ways between those who are in it, whatever they hold', async () => {
		const { ann, bob, a, b, call } = await pair({ active: true });
		const sdp = 'v=0\r\n'.repeat(8000);
		for (const data of [{ sdp, type: 'offer' }, [1, null, { x: [] }], 'text', 0, false, '\u2028😀'])
			signal(a, call, bob, data);
		signal(b, call, ann, { candidate: null });
		await a.find('signal');
		await b.find((f) => f.data === '\u2028😀', 'the last one');
		assert.deepEqual(signals(b).map((f) => f.data),
			[{ sdp, type: 'offer' }, [1, null, { x: [] }], 'text', 0, false, '\u2028😀']);
		assert.deepEqual(signals(a),
			[{ type: 'signal', call_id: call.id, from: bob.id, data: { candidate: null } }]);
	});

	it('go to the one connection of the device that spoke last, else to all of its sign-in', async () => {
		const { ann, bob, a, b, call } = await pair({ active: true });
		const tab = await device(bob); // the same session
		signal(a, call, bob, 'to who accepted');
		await b.find('signal');
		signal(tab, call, ann, 'it is me now');
		await a.find('signal');
		signal(a, call, bob, 'to who spoke');
		await tab.find('signal');
		assert.deepEqual(signals(b).map((f) => f.data), ['to who accepted']);
		const third = await device(bob);
		tab.end();
		await b.settled();
		for (let n = 0; signals(third).length === 0; n++) {
			signal(a, call, bob, `to all ${n}`);
			await a.settled();
			await third.settled();
		}
		await b.find((f) => f.type === 'signal' && /to all/.test(f.data), 'the same');
	});

	it('go nowhere before the call is answered, nor after it', async () => {
		const { ann, bob, a, b, call } = await pair();
		const ask = (ear, to) => ear.ask({ type: 'signal', call_id: call.id, to: to.id, data: 1 });
		assert.equal((await ask(a, bob)).code, 'conflict');
		assert.equal((await ask(b, ann)).code, 'conflict');
		await act(b, call, 'accept');
		await hears(a, call, 'active');
		await act(a, call, 'hangup');
		await hears(b, call, 'ended');
		assert.equal((await ask(a, bob)).code, 'conflict');
		assert.equal((await ask(b, ann)).code, 'conflict');
		assert.deepEqual([...signals(a), ...signals(b)], []);
	});

	it('are refused from another device, to strangers and from them', async () => {
		const { ann, bob, a, call } = await pair({ active: true });
		const eve = await actor(server, 'eve');
		const [e, b2] = [await device(eve), await other_device(bob)];
		const say = (to) => ({ type: 'signal', call_id: call.id, to: to.id, data: {} });
		await b2.refused('conflict', say(ann));
		await e.refused('not_found', say(ann));
		await a.refused('not_found', say(eve));
		await a.refused('conflict', say(ann));
		await a.refused('not_found', { ...say(bob), call_id: randomUUID() });
	});

	it('that are too large, or none, are refused', async () => {
		const { bob, a, b, call } = await pair({ active: true });
		const { max_signal_bytes } = a.ready.limits;
		const fits = 'x'.repeat(max_signal_bytes - 2);
		await a.refused('too_large', { type: 'signal', call_id: call.id, to: bob.id, data: `${fits}x` });
		for (const fields of [{}, { data: null }])
			assert.deepEqual((await a.refused('invalid',
				{ type: 'signal', call_id: call.id, to: bob.id, ...fields })).errors.map((e) => e.field), ['data']);
		signal(a, call, bob, fits);
		assert.equal((await b.find('signal')).data.length, fits.length);
	});

	it('to a device that is not connected are refused, and nothing is kept', async () => {
		const { ann, bob, a, b, call } = await pair({ active: true });
		await b.close();
		const say = { type: 'signal', call_id: call.id, to: bob.id, data: 'lost' };
		await a.refused('conflict', say);
		const again = await device(bob);
		await again.settled();
		assert.deepEqual(signals(again), []);
		signal(a, call, bob, 'here');
		assert.equal((await again.find('signal')).data, 'here');
		assert.equal(ann.id, signals(again)[0].from);
	});
});

describe('who is put out of it', BESIDE, () => {
	async function three() {
		const [ann, bob, eve] = await people('ann', 'bob', 'eve');
		const room = await group(ann, bob, eve);
		const ears = [await device(ann), await device(bob), await device(eve)];
		const call = await start(ears[0], room);
		for (const ear of ears.slice(1))
			await act(ear, call, 'accept');
		await hears(ears[0], call, 'active', (f) => parts(f.call)[eve.id] === 'joined');
		return { ann, bob, eve, room, ears, call };
	}

	const ways = [
		['banned', ({ ann, bob, room }) => ann.ban(room.id, bob.id)],
		['removed from the room', ({ ann, bob, room }) =>
			ann.want(204, 'DELETE', `/rooms/${room.id}/members/${bob.id}`)],
		['gone from the room', ({ bob, room }) => bob.want(204, 'POST', `/rooms/${room.id}/leave`)],
		['signed out', ({ bob }) => bob.want(204, 'POST', '/auth/logout')],
	];
	for (const [name, put_out] of ways)
		it(`because they are ${name} hears so and nothing more, nor is heard`, async () => {
			const all = await three();
			const { ann, bob, eve, ears: [a, b, e], call } = all;
			await put_out(all);
			const left = (f) => parts(f.call)[bob.id] === 'left';
			for (const ear of [a, e])
				assert.equal((await hears(ear, call, 'active', left)).action, 'left');
			await a.refused('conflict', { type: 'signal', call_id: call.id, to: bob.id, data: 1 });
			if (name === 'signed out') {
				assert.equal((await b.closed).code, 4401);
			} else {
				await hears(b, call, 'active', left);
				const reply = await b.want('error', { type: 'signal', call_id: call.id, to: ann.id, data: 1 });
				assert.ok(['not_found', 'conflict'].includes(reply.code), reply.code);
			}
			signal(a, call, eve, 'still');
			assert.equal((await e.find('signal')).data, 'still');
			await act(e, call, 'hangup');
			await hears(a, call, 'ended');
			if (name !== 'signed out') {
				await b.settled();
				assert.deepEqual(heard(b, call).filter((f) => f.call.state === 'ended'), []);
			}
		});

	it('and is back at once hears that it has ended meanwhile', async () => {
		const [ann, bob, eve] = await people('ann', 'bob', 'eve');
		const room = await group(ann, bob, eve);
		const [a, b] = [await device(ann), await device(bob)];
		const call = await start(a, room);
		await act(b, call, 'decline');
		await ann.want(204, 'DELETE', `/rooms/${room.id}/members/${bob.id}`);
		await ann.want(200, 'PUT', `/calls/${call.id}`, { body: { action: 'cancel' } });
		await hears(a, call, 'cancelled');
		await ann.want(201, 'POST', `/rooms/${room.id}/members`, { body: { user_id: bob.id } });
		await hears(b, call, 'cancelled');
		await b.settled();
		assert.equal(heard(b, call).filter((f) => f.call.state === 'cancelled').length, 1);
	});

	it('by a block between two ends it for both', async () => {
		const { ann, bob, a, b, call } = await pair({ active: true });
		await bob.want(201, 'POST', '/contacts', { body: { user_id: ann.id, blocked: true } });
		for (const ear of [a, b])
			assert.equal((await hears(ear, call, 'ended')).by, null);
	});

	it('with the room hears that it ended', async () => {
		const { ann, room, ears, call } = await three();
		await ann.want(204, 'DELETE', `/rooms/${room.id}`);
		for (const ear of ears)
			assert.equal((await hears(ear, call, 'ended')).by, null);
		await no_act(ears[0], 'not_found', call, 'hangup');
	});
});

describe('nobody else hears', () => {
	it('strangers, the blocked, and those who let the caller not write to them', async () => {
		const [ann, bob, eve, joe] = await people('ann', 'bob', 'eve', 'joe');
		const room = await group(ann, bob, eve);
		await eve.want(201, 'POST', '/contacts', { body: { user_id: ann.id, blocked: true } });
		const [a, b, e, j] = [await device(ann), await device(bob), await device(eve), await device(joe)];
		const call = await start(a, room);
		assert.deepEqual(Object.keys(parts(call)).sort(), [ann.id, bob.id].sort());
		await act(b, call, 'accept');
		await act(a, call, 'hangup');
		await hears(b, call, 'ended');
		for (const ear of [e, j]) {
			await ear.settled();
			assert.deepEqual(ear.frames.filter((f) => f.type === 'call'), []);
		}
		await a.refused('cannot_write', { type: 'call', action: 'start', room_id: (await direct(ann, joe)
			.then(async (r) => {
				await joe.want(201, 'POST', '/contacts', { body: { user_id: ann.id, blocked: true } });
				return r;
			})).id });
	});
});

describe('API tokens', () => {
	const token = async (who, scopes, fields = {}) => {
		const { secret } = await who.want(201, 'POST', '/auth/tokens', { body: { name: 'a script', scopes, ...fields } });
		return live(server, { token: secret });
	};

	it('hear calls with read, take part with post, and in their room alone', async () => {
		const { ann, bob, room, a } = await pair({ idle: true });
		const elsewhere = await group(bob, ann);
		const [reader, writer, bound] = [await token(bob, ['read']), await token(bob, ['post']),
			await token(bob, ['read', 'post'], { room_id: elsewhere.id })];
		const call = await start(a, room);
		await hears(reader, call, 'ringing');
		await no_act(reader, 'forbidden', call, 'accept');
		await no_act(bound, 'not_found', call, 'accept');
		await bound.refused('not_found', { type: 'call', action: 'start', room_id: room.id });
		await bound.settled();
		assert.deepEqual(bound.frames.filter((f) => f.type === 'call'), []);
		await writer.settled();
		assert.deepEqual(heard(writer, call), []);
		assert.equal((await act(writer, call, 'accept')).state, 'active');
		await hears(reader, call, 'active');
		await hears(a, call, 'active');
		signal(a, call, bob, 'to the script');
		assert.equal((await writer.find('signal')).data, 'to the script');
		await reader.refused('forbidden', { type: 'signal', call_id: call.id, to: ann.id, data: 1 });
		await act(a, call, 'hangup');
		await hears(writer, call, 'ended'); // this token was the device in the call
	});
});

describe('a broker that is restarted', () => {
	it('ends no call of those who come back, and those of who does not', async () => {
		const [one, two] = [await pair({ active: true }), await pair({ active: true })];
		const old = server.pid('broker');
		process.kill(old, 'SIGKILL');
		await Promise.all([one.a, one.b, two.a, two.b].map((ear) => ear.closed));
		const back = (who) => again(() => device(who));
		const [a, b, a2] = [await back(one.ann), await back(one.bob), await back(two.ann)];
		assert.equal((await a.find('call')).call.id, one.call.id);
		await grace(SOON_S);
		await hears(a2, two.call, 'ended');
		await grace(LONG_S);
		assert.equal((await one.ann.get(`/calls/${one.call.id}`)).state, 'active');
		signal(a, one.call, one.bob, 'still here');
		assert.equal((await b.find('signal')).data, 'still here');
	});
});

// Retries until it succeeds.
async function again(make) {
	for (;;) {
		try {
			return await make();
		} catch (error) {
			if (!/upgrade|ECONN|socket|closed/.test(error.message))
				throw error;
		}
	}
}

describe('a call of three', BESIDE, () => {
	it('is a mesh: each signals each, and it goes on until one is left', async () => {
		const [ann, bob, eve] = await people('ann', 'bob', 'eve');
		const all = [ann, bob, eve];
		const room = await group(ann, bob, eve);
		const ears = [await device(ann), await device(bob), await device(eve)];
		const call = await start(ears[0], room);
		await act(ears[1], call, 'accept');
		await hears(ears[2], call, 'active');
		await act(ears[2], call, 'accept');
		for (const ear of ears)
			await hears(ear, call, 'active', (f) => Object.values(parts(f.call)).every((s) => s === 'joined'));
		for (const [i, ear] of ears.entries())
			for (const [k, to] of all.entries())
				if (i !== k)
					signal(ear, call, to, { offer: `${i}${k}` });
		for (const [k, ear] of ears.entries()) {
			const got = () => new Map(signals(ear).map((f) => [f.from, f.data.offer]));
			await ear.find(() => got().size === 2, 'two offers');
			assert.deepEqual(got(), new Map(all.flatMap((p, i) => (i === k ? [] : [[p.id, `${i}${k}`]]))));
		}
		await act(ears[0], call, 'hangup');
		await hears(ears[1], call, 'active', (f) => f.action === 'hangup');
		await ears[1].refused('conflict', { type: 'signal', call_id: call.id, to: ann.id, data: 1 });
		await act(ears[0], call, 'accept');
		await act(ears[1], call, 'hangup');
		await act(ears[2], call, 'hangup');
		await hears(ears[0], call, 'ended');
	});

	it('takes as many as it may have', async () => {
		const [ann, ...others] = await people('ann', 'bob', 'eve', 'joe');
		const ear = await device(ann);
		await ear.refused('call_full',
			{ type: 'call', action: 'start', room_id: (await group(ann, ...others)).id });
		assert.equal((await start(ear, await group(ann, ...others.slice(1)))).state, 'ringing');
	});
});

describe('between two brokers', () => {
	let peer, ann, bob, a, b, call;
	const say = (to, data) => ({ type: 'signal', call_id: call.id, to: to.id, data });
	const got = (ear) => signals(ear).map((f) => f.data);

	before(async () => {
		peer = await Peer.start(server);
		await peer.is_known();
		[ann, bob] = await people('ann', 'bob');
		a = await device(ann);
		b = await live(peer, { token: bob.token });
	});
	after(async () => {
		end_all();
		await peer.end();
	});

	it('it rings there, and is answered from there', async () => {
		call = await start(a, await direct(ann, bob));
		await hears(b, call, 'ringing');
		await act(b, call, 'accept');
		assert.equal((await hears(a, call, 'active')).by, bob.id);
	});

	it('signals of any size go whole and in their order', async () => {
		const long = { sdp: 'ж'.repeat(30000) };
		for (const data of [1, long, [2], 'три', long])
			a.send(say(bob, data));
		b.send(say(ann, long));
		await b.find(() => got(b).length === 5, 'five');
		assert.deepEqual(got(b), [1, long, [2], 'три', long]);
		await a.find(() => got(a).length === 1, 'one');
		assert.deepEqual(got(a), [long]);
		await a.settled();
		assert.deepEqual(a.frames.filter((f) => f.type === 'error'), []);
	});

	it('a signal that no broker hands on is refused, and who is gone is out', async () => {
		await b.close();
		await a.refused('conflict', say(bob, 'lost'));
		await grace(SOON_S);
		assert.equal((await hears(a, call, 'ended')).by, null);
	});
});
