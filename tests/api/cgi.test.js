// The same programs as plain CGI, one process a request: the same answers.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, it } from 'node:test';

import { CgiHost } from '../lib/cgi.js';
import { end_all, live } from '../lib/live.js';
import { actor, Client } from '../lib/rest.js';
import { shared } from '../lib/server.js';

let server, host, ann;

before(async () => {
	server = await shared();
	host = await new CgiHost(server).open();
	ann = await actor(host, 'ann');
});
afterEach(() => {
	assert.deepEqual([...new Set(host.exits)], [0], `every process ends with 0\n${host.errors}`);
	assert.doesNotMatch(host.errors, /Sanitizer|runtime error/);
});
after(async () => {
	end_all();
	await host.close();
});

it('somebody registers, validates, refreshes and signs out', async () => {
	const bob = await actor(host, 'bob');
	const nobody = new Client(host);
	assert.equal((await bob.get('/auth/validate')).login, bob.login);
	const pair = await nobody.want(200, 'POST', '/auth/refresh', {
		body: { refresh_token: bob.pair.refresh_token },
	});
	await nobody.want(204, 'POST', '/auth/logout', { body: { refresh_token: pair.refresh_token } });
	// a process that serves one request checks its session at once
	await nobody.refused(401, 'session_ended', 'GET', '/rooms', { token: pair.access_token });
});

it('a room is made, filled in every way, read and removed', async () => {
	const room = await ann.room({ name: 'Кухня' });
	const path = `/rooms/${room.id}/messages`;
	const client_id = randomUUID();
	const texts = ['JSON 💬', 'plain', 'load=93% & rising', 'ж'.repeat(8000)];
	const first = await ann.post(room.id, texts[0], { client_id });
	assert.equal((await ann.post(room.id, texts[0], { client_id })).id, first.id);
	await ann.want(201, 'POST', path, { body: texts[1], type: 'text/plain' });
	await ann.want(201, 'POST', path, {
		body: texts[2], type: 'application/x-www-form-urlencoded',
	});
	await ann.post(room.id, texts[3]);
	assert.deepEqual((await ann.get(path)).items.map((m) => m.text), texts);
	assert.equal((await ann.get(`${path}?after=${first.seq}&limit=1`)).items[0].text, texts[1]);
	assert.equal((await ann.get(`/rooms/${room.id}/log?after=0`)).more, false);
	await ann.want(204, 'DELETE', `/rooms/${room.id}`);
	await ann.refused(404, 'not_found', 'GET', path);
});

it('people change themselves and find each other', async () => {
	const bob = await actor(host, 'bob');
	await bob.want(200, 'PUT', '/users/me', { body: { first_name: 'Боб' } });
	const [found] = (await ann.get(`/users/search?q=${bob.login}`)).items;
	assert.equal(found.first_name, 'Боб');
	assert.deepEqual(await ann.get(`/users/${bob.id}`), found);
});

it('what is posted so is heard live', async () => {
	const room = await ann.room();
	const ear = await live(server, { token: ann.token });
	await ear.join(room.id);
	const sent = await ann.post(room.id, 'by CGI');
	await ear.find((f) => f.type === 'message' && f.id === sent.id, 'the message');
});

it('errors are those of the contract', async () => {
	const nobody = new Client(host);
	await nobody.refused(401, 'token_invalid', 'GET', '/rooms');
	await nobody.refused(404, 'not_found', 'GET', '/nothing-here');
	await nobody.refused(405, 'method_not_allowed', 'DELETE', '/rooms');
	await ann.refused(400, 'malformed', 'POST', '/rooms', { body: '{' });
	await ann.refused(422, 'invalid', 'POST', '/rooms', { body: { name: '' } });
	await ann.refused(413, 'too_large', 'POST', '/rooms', { body: ' '.repeat(140000) });
});

it('HEAD, OPTIONS, the override and conditional requests work', async () => {
	const room = await ann.room();
	assert.equal((await ann.call('HEAD', '/rooms')).status, 200);
	assert.equal((await new Client(host).call('OPTIONS', '/rooms')).status, 204);
	const get = await ann.call('GET', `/rooms/${room.id}/messages`);
	assert.equal((await ann.call('GET', `/rooms/${room.id}/messages`, {
		headers: { 'If-None-Match': get.headers.get('etag') },
	})).status, 304);
	assert.equal((await ann.call('POST', `/rooms/${room.id}`, {
		headers: { 'X-HTTP-Method-Override': 'DELETE' },
	})).status, 204);
});

it('a program that cannot start says so, and its log names the setting', async () => {
	for (const [name, value, said] of [
		['MAX_BODY_BYTES', 'x', /FOYER_MAX_BODY_BYTES must be a whole number, 1024 to /],
		['KEYS_DIR', '/none', /keys_dir: \/none\/ No such file/],
		['SIGNING_KEY', 'none', /signing_key: .*\/none is to sign, and is not there/],
		['LOG_FILE', '/none/log', /log_file: cannot open \/none\/log: No such file/],
	]) {
		const other = await new CgiHost(server).open();
		other.settings[`FOYER_${name}`] = value;
		const reply = await new Client(other).call('GET', '/status').finally(() => other.close());
		assert.deepEqual([reply.status, reply.body.code], [500, 'internal']);
		assert.match(other.errors, said);
		assert.deepEqual(other.exits, [1]);
	}
});

// As Apache does when it starts the program itself (RFC 3875, section 4.4).
it('a query is never taken for arguments', async () => {
	const other = await new CgiHost(server).open();
	other.settings.FOYER_CONFIG = other.arguments()[1];
	other.arguments = ({ url }) => url.split('?')[1].split('+').map(decodeURIComponent);
	try {
		for (const query of ['--config+/none', '%2d-config+/none', '--config=/none', '--sample-config',
			'x+--check-config', 'x+--config+/none', '--openapi'])
			await new Client(other).refused(422, 'invalid', 'GET', `/status?${query}`);
		// what the host passes is an argument, in either form
		const file = other.settings.FOYER_CONFIG;
		other.settings.FOYER_CONFIG = '/none';
		for (const said of [['--config', file], [`--config=${file}`]]) {
			other.arguments = () => said;
			await new Client(other).get('/status');
		}
		assert.deepEqual([...new Set(other.exits)], [0], other.errors);
	} finally {
		await other.close();
	}
});

it('the token is found under the other name that hosts give it', async () => {
	const other = await new CgiHost(server, 'REDIRECT_HTTP_AUTHORIZATION').open();
	assert.equal((await new Client(other, { token: ann.token }).call('GET', '/rooms')).status, 200);
	assert.deepEqual(other.exits, [0]);
	await other.close();
});
