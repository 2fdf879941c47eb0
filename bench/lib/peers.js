// peers.js -- the servers that Foyer is compared with, each configured as its own documentation
// recommends for this use: on loopback, in a folder of its own, with one worker process (one of
// the two cores is for the load program), without logging.
//
// A peer: {name, dialect (bench/dialect.h), start() -> {port, pids, end()}}. pids: the
// processes whose time counts as the server's.

import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

import { free_port } from '../../tests/lib/server.js';
import { until } from '../../tests/lib/wait.js';
import { BUILT } from './child.js';

const HERE = path.resolve('bench/peers');

export const answers = (port) => new Promise((done) => {
	const socket = net.connect(port, '127.0.0.1', () => {
		socket.destroy();
		done(true);
	}).on('error', () => done(false));
});

// command(port, folder): [file, ...arguments].
const peer = (name, dialect, command) => ({
	name, dialect,
	async start() {
		const port = await free_port();
		const folder = fs.mkdtempSync(path.join(os.tmpdir(), `foyer-peer-`));
		fs.chmodSync(folder, 0o777); // some switch from root to another user
		const [file, ...args] = command(port, folder);
		const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
		const over = new Promise((resolve) => child.once('exit', resolve));

		await until(() => answers(port), `${name} answers`);
		return {
			port, pids: () => [child.pid, ...children(child.pid)],
			async end() {
				child.kill('SIGTERM');
				await over;
				fs.rmSync(folder, { recursive: true, force: true });
			},
		};
	},
});

function children(pid) {
	return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/)
		.filter(Boolean).map(Number);
}

const built = new Set();	// once for all rounds

// Builds a Go program of bench/peers with Debian's packages.
export function go_program(name) {
	const file = path.join(BUILT, name);
	if (!built.has(name))
		execFileSync('go', ['build', '-o', file, path.join(HERE, name, 'main.go')], {
			env: { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' },
		});
	built.add(name);
	return file;
}

// A publisher is a subscriber that also sends; nothing is kept for later subscribers.
function nchan(port, folder) {
	const file = path.join(folder, 'nginx.conf');

	fs.writeFileSync(file, `
		load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
		daemon off;
		worker_processes 1;
		pid ${folder}/pid;
		error_log stderr crit;
		events { worker_connections 40000; }
		http {
			access_log off;
			client_body_temp_path ${folder}/body;
			proxy_temp_path ${folder}/proxy;
			fastcgi_temp_path ${folder}/fastcgi;
			uwsgi_temp_path ${folder}/uwsgi;
			scgi_temp_path ${folder}/scgi;
			nchan_shared_memory_size 256M;
			server {
				listen 127.0.0.1:${port} backlog=4096;
				location ~ ^/ws/(\\d+)$ {
					nchan_pubsub websocket;
					nchan_channel_id $1;
					nchan_store_messages off;
					nchan_subscriber_first_message newest;
				}
			}
		}`);
	return ['nginx', '-c', file, '-p', folder];
}

function mosquitto(port, folder) {
	const file = path.join(folder, 'mosquitto.conf');

	// mosquitto needs one listener that is not WebSocket, and must own the files it opens.
	fs.writeFileSync(file, [
		'per_listener_settings false', `user ${os.userInfo().username}`, 'allow_anonymous true',
		'log_type none', 'persistence false', 'set_tcp_nodelay true',
		'max_queued_messages 0', 'max_inflight_messages 0',
		`listener 0 ${folder}/mqtt`, `listener ${port} 127.0.0.1`, 'protocol websockets', '',
	].join('\n'));
	return ['mosquitto', '-c', file];
}

export const FLOOR = 'bare, one send each';

export const PEERS = [
	peer(FLOOR, 'plain', (port) => [path.join(BUILT, 'bare'), port, 'send']),
	peer('bare, joined writes', 'plain', (port) => [path.join(BUILT, 'bare'), port, 'join']),
	peer('gorilla hub on gin', 'plain', (port) => [go_program('hub'), port]),
	peer('nchan', 'plain', nchan),
	peer('mosquitto, QoS 0', 'mqtt0', mosquitto),
	peer('mosquitto, QoS 1', 'mqtt1', mosquitto),
	peer('node ws', 'plain', (port) => [process.execPath, path.join(HERE, 'ws.js'), port]),
];
