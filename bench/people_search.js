// people_search.js -- does finding people cost the same among 1,000 and among 100,000?
//
//   make VARIANT=release all && node bench/people_search.js
//
// Starts two private servers of the release build (loopback, folders below $TMPDIR), fills them
// with 1,000 and with 100,000 people of the same mix of names, and sends both the same queries
// in turn, so that whatever else the machine does affects both. Prints a table of medians:
// execution time and buffers of the statement as auto_explain saw it in the program's own
// session, with the program's own plan; then the processor time of a whole request, programs
// and PostgreSQL together, from /proc; and the ratios.
//
//   SMALL=1000 LARGE=100000 ROUNDS=15 PER_ROUND=20   how much

import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

process.env.VARIANT ??= 'release';
const { LOOSE, end_private_servers, private_server } = await import('../tests/lib/server.js');
const { actor } = await import('../tests/lib/rest.js');
const { until } = await import('../tests/lib/wait.js');
const { explain_from_now_on, explained } = await import('./lib/explain.js');

const number = (name, value) => Number(process.env[name] ?? value);
const SIZES = [number('SMALL', 1000), number('LARGE', 100000)];
const ROUNDS = number('ROUNDS', 15), PER_ROUND = number('PER_ROUND', 20);

// The queries. At either size some 12 people are called Zebulon or Щедрин, and a third of all
// have an English, a third a Russian and a third a Chinese name.
const QUESTIONS = [
	['a login, whole', 'user000500'],
	['a beginning, common', 'jo'],
	['one letter, common', 'a'],
	['inside, common', 'ohn'],
	['a name and half another', 'john smi'],
	['a beginning, rare', 'zebu'],
	['inside, rare', 'bulon'],
	['Cyrillic, a beginning', 'ива'],
	['Cyrillic, inside', 'ванов'],
	['Cyrillic, rare', 'щедрин'],
	['one Chinese character', '王'],
	['one, inside a given name', '明'],
	['two Chinese characters', '王小'],
	['nobody', 'qqqq'],
	['nobody, much begins so', 'joqqq'],
];

// The same mix at any size: a person's names depend on n alone. The rare ones occur among the
// first 1,000 only.
const FILL = `
SET synchronous_commit = off;
WITH pools AS (SELECT
	ARRAY['John','Joan','Anna','Mary','Peter','Alice','Bob','Carol','David','Laura','Martin','Oliver'] AS en,
	ARRAY['Smith','Jones','Brown','Taylor','Wilson','Davies','Evans','Thomas','Johnson','Roberts'] AS en_last,
	ARRAY['Иван','Анна','Мария','Пётр','Ольга','Сергей','Дмитрий','Елена','Наталья','Алексей'] AS ru,
	ARRAY['Иванов','Петров','Сидоров','Смирнов','Кузнецов','Попов','Соколов','Лебедев'] AS ru_last,
	ARRAY['小明','小红','伟','芳','秀英','明','丽','强','小军','洋','艳','勇'] AS zh,
	ARRAY['王','李','张','刘','陈','杨','赵','黄'] AS zh_last),
named AS (SELECT n, CASE
	WHEN n < 1000 AND n % 83 = 0 THEN 'Zebulon' WHEN n % 3 = 0 THEN en[1 + n / 3 % 12]
	WHEN n % 3 = 1 THEN ru[1 + n / 3 % 10] ELSE zh[1 + n / 3 % 12] END AS first,
	CASE WHEN n < 1000 AND n % 83 = 1 THEN 'Щедрин' WHEN n % 3 = 0 THEN en_last[1 + n / 7 % 10]
	WHEN n % 3 = 1 THEN ru_last[1 + n / 7 % 8] ELSE zh_last[1 + n / 7 % 8] END AS last
	FROM pools, generate_series(1, :people) n)
INSERT INTO users (login, login_key, first_name, first_key, last_name, last_key, last_seen_at)
SELECT format('user%s', lpad(n::text, 6, '0')), format('user%s', lpad(n::text, 6, '0')),
	first, lower(first), last, lower(last), now() FROM named;`;

// The searcher has fifty contacts and twenty groups, as people do.
const ACQUAINT = `
INSERT INTO contacts (user_id, contact_id, blocked)
	SELECT ':me', id, n % 10 = 0 FROM (SELECT id, row_number() OVER (ORDER BY login_key) AS n
	FROM users WHERE login LIKE 'user%' ORDER BY login_key LIMIT 50) u;
INSERT INTO contacts (user_id, contact_id)
	SELECT id, ':me' FROM users WHERE login LIKE 'user%' ORDER BY login_key OFFSET 30 LIMIT 50;
INSERT INTO rooms (kind, name, name_key, max_members) SELECT 'group', 'group ' || n, 'group ' || n, 100 FROM generate_series(1, 20) n;
INSERT INTO room_heads (room_no) SELECT no FROM rooms;
INSERT INTO members (room_no, user_id) SELECT no, ':me' FROM rooms;
INSERT INTO members (room_no, user_id) SELECT r.no, u.id FROM rooms r, LATERAL
	(SELECT id FROM users WHERE login LIKE 'user%' ORDER BY login_key OFFSET r.no * 10 LIMIT 20) u;
VACUUM (ANALYZE);`;

