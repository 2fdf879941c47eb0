// Bad frames: each gets its error or its close code, and the broker goes on.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { frame, Raw, upgrade } from '../lib/raw.js';
import { actor } from '../lib/rest.js';
import { alive, shared } from '../lib/server.js';
import { within } from '../lib/wait.js';

let server, ann, room, broker;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
	room = await ann.room();
	broker = server.pid('broker');
});
afterEach(() => {
	end_all();
	assert.equal(alive(broker), true, 'the broker that we met is still there');
	assert.equal(server.pid('broker'), broker);
});
after(end_all);

const connect = () => live(server, { token: ann.token });

// An upgraded raw connection that has received `ready`.
async function raw() {
	const connection = new Raw(server.port);
	connection.send(upgrade(`${server.prefix}/api/v1/ws`, [`Authorization: Bearer ${ann.token}`]));
	await connection.find(/^HTTP\/1\.1 101[^]*"type":"ready"/);
	return connection;
}

// The code in the close frame that the server sends.
async function close_code(connection) {
	const match = await connection.find(/\x88[\x02-\x7d]([^][^])/);
	return Buffer.from(match[1], 'latin1').readUInt16BE();
}

// Waits for the server's close frame or the end of the connection, whichever comes first. The
// test does not answer the close, and need not wait until the server gives up.
async function refused(connection) {
	await Promise.race([connection.find(/\x88[\x02-\x7d]/).catch(() => {}), connection.ended()]);
	connection.end();
}

const padded = (bytes) => {
	const head = '{"type":"ping","pad":"';
	return `${head}${'x'.repeat(bytes - head.length - 2)}"}`;
};

describe('an error, and the connection goes on:', () => {
	const errors = [
		['an unknown type', { type: 'explode' }, ['invalid', 'malformed']],
		['no type', { room_id: 'x' }, ['invalid', 'malformed']],
		['a type that is a number', { type: 7 }, ['invalid', 'malformed']],
		['a type that is null', { type: null }, ['invalid', 'malformed']],
		['an unknown field', { type: 'ping', nope: 1 }, ['invalid']],
		['a join without a room', { type: 'join' }, ['invalid']],
		['a room that is a list', { type: 'join', room_id: [] }, ['invalid']],
		['a message without text', { type: 'message', room_id: 'ROOM' }, ['invalid']],
		['a text that is a number', { type: 'message', room_id: 'ROOM', text: 7 }, ['invalid']],
		['a text with \\u0000', { type: 'message', room_id: 'ROOM', text: 'a\u0000b' }, ['invalid']],
		['a room with \\u0000', { type: 'join', room_id: '\u0000' }, ['invalid']],
		['a text of 8,001', { type: 'message', room_id: 'ROOM', text: 'x'.repeat(8001) }, ['invalid']],
		['a client_id of 65', { type: 'message', room_id: 'ROOM', text: 'x', client_id: 'k'.repeat(65) },
			['invalid']],
		['a client_id with a space', { type: 'message', room_id: 'ROOM', text: 'x', client_id: 'a b' },
			['invalid']],
		['a kind that is none', { type: 'message', room_id: 'ROOM', text: 'x', kind: 'shout' },
			['invalid']],
		['a system message', { type: 'message', room_id: 'ROOM', text: 'x', kind: 'system' },
			['invalid', 'forbidden']],
		['data that is text', { type: 'message', room_id: 'ROOM', text: 'x', data: 'y' }, ['invalid']],
	];
	for (const [name, sent, codes] of errors)
		it(name, async () => {
			const ear = await connect();
			const filled = { ...sent };
			if (filled.room_id === 'ROOM')
				filled.room_id = room.id;
			const reply = await ear.want('error', filled);
			assert.ok(codes.includes(reply.code), JSON.stringify(reply));
			assert.equal(typeof reply.detail, 'string');
			await ear.settled();
		});

	const refs = [7, null, [], {}, '', 'x'.repeat(10000), '\u0000', 'ж"\\\n'];
	for (const ref of refs)
		it(`a ref of ${JSON.stringify(ref).slice(0, 20)} comes back or is refused`, async () => {
			const ear = await connect();
			ear.send({ type: 'ping', ref });
			const reply = await ear.find((f) => f.type !== 'ready', 'answer');
			if (reply.type === 'pong')
				assert.deepEqual(reply.ref ?? null, ref);
			else
				assert.equal(reply.type, 'error', JSON.stringify(reply));
			await ear.settled();
		});
});

