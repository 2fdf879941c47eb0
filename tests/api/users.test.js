// People: oneself, other people's profiles, and finding people.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, here } from '../lib/live.js';
import { actor, Client, TIME, UUID } from '../lib/rest.js';
import { end_private_servers, private_server, shared } from '../lib/server.js';

let server, ann, bob, nobody;

before(async () => {
	server = await shared();
	[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(server, n)));
	nobody = new Client(server);
});

afterEach(end_all);
after(end_private_servers);

const USER = ['id', 'login', 'first_name', 'last_name', 'bio', 'avatar_url', 'status',
	'status_text', 'last_seen_at', 'created_at'];
const DEFAULTS = { show_last_seen: 'everyone', send_receipts: true, who_can_write: 'everyone',
	who_can_add: 'everyone' };

const ids_of = (list) => list.items.map((u) => u.id);
const find = (who, q, more = '') => who.get(`/users/search?q=${encodeURIComponent(q)}${more}`);
const change = (who, body) => who.want(200, 'PUT', '/users/me', { body });
const say = (who, body) => who.want(200, 'PUT', '/users/status', { body });

// A run of Greek, Cyrillic or Han letters that no other person of any suite has.
function letters(first, count, length = 8) {
	return [...randomBytes(length)].map((b) => String.fromCodePoint(first + (b % count))).join('');
}
const cyrillic = () => letters(0x430, 32);
const han = (length) => letters(0x4e00, 256, length);

