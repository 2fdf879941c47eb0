// Bad input: whatever is sent, the answer is a documented one, and the processes that gave it
// answer the next request too.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { Raw, request } from '../lib/raw.js';
import { a_login, actor, Client, PASSWORD } from '../lib/rest.js';
import { alive, shared } from '../lib/server.js';

let server, ann, room, pids;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
	room = await ann.room();
	pids = [...server.workers(), server.pid('broker')];
	// as plain CGI no process stays
	if (process.env.REST !== 'cgi')
		assert.ok(pids.length > 3, `workers: ${pids}`);
});

afterEach(() => {
	assert.deepEqual(pids.filter((pid) => !alive(pid)), [], 'nobody died of it');
});

after(async () => {
	assert.equal(await server.answers(), true);
});

// Everything that takes a body, with a valid one.
const routes = () => [
	['POST', '/auth/register', { login: a_login(), email: `${a_login()}@e.example`, password: PASSWORD }],
	['POST', '/auth/login', { login: ann.login, password: PASSWORD }],
	['POST', '/auth/refresh', { refresh_token: 'A'.repeat(43) }],
	['POST', '/rooms', { name: 'x', kind: 'group' }],
	['POST', '/rooms/remove', { room_id: room.id }],
	['PUT', `/rooms/${room.id}/members/${ann.id}`, { role: 'owner' }],
	['POST', `/rooms/${room.id}/messages`, { text: 'x' }],
	['POST', '/messages', { room_id: room.id, text: 'x' }],
];

async function on_every_route(body, status, code, options = {}) {
	for (const [method, path] of routes()) {
		const who = path.startsWith('/auth') ? new Client(server) : ann;
		const reply = await who.call(method, path, { body, ...options });
		assert.equal(reply.status, status, `${method} ${path}: ${reply.text}`);
		assert.equal(reply.body.code, code, path);
	}
}

describe('what cannot be parsed is 400 malformed on every route:', () => {
	const broken = [
		['an open brace', '{'],
		['half a string', '{"text":"x'],
		['a trailing comma', '{"text":"x",}'],
		['two values', '{"text":"x"}{"text":"y"}'],
		['something after the end', '{"text":"x"} x'],
		['single quotes', "{'text':'x'}"],
		['a comment', '{"text":"x"/* no */}'],
		['NaN', '{"text":NaN}'],
		['a bare word', 'hello'],
		['a lone surrogate half, cut', '{"text":"\\ud8"}'],
		['a bad escape', '{"text":"\\x41"}'],
		['a raw newline in a string', '{"text":"a\nb"}'],
		['bad UTF-8', Buffer.from([...Buffer.from('{"text":"'), 0xff, 0xfe, ...Buffer.from('"}')])],
		['an overlong slash', Buffer.from([...Buffer.from('{"text":"'), 0xc0, 0xaf, ...Buffer.from('"}')])],
		['a surrogate in UTF-8', Buffer.from([...Buffer.from('{"text":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')])],
		['above U+10FFFF', Buffer.from([...Buffer.from('{"text":"'), 0xf4, 0x90, 0x80, 0x80, ...Buffer.from('"}')])],
		['cut UTF-8 at the end', Buffer.from([...Buffer.from('{"text":"'), 0xf0, 0x9f, ...Buffer.from('"}')])],
		['UTF-16', Buffer.from('{"text":"x"}', 'utf16le')],
		['a zero byte', '{"text":"x"}\0'],
		['only a zero byte', '\0'],
		['a hundred lists in each other', '['.repeat(100) + ']'.repeat(100)],
		['60,000 open lists', '['.repeat(60000)],
		['20,000 objects in each other', '{"a":'.repeat(20000) + '1' + '}'.repeat(20000)],
	];
	for (const [name, body] of broken)
		it(name, () => on_every_route(body, 400, 'malformed'));
});

describe('what parses and is no object is refused on every route:', () => {
	for (const body of ['[]', '"text"', '7', 'true', 'null', '[{"text":"x"}]'])
		it(body, async () => {
			for (const [method, path] of routes()) {
				const who = path.startsWith('/auth') ? new Client(server) : ann;
				const reply = await who.call(method, path, { body });
				assert.ok([400, 422].includes(reply.status), `${path}: ${reply.text}`);
			}
		});
});

