// foyer.test.js -- run/foyer: starting, stopping, and what may go wrong in between.

import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { alive } from '../lib/server.js';
import { until, within } from '../lib/wait.js';
import { foyer, FOYER, listener, ROOT, said_in, server, SLOW_MS } from './commands.js';

// Starts `run/foyer run`: the process, its output, and its end.
async function foreground(s) {
	const child = spawn(FOYER, ['run'], {
		cwd: ROOT,
		env: s.environment(),
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const run = { child, text: '' };

	child.stdout.on('data', (b) => (run.text += b));
	child.stderr.on('data', (b) => (run.text += b));
	run.ended = once(child, 'exit').then(([code]) => code);
	const up = () => run.text.includes('Ctrl-C') || child.exitCode !== null;
	await until(up, 'start', SLOW_MS);
	assert.equal(child.exitCode, null, run.text);
	return run;
}

async function answers(s) {
	const reply = await fetch(`${s.api}/health`).catch(() => null);
	return reply?.ok ?? false;
}

test('a second start finds the data of the first', async (t) => {
	const s = await server(t, { is_new: true });

	await s.start();
	await s.sql('CREATE TABLE kept AS SELECT 42 AS number');
	const key = s.keys();
	await s.stop();
	assert.ok(!(await answers(s)));
	await s.start();
	assert.equal(await s.sql('SELECT number FROM kept'), '42');
	assert.deepEqual(s.keys(), key);
});

test('what the operator writes into foyer.yaml stays', async (t) => {
	const s = await server(t);
	const file = path.join(s.state, 'foyer.yaml');

	await s.start();
	await s.stop();
	fs.appendFileSync(file, 'poll_interval_s: 7\npublic_url: "https://chat.example"\n');
	await s.start();
	const text = fs.readFileSync(file, 'utf8');
	assert.match(text, /^poll_interval_s: 7$/m);
	assert.deepEqual(text.match(/^public_url: .*$/gm), [
		'public_url: "https://chat.example"',
	]);
});

test('a start leads to where the last one did, until something else is said', async (t) => {
	const s = await server(t, { prefix: '/my.chat' });
	const nothing = Object.fromEntries(['PORT', 'BROKER_PORT', 'PREFIX_URL'].map((name) => [name, undefined]));

	await s.start();
	await s.stop();
	assert.match((await foyer(s, 'start', nothing)).text, new RegExp(`at ${s.url}/`));
	assert.ok(await answers(s));
	await s.stop();
	const other = await foyer(s, 'start', { ...nothing, PREFIX_URL: '' });
	assert.match(other.text, new RegExp(`at ${s.origin}/\n`));
});

test('two run side by side', async (t) => {
	const one = await server(t);
	const two = await server(t);

	await Promise.all([one.start(), two.start()]);
	await one.stop();
	assert.ok(await answers(two));
});

// The main process of each part, by its pid file. Workers may still be starting.
function named_pids(s) {
	const run = path.join(s.state, 'run');
	const files = fs.readdirSync(run).filter((name) => name.endsWith('.pid'));

	assert.ok(files.length >= 4, files.join());
	return [...files.map((name) => path.join(run, name)),
		path.join(s.state, 'pg/data/postmaster.pid')].map((file) =>
		`${file} ${fs.readFileSync(file, 'utf8').split('\n')[0]}`);
}

test('starting what runs says so, and changes nothing', async (t) => {
	const s = await server(t);

	await s.start();
	const before = named_pids(s);
	const again = await foyer(s, 'start');
	assert.equal(again.code, 0);
	assert.ok(again.text.includes(`already running: ${s.url}/`), again.text);
	assert.equal((await foyer(s, 'run')).code, 1);
	assert.deepEqual(named_pids(s), before);
	assert.equal((await foyer(s, 'status')).code, 0);
});

const AS_ROOT = { skip: process.getuid() !== 0 && 'only root may have such a port' };

test('what root started on a port of the system is seen and stopped like any other', AS_ROOT, async (t) => {
	const s = await server(t);

	assert.equal((await foyer(s, 'start', { PORT: '997' })).code, 0);
	const pids = s.all_pids();
	const { code, text } = await foyer(s, 'status');
	assert.deepEqual([code, text.match(/not running/g)], [0, null], text);
	assert.equal((await foyer(s, 'stop')).code, 0);
	await until(() => !pids.some(alive), 'end of all');
});

test('stopping what does not run is fine', async (t) => {
	const s = await server(t);

	assert.deepEqual(await foyer(s, 'stop'), { code: 0, text: 'not running\n' });
	assert.equal((await foyer(s, 'status')).code, 3);
});

for (const [whose, offset] of [['the web server', 0], ['the broker', 1]])
	test(`a taken port of ${whose} is named, and nothing is left running`, async (t) => {
		const s = await server(t);
		const other = await listener(s.port + offset);

		t.after(() => other.close());
		const { code, text } = await foyer(s, 'start');
		assert.equal(code, 1);
		const address = `127.0.0.1:${s.port + offset}`;
		assert.ok(text.includes(`${address}: Address already in use`), text);
		assert.ok(text.includes(whose), text);
		assert.deepEqual(s.all_pids().filter(alive), []);
	});

test('a broker that does not come up is named, with what it said', async (t) => {
	const s = await server(t);
	const { VARIANT } = s.environment();
	const built = path.resolve(ROOT, process.env.BUILD ?? 'build', VARIANT);
	const broken = path.join(s.state, '..', `${path.basename(s.state)}-build`);
	const bin = path.join(broken, VARIANT);

	fs.mkdirSync(bin, { recursive: true });
	t.after(() => fs.rmSync(broken, { recursive: true }));
	for (const name of fs.readdirSync(built).filter((n) => /^foyer-supervise$|\.fcgi$/.test(n)))
		fs.symlinkSync(path.join(built, name), path.join(bin, name));
	fs.writeFileSync(
		path.join(bin, 'foyer-broker'),
		'#!/bin/sh\n[ "$1" != --check-config ] || exit 0\necho "not today"; exit 1\n',
		{ mode: 0o755 },
	);
	const { code, text } = await foyer(s, 'start', { BUILD: broken });
	assert.equal(code, 1);
	assert.match(text, /the broker does not come up/);
	assert.match(text, /broker\.log\nnot today/);
	assert.deepEqual(s.all_pids().filter(alive), []);
});

test('what is wrong on the command line is answered by how it is called', async (t) => {
	const s = await server(t);

	for (const [words, code] of [[['--help'], 0], [['sart'], 2], [['admin'], 2], [['start', 'now'], 2]]) {
		const said = await foyer(s, words);
		assert.equal(said.code, code, words.join());
		assert.match(said.text, /run\/foyer backup DIR/);
	}
});

test('a backup of what runs becomes another server, of another epoch', async (t) => {
	const s = await server(t);
	const other = await server(t, { is_new: true });
	const gone = path.join(s.state, 'gone');
	const copy = path.join(s.state, '../', `${path.basename(s.state)}-backup`, 'one');
	const content = Buffer.alloc(100000, 'abc');

	t.after(() => fs.rmSync(path.dirname(copy), { recursive: true, force: true }));
	fs.mkdirSync(path.dirname(copy));
	const { uid, gid } = fs.statSync(s.state);
	assert.equal((await foyer(s, ['backup', copy])).code, 1); // not running
	await s.start();
	const { uid: owner, gid: group } = fs.statSync(path.join(s.state, 'pg'));
	fs.chownSync(path.dirname(copy), owner ?? uid, group ?? gid);
	const { access_token: token } = await said_in(s, { path: '/auth/register',
		body: JSON.stringify({ login: 'ann', email: 'a@example.org', password: 'a long secret' }) });
	const room = await said_in(s, { token, path: '/rooms', body: '{"name":"Kept","kind":"group"}' });
	const file = await said_in(s, { token, path: '/files?name=a.bin', body: content, type: 'application/octet-stream' });
	const made = await foyer(s, ['backup', copy]);
	assert.equal(made.code, 0, made.text);
	assert.match((await foyer(s, ['backup', copy])).text, /is there already/);
	assert.equal(fs.statSync(copy).mode & 0o077, 0);
	assert.match((await foyer(s, ['restore', copy])).text, /there is a server in/);
	assert.match((await foyer(other, ['restore', gone])).text, /is no backup/);

	if (process.getuid() === 0) // root restores it for the user to whom it belongs
		execFileSync('chown', ['-R', 'nobody:', path.dirname(copy)]);
	const back = await foyer(other, ['restore', copy]);
	assert.equal(back.code, 0, back.text);
	assert.equal(fs.statSync(other.state).uid, fs.statSync(copy).uid);
	await other.start();
	assert.deepEqual(other.keys(), s.keys());
	const read = (of) => said_in(of, { token, path: `/rooms/${room.id}/messages` });
	assert.equal((await read(other)).seq, (await read(s)).seq);
	assert.notEqual((await read(other)).epoch, (await read(s)).epoch);
	assert.equal(Buffer.compare(await said_in(other, { token, path: `/files/${file.id}`, raw: true }), content), 0);
});

test('SIGTERM ends `run` with everything it started', async (t) => {
	const s = await server(t);
	const run = await foreground(s);
	const pids = s.all_pids();

	assert.ok(await answers(s));
	run.child.kill('SIGTERM');
	assert.equal(await within(run.ended, () => `end:\n${run.text}`, SLOW_MS), 0);
	assert.ok(pids.length > 5);
	assert.deepEqual(pids.filter(alive), []);
});

test('`stop` ends a `run` in another window', async (t) => {
	const s = await server(t);
	const run = await foreground(s);

	assert.equal((await foyer(s, 'stop')).code, 0);
	assert.equal(await within(run.ended, () => `end:\n${run.text}`, SLOW_MS), 0);
});

test('`run` ends when a part of it does, and says which', async (t) => {
	const s = await server(t);
	const run = await foreground(s);

	process.kill(s.pid('supervise-web'), 'SIGKILL');
	assert.equal(await within(run.ended, () => `end:\n${run.text}`, SLOW_MS), 1);
	assert.match(run.text, /lighttpd is gone/);
	assert.deepEqual(s.all_pids().filter(alive), []);
});

test('`run` ends when PostgreSQL does, so that whoever started it can start all again', async (t) => {
	const s = await server(t);
	const run = await foreground(s);

	process.kill(s.postmaster(), 'SIGKILL');
	assert.equal(await within(run.ended, () => `end:\n${run.text}`, SLOW_MS), 1);
	assert.match(run.text, /PostgreSQL is gone/);
	assert.deepEqual(s.all_pids().filter(alive), []);
	await s.start();
	assert.ok(await answers(s));
});

test('a killed `run` does not stand in the way of the next', async (t) => {
	const s = await server(t);
	const run = await foreground(s);

	run.child.kill('SIGKILL');
	await run.ended;
	await s.start();
	assert.ok(await answers(s));
});

test('a start that was killed half-way is begun again', async (t) => {
	const s = await server(t, { is_new: true });
	const env = s.environment();
	const child = spawn(FOYER, ['start'], { cwd: ROOT, env, stdio: 'ignore' });

	await until(() => fs.existsSync(path.join(s.state, 'pg/new')), 'initdb');
	child.kill('SIGKILL');
	await s.start();
	assert.ok(await answers(s));
});

// A process without a command line, as each is for a moment while it executes a program.
const SLOW_SETSID = `#!/usr/bin/perl
$0 = '';
select(undef, undef, undef, 1);
exec '/usr/bin/setsid', @ARGV;
`;

test('a part that is slow to start is waited for', async (t) => {
	const s = await server(t);
	const folder = `${s.state}-bin`;

	t.after(() => fs.rmSync(folder, { recursive: true }));
	fs.mkdirSync(folder);
	fs.chmodSync(folder, 0o755);
	fs.writeFileSync(path.join(folder, 'setsid'), SLOW_SETSID, { mode: 0o755 });
	const { code, text } = await foyer(s, 'start', { PATH: `${folder}:${process.env.PATH}` });
	assert.equal(code, 0, text);
	assert.ok(await answers(s));
});

test('pid files of another time harm nobody', async (t) => {
	const s = await server(t);
	const { uid, gid } = await s.start().then(() => fs.statSync(s.state));
	const parts = ['supervise', 'supervise-web'].map((name) => s.pid(name));
	const master = s.postmaster();

	for (const pid of [...parts, master])
		process.kill(pid, 'SIGKILL');
	await until(() => ![...parts, master].some(alive), 'end of all');
	const bystander = spawn('sleep', ['1000'], { uid, gid });
	t.after(() => bystander.kill());
	for (const file of ['run/supervise.pid', 'run/supervise-web.pid'])
		fs.writeFileSync(path.join(s.state, file), `${bystander.pid}\n`);
	for (const file of ['pg/data/postmaster.pid', 'pg/sock/.s.PGSQL.5432.lock']) {
		const lock = path.join(s.state, file);
		const text = fs.readFileSync(lock, 'utf8');
		fs.writeFileSync(lock, text.replace(/^\d+/, bystander.pid));
	}
	assert.equal((await foyer(s, 'stop')).text, 'not running\n');
	await s.start();
	assert.ok(await answers(s));
	assert.ok(alive(bystander.pid));
});

test('lighttpd comes back with its workers', async (t) => {
	const s = await server(t);

	await s.start();
	const old = s.workers();
	process.kill(s.pid('lighttpd'), 'SIGKILL');
	await until(() => !old.some(alive), 'end of the old workers');
	await until(() => answers(s), 'answer', SLOW_MS);
	// the last workers may be forked after the first ones answer
	await until(() => s.workers().length >= old.length, `${old.length} workers`, SLOW_MS);
});

test('a path may be long and odd', async (t) => {
	const s = await server(t, { is_new: true });
	const { state } = s;

	s.state = path.join(state, 'ö'.repeat(60), `it's a "place", really`);
	fs.mkdirSync(s.state, { recursive: true });
	const { uid, gid } = await server_owner(state);
	fs.chownSync(s.state, uid, gid);
	t.after(() => fs.rmSync(state, { recursive: true, force: true }));
	await s.start();
	assert.ok(await answers(s));
});

// Foyer runs as the owner of its folder; as root, the test has to set the owner.
async function server_owner(folder) {
	if (process.getuid() !== 0)
		return fs.statSync(folder);
	const [uid, gid] = fs
		.readFileSync('/etc/passwd', 'utf8')
		.match(/^www-data:[^:]*:(\d+):(\d+)/m)
		.slice(1)
		.map(Number);
	return { uid, gid };
}

test('the demo plays to its end', async (t) => {
	const s = await server(t, { prefix: '/chat' });

	await s.start();
	const { code, text } = await new Promise((resolve) => {
		execFile(path.join(ROOT, 'run/demo.sh'), [s.url], (error, stdout, stderr) =>
			resolve({ code: error?.code ?? 0, text: stdout + stderr }));
	});
	assert.equal(code, 0, text);
	assert.match(text, /All as promised/);
});
