// Calls in the client's core: several clients in one world in memory, with connections that are
// made and lost as the test says.

import assert from 'node:assert/strict';
import { afterEach, describe, it, test } from 'node:test';

import '../../web/core/call.js';
import '../../web/core/call_line.js';
import { FakeClock, FakeServer, FakeStorage, make_client, settle } from './fake.js';
import { FakeCalls, FakeNet } from './fake_calls.js';

let net;

// No device or connection may stay open, whatever happened.
afterEach(() => {
	if (!net)
		return;
	assert.deepEqual(net.live_tracks, [], 'a device is still open');
	assert.equal(net.open_connections.length, 0, 'a connection is still open');
	net = null;
});

// People in one room: {world, room, people: {anna, boris, …}}, each a client.
async function a_world(...names) {
	const clock = new FakeClock();
	const server = new FakeServer({ clock, random: Math.random });
	const calls = new FakeCalls(server);
	const users = names.map((name) => server.user(name));
	const room = server.room('a room', users);
	const people = {};

	net = new FakeNet(clock);
	if (names.length === 2)
		room.kind = 'direct';
	for (const [n, name] of names.entries())
		people[name] = await make_client(server, users[n], { rtc: net.rtc() });
	await clock.run(100);
	const world = { clock, server, calls, room, users, people, run: (ms = 200) => clock.run(ms) };
	world.all = (fn) => Object.values(people).map(fn);
	return world;
}

const mine = (client) => client.store.calls.mine;
const links = (client) => mine(client)?.others.map((other) => other.link) ?? null;
const call_of = ({ calls }) => [...calls.calls.values()].at(-1);
const parts = (world) => [...call_of(world).parts.values()].map((part) => part.state);

async function ringing(...names) {
	const world = await a_world(...names);
	const [caller, ...others] = world.all((client) => client);

	caller.calls.start(world.room.id);
	await world.run();
	for (const other of others)
		assert.equal(other.store.calls.ringing.length, 1);
	return { ...world, caller, others, other: others[0] };
}

const accept = (client, options) => client.calls.accept(client.store.calls.ringing[0], options);

async function talking(...names) {
	const world = await ringing(...names);

	for (const other of world.others) {
		accept(other);
		await world.run();
	}
	for (const client of world.all((one) => one))
		assert.deepEqual(links(client), world.others.map(() => 'connected'));
	return world;
}

async function ends(world) {
	for (const client of world.all((one) => one))
		client.calls.hang_up();
	await world.run();
}

