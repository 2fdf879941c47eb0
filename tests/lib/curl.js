// curl.js -- the API as a shell script sees it: every call is a run of curl.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { an_address } from './rest.js';

const run = promisify(execFile);

export class Curl {
	constructor(server, token) {
		this.server = server;
		this.token = token;
		this.address = an_address();
	}

	// args: what one would type, without the address; path "/api/v1/…" or "/ws".
	// Answers { status, headers, body }.
	async run(path, ...args) {
		const who = this.token ? ['-H', `Authorization: Bearer ${this.token}`] : [];
		const { stdout } = await run('curl', [
			'-s', '-i', '--noproxy', '*', '-m', '20',
			'-H', `X-Forwarded-For: ${this.address}`, ...who, ...args, this.server.url + path,
		]).catch((error) => {
			// a WebSocket stays open until we have seen enough
			if (error.code === 28 && error.stdout)
				return error;
			throw error;
		});
		const [head, text] = stdout.split(/\r\n\r\n(.*)/s);
		const [line, ...fields] = head.split('\r\n');
		const headers = new Map(fields.map((f) => {
			const [name, value] = f.split(/: (.*)/s);
			return [name.toLowerCase(), value];
		}));
		const body = /json/.test(headers.get('content-type') ?? '') && text ? JSON.parse(text) : text;
		return { status: Number(line.split(' ')[1]), headers, body };
	}

	// The body of an answer with this status.
	async want(status, path, ...args) {
		const reply = await this.run(path, ...args);

		assert.equal(reply.status, status, `${path}: ${JSON.stringify(reply.body)}`);
		return reply.body;
	}

	// --json, as curl 7.82 and later have it
	json(status, method, path, body) {
		return this.want(status, path, '-X', method, '--json', JSON.stringify(body));
	}

	// A WebSocket's handshake, by hand; what comes in the second after it.
	async upgrade(path) {
		return this.run(path, '--http1.1', '-N', '-m', '2', '-H', 'Connection: Upgrade',
			'-H', 'Upgrade: websocket', '-H', 'Sec-WebSocket-Version: 13',
			'-H', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==');
	}
}
