// web_server.test.js -- lighttpd.conf: which path goes where, with which headers, and how
// lighttpd answers when it has to refuse by itself.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import WebSocket from 'ws';

import { Raw } from '../lib/raw.js';
import { private_server } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

const WEB = fileURLToPath(new URL('../../web', import.meta.url));
const SECRET = 'a-secret-in-a-query';
const s = await private_server({ prefix: '/my.chat' });

const get = (where, options) => fetch(s.origin + where, { redirect: 'manual', ...options });

async function problem(reply, status, code) {
	assert.equal(reply.status, status);
	assert.equal(reply.headers.get('content-type'), 'application/problem+json');
	const body = await reply.json();
	assert.equal(body.status, status);
	assert.equal(body.code, code);
	assert.ok(body.title && body.type && body.detail);
}

test('the page is served below the prefix, with a strict policy', async () => {
	const reply = await get('/my.chat/');
	const policy = reply.headers.get('content-security-policy');

	assert.equal(reply.status, 200);
	assert.match(reply.headers.get('content-type'), /^text\/html/);
	assert.match(policy, /default-src 'none'/);
	assert.match(policy, /script-src 'self';/);
	assert.match(policy, /frame-ancestors 'none'/);
	assert.doesNotMatch(policy, /unsafe|\*/);
	assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
	assert.equal(reply.headers.get('referrer-policy'), 'no-referrer');
	assert.match(reply.headers.get('permissions-policy'), /microphone=\(self\)/);
	assert.equal(reply.headers.get('server'), null);
});

test('every kind of file in web/ has a type of its own', async () => {
	const kinds = new Map();
	for (const entry of fs.readdirSync(WEB, { recursive: true, withFileTypes: true }))
		if (entry.isFile() && !entry.name.startsWith('.'))
			kinds.set(
				path.extname(entry.name),
				path.join(entry.parentPath ?? entry.path, entry.name),
			);

	assert.ok(kinds.size > 2);
	for (const [kind, file] of kinds) {
		const reply = await get(`/my.chat/${path.relative(WEB, file)}`);
		assert.equal(reply.status, 200, file);
		assert.notEqual(reply.headers.get('content-type'), 'application/octet-stream', kind);
		await reply.arrayBuffer();
	}
});

test('a file is asked for again and sent once, compressed or not', async () => {
	for (const encoding of ['identity', 'gzip']) {
		const headers = { 'accept-encoding': encoding };
		const first = await get('/my.chat/main.js', { headers });
		const etag = first.headers.get('etag');
		assert.equal(first.headers.get('cache-control'), 'no-cache');
		assert.match(await first.text(), /import/);
		const again = await get('/my.chat/main.js', {
			headers: { ...headers, 'if-none-match': etag },
		});
		assert.equal(again.status, 304, encoding);
	}
});

for (const [where, to] of [
	['/', '/my.chat/'],
	['/my.chat', '/my.chat/'],
	['/my.chat?room=1', '/my.chat/?room=1'],
])
	test(`${where} leads to ${to}`, async () => {
		const reply = await get(where);

		assert.equal(reply.status, 301);
		assert.equal(reply.headers.get('location'), to);
	});

const elsewhere = ['/main.js', '/api/v1/health', '/my-chat/', '/my.chats/', '/ws'];
for (const where of [...elsewhere, '/my.chat/.x'])
	test(`${where} is not there`, async () => {
		assert.equal((await get(where)).status, 404);
	});

test('each program answers its own paths', async () => {
	assert.equal((await get('/my.chat/api/v1/health')).status, 200);
	assert.equal((await get('/my.chat/api/v1/health/')).status, 200);
	const id = '00000000-0000-4000-8000-000000000000';
	for (const where of ['rooms', 'chats', `rooms/${id}/log`, `messages/${id}`])
		assert.equal((await get(`/my.chat/api/v1/${where}`)).status, 401, where);
	for (const where of ['/my.chat/api', '/my.chat/api/', '/my.chat/api/v1/nothing'])
		await problem(await get(where), 404, 'not_found');
});

for (const where of ['/ws', '/api/v1/ws', '/api/v1/ws/'])
	test(`${where} reaches the broker`, async () => {
		const socket = new WebSocket(s.origin.replace('http', 'ws') + '/my.chat' + where, [
			'foyer.v1',
		]);
		await within(
			new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject)),
			'connection',
		);
		assert.equal(socket.protocol, 'foyer.v1');
		socket.terminate();
	});

test('a body that nobody wants is refused before it is sent', async (t) => {
	const raw = new Raw(s.port).send(
		'POST /my.chat/api/v1/rooms HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n',
	);

	t.after(() => raw.end());
	await raw.find(/^HTTP\/1\.1 413 .*application\/problem\+json.*"too_large"/s);
});

