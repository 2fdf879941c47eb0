// webhost.test.js -- run/webhost.sh: Foyer in a folder of a web host, behind a real Apache that
// is configured only to allow .htaccess.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Api } from '../../web/core/api.js';
import { actor, Client } from '../lib/rest.js';
import { free_port } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PREFIX = '/~me/chat';
const MODULES = ['mpm_event', 'authz_core', 'dir', 'mime', 'rewrite', 'headers', 'filter', 'deflate', 'cgid',
	'userdir'];

// As on a shared host, nothing belongs to root.
const SOMEBODY = process.getuid() === 0
	? { uid: Number(execFileSync('id', ['-u', 'www-data'])), gid: Number(execFileSync('id', ['-g', 'www-data'])) }
	: {};

const home = fs.mkdtempSync(path.join(process.env.TEST_TMP ?? os.tmpdir(), 'foyer-host-'));
const at = (...names) => path.join(home, ...names);
const host = { prefix: PREFIX };
let apache;

const AUTH = path.resolve(ROOT, process.env.BUILD ?? 'build', 'release/auth.fcgi');
const environment = { ...process.env, VARIANT: 'release', STATE: at('database'), PREFIX_URL: PREFIX };

function run(...command) {
	return execFileSync(path.join(ROOT, command[0]), command.slice(1), {
		...SOMEBODY, cwd: ROOT, encoding: 'utf8', env: environment,
	});
}

const OWN = at("nobody's own");
const put = (database = 'foyer') => run('run/webhost.sh', at('www/me/chat'), OWN,
	`host='${at('database/pg/sock')}' dbname=${database} user=foyer`);