describe('a call between two', () => {
	it('rings, is accepted, connects, and ends for both when one hangs up', async () => {
		const world = await ringing('anna', 'boris');
		const { caller, other } = world;

		assert.equal(mine(caller).phase, 'ringing');
		assert.deepEqual(mine(caller).others.map((one) => one.state), ['ringing']);
		accept(other);
		assert.deepEqual(other.store.calls.ringing, []);
		await world.run();
		for (const client of [caller, other]) {
			assert.equal(mine(client).phase, 'talking');
			assert.deepEqual(links(client), ['connected']);
			assert.equal(mine(client).others[0].stream.getAudioTracks().length, 1);
		}
		await world.run(65000);
		other.calls.hang_up();
		await world.run();
		assert.equal(mine(caller), null);
		assert.equal(caller.store.calls.ended.reason, 'ended');
		assert.equal(caller.store.calls.ended.seconds, 65);
		assert.deepEqual(parts(world), ['left', 'left']);
	});

	it('is declined, and the caller hears so', async () => {
		const world = await ringing('anna', 'boris');

		world.other.calls.decline(world.other.store.calls.ringing[0]);
		await world.run();
		assert.equal(world.caller.store.calls.ended.reason, 'declined');
		assert.deepEqual(world.other.store.calls.missed, []);
	});

	it('is missed when nobody answers: a word here, a mark there', async () => {
		const world = await ringing('anna', 'boris');

		world.calls.time_out(call_of(world).id);
		await world.run();
		assert.equal(world.caller.store.calls.ended.reason, 'no_answer');
		assert.deepEqual(world.other.store.calls.ringing, []);
		assert.equal(world.other.store.calls.missed.length, 1);
		world.other.calls.missed_seen(world.room.id);
		assert.deepEqual(world.other.store.calls.missed, []);
	});

	it('that the caller gives up is missed, and says nothing to the caller', async () => {
		const world = await ringing('anna', 'boris');

		world.caller.calls.hang_up();
		await world.run();
		assert.equal(call_of(world).state, 'cancelled');
		assert.equal(world.caller.store.calls.ended, null);
		assert.equal(world.other.store.calls.missed.length, 1);
	});

	it('given up before the server has answered is given up there too', async () => {
		const world = await a_world('anna', 'boris');
		const { anna } = world.people;

		anna.calls.start(world.room.id);
		await settle();
		assert.equal(mine(anna).phase, 'entering');
		anna.calls.hang_up();
		await world.run();
		assert.equal(call_of(world).state, 'cancelled');
		assert.equal(anna.store.calls.elsewhere, null);
	});

	it('with who is in another call is busy', async () => {
		const world = await talking('anna', 'boris');
		const eva = world.server.user('eva');
		const room = world.server.room('two', [eva, world.users[0]]);
		const client = await make_client(world.server, eva, { rtc: net.rtc() });

		room.kind = 'direct';
		await world.run();
		client.calls.start(room.id);
		await world.run();
		assert.equal(client.store.calls.ended.reason, 'busy');
		assert.deepEqual(world.people.anna.store.calls.missed.map((call) => call.room_id),
			[room.id]);
		await ends(world);
	});

	it('is refused in words where it cannot be', async () => {
		const world = await a_world('anna', 'boris');
		const { anna } = world.people;

		anna.calls.start('room-of-nobody');
		await world.run();
		assert.equal(anna.store.calls.ended.reason, 'refused');
		assert.equal(anna.store.calls.ended.error.code, 'not_found');
		anna.calls.ended_seen();
		assert.equal(anna.store.calls.ended, null);
		world.server.trouble.line_down = true;
		for (const socket of world.server.sockets)
			socket.cut(1006, '');
		await world.run();
		anna.calls.start(world.room.id);
		await world.run();
		assert.equal(anna.store.calls.ended.error.code, 'offline');
	});

	it('begun by both in the same moment is one call', async () => {
		const world = await a_world('anna', 'boris');
		const { anna, boris } = world.people;

		anna.calls.start(world.room.id);
		boris.calls.start(world.room.id);
		await world.run();
		assert.equal(world.calls.calls.size, 1);
		for (const client of [anna, boris])
			assert.deepEqual(links(client), ['connected']);
		await ends(world);
	});

	it('whose start was lost with the line is found again, once', async () => {
		const world = await a_world('anna', 'boris');
		const { anna, boris } = world.people;

		world.server.trouble.cut_before_ack = 1;
		anna.calls.start(world.room.id);
		await world.run(20);
		world.server.trouble.cut_before_ack = 0;
		await world.run(6000);
		assert.equal(world.calls.calls.size, 1);
		assert.equal(mine(anna).phase, 'ringing');
		accept(boris);
		await world.run();
		assert.deepEqual(links(anna), ['connected']);
		await ends(world);
	});
});

