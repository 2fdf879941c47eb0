// Who may do what: every route of the reference, as nobody, a stranger, a member, a muted one,
// a banned one, an admin and the owner of a room that strangers cannot see, and with API tokens
// of the owner with the scopes `read` and `post`.
//
// Each row has the answer to each of them. A hidden thing is 404, like one that does not exist.
// The table is printed, so that a change in it can be reviewed.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, it } from 'node:test';

import { png } from '../lib/pictures.js';
import { actor, Client } from '../lib/rest.js';
import { shared } from '../lib/server.js';

const WHO = ['nobody', 'stranger', 'member', 'muted', 'banned', 'admin', 'owner', 'read', 'post'];

// Everybody alike; signed-in people but no tokens; all tokens; tokens by scope.
const ANYBODY = (status) => Array(9).fill(status).join(' ');
const SIGNED_IN = (status) => `401 ${Array(6).fill(status).join(' ')} 403 403`;
const ALL_TOKENS = (status) => `401 ${Array(8).fill(status).join(' ')}`;
const READING = (status) => `401 ${Array(6).fill(status).join(' ')} ${status} 403`;
const POSTING = (status) => `401 ${Array(6).fill(status).join(' ')} 403 ${status}`;

// [route, answers, body]. {room}, {message}, … are the fixture's. If something is required, a
// body of {} is refused as bad input to everybody who may do it: 422 means "allowed".
const ROWS = [
	['POST /auth/register', ANYBODY(422), {}],
	['POST /auth/login', ANYBODY(422), {}],
	['POST /auth/refresh', ANYBODY(422), {}],
	['POST /auth/logout', ANYBODY(204), { refresh_token: 'A'.repeat(43) }],
	['POST /auth/password/forgot', ANYBODY(422), {}],
	['POST /auth/password/reset', ANYBODY(422), {}],
	['POST /auth/email/confirm', ANYBODY(422), {}],
	['GET /auth/validate', ALL_TOKENS(200)],
	['POST /auth/ticket', ALL_TOKENS(201)],
	['GET /auth/sessions', SIGNED_IN(200)],
	['DELETE /auth/sessions', SIGNED_IN(204)],
	['GET /auth/sessions/{unknown}', SIGNED_IN(404)],
	['DELETE /auth/sessions/{unknown}', SIGNED_IN(404)],
	['PUT /auth/password', SIGNED_IN(422), {}],
	['POST /auth/tokens', SIGNED_IN(422), {}],
	['GET /auth/tokens', SIGNED_IN(200)],
	['GET /auth/tokens/{unknown}', SIGNED_IN(404)],
	['DELETE /auth/tokens/{unknown}', SIGNED_IN(404)],

	['GET /admin/users', SIGNED_IN(403)],
	['GET /admin/users/{other}', SIGNED_IN(403)],
	['PUT /admin/users/{other}', SIGNED_IN(403), { is_admin: true }],
	['DELETE /admin/users/{other}', SIGNED_IN(403)],
	['POST /admin/users/{other}/reset', SIGNED_IN(403)],
	['GET /admin/invites', SIGNED_IN(403)],
	['POST /admin/invites', SIGNED_IN(403), {}],
	['GET /admin/invites/{unknown}', SIGNED_IN(403)],
	['DELETE /admin/invites/{unknown}', SIGNED_IN(403)],
	['GET /admin/rooms', SIGNED_IN(403)],
	['DELETE /admin/rooms/{room}', SIGNED_IN(403)],
	['GET /admin/stats', SIGNED_IN(403)],

	['GET /status', ANYBODY(200)],
	['GET /health', ANYBODY(200)],
	['GET /health/ready', ANYBODY(200)],
	['GET /health/live', ANYBODY(200)],
	['GET /openapi.json', ANYBODY(200)],

	['GET /users/me', READING(200)],
	['PUT /users/me', SIGNED_IN(200), { bio: 'x' }],
	['DELETE /users/me', SIGNED_IN(422), {}],
	['GET /users/profile', READING(200)],
	['PUT /users/profile', SIGNED_IN(200), { bio: 'x' }],
	['DELETE /users/profile', SIGNED_IN(422), {}],
	['POST /users/me/delete', SIGNED_IN(422), {}],
	['PUT /users/status', POSTING(200), { status: 'away' }],
	['GET /users', READING(200)],
	['GET /users/search?q=o', READING(200)],
	['GET /users/{other}', READING(200)],
	['GET /contacts', READING(200)],
	['POST /contacts', SIGNED_IN(201), { user_id: '{other}' }],
	['GET /contacts/{unknown}', READING(404)],
	['PUT /contacts/{unknown}', SIGNED_IN(404), { nickname: 'x' }],
	['DELETE /contacts/{unknown}', SIGNED_IN(404)],
	['GET /search?q=other', READING(200)],
	['GET /search?q=other&room_id={room}', '401 404 200 200 404 200 200 200 403'],

	['GET /rooms', READING(200)],
	['POST /rooms', SIGNED_IN(201), { name: 'x', kind: 'group' }],
	['POST /rooms/create', SIGNED_IN(201), { name: 'x' }],
	['GET /rooms/{room}', '401 404 200 200 404 200 200 200 403'],
	['PUT /rooms/{room}', '401 404 403 403 404 200 200 403 403', { name: 'y' }],
	['DELETE /rooms/{room}', '401 404 403 403 404 403 204 403 403'],
	['DELETE /rooms/remove', '401 404 403 403 404 403 204 403 403', { room_id: '{room}' }],
	['POST /rooms/remove', '401 404 403 403 404 403 204 403 403', { room_id: '{room}' }],
	['POST /rooms/{room}/join', '401 404 200 200 403 200 200 403 200'],
	['POST /rooms/{room}/leave', '401 404 204 204 404 204 204 403 204'],
	['DELETE /rooms/{room}/leave', '401 404 204 204 404 204 204 403 204'],
	['GET /rooms/{room}/members', '401 404 200 200 404 200 200 200 403'],
	['POST /rooms/{room}/members', '401 404 403 403 404 201 201 403 403', { user_id: '{stranger}' }],
	['GET /rooms/{room}/members/{other}', '401 404 200 200 404 200 200 200 403'],
	['PUT /rooms/{room}/members/{other}', '401 404 403 403 404 200 200 403 403', { muted_until: '2099-01-01T00:00:00Z' }],
	['PUT /rooms/{room}/members/{admin}', '401 404 403 403 404 403 200 403 403', { role: 'member' }],
	['DELETE /rooms/{room}/members/{other}', '401 404 403 403 404 204 204 403 403'],
	['GET /rooms/{room}/members/me', '401 404 200 200 404 200 200 200 403'],
	['PUT /rooms/{room}/members/me', '401 404 200 200 404 200 200 403 403', { notify: 'none' }],
	['DELETE /rooms/{room}/members/me', '401 404 204 204 404 204 204 403 204'],
	['GET /rooms/{room}/invites', '401 404 403 403 404 200 200 403 403'],
	['POST /rooms/{room}/invites', '401 404 403 403 404 201 201 403 403', {}],
	['GET /rooms/{room}/invites/{invite}', '401 404 403 403 404 200 200 403 403'],
	['DELETE /rooms/{room}/invites/{invite}', '401 404 403 403 404 204 204 403 403'],
	['GET /invites/{invite}', '401 200 200 200 403 200 200 200 403'],
	['POST /invites/{invite}', '401 200 200 200 403 200 200 403 200'],

	['GET /rooms/{room}/messages', '401 404 200 200 404 200 200 200 403'],
	['GET /rooms/{room}/log', '401 404 200 200 404 200 200 200 403'],
	['GET /messages?room_id={room}', '401 404 200 200 404 200 200 200 403'],
	['GET /messages/chat/{room}', '401 404 200 200 404 200 200 200 403'],
	['GET /messages/{message}', '401 404 200 200 404 200 200 200 403'],
	['POST /rooms/{room}/messages', '401 404 201 403 403 201 201 403 201', { text: 'x' }],
	['POST /messages', '401 404 201 403 403 201 201 403 201', { room_id: '{room}', text: 'x' }],
	['PUT /messages/{message}', '401 404 403 403 404 403 403 403 403', { text: 'y' }],
	['DELETE /messages/{message}', '401 404 403 403 404 204 204 403 204'],
	['PUT /messages/{message}/reactions/{emoji}', '401 404 200 403 404 200 200 403 200'],
	['DELETE /messages/{message}/reactions/{emoji}', '401 404 204 403 404 204 204 403 204'],
	['POST /files?name=x', POSTING(201), { as: 'a file' }],
	['GET /files/{file}', '401 404 200 200 404 200 200 200 403'],
	['GET /files/{file}?variant=thumb', '401 404 200 200 404 200 200 200 403'],
	['GET /avatars/{avatar}', ANYBODY(200)],

	['POST /calls', '401 404 201 403 404 201 201 403 201', { room_id: '{room}' }],
	['GET /calls', READING(200)],
	['GET /calls/{call}', '401 404 200 200 404 200 200 200 403'],
	['PUT /calls/{call}', '401 404 200 403 404 200 200 403 200', { action: 'decline' }],
	['GET /calls/ice?call_id={call}', '401 404 200 403 404 200 200 403 200'],

	['PUT /rooms/{room}/read', '401 404 204 204 404 204 204 403 204', { seq: 1 }],
];

