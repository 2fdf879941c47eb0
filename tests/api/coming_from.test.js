// Clients of AnonChat, Messenger, GoMessage and GoChat find what they call here: every row of
// docs/coming-from.md, run with curl, with their own field names.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Curl } from '../lib/curl.js';
import { end_all, here } from '../lib/live.js';
import { a_login, PASSWORD } from '../lib/rest.js';
import { shared } from '../lib/server.js';

const DOCUMENT = fileURLToPath(new URL('../../docs/coming-from.md', import.meta.url));
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

let server, nobody, folder;

before(async () => {
	server = await shared();
	nobody = new Curl(server);
	folder = fs.mkdtempSync(path.join(process.env.TEST_TMP ?? os.tmpdir(), 'coming-from-'));
});
afterEach(end_all);
after(() => fs.rmSync(folder, { recursive: true, force: true }));

async function person(fields = {}) {
	const login = a_login('seed');
	const pair = await nobody.json(201, 'POST', '/api/v1/auth/register', {
		username: login, email: `${login}@example.org`, password: PASSWORD, ...fields,
	});
	const curl = new Curl(server, pair.access_token);
	return Object.assign(curl, { login, email: `${login}@example.org`, pair, id: pair.user.id });
}

const make_room = (who, fields = {}) =>
	who.json(201, 'POST', '/api/v1/rooms/create', { name: 'Kitchen', max_user: 5, ...fields });
const make_chat = (who, fields = {}) =>
	who.json(201, 'POST', '/api/v1/chats', { name: 'Kitchen', type: 'group', ...fields });
const write = (who, chat_id, content, fields = {}) =>
	who.json(201, 'POST', '/api/v1/messages', { chat_id, content, type: 'text', ...fields });

function a_file(name, content) {
	const file = path.join(folder, name);
	fs.writeFileSync(file, content);
	return file;
}

const upload = (who, name, content) =>
	who.want(201, '/api/v1/files', '-F', `file=@${a_file(name, content)}`);

