// server.js -- a whole Foyer under test: starts it, looks into it, harms it and stops it.
//
// Everything goes through run/foyer, as an operator would do it. A server's folder is the only
// link to its processes: pid files, /proc and the logs tell the rest.
//
// Owns: the servers that it started; it ends them by the pids in their own folders. Never: ends
// a server of somebody else, or a process by its name.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { until, within } from './wait.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOYER = path.join(ROOT, 'run/foyer');
const CLUSTER = path.join(ROOT, 'run/cluster.sh');

const ORIGIN_ALLOWED = 'https://friend.example';

// Settings of every server under test.
const SETTINGS = {
	ASAN_OPTIONS: 'abort_on_error=0:detect_leaks=1:strict_string_checks=1:exitcode=99',
	UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1:exitcode=98',
	LSAN_OPTIONS: 'exitcode=97',
};

const REPORT = /ERROR: (Address|Leak|Undefined)\w*Sanitizer|runtime error:|LeakSanitizer: detected|Direct leak of/;

function listen(port) {
	return new Promise((resolve, reject) => {
		const server = net.createServer();
		server.once('error', reject);
		server.listen(port, '127.0.0.1', () => server.close(resolve));
	});
}

const given_ports = new Set();

// A free port, such that the next one (the broker's) is free too. It is given once, since
// whoever asked for it may take a while to listen there.
export async function free_port() {
	const [low, high] = (process.env.TEST_PORTS ?? '21000-29998').split('-').map(Number);
	const pairs = Math.floor((high - low) / 2);
	const start = Math.floor(Math.random() * pairs);

	for (let i = 0; i < pairs; i++) {
		const port = low + 2 * ((start + i) % pairs);
		if (given_ports.has(port))
			continue;
		try {
			await listen(port);
			await listen(port + 1);
			given_ports.add(port);
			return port;
		} catch {
			// taken: try the next one
		}
	}
	throw new Error(`no free pair of ports in ${low}-${high}`);
}

function read_pid(file) {
	try {
		return Number(fs.readFileSync(file, 'utf8').trim().split(/\s/)[0]) || 0;
	} catch {
		return 0;
	}
}

// Every process: pid, parent and command line, from /proc.
function processes() {
	const list = [];

	for (const entry of fs.readdirSync('/proc')) {
		if (!/^\d+$/.test(entry))
			continue;
		try {
			const stat = fs.readFileSync(`/proc/${entry}/stat`, 'utf8');
			const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
			const args = fs.readFileSync(`/proc/${entry}/cmdline`, 'utf8');
			list.push({
				pid: Number(entry),
				state: rest[0],
				parent: Number(rest[1]),
				command: args.replace(/\0/g, ' ').trim(),
			});
		} catch {
			// it has exited meanwhile
		}
	}
	return list;
}

const fcgi_below = (parents, name) => processes()
	.filter((p) => parents.includes(p.parent) && p.command.includes(`${name}.fcgi`))
	.map((p) => p.pid);

export function alive(pid) {
	try {
		const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
		return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
	} catch {
		return false;
	}
}

export class Server {
	constructor({ port, state, prefix = '', env = {}, variant = process.env.VARIANT ?? 'asan' }) {
		this.port = port;
		this.broker_port = port + 1;
		this.state = state;
		this.prefix = prefix;
		this.env = env;
		this.variant = variant;
		this.origin = `http://127.0.0.1:${port}`;
		this.url = this.origin + prefix;
		this.api = `${this.url}/api/v1`;
		this.ws = this.api.replace(/^http/, 'ws');
	}

	environment() {
		return {
			...process.env,
			...SETTINGS,
			...this.env,
			PORT: String(this.port),
			BROKER_PORT: String(this.broker_port),
			STATE: this.state,
			PREFIX_URL: this.prefix,
			VARIANT: this.variant,
		};
	}