let server, people, avatar, still;

const a_picture = () => people.other.want(201, 'POST', '/files?name=a.png', {
	body: png(300, 200), type: 'image/png',
});

// A room that only its members can see, and its contents.
async function fixture(pattern = '') {
	const { owner, admin, member, muted, banned, other } = people;
	const room = await owner.room({
		join_by_id: false,
		member_ids: [admin.id, member.id, muted.id, banned.id, other.id],
	});
	const members = `/rooms/${room.id}/members`;
	await owner.want(200, 'PUT', `${members}/${admin.id}`, { body: { role: 'admin' } });
	await owner.want(200, 'PUT', `${members}/${muted.id}`, {
		body: { muted_until: '2099-01-01T00:00:00Z' },
	});
	await owner.ban(room.id, banned.id);
	const file = pattern.includes('{file}') ? await a_picture() : null;
	const message = await other.post(room.id, 'of the other one',
		file ? { kind: 'image', data: { file_id: file.id } } : {});
	const call = pattern.includes('{call}')
		? await other.want(201, 'POST', '/calls', { body: { room_id: room.id } }) : null;
	const invite = await owner.want(201, 'POST', `/rooms/${room.id}/invites`, { body: {} });
	return {
		room: room.id,
		message: message.id,
		file: file?.id,
		avatar,
		call: call?.id,
		invite: invite.code,
		unknown: randomUUID(),
		emoji: '👍',
	};
}

