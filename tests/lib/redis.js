// redis.js -- a Redis of the test's own, with a password, on a Unix socket and a loopback port;
// and a listener that hears everything and can publish anything.
//
// Owns: the process, which it stops by its pid.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

import { free_port } from './server.js';
import { until, within } from './wait.js';

const PASSWORD = 'open-sesame-of-redis';

export class Redis {
	static async start() {
		const folder = fs.mkdtempSync(path.join(process.env.TEST_TMP ?? os.tmpdir(), 'redis-'));
		return new Redis(folder, await free_port()).run();
	}

	constructor(folder, port) {
		this.folder = folder;
		this.port = port;
		this.socket = path.join(folder, 'sock');
		this.place = `unix:${this.socket}`;
		this.address = `redis://127.0.0.1:${port}`;
		this.password = PASSWORD;
		this.said = '';
	}

	settings() {
		return { FOYER_BUS: this.place, FOYER_BUS_PASSWORD: this.password };
	}

	async run() {
		fs.chmodSync(this.folder, 0o755);
		this.process = spawn('redis-server', ['--bind', '127.0.0.1', '--port', String(this.port),
			'--unixsocket', this.socket, '--unixsocketperm', '777', '--requirepass', PASSWORD, '--save', '',
			 '--appendonly', 'no', '--daemonize', 'no', '--dir', this.folder],
			{ stdio: ['ignore', 'pipe', 'pipe'] });
		for (const pipe of [this.process.stdout, this.process.stderr])
			pipe.on('data', (bytes) => (this.said += bytes));
		this.ended = new Promise((resolve) => this.process.on('exit', resolve));
		await until(() => this.connects(), () => `Redis: ${this.said}`);
		return this;
	}

	connects() {
		return new Promise((resolve) => {
			const socket = net.connect(this.socket);
			socket.on('connect', () => {
				socket.destroy();
				resolve(true);
			});
			socket.on('error', () => resolve(false));
		});
	}

	signal(name) {
		this.process.kill(name);
	}

	async kill() {
		this.process.kill('SIGKILL');
		await within(this.ended, 'end of Redis');
	}

	async end() {
		if (this.process.exitCode === null && this.process.signalCode === null)
			await this.kill();
		fs.rmSync(this.folder, { recursive: true, force: true });
	}
}

const word = (text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const command = (...words) => `*${words.length}\r\n${words.map(word).join('')}`;

// Hears everything published in a Redis: said is a list of { channel, text }.
export class Listener {
	static async open(redis) {
		const listener = new Listener(redis);
		listener.ear.write(command('AUTH', redis.password) + command('PSUBSCRIBE', '*'));
		listener.mouth.write(command('AUTH', redis.password));
		await until(() => listener.got.includes('psubscribe'), 'subscription');
		return listener;
	}

	constructor(redis) {
		this.got = '';
		[this.ear, this.mouth] = [net.connect(redis.socket), net.connect(redis.socket)];
		for (const socket of [this.ear, this.mouth])
			socket.on('error', () => {});
		this.ear.setEncoding('latin1');
		this.ear.on('data', (text) => (this.got += text));
		this.mouth.on('data', () => {});
	}

	get said() {
		const found = /\$8\r\npmessage\r\n\$1\r\n\*\r\n\$\d+\r\n([^\r]*)\r\n\$\d+\r\n([^\r]*)\r\n/g;
		return [...this.got.matchAll(found)].map(([, channel, text]) => ({ channel, text }));
	}

	publish(channel, text) {
		const words = ['PUBLISH', channel, text].map((w) => `$${w.length}\r\n${w}\r\n`);
		this.mouth.write(Buffer.from(`*3\r\n${words.join('')}`, 'latin1'));
	}

	end() {
		this.ear.destroy();
		this.mouth.destroy();
	}
}
