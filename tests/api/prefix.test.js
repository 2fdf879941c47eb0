// The same server under a URL prefix: every path that a client sees begins with it.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { actor, Client } from '../lib/rest.js';
import { end_private_servers, private_server } from '../lib/server.js';

let server, ann, bob;

before(async () => {
	server = await private_server({ name: 'prefix', prefix: '/chat' });
	ann = await actor(server, 'ann');
	bob = await actor(server, 'bob');
});
after(end_all);
after(end_private_servers);

it('status announces the live address with the prefix', async () => {
	const said = await new Client(server).get('/status');
	assert.deepEqual(said.live, { url: '/chat/api/v1/ws', up: true });
});

it('Location leads to the thing', async () => {
	const reply = await ann.call('POST', '/rooms', { body: { name: 'x', kind: 'group' } });
	const location = new URL(reply.headers.get('location'), server.api);
	assert.equal(location.pathname, `/chat/api/v1/rooms/${reply.body.id}`);
	const got = await fetch(location, { headers: { Authorization: `Bearer ${ann.token}` } });
	assert.equal(got.status, 200);
});

it('without the prefix there is no API', async () => {
	for (const path of ['/api/v1/status', '/chatapi/v1/status', '/chatty/api/v1/status']) {
		const reply = await fetch(server.origin + path);
		await reply.text();
		assert.equal(reply.status, 404, path);
	}
});

it('two people talk, over every live path', async () => {
	const room = await ann.room({ member_ids: [bob.id] });
	for (const options of [
		{ token: bob.token },
		{ token: bob.token, base: server.url.replace('http', 'ws') },
		{ token: bob.token, path: '/rooms/ws', query: { room: room.id } },
		{ path: '/rooms/ws', query: { room: room.id, token: bob.token } },
	]) {
		const ear = await live(server, options);
		if (!options.query)
			await ear.join(room.id);
		else
			await ear.find('joined');
		const sent = await ann.post(room.id, 'Привет');
		assert.equal((await ear.find((f) => f.type === 'message' && f.id === sent.id, 'it')).text,
			'Привет');
		ear.end();
	}
});

it('the page and its parts are served under the prefix, with the security headers', async () => {
	const page = await fetch(`${server.url}/`);
	const html = await page.text();
	assert.equal(page.status, 200);
	assert.match(page.headers.get('content-type'), /text\/html/);
	assert.match(page.headers.get('content-security-policy') ?? '', /default-src/);
	assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
	for (const [, src] of html.matchAll(/(?:src|href)="([^"#]+)"/g)) {
		if (/^[a-z]+:/.test(src))
			continue;
		const part = await fetch(new URL(src, `${server.url}/`));
		await part.arrayBuffer();
		assert.equal(part.status, 200, src);
		assert.ok(new URL(part.url).pathname.startsWith('/chat/'), src);
	}
});

it('the prefix without a slash leads to the page', async () => {
	const page = await fetch(server.url);
	await page.text();
	assert.equal(page.status, 200);
	assert.equal(new URL(page.url).pathname, '/chat/');
});