describe('another device of mine', () => {
	async function two_devices() {
		const world = await a_world('anna', 'boris');
		const second = await make_client(world.server, world.users[1], { rtc: net.rtc() });

		await world.run();
		world.people.anna.calls.start(world.room.id);
		await world.run();
		return { ...world, anna: world.people.anna, first: world.people.boris, second };
	}

	it('stops ringing when one of them answers, and says where the call is', async () => {
		const world = await two_devices();

		assert.equal(world.second.store.calls.ringing.length, 1);
		accept(world.first);
		await world.run();
		assert.deepEqual(world.second.store.calls.ringing, []);
		assert.equal(world.second.store.calls.elsewhere.id, call_of(world).id);
		assert.deepEqual(world.second.store.calls.missed, []);
		await ends(world);
		assert.equal(world.second.store.calls.elsewhere, null);
	});

	it('stops ringing when one of them declines', async () => {
		const world = await two_devices();

		world.first.calls.decline(world.first.store.calls.ringing[0]);
		await world.run();
		assert.deepEqual(world.second.store.calls.ringing, []);
	});

	it('that is slower gives way', async () => {
		const world = await two_devices();

		accept(world.first);
		accept(world.second);
		await world.run();
		const reasons = [world.first, world.second].map((one) => one.store.calls.ended?.reason);
		assert.deepEqual(reasons.sort(), ['elsewhere', undefined]);
		await ends(world);
	});

	it('that still asks for its microphone gives way', async () => {
		const world = await two_devices();
		let open;

		net.gate = new Promise((resolve) => {
			open = resolve;
		});
		accept(world.second);
		await settle();
		net.gate = null;
		accept(world.first);
		await world.run();
		assert.equal(world.second.store.calls.ended.reason, 'elsewhere');
		open();
		await world.run();
		assert.deepEqual(links(world.first), ['connected']);
		await ends(world);
	});

	it('hears of a call that rings when it connects', async () => {
		const world = await two_devices();
		const third = await make_client(world.server, world.users[1], { rtc: net.rtc() });

		await world.run();
		assert.equal(third.store.calls.ringing.length, 1);
		await ends(world);
	});

	it('a tab of the same browser takes the call over, and the other lets go of it', async () => {
		const world = await talking('anna', 'boris');
		const { anna, boris } = world.people;
		const { storage } = boris;
		const tab = await make_client(world.server, null, { storage, rtc: net.rtc() });

		await world.run();
		assert.equal(tab.store.calls.elsewhere.id, call_of(world).id);
		tab.calls.accept(tab.store.calls.elsewhere);
		await settle();
		await world.run(50);
		boris.calls.on_storage('foyer:/:call');
		assert.equal(mine(boris), null);
		assert.equal(boris.store.calls.ended.reason, 'elsewhere');
		await world.run(20000);
		assert.deepEqual(links(anna), ['connected']);
		assert.deepEqual(links(tab), ['connected']);
		anna.calls.hang_up();
		await world.run();
		assert.equal(mine(tab), null);
	});
});