before(async () => {
	server = await shared();
	people = { nobody: new Client(server) };
	for (const name of ['stranger', 'member', 'muted', 'banned', 'admin', 'owner', 'other'])
		people[name] = await actor(server, name);
	for (const scope of ['read', 'post']) {
		const { secret } = await people.owner.want(201, 'POST', '/auth/tokens', {
			body: { name: scope, scopes: [scope] },
		});
		people[scope] = new Client(server, { token: secret });
	}
	const me = await people.other.want(200, 'PUT', '/users/me', {
		body: { avatar: (await a_picture()).id },
	});
	avatar = me.avatar_url.split('/').at(-1);
	still = await fixture();
});

async function ask(who, what, body) {
	const [method, pattern] = what.split(' ');
	const named = pattern + JSON.stringify(body);
	const changes = /\{(call|file)\}/.test(named)
		|| (method !== 'GET' && /\{(room|message|invite)\}/.test(named));
	const things = changes ? await fixture(pattern) : still;
	const fill = (text) => text.replace(/\{(\w+)\}/g, (_, name) => things[name] ?? people[name].id);
	const reply = await people[who].call(method, fill(pattern), {
		body: body === undefined ? undefined : JSON.parse(fill(JSON.stringify(body))),
	});
	// a person can be in one call only
	if (things.call)
		await people.other.want(200, 'PUT', `/calls/${things.call}`, { body: { action: 'cancel' } });
	if (what === 'POST /calls' && reply.status === 201)
		await people[who].want(200, 'PUT', `/calls/${reply.body.id}`, { body: { action: 'cancel' } });
	return reply.status;
}

// "/rooms/{room}" and "/rooms/{id}" are one path.
const shape = (path) => path.replace(/\?.*/, '').replace(/\{\w+\}/g, '{}');

it('every route of the reference has its row', async () => {
	const { paths } = await new Client(server).get('/openapi.json');
	const listed = Object.entries(paths).flatMap(([path, operations]) =>
		Object.keys(operations).filter((m) => m !== 'parameters')
			.map((method) => `${method.toUpperCase()} ${shape(path)}`));
	const rows = ROWS.map(([what]) => shape(what));
	assert.deepEqual([...new Set(rows)].sort(), listed.sort());
});

const printed = [];

for (const [what, answers, body] of ROWS)
	it(what, async () => {
		const found = [];
		for (const who of WHO)
			found.push(await ask(who, what, body));
		printed.push([what, ...found]);
		assert.equal(found.join(' '), answers, WHO.join(' '));
	});

it('the table', (t) => {
	const say = (first, rest) => t.diagnostic(`table: ${first.padEnd(46)} ${rest.map((w) => String(w).padEnd(8)).join(' ')}`);

	say('', WHO);
	for (const [what, ...cells] of printed)
		say(what, cells);
	assert.equal(printed.length, ROWS.length);
});