describe('a frame that cannot be parsed', () => {
	const broken = [
		['an open brace', '{'],
		['no JSON', 'hello'],
		['nothing', ''],
		['a list', '[1]'],
		['a number', '7'],
		['null', 'null'],
		['two objects', '{"type":"ping"}{"type":"ping"}'],
		['a trailing comma', '{"type":"ping",}'],
		['NaN', '{"type":"ping","ref":NaN}'],
		['a raw control character', '{"type":"ping","ref":"a\nb"}'],
		['deep lists', `{"type":"ping","ref":${'['.repeat(5000)}${']'.repeat(5000)}}`],
		['60,000 open lists', '['.repeat(60000)],
		['deep objects', '{"a":'.repeat(5000) + '1' + '}'.repeat(5000)],
	];
	for (const [name, text] of broken)
		it(`${name} is an error malformed or a close 4400`, async () => {
			const ear = await connect();
			ear.send(text);
			const error = await ear.find('error');
			assert.ok(['malformed', 'invalid'].includes(error.code), JSON.stringify(error));
			await Promise.race([
				ear.settled().catch(() => {}),
				ear.closed.then((gone) => assert.equal(gone.code, 4400)),
			]);
		});
});

describe('a frame that no client should send', () => {
	it('of 128 KiB is read; one byte more is too_large or 4400, or 1009', async () => {
		const ear = await connect();
		ear.send(padded(131072));
		assert.equal((await ear.find((f) => f.type !== 'ready', 'answer')).code, 'invalid');
		ear.send(padded(131073));
		const gone = await Promise.race([
			ear.closed,
			ear.find((f) => f.code === 'too_large', 'too_large').then(() => null, () => ear.closed),
		]);
		if (gone)
			assert.ok([4400, 1009].includes(gone.code), JSON.stringify(gone));
	});

	it('of 10 MB is refused without being kept', async () => {
		const connection = await raw();
		connection.send(frame({ payload: Buffer.alloc(10e6, 'x') }));
		assert.ok([4400, 1009].includes(await close_code(connection)));
		connection.end();
	});

	it('that claims 2^62 bytes is refused when it is announced', async () => {
		const connection = await raw();
		connection.send(frame({ payload: '{"type"', claim: 2 ** 62 }));
		await refused(connection);
	});

	it('in 100,000 fragments that never end is refused at the limit', async () => {
		const connection = await raw();
		connection.send(frame({ fin: false, payload: '{' }));
		const part = Buffer.concat(Array.from({ length: 500 },
			() => frame({ opcode: 0, fin: false, payload: 'x' })));
		for (let i = 0; i < 400 && !connection.gone; i++)
			connection.send(part);
		await refused(connection);
	});

	it('that is binary is 4400', async () => {
		const ear = await connect();
		ear.send(Buffer.from('{"type":"ping"}'));
		const gone = await within(ear.closed, 'close');
		assert.ok([4400, 1003].includes(gone.code), JSON.stringify(gone));
	});

	const protocol = [
		['with bad UTF-8', [frame({ payload: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) })]],
		['with UTF-8 cut at its end', [frame({ payload: Buffer.from('{"type":"ping"}\xf0\x9f', 'latin1') })]],
		['with a surrogate in UTF-8', [frame({ payload: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]) })]],
		['with a reserved bit', [frame({ payload: '{"type":"ping"}', rsv: 4 })]],
		['with a reserved opcode', [frame({ opcode: 3, payload: 'x' })]],
		['with a reserved control opcode', [frame({ opcode: 11, payload: 'x' })]],
		['that continues nothing', [frame({ opcode: 0, payload: 'x' })]],
		['begun within another', [frame({ fin: false, payload: '{' }), frame({ payload: '{}' })]],
		['a ping of 126 bytes', [frame({ opcode: 9, payload: 'x'.repeat(126) })]],
		['a ping in fragments', [frame({ opcode: 9, fin: false, payload: 'x' })]],
		['a close of one byte', [frame({ opcode: 8, payload: 'x' })]],
		['a close of code 1005', [frame({ opcode: 8, payload: Buffer.from([0x03, 0xed]) })]],
		['a close with bad UTF-8', [frame({ opcode: 8, payload: Buffer.from([0x03, 0xe8, 0xff]) })]],
	];
	for (const [name, bytes] of protocol)
		it(`${name} ends the connection`, async () => {
			const connection = await raw();
			connection.send(...bytes);
			await refused(connection);
			assert.doesNotMatch(connection.got.toString('latin1').split('"ready"')[1], /"pong"/);
		});
});