describe('a microphone', () => {
	async function without(faults, options) {
		const world = await ringing('anna', 'boris');

		net.faults = faults;
		accept(world.other, options);
		await world.run();
		return world;
	}

	for (const [name, why] of [['NotAllowedError', 'refused'], ['NotFoundError', 'missing'],
		['NotReadableError', 'taken'], ['Odd', 'failed']])
		it(`that is ${why} is said, and one may listen only`, async () => {
			const world = await without({ audio: name });
			const { other, caller } = world;

			assert.deepEqual(mine(other).trouble, { device: 'microphone', why });
			assert.equal(mine(caller).phase, 'ringing');
			other.calls.choose('listen');
			await world.run();
			assert.equal(mine(other).trouble, null);
			assert.deepEqual(links(other), ['connected']);
			assert.equal(mine(other).own.mic, false);
			assert.equal(mine(caller).others[0].mic, false);
			net.faults = {};
			await other.calls.set_mic(true);
			await world.run();
			assert.equal(mine(caller).others[0].mic, true);
			await ends(world);
		});

	it('may be tried again', async () => {
		const world = await without({ audio: 'NotAllowedError' });

		net.faults = {};
		world.other.calls.choose('again');
		await world.run();
		assert.deepEqual(links(world.other), ['connected']);
		assert.equal(mine(world.other).own.mic, true);
		await ends(world);
	});

	it('that cannot be had is no reason to stay: hanging up declines', async () => {
		const world = await without({ audio: 'NotAllowedError' });

		world.other.calls.hang_up();
		await world.run();
		assert.equal(world.caller.store.calls.ended.reason, 'declined');
	});

	it('is not asked for by a browser without WebRTC, which says so', async () => {
		const world = await ringing('anna', 'boris');
		const third = await make_client(world.server, world.users[1], { rtc: null });

		await world.run();
		accept(third);
		await settle();
		await world.run();
		assert.equal(third.store.calls.ended.reason, 'refused');
		assert.equal(third.store.calls.ended.error.code, 'no_rtc');
		assert.equal(mine(third), null);
		world.caller.calls.hang_up();
	});

	it('is not given without encryption', async () => {
		const world = await a_world('anna', 'boris');
		const client = await make_client(world.server, world.users[0],
			{ rtc: { ...net.rtc(), devices: null } });

		await world.run();
		client.calls.start(world.room.id);
		await world.run();
		assert.equal(mine(client).trouble.why, 'insecure');
		client.calls.hang_up();
	});

	it('that is asked for too long is closed when it comes after the end', async () => {
		const world = await ringing('anna', 'boris');
		let open;

		net.gate = new Promise((resolve) => {
			open = resolve;
		});
		accept(world.other);
		await settle();
		world.caller.calls.hang_up();
		await world.run();
		assert.equal(world.other.store.calls.ended.reason, 'cancelled');
		assert.equal(world.other.store.calls.missed.length, 1);
		open();
		await world.run();
		assert.deepEqual(net.live_tracks, []);
	});

	it('that is unplugged, is said', async () => {
		const world = await talking('anna', 'boris');

		net.tracks.find((track) => track.readyState === 'live').end();
		await world.run();
		assert.equal(mine(world.caller).notice, 'microphone_missing');
		assert.equal(mine(world.other).others[0].mic, false);
		world.caller.calls.notice_seen();
		assert.equal(mine(world.caller).notice, null);
		await ends(world);
	});
});

describe('what is sent', () => {
	it('the microphone is off without being closed, and the other hears of it', async () => {
		const world = await talking('anna', 'boris');

		await world.caller.calls.set_mic(false);
		await world.run();
		assert.equal(mine(world.other).others[0].mic, false);
		assert.deepEqual(net.live_tracks, ['audio', 'audio']);
		await world.caller.calls.set_mic(true);
		await world.run();
		assert.equal(mine(world.other).others[0].mic, true);
		await ends(world);
	});

	it('a camera comes and goes without another offer, and is closed when off', async () => {
		const world = await talking('anna', 'boris');
		const offers = () => world.calls.signals.filter(({ data }) => data.description).length;
		const before = offers();

		await world.caller.calls.set_camera(true);
		await world.run();
		assert.equal(mine(world.other).others[0].has_video, true);
		assert.equal(mine(world.caller).own.camera, true);
		assert.deepEqual(net.live_tracks, ['audio', 'audio', 'video']);
		await world.caller.calls.turn_camera();
		assert.equal(mine(world.caller).own.is_back, true);
		assert.deepEqual(net.live_tracks, ['audio', 'audio', 'video']);
		await world.caller.calls.set_camera(false);
		await world.run();
		assert.equal(mine(world.other).others[0].has_video, false);
		assert.deepEqual(net.live_tracks, ['audio', 'audio']);
		assert.equal(offers(), before);
		await ends(world);
	});

	it('a screen takes the place of the camera, until the browser ends it', async () => {
		const world = await talking('anna', 'boris');

		await world.caller.calls.set_camera(true);
		await world.caller.calls.set_screen(true);
		await world.run();
		assert.equal(mine(world.other).others[0].screen, true);
		net.tracks.find((track) => track.label === 'screen').end();
		await world.run();
		assert.equal(mine(world.other).others[0].screen, false);
		assert.equal(mine(world.other).others[0].has_video, true);
		net.faults = { screen: 'NotAllowedError' };
		await world.caller.calls.set_screen(true);
		assert.equal(mine(world.caller).notice, null);
		net.faults = { screen: 'NotReadableError' };
		await world.caller.calls.set_screen(true);
		assert.equal(mine(world.caller).notice, 'screen_taken');
		await ends(world);
	});

	it('a camera that does not work is no reason not to talk', async () => {
		const world = await ringing('anna', 'boris');

		net.faults = { video: 'NotFoundError' };
		accept(world.other, { video: true });
		await world.run();
		assert.deepEqual(links(world.other), ['connected']);
		assert.equal(mine(world.other).notice, 'camera_missing');
		net.faults = { video: 'NotAllowedError' };
		await world.other.calls.set_camera(true);
		assert.equal(mine(world.other).notice, 'camera_refused');
		assert.equal(mine(world.other).own.camera, false);
		await ends(world);
	});
});

