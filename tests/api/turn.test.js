// The credentials of GET /calls/ice at a real TURN server: coturn with the shared secret, on
// loopback, in a folder of its own.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import dgram from 'node:dgram';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';

import { actor, TIME } from '../lib/rest.js';
import { alive, end_private_servers, private_server } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

const UCLIENT_MS = 10000;
const UCLIENT_TRIES = 6;
const SECRET = 'a secret of ours and coturn\'s';

let turn, server, ann, bob, call;
const given = new Map();

function free_udp_port() {
	return new Promise((resolve, reject) => {
		const socket = dgram.createSocket('udp4');
		socket.once('error', reject);
		socket.bind(0, '127.0.0.1', () => {
			const { port } = socket.address();
			socket.close(() => resolve(port));
		});
	});
}

// As docs/calls.md says, without the certificate, plus what loopback needs.
async function start_turn() {
	const folder = fs.mkdtempSync(path.join(process.env.TEST_TMP ?? os.tmpdir(), 'coturn-'));
	const port = await free_udp_port();
	const file = (name) => path.join(folder, name);

	fs.writeFileSync(file('turnserver.conf'), [
		`listening-port=${port}`, 'listening-ip=127.0.0.1', 'relay-ip=127.0.0.1',
		'min-port=40000', 'max-port=40999', 'realm=test.example',
		'use-auth-secret', `static-auth-secret=${SECRET}`,
		'no-tls', 'no-dtls', 'no-cli', 'no-rfc5780', 'no-software-attribute',
		'allow-loopback-peers', `userdb=${file('turndb')}`, `pidfile=${file('pid')}`,
		`log-file=${file('log')}`, 'simple-log', 'new-log-timestamp', '',
	].join('\n'));
	const child = spawn('turnserver', ['-c', file('turnserver.conf')], { stdio: 'ignore' });
	const exit = new Promise((resolve) => child.once('exit', resolve));
	child.once('error', (error) => fs.writeFileSync(file('log'), String(error)));
	return { folder, port, child, exit };
}

function uclient(username, credential) {
	const args = ['-n', '1', '-m', '1', '-l', '100', '-y', '-c', '-p', String(turn.port),
		'-u', username, '-w', credential, '127.0.0.1'];
	const options = { timeout: UCLIENT_MS, killSignal: 'SIGKILL' };

	return new Promise((resolve) => {
		execFile('turnutils_uclient', args, options, (error, stdout, stderr) =>
			resolve({ is_lost: Boolean(error?.killed), code: error ? error.code ?? -1 : 0,
				said: stdout + stderr }));
	});
}

// Runs turnutils_uclient, which requests a relay and sends a message through it. It waits for
// ever if a datagram is lost, and takes long if it is out of step ("wrong response tid"): then
// run it again.
async function use_relay(username, credential) {
	for (let tries = 1; ; tries++) {
		const answer = await uclient(username, credential);
		if (!answer.is_lost || tries === UCLIENT_TRIES)
			return answer;
	}
}

// Requested while the call rings; they outlast the call.
async function credentials(who) {
	if (!given.has(who)) {
		const { ice_servers } = await who.get(`/calls/ice?call_id=${call.id}`);
		given.set(who, ice_servers.find((s) => s.credential));
	}
	return given.get(who);
}

before(async () => {
	turn = await start_turn();
	server = await private_server({
		name: 'turn',
		env: {
			FOYER_TURN_SECRET: SECRET,
			FOYER_ICE_SERVERS: `stun:127.0.0.1:${turn.port},turn:127.0.0.1:${turn.port}?transport=udp`,
		},
	});
	[ann, bob] = [await actor(server, 'ann'), await actor(server, 'bob')];
	const room = await ann.room({ name: undefined, kind: 'direct', user_id: bob.id });
	call = await ann.want(201, 'POST', '/calls', { body: { room_id: room.id } });
	await Promise.all([ann, bob].map(credentials));
	await until(() => fs.existsSync(path.join(turn.folder, 'pid')), 'coturn');
});

after(async () => {
	turn.child.kill('SIGTERM');
	await within(turn.exit, 'end of coturn');
	assert.ok(!alive(turn.child.pid));
	fs.rmSync(turn.folder, { recursive: true, force: true });
	await end_private_servers();
});

describe('credentials', () => {
	it('are good for ten minutes, belong to one person, and stand beside TURN servers alone', async () => {
		const now_s = Date.now() / 1000;
		const answer = await bob.get(`/calls/ice?call_id=${call.id}`);
		const [stun, relay] = answer.ice_servers;
		assert.deepEqual(stun, { urls: [`stun:127.0.0.1:${turn.port}`] });
		assert.deepEqual(relay.urls, [`turn:127.0.0.1:${turn.port}?transport=udp`]);
		const [end_s, id] = relay.username.split(':');
		assert.equal(id, bob.id);
		assert.equal(relay.credential, createHmac('sha1', SECRET).update(relay.username).digest('base64'));
		assert.match(answer.expires_at, TIME);
		assert.equal(Date.parse(answer.expires_at), end_s * 1000);
		assert.ok(end_s - now_s > 590 && end_s - now_s < 660, `${end_s - now_s} s`);
	});

	it('let both ends relay through coturn', async () => {
		for (const who of [ann, bob]) {
			const { username, credential } = await credentials(who);
			const { code, said } = await use_relay(username, credential);
			assert.equal(code, 0, said);
			assert.match(said, /tot_recv_msgs=2\n[^]*Total lost packets 0 /);
		}
	});

	const forged = (username) => [username, createHmac('sha1', SECRET).update(username).digest('base64')];
	const refused = {
		'a wrong password': async () => [(await credentials(ann)).username, 'wrong'],
		"another's name": async () => [(await credentials(ann)).username, (await credentials(bob)).credential],
		'a time that was put off': async () => {
			const { username, credential } = await credentials(ann);
			return [username.replace(/^\d+/, (s) => Number(s) + 600), credential];
		},
		'those that have expired': () => forged(`${Math.floor(Date.now() / 1000) - 5}:${ann.id}`),
	};
	for (const [name, make] of Object.entries(refused))
		it(`with ${name}, coturn refuses`, async () => {
			const { code, said } = await use_relay(...await make());
			assert.notEqual(code, 0, said);
			assert.match(said, /error 401 \(Unauthorized\)|Cannot complete Allocation/);
		});

	it('and the test itself would notice: the same with time left is taken', async () => {
		const { code, said } = await use_relay(...forged(`${Math.floor(Date.now() / 1000) + 60}:${ann.id}`));
		assert.equal(code, 0, said);
	});

	it('the secret is in no log', () => {
		for (const name of server.logs())
			assert.ok(!server.log(name).includes(SECRET), name);
	});
});