describe('every field of every route', () => {
	const wrong = [
		['a list', []], ['an object', {}], ['a number', 7.5], ['true', true],
		['a huge number', 1e300],
	];
	for (const [name, value] of wrong)
		it(`with ${name} instead is 422 and named`, async () => {
			for (const [method, path, right] of routes())
				for (const field of Object.keys(right)) {
					const who = path.startsWith('/auth') ? new Client(server) : ann;
					const reply = await who.refused(422, 'invalid', method, path, {
						body: { ...right, [field]: value },
					});
					assert.deepEqual(reply.fields, [field], `${method} ${path}`);
				}
		});

	it('with \\u0000 in it is 422 and named, never cut there', async () => {
		for (const [method, path, right] of routes())
			for (const field of Object.keys(right)) {
				const who = path.startsWith('/auth') ? new Client(server) : ann;
				const reply = await who.refused(422, 'invalid', method, path, {
					body: { ...right, [field]: `${right[field]}\u0000x` },
				});
				assert.deepEqual(reply.fields, [field], `${method} ${path}`);
			}
	});

	it('with a lone surrogate in it is refused', async () => {
		for (const [method, path, right] of routes())
			for (const field of Object.keys(right)) {
				const who = path.startsWith('/auth') ? new Client(server) : ann;
				const body = JSON.stringify({ ...right, [field]: 'LONE' }).replace('LONE', 'a\\ud800b');
				const reply = await who.call(method, path, { body });
				assert.ok([400, 422].includes(reply.status), `${path} ${field}: ${reply.text}`);
			}
	});

	const sql = [
		`'; DROP TABLE users; --`, `' OR '1'='1`, `\\'; SELECT pg_sleep(20); --`, `$1`, `%s%n%x`,
		`x' UNION SELECT * FROM accounts --`, `$$; TRUNCATE log; $$`, `E'\\x27'`, `{{7*7}}`,
		`"; ls /; echo "`, `../../../../etc/passwd`, `\${jndi:ldap://x}`,
	];
	it('with SQL in it is text or refused, and nothing happens to the tables', async () => {
		const count = () => server.sql('SELECT count(*) > 0 FROM users');
		for (const text of sql)
			for (const [method, path, right] of routes())
				for (const field of Object.keys(right)) {
					const who = path.startsWith('/auth') ? new Client(server) : ann;
					const reply = await who.call(method, path, { body: { ...right, [field]: text } });
					assert.ok(reply.status < 500, `${path} ${field}=${text}: ${reply.text}`);
				}
		assert.equal(await count(), 't');
		await ann.get(`/rooms/${room.id}`);
	});

	it('SQL in paths and queries is as harmless', async () => {
		for (const text of sql.map(encodeURIComponent))
			for (const path of [`/rooms/${text}`, `/rooms/${text}/messages`, `/messages/${text}`,
				`/rooms?cursor=${text}`, `/rooms?limit=${text}`, `/rooms?scope=public&q=${text}`,
				`/rooms/${room.id}/messages?before=${text}`, `/rooms/${room.id}/log?after=${text}`,
				`/rooms/${room.id}/members/${text}`, `/${text}`]) {
				// some climb out of the API to paths that are not ours to judge
				const reply = await fetch(server.api + path, {
					headers: { Authorization: `Bearer ${ann.token}` },
				});
				await reply.arrayBuffer();
				assert.ok(reply.status < 500, `${path}: ${reply.status}`);
			}
	});
});