describe('a way that is lost', () => {
	it('is found again when the network is back', async () => {
		const world = await talking('anna', 'boris');

		net.down();
		await world.run(1000);
		assert.deepEqual(links(world.caller), ['lost']);
		await world.run(20000);
		net.up();
		await world.run(30000);
		assert.deepEqual(links(world.caller), ['connected']);
		assert.deepEqual(links(world.other), ['connected']);
		assert.equal(net.open_connections.length, 2);
		await ends(world);
	});

	it('is found again after offers that met, in any order', async () => {
		for (let delay = 1; delay < 40; delay += 6) {
			const world = await talking('anna', 'boris');
			world.server.trouble.delay_ms = delay;
			for (const pc of net.open_connections)
				pc.restartIce();
			await world.run(3000);
			for (const pc of net.open_connections) {
				assert.equal(pc.signalingState, 'stable');
				assert.equal(pc.connectionState, 'connected');
			}
			assert.equal(net.open_connections.length, 2);
			await ends(world);
		}
	});

	it('by signals that did not arrive is found all the same', async () => {
		for (const lost of [1, 2, 3, 4]) {
			const world = await ringing('anna', 'boris');
			world.calls.lose_signals = lost;
			accept(world.other);
			await world.run(40000);
			for (const client of [world.caller, world.other])
				assert.deepEqual(links(client), ['connected'], `after ${lost} lost`);
			await ends(world);
		}
	});

	it('is found with new credentials when the first ones are old', async () => {
		const world = await talking('anna', 'boris');
		const asked = () => world.server.requests
			.filter((request) => request.path === '/calls/ice').length;
		const before = asked();

		await world.run(600000);
		net.down();
		await world.run(5000);
		net.up();
		await world.run(30000);
		assert.deepEqual(links(world.caller), ['connected']);
		assert.ok(asked() > before);
		await ends(world);
	});
});

describe('a line to the server that is lost', () => {
	const cut = (world) => {
		for (const socket of [...world.server.sockets])
			socket.cut(1006, '');
	};

	it('changes nothing for those who talk', async () => {
		const world = await talking('anna', 'boris');

		cut(world);
		await world.run(8000);
		for (const client of [world.caller, world.other]) {
			assert.equal(mine(client).phase, 'talking');
			assert.deepEqual(links(client), ['connected']);
			assert.equal(client.store.calls.elsewhere, null);
		}
		assert.equal(net.connections.length, 2);
		world.caller.calls.hang_up();
		await world.run();
		assert.equal(mine(world.other), null);
	});

	it('together with the way: both are found again', async () => {
		const world = await talking('anna', 'boris');

		world.server.trouble.line_down = true;
		cut(world);
		net.down();
		await world.run(15000);
		world.server.trouble.line_down = false;
		net.up();
		for (const client of [world.caller, world.other])
			client.nudge();
		await world.run(30000);
		for (const client of [world.caller, world.other])
			assert.deepEqual(links(client), ['connected']);
		await ends(world);
	});

	it('and a call that is over meanwhile: that is found out', async () => {
		const world = await talking('anna', 'boris');

		world.server.trouble.line_down = true;
		cut(world);
		await world.run();
		world.calls.end(call_of(world), 'ended');
		world.server.trouble.line_down = false;
		await world.run(40000);
		for (const client of [world.caller, world.other])
			assert.equal(client.store.calls.ended.reason, 'lost');
	});

	it('and hung up meanwhile: it is said when the line is back', async () => {
		const world = await talking('anna', 'boris');

		world.server.trouble.line_down = true;
		cut(world);
		await world.run();
		world.caller.calls.hang_up();
		world.server.trouble.line_down = false;
		await world.run(40000);
		assert.equal(call_of(world).state, 'ended');
		assert.equal(mine(world.other), null);
		assert.equal(world.caller.store.calls.elsewhere, null);
	});

	it('and what rang meanwhile is missed', async () => {
		const world = await a_world('anna', 'boris');
		const { anna, boris } = world.people;

		await world.run(4000);
		boris.socket.stop();
		anna.calls.start(world.room.id);
		await world.run();
		world.calls.time_out(call_of(world).id);
		boris.socket.start();
		await world.run(5000);
		assert.equal(boris.store.calls.missed.length, 1);
		boris.calls.missed_seen(world.room.id);
		boris.socket.restart();
		await world.run(5000);
		assert.equal(boris.store.calls.missed.length, 0);
	});
});