async function prepare(people) {
	const server = await private_server({ name: `people-${people}`, env: LOOSE });
	const me = await actor(server, 'asker');

	await server.sql(FILL.replace(':people', people));
	for (const one of ACQUAINT.replaceAll(':me', me.id).split(';').filter((s) => s.trim()))
		await server.sql(one);
	await server.sql('CHECKPOINT');
	return { people, server, me };
}

const ask = ({ me }, q) => me.get(`/users/search?q=${encodeURIComponent(q)}`);

// ---- processor time ------------------------------------------------------------------

// Processor time of these processes so far, in nanoseconds.
function ran_ns(pids) {
	let sum = 0;

	for (const pid of pids)
		sum += Number(fs.readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
	return sum;
}

async function cpu_us(one, q) {
	const programs = one.server.workers('users'), backends = one.server.backends();
	const before = [ran_ns(programs), ran_ns(backends)];

	for (let i = 0; i < PER_ROUND; i++)
		await ask(one, q);
	const after = [ran_ns(programs), ran_ns(backends)];
	return { program: (after[0] - before[0]) / PER_ROUND / 1000,
		database: (after[1] - before[1]) / PER_ROUND / 1000 };
}

// ---- what PostgreSQL says --------------------------------------------------------------

async function plan_of(one, q) {
	const from = one.server.log('postgres.log').length;
	const rows = [];

	for (let i = 0; i < PER_ROUND; i++)
		rows.push((await ask(one, q)).items.length);
	const found = await until(() => {
		const all = explained(one.server, from).filter((f) => f.query.includes('further AS'));
		return all.length >= PER_ROUND && all;
	}, 'explained searches');
	return { ms: median(found.map((f) => f.ms)), buffers: median(found.map((f) => f.buffers)), rows: rows[0] };
}

// ---- the table -------------------------------------------------------------------------

function median(list) {
	const sorted = [...list].sort((a, b) => a - b);
	return sorted[sorted.length >> 1];
}

// Calls measure(one, q) for both sizes in turn, ROUNDS times; returns medians of each of its
// numbers.
async function in_turn(sides, q, measure) {
	const all = sides.map(() => []);

	for (let round = 0; round < ROUNDS; round++)
		for (const [i, one] of sides.entries())
			all[i].push(await measure(one, q));
	return all.map((list) => Object.fromEntries(Object.keys(list[0])
		.map((key) => [key, median(list.map((m) => m[key]))])));
}

const pad = (text, width) => String(text).padStart(width);
const row = (name, cells) => console.log(name.padEnd(26) + cells.map((c) => pad(c, 10)).join(''));

async function table(sides, words, columns, measure) {
	console.log(`\n${words}`);
	row('', columns.flatMap((c) => [...SIZES.map((n) => `${c.name} ${n / 1000}k`), 'ratio']));
	for (const [name, q] of QUESTIONS) {
		const [small, large] = await in_turn(sides, q, measure);
		row(name, columns.flatMap((c) => {
			const [a, b] = [c.of(small), c.of(large)];
			return [a.toFixed(c.digits), b.toFixed(c.digits), (b / a).toFixed(2)];
		}));
	}
}

async function main() {
	const sides = [];

	for (const people of SIZES) {
		const began = Date.now();
		sides.push(await prepare(people));
		console.log(`${people} people: filled in ${Math.round((Date.now() - began) / 1000)} s`);
	}
	for (const one of sides)
		for (const [, q] of QUESTIONS)
			for (let i = 0; i < 10; i++)
				await ask(one, q);
	await table(sides, 'Processor time of a request, microseconds',
		[{ name: 'all', digits: 0, of: (m) => m.program + m.database },
			{ name: 'pg', digits: 0, of: (m) => m.database }], cpu_us);
	for (const one of sides)
		await explain_from_now_on(one.server);
	for (const one of sides)
		for (const [, q] of QUESTIONS)
			await ask(one, q);
	await table(sides, 'The statement, explained',
		[{ name: 'ms', digits: 3, of: (m) => m.ms }, { name: 'buf', digits: 0, of: (m) => m.buffers },
			{ name: 'rows', digits: 0, of: (m) => m.rows }], plan_of);
}

try {
	await main();
} finally {
	await end_private_servers();
}
