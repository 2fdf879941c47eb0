// commands.js -- run/foyer as its tests use it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { alive, new_server } from '../lib/server.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const FOYER = path.join(ROOT, 'run/foyer');
export const SLOW_MS = 60000;

// A server of the test's own, stopped and removed after the test, whatever the outcome.
export async function server(t, options) {
	const s = await new_server(options);

	t.after(async () => {
		await foyer(s, 'stop');
		assert.deepEqual(s.all_pids().filter(alive), []);
		fs.rmSync(s.state, { recursive: true, force: true });
	});
	return s;
}

// Runs run/foyer WORDS to its end: {code, text}.
export function foyer(s, words, env = {}) {
	return new Promise((resolve) => {
		execFile(
			FOYER,
			[words].flat(),
			{ cwd: ROOT, env: { ...s.environment(), ...env } },
			(error, stdout, stderr) =>
				resolve({ code: error?.code ?? 0, text: stdout + stderr }),
		);
	});
}

export async function listener(port) {
	const one = net.createServer().listen(port, '127.0.0.1');
	await once(one, 'listening');
	return one;
}

export async function said_in(s, call) {
	const reply = await fetch(`${s.api}${call.path}`, {
		method: call.body === undefined ? 'GET' : 'POST', body: call.body,
		headers: { 'Content-Type': call.type ?? 'application/json', ...(call.token && { Authorization: `Bearer ${call.token}` }) },
	});
	assert.ok(reply.ok, `${call.path}: ${reply.status}`);
	return call.raw ? Buffer.from(await reply.arrayBuffer()) : reply.json();
}
