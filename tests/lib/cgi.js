// cgi.js -- a web server that runs the programs as plain CGI (RFC 3875), one process a request,
// as a shared host does. It maps paths to programs as lighttpd.conf does.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function program_of(target) {
	if (/^\/api\/v1\/((rooms|chats)\/[^/]+\/(messages|log|read)|messages)(\/|$)/.test(target))
		return 'messages.fcgi';
	if (/^\/api\/v1\/(files|avatars)(\/|$)/.test(target))
		return 'files.fcgi';
	if (/^\/api\/v1\/(users(?!\/(me|profile)(\/|$))|contacts)(\/|$)/.test(target))
		return 'users.fcgi';
	if (/^\/api\/v1\/search(\/|$)/.test(target))
		return 'search.fcgi';
	if (/^\/api\/v1\/calls(\/|$)/.test(target))
		return 'calls.fcgi';
	return /^\/api\/v1\/(rooms|chats)(\/|$)/.test(target) ? 'rooms.fcgi' : 'auth.fcgi';
}

export class CgiHost {
	// authorization: the variable in which the host passes that header on
	constructor(server, authorization = 'HTTP_AUTHORIZATION') {
		this.server = server;
		this.reference = server;
		this.authorization = authorization;
		this.settings = {}; // of the environment
		this.ending = '.fcgi'; // of the programs; .cgi: through foyer-cgi
		this.arguments = () => ['--config', path.join(server.state, 'foyer.yaml')];
		this.exits = [];
		this.errors = '';
		this.http = http.createServer((request, reply) => this.run(request, reply));
	}

	async open() {
		await new Promise((resolve) => this.http.listen(0, '127.0.0.1', resolve));
		this.api = `http://127.0.0.1:${this.http.address().port}/api/v1`;
		this.prefix = '';
		return this;
	}

	close() {
		this.http.closeAllConnections();
		return new Promise((resolve) => this.http.close(resolve));
	}

	variables(request) {
		const [target, query = ''] = request.url.split('?');
		const env = {
			...this.server.environment(),
			...this.settings,
			GATEWAY_INTERFACE: 'CGI/1.1',
			SERVER_PROTOCOL: 'HTTP/1.1',
			REQUEST_METHOD: request.method,
			REQUEST_URI: request.url,
			SCRIPT_NAME: '/api',
			PATH_INFO: decodeURIComponent(target.slice('/api'.length)),
			QUERY_STRING: query,
			REMOTE_ADDR: '127.0.0.1',
			SERVER_NAME: '127.0.0.1',
			SERVER_PORT: '80',
		};
		for (const [name, value] of Object.entries(request.headers))
			env[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`] = value;
		if (request.headers.authorization) {
			delete env.HTTP_AUTHORIZATION;
			env[this.authorization] = request.headers.authorization;
		}
		delete env.HTTP_CONTENT_TYPE;
		delete env.HTTP_CONTENT_LENGTH;
		env.CONTENT_TYPE = request.headers['content-type'] ?? '';
		env.CONTENT_LENGTH = request.headers['content-length'] ?? '';
		return env;
	}

	run(request, reply) {
		const { server } = this;
		const program = path.join(path.resolve(ROOT, process.env.BUILD ?? 'build'),
			process.env.VARIANT ?? 'asan', program_of(request.url.split('?')[0]).replace('.fcgi', this.ending));
		const { uid, gid } = fs.statSync(path.join(server.state, 'run'));
		const child = spawn(program, this.arguments(request), {
			env: this.variables(request),
			...(process.getuid() === 0 ? { uid, gid } : {}),
		});
		const out = [];

		child.stdout.on('data', (b) => out.push(b));
		child.stderr.on('data', (b) => (this.errors += b));
		// a program need not read all of a body that it refuses
		child.stdin.on('error', () => {});
		request.pipe(child.stdin);
		child.on('close', (code, signal) => {
			this.exits.push(signal ?? code);
			this.answer(Buffer.concat(out), reply);
		});
	}

	answer(out, reply) {
		const end = out.indexOf('\r\n\r\n');
		const lines = out.subarray(0, end).toString('latin1').split('\r\n');
		let status = 200;

		for (const line of lines) {
			const [, name, value] = /^([^:]+):\s*(.*)$/.exec(line) ?? [null, 'X-Broken', line];
			if (name.toLowerCase() === 'status')
				status = Number(value.split(' ')[0]);
			else
				reply.setHeader(name, value);
		}
		reply.writeHead(status);
		reply.end(out.subarray(end + 4));
	}
}
