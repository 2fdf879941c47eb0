// supervise.test.js -- foyer-supervise, with programs made up here.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { alive } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SUPERVISE = path.join(
	path.resolve(ROOT, process.env.BUILD ?? 'build'),
	process.env.VARIANT ?? 'asan',
	'foyer-supervise',
);
const FOLDER = fs.mkdtempSync(path.join(process.env.TEST_TMP ?? os.tmpdir(), 'supervise-'));
after(() => fs.rmSync(FOLDER, { recursive: true, force: true }));

let made = 0;

// Writes a program: its text, run by sh or node.
function program(text, by = '/bin/sh') {
	const file = path.join(FOLDER, `program-${++made}`);
	fs.writeFileSync(file, `#!${by}\n${text}\n`, { mode: 0o755 });
	return file;
}

// A program that answers every connection on descriptor 3 with its own pid.
const teller = () =>
	program(
		`require('net').createServer((c) => c.end(String(process.pid))).listen({ fd: 3 });
		process.on('SIGTERM', () => process.exit(0));`,
		process.execPath,
	);

// Starts a supervisor with its files, and ends it after the test in any case.
function supervise(t, options, ...argv) {
	const base = path.join(FOLDER, `${++made}`);
	const s = { pid_file: `${base}.pid`, own: `${base}.own`, output: `${base}.out`, log: '' };

	s.child = spawn(
		SUPERVISE,
		['-p', s.pid_file, '-P', s.own, '-o', s.output, ...options, ...argv],
		{ stdio: ['ignore', 'ignore', 'pipe'] },
	);
	s.child.stderr.on('data', (b) => (s.log += b));
	s.ended = once(s.child, 'close').then(([code, signal]) => ({ code, signal }));
	s.pid = () => Number(read(s.pid_file)) || 0;
	s.said = () => read(s.output);
	s.started = () => until(s.pid, 'pid file');
	s.says = (text) => until(() => s.said().includes(text), `${text} from the program`);
	s.stop = () => {
		s.child.kill('SIGTERM');
		return within(s.ended, () => `end of the supervisor:\n${s.log}`);
	};
	t.after(() => s.child.exitCode === null && s.child.signalCode === null && s.stop());
	return s;
}

function read(file) {
	try {
		return fs.readFileSync(file, 'utf8');
	} catch {
		return '';
	}
}

