// Keys of access tokens are rotated by name, without signing anybody out.

import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, it } from 'node:test';

import { parse } from '../lib/jwt.js';
import { end_all, live } from '../lib/live.js';
import { actor, Client, sign_in } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';

let server;

before(async () => {
	server = await private_server({ name: 'keys', env: LOOSE });
});
afterEach(end_all);
after(end_private_servers);

// As an operator does: a file for the key, its name in the settings, a restart.
async function sign_with(kid, text) {
	const dir = path.join(server.state, 'keys');
	const file = path.join(dir, kid);
	const settings = path.join(server.state, 'foyer.yaml');

	fs.writeFileSync(file, text, { mode: 0o600 });
	fs.chownSync(file, fs.statSync(dir).uid, fs.statSync(dir).gid);
	fs.writeFileSync(settings, fs.readFileSync(settings, 'utf8')
		.replace(/^signing_key:.*$/m, `signing_key: "${kid}"`));
	await restart();
}

async function restart() {
	await server.stop();
	await server.start();
}

async function refreshed(who) {
	const pair = await new Client(server).want(200, 'POST', '/auth/refresh', {
		body: { refresh_token: who.pair.refresh_token },
	});
	Object.assign(who, { pair, token: pair.access_token });
	return parse(pair.access_token);
}

const is_good = async (who) => (await who.get('/auth/validate')).user_id === who.id
	&& (await live(server, { token: who.token })).ready.user.id === who.id;

it('a new key signs, the old one still verifies: tokens of both are good everywhere', async () => {
	const ann = await actor(server);
	const old_kid = parse(ann.token).header.kid;
	await sign_with('second-key', randomBytes(32).toString('hex'));
	assert.ok(await is_good(ann));
	const phone = await sign_in(server, ann);
	assert.equal(parse(phone.token).header.kid, 'second-key');
	assert.notEqual(old_kid, 'second-key');
	assert.ok(await is_good(phone));
	assert.ok(await is_good(ann));
	assert.equal((await refreshed(ann)).header.kid, 'second-key');
	assert.ok(await is_good(ann));
});

it('an EC key pair means ES256 for its own tokens, and the others stay as they were', async () => {
	const ann = await actor(server);
	assert.equal(parse(ann.token).header.alg, 'HS256');
	const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	await sign_with('third-key', privateKey.export({ type: 'pkcs8', format: 'pem' }));
	assert.ok(await is_good(ann));
	const phone = await sign_in(server, ann);
	assert.deepEqual(parse(phone.token).header, { alg: 'ES256', kid: 'third-key', typ: 'JWT' });
	assert.ok(await is_good(phone));
});

it('a key that is taken away ends its access tokens, and no session', async () => {
	const ann = await actor(server);
	const { kid } = parse(ann.token).header;
	await sign_with('fourth-key', randomBytes(32).toString('hex'));
	fs.unlinkSync(path.join(server.state, 'keys', kid));
	await restart();
	await ann.refused(401, 'token_invalid', 'GET', '/auth/validate');
	assert.equal((await refreshed(ann)).header.kid, 'fourth-key');
	assert.ok(await is_good(ann));
});
