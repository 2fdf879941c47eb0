// curl.js -- the API as a shell script sees it: every call runs curl.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { an_address } from './rest.js';
import { DEADLINE_MS } from './wait.js';

const run = promisify(execFile);

export class Curl {
	constructor(server, token) {
		this.server = server;
		this.token = token;
		this.address = an_address();
	}

	// args: curl's arguments without the address; path: "/api/v1/…" or "/ws". Returns {
	// status, headers, body }.
	async run(path, ...args) {
		const who = this.token ? ['-H', `Authorization: Bearer ${this.token}`] : [];
		const { stdout } = await run('curl', [
			...this.#asking(), ...who, ...args, this.server.url + path,
		]);
		return this.#answer(stdout);
	}

	#asking() {
		return ['-s', '-i', '--noproxy', '*', '-m', String(Math.ceil(DEADLINE_MS / 1000)),
			'-H', `X-Forwarded-For: ${this.address}`];
	}

	#answer(stdout) {
		const [head, text] = stdout.split(/\r\n\r\n(.*)/s);
		const [line, ...fields] = head.split('\r\n');
		const headers = new Map(fields.map((f) => {
			const [name, value] = f.split(/: (.*)/s);
			return [name.toLowerCase(), value];
		}));
		const body = /json/.test(headers.get('content-type') ?? '') && text ? JSON.parse(text) : text;
		return { status: Number(line.split(' ')[1]), headers, body };
	}

	// Returns the body of an answer that must have this status.
	async want(status, path, ...args) {
		const reply = await this.run(path, ...args);

		assert.equal(reply.status, status, `${path}: ${JSON.stringify(reply.body)}`);
		return reply.body;
	}

	// as curl 7.82 and later do with --json
	json(status, method, path, body) {
		return this.want(status, path, '-X', method, '--json', JSON.stringify(body));
	}

	// Performs a WebSocket handshake by hand, and reads until `enough` (a pattern) matches.
	// on_joined(): called once the room is joined.
	async upgrade(path, { enough = /\r\n\r\n/, on_joined = () => {} } = {}) {
		const child = execFile('curl', [...this.#asking(), '--http1.1', '-N',
			'-H', 'Connection: Upgrade', '-H', 'Upgrade: websocket',
			'-H', 'Sec-WebSocket-Version: 13', '-H', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
			this.server.url + path]);
		const over = new Promise((resolve) => child.on('close', resolve));
		let said = '';
		let has_joined = false;

		child.stdout.on('data', (data) => {
			said += data;
			if (!has_joined && said.includes('"joined"')) {
				has_joined = true;
				on_joined();
			}
			if (enough.test(said))
				child.kill();
		});
		await over;
		return this.#answer(said);
	}
}