async function free_port(host = '127.0.0.1') {
	const server = net.createServer().listen(0, host);
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

// Everything said on a new connection, until it closes.
async function ask(port, host = '127.0.0.1') {
	const socket = net.connect(port, host);
	let text = '';
	socket.setEncoding('utf8').on('data', (s) => (text += s));
	await within(once(socket, 'close'), 'answer');
	return text;
}

test('the program answers on the socket it was handed, as LISTEN_PID', async (t) => {
	const port = await free_port();
	const s = supervise(
		t,
		['-l', `127.0.0.1:${port}`],
		program(
			`const { LISTEN_PID, LISTEN_FDS } = process.env;
			require('net').createServer((c) => c.end(
				[process.pid, LISTEN_PID, LISTEN_FDS].join(' '))).listen({ fd: 3 });`,
			process.execPath,
		),
	);
	await s.started();
	const [pid, listen_pid, listen_fds] = (await ask(port)).split(' ');

	assert.equal(pid, listen_pid);
	assert.equal(listen_fds, '1');
	assert.equal(Number(pid), s.pid());
});

test('IPv6 addresses stand in brackets', async (t) => {
	const port = await free_port('::1').catch(() => 0);
	if (!port)
		return t.skip('no IPv6 here');
	const s = supervise(t, ['-l', `[::1]:${port}`], teller());

	await s.started();
	assert.equal(await ask(port, '::1'), String(s.pid()));
});

test('a connection waits while the program is away', async (t) => {
	const port = await free_port();
	const s = supervise(t, ['-l', `127.0.0.1:${port}`], teller());
	const seen = new Set();

	await s.started();
	for (let i = 0; i < 5; i++) {
		const pid = Number(await ask(port));
		assert.ok(!seen.has(pid));
		seen.add(pid);
		process.kill(pid, 'SIGKILL');
	}
	assert.ok(!seen.has(Number(await ask(port))));
	assert.equal((await s.stop()).code, 0);
	const ends = s.log.match(/event=exited child=program-\d+ child_pid=\d+ signal=9/g);
	assert.equal(ends.length, 5);
});

test('a program that ends well unasked is started again', async (t) => {
	const s = supervise(t, [], program('echo here; exit 0'));

	await s.says('here\nhere\nhere\n');
});

test('SIGTERM is passed on, and the exit status comes back', async (t) => {
	const s = supervise(
		t,
		[],
		program('trap "exit 7" TERM; echo up; while :; do sleep 0.05; done'),
	);

	await s.says('up');
	assert.deepEqual(await s.stop(), { code: 7, signal: null });
	assert.ok(!fs.existsSync(s.pid_file) && !fs.existsSync(s.own));
});

test('another signal may be the one that stops', async (t) => {
	const s = supervise(
		t,
		['-s', '2'],
		program('trap "exit 9" INT; echo up; while :; do sleep 0.05; done'),
	);

	await s.says('up');
	assert.equal((await s.stop()).code, 9);
});

test('what will not stop is killed', async (t) => {
	const s = supervise(
		t,
		['-t', '1'],
		program('trap "" TERM; echo up; while :; do sleep 1; done'),
	);

	await s.says('up');
	assert.equal((await s.stop()).code, 128 + 9);
});

test('SIGHUP is passed on', async (t) => {
	const s = supervise(
		t,
		[],
		program('trap "echo reread" HUP; echo up; while :; do sleep 0.05; done'),
	);

	await s.says('up');
	s.child.kill('SIGHUP');
	await s.says('reread');
});

test('the program dies with its supervisor', async (t) => {
	const s = supervise(t, [], program('trap "" TERM HUP; exec sleep 1000'));
	const pid = await s.started();

	s.child.kill('SIGKILL');
	await s.ended;
	await until(() => !alive(pid), 'end of the program');
});

test('a program that fails at first is not started again', async (t) => {
	const s = supervise(t, [], program('echo no >&2; exit 3'));

	assert.equal((await within(s.ended, 'end')).code, 3);
	assert.equal(s.said(), 'no\n');
});

test('a program that is not there is an error', async (t) => {
	const s = supervise(t, [], path.join(FOLDER, 'nothing'));

	assert.equal((await within(s.ended, 'end')).code, 127);
	assert.match(s.said(), /nothing: No such file/);
});

test('what the program leaves behind is ended before the next start', async (t) => {
	const s = supervise(
		t,
		[],
		program('sleep 1000 & echo left $!; sleep 1000 & echo left $!; kill -9 $$'),
	);

	await until(() => s.said().split('\n').length > 4, 'two starts');
	const left = [...s.said().matchAll(/left (\d+)/g)].map((m) => Number(m[1]));
	assert.ok(!alive(left[0]) && !alive(left[1]));
	await s.stop();
	// by its name, or the program's if it has not exec'ed yet
	assert.match(s.log, new RegExp(`event=exited child=\\S+ child_pid=${left[0]} signal=15`));
	assert.deepEqual(left.filter(alive), []);
});

test('the program inherits the socket and nothing else', async (t) => {
	const port = await free_port();
	const inherited = fs.openSync(SUPERVISE, 'r');
	const output = path.join(FOLDER, 'inherited');
	const list = program('ls -l /proc/$$/fd; exec sleep 1000');
	const child = spawn(SUPERVISE, ['-l', `127.0.0.1:${port}`, '-o', output, list], {
		stdio: ['ignore', 'ignore', 'ignore', inherited, inherited, inherited],
	});
	t.after(() => child.kill('SIGTERM'));

	await until(() => read(output).includes(' 3 -> socket:'), 'list of descriptors');
	const open = [...read(output).matchAll(/ (\d+) -> (.*)/g)]
		.filter(([, , to]) => !to.endsWith(list))
		.map(([, fd, to]) => `${fd} ${to.replace(/:.*/, '')}`);
	assert.deepEqual(open, ['0 /dev/null', `1 ${output}`, `2 ${output}`, '3 socket']);
});

test('a port that is taken is named', async (t) => {
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	const address = `127.0.0.1:${server.address().port}`;

	for (const options of [['-n', '-l', address], ['-l', address]]) {
		const s = supervise(t, options, ...(options[0] === '-n' ? [] : [teller()]));
		assert.equal((await within(s.ended, 'end')).code, 1);
		assert.ok(s.log.includes(`cannot listen on ${address}: Address already in use`));
	}
});

test('-n only tries', async (t) => {
	const s = supervise(t, ['-n', '-l', `127.0.0.1:${await free_port()}`]);

	assert.equal((await within(s.ended, 'end')).code, 0);
});

for (const address of ['127.0.0.1', ':80', 'localhost:80', '127.0.0.1:', '1.1.1.1:http', '::1'])
	test(`${address} is no address`, async (t) => {
		const s = supervise(t, ['-n', '-l', address]);

		assert.equal((await within(s.ended, 'end')).code, 1);
		assert.match(s.log, /is not an address and a port/);
	});
