// The HTTP side of the broker: handshakes that are broken, incomplete, or not for it. Also sent
// to the broker's own port, since lighttpd in front would hide them.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { Raw, request, upgrade } from '../lib/raw.js';
import { actor } from '../lib/rest.js';
import { alive, shared } from '../lib/server.js';

let server, ann, broker, path;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
	broker = server.pid('broker');
	path = `${server.prefix}/api/v1/ws`;
});
afterEach(async () => {
	end_all();
	assert.equal(alive(broker), true, 'the broker that we met is still there');
	await (await live(server, { token: ann.token })).settled();
	end_all();
});
after(end_all);

const auth = () => `Authorization: Bearer ${ann.token}`;
const ports = () => [['lighttpd', server.port], ['the broker', server.broker_port]];

async function status(port, ...bytes) {
	const raw = new Raw(port);
	raw.send(...bytes);
	const answer = await Promise.race([
		raw.find(/^HTTP\/1\.[01] (\d+)/).then((m) => Number(m[1]), () => 0),
		raw.ended().then(() => 0, () => -1),
	]);
	raw.end();
	return answer;
}

function without(name, bytes) {
	return bytes.toString('latin1').split('\r\n').filter((l) => !l.startsWith(`${name}:`)).join('\r\n');
}

describe('half-open handshakes are closed by the broker\'s own clock:', () => {
	const halves = [
		['silence', ''],
		['one letter', 'G'],
		['half a request line', 'GET /api/v1/ws HT'],
		['half of the headers', 'GET /api/v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websock'],
		['all but the last line', 'GET /api/v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n'],
	];
	it(halves.map(([name]) => name).join(', '), async () => {
		const raws = halves.map(([, text]) => new Raw(server.broker_port).send(text));
		await Promise.all(raws.map((raw, i) => raw.ended(40000).catch(() => {
			assert.fail(`still open: ${halves[i][0]}`);
		})));
	});
});

describe('a second request on one connection with an odd Upgrade', () => {
	const plain = (target, ...more) => request(`GET ${target} HTTP/1.1`,
		['Host: x', 'Connection: keep-alive', ...more]);
	const odd = ['foo', 'h2c', 'WebSocket2', 'websocket, foo', '', 'x'.repeat(300), 'TLS/1.0',
		'websocketwebsocket', 'w'];

	for (const target of ['/api/v1/ws', '/metrics', '/health', '/nothing'])
		it(`after GET ${target} leaves the broker alive`, async () => {
			for (const value of odd)
				for (const together of [true, false]) {
					const raw = new Raw(server.broker_port);
					const second = request(`GET ${path} HTTP/1.1`, ['Host: x', auth(),
						'Connection: Upgrade', `Upgrade: ${value}`, 'Sec-WebSocket-Version: 13',
						'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==']);
					if (together) {
						raw.send(Buffer.concat([plain(target), second]));
					} else {
						raw.send(plain(target));
						await raw.find(/^HTTP/).catch(() => {});
						raw.send(second);
					}
					raw.send(plain(target));
					await raw.find(/^HTTP[^]*HTTP/, 500).catch(() => {});
					raw.end();
				}
		});

	it('through lighttpd too', async () => {
		for (const value of odd) {
			const raw = new Raw(server.port);
			raw.send(plain(`${server.prefix}/api/v1/status`));
			await raw.find(/^HTTP\/1\.1 200/);
			raw.send(request(`GET ${path} HTTP/1.1`, ['Host: x', auth(), 'Connection: Upgrade',
				`Upgrade: ${value}`]));
			await raw.find(/HTTP[^]*HTTP\/1\.[01] [45]\d\d/).catch(() => {});
			raw.end();
		}
	});
});

describe('a handshake that is not right is refused:', () => {
	const right = () => upgrade(path, [auth()]);
	const wrong = [
		['a POST', () => right().toString().replace('GET', 'POST')],
		['a HEAD', () => right().toString().replace('GET', 'HEAD')],
		['no upgrade at all', () => without('Upgrade', right())],
		['an Upgrade to something else', () => right().toString().replace('websocket', 'foo')],
		['no key', () => without('Sec-WebSocket-Key', right())],
		['no version', () => without('Sec-WebSocket-Version', right())],
		['version 12', () => right().toString().replace('Version: 13', 'Version: 12')],
		['version x', () => right().toString().replace('Version: 13', 'Version: x')],
		['HTTP/1.0', () => right().toString().replace('HTTP/1.1', 'HTTP/1.0')],
		['no HTTP at all', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS hello\r\n\r\n'],
		['an HTTP/2 preface', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
		['a line of 20,000 letters', () => `GET /${'x'.repeat(20000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
		['a header of 20,000 letters', () => upgrade(path, [`X-Long: ${'x'.repeat(20000)}`])],
		['a thousand headers', () => upgrade(path, Array.from({ length: 1000 }, (_, i) => `X-${i}: y`))],
		['zero bytes', () => Buffer.alloc(2000)],
		['a header without a colon', () => upgrade(path, ['nonsense'])],
		['a path with a zero byte', () => upgrade(`${path}%00`, [auth()])],
		['a path of escapes', () => upgrade('/%2e%2e/%2e%2e/etc/passwd', [auth()])],
	];
	for (const [name, make] of wrong)
		it(name, async () => {
			for (const [where, port] of ports()) {
				// lighttpd speaks HTTP/2 and gives an answer of its own
				if (name === 'an HTTP/2 preface' && port === server.port)
					continue;
				const said = await status(port, make());
				assert.notEqual(said, 101, `${where}: ${said}`);
				assert.notEqual(said, -1, `${where} left it hanging`);
			}
		});

	it('and a right one is taken by both', async () => {
		for (const [where, port] of ports())
			assert.equal(await status(port, right()), 101, where);
	});

	it('a right one cut into single bytes is taken', async () => {
		const raw = new Raw(server.broker_port);
		raw.socket.setNoDelay(true);
		for (const byte of right())
			raw.send(Buffer.from([byte]));
		await raw.find(/^HTTP\/1\.1 101[^]*"ready"/);
		raw.end();
	});

	it('frames that come with the handshake in one packet are answered after ready', async () => {
		const { frame } = await import('../lib/raw.js');
		const raw = new Raw(server.broker_port);
		raw.send(Buffer.concat([right(), frame({ payload: '{"type":"ping","ref":"early"}' })]));
		await raw.find(/"ready"[^]*early/);
		raw.end();
	});
});

describe('tokens and queries in the handshake that are too much', () => {
	it('a token of 7,000 letters is refused, not fatal', async () => {
		const long = 'x'.repeat(7000);
		for (const [where, port] of ports())
			for (const bytes of [upgrade(path, [`Authorization: Bearer ${long}`]),
				upgrade(`${path}?token=${long}`),
				upgrade(path, [`Sec-WebSocket-Protocol: foyer.v1, bearer.${long}`])])
				assert.notEqual(await status(port, bytes), -1, where);
	});

	it('broken escapes and repeats in the query are refused or passed over', async () => {
		for (const query of ['token=%zz', 'token=%', 'token', '=', '&&&', `token=a&token=${ann.token}`,
			'room=%00', `${'a=b&'.repeat(300)}x=y`, 'token=%ff%fe', 'after=1e9', 'after=-1&room=x'])
			for (const [where, port] of ports())
				assert.notEqual(await status(port, upgrade(`${path}?${query}`)), -1,
					`${where}: ${query}`);
	});
});
