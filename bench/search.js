// search.js -- see search.sh.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';

import { actor } from '../tests/lib/rest.js';
import { LOOSE, Server } from '../tests/lib/server.js';

const SIZES = process.argv.slice(2, 4).map(Number);
const [SMALL, LARGE] = SIZES.length === 2 ? SIZES : [10_000, 1_000_000];
const ROUNDS = Number(process.env.ROUNDS ?? 40);
const PORT = Number(process.env.PORT ?? 18300);
const ROOMS = 20;

// Small random numbers, the same in every run.
function dice(seed) {
	let x = seed;
	return () => {
		x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
		return x / 2 ** 32;
	};
}

// A vocabulary: every rank a word of its own, the frequent ones short.
function vocabulary(size) {
	const roll = dice(11);
	const letters = ['ноатеврсилкпдмугязбчхжшюцщэфйыьъ', 'etaoinshrdlcumwfgypbvkjxqz'];
	const words = new Set();

	for (let n = 1; words.size < size; n++) {
		const alphabet = letters[n % 2];
		let word = '';
		for (let i = 0; i < 2 + Math.log10(n) + 4 * roll(); i++)
			word += alphabet[Math.floor(roll() ** 1.7 * alphabet.length)];
		words.add(word);
	}
	return [...words];
}

// Lines of room, place and text. One special word is in every tenth message, one in every
// thousandth, one in two of all.
function write_texts(file, count) {
	const roll = dice(5);
	const words = vocabulary(Math.round(40 * Math.sqrt(count * 8)));
	const out = fs.openSync(file, 'w');

	for (let g = 0, lines = []; g < count; g++) {
		const text = [];
		for (let i = 3 + Math.floor(12 * roll()); i > 0; i--)
			text.push(words[Math.floor(words.length ** roll()) - 1]);
		if (g % 10 === 3)
			text.push('commonword');
		if (g % 1000 === 7 || g % 10000 === 3)
			text.push('seldomword');
		if (g === 5 || g === count >> 1)
			text.push('rarestword');
		lines.push(`${1 + Math.floor(ROOMS * roll())}\t${g}\t${text.join(' ')}\n`);
		if (lines.length === 5000 || g === count - 1)
			fs.writeSync(out, lines.splice(0).join(''));
	}
	fs.closeSync(out);
}

const FILL = `
UPDATE log SET created_at = now() - interval '10 days';
INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, type, kind, client_id, text)
	SELECT r.room_no, r.seq + x.n, r.messages + x.n,
		now() - ($COUNT - x.g) * interval '20 ms', r.user_id, 'message', 'text', '~' || x.g, x.text
	FROM (SELECT b.*, row_number() OVER (PARTITION BY room ORDER BY g) AS n FROM bench b) x
	JOIN (SELECT h.*, m.user_id, row_number() OVER (ORDER BY h.room_no) AS i FROM room_heads h
		JOIN members m USING (room_no)) r ON r.i = x.room;
UPDATE room_heads h SET seq = l.seq, messages = l.ordinal, last_message = l.seq
	FROM (SELECT room_no, max(seq) AS seq, max(ordinal) AS ordinal FROM log GROUP BY 1) l
	WHERE l.room_no = h.room_no;
DROP TABLE bench;
ANALYZE;`;

const QUERIES = [
	['common word', 'commonword'],
	['common word, one room', 'commonword', true],
	['seldom word', 'seldomword'],
	['seldom word, one room', 'seldomword', true],
	['rare word', 'rarestword'],
	['no such word', 'nosuchwordatall'],
	['two common words', 'commonword seldomword'],
	['words that never meet', 'rarestword seldomword'],
	['part of a word', 'ommonwor'],
	['short part of many words', 'но'],
	['phrase', '"commonword seldomword"'],
	['common, not another', 'commonword -seldomword'],
];

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

async function one(count, port) {
	const state = fs.mkdtempSync(path.join(os.tmpdir(), 'foyer-bench-search-'));
	const server = new Server({ port, state, env: { ...LOOSE, FOYER_STATEMENT_TIMEOUT_MS: '60000' } });

	await server.start();
	const who = await actor(server, 'bench');
	const rooms = [];
	for (let i = 0; i < ROOMS; i++)
		rooms.push(await who.room({ name: `room ${i}` }));
	const file = path.join(state, 'texts');
	write_texts(file, count);
	await server.sql('CREATE TABLE bench (room int, g int, text text)');
	await server.sql(`\\copy bench FROM '${file}'`);
	await server.sql(FILL.replaceAll('$COUNT', count));
	fs.unlinkSync(file);

	const began = performance.now();
	for (;;) {
		const reply = await who.call('GET', '/search?q=nosuchwordatall');
		if (reply.status === 200)
			break;
		if (reply.status !== 503)
			throw new Error(reply.text);
	}
	const took = performance.now() - began;
	const size = Number(await server.sql(`SELECT sum(pg_total_relation_size(t)) FROM unnest(
		ARRAY['search_index', 'search_words', 'search_blocks', 'search_heads']::regclass[]) t`));
	const words = await server.sql('SELECT count(*) FROM search_words');
	console.log(`${count} messages: ${words} words, indexed in ${(took / 1000).toFixed(1)} s `
		+ `(${(1000 * took / count).toFixed(0)} us a message), ${(size / count).toFixed(0)} bytes a message`);
	await server.sql('VACUUM ANALYZE');
	return { server, who, room: rooms[7] };
}

async function ask(side, [, q, in_room]) {
	const began = performance.now();
	const page = await side.who.get(`/search?q=${encodeURIComponent(q)}`
		+ (in_room ? `&room_id=${side.room.id}` : ''));

	return { ms: performance.now() - began, found: page.items.length, more: page.next !== null };
}

const sides = [];
for (const [i, count] of [SMALL, LARGE].entries())
	sides.push(await one(count, PORT + 2 * i));
console.log(`${'query'.padEnd(28)}${'found'.padStart(10)}${'ms'.padStart(16)}${'ratio'.padStart(8)}`);
for (const query of QUERIES) {
	const times = sides.map(() => []);
	let last;

	for (let round = 0; round < ROUNDS; round++) {
		last = [];
		for (const [i, side] of sides.entries()) {
			const answer = await ask(side, query);
			times[i].push(answer.ms);
			last.push(answer.found + (answer.more ? '+' : ''));
		}
	}
	const [small, large] = times.map(median);
	console.log(query[0].padEnd(28) + last.join(' ').padStart(10)
		+ `${small.toFixed(2)} ${large.toFixed(2)}`.padStart(16)
		+ (large / small).toFixed(2).padStart(8));
}
for (const { server } of sides) {
	if (process.env.KEEP)
		console.log(`kept: ${server.state} port ${server.port}`);
	else {
		await server.stop();
		fs.rmSync(server.state, { recursive: true });
	}
}