describe('oneself', () => {
	it('is a user with what only oneself may see', async () => {
		const me = await ann.get('/users/me');
		for (const field of [...USER, 'email', 'email_confirmed', 'is_admin', 'settings'])
			assert.ok(field in me, field);
		assert.equal(me.id, ann.id);
		assert.equal(me.login, ann.login);
		assert.equal(me.email, ann.email);
		assert.equal(me.is_admin, false);
		assert.equal(me.status, 'online');
		assert.match(me.created_at, TIME);
		assert.deepEqual(me.settings, DEFAULTS);
		assert.deepEqual(await ann.get('/users/profile'), me);
		assert.deepEqual({ ...ann.user, last_seen_at: me.last_seen_at }, me);
	});

	it('is not changed as long as its ETag holds', async () => {
		const first = await ann.call('GET', '/users/me');
		const headers = { 'If-None-Match': first.headers.get('etag') };
		assert.equal((await ann.call('GET', '/users/me', { headers })).status, 304);
		await change(ann, { bio: randomUUID() });
		assert.equal((await ann.call('GET', '/users/me', { headers })).status, 200);
	});

	it('changes by what is named; absent keeps, null clears', async () => {
		const who = await actor(server, 'changer');
		let me = await change(who, { first_name: 'Жанна', last_name: 'O\'Neil', bio: 'tea' });
		assert.deepEqual([me.first_name, me.last_name, me.bio], ['Жанна', 'O\'Neil', 'tea']);
		me = await who.want(200, 'PATCH', '/users/profile', { body: { bio: 'coffee' } });
		assert.deepEqual([me.first_name, me.last_name, me.bio], ['Жанна', 'O\'Neil', 'coffee']);
		me = await change(who, { last_name: null, bio: null });
		assert.deepEqual([me.first_name, me.last_name, me.bio], ['Жанна', null, null]);
		assert.deepEqual(await change(who, {}), me);
		assert.deepEqual(await who.get('/users/me'), me);
	});

	it('has settings that change one by one, and go back with null', async () => {
		const who = await actor(server, 'setter');
		const set = async (settings) => (await change(who, { settings })).settings;
		assert.deepEqual(await set({ who_can_write: 'contacts' }),
			{ ...DEFAULTS, who_can_write: 'contacts' });
		assert.deepEqual(await set({ send_receipts: false, show_last_seen: 'nobody' }),
			{ ...DEFAULTS, who_can_write: 'contacts', send_receipts: false, show_last_seen: 'nobody' });
		assert.deepEqual(await set({ who_can_write: null, send_receipts: null }),
			{ ...DEFAULTS, show_last_seen: 'nobody' });
		assert.deepEqual(await set({}), { ...DEFAULTS, show_last_seen: 'nobody' });
		assert.deepEqual(await set(null), DEFAULTS);
	});

	const refused = [
		['an empty first name', { first_name: '' }, ['first_name']],
		['names that nobody sees', { first_name: ' ', last_name: '\u200e' }, ['first_name', 'last_name']],
		['a name with a control character', { last_name: 'x\u001b[2J' }, ['last_name']],
		['a name of 65 letters', { last_name: 'ж'.repeat(65) }, ['last_name']],
		['a bio of 1,001 letters', { bio: 'x'.repeat(1001) }, ['bio']],
		['names that turn around what follows', { first_name: 'a\u202eb', last_name: '\u2067a' }, ['first_name', 'last_name']],
		['a name that is a number', { first_name: 7 }, ['first_name']],
		['a login', { login: 'other' }, ['login']],
		['an e-mail address without the password', { email: 'a@example.org' }, ['password']],
		['an avatar that is no file', { avatar: randomUUID(), bio: 'x' }, ['avatar']],
		['an avatar that is no id', { avatar: 'me.png' }, ['avatar']],
		['is_admin', { is_admin: true }, ['is_admin']],
		['settings as text', { settings: 'all' }, ['settings']],
		['bad settings', { settings: { who_can_add: 'me', send_receipts: 1, x: 1 } },
			['settings.send_receipts', 'settings.who_can_add', 'settings.x']],
	];
	for (const [name, body, bad] of refused)
		it(`${name} is 422 and named`, async () => {
			const reply = await ann.refused(422, 'invalid', 'PUT', '/users/me', { body });
			assert.deepEqual(reply.fields, bad, reply.text);
		});

	it('has an avatar: an image that one may use, shown to all by an address of its own', async () => {
		const who = await actor(server, 'face');
		const file = async (owner, has_thumb) => server.sql(`WITH b AS (INSERT INTO blobs
			(sha256, size, mime, has_thumb) VALUES ('\\x${randomBytes(32).toString('hex')}', 1, 'image/png', ${has_thumb})
			RETURNING sha256) INSERT INTO files (user_id, sha256, name)
			SELECT '${owner.id}', sha256, 'me.png' FROM b RETURNING id`);
		const { avatar_url } = await change(who, { avatar: await file(who, true), bio: 'with a face' });
		assert.match(avatar_url, /\/api\/v1\/avatars\/[0-9a-f-]{36}$/);
		assert.equal((await bob.get(`/users/${who.id}`)).avatar_url, avatar_url);
		for (const avatar of [await file(ann, true), await file(who, false)]) {
			const body = { avatar, bio: 'another' };
			const reply = await who.refused(422, 'invalid', 'PUT', '/users/me', { body });
			assert.deepEqual(reply.fields, ['avatar']);
		}
		const me = await change(who, {});
		assert.deepEqual([me.avatar_url, me.bio], [avatar_url, 'with a face']);
		const again = await change(who, { avatar: await file(who, true) });
		assert.notEqual(again.avatar_url, avatar_url);
		assert.equal((await change(who, { avatar: null })).avatar_url, null);
	});

	it('takes names and a bio of the greatest length', async () => {
		const who = await actor(server, 'long');
		const body = { first_name: '😀'.repeat(64), last_name: 'ß'.repeat(64), bio: 'ы'.repeat(1000) };
		const me = await change(who, body);
		assert.equal(me.first_name, body.first_name);
		assert.deepEqual(ids_of(await find(bob, body.first_name)), [who.id]);
	});
});

