// front.test.js -- run/programs.sh apache and nginx: another web server in place of lighttpd,
// which talks to the REST programs and the broker directly.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { end_all, live } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { end_private_servers, free_port, private_server } from '../lib/server.js';
import { end_streams, follow } from '../lib/stream.js';
import { until, within } from '../lib/wait.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODULES = ['mpm_event', 'authz_core', 'alias', 'dir', 'headers', 'mime', 'setenvif', 'proxy', 'proxy_fcgi',
	'proxy_http', 'proxy_wstunnel'];
const PREFIX = '/my.chat';
const ended = [];
let server, folder;
const at = (name) => path.join(folder, name);

// How to start each: its configuration around what programs.sh prints, and the command.
const FRONTS = {
	apache: (port) => ({
		around: [
			`ServerRoot ${folder}`, 'ServerName localhost', `Listen 127.0.0.1:${port}`, `PidFile ${at('pid')}`,
			`ErrorLog ${at('error.log')}`, `DefaultRuntimeDir ${folder}`, 'TypesConfig /etc/mime.types',
			...MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
			`DocumentRoot ${folder}`, 'Include apache.foyer',
		],
		command: ['/usr/sbin/apache2', '-f', at('apache.conf'), '-DFOREGROUND'],
	}),
	nginx: (port) => ({
		around: [
			'daemon off;', `pid ${at('nginx.pid')};`, 'events {}', 'http {', 'access_log off;',
			...['client_body', 'proxy', 'fastcgi', 'scgi', 'uwsgi'].map((name) => `${name}_temp_path ${at(name)};`),
			"map $http_upgrade $connection_upgrade { default upgrade; '' ''; }",
			`server { listen 127.0.0.1:${port}; root ${folder}; include ${at('nginx.foyer')}; }`, '}',
		],
		command: ['nginx', '-e', at('nginx.log'), '-c', at('nginx.conf')],
	}),
};

// The server's lighttpd starts the programs and names their sockets in its own way.
before(async () => {
	server = await private_server({ prefix: PREFIX, env: { FOYER_SENDFILE: 'none' } });
	const { uid, gid } = fs.statSync(path.join(server.state, 'run'));
	folder = path.join(server.state, 'front');

	fs.mkdirSync(folder);
	fs.chownSync(folder, uid, gid);
	for (const name of fs.readdirSync(path.join(server.state, 'run')).filter((n) => n.endsWith('.fcgi-0')))
		fs.symlinkSync(path.join(server.state, 'run', name), at(name.replace('-0', '')));
	if (fs.existsSync('/etc/nginx/fastcgi_params')) // which nginx looks for beside its configuration
		fs.copyFileSync('/etc/nginx/fastcgi_params', at('fastcgi_params'));
});

async function open(kind) {
	const { uid, gid } = fs.statSync(folder);
	const port = await free_port();
	const { around, command } = FRONTS[kind](port);
	const origin = `http://127.0.0.1:${port}`;

	fs.writeFileSync(at(`${kind}.foyer`), execFileSync(path.join(ROOT, 'run/programs.sh'), [kind], {
		env: { ...process.env, PREFIX_URL: PREFIX, FCGI: folder, BROKER: `127.0.0.1:${server.broker_port}`,
			SHELL_JS: path.join(server.state, 'run/shell.js') },
	}));
	fs.writeFileSync(at(`${kind}.conf`), [...around, ''].join('\n'));
	const child = spawn(command[0], command.slice(1),
		{ ...(process.getuid() === 0 ? { uid, gid } : {}), stdio: 'inherit' });
	ended.push(async () => {
		const exit = once(child, 'exit');
		child.kill('SIGTERM');
		await within(exit, `end of ${kind}`);
	});
	const url = origin + PREFIX;
	await until(() => fetch(url).catch(() => null), kind, 30000);
	return { prefix: PREFIX, origin, url, api: `${url}/api/v1`, ws: `${url}/api/v1`.replace(/^http/, 'ws') };
}

after(async () => {
	end_all();
	end_streams();
	await Promise.all(ended.map((end) => end()));
	await end_private_servers();
});

for (const kind of Object.keys(FRONTS))
	describe(kind, () => {
		let front;

		before(async () => {
			front = await open(kind);
		});

		test('the page and its parts come with the headers that lighttpd gives them', async () => {
			const headers = ['content-security-policy', 'x-content-type-options', 'cache-control', 'permissions-policy'];
			const [page, same] = await Promise.all([front.url, server.url].map((url) => fetch(`${url}/`)));

			assert.equal(page.status, 200);
			for (const name of headers)
				assert.equal(page.headers.get(name), same.headers.get(name), name);
			for (const name of ['main.js', 'sw.js', 'shell.js', 'core/api.js']) {
				const file = await fetch(`${front.url}/${name}`);
				assert.equal(file.status, 200, name);
				assert.match(file.headers.get('content-type'), /^text\/javascript/);
				assert.equal(file.headers.get('cache-control'), 'no-cache');
			}
			assert.equal((await fetch(`${front.url}`, { redirect: 'manual' })).headers.get('location'), `${front.url}/`);
		});

		test('each path has its program', async () => {
			const ann = await actor(front, 'ann');
			const room = await ann.room({ name: 'Kitchen' });

			assert.equal((await ann.post(room.id, 'load=93% & rising')).seq, 2);
			assert.equal((await ann.want(200, 'GET', `/rooms/${room.id}/messages/`)).items.length, 1);
			assert.equal((await ann.get('/users/me')).login, ann.login);
			for (const path of ['/users', '/users/search?q=a', '/search?q=load', '/calls', '/contacts', '/auth/sessions', '/status'])
				await ann.want(200, 'GET', path);
			const file = await ann.want(201, 'POST', '/files?name=a.bin', { body: Buffer.alloc(300000, 'ab'), type: 'application/octet-stream' });
			const whole = await fetch(new URL(file.url, front.origin));
			assert.equal((await whole.arrayBuffer()).byteLength, 300000);
			await ann.refused(404, 'not_found', 'GET', '/no/such/thing');
			assert.equal((await fetch(`${front.url}/health`)).status, 200);
		});

		test('the live side is the broker\'s', async () => {
			const ann = await actor(front, 'ann');
			const room = await ann.room({});
			const connection = await live(front, { token: ann.token });
			await connection.join(room.id);
			const { id } = await ann.post(room.id, 'hello');
			await connection.find((f) => f.type === 'message' && f.id === id, 'the message');
		});

		test('an event stream is not held back', async () => {
			const ann = await actor(front, 'ann');
			const room = await ann.room({});
			const stream = await follow(front, room.id, { token: ann.token });
			const { seq } = await ann.post(room.id, 'hello');
			await stream.at(seq);
		});

		test('a body that nobody reads does not cost the answer', async () => {
			const reply = await fetch(`${front.api}/files?name=a.bin`, {
				method: 'POST', body: Buffer.alloc(25000000), headers: { Authorization: 'Bearer none' },
			});
			assert.equal(reply.status, 401);
			assert.equal((await reply.json()).code, 'token_invalid');
		});
	});
