// search.js -- does finding messages cost the same among 10,000 and among 1,000,000?
//
//   make VARIANT=release all && node bench/search.js
//
// Starts two private servers of the release build (loopback, folders below $TMPDIR: 2 GB for a
// million messages), fills their logs by SQL with messages of the same mix, and has search.fcgi
// index them itself, driven by searches until none is answered 503. Then it sends both the same
// queries in turn, so that whatever else the machine does affects both. Prints the speed of
// indexing, a table of processor time of a whole request (programs and PostgreSQL, from /proc),
// and one of the buffers that all statements of a request touch, as auto_explain sees them in
// the program's own session.
//
//   SMALL=10000 LARGE=1000000 ROUNDS=9 PER_ROUND=10   how much
//   PLANS=file                                        where to write the plans

import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

process.env.VARIANT ??= 'release';
const { LOOSE, end_private_servers, private_server } = await import('../tests/lib/server.js');
const { actor } = await import('../tests/lib/rest.js');
const { until } = await import('../tests/lib/wait.js');
const { until_indexed } = await import('./lib/swarm.js');

const number = (name, value) => Number(process.env[name] ?? value);
const SIZES = [number('SMALL', 10_000), number('LARGE', 1_000_000)];
const ROUNDS = number('ROUNDS', 9), PER_ROUND = number('PER_ROUND', 10);
const ROOMS = 40; // the searcher is in every other one

// Of `count` messages the g-th has this word: as often as messages come, ...
const OFTEN = [
	['commonword', 10, 3], ['otherword', 10, 4], ['thirdword', 10, 3], ['halfword', 100, 33],
	['rareish', 100, 34], ['seldomword', 70, 7], ['книгу', 60, 5], ['книги', 60, 25],
	['новая москва', 60, 50], ['我的手机坏了', 50, 12],
];
// ... or so many times in all, evenly.
const IN_ALL = [['rarestword', 2, 6], ['unusual', 30, 66], ['странность', 30, 126], ['电脑', 30, 186]];

const QUESTIONS = [
	['a word, 1 of 10', 'commonword'],
	['a word, 1 of 70', 'seldomword'],
	['a word, 30 in all', 'unusual'],
	['a word, 2 in all', 'rarestword'],
	['no such word', 'nosuchwordatall'],
	['Russian, another form', 'книга'],
	['inside a word, frequent', 'ommonwor'],
	['inside a word, 30 in all', 'nusua'],
	['inside, Russian, 30 in all', 'транност'],
	['Chinese, frequent', '手机'],
	['Chinese, 30 in all', '电脑'],
	['one Chinese character', '坏'],
	['two letters in many words', 'но'],
	['two frequent words', 'commonword thirdword'],
	['frequent and 30 in all', 'otherword unusual'],
	['never meet, 2 and 1 of 70', 'rarestword seldomword'],
	['never meet, 1 of 10 each', 'commonword otherword'],
	['never meet, 1 of 100 each', 'halfword rareish'],
	['a phrase', '"новая москва"'],
	['both words, not the phrase', '"москва новая"'],
	['a word, not another', 'commonword -seldomword'],
	['a word, not itself', 'commonword -ommon'],
	['in one room', 'commonword', 'room'],
	['in one room, 1 of 30', 'книга', 'room'],
	['in one room, 2 in all', 'rarestword', 'room'],
	['by somebody', 'commonword', 'author'],
	['by somebody, 30 in all', 'unusual', 'author'],
];

// Pseudo-random numbers below 1, the same in every run.
function dice(seed) {
	let x = seed;
	return () => {
		x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
		return x / 2 ** 32;
	};
}

// Generates words, the frequent ones short; half in Russian letters, half in English ones.
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

function rare(g, count) {
	return IN_ALL.filter(([, times, at]) => {
		const each = Math.floor(count / times);
		return g % each === at && g < times * each;
	}).map(([word]) => word);
}

