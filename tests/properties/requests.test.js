// Whatever is requested, the answer is one that the document describes. Each operation is
// requested with valid values, values at their edges and broken ones, by every kind of caller,
// in a world of existing rooms and messages.
//
//	make fuzz-api SECONDS=600 SEED=7     the same for ten minutes, with other values

import assert from 'node:assert/strict';
import process from 'node:process';
import { after, describe, it } from 'node:test';

import fc from 'fast-check';

import { operations, request_of } from '../lib/arbitrary.js';
import { send, written } from '../lib/asking.js';
import { check_discreet, check_refused, is_web_servers, judge, told } from '../lib/judging.js';
import { Mailbox } from '../lib/mailbox.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { until } from '../lib/wait.js';
import { World } from '../lib/world.js';

const SEED = Number(process.env.FUZZ_SEED || 20261121);
const SECONDS = Number(process.env.FUZZ_SECONDS || 0);
const RUNS = { answers: 5, heads: 2, hidden: 2, together: 1 };

// Limits of rate, size and time are not the subject here.
const mailbox = new Mailbox();
const server = await private_server({ name: 'properties', env: {
	...LOOSE,
	FOYER_STATEMENT_TIMEOUT_MS: '60000', FOYER_LOCK_TIMEOUT_MS: '60000',
	FOYER_SIGNIN_FAILURES_PER_ACCOUNT: '1000000', FOYER_SIGNIN_FAILURES_PER_ADDRESS: '1000000',
	FOYER_REGISTRATIONS_PER_HOUR: '1000000', FOYER_TAKEN_ANSWERS_PER_HOUR: '1000000',
	FOYER_MAILS_PER_HOUR: '1000000', FOYER_MAIL_REQUESTS_PER_HOUR: '1000000',
	FOYER_MAX_FILE_BYTES: '100000', FOYER_MAX_API_TOKENS_PER_USER: '1000', ...mailbox.env,
} });
const document = await (await fetch(`${server.api}/openapi.json`)).json();
const asked_for = operations(document);
const world = new World(server);
// the last workers may be forked after the first ones answer
await until(() => server.children(server.pid('lighttpd')).every(({ pid, command }) => {
	const [, count] = /\.fcgi --workers (\d+)/.exec(command) ?? [];
	return !count || server.children(pid).length === Number(count);
}), 'all workers');
const workers = server.workers().sort();
const statuses = new Map();
const answered_well = new Set();

// Operations whose success leaves that half of the world as it was.
const HARMLESS = {
	people: /^\/auth\/(login|register|ticket|tokens POST|password\/forgot)|^\/users\/status|^POST \/admin/,
	rooms: /\/(messages|read|reactions)\b(?!.*DELETE)|^\/rooms(\/create)? POST/,
};

function spoils(op, answer) {
	if (answer.status >= 300 || op.method === 'GET')
		return;
	const what = `${op.path} ${op.method}`;
	if (/^\/(auth|users|contacts|admin\/(users|invites))/.test(what) && !HARMLESS.people.test(what))
		world.spoil('people');
	if (/^\/(rooms|invites|messages|admin\/rooms)/.test(what)
		&& !HARMLESS.rooms.test(what))
		world.spoil('rooms');
}

async function ask(op, request) {
	const answer = await send(server, request);

	statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
	if (answer.status < 400)
		answered_well.add(op.name);
	spoils(op, answer);
	world.saw(answer.body);
	await judge(server, request, answer);
	return answer;
}

// ---- the properties --------------------------------------------------------------------

const properties = {
	answers: (op) => fc.asyncProperty(request_of(op), async (asked) => {
		const request = written(world, asked);
		const { people } = world.stale; // somebody may have become an administrator
		const answer = await ask(op, request);
		if (!people)
			check_refused(op, asked, request, answer);
		check_discreet(world, asked, request, answer);
		if (asked.actor !== 'bound') // it can read its file only once its room has it
			await check_location(op, request, answer);
	}),

	heads: (op) => fc.asyncProperty(request_of(op), async (asked) => {
		const get = written(world, with_id(asked));
		delete get.headers.Range; // applies to GET only
		const one = await ask(op, get);
		if (is_web_servers(get, one))
			return;
		const other = await ask(op, { ...get, method: 'HEAD' });
		assert.deepEqual(of_head(other), of_head(one), told(get, one));
		const tag = one.headers.get('etag');
		if (tag && one.status === 200) {
			const again = { ...get, headers: { ...get.headers, 'If-None-Match': `"x", ${tag}` } };
			assert.equal((await ask(op, again)).status, 304, told(again, one));
		}
	}),

	hidden: (op) => fc.asyncProperty(request_of(op, { actor: strangers }), async (asked) => {
		const hidden = written(world, with_id(asked), { hidden: true });
		const ghost = written(world, with_id(asked), { ghost: true });
		const one = await ask(op, hidden);
		if (told(hidden) === told(ghost))
			return;
		const other = await ask(op, ghost);
		assert.deepEqual({ ...of_head(other), text: without_ids(other.text) },
			{ ...of_head(one), text: without_ids(one.text) }, told(hidden, one));
	}),

	together: (op) => fc.asyncProperty(request_of(op), request_of(op), async (one, other) => {
		const requests = [one, one, other, one].map((asked) => written(world, asked));
		await Promise.all(requests.map((request) => ask(op, request)));
	}),
};