describe('a call of several', () => {
	it('connects each with each, also who comes later', async () => {
		const world = await talking('anna', 'boris', 'eva', 'zoe');

		assert.equal(net.open_connections.length, 12);
		world.people.eva.calls.hang_up();
		await world.run();
		assert.equal(net.open_connections.length, 6);
		assert.equal(world.people.eva.store.calls.going_on(world.room.id).id,
			call_of(world).id);
		world.people.eva.calls.accept(world.people.eva.store.calls.going_on(world.room.id));
		await world.run();
		assert.equal(net.open_connections.length, 12);
		for (const client of world.all((one) => one))
			assert.deepEqual(links(client), ['connected', 'connected', 'connected']);
		await ends(world);
	});

	it('goes on for the others when one declines, who may still come', async () => {
		const world = await ringing('anna', 'boris', 'eva');
		const { boris, eva } = world.people;

		eva.calls.decline(eva.store.calls.ringing[0]);
		accept(boris);
		await world.run();
		assert.deepEqual(links(boris), ['connected']);
		assert.equal(eva.store.calls.going_on(world.room.id).id, call_of(world).id);
		eva.calls.accept(eva.store.calls.going_on(world.room.id));
		await world.run();
		assert.deepEqual(links(eva), ['connected', 'connected']);
		await ends(world);
	});

	it('leaves out who is put out of it', async () => {
		const world = await talking('anna', 'boris', 'eva');
		const call = call_of(world);

		call.parts.get(world.users[2].id).state = 'left';
		world.calls.tell(call, 'left', null);
		await world.run();
		assert.equal(world.people.eva.store.calls.ended.reason, 'removed');
		assert.equal(mine(world.people.anna).others.length, 1);
		await ends(world);
	});
});

test('an end that is not ours, or that speaks of nothing, breaks nothing', async () => {
	const world = await talking('anna', 'boris');
	const id = call_of(world).id;
	const from = world.users[1].id;
	const hear = (data, call_id = id) => world.caller.socket.dispatchEvent(
		new CustomEvent('frame', { detail: { type: 'signal', call_id, from, data } }));

	for (const data of [null, 1, 'text', [], {}, { description: { type: 'answer', sdp: '?' } },
		{ candidate: {} }, { from: 'x', to: 'y', description: { type: 'offer', sdp: '{' } },
		{ media: { mic: false } }])
		hear(data);
	hear({ description: { type: 'offer', sdp: '?' } }, 'another-call');
	await world.run(40000);
	assert.deepEqual(links(world.caller), ['connected']);
	assert.deepEqual(links(world.other), ['connected']);
	await ends(world);
});