// What several of them have in common.
const both = {
	async register() {
		const ann = await person({ first_name: 'Ann', last_name: 'Lee' });
		assert.equal(ann.pair.user.login, ann.login);
		assert.equal(ann.pair.expires_in, 900);
		assert.equal(ann.pair.refresh_expires_in, 604800);
	},
	async sign_in() {
		const ann = await person();
		for (const name of [{ email: ann.email }, { username: ann.login }, { login: ann.login }]) {
			const pair = await nobody.json(200, 'POST', '/api/v1/auth/login', {
				...name, password: PASSWORD,
			});
			assert.equal(pair.user.id, ann.id);
		}
		await nobody.json(401, 'POST', '/api/v1/auth/login', { email: ann.email, password: 'wrong' });
	},
	async refresh() {
		const ann = await person();
		const pair = await nobody.json(200, 'POST', '/api/v1/auth/refresh', {
			token: ann.pair.refresh_token,
		});
		assert.notEqual(pair.refresh_token, ann.pair.refresh_token);
		await new Curl(server, pair.access_token).want(200, '/api/v1/users/me');
	},
	async sign_out() {
		const ann = await person();
		await ann.want(204, '/api/v1/auth/logout', '-X', 'POST');
		await nobody.json(401, 'POST', '/api/v1/auth/refresh', { token: ann.pair.refresh_token });
	},
	async validate() {
		const ann = await person();
		assert.equal((await ann.want(200, '/api/v1/auth/validate')).user_id, ann.id);
		await nobody.want(401, '/api/v1/auth/validate');
	},
	async change_profile(where) {
		const ann = await person();
		const me = await ann.json(200, 'PUT', where, { first_name: 'Анна', last_name: null, bio: 'x' });
		assert.equal(me.first_name, 'Анна');
		assert.equal((await ann.want(200, where)).bio, 'x');
	},
	async search() {
		const [ann, bob] = [await person({ first_name: 'Zoë-Margarethe' }), await person()];
		for (const part of [ann.login.slice(0, 9), ann.login.slice(6)]) {
			const found = await bob.want(200, `/api/v1/users/search?q=${part}`);
			assert.ok(found.items.some((u) => u.id === ann.id), part);
		}
	},
	async statuses() {
		const ann = await person();
		for (const status of ['online', 'away', 'busy', 'offline'])
			assert.equal((await ann.json(200, 'PUT', '/api/v1/users/status', { status })).status, status);
		await ann.json(422, 'PUT', '/api/v1/users/status', { status: 'asleep' });
	},
	async list_chats(where) {
		const ann = await person();
		const chat = await make_chat(ann);
		await write(ann, chat.id, 'hello');
		const { items } = await ann.want(200, where);
		assert.equal(items[0].id, chat.id);
		assert.equal(items[0].last_message.text, 'hello');
	},
	async make_chats(where) {
		const [ann, bob] = [await person(), await person()];
		const group = await ann.json(201, 'POST', where, {
			name: 'We', type: 'group', participants: [bob.id],
		});
		assert.equal(group.kind, 'group');
		assert.equal((await bob.want(200, `/api/v1/chats/${group.id}`)).me.role, 'member');
		const ours = await ann.json(201, 'POST', where, { type: 'private', participants: [bob.id] });
		const again = await bob.run(where, '--json', JSON.stringify({ type: 'private', user_ids: [ann.id] }));
		assert.equal(again.body.id, ours.id);
	},
	async get_chat() {
		const ann = await person();
		const chat = await make_chat(ann);
		assert.equal((await ann.want(200, `/api/v1/chats/${chat.id}`)).name, 'Kitchen');
	},
	async post_message(where) {
		const ann = await person();
		const chat = await make_chat(ann);
		const message = await ann.json(201, 'POST', where, {
			chat_id: chat.id, content: 'привет', type: 'text',
		});
		assert.equal(message.text, 'привет');
		assert.equal(message.room_id, chat.id);
	},
	async edit_message() {
		const ann = await person();
		const message = await write(ann, (await make_chat(ann)).id, 'tpyo');
		const edited = await ann.json(200, 'PUT', `/api/v1/messages/${message.id}`, { content: 'typo' });
		assert.equal(edited.text, 'typo');
		assert.ok(edited.edited_at);
	},
	async delete_message() {
		const ann = await person();
		const chat = await make_chat(ann);
		const message = await write(ann, chat.id, 'oops');
		await ann.want(204, `/api/v1/messages/${message.id}`, '-X', 'DELETE');
		const { items } = await ann.want(200, `/api/v1/messages/chat/${chat.id}`);
		assert.deepEqual(items.map((m) => [m.text, Boolean(m.deleted_at)]), [[null, true]]);
	},
	async history(where) {
		const ann = await person();
		const chat = await make_chat(ann);
		for (const content of ['1', '2', '3'])
			await write(ann, chat.id, content);
		const page = await ann.want(200, where(chat.id));
		assert.deepEqual(page.items.map((m) => m.text), ['1', '2', '3']);
	},
	async socket() {
		const ann = await person();
		assert.equal((await nobody.upgrade(`/ws?token=${ann.pair.access_token}`)).status, 101);
	},
};