describe('unknown fields', () => {
	it('are refused by name, all at once, on every route', async () => {
		for (const [method, path, right] of routes()) {
			const who = path.startsWith('/auth') ? new Client(server) : ann;
			const reply = await who.refused(422, 'invalid', method, path, {
				body: { ...right, nope: 1, 'другое': null },
			});
			assert.deepEqual(reply.fields, ['nope', 'другое'], `${method} ${path}`);
		}
	});

	it('with odd names are named without harm', async () => {
		for (const name of ['', ' ', '\n', '"', '<b>', 'x'.repeat(5000), '__proto__', 'text\u0000']) {
			const reply = await ann.call('POST', '/rooms', {
				body: JSON.stringify({ name: 'x', kind: 'group' }).replace('{', `{${JSON.stringify(name)}:1,`),
			});
			assert.ok([400, 422].includes(reply.status), `${name}: ${reply.text}`);
		}
	});

	it('a thousand of them are refused, some named', async () => {
		const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`f${i}`, i]));
		const reply = await ann.refused(422, 'invalid', 'POST', '/rooms', {
			body: { name: 'x', kind: 'group', ...many },
		});
		assert.ok(reply.fields.length >= 1 && reply.fields.length <= 1000);
	});

	it('the same field twice is one or refused, never a mixture', async () => {
		const reply = await ann.call('POST', `/rooms/${room.id}/messages`, {
			body: '{"text":"one","text":"two"}',
		});
		assert.ok(reply.status !== 201 || ['one', 'two'].includes(reply.body.text));
		assert.ok([201, 400, 422].includes(reply.status));
	});
});

describe('size', () => {
	const padded = (bytes) => {
		const head = '{"text":"x","client_id":"';
		return `${head}${'k'.repeat(bytes - head.length - 2)}"}`;
	};

	it('a body of 128 KiB is looked at, one byte more is 413 too_large', async () => {
		await ann.refused(422, 'invalid', 'POST', `/rooms/${room.id}/messages`, {
			body: padded(131072),
		});
		await on_every_route(padded(131073), 413, 'too_large');
	});

	it('a body of 10 MB is 413 too_large on every route', async () => {
		await on_every_route('x'.repeat(10e6), 413, 'too_large');
	});

	it('10 MB in chunks without a length are 413 too', async () => {
		const raw = new Raw(server.port);
		raw.send(request(`POST ${server.prefix}/api/v1/rooms HTTP/1.1`, ['Host: x',
			`Authorization: Bearer ${ann.token}`, 'Content-Type: application/json',
			'Transfer-Encoding: chunked']));
		for (let i = 0; i < 160; i++)
			raw.send('10000\r\n', Buffer.alloc(65536, 0x20), '\r\n');
		raw.send('0\r\n\r\n');
		assert.ok(await raw.find(/^HTTP\/1\.1 413/));
		raw.end();
	});

	it('a small chunked body is as good as one with a length', async () => {
		const raw = new Raw(server.port);
		raw.send(request(`POST ${server.prefix}/api/v1/rooms/${room.id}/messages HTTP/1.1`,
			['Host: x', `Authorization: Bearer ${ann.token}`, 'Content-Type: application/json',
				'Transfer-Encoding: chunked']), '8\r\n{"text":\r\n', '4\r\n"x"}\r\n0\r\n\r\n');
		assert.ok(await raw.find(/^HTTP\/1\.1 201/));
		raw.end();
	});

	it('a body that stops halfway hurts nobody', async () => {
		const raw = new Raw(server.port);
		raw.send(request(`POST ${server.prefix}/api/v1/rooms HTTP/1.1`, ['Host: x',
			`Authorization: Bearer ${ann.token}`, 'Content-Type: application/json',
			'Content-Length: 1000']), '{"name":');
		await ann.get('/rooms');
		raw.end();
		await ann.get('/rooms');
	});

	it('a content length that lies is refused by the web server', async () => {
		for (const length of ['-1', '99999999999999999999', 'x', '1, 2', '0x10']) {
			const raw = new Raw(server.port);
			raw.send(request(`POST ${server.prefix}/api/v1/rooms HTTP/1.1`,
				['Host: x', `Content-Length: ${length}`]), '{}');
			assert.match((await raw.find(/^HTTP\/1\.[01] (\d+)/))[1], /^4\d\d$/, length);
			raw.end();
		}
	});

	it('long headers, many headers and long URLs are refused or fine, never fatal', async () => {
		const odd = [
			['GET /status', { 'X-Long': 'x'.repeat(7000) }],
			['GET /status', { 'User-Agent': 'ж'.repeat(2000) && 'u'.repeat(4000) }],
			['GET /status', Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`X-${i}`, 'v']))],
			[`GET /rooms?q=${'x'.repeat(6000)}`, {}],
			[`GET /${'a/'.repeat(2500)}`, {}],
			[`GET /rooms?${'limit=1&'.repeat(700)}`, {}],
		];
		for (const [line, headers] of odd) {
			const [method, path] = line.split(' ');
			const reply = await ann.call(method, path, { headers, raw: true });
			assert.ok(reply.status < 500, `${line.slice(0, 40)}: ${reply.status}`);
		}
	});
});

