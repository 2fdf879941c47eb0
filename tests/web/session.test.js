// The session: tokens stay fresh, one request renews them for all tabs, and only the server
// ends it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Api, ApiError } from '../../web/core/api.js';
import { Keep } from '../../web/core/keep.js';
import { Session } from '../../web/core/session.js';
import { FakeClock, FakeLocks, FakeServer, FakeStorage, settle } from './fake.js';

// Like localStorage of several tabs: the others can read a write `lag_ms` later, and are told
// then.
class SlowStorage {
	#tabs = [];

	constructor(clock, lag_ms) {
		this.clock = clock;
		this.lag_ms = lag_ms;
	}

	tab(on_change) {
		const mine = new FakeStorage();
		const write = (change) => {
			change(mine);
			for (const other of this.#tabs)
				if (other.view !== mine)
					this.clock.after(this.lag_ms, () => {
						change(other.view);
						other.on_change();
					});
		};

		this.#tabs.push({ view: mine, on_change });
		return {
			get length() {
				return mine.length;
			},
			key: (at) => mine.key(at),
			getItem: (key) => mine.getItem(key),
			setItem: (key, value) => write((view) => view.setItem(key, value)),
			removeItem: (key) => write((view) => view.removeItem(key)),
		};
	}
}

// tabs: how many sessions share the storage. locks: false as on plain http. lag_ms: how long
// until they see and are told of another's write; without it they see it at once, and are told
// by tell().
function world({ tabs = 1, locks = true, lag_ms = null } = {}) {
	const clock = new FakeClock();
	const server = new FakeServer({ clock, random: () => 0.5 });
	const storage = new FakeStorage();
	const slow = new SlowStorage(clock, lag_ms);
	const shared = locks ? new FakeLocks() : null;
	const user = server.user('anna');
	const room = server.room('a room', [user]);

	const all = Array.from({ length: tabs }, () => {
		const api = new Api({ base: 'http://foyer.test/api/v1', fetch: server.fetch });
		const session = new Session({
			keep: new Keep(lag_ms === null ? storage : slow.tab(() => session.reread()),
				'foyer:/:'),
			locks: shared, clock, random: () => 0.5,
			refresh: (token) => api.refresh(token),
		});
		api.session = session;
		session.ends = [];
		session.addEventListener('ended', (e) => session.ends.push(e.detail.reason));
		return { api, session };
	});
	all[0].session.adopt(server.pair(user));
	for (const { session } of all)
		session.reread();
	const refreshes = () => server.requests.filter((r) => r.path === '/auth/refresh').length;
	// the storage event in the other tabs
	const tell = () => all.forEach(({ session }) => session.reread());
	return { clock, server, storage, user, room, tabs: all, refreshes, tell, ...all[0] };
}

test('a token is renewed before it runs out, without being asked', async () => {
	const { clock, session, refreshes } = world();
	const first = await session.token();

	await clock.run(13 * 60 * 1000);
	assert.equal(refreshes(), 0);
	await clock.run(2 * 60 * 1000);
	assert.equal(refreshes(), 1);
	assert.notEqual(await session.token(), first);
	await clock.run(60 * 60 * 1000);
	assert.equal(refreshes(), 5, 'and so on');
});

test('a request that is refused for its token is repeated with a new one', async () => {
	const { clock, server, api, session, refreshes } = world();
	server.tokens.get(await session.token()).expires_at = 0;

	const rooms = api.rooms();
	await clock.run(100);
	assert.equal((await rooms).items.length, 1);
	assert.deepEqual(server.requests.map((r) => [r.path, r.status]), [
		['/rooms', 401], ['/auth/refresh', 200], ['/rooms', 200],
	]);
	assert.equal(refreshes(), 1);
});

test('many requests refused at once make one renewal', async () => {
	const { clock, server, api, session, refreshes } = world();
	server.tokens.get(await session.token()).expires_at = 0;

	const all = Promise.all(Array.from({ length: 10 }, () => api.rooms()));
	await clock.run(200);
	assert.equal((await all).length, 10);
	assert.equal(refreshes(), 1);
});

test('without locks many tabs make one renewal by looking at the storage',
	async () => {
		const { clock, server, tabs, session, refreshes, tell } = world({ tabs: 5, locks: false });
		server.tokens.get(await session.token()).expires_at = 0;

		for (const { api } of tabs) {
			const one = api.rooms();
			await clock.run(100);
			await one;
		}
		tell();
		assert.equal(refreshes(), 1);
		for (const tab of tabs)
			assert.equal(await tab.session.token(), await session.token());
	});

for (const lag_ms of [0, 1, 3000])
	test(`many tabs make one renewal under a lock, and read it ${lag_ms} ms later`, async () => {
		const { clock, server, tabs, session, refreshes } = world({ tabs: 5, lag_ms });
		await clock.run(lag_ms);
		server.tokens.get(await session.token()).expires_at = 0;

		// four at once, the last when the token has been renewed for them
		const all = tabs.slice(0, 4).map(({ api }) => api.rooms());
		await clock.run(400);
		all.push(tabs[4].api.rooms());
		await clock.run(lag_ms + 500);
		await Promise.all(all);
		assert.equal(refreshes(), 1);
		for (const tab of tabs)
			assert.equal(await tab.session.token(), await session.token());
	});

test('what one tab failed to renew another one does', async () => {
	const { clock, server, tabs, session, refreshes } = world({ tabs: 2, lag_ms: 10 });
	await clock.run(10);
	server.tokens.get(await session.token()).expires_at = 0;
	server.trouble.rest_down = true;
	const failed = assert.rejects(tabs[0].session.renew(await session.token()));
	await settle();
	const other = tabs[1].session.renew(await session.token());

	await clock.run(server.trouble.delay_ms);
	await failed;
	server.trouble.rest_down = false;
	await clock.run(1000);
	assert.equal(await other, await tabs[1].session.token());
	assert.equal(tabs[0].session.signed_in, true);
	assert.equal(refreshes(), 2);
});

test('who signs out while another tab renews is out in both', async () => {
	const { clock, server, tabs, session } = world({ tabs: 2, lag_ms: 10 });
	await clock.run(10);
	const stale = await session.token();
	server.trouble.delay_ms = 100;
	const renewals = tabs.map((tab) =>
		assert.rejects(tab.session.renew(stale), { code: 'session_ended' }));

	await settle();
	tabs[1].session.end('signed_out');
	await clock.run(1000);
	await Promise.all(renewals);
	for (const tab of tabs)
		assert.equal(tab.session.signed_in, false);
});

test('tabs in a row renew once a lifetime all together', async () => {
	const { clock, tabs, refreshes, tell } = world({ tabs: 3 });

	for (let minute = 0; minute < 60; minute++) {
		await clock.run(60 * 1000);
		tell();
	}
	assert.ok(refreshes() <= 5, `${refreshes()} in an hour`);
	for (const { session } of tabs)
		assert.deepEqual(session.ends, []);
});

test('a line that is down signs nobody out', async () => {
	const { clock, server, api, session } = world();
	server.trouble.rest_down = true;

	await clock.run(20 * 60 * 1000);
	const refused = assert.rejects(api.rooms(), { code: 'offline' });
	await clock.run(100);
	await refused;
	assert.equal(session.signed_in, true);
	assert.deepEqual(session.ends, []);

	server.trouble.rest_down = false;
	await clock.run(60 * 1000);
	const rooms = api.rooms();
	await clock.run(100);
	assert.equal((await rooms).items.length, 1);
});

test('a busy server signs nobody out', async () => {
	const clock = new FakeClock();
	const session = new Session({
		keep: new Keep(new FakeStorage(), 'x:'), clock, random: () => 0.5,
		refresh: () => Promise.reject(new ApiError({ status: 503, code: 'unavailable' })),
	});

	session.adopt({ user: { id: 'u' }, access_token: 'a', expires_in: 900,
		refresh_token: 'r' });
	await clock.run(20 * 60 * 1000);
	assert.equal(session.signed_in, true);
	await assert.rejects(session.token(), { code: 'unavailable' });
});

test('a session that the server has ended ends here, and leaves nothing behind', async () => {
	const { clock, server, storage, user, api, session } = world();
	server.end_sessions(user);

	const refused = assert.rejects(api.rooms(), { code: 'session_ended' });
	await clock.run(100);
	await refused;
	assert.deepEqual(session.ends, ['session_ended']);
	assert.equal(session.signed_in, false);
	assert.equal(storage.length, 0);
	await assert.rejects(session.token(), { status: 401 });
});

test('signing out in one tab signs out in all', async () => {
	const { tabs, tell } = world({ tabs: 2 });

	tabs[0].session.end('signed_out');
	tell();
	assert.deepEqual(tabs[1].session.ends, ['signed_out']);
});

test('a renewal under way when somebody signs out brings nothing back', async () => {
	const { clock, storage, session } = world();
	const renewal = assert.rejects(session.renew(await session.token()), { status: 401 });

	await settle();
	session.end('signed_out');
	await clock.run(100);
	await renewal;
	assert.equal(session.signed_in, false);
	assert.equal(storage.length, 0);
});

test('the end of an old session leaves the new one of another tab alone', async () => {
	const { server, user, tabs, session } = world({ tabs: 2 });

	tabs[1].session.end('signed_out');
	const again = server.pair(user);
	tabs[1].session.adopt(again);
	session.end('session_ended');
	assert.deepEqual(session.ends, ['session_ended']);
	tabs[1].session.reread();
	assert.equal(tabs[1].session.signed_in, true);
});

test('a clock that is wrong does not matter: lifetimes are counted from here', async () => {
	const { clock, session, refreshes } = world();

	clock.time += 5 * 60 * 1000;
	assert.equal(typeof await session.token(), 'string');
	assert.equal(refreshes(), 0);
});

test('without storage one stays signed in until the page is closed', async () => {
	const broken = { get length() { throw new Error('no'); }, getItem() { throw new Error('no'); },
		setItem() { throw new Error('no'); }, removeItem() { throw new Error('no'); } };

	for (const storage of [broken, null]) {
		const keep = new Keep(storage, 'x:');
		keep.set('a:1', { b: 1 });
		assert.deepEqual(keep.get('a:1'), { b: 1 });
		assert.deepEqual(keep.names('a:'), ['a:1']);
		keep.remove('a:1');
		assert.equal(keep.get('a:1'), null);
	}
});

test('what is stored carries the prefix, and what is broken there is as good as absent', () => {
	const storage = new FakeStorage();
	const one = new Keep(storage, 'foyer:/chat/:');
	const other = new Keep(storage, 'foyer:/:');

	one.set('x', 1);
	other.set('x', 2);
	assert.deepEqual([one.get('x'), other.get('x')], [1, 2]);
	assert.deepEqual(one.names(''), ['x']);
	storage.setItem('foyer:/:x', '{"cut');
	assert.equal(other.get('x'), null);
});