// Writes lines of room, position and text: words by Zipf's law, from a vocabulary that grows
// with the text. The words searched for are at the same positions and in the same rooms at
// every size.
function write_texts(file, count) {
	const roll = dice(5);
	const words = vocabulary(Math.round(40 * Math.sqrt(count * 8)));
	const out = fs.openSync(file, 'w');

	for (let g = 0, lines = []; g < count; g++) {
		const found = rare(g, count);
		const text = [...found, ...OFTEN.filter(([, each, at]) => g % each === at).map(([word]) => word)];
		for (let i = 3 + Math.floor(12 * roll()); i > 0; i--)
			text.push(words[Math.floor(words.length ** roll()) - 1]);
		// rare words only go to rooms that the searcher is in
		const room = found.length > 0 ? 1 + 2 * (g % 2)
			: roll() < 0.2 ? 1 : 1 + Math.floor(ROOMS * roll());
		lines.push(`${room}\t${g}\t${text.join(' ')}\n`);
		if (lines.length === 5000 || g === count - 1)
			fs.writeSync(out, lines.splice(0).join(''));
	}
	fs.closeSync(out);
}

const FILL = `
UPDATE log SET created_at = now() - interval '100 days';
INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, type, kind, client_id, text)
	SELECT r.room_no, r.seq + x.n, r.messages + x.n,
		now() - ($COUNT - x.g) * interval '20 ms', CASE WHEN x.g % 2 = 0 THEN r.users[1]
		ELSE r.users[cardinality(r.users)] END, 'message', 'text', '~' || x.g, x.text
	FROM (SELECT b.*, row_number() OVER (PARTITION BY room ORDER BY g) AS n FROM bench b) x
	JOIN (SELECT h.*, (SELECT array_agg(m.user_id ORDER BY m.user_id = '$ME' DESC)
			FROM members m WHERE m.room_no = h.room_no) AS users,
			row_number() OVER (ORDER BY h.room_no) AS i FROM room_heads h) r ON r.i = x.room;
UPDATE room_heads h SET seq = l.seq, messages = l.ordinal, last_message = l.seq
	FROM (SELECT room_no, max(seq) AS seq, max(ordinal) AS ordinal FROM log GROUP BY 1) l
	WHERE l.room_no = h.room_no;
DROP TABLE bench`;

const INDEX = ['search_index', 'search_lists', 'search_words', 'search_heads'];
const cpu = (server) => ran_ns(server.workers('search')) + ran_ns(server.backends());

async function fill(one, count) {
	const { server, me, other } = one;

	for (let i = 0; i < ROOMS; i++) {
		const room = await (i % 2 ? other : me).room({ name: `room ${i}` });
		if (i % 2 === 0)
			await other.join(room.id);
		if (i === 0)
			one.room = room.id;
	}
	const file = path.join(server.state, 'texts');
	write_texts(file, count);
	await server.sql('CREATE TABLE bench (room int, g int, text text)');
	await server.sql(`\\copy bench FROM '${file}'`);
	fs.unlinkSync(file);
	for (const sql of FILL.replaceAll('$COUNT', count).replaceAll('$ME', me.id).split(';'))
		await server.sql(sql);
	await server.sql('VACUUM ANALYZE log');
}

async function prepare(count) {
	const server = await private_server({ name: `search-${count}`,
		env: { ...LOOSE, FOYER_ACCESS_TOKEN_S: '86400' } });
	const one = { server, me: await actor(server, 'asker'), other: await actor(server, 'other') };

	await fill(one, count);
	const began = Date.now(), cpu_began = cpu(server);
	await until_indexed(one.me);
	const took_us = (cpu(server) - cpu_began) / 1000;
	const size = Number(await server.sql(`SELECT sum(pg_total_relation_size(t::regclass))
		FROM unnest('{${INDEX}}'::text[]) t`));
	const words = (await server.sql('SELECT count(*) FROM search_words')).trim();
	console.log(`${count} messages: ${words} words; indexed in ${(Date.now() - began) / 1000} s, `
		+ `${(took_us / count).toFixed(0)} us of processor time and ${(size / count).toFixed(0)} bytes a message`);
	await server.sql('VACUUM ANALYZE');
	await server.sql('CHECKPOINT');
	return one;
}