	// before: shell commands to run first in the same process ("ulimit -n 200").
	async start({ before = 'true' } = {}) {
		const done = spawn('sh', ['-c', `${before}; exec "$0" start`, FOYER], {
			cwd: ROOT,
			env: this.environment(),
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let said = '';
		done.stdout.on('data', (b) => (said += b));
		done.stderr.on('data', (b) => (said += b));
		const code = await new Promise((resolve) => done.on('exit', resolve));
		// daemons may keep our pipes open; what they write there does not matter
		done.stdout.destroy();
		done.stderr.destroy();
		if (code !== 0)
			throw new Error(`run/foyer start: exit ${code}\n${said}\n${this.log_ends()}`);
		return this;
	}

	async stop() {
		const pids = this.all_pids();

		await run(FOYER, ['stop'], { cwd: ROOT, env: this.environment() }).catch((e) => {
			throw new Error(`run/foyer stop: ${e.message}\n${this.log_ends()}`);
		});
		await until(() => !pids.some(alive), `end of ${pids.filter(alive)} after stop`);
	}

	pid(name) {
		return read_pid(path.join(this.state, 'run', `${name}.pid`));
	}

	postmaster() {
		return read_pid(path.join(this.state, 'pg/data/postmaster.pid'));
	}

	// PostgreSQL's backends that serve a client, without its own helpers.
	backends() {
		const master = this.postmaster();
		return processes()
			.filter((p) => p.parent === master && /postgres: foyer\w* foyer/.test(p.command))
			.map((p) => p.pid);
	}

	// The first process of each REST program, which only supervises its workers.
	programs(name = '') {
		return fcgi_below([this.pid('lighttpd')], name);
	}

	workers(name = '') {
		return fcgi_below(this.programs(name), name);
	}

	// The children of a process, including zombies.
	children(pid) {
		return processes().filter((p) => p.parent === pid);
	}

	all_pids() {
		const roots = ['supervise', 'broker', 'lighttpd'].map((n) => this.pid(n));
		const found = new Set([...roots, this.postmaster()].filter(Boolean));

		for (let grew = true, list = processes(); grew;) {
			grew = false;
			for (const p of list)
				if (found.has(p.parent) && !found.has(p.pid))
					grew = Boolean(found.add(p.pid));
		}
		return [...found];
	}

	log(name) {
		try {
			return fs.readFileSync(path.join(this.state, 'log', name), 'utf8');
		} catch {
			return '';
		}
	}

	logs() {
		try {
			return fs.readdirSync(path.join(this.state, 'log'));
		} catch {
			return [];
		}
	}

	log_ends(lines = 15) {
		return this.logs()
			.map((n) => `--- ${n}\n${this.log(n).trimEnd().split('\n').slice(-lines).join('\n')}`)
			.join('\n');
	}

	// Reports of the sanitizers, each with the lines that follow it; [] if there are none.
	reports() {
		const found = [];

		for (const name of this.logs()) {
			const lines = this.log(name).split('\n');
			lines.forEach((line, i) => {
				if (REPORT.test(line) && found.length < 10)
					found.push(`${name}: ${lines.slice(i, i + 25).join('\n')}`);
			});
		}
		return found;
	}

	// All signing keys; the newest signs new tokens.
	keys() {
		const dir = path.join(this.state, 'keys');
		return fs
			.readdirSync(dir)
			.map((kid) => ({
				kid,
				key: Buffer.from(fs.readFileSync(path.join(dir, kid), 'utf8').trim(), 'hex'),
			}));
	}

	// Runs run/foyer with these arguments: returns its output, or throws with its exit
	// status as `code`.
	foyer(...args) {
		return run(FOYER, args, { cwd: ROOT, env: this.environment() });
	}

	cluster(...args) {
		return run(CLUSTER, args, { cwd: ROOT, env: this.environment() });
	}

	async sql(text) {
		const { stdout } = await this.cluster('psql', '-Atq', '-v', 'ON_ERROR_STOP=1', '-c', text);
		return stdout.trim();
	}

	// Opens another transaction that runs this statement and stays open; returns a function
	// that commits it, whose waiting() counts the sessions that wait behind it.
	async hold(text) {
		const child = spawn(CLUSTER, ['psql', '-Atq', '-v', 'ON_ERROR_STOP=1'],
			{ cwd: ROOT, env: this.environment(), stdio: ['pipe', 'pipe', 'inherit'] });
		const over = once(child, 'close');

		child.stdin.write(`BEGIN;\n${text};\nSELECT 'held by ' || pg_backend_pid();\n`);
		const pid = await within(new Promise((resolve) => {
			let said = '';
			child.stdout.on('data', (data) => {
				said += data;
				const held = /held by (\d+)\n/.exec(said);
				if (held)
					resolve(held[1]);
			});
		}), 'the transaction');
		const release = async () => {
			child.stdin.end('COMMIT;\n');
			await within(over, 'its end');
		};
		release.waiting = async () => Number(await this.sql(`WITH RECURSIVE
			waits AS (SELECT pid, pg_blocking_pids(pid) AS by FROM pg_stat_activity),
			behind AS (SELECT pid FROM waits WHERE ${pid} = ANY (by)
				UNION SELECT w.pid FROM waits w JOIN behind b ON b.pid = ANY (w.by))
			SELECT count(*) FROM behind`));
		return release;
	}

	async answers() {
		try {
			const reply = await fetch(`${this.api}/status`);
			return reply.ok && (await reply.json()).live.up;
		} catch {
			return false;
		}
	}
}

// A cluster with the schema in it, made once in a run of the tests, or once for several runs in
// parallel (TEST_CLUSTER), since making one takes longer than most suites. Null if nobody would
// remove it.
async function made_cluster() {
	const { TEST_CLUSTER, TEST_TMP } = process.env;
	const made = TEST_CLUSTER ?? (TEST_TMP && path.join(TEST_TMP, 'cluster'));

	if (!made)
		return null;
	if (!fs.existsSync(made)) {
		const state = fs.mkdtempSync(path.join(path.dirname(made), 'foyer-cluster-'));
		const server = new Server({ port: 0, state });
		await server.cluster('start');
		// the templates for new databases are half of the files to copy
		await server.sql('UPDATE pg_database SET datistemplate = false');
		await server.sql('DROP DATABASE template0');
		await server.sql('DROP DATABASE template1');
		await server.cluster('stop');
		fs.renameSync(state, made);
	}
	return made;
}

let cluster;

// is_new: make a new cluster instead of copying the common one.
export async function new_server({ name = 'server', is_new = false, ...options } = {}) {
	const base = process.env.TEST_TMP ?? os.tmpdir();
	const state = fs.mkdtempSync(path.join(base, `foyer-${name}-`));

	if (!is_new) {
		cluster ??= made_cluster();
		if (await cluster)
			await run('cp', ['-a', path.join(await cluster, 'pg'), state]);
	}
	return new Server({ port: await free_port(), state, ...options });
}

const private_servers = [];

// A server of the suite's own. The suite calls after(end_private_servers).
export async function private_server({ before, ...options } = {}) {
	const server = await new_server(options);

	private_servers.push(server);
	try {
		await server.start({ before });
	} catch (error) {
		server.failed = true;
		throw error;
	}
	return server;
}

export async function end_private_servers() {
	for (const server of private_servers.splice(0)) {
		if (server.all_pids().some(alive))
			await server.stop();
		finish(server);
	}
}

// After the stop: requires exit status 0 and no sanitizer report, then removes the folder.
function finish(server) {
	const wrong = [...server.reports(), ...bad_exits(server)];

	if (wrong.length > 0 || server.failed)
		throw new Error(`see ${server.state}\n${wrong.join('\n')}`);
	if (!process.env.TEST_KEEP)
		fs.rmSync(server.state, { recursive: true, force: true });
}

// Programs of ours that exited with another status than 0, by their supervisors' logs. Those
// that a test killed with -9 are excused, those that had to be killed because they would not
// end are not.
export function bad_exits(server) {
	return server
		.log('supervise.log')
		.split('\n')
		.filter((line) => /\bkilling\b/.test(line)
			|| (/\bexited\b/.test(line) && !/status=0\b|signal=9\b/.test(line)));
}

let shared_server;

// The server that all suites share. tests/run.sh starts it and passes it in TEST_SERVER; a
// suite run by hand starts one of its own.
export async function shared() {
	if (!shared_server && process.env.TEST_SERVER) {
		shared_server = new Server(JSON.parse(process.env.TEST_SERVER));
	} else if (!shared_server) {
		shared_server = private_server({ env: shared_settings() });
		process.once('beforeExit', end_private_servers);
	}
	return shared_server;
}

// Sets the limits that a busy suite would run into far away; live/limits.test.js and
// api/limits.test.js test them on servers of their own. Password hashing is cheap, since every
// other test begins with a registration.
export const LOOSE = {
	FOYER_PASSWORD_MEMORY_KIB: '8',
	FOYER_PASSWORD_PASSES: '1',
	FOYER_PASSWORD_SLOTS: '64',
	FOYER_MESSAGES_PER_SECOND: '100000',
	FOYER_MESSAGES_BURST: '100000',
	FOYER_REQUESTS_PER_SECOND: '100000',
	FOYER_REQUESTS_BURST: '100000',
	FOYER_RECEIVED_BYTES_PER_SECOND: '1000000000',
	FOYER_RECEIVED_BYTES_BURST: '1000000000',
	FOYER_NEWCOMERS_PER_SECOND: '100000',
	FOYER_HANDSHAKES_PER_SECOND: '100000',
	FOYER_HANDSHAKES_BURST: '100000',
	FOYER_AUTH_TIMEOUT_S: '10',
};

export function shared_settings() {
	return { ...LOOSE, FOYER_ALLOWED_ORIGINS: ORIGIN_ALLOWED };
}

export const allowed_origin = ORIGIN_ALLOWED;

// node tests/lib/server.js start|stop|logs|cluster, for tests/run.sh.
async function main([verb]) {
	if (verb === 'start') {
		const server = await new_server({ name: 'shared', env: shared_settings() });
		const { port, state, prefix, env } = server;
		await server.start();
		console.log(JSON.stringify({ port, state, prefix, env }));
	} else if (verb === 'stop') {
		const server = new Server(JSON.parse(process.env.TEST_SERVER));
		await server.stop();
		finish(server);
	} else if (verb === 'logs') {
		const server = new Server(JSON.parse(process.env.TEST_SERVER));
		console.log([server.log_ends(5), ...server.reports()].join('\n'));
	} else if (verb === 'cluster') {
		await made_cluster();
	} else {
		throw new Error('usage: server.js start|stop|logs|cluster');
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	main(process.argv.slice(2)).catch((error) => {
		console.error(error.message);
		process.exit(1);
	});