// As Debian's own mod_userdir does, one of the ports lets no PUT or DELETE through.
function configuration(port, strict_port) {
	const modules = fs.existsSync('/usr/lib/apache2/modules') ? '/usr/lib/apache2/modules' : 'modules';
	return [
		`ServerRoot ${home}`, 'ServerName localhost', `Listen 127.0.0.1:${port}`, `Listen 127.0.0.1:${strict_port}`,
		`PidFile ${at('apache.pid')}`, `ErrorLog ${at('error.log')}`, `DefaultRuntimeDir ${home}`,
		...MODULES.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`),
		`ScriptSock ${at('cgi.sock')}`, 'TypesConfig /etc/mime.types', `UserDir ${at('www')}/*`,
		'AddOutputFilterByType DEFLATE application/json text/javascript', // as hosts do
		`<Directory ${at('www')}>`, 'AllowOverride All', '</Directory>',
		`<VirtualHost 127.0.0.1:${strict_port}>`, '<Location />', 'Require method GET POST OPTIONS', '</Location>',
		'</VirtualHost>', '',
	].join('\n');
}

before(async () => {
	fs.mkdirSync(at('www'));
	if (SOMEBODY.uid)
		for (const folder of [home, at('www')])
			fs.chownSync(folder, SOMEBODY.uid, SOMEBODY.gid);
	run('run/cluster.sh', 'start');
	// a mistyped database must not be stored: run it again with the right one
	assert.throws(() => put('none'), /database "none" does not exist/);
	assert.equal(fs.existsSync(OWN), false);
	put();
	const [port, strict_port] = [await free_port(), await free_port()];
	fs.writeFileSync(at('httpd.conf'), configuration(port, strict_port));
	host.strict_api = `http://127.0.0.1:${strict_port}${PREFIX}/api/v1`;
	host.root = `http://127.0.0.1:${port}${PREFIX}`;
	host.api = `${host.root}/api/v1`;
	apache = spawn('/usr/sbin/apache2', ['-f', at('httpd.conf'), '-DFOREGROUND'], { ...SOMEBODY, stdio: 'inherit' });
	await until(() => fetch(host.root).catch(() => null), 'Apache', 30000);
});

after(async () => {
	const ended = once(apache, 'exit');
	apache.kill('SIGTERM');
	await within(ended, 'end of Apache');
	run('run/cluster.sh', 'stop');
	fs.rmSync(home, { recursive: true });
});

test('the page and its parts come with the headers that lighttpd gives them', async () => {
	const page = await fetch(`${host.root}/`);
	assert.equal(page.status, 200);
	assert.match(page.headers.get('content-security-policy'), /^default-src 'none'; script-src 'self';/);
	assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
	assert.equal(page.headers.get('cache-control'), 'no-cache');
	const script = await fetch(`${host.root}/main.js`);
	assert.match(script.headers.get('content-type'), /^text\/javascript/);
	assert.match(script.headers.get('last-modified'), /GMT$/);
	assert.equal(script.headers.get('content-encoding'), 'gzip');
	const again = await fetch(`${host.root}/main.js`, { headers: { 'If-None-Match': script.headers.get('etag') } });
	assert.equal(again.status, 304);
});

test('the page can change and delete where only GET and POST pass', async () => {
	const ann = await actor(host, 'ann');
	const room = await ann.room({});
	const { id } = await ann.post(room.id, 'a');
	const asked = [];
	const api = new Api({ base: host.strict_api, fetch: (url, request) => {
		asked.push(request.method);
		return fetch(url, request);
	} });

	api.session = { token: () => ann.token };
	assert.equal((await api.edit_message(id, 'b')).text, 'b');
	await api.mark_read(room.id, 2);
	await api.remove_message(id);
	await assert.rejects(api.edit_message(id, 'c'), { code: 'conflict' });
	assert.deepEqual(asked, ['PUT', 'POST', 'POST', 'POST', 'POST']);
});

test('the API answers as everywhere, one program a request', async () => {
	const ann = await actor(host, 'ann');
	const room = await ann.room({ name: 'Кухня', kind: 'public' });
	const sent = await ann.post(room.id, 'load=93% & rising');
	const history = await ann.call('GET', `/rooms/${room.id}/messages`);
	assert.deepEqual(history.body.items.map((m) => m.text), [sent.text]);
	const log = await ann.call('GET', `/rooms/${room.id}/log?after=0`);
	assert.match(log.headers.get('etag'), /-gzip"$/);
	const again = await ann.call('GET', `/rooms/${room.id}/log?after=0`, {
		headers: { 'If-None-Match': log.headers.get('etag') },
	});
	assert.equal(again.status, 304);
	assert.equal((await ann.want(200, 'PUT', `/rooms/${room.id}`, { body: { name: 'x' } })).name, 'x');
	const removed = await ann.call('POST', `/rooms/${room.id}`, { headers: { 'X-HTTP-Method-Override': 'DELETE' } });
	assert.equal(removed.status, 204);
	await ann.refused(404, 'not_found', 'GET', `/rooms/${room.id}`);
	await ann.refused(404, 'not_found', 'GET', '/no/such/thing');
	await new Client(host).refused(401, 'token_invalid', 'GET', '/users/me');
	// Apache turns such a query into arguments
	await new Client(host).refused(422, 'invalid', 'GET', '/status?--config+/none');
});

test('files come in and go out, by parts too', async () => {
	const ann = await actor(host, 'ann');
	const bytes = Buffer.alloc(300000, 'abcdefghij');
	const file = await ann.want(201, 'POST', '/files?name=a.bin', { body: bytes, type: 'application/octet-stream' });
	assert.equal(file.size, bytes.length);
	const part = await fetch(`${host.api}/files/${file.id}`, {
		headers: { Authorization: `Bearer ${ann.token}`, Range: 'bytes=100000-100009' },
	});
	assert.equal(part.status, 206);
	assert.equal(await part.text(), 'abcdefghij');
	assert.match(part.headers.get('content-security-policy'), /sandbox/);
	const whole = await fetch(new URL(file.url, host.root));
	assert.equal(Buffer.compare(Buffer.from(await whole.arrayBuffer()), bytes), 0);
});

test('a body may come in chunks', async () => {
	const ann = await actor(host, 'ann');
	const reply = await fetch(`${host.api}/files?name=a.bin`, {
		method: 'POST', body: new Blob(['abc', 'def'.repeat(100000)]).stream(), duplex: 'half',
		headers: { Authorization: `Bearer ${ann.token}`, 'Content-Type': 'application/octet-stream' },
	});
	assert.equal(reply.status, 201);
	assert.equal((await reply.json()).size, 300003);
});

test('a body that nobody reads does not cost the answer', async () => {
	for (let i = 0; i < 4; i++) { // by a program that was just started, and by one that stayed
		const reply = await fetch(`${host.api}/files?name=a.bin`, {
			method: 'POST', body: Buffer.alloc(36000000), headers: { Authorization: 'Bearer none' },
		});
		assert.equal(reply.status, 401);
		assert.equal((await reply.json()).code, 'token_invalid');
	}
});

test('what would show the keys, or not work, is refused before anything is made', () => {
	const DATABASE = `host='${at('database/pg/sock')}' dbname=foyer user=foyer`;
	const settings = (own) => {
		const file = path.join(own, 'foyer.yaml');
		return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null;
	};
	const refused = (web, own, env, why) => {
		const before = settings(own);
		assert.throws(() => execFileSync(path.join(ROOT, 'run/webhost.sh'), [web, own, DATABASE],
			{ ...SOMEBODY, cwd: ROOT, encoding: 'utf8', env: { ...environment, ...env } }), why);
		assert.equal(settings(own), before);
		assert.equal(before === null, own !== OWN);
	};

	refused(at('www/x'), at('www/x/own'), {}, /is inside .*everybody can see/);
	refused(at('own/www'), at('own'), {}, /is inside .*nobody may see/);
	refused(at('www/x'), at('own'), { PREFIX_URL: 'x' }, /prefix must be empty or a path like/);
	refused(at('www/x'), OWN, { PREFIX_URL: '/x' }, /PREFIX_URL is '\/x' now/);
	fs.mkdirSync(at('old'));
	fs.writeFileSync(at('old/psql'), '#!/bin/sh\necho 140011\n', { mode: 0o755 });
	refused(at('www/x'), at('own'), { PATH: `${at('old')}:${process.env.PATH}` }, /15 or later; this one is 14/);
	assert.equal(fs.existsSync(at('www/x')), false);
});

test('the first administrator is made by a command', async () => {
	const ann = await actor(host, 'ann');
	const admin = (login) => execFileSync(AUTH, ['--admin', login, '--config', path.join(OWN, 'foyer.yaml')],
		{ ...SOMEBODY, encoding: 'utf8' });

	assert.equal(admin(ann.login.toUpperCase()), `${ann.login} is an administrator\n`);
	assert.ok((await ann.want(200, 'GET', '/admin/stats')));
	assert.throws(() => admin('nobody-here'), /nobody with the login nobody-here/);
});

test('nothing of one\'s own is shown, and the next version keeps it', async () => {
	const ann = await actor(host, 'ann');
	const settings = fs.readFileSync(path.join(OWN, 'foyer.yaml'), 'utf8');
	for (const name of ['cgi/auth.cgi', '.htaccess', 'cgi/']) {
		const reply = await fetch(`${host.root}/${name}`);
		assert.doesNotMatch(await reply.text(), /exec|RewriteRule|auth\.cgi/, name);
	}
	assert.equal(fs.statSync(path.join(OWN, 'keys')).mode & 0o077, 0);
	put();
	assert.equal(fs.readFileSync(path.join(OWN, 'foyer.yaml'), 'utf8'), settings);
	assert.equal((await ann.get('/users/me')).login, ann.login);
});

test('a program stays for the next request, unless it is not to', async () => {
	const ann = await actor(host, 'ann');
	const log = () => fs.readFileSync(path.join(OWN, 'log/rest.log'), 'utf8').split('\n')
		.filter((line) => line.includes('program=rooms') && line.includes('event=request'));
	const asked_of = async () => {
		await ann.get('/rooms');
		return / pid=(\d+)/.exec(log().at(-1))[1];
	};
	const stays = await until(async () => {
		const [one, other] = [await asked_of(), await asked_of()];
		return one === other && one;
	}, 'one that answers twice');
	assert.equal(await asked_of(), stays);
	environment.STAY = 'no';
	put();
	assert.notEqual(await asked_of(), stays);
	assert.notEqual(await asked_of(), await asked_of());
});