describe('status', () => {
	it('is what was said last, with or without words', async () => {
		const who = await actor(server, 'busy');
		for (const status of ['online', 'away', 'busy', 'offline'])
			assert.equal((await say(who, { status })).status, status);
		let me = await say(who, { status: 'busy', text: 'в отпуске' });
		assert.deepEqual([me.status, me.status_text], ['busy', 'в отпуске']);
		me = await say(who, { status: 'away' });
		assert.deepEqual([me.status, me.status_text], ['away', 'в отпуске']);
		me = await say(who, { status: 'away', text: null });
		assert.equal(me.status_text, null);
		assert.equal((await who.get('/users/me')).status, 'away');
	});

	it('offline notes when that was, and it stands still', async () => {
		const who = await actor(server, 'leaver');
		await say(who, { status: 'online' });
		const { last_seen_at } = await say(who, { status: 'offline' });
		assert.match(last_seen_at, TIME);
		assert.equal((await say(who, { status: 'offline', text: 'x' })).last_seen_at, last_seen_at);
		assert.ok((await say(who, { status: 'busy' })).last_seen_at > last_seen_at);
	});

	it('whoever asks anything was seen, once in a while, unless they are shown as offline', async () => {
		const who = await actor(server, 'seen');
		const { last_seen_at } = await who.get('/users/me');
		assert.match(last_seen_at, TIME);
		await who.get('/rooms');
		assert.equal((await who.get('/users/me')).last_seen_at, last_seen_at);
		await say(who, { status: 'offline' });
		await server.sql(`UPDATE users SET last_seen_at = now() - interval '1 day' WHERE id = '${who.id}'`);
		const before = (await who.get('/users/me')).last_seen_at;
		// every process of every program, including those that do not know them yet
		for (let i = 0; i < 8; i++)
			for (const path of ['/users', '/rooms', `/rooms/${who.id}/messages`, '/users/me'])
				await who.call('GET', path);
		assert.equal((await who.get('/users/me')).last_seen_at, before);
	});

	const refused = [
		['none', {}, ['status']],
		['another word', { status: 'asleep' }, ['status']],
		['null', { status: null }, ['status']],
		['words of 141 letters', { status: 'busy', text: 'x'.repeat(141) }, ['text']],
		['a field that we do not know', { status: 'busy', until: 1 }, ['until']],
	];
	for (const [name, body, bad] of refused)
		it(`${name} is 422 and named`, async () => {
			const reply = await ann.refused(422, 'invalid', 'PUT', '/users/status', { body });
			assert.deepEqual(reply.fields, bad, reply.text);
		});
});