function ask(one, [, q, where]) {
	const more = { room: `&room_id=${one.room}`, author: `&author=${one.other.id}` };

	return one.me.get(`/search?q=${encodeURIComponent(q)}${more[where] ?? ''}`);
}

// ---- processor time ------------------------------------------------------------------

// Processor time of these processes so far, in nanoseconds.
function ran_ns(pids) {
	let sum = 0;

	for (const pid of pids)
		sum += Number(fs.readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
	return sum;
}

async function cpu_us(one, question) {
	const before = cpu(one.server);

	for (let i = 0; i < PER_ROUND; i++)
		await ask(one, question);
	return (cpu(one.server) - before) / PER_ROUND / 1000;
}

// ---- what PostgreSQL says --------------------------------------------------------------

// Makes all new sessions explain their statements in PostgreSQL's log.
async function explain_from_now_on({ server }) {
	for (const setting of ["session_preload_libraries = 'auto_explain'",
		'auto_explain.log_min_duration = 0', 'auto_explain.log_analyze = on',
		'auto_explain.log_buffers = on', 'auto_explain.log_timing = off',
		'auto_explain.log_format = json'])
		await server.sql(`ALTER ROLE foyer_api SET ${setting}`);
	await server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'foyer_api'");
}

const EXPLAINED = /LOG: {2}duration: [\d.]+ ms {2}plan:\n((?:\t.*\n)+)/g;

// The statements of one request. The last of them reads the messages that were found.
async function statements(one, question) {
	const from = one.server.log('postgres.log').length;
	const page = await ask(one, question);
	const all = await until(() => {
		const list = [...one.server.log('postgres.log').slice(from).matchAll(EXPLAINED)]
			.map(([, text]) => JSON.parse(text));
		return list.some((s) => s['Query Text'].includes('AS i (room_no, seq, ord)'))
			|| page.items.length === 0 ? list : null;
	}, 'explained statements');

	return { page, all };
}

function buffers(plan) {
	return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
}

async function explain(one, question) {
	await ask(one, question);
	const { page, all } = await statements(one, question);
	const sum = all.reduce((n, s) => n + buffers(s.Plan), 0);

	if (process.env.PLANS)
		fs.appendFileSync(process.env.PLANS, `${JSON.stringify({ server: one.server.port, question, all })}\n`);
	return { buffers: sum, found: `${page.items.length}${page.next ? '+' : ''}`, count: all.length };
}

// ---- the table -------------------------------------------------------------------------

function median(list) {
	const sorted = [...list].sort((a, b) => a - b);
	return sorted[sorted.length >> 1];
}

async function in_turn(sides, question) {
	const all = sides.map(() => []);

	for (let round = 0; round < ROUNDS; round++)
		for (const [i, one] of sides.entries())
			all[i].push(await cpu_us(one, question));
	return all.map(median);
}

const row = (cells) => console.log(`| ${cells.join(' | ')} |`);

async function main() {
	const sides = [];

	for (const count of SIZES)
		sides.push(await prepare(count));
	for (const one of sides)
		for (const question of QUESTIONS)
			await ask(one, question);
	const times = [];
	for (const question of QUESTIONS)
		times.push(await in_turn(sides, question));
	for (const one of sides)
		await explain_from_now_on(one);
	row(['question', ...SIZES.map((n) => `us ${n}`), 'ratio', ...SIZES.map((n) => `buffers ${n}`),
		'ratio', 'statements', 'found']);
	row(Array(9).fill('---'));
	for (const [i, question] of QUESTIONS.entries()) {
		const [a, b] = [await explain(sides[0], question), await explain(sides[1], question)];
		row([question[0], ...times[i].map((t) => t.toFixed(0)), (times[i][1] / times[i][0]).toFixed(2),
			a.buffers, b.buffers, (b.buffers / a.buffers).toFixed(2), `${a.count}, ${b.count}`,
			a.found === b.found ? a.found : `${a.found}, ${b.found}`]);
	}
}

try {
	await main();
} finally {
	await end_private_servers();
}