const rows = {
	AnonChat: {
		'GET /api/v1/status': async () => {
			assert.equal((await nobody.want(200, '/api/v1/status')).name, 'Foyer');
		},
		'POST /api/v1/auth/register': both.register,
		'POST /api/v1/auth/login': both.sign_in,
		'POST /api/v1/auth/refresh': both.refresh,
		'POST /api/v1/auth/logout': both.sign_out,
		'GET /api/v1/auth/validate': both.validate,
		'GET /api/v1/rooms/ws?room=…&token=…': async () => {
			const ann = await person();
			const { room_id } = await make_room(ann);
			const url = `/api/v1/rooms/ws?room=${room_id}&token=${ann.pair.access_token}`;
			assert.equal((await nobody.upgrade(url)).status, 101);
		},
		'POST /api/v1/rooms/create': async () => {
			const room = await make_room(await person());
			assert.equal(room.room_id, room.id);
			assert.equal(room.max_members, 5);
		},
		'DELETE /api/v1/rooms/remove': async () => {
			const [ann, bob] = [await person(), await person()];
			const [one, other] = [await make_room(ann), await make_room(ann)];
			await bob.want(200, `/api/v1/rooms/${one.id}/join`, '-X', 'POST');
			await bob.json(403, 'DELETE', '/api/v1/rooms/remove', { room_id: one.id });
			await ann.json(204, 'DELETE', '/api/v1/rooms/remove', { room_id: one.id });
			await ann.want(204, `/api/v1/rooms/remove?room_id=${other.id}`, '-X', 'DELETE');
			await bob.want(404, `/api/v1/rooms/${one.id}`);
		},
		'Joining a room by its id': async () => {
			const [ann, bob] = [await person(), await person()];
			const { room_id } = await make_room(ann);
			const room = await bob.want(200, `/api/v1/rooms/${room_id}/join`, '-X', 'POST');
			assert.equal(room.member_count, 2);
		},
		"A room's limit of people": async () => {
			const [ann, bob, eve] = [await person(), await person(), await person()];
			const { room_id } = await make_room(ann, { max_user: 2 });
			await bob.want(200, `/api/v1/rooms/${room_id}/join`, '-X', 'POST');
			const full = await eve.want(409, `/api/v1/rooms/${room_id}/join`, '-X', 'POST');
			assert.equal(full.code, 'room_full');
		},
		'Messages to everybody in the room at once': async () => {
			const [ann, bob] = [await person(), await person()];
			const { room_id } = await make_room(ann);
			await bob.want(200, `/api/v1/rooms/${room_id}/join`, '-X', 'POST');
			await ann.want(201, `/api/v1/rooms/${room_id}/messages`, '-d', 'hello there');
			const { items } = await bob.want(200, `/api/v1/rooms/${room_id}/log?after=0`);
			assert.equal(items.at(-1).text, 'hello there');
		},
		'Removing a room closes its connections': async () => {
			const ann = await person();
			const { room_id } = await make_room(ann);
			const url = `/api/v1/rooms/ws?room=${room_id}&token=${ann.pair.access_token}`;
			let removed;
			const socket = await nobody.upgrade(url, {
				enough: /room_removed/,
				on_joined: () => {
					removed = ann.want(204, `/api/v1/rooms/${room_id}`, '-X', 'DELETE');
				},
			});
			assert.match(String(socket.body), /room_removed/);
			await removed;
		},
		'Limits on requests': async () => {
			const ann = await person();
			const reply = await ann.run('/api/v1/users/me');
			assert.ok(reply.headers.get('ratelimit-policy'));
		},
		'A log of requests': async () => {
			const reply = await nobody.run('/api/v1/status', '-H', 'X-Request-Id: from-anonchat');
			assert.equal(reply.headers.get('x-request-id'), 'from-anonchat');
			assert.match(server.log('rest.log'), /request_id=from-anonchat/);
		},
		'Tokens renewed without signing in again': both.refresh,
	},
	Messenger: {
		'POST /api/v1/auth/register': both.register,
		'POST /api/v1/auth/login': both.sign_in,
		'POST /api/v1/auth/logout': both.sign_out,
		'GET /api/v1/users/me': async () => {
			const ann = await person();
			assert.equal((await ann.want(200, '/api/v1/users/me')).email, ann.email);
		},
		'GET /api/v1/users': async () => {
			const ann = await person();
			assert.ok((await ann.want(200, '/api/v1/users')).items.length > 0);
		},
		'PUT /api/v1/users/me': async () => {
			await both.change_profile('/api/v1/users/me');
			const ann = await person();
			const file = await upload(ann, 'me.png', PNG);
			const me = await ann.json(200, 'PUT', '/api/v1/users/me', { avatar: file.id });
			await nobody.want(200, me.avatar_url, '-o', '/dev/null', '-D', '-');
		},
		'PUT /api/v1/users/status': both.statuses,
		'GET /api/v1/chats': () => both.list_chats('/api/v1/chats'),
		'POST /api/v1/chats': () => both.make_chats('/api/v1/chats'),
		'GET /api/v1/chats/:id': both.get_chat,
		'PUT /api/v1/chats/:id': async () => {
			const ann = await person();
			const chat = await make_chat(ann);
			const file = await upload(ann, 'room.png', PNG);
			const changed = await ann.json(200, 'PUT', `/api/v1/chats/${chat.id}`, {
				name: 'Hall', description: 'warm', settings: { slow_mode_s: 5 }, avatar: file.id,
			});
			assert.equal(changed.name, 'Hall');
			assert.equal(changed.settings.slow_mode_s, 5);
			assert.ok(changed.avatar_url);
		},
		'DELETE /api/v1/chats/:id': async () => {
			const ann = await person();
			const chat = await make_chat(ann);
			await ann.want(204, `/api/v1/chats/${chat.id}`, '-X', 'DELETE');
			await ann.want(404, `/api/v1/chats/${chat.id}`);
		},
		'GET /api/v1/messages?chat_id=…': () => both.history((id) => `/api/v1/messages?chat_id=${id}`),
		'POST /api/v1/messages': () => both.post_message('/api/v1/messages'),
		'PUT /api/v1/messages/:id': both.edit_message,
		'DELETE /api/v1/messages/:id': both.delete_message,
		'WS /ws?token=…': both.socket,
		'GET /health': async () => {
			await nobody.want(200, '/health');
		},
		'GET /swagger/index.html': async () => {
			assert.match(await nobody.want(200, '/swagger/index.html'), /swagger/i);
		},
		'Group chats': async () => {
			const [ann, bob] = [await person(), await person()];
			const chat = await make_chat(ann);
			await ann.run(`/api/v1/chats/${chat.id}/members`, '--json', JSON.stringify({ user_id: bob.id }));
			assert.equal((await bob.want(200, `/api/v1/chats/${chat.id}`)).member_count, 2);
		},
		'Voice and video calls: participants, state, start, end, duration': async () => {
			const [ann, bob] = [await person(), await person()];
			const chat = await make_chat(ann, { participants: [bob.id] });
			const call = await ann.json(201, 'POST', '/api/v1/calls', { room_id: chat.id, kind: 'video' });
			assert.equal(call.state, 'ringing');
			await bob.json(200, 'PUT', `/api/v1/calls/${call.id}`, { action: 'accept' });
			await ann.want(200, `/api/v1/calls/ice?call_id=${call.id}`);
			await ann.json(200, 'PUT', `/api/v1/calls/${call.id}`, { action: 'hangup' });
			const { items } = await bob.want(200, '/api/v1/calls');
			assert.equal(items[0].state, 'ended');
			assert.ok(items[0].started_at && items[0].ended_at && items[0].duration >= 0);
			assert.equal(items[0].participants.length, 2);
		},
		'Sending files and pictures': async () => {
			const [ann, bob] = [await person(), await person()];
			const chat = await make_chat(ann, { participants: [bob.id] });
			const file = await upload(ann, 'cat.png', PNG);
			const message = await write(ann, chat.id, 'a cat', { type: 'image', data: { file_id: file.id } });
			assert.equal(message.data.name, 'cat.png');
			const seen = await bob.want(200, `/api/v1/messages/${message.id}`);
			await nobody.want(200, seen.data.url, '-o', '/dev/null', '-D', '-');
			const at_once = await ann.want(201, `/api/v1/chats/${chat.id}/messages`,
				'-F', `file=@${a_file('notes.txt', 'milk')}`, '-F', 'text=the list');
			assert.equal(at_once.kind, 'file');
			assert.equal(at_once.text, 'the list');
		},
		Contacts: async () => {
			const [ann, bob] = [await person(), await person()];
			await ann.json(201, 'POST', '/api/v1/contacts', { username: bob.login, nickname: 'Bobby' });
			const { items } = await ann.want(200, '/api/v1/contacts');
			assert.deepEqual(items.map((c) => [c.user.id, c.nickname]), [[bob.id, 'Bobby']]);
			await ann.json(200, 'PUT', `/api/v1/contacts/${bob.id}`, { nickname: 'Rob' });
			await ann.want(204, `/api/v1/contacts/${bob.id}`, '-X', 'DELETE');
		},
		'Who is online, and when they were last here': async () => {
			const [ann, bob] = [await person(), await person()];
			assert.equal((await bob.want(200, `/api/v1/users/${ann.id}`)).status, null);
			await make_chat(ann, { participants: [bob.id] });
			await here(server, { ...ann, token: ann.pair.access_token });
			await ann.json(200, 'PUT', '/api/v1/users/status', { status: 'busy' });
			assert.equal((await bob.want(200, `/api/v1/users/${ann.id}`)).status, 'busy');
		},
		'Message states: sent, delivered, read': async () => {
			const [ann, bob] = [await person(), await person()];
			const chat = await make_chat(ann, { participants: [bob.id] });
			const message = await write(ann, chat.id, 'read me');
			assert.equal(message.status, 'sent');
			await bob.json(204, 'PUT', `/api/v1/chats/${chat.id}/read`, { seq: message.seq });
			assert.equal((await ann.want(200, `/api/v1/messages/${message.id}`)).status, 'read');
		},
		'Searching': async () => {
			await both.search();
			const ann = await person();
			const chat = await make_chat(ann);
			const message = await write(ann, chat.id, 'the blue teapot');
			const { items } = await ann.want(200, '/api/v1/search?q=teapots');
			assert.deepEqual(items.map((m) => m.id), [message.id]);
		},
	},
	GoMessage: {
		'POST /api/v1/auth/register': both.register,
		'POST /api/v1/auth/login': both.sign_in,
		'POST /api/v1/auth/refresh': both.refresh,
		'GET /api/v1/users/profile': async () => {
			const ann = await person();
			assert.equal((await ann.want(200, '/api/v1/users/profile')).id, ann.id);
		},
		'PUT /api/v1/users/profile': () => both.change_profile('/api/v1/users/profile'),
		'GET /api/v1/users/search?q=…': both.search,
		'POST /api/v1/messages/': () => both.post_message('/api/v1/messages/'),
		'GET /api/v1/messages/chat/:id': () => both.history((id) => `/api/v1/messages/chat/${id}`),
		'PUT /api/v1/messages/:id': both.edit_message,
		'DELETE /api/v1/messages/:id': both.delete_message,
		'GET /api/v1/chats/': () => both.list_chats('/api/v1/chats/'),
		'POST /api/v1/chats/': () => both.make_chats('/api/v1/chats/'),
		'GET /api/v1/chats/:id': both.get_chat,
		'POST /api/v1/chats/:id/join': async () => {
			const [ann, bob] = [await person(), await person()];
			const chat = await make_chat(ann);
			await bob.want(200, `/api/v1/chats/${chat.id}/join`, '-X', 'POST');
		},
		'DELETE /api/v1/chats/:id/leave': async () => {
			const [ann, bob] = [await person(), await person()];
			const chat = await make_chat(ann);
			for (const method of ['DELETE', 'POST']) {
				await bob.want(200, `/api/v1/chats/${chat.id}/join`, '-X', 'POST');
				await bob.want(204, `/api/v1/chats/${chat.id}/leave`, '-X', method);
			}
		},
		'GET /ws': both.socket,
		'Message types: text, image, file, voice, location': async () => {
			const ann = await person();
			const chat = await make_chat(ann);
			const png = await upload(ann, 'a.png', PNG);
			const sound = await upload(ann, 'a.bin', Buffer.alloc(300, 7));
			const data = { image: { file_id: png.id }, file: { file_id: sound.id }, voice: { file_id: sound.id },
				location: { lat: 55.75, lon: 37.62 } };
			for (const type of ['text', 'image', 'file', 'voice', 'location']) {
				const message = await write(ann, chat.id, 'x', { type, data: data[type] });
				assert.equal(message.kind, type === 'voice' ? 'audio' : type);
			}
		},
		'Status of people: online, offline, busy, away': both.statuses,
		'Passwords hashed with a strong salt': async () => {
			const ann = await person();
			const hash = await server.sql(`SELECT password_hash FROM accounts WHERE user_id = '${ann.id}'`);
			assert.match(hash, /^\$argon2id\$/);
		},
		'Video calls': () => rows.Messenger['Voice and video calls: participants, state, start, end, duration'](),
	},
	GoChat: {
		Register: both.register,
		Login: both.sign_in,
		RefreshToken: both.refresh,
		Logout: both.sign_out,
		ValidateToken: both.validate,
		SaveMessage: () => both.post_message('/api/v1/messages'),
		GetPublicMessages: async () => {
			const ann = await person();
			const room = await make_room(ann, { kind: 'public' });
			await write(ann, room.id, 'to all');
			assert.equal((await ann.want(200, `/api/v1/rooms/${room.id}/messages`)).items[0].text, 'to all');
		},
		GetPrivateMessages: async () => {
			const [ann, bob] = [await person(), await person()];
			const sent = await ann.json(201, 'POST', '/api/v1/messages', { to: bob.login, text: 'psst' });
			const { items } = await bob.want(200, `/api/v1/rooms/${sent.room_id}/messages`);
			assert.equal(items[0].text, 'psst');
		},
		GetGroupMessages: () => both.history((id) => `/api/v1/rooms/${id}/messages`),
		CreateGroup: async () => {
			const room = await (await person()).json(201, 'POST', '/api/v1/rooms', { name: 'G', kind: 'group' });
			assert.equal(room.kind, 'group');
		},
		AddUserToGroup: () => rows.Messenger['Group chats'](),
		'Public, private and group chats': async () => {
			const [ann, bob] = [await person(), await person()];
			await make_room(ann, { kind: 'public' });
			await make_room(ann, { kind: 'group' });
			await ann.json(201, 'POST', '/api/v1/rooms', { kind: 'direct', user_id: bob.id });
			const { items } = await ann.want(200, '/api/v1/rooms');
			assert.deepEqual(items.map((r) => r.kind).sort(), ['direct', 'group', 'public']);
		},
		'History of messages': () => both.history((id) => `/api/v1/rooms/${id}/messages?limit=3`),
		'Managing people and groups': async () => {
			const [ann, bob] = [await person(), await person()];
			const room = await make_room(ann);
			const member = `/api/v1/rooms/${room.id}/members/${bob.id}`;
			await bob.want(200, `/api/v1/rooms/${room.id}/join`, '-X', 'POST');
			await ann.json(200, 'PUT', member, { role: 'admin' });
			await ann.json(200, 'PUT', member, { role: 'member' });
			await ann.json(200, 'PUT', member, { muted_until: '2099-01-01T00:00:00Z' });
			await bob.want(403, `/api/v1/rooms/${room.id}/messages`, '-d', 'mmph');
			await ann.want(204, member, '-X', 'DELETE');
			await ann.want(403, '/api/v1/admin/users');
		},
	},
};

// The names of the document's rows by section, without those that come later or are no call.
function promised() {
	const sections = {};
	let section;

	for (const line of fs.readFileSync(DOCUMENT, 'utf8').split('\n')) {
		if (line.startsWith('## '))
			sections[section = line.slice(3)] = [];
		const cells = line.match(/^\| (.*) \| (.*) \|$/);
		if (!cells || cells[1] === 'there')
			continue;
		const name = cells[1].match(/^`([^`]+)`/)?.[1] ?? cells[1];
		if (!/comes? later|^replaced|^the shipped client|^the frame `typing`/.test(cells[2]))
			sections[section].push(name);
	}
	return sections;
}

it('every row of the document has a test here, and every test a row', () => {
	const tested = Object.fromEntries(Object.entries(rows).map(([k, v]) => [k, Object.keys(v)]));
	assert.deepEqual(tested, promised());
});

for (const [section, calls] of Object.entries(rows))
	describe(section, () => {
		for (const [name, test] of Object.entries(calls))
			it(name, test);
	});