describe('what is unusual and right', () => {
	it('a message in fragments, one byte each, with pings between, arrives whole', async () => {
		const connection = await raw();
		const ear = await connect();
		await ear.join(room.id);
		const text = JSON.stringify({
			type: 'message', room_id: room.id, text: 'Ж💬', client_id: randomUUID(),
		});
		const bytes = [...Buffer.from(text)];
		bytes.forEach((byte, i) => connection.send(frame({
			opcode: i === 0 ? 1 : 0, fin: i === bytes.length - 1, payload: Buffer.from([byte]),
		}), ...(i % 20 === 3 ? [frame({ opcode: 9, payload: `p${i}` })] : [])));
		assert.equal((await ear.find('message')).text, 'Ж💬');
		await connection.find(/\x8a\x02p3/);
		connection.end();
	});

	it('empty fragments around a message do no harm', async () => {
		const connection = await raw();
		connection.send(frame({ fin: false, payload: '' }), frame({ opcode: 0, fin: false,
			payload: '{"type":"ping","ref":"f"}' }), frame({ opcode: 0, payload: '' }));
		await connection.find(/"pong"/);
		connection.end();
	});

	it('many frames in one packet, and one frame in many, are all answered in order', async () => {
		const connection = await raw();
		const many = Array.from({ length: 50 },
			(_, i) => frame({ payload: `{"type":"ping","ref":"p${i}"}` }));
		connection.send(Buffer.concat(many));
		await connection.find(/p49/);
		for (const byte of frame({ payload: '{"type":"ping","ref":"slow"}' }))
			connection.send(Buffer.from([byte]));
		await connection.find(/slow/);
		const refs = [...connection.got.toString('latin1').matchAll(/"ref":"p(\d+)"/g)];
		assert.deepEqual(refs.map((m) => Number(m[1])), many.map((_, i) => i));
		connection.end();
	});

	it('a ping frame of the protocol is answered with its own bytes', async () => {
		const connection = await raw();
		connection.send(frame({ opcode: 9, payload: 'are you there' }));
		await connection.find(/\x8a\x0dare you there/);
		connection.end();
	});

	it('a pong that nobody asked for is no matter', async () => {
		const connection = await raw();
		connection.send(frame({ opcode: 10, payload: 'x' }), frame({ payload: '{"type":"ping"}' }));
		await connection.find(/"pong"/);
		connection.end();
	});

	it('a frame without a mask is refused or, as libwebsockets 4.1 does, read all the same', async () => {
		const connection = await raw();
		connection.send(frame({ payload: '{"type":"ping"}', masked: false }));
		await Promise.race([connection.find(/"pong"/).catch(() => {}), connection.ended()]);
		connection.end();
	});

	it('a close is answered with a close', async () => {
		const connection = await raw();
		connection.send(frame({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) }));
		assert.equal(await close_code(connection), 1000);
		await connection.ended();
	});

	it('half a close code is answered with 1002, and not with itself', async () => {
		const connection = await raw();
		connection.send(frame({ opcode: 8, payload: 'x' }));
		assert.equal(await close_code(connection), 1002);
		connection.end();
	});

	it('a close of the client\'s own code is fine', async () => {
		for (const code of [1001, 3000, 4000, 4999]) {
			const ear = await connect();
			ear.socket.close(code, 'bye');
			await within(ear.closed, 'close');
		}
	});

	it('vanishing without a word, in the middle of a frame, is fine', async () => {
		for (let i = 0; i < 20; i++) {
			const connection = await raw();
			connection.send(frame({ payload: '{"type":"ping"}', claim: 100 }));
			connection.end();
		}
		await (await connect()).settled();
	});
});

describe('SQL in every field', () => {
	it('is text or refused', async () => {
		const ear = await connect();
		await ear.join(room.id);
		for (const text of [`'; DROP TABLE log; --`, `' OR '1'='1`, `$1`, `\\'`, `%s%n`]) {
			const ack = await ear.message(room.id, text);
			assert.equal((await ear.find((f) => f.type === 'message' && f.id === ack.id, 'it')).text,
				text);
			for (const [name, field] of [['join', 'room_id'], ['join', 'after'], ['join', 'epoch'],
				['message', 'room_id'], ['message', 'client_id'], ['message', 'kind'],
				['message', 'reply_to'], ['auth', 'token'], ['leave', 'room_id']]) {
				const reply = await ear.ask({
					type: name, ...(name === 'auth' ? {} : { room_id: room.id }),
					...(name === 'message' ? { text: 'x' } : {}),
					...(field === 'epoch' ? { after: 1 } : {}), [field]: text,
				});
				assert.ok(['error', 'joined', 'left'].includes(reply.type), JSON.stringify(reply));
			}
		}
	});
});

describe('many at once', () => {
	it('connections that come, send garbage and go do not disturb one that listens', async () => {
		const ear = await connect();
		await ear.join(room.id);
		const crowd = await Promise.all(Array.from({ length: 12 }, () => actor(server)));
		await Promise.all(Array.from({ length: 60 }, async (_, i) => {
			const other = await live(server, { token: crowd[i % 12].token });
			other.send(['{', '[]', '{"type":"x"}', '\0'][i % 4]);
			other.end();
		}));
		const sent = await ann.post(room.id, 'calm');
		await ear.find((f) => f.type === 'message' && f.id === sent.id, 'calm');
	});
});
