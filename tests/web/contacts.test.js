// People, their presence, and my contacts, without a page.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { People } from '../../web/core/people.js';
import { FakeClock, FakeServer, make_client } from './fake.js';

async function world(prepare = () => {}) {
	const clock = new FakeClock();
	const server = new FakeServer({ clock });
	const [me, anna, boris] = ['me', 'anna', 'boris'].map((login) => server.user(login));
	const room = server.room('a room', [me, anna]);

	prepare({ server, me, anna, boris });
	const client = await make_client(server, me);
	const told = [];
	client.store.addEventListener('change', ({ detail }) => {
		if (detail.what === 'people')
			told.push(detail.room_id);
	});
	await clock.run(100);
	return { clock, server, client, people: client.store.people, me, anna, boris, room, told };
}

const user = (more) => ({ id: 'u', login: 'u', status: null, status_text: null,
	last_seen_at: null, ...more });

test('what is learned twice is news once; hidden presence is not shown', () => {
	const told = [];
	const people = new People((id) => told.push(id));

	people.learn(user({ status: 'away', status_text: 'lunch' }), null, undefined);
	people.learn(user({ status: 'away', status_text: 'lunch' }));
	assert.deepEqual(told, ['u']);
	assert.deepEqual(people.presence('u'), { status: 'away', text: 'lunch', last_seen_at: null });
	// a message's sender says nothing about their presence
	people.learn({ id: 'u', login: 'u', avatar_url: '/a' });
	assert.equal(people.presence('u').status, 'away');
	assert.equal(people.person('u').avatar_url, '/a');
	people.learn(user());
	assert.equal(people.presence('u'), null);
	assert.equal(people.presence('nobody'), null);
	people.learn(user({ id: 'v' }), user({ id: 'w' }));
	assert.equal(told.at(-1), null, 'of many at once');
});

test('presence follows the frames, and who listens in a room is here', async () => {
	const { clock, server, client, people, anna, room, told } = await world();

	told.length = 0;
	server.is_now(anna, 'busy', 'in a meeting');
	await clock.run(20);
	assert.deepEqual(people.presence(anna.id),
		{ status: 'busy', text: 'in a meeting', last_seen_at: null });
	assert.deepEqual(told, [anna.id]);
	const other = await make_client(server, anna);
	await clock.run(50);
	other.open_room(room.id);
	await clock.run(50);
	client.open_room(room.id);
	await clock.run(50);
	assert.equal(people.presence(anna.id).status, 'busy', 'here, and busy all the same');
	server.is_now(anna, 'offline');
	await clock.run(20);
	people.online_came([anna.id]);
	assert.equal(people.presence(anna.id).status, 'online');
});

test('the list is read at once, changed, and forgotten with the session', async () => {
	const { clock, client, people, anna, boris } = await world(({ server, me, boris }) =>
		server.contacts.set(me.id, new Map([[boris.id, { nickname: 'Bo', blocked: false }]])));
	const done = async (promise) => {
		promise.catch(() => {});
		await clock.run(50);
		return promise;
	};

	assert.ok(people.contacts_known);
	assert.equal(people.nickname(boris.id), 'Bo');
	await done(client.contacts.add({ login: 'anna' }));
	assert.equal(people.contact(anna.id).blocked, false);
	await done(client.contacts.rename(anna.id, 'Annie'));
	assert.equal(people.nickname(anna.id), 'Annie');
	await assert.rejects(done(client.contacts.add({ login: 'nobody' })),
		(error) => error.at('login').code === 'not_found');
	await done(client.contacts.remove(anna.id));
	assert.equal(people.contact(anna.id), null);
	assert.deepEqual((await done(client.contacts.find('bor'))).items.map((one) => one.id),
		[boris.id]);
	client.sign_out();
	assert.deepEqual(people.contacts, []);
	assert.equal(people.contacts_known, false);
});

test('unblocking leaves nobody in the list who was there for the block alone', async () => {
	const { clock, client, people, anna, boris } = await world(({ server, me, boris }) =>
		server.contacts.set(me.id, new Map([[boris.id, { nickname: 'Bo', blocked: false }]])));

	for (const one of [anna, boris]) {
		client.contacts.block(one.id);
		await clock.run(50);
		assert.ok(people.is_blocked(one.id));
		client.contacts.unblock(one.id);
		await clock.run(50);
		assert.ok(!people.is_blocked(one.id));
	}
	assert.equal(people.contact(anna.id), null);
	assert.equal(people.nickname(boris.id), 'Bo');
});
