// peer.js -- another broker on the database of a server under test, as if on a second host: its
// own port, and no socket for the wake-ups of this host's REST programs.
//
// Owns: the process. end() stops it by its pid, and fails the test unless it exits with 0.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { free_port } from './server.js';
import { until, within } from './wait.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

// One value of a broker's metrics.
export async function metric(port, name) {
	const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
	const line = text.split('\n').find((l) => l.startsWith(`${name} `));

	return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

export class Peer {
	// settings: lines of foyer.yaml that differ for this broker; env: of its environment
	static async start(server, settings = {}, env = {}) {
		const port = await free_port();
		const config = path.join(server.state, `peer-${port}.yaml`);
		const own = { broker_listen: `"127.0.0.1:${port}"`, wake_socket: '""', ...settings };
		const kept = fs.readFileSync(path.join(server.state, 'foyer.yaml'), 'utf8').split('\n')
			.filter((line) => !Object.keys(own).some((key) => line.startsWith(`${key}:`)));

		fs.writeFileSync(config, [...kept,
			...Object.entries(own).map(([key, value]) => `${key}: ${value}`), ''].join('\n'));
		return new Peer(server, port, config, env).run();
	}

	constructor(server, port, config, env) {
		this.server = server;
		this.port = port;
		this.config = config;
		this.env = env;
		this.said = '';
		this.ws = `ws://127.0.0.1:${port}${server.prefix}/api/v1`;
	}

	sql(text) {
		return this.server.sql(text);
	}

	async run() {
		const build = path.resolve(ROOT, process.env.BUILD ?? 'build');
		const program = path.join(build, process.env.VARIANT ?? 'asan', 'foyer-broker');

		this.process = spawn(program, ['--config', this.config], {
			cwd: ROOT, env: { ...this.server.environment(), ...this.env }, stdio: ['ignore', 'pipe', 'pipe'],
		});
		for (const pipe of [this.process.stdout, this.process.stderr])
			pipe.on('data', (bytes) => (this.said += bytes));
		this.ended = new Promise((resolve) => {
			this.process.on('exit', (code, signal) => resolve(code ?? signal));
		});
		await until(() => fetch(`http://127.0.0.1:${this.port}/health`)
			.then((reply) => reply.ok, () => false), `broker on ${this.port}: ${this.said}`);
		return this;
	}

	// Waits until each of the two brokers knows of the other.
	async is_known() {
		for (const port of [this.port, this.server.broker_port])
			await until(async () => await metric(port, 'foyer_other_brokers') === 1,
				`broker on ${port} that knows of the other`);
	}

	// As if the machine were lost.
	async kill() {
		this.process.kill('SIGKILL');
		assert.equal(await within(this.ended, 'end of the other broker'), 'SIGKILL');
	}

	async end() {
		this.process.kill('SIGTERM');
		assert.equal(await within(this.ended, 'end of the other broker'), 0, this.said);
	}
}