describe('the profile of another', () => {
	it('is a user, and nothing that only they may see', async () => {
		const user = await bob.get(`/users/${ann.id}`);
		assert.deepEqual(Object.keys(user).sort(), [...USER].sort());
		assert.equal(user.login, ann.login);
		assert.match(user.id, UUID);
	});

	it('of nobody is 404', async () => {
		await ann.refused(404, 'not_found', 'GET', `/users/${randomUUID()}`);
		await ann.refused(404, 'not_found', 'GET', '/users/nobody');
	});

	it('shows the status to those who share a room that is not public', async () => {
		const [who, other] = await Promise.all([actor(server, 'seen'), actor(server, 'seer')]);
		const look = async () => {
			const { status, last_seen_at } = await other.get(`/users/${who.id}`);
			const [found] = (await find(other, who.login)).items;
			assert.deepEqual([found.status, found.last_seen_at], [status, last_seen_at]);
			return [status, last_seen_at];
		};
		await here(server, who);
		const { last_seen_at } = await say(who, { status: 'away' });
		assert.deepEqual(await look(), [null, null], 'strangers');
		const open = await who.room({ kind: 'public', name: 'x' });
		await other.join(open.id);
		assert.deepEqual(await look(), [null, null], 'in a public room');
		const in_room = (list) => list.items.find((m) => m.user.id === who.id).user;
		const members = () => other.get(`/rooms/${open.id}/members`);
		assert.equal(in_room(await members()).status, null);
		const group = await who.room({ member_ids: [other.id] });
		assert.deepEqual(await look(), ['away', last_seen_at], 'in a group');
		assert.equal(in_room(await members()).status, 'away');
		await who.ban(group.id, other.id);
		assert.deepEqual(await look(), [null, null], 'banned');
		const room = await other.room({ kind: 'direct', user_id: who.id });
		assert.equal(room.peer.status, 'away');
		assert.equal(room.peer.last_seen_at, last_seen_at);
		assert.deepEqual(await look(), ['away', last_seen_at], 'in a direct room');
	});

	// For each relationship between the two: is the status shown, and is last_seen_at, with
	// the setting everyone, contacts, nobody?
	const ways = [
		['strangers', {}, false, [false, false, false]],
		['those in a public room', { room: 'public' }, false, [false, false, false]],
		['those in a group', { room: 'group' }, true, [true, false, false]],
		['whom they hold', { held: false }, true, [true, true, false]],
		['whom they hold, in a group', { room: 'group', held: false }, true, [true, true, false]],
		['who hold them', { holds: false }, false, [false, false, false]],
		['who hold them, in a group', { room: 'group', holds: false }, true, [true, false, false]],
		['both in each other\'s list', { held: false, holds: false }, true, [true, true, false]],
		['whom they block', { held: true }, false, [false, false, false]],
		['whom they block, in a group', { room: 'group', held: true }, false, [false, false, false]],
		['who block them', { holds: true }, false, [false, false, false]],
		['who block them and are held', { held: false, holds: true }, false, [false, false, false]],
		['who block them, in a group', { room: 'group', holds: true }, false, [false, false, false]],
	];
	for (const [name, { room, held, holds }, status, seen] of ways)
		it(`to ${name} shows ${status ? '' : 'no '}status, and last_seen_at ${seen[0] ? 'as they wish' : 'never'}`, async () => {
			const [who, other] = await Promise.all([actor(server, 'shown'), actor(server, 'looker')]);
			const keep = (one, whom, blocked) => blocked === undefined ? null
				: one.want(201, 'POST', '/contacts', { body: { user_id: whom.id, blocked } });
			await here(server, who);
			const said = await say(who, { status: 'away' });
			if (room)
				await other.join((await who.room({ kind: room })).id);
			await keep(who, other, held);
			await keep(other, who, holds);
			for (const [i, show_last_seen] of ['everyone', 'contacts', 'nobody'].entries()) {
				await change(who, { settings: { show_last_seen } });
				const user = await other.get(`/users/${who.id}`);
				assert.equal(user.status, status ? 'away' : null);
				assert.equal(user.last_seen_at, seen[i] ? said.last_seen_at : null, show_last_seen);
				assert.deepEqual((await find(other, who.login)).items, [user]);
				assert.equal((await who.get(`/users/${who.id}`)).last_seen_at, said.last_seen_at);
			}
		});
});