test('signing out, or closing the page, ends a call and leaves nothing open', async () => {
	const world = await talking('anna', 'boris');

	world.other.calls.page_gone();
	await world.run();
	assert.equal(mine(world.caller), null);
	world.caller.calls.start(world.room.id);
	await world.run();
	const out = world.caller.sign_out();
	await world.run();
	await out;
	assert.equal(world.caller.store.calls.mine, null);
	assert.deepEqual(net.live_tracks, []);
});

test('a call is offered between two and in small groups, where the server has calls', async () => {
	const { room, server, people: { anna } } = await a_world('anna', 'boris');
	const like = (fields) => anna.calls.is_possible({ me: {}, kind: 'group', member_count: 3,
		...fields });

	assert.ok(anna.calls.is_possible({ me: {}, kind: 'direct' }));
	assert.ok(like({}));
	assert.ok(!like({ member_count: 9 }));
	assert.ok(!like({ member_count: 1 }));
	assert.ok(!like({ kind: 'public' }));
	assert.ok(!like({ me: null }));
	assert.ok(!anna.calls.is_possible(undefined));
	anna.store.status_read({ ...anna.store.status, limits: { max_call_participants: 12 } });
	assert.ok(like({ member_count: 9 }));
	anna.store.status_read({ features: [] });
	assert.ok(!like({}));
	const old = await make_client(server, server.user('eva'), { storage: new FakeStorage() });
	assert.ok(!old.calls.is_possible(room));
});

test('the calls of a room are read in pages, and a failure keeps what was there', async () => {
	const world = await ringing('anna', 'boris');
	const { anna } = world.people;

	world.caller.calls.hang_up();
	await world.run();
	const reading = anna.calls.read_log(world.room.id);
	await world.run();
	await reading;
	assert.equal(anna.store.calls.log(world.room.id).items.length, 1);
	world.server.trouble.rest_down = true;
	const failing = anna.calls.read_log(world.room.id, { more: true });
	await world.run();
	await failing;
	assert.equal(anna.store.calls.log(world.room.id).items.length, 1);
	assert.equal(anna.store.calls.log(world.room.id).failed.code, 'offline');
});

test('a room\'s log is read once for each line, goes on with what is heard, and stops', async () => {
	const world = await a_world('anna', 'boris');
	const { anna } = world.people;
	const asked = () => world.server.requests.filter(({ path }) => path === '/calls').length;

	await world.run(4000);
	const before = asked();
	for (let n = 0; n < 3; n++)
		anna.calls.follow_log(world.room.id, -Infinity);
	await world.run();
	anna.calls.follow_log(world.room.id, -Infinity);
	await world.run();
	assert.equal(asked(), before + 1);
	anna.calls.start(world.room.id);
	await world.run();
	anna.calls.hang_up();
	await world.run();
	assert.deepEqual(anna.store.calls.log(world.room.id).items.map((call) => call.state),
		['cancelled']);
	assert.equal(asked(), before + 1);
});

test('a room\'s log is not asked for before a line that is about to be there', async () => {
	const { server, users, room, run, people: { anna } } = await a_world('anna', 'boris');
	const asked = () => server.requests.filter(({ path }) => path === '/calls').length;
	const known = anna.store.rooms.get(room.id);

	await run(4000);
	const before = asked();
	const page = await make_client(server, users[0], { rtc: net.rtc() });
	assert.equal(page.socket.state, 'connecting');
	page.store.status_read(anna.store.status);
	page.store.room_added(known);
	page.open_room(room.id);
	page.calls.follow_log(room.id, -Infinity);
	await run(4000);
	assert.equal(page.socket.state, 'online');
	assert.equal(asked(), before + 1);

	server.trouble.line_down = true;
	[...server.sockets].forEach((socket) => socket.cut(1006, ''));
	await run(100);
	assert.equal(page.socket.state, 'waiting');
	const other = server.room('another room', users);
	page.store.room_added({ ...known, id: other.id });
	page.calls.follow_log(other.id, -Infinity);
	await run(100);
	assert.equal(asked(), before + 2, 'where there is none, it is asked for all the same');
});
