// Sends arbitrary bytes after the upgrade to a running broker: frames with broken lengths,
// fragments, control frames in between, text that is none, connections that end in the middle.
// The broker must survive, send nothing but whole frames, go on serving others, and leak
// nothing.
//
// SECONDS_OF_BYTES=600 SEED=7 runs longer, and the same again (make fuzz-live).

import assert from 'node:assert/strict';
import fs from 'node:fs';
import process from 'node:process';
import { after, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { frame, Raw, upgrade } from '../lib/raw.js';
import { actor, an_address } from '../lib/rest.js';
import { alive, end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { tick, until } from '../lib/wait.js';
import { random } from './party.js';

after(end_all);
after(end_private_servers);

const SECONDS = Number(process.env.SECONDS_OF_BYTES || 5);
const ROUNDS = 4; // at least
const AT_ONCE = 12;
const seed = Number(process.env.SEED || Math.floor(Math.random() * 2 ** 31));
const choose = random(seed);
const below = (n) => Math.floor(choose() * n);
const one_of = (list) => list[below(list.length)];

// ---- what is sent --------------------------------------------------------------------

function junk(max) {
	return Buffer.from(Array.from({ length: below(max) }, () => below(256)));
}

const VALUES = [null, true, -1, 0, 1.5, 1e300, '', 'x', 'ж'.repeat(40), '\u0000', [], {}, [[[]]],
	Number.MAX_SAFE_INTEGER, '10000000-0000-4000-8000-000000000001'];

// A frame of the protocol, mostly with something wrong.
function words(room, ids) {
	const said = { type: one_of(['join', 'leave', 'message', 'edit', 'delete', 'react', 'typing',
		'delivered', 'read', 'status', 'call', 'signal', 'ping', 'auth', 'nothing']) };
	const fields = {
		ref: 'r', room_id: room.id, client_id: `k${below(50)}`, text: 'text', after: below(20),
		epoch: room.epoch, id: one_of(ids), emoji: '👍', on: true, seq: below(20), status: 'away',
		action: one_of(['start', 'accept', 'decline', 'cancel', 'hangup']), kind: 'audio', call_id: one_of(ids), to: one_of(ids),
		data: { a: 1 }, token: 'abc', reply_to: one_of(ids),
	};
	for (const name of Object.keys(fields))
		if (choose() < 0.6)
			said[name] = choose() < 0.15 ? one_of(VALUES) : fields[name];
	const text = Buffer.from(JSON.stringify(said));
	if (choose() < 0.2)
		text[below(text.length)] = below(256);
	return choose() < 0.1 ? text.subarray(0, below(text.length)) : text;
}

// Each returns a list of pieces, in the order of sending.
const KINDS = [
	[8, (what) => [frame({ payload: what() })]],
	[3, (what) => {
		const text = what();
		const cut = below(text.length + 1);
		return [frame({ fin: false, payload: text.subarray(0, cut) }),
			...(choose() < 0.5 ? [frame({ opcode: one_of([9, 10]), payload: junk(20) })] : []),
			frame({ opcode: 0, payload: text.subarray(cut) })];
	}],
	[2, () => Array.from({ length: below(30) }, () => frame({ opcode: below(2), fin: choose() < 0.3,
		payload: junk(4) }))],
	[2, () => [frame({ opcode: one_of([9, 10]), payload: junk(126) })]],
	[1, () => [frame({ opcode: 9, payload: junk(400) })]],
	[1, () => [frame({ opcode: 9, fin: false, payload: junk(9) })]],
	[1, () => [frame({ opcode: 8, payload: junk(130) })]],
	[1, () => [frame({ opcode: 8, payload: Buffer.from([3, 232]) }), frame({ payload: '{"type":"ping"}' })]],
	[1, () => [frame({ opcode: 2, payload: junk(300) })]],
	[1, () => [frame({ opcode: one_of([3, 4, 7, 11, 15]), payload: junk(10) })]],
	[1, () => [frame({ rsv: 1 + below(7), payload: '{"type":"ping"}' })]],
	[1, (what) => [frame({ masked: false, payload: what() })]],
	[1, (what) => [frame({ payload: what(), claim: one_of([0, 1, 125, 126, 65535, 65536, 131072, 2 ** 31,
		2 ** 40]) })]],
	[1, () => [frame({ payload: Buffer.alloc(one_of([131072, 131073, 200000]), 'x') })]],
	[1, () => [Buffer.concat([Buffer.from([0x81, 0xff]), junk(200)])]],
	[2, () => [junk(300)]],
].flatMap(([times, make]) => Array(times).fill(make));

// Sends the bytes in pieces other than they were made in.
async function pour(raw, bytes) {
	for (let at = 0; at < bytes.length && !raw.gone;) {
		const size = one_of([1, 2, 7, 100, 1400, 70000]);
		raw.send(bytes.subarray(at, at + size));
		at += size;
		if (choose() < 0.05)
			await new Promise((resolve) => setImmediate(resolve));
	}
}

// ---- the answers ---------------------------------------------------------------------

function check_answer(got) {
	const end = got.indexOf('\r\n\r\n');
	assert.match(got.subarray(0, end).toString('latin1'), /^HTTP\/1\.1 101 /);

	for (let at = end + 4; at + 2 <= got.length;) {
		const [first, second] = [got[at], got[at + 1]];
		let [length, head] = [second & 127, 2];
		if (length === 126)
			[length, head] = [got.length < at + 4 ? Infinity : got.readUInt16BE(at + 2), 4];
		else if (length === 127)
			[length, head] = [got.length < at + 10 ? Infinity : Number(got.readBigUInt64BE(at + 2)), 10];
		assert.ok([0x81, 0x88, 0x89, 0x8a].includes(first), `byte ${first.toString(16)} at ${at}`);
		assert.ok(second < 128, 'the server masks nothing');
		if (at + head + length > got.length)
			return; // our side hung up in the middle of it
		const payload = got.subarray(at + head, at + head + length);
		if (first === 0x81)
			assert.equal(typeof JSON.parse(payload.toString()).type, 'string');
		// the library echoes whatever close code it received
		if (first === 0x88)
			assert.notEqual(length, 1, 'half a close code');
		at += head + length;
	}
}

const files_of = (pid) => fs.readdirSync(`/proc/${pid}/fd`).length;

it('whatever comes after the upgrade, the broker lives and others notice nothing', {
	timeout: (SECONDS + 120) * 1000,
}, async (t) => {
	t.diagnostic(`counts: seed ${seed}`);
	const server = await private_server({ name: 'bytes', env: LOOSE });
	const [ann, bob] = await Promise.all([actor(server, 'ann'), actor(server, 'bob')]);
	const room = await ann.room({ member_ids: [bob.id] });
	const ids = [(await ann.post(room.id, 'one')).id, (await bob.post(room.id, 'two')).id, room.id];
	const broker = server.pid('broker');
	const ear = await live(server, { token: bob.token });
	await ear.join(room.id);
	const files = files_of(broker);
	const counts = { connections: 0, pieces: 0, bytes: 0, answers: 0, closed_by_server: 0 };

	async function one_connection() {
		const raw = new Raw(server.broker_port);
		const is_known = choose() < 0.9;
		raw.send(upgrade('/api/v1/ws', [`X-Forwarded-For: ${an_address()}`,
			...(is_known ? [`Authorization: Bearer ${bob.token}`] : [])]));
		counts.connections++;
		await raw.find(/\r\n\r\n/);
		if (is_known && choose() < 0.7)
			await raw.find(/"ready"|"error"/).catch(() => {});
		const pieces = Array.from({ length: 1 + below(20) },
			() => one_of(KINDS)(() => words(room, ids))).flat();
		counts.pieces += pieces.length;
		const bytes = Buffer.concat(pieces);
		counts.bytes += bytes.length;
		await pour(raw, bytes);
		if (choose() < 0.5)
			await Promise.race([raw.closed, tick(300)]);
		counts.closed_by_server += Boolean(raw.gone);
		check_answer(raw.got);
		counts.answers += raw.got.length;
		if (choose() < 0.5)
			raw.socket.resetAndDestroy();
		raw.end();
	}

	const over = Date.now() + SECONDS * 1000;
	// a busy server has not closed many of them when they are looked at
	for (let round = 0; round < ROUNDS || Date.now() < over || counts.closed_by_server <= 5; round++) {
		await Promise.all(Array.from({ length: AT_ONCE }, one_connection));
		assert.equal(server.pid('broker'), broker, server.log_ends());
		assert.ok(alive(broker), server.log_ends());
		const sent = await ann.post(room.id, 'beside');
		await ear.find((f) => f.id === sent.id && f.type === 'message', 'what is said beside');
		ear.frames.length = 0;
	}
	for (const [name, value] of Object.entries(counts))
		t.diagnostic(`counts: ${name} ${value}`);
	assert.ok(counts.connections >= ROUNDS * AT_ONCE && counts.closed_by_server > 5);
	await until(() => files_of(broker) <= files, () => `end of all sockets: ${files_of(broker)} of ${files}`);
});
