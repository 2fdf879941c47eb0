// ask.js -- requests over a few connections that stay open, one request at a time on each.

import http from 'node:http';
import process from 'node:process';

export class Asker {
	constructor(base, connections = 8) {
		this.base = base;
		this.connections = connections;
		this.agent = new http.Agent({ keepAlive: true, maxSockets: connections });
	}

	// {method, path, token, address, body} -> {status, body as text}
	ask({ method = 'GET', path, token, address, body }) {
		const headers = {
			...(token ? { Authorization: `Bearer ${token}` } : {}),
			...(address ? { 'X-Forwarded-For': address } : {}),
			...(body ? { 'Content-Type': 'application/json' } : {}),
		};
		return new Promise((resolve, reject) => {
			const call = http.request(this.base + path, { method, headers, agent: this.agent }, (reply) => {
				let text = '';
				reply.on('data', (part) => (text += part));
				reply.on('end', () => (reply.statusCode < 400 ? resolve({ status: reply.statusCode, body: text })
					: reject(new Error(`${method} ${path}: ${reply.statusCode} ${text}`))));
			});
			call.on('error', reject);
			call.end(body ? JSON.stringify(body) : undefined);
		});
	}

	async want(request) {
		return JSON.parse((await this.ask(request)).body);
	}

	// Makes count requests, the i-th being request(i). Returns wall-clock seconds.
	async many(count, request) {
		const began = process.hrtime.bigint();
		let next = 0;
		const work = async () => {
			while (next < count)
				await this.ask(request(next++));
		};
		await Promise.all(Array.from({ length: this.connections }, work));
		return Number(process.hrtime.bigint() - began) / 1e9;
	}

	end() {
		this.agent.destroy();
	}
}
