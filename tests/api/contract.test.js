// The promised paths: each is in the document with its methods, and OPTIONS says the same.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { Client } from '../lib/rest.js';
import { shared } from '../lib/server.js';

const PROMISED = {
	'accounts and tokens': `
		POST /auth/register
		POST /auth/login
		POST /auth/refresh
		POST /auth/logout
		GET /auth/validate
		GET DELETE /auth/sessions
		GET DELETE /auth/sessions/{id}
		PUT /auth/password
		POST /auth/password/forgot
		POST /auth/password/reset
		POST /auth/email/confirm
		GET POST /auth/tokens
		GET DELETE /auth/tokens/{id}
		POST /auth/ticket
		GET /admin/users
		GET PUT DELETE /admin/users/{id}
		POST /admin/users/{id}/reset
		GET /admin/rooms
		GET /admin/stats`,
	people: `
		GET /users
		GET /users/search
		GET PUT DELETE /users/me
		GET PUT DELETE /users/profile
		POST /users/me/delete
		GET /users/{id}
		PUT /users/status
		GET POST /contacts
		GET PUT DELETE /contacts/{user_id}`,
	'rooms and messages': `
		GET POST /rooms
		POST /rooms/create
		GET PUT DELETE /rooms/{id}
		POST DELETE /rooms/remove
		POST /rooms/{id}/join
		POST DELETE /rooms/{id}/leave
		GET POST /rooms/{id}/members
		GET PUT DELETE /rooms/{id}/members/{user_id}
		GET POST /rooms/{id}/invites
		DELETE /rooms/{id}/invites/{code}
		POST /invites/{code}
		GET POST /rooms/{id}/messages
		GET POST /messages
		GET /messages/chat/{room_id}
		GET /rooms/{id}/log
		GET PUT DELETE /messages/{id}
		PUT DELETE /messages/{id}/reactions/{emoji}
		PUT /rooms/{id}/read
		GET /search
		GET POST /calls
		GET PUT /calls/{id}
		GET /calls/ice`,
	files: `
		POST /files
		GET /files/{id}
		GET /avatars/{id}`,
	'the service': `
		GET /status
		GET /health
		GET /openapi.json`,
};
const LIVE = ['/ws', '/rooms/ws', '/rooms/{id}/events'];
const NO_ID = '5ca1ab1e-0000-4000-8000-00000000dead';

let server, document;

before(async () => {
	server = await shared();
	document = await new Client(server).get('/openapi.json');
});

for (const [part, list] of Object.entries(PROMISED))
	describe(part, () => {
		for (const line of list.trim().split(/\n\s*/))
			it(line, () => {
				const methods = line.split(' ');
				const path = methods.pop();
				const there = Object.keys(document.paths[path] ?? {}).map((m) => m.toUpperCase());
				assert.deepEqual(methods.filter((m) => !there.includes(m)), []);
			});
	});

it('every path answers OPTIONS with the methods in the document', async () => {
	const also = { GET: ['GET', 'HEAD'], PUT: ['PUT', 'PATCH'] };

	for (const [path, methods] of Object.entries(document.paths)) {
		const given = path.replace(/\{\w*id\}/g, NO_ID).replace(/\{\w+\}/g, 'x');
		const reply = await new Client(server).call('OPTIONS', given);
		const expected = Object.keys(methods).map((m) => m.toUpperCase())
			.flatMap((m) => also[m] ?? [m]);
		assert.equal(reply.status, 204, path);
		assert.deepEqual(reply.headers.get('allow').split(', ').sort(),
			[...expected, 'OPTIONS'].sort(), path);
	}
});

it('the live paths are told of in words, and are nowhere among the others', () => {
	for (const path of LIVE) {
		assert.ok(document.info.description.includes(` ${path}`), path);
		assert.equal(document.paths[path], undefined);
	}
});