// What was created must be at the address in Location, for callers who may read at all (405: it
// can only be removed there).
async function check_location(op, { headers }, answer) {
	const location = answer.headers.get('location');
	if (answer.status !== 201 || !location)
		return;
	const { Authorization } = headers;
	const there = await ask(op, {
		method: 'GET', path: location.replace(new URL(server.api).pathname, ''),
		headers: { Authorization, 'X-Forwarded-For': headers['X-Forwarded-For'] },
	});
	assert.ok([200, 403, 405].includes(there.status), told({ path: location }, there));
}

const strangers = fc.constantFrom('stranger', 'stranger', 'victim', 'nobody');
const with_id = (asked) => ({ ...asked, headers: { ...asked.headers, 'X-Request-Id': 'same' } });
const without_ids = (text) => text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, 'ID');

function of_head({ status, headers }) {
	const list = [...headers].filter(([name]) => !/^(date|ratelimit)$/.test(name));
	return { status, headers: Object.fromEntries(list) };
}

const concerned = {
	answers: () => true,
	heads: (op) => op.method === 'GET',
	hidden: (op) => /^\/(rooms|messages|auth\/(sessions|tokens)|files|calls|search)\b/.test(op.path),
	together: (op) => op.method !== 'GET',
};
const sentences = {
	answers: 'answers as it is described',
	heads: 'answers HEAD with the headers of GET, and its ETag with 304',
	hidden: 'answers for what is hidden as for what does not exist',
	together: 'answers several at once as it is described',
};

let checks = 0;

// Making a world costs more than the requests: a short run uses a spoilt one for a while.
async function check(what, op, seed, numRuns) {
	if (SECONDS > 0 || checks++ % 4 === 0)
		await world.refresh();
	await fc.assert(properties[what](op), { seed, numRuns, includeErrorInReport: true });
}

after(end_private_servers);
after(() => mailbox.remove());

for (const what of Object.keys(properties))
	describe(what, () => {
		for (const op of asked_for.filter(concerned[what]))
			it(`${op.name} ${sentences[what]}`, () => check(what, op, SEED, RUNS[what]));
	});

it('goes on finding nothing, for as long as was asked', async (t) => {
	const end = Date.now() + SECONDS * 1000;
	const broken = new Map();

	for (let round = 1; Date.now() < end; round++)
		for (const op of asked_for)
			for (const what of Object.keys(properties)) {
				const name = `${op.name} ${sentences[what]}`;
				if (!concerned[what](op) || broken.has(name) || Date.now() >= end)
					continue;
				await check(what, op, SEED + round, RUNS[what] * 2)
					.catch((e) => broken.set(name, e.message));
			}
	if (SECONDS > 0)
		t.diagnostic(`counts: never answered well: ${asked_for.map((op) => op.name)
			.filter((name) => !answered_well.has(name)).join(', ') || 'none'}`);
	const said = [...broken].map(([name, message]) => `${name}: ${message.slice(0, 3000)}`);
	assert.equal(broken.size, 0, `${broken.size} properties do not hold:\n${said.join('\n\n')}`);
});

const lines_of = (log, what) => server.log(log).split('\n').filter((line) => what.test(line));

it('no program ended over it; no sanitizer, no program and no database has an error to tell', (t) => {
	const count = (digit) => [...statuses].reduce((n, [status, times]) =>
		n + (Math.floor(status / 100) === digit ? times : 0), 0);

	t.diagnostic(`counts: seed ${SEED}, ${[2, 3, 4, 5].map((d) => `${d}xx ${count(d)}`).join(', ')
	}, worlds ${world.made}`);
	t.diagnostic(`counts: ${[...statuses].sort().map(([s, n]) => `${s}: ${n}`).join(', ')}`);
	assert.deepEqual(server.workers().sort(), workers);
	assert.deepEqual(server.reports(), []);
	// only the database notices that two simultaneous registrations have the same address
	const errors = [...lines_of('rest.log', / level=error /),
		...lines_of('postgres.log', / ERROR: (?! duplicate key)/)];
	assert.deepEqual(errors.slice(0, 10), []);
});