describe('odd requests', () => {
	it('an answer is whole whatever Range was requested', async () => {
		const whole = await ann.call('GET', `/rooms/${room.id}`);
		for (const Range of ['bytes=0-0', 'bytes=5-1', 'bytes=99999999-', 'x']) {
			const reply = await ann.call('GET', `/rooms/${room.id}`, { headers: { Range } });
			assert.equal(reply.status, 200, Range);
			assert.equal(reply.text, whole.text);
		}
	});

	it('a body with no type at all is JSON or refused, not a crash', async () => {
		const raw = new Raw(server.port);
		const body = '{"name":"x","kind":"group"}';
		raw.send(request(`POST ${server.prefix}/api/v1/rooms HTTP/1.1`, ['Host: x',
			`Authorization: Bearer ${ann.token}`, `Content-Length: ${body.length}`,
			'Connection: close']), body);
		const [, status] = await raw.find(/^HTTP\/1\.1 (\d+)/);
		assert.ok(['201', '400', '415', '422'].includes(status), status);
		raw.end();
	});

	it('an empty body where one is needed names what is missing or is malformed', async () => {
		for (const [method, path] of routes().filter(([method]) => method === 'POST')) {
			const who = path.startsWith('/auth') ? new Client(server) : ann;
			const reply = await who.call(method, path, { body: '' });
			assert.ok([400, 422].includes(reply.status), `${path}: ${reply.text}`);
		}
	});

	it('paths with dots, doubled slashes and escapes lead nowhere they should not', async () => {
		for (const path of ['/api/v1/../../etc/passwd', '/api/v1/%2e%2e/%2e%2e/etc/passwd',
			'/api/v1//rooms', '/api/v1/rooms//', '/api/v1/rooms/%2f', '/api/v1/%72ooms',
			'/api/v1/rooms%00', '/api/v1/rooms/..%2f..%2fx', '/api/v2/rooms', '/api', '/api/',
			'/api/v1', '/api/v1/', '/api/v1/rooms;x=1', '/api/v1/rooms%3flimit=1']) {
			const raw = new Raw(server.port);
			raw.send(request(`GET ${server.prefix}${path} HTTP/1.1`, ['Host: x', 'Connection: close']));
			const [, status] = await raw.find(/^HTTP\/1\.[01] (\d+)/);
			assert.ok(Number(status) < 500, `${path}: ${status}`);
			await raw.ended();
			assert.doesNotMatch(raw.got.toString(), /root:/);
		}
	});

	it('percent-escaped ids and queries are decoded once', async () => {
		const escaped = room.id.replace(/-/g, '%2d');
		assert.equal((await ann.get(`/rooms/${escaped}`)).id, room.id);
		await ann.refused(404, 'not_found', 'GET', `/rooms/${room.id.replace(/-/g, '%252d')}`);
	});

	it('ids in capitals are the same id or none, never an error', async () => {
		const reply = await ann.call('GET', `/rooms/${room.id.toUpperCase()}`);
		assert.ok([200, 404].includes(reply.status), reply.text);
	});
});

describe('secrets', () => {
	it('passwords, tokens and message texts are in no log', async () => {
		const word = `zebra${Date.now()}`;
		const who = new Client(server);
		const login = a_login();
		const pair = await who.want(201, 'POST', '/auth/register', {
			body: { login, email: `${login}@e.example`, password: `${word}-password` },
		});
		await who.call('POST', '/auth/login', { body: { login, password: `${word}-wrong` } });
		await ann.post(room.id, `${word} text`);
		await who.call('POST', '/rooms', { token: pair.access_token, body: `{"name":"${word}` });
		await who.call('GET', `/rooms?token=${word}`, {});
		await who.call('POST', '/auth/refresh', { body: { refresh_token: pair.refresh_token } });
		for (const name of server.logs()) {
			const log = server.log(name);
			assert.equal(log.includes(word), false, `${name} holds a secret`);
			assert.equal(log.includes(pair.refresh_token), false, name);
			assert.equal(log.includes(pair.access_token.split('.')[2]), false, name);
		}
	});
});
