// front.test.js -- run/programs.sh apache: another web server in place of lighttpd, which talks
// to the REST programs and the broker directly.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { end_all, live } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { end_private_servers, free_port, private_server } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODULES = ['mpm_event', 'authz_core', 'alias', 'dir', 'headers', 'mime', 'setenvif', 'proxy', 'proxy_fcgi',
	'proxy_http', 'proxy_wstunnel'];
const PREFIX = '/my.chat';
const front = { prefix: PREFIX };
let server, apache;

// The server's lighttpd starts the programs and names their sockets in its own way.
before(async () => {
	server = await private_server({ prefix: PREFIX, env: { FOYER_SENDFILE: 'none' } });
	const { uid, gid } = fs.statSync(path.join(server.state, 'run'));
	const folder = path.join(server.state, 'front');
	const port = await free_port();
	const at = (name) => path.join(folder, name);

	fs.mkdirSync(folder);
	for (const name of fs.readdirSync(path.join(server.state, 'run')).filter((n) => n.endsWith('.fcgi-0')))
		fs.symlinkSync(path.join(server.state, 'run', name), at(name.replace('-0', '')));
	fs.writeFileSync(at('foyer.conf'), execFileSync(path.join(ROOT, 'run/programs.sh'), ['apache'], {
		env: { ...process.env, PREFIX_URL: PREFIX, FCGI: folder, BROKER: `127.0.0.1:${server.broker_port}`,
			SHELL_JS: path.join(server.state, 'run/shell.js') },
	}));
	fs.writeFileSync(at('httpd.conf'), [
		`ServerRoot ${folder}`, 'ServerName localhost', `Listen 127.0.0.1:${port}`, `PidFile ${at('pid')}`,
		`ErrorLog ${at('error.log')}`, `DefaultRuntimeDir ${folder}`, 'TypesConfig /etc/mime.types',
		...MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
		`DocumentRoot ${folder}`, 'Include foyer.conf', '',
	].join('\n'));
	fs.chownSync(folder, uid, gid);
	front.origin = `http://127.0.0.1:${port}`;
	front.url = front.origin + PREFIX;
	front.api = `${front.url}/api/v1`;
	front.ws = front.api.replace(/^http/, 'ws');
	apache = spawn('/usr/sbin/apache2', ['-f', at('httpd.conf'), '-DFOREGROUND'],
		{ ...(process.getuid() === 0 ? { uid, gid } : {}), stdio: 'inherit' });
	await until(() => fetch(front.url).catch(() => null), 'Apache', 30000);
});

after(async () => {
	end_all();
	if (apache) {
		const ended = once(apache, 'exit');
		apache.kill('SIGTERM');
		await within(ended, 'end of Apache');
	}
	await end_private_servers();
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