describe('finding people', () => {
	it('by login and name, by their beginning and inside, without case', async () => {
		const who = await actor(server, 'finder');
		const [first, last] = [cyrillic(), cyrillic()];
		await change(who, { first_name: first, last_name: last.toUpperCase() });
		const inside = who.login.slice(-9);
		for (const q of [who.login, who.login.toUpperCase(), inside, first, first.slice(0, 6),
			first.slice(2), first.toUpperCase(), last, last.slice(1, 7), `${first} ${last}`,
			`${last} ${first}`, ` ${first}   ${last.slice(0, 3)} `, `${first.slice(-3)} ${last}`])
			assert.deepEqual(ids_of(await find(bob, q)), [who.id], q);
		for (const q of [`${first}x`, `${first}${last}`, who.email, '%', '_%'])
			assert.ok(!ids_of(await find(bob, q)).includes(who.id), q);
	});

	it('in Chinese too, by one character', async () => {
		const who = await actor(server, 'china');
		const [family, given] = [han(1), han(6)];
		await change(who, { first_name: given, last_name: family });
		assert.deepEqual(ids_of(await find(bob, given)), [who.id]);
		assert.deepEqual(ids_of(await find(bob, given.slice(2, 5))), [who.id]);
		const ids = [];
		for (let next = ''; next !== null;) {
			const page = await find(bob, given[3], next && `&cursor=${next}`);
			ids.push(...ids_of(page));
			next = page.next;
		}
		assert.equal(ids.filter((id) => id === who.id).length, 1);
	});

	it('folds as logins do', async () => {
		const who = await actor(server, 'folder');
		const word = cyrillic();
		await change(who, { first_name: `Straße${word}`, last_name: `${word}ΣΊΣΥΦΟΣ` });
		for (const q of [`STRASSE${word}`, `straße${word}`, `${word}σίσυφος`, `ＳＴＲＡＳＳＥ${word}`])
			assert.deepEqual(ids_of(await find(bob, q)), [who.id], q);
	});

	it('forgets a name that is no more', async () => {
		const who = await actor(server, 'renamed');
		const [old, young] = [cyrillic(), cyrillic()];
		await change(who, { first_name: old });
		await change(who, { first_name: young });
		assert.deepEqual(ids_of(await find(bob, old)), []);
		assert.deepEqual(ids_of(await find(bob, young)), [who.id]);
		await change(who, { first_name: null });
		assert.deepEqual(ids_of(await find(bob, young)), []);
		assert.deepEqual(ids_of(await find(bob, who.login)), [who.id]);
	});

	it('shows whole words first, then their beginnings, then what is inside, each person once', async () => {
		const word = cyrillic();
		const names = [`Ы${word}`, `${word}ы`, word, `${word} а`];
		const people = await Promise.all(names.map(() => actor(server, 'rank')));
		for (const [i, name] of names.entries())
			await change(people[i], { first_name: name });
		const ids = ids_of(await find(bob, word));
		assert.deepEqual(ids, [2, 3, 1, 0].map((i) => people[i].id));
	});

	it('goes on with a cursor, nobody twice, nobody left out', async () => {
		const word = cyrillic();
		const people = await Promise.all(Array.from({ length: 7 }, () => actor(server, 'page')));
		for (const [i, who] of people.entries())
			await change(who, { first_name: i % 2 ? `я${word}` : `${word}`, last_name: `${word}${i}` });
		for (const limit of [1, 2, 3, 6, 7]) {
			const pages = [];
			for (let next = ''; next !== null;) {
				const page = await find(bob, word, `&limit=${limit}${next && `&cursor=${next}`}`);
				pages.push(ids_of(page));
				next = page.next;
			}
			assert.deepEqual(pages.flat().sort(), people.map((p) => p.id).sort());
			assert.equal(pages.length, Math.ceil(7 / limit));
		}
	});

	it('GET /users is everybody by login, page by page; with q the same as a search', async () => {
		const logins = [];
		for (let next = ''; next !== null && logins.length < 5000;) {
			const page = await bob.get(`/users?limit=100${next && `&cursor=${next}`}`);
			logins.push(...page.items.map((u) => u.login));
			next = page.next;
		}
		assert.ok(logins.includes(ann.login));
		assert.ok(logins.includes(bob.login));
		assert.equal(new Set(logins).size, logins.length);
		assert.deepEqual(await bob.get(`/users?q=${ann.login}`), await find(bob, ann.login));
	});

	const refused = [
		['a search for nothing', '/users/search', ['q']],
		['a search for empty text', '/users/search?q=', ['q']],
		['a search for white space', '/users/search?q=%20%C2%A0', ['q']],
		['a search for 101 letters', `/users/search?q=${'x'.repeat(101)}`, ['q']],
		['a limit of 0', '/users?limit=0', ['limit']],
		['a limit of 101', '/users?limit=101', ['limit']],
		['a cursor that is none', '/users?cursor=x', ['cursor']],
		['a cursor of another list', '/users?cursor=MTIzLjQ1', ['cursor']],
		['a parameter that we do not know', '/users?sort=age', ['sort']],
	];
	for (const [name, path, bad] of refused)
		it(`${name} is 422 and named`, async () => {
			const reply = await ann.refused(422, 'invalid', 'GET', path);
			assert.deepEqual(reply.fields, bad, reply.text);
		});
});