test('a POST without a body need not have a Content-Length, wherever it goes', async (t) => {
	for (const [where, status] of [
		['/api/v1/auth/logout', 401],
		['/api/v1/rooms/00000000-0000-4000-8000-000000000000/join', 401],
		['/api/v1/nothing', 404],
	]) {
		const raw = new Raw(s.port).send(
			`POST /my.chat${where} HTTP/1.1\r\nHost: x\r\n\r\n`,
		);
		t.after(() => raw.end());
		const [, came, head] = await raw.find(/^HTTP\/1\.1 (\d+) (.*?)\r\n\r\n{.*}$/s);
		assert.equal(Number(came), status);
		assert.match(head, /Content-Type: application\/problem\+json/);
		assert.match(head, /X-Request-Id: /);
		assert.doesNotMatch(head, /Content-Security-Policy/);
	}
});

test('what is no request at all is refused, and troubles nobody', async (t) => {
	for (const said of ['nonsense', 'GET', 'G E T / HTTP/1.1', 'POST http: HTTP/1.1']) {
		const raw = new Raw(s.port).send(`${said}\r\nHost: x\r\n\r\n`);
		t.after(() => raw.end());
		await raw.find(/^HTTP\/1\.\d [45]\d\d .*application\/problem\+json/s);
	}
	assert.doesNotMatch(s.log('lighttpd.log'), /lua/);
});

test('headers that are too long are refused', async () => {
	await problem(
		await get('/my.chat/api/v1/rooms', { headers: { 'x-long': 'x'.repeat(9000) } }),
		431,
		'too_large',
	);
});

test('what the web server itself refuses has an id too, the caller\'s own if it is sane', async () => {
	for (const [path, status, headers] of [
		['/elsewhere', 404, {}],
		['/my.chat/api/v1/rooms', 431, { 'x-long': 'x'.repeat(9000) }],
	]) {
		for (const own of ['mine-1.x', 'a b', '%0', 'x'.repeat(65), undefined]) {
			const sent = own && status === 404 ? { ...headers, 'X-Request-Id': own } : headers;
			const reply = await get(path, { headers: sent });
			const body = await reply.json();
			assert.equal(reply.status, status);
			assert.equal(body.status, status);
			assert.equal(body.request_id, reply.headers.get('x-request-id'));
			assert.match(body.request_id, sent['X-Request-Id'] === 'mine-1.x' ? /^mine-1\.x$/ : /^[0-9a-f]{16}$/);
			assert.equal(reply.headers.get('content-type'), 'application/problem+json');
			assert.equal(reply.headers.get('cache-control'), 'no-store');
		}
	}
	await until(() => s.log('access.log').includes('path=/elsewhere status=404 request_id=mine-1.x '),
		'the id in the log');
});

test('a program that is dead is a 5xx like any other', async () => {
	const pids = [...s.programs('search'), ...s.workers('search')];

	for (const pid of pids)
		process.kill(pid, 'SIGSTOP');
	const asked = Array.from({ length: 4 }, () => get('/my.chat/api/v1/search?q=x'));
	await until(() => get('/my.chat/api/v1/status').then((reply) => reply.ok), 'another program');
	for (const pid of pids)
		process.kill(pid, 'SIGKILL');
	for (const reply of await within(Promise.all(asked), 'answers')) {
		const { code, request_id } = await reply.json();
		assert.equal(request_id, reply.headers.get('x-request-id'));
		assert.equal(reply.headers.get('retry-after'), reply.status === 503 ? '1' : null);
		assert.ok([401, 500, 503].includes(reply.status), code);
	}
});

test('a worker that is killed is replaced, and nobody is refused for it', async () => {
	const old = s.workers('users');

	assert.ok(old.length > 1);
	process.kill(old[0], 'SIGKILL');
	const ask = () => get('/my.chat/api/v1/users/search?q=ann').then((reply) => reply.status);
	assert.deepEqual(new Set(await Promise.all(Array.from({ length: 8 }, ask))), new Set([401]));
	await until(() => s.workers('users').filter((pid) => !old.includes(pid)).length === 1, 'another one');
	assert.equal(s.workers('users').length, old.length);
});

test('no log holds a query', async () => {
	const ask = `/my.chat/api/v1/status?ticket=${SECRET}`;
	await (await get(ask)).text();
	await (await get(`/my.chat/ws?token=${SECRET}`)).text();
	// lighttpd logs its own error when a program dies during a request
	const pids = [...s.programs('auth'), ...s.workers('auth')];
	for (const pid of pids)
		process.kill(pid, 'SIGSTOP');
	const asked = Array.from({ length: 8 }, () => get(ask).then((reply) => reply.status));
	await until(() => s.log('lighttpd.log').includes('server started'), 'log');
	for (const pid of pids)
		process.kill(pid, 'SIGKILL');
	await within(Promise.all(asked), 'answers');
	await until(() => s.log('lighttpd.log').includes('signalled: 9'), 'complaint');
	await until(() => s.log('access.log').includes('path=/my.chat/ws '), 'access log');
	for (const name of s.logs())
		assert.ok(!s.log(name).includes(SECRET), name);
});