describe('who may', () => {
	it('nobody sees or changes anything without a token', async () => {
		for (const path of ['/users', '/users/search?q=a', '/users/me', '/users/profile', `/users/${ann.id}`])
			assert.equal((await nobody.call('GET', path)).status, 401, path);
		for (const path of ['/users/me', '/users/profile', '/users/status'])
			assert.equal((await nobody.call('PUT', path, { body: {} })).status, 401, path);
	});

	const known = [
		['POST', '/users', 'GET'],
		['POST', '/users/search', 'GET'],
		['POST', '/users/me', 'PUT'],
		['GET', '/users/status', 'PUT'],
		['PUT', `/users/${randomUUID()}`, 'GET'],
	];
	for (const [method, path, allowed] of known)
		it(`${method} ${path.replace(/[0-9a-f-]{36}/, '{id}')} is 405 and names ${allowed}`, async () => {
			const reply = await ann.refused(405, 'method_not_allowed', method, path);
			assert.ok(reply.headers.get('allow').includes(allowed));
		});

	it('where the directory is off nobody lists or searches, but profiles can be read', async () => {
		const closed = await private_server({ name: 'no-directory', env: { FOYER_DIRECTORY: 'off' } });
		const [eve, dan] = [await actor(closed, 'eve'), await actor(closed, 'dan')];
		for (const path of ['/users', '/users?q=e', `/users/search?q=${eve.login}`])
			await dan.refused(403, 'forbidden', 'GET', path);
		assert.equal((await dan.get(`/users/${eve.id}`)).login, eve.login);
		assert.equal((await dan.get('/users/me')).login, dan.login);
	});

	it('where the directory is of contacts, one finds oneself, one\'s list, and who shares a room that is not public', async () => {
		const closed = await private_server({ name: 'circle', env: { FOYER_DIRECTORY: 'contacts' } });
		const names = ['me', 'kept', 'blocked', 'holder', 'group', 'open', 'direct', 'banned', 'nobody'];
		const all = [];
		for (const name of names)
			all.push(await actor(closed, name));
		const who = Object.fromEntries(names.map((n, i) => [n, all[i]]));
		const { me } = who;
		const word = cyrillic();
		const keep = (one, whom, blocked) => one.want(201, 'POST', '/contacts',
			{ body: { login: whom.login, blocked } });
		await Promise.all(all.map((one, i) => change(one, { first_name: `${names[i]} ${word}` })));
		await keep(me, who.kept, false);
		await keep(me, who.blocked, true);
		await keep(who.holder, me, false);
		await who.group.room({ member_ids: [me.id] });
		await me.join((await who.open.room({ kind: 'public' })).id);
		await who.direct.room({ kind: 'direct', user_id: me.id });
		const left = await me.room({ member_ids: [who.banned.id] });
		await me.ban(left.id, who.banned.id);
		const found = ['me', 'kept', 'blocked', 'group', 'direct'].map((n) => who[n].id).sort();
		for (const path of ['/users?', `/users?q=${encodeURIComponent(word)}&`,
			`/users/search?q=${encodeURIComponent(word.slice(2))}&`])
			for (const limit of [2, 50]) {
				const ids = [];
				for (let next = ''; next !== null;) {
					const page = await me.get(`${path}limit=${limit}${next && `&cursor=${next}`}`);
					ids.push(...ids_of(page));
					next = page.next;
				}
				assert.deepEqual(ids.sort(), found, path);
			}
		assert.deepEqual(ids_of(await find(me, who.nobody.login)), []);
		assert.equal((await me.get(`/users/${who.nobody.id}`)).login, who.nobody.login);
	});

	it('they are limited and say so', async () => {
		const reply = await ann.call('GET', '/users/me');
		assert.ok(reply.headers.get('ratelimit'));
		assert.ok(reply.headers.get('ratelimit-policy'));
	});
});
