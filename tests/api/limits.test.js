// Limits of rate, concurrency and size: small ones on a server of their own, hit exactly.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { a_login, actor, an_address, Client, PASSWORD } from '../lib/rest.js';
import { end_private_servers, private_server } from '../lib/server.js';

let server;

before(async () => {
	server = await private_server({ name: 'rest-limits', env: {
		FOYER_PASSWORD_SLOTS: '1',
		FOYER_REQUESTS_PER_SECOND: '1', FOYER_REQUESTS_BURST: '30',
		FOYER_MESSAGES_PER_SECOND: '1', FOYER_MESSAGES_BURST: '4',
		FOYER_REGISTRATIONS_PER_HOUR: '3',
		FOYER_TAKEN_ANSWERS_PER_HOUR: '2',
		FOYER_SIGNIN_FAILURES_PER_ADDRESS: '5',
	} });
});
after(end_private_servers);

const account = () => {
	const login = a_login();
	return { login, email: `${login}@example.org`, password: PASSWORD };
};

const left = (reply) => Number(/r=(\d+)/.exec(reply.headers.get('ratelimit'))[1]);

describe('requests', () => {
	it('count down in RateLimit to 429 with Retry-After, per person', async () => {
		const [ann, bob] = [await actor(server), await actor(server)];
		const replies = [];
		while (replies.at(-1)?.status !== 429 && replies.length < 1000)
			replies.push(await ann.call('GET', '/rooms'));
		assert.equal(left(replies[0]), 29);
		replies.slice(1).forEach((reply, i) =>
			assert.ok(left(reply) >= left(replies[i]) - 1, 'one each'));
		const refused = replies.at(-1);
		assert.equal(refused.body.code, 'rate_limited');
		assert.equal(left(refused), 0);
		assert.ok(replies.length >= 31);
		assert.ok(Number(refused.headers.get('retry-after')) >= 1);
		assert.equal((await bob.call('GET', '/rooms')).status, 200);
	});

	it('of nobody count per address, IPv6 by /64', async () => {
		const ask = async (address) => (await new Client(server, { address }).call('GET',
			'/rooms')).status;
		const one = an_address();
		let status = 401;
		for (let i = 0; i < 1000 && status !== 429; i++)
			status = await ask(one);
		assert.equal(status, 429);
		assert.equal(await ask(an_address()), 401);
		status = 401;
		for (let i = 0; i < 1000 && status !== 429; i++)
			status = await ask(`2001:db8:1:2::${(i + 1).toString(16)}`);
		assert.equal(status, 429);
		assert.equal(await ask('2001:db8:1:3::1'), 401);
	});

	it('to health are not counted', async () => {
		const nobody = new Client(server);
		for (let i = 0; i < 60; i++)
			assert.equal((await nobody.call('GET', '/health')).status, 200);
	});
});

describe('messages', () => {
	it('above the rate are 429, and nothing of them is stored', async () => {
		const ann = await actor(server);
		const room = await ann.room();
		// together: a busy machine would be too slow for one after the other
		const replies = await Promise.all(Array.from({ length: 16 }, (_, i) =>
			ann.call('POST', `/rooms/${room.id}/messages`, { body: { text: `${i}` } })));
		const sent = replies.filter((r) => r.status === 201);
		const refused = replies.filter((r) => r.status === 429);
		assert.ok(sent.length >= 4);
		assert.ok(refused.length >= 1);
		assert.equal(sent.length + refused.length, 16);
		const { items } = await ann.get(`/rooms/${room.id}/messages`);
		assert.deepEqual(items.map((m) => m.id),
			sent.map((r) => r.body).sort((a, b) => a.seq - b.seq).map((m) => m.id));
	});
});

describe('registrations', () => {
	it('above the number an hour are 429, per address', async () => {
		const address = an_address();
		const from = new Client(server, { address });
		for (let i = 0; i < 3; i++)
			await from.want(201, 'POST', '/auth/register', { body: account() });
		const refused = await from.refused(429, 'rate_limited', 'POST', '/auth/register', {
			body: account(),
		});
		assert.ok(Number(refused.headers.get('retry-after')) > 1);
		await new Client(server).want(201, 'POST', '/auth/register', { body: account() });
	});

	it('that answer "taken" are limited further: nobody can try everybody\'s address', async () => {
		const known = account();
		await new Client(server).want(201, 'POST', '/auth/register', { body: known });
		const from = new Client(server);
		const said = [];
		for (let i = 0; i < 3; i++)
			said.push((await from.call('POST', '/auth/register', {
				body: { ...account(), email: known.email },
			})).status);
		assert.deepEqual(said, [409, 409, 429]);
		await from.refused(429, 'rate_limited', 'POST', '/auth/register', { body: account() });
	});
});

describe('failed sign-ins', () => {
	it('for many accounts from one address block that address', async () => {
		const from = new Client(server);
		const said = [];
		for (let i = 0; i < 6; i++)
			said.push((await from.call('POST', '/auth/login', {
				body: { login: a_login(), password: 'not this one, no' },
			})).status);
		assert.deepEqual(said, [...Array(5).fill(401), 429]);
	});
});

describe('hashing at once', () => {
	// every Debian has perl; node has no file locks
	async function slots_taken(run) {
		const holder = spawn('perl', ['-e', `
			use Fcntl qw(:DEFAULT :flock :seek);
			sysopen(my $f, $ARGV[0], O_RDWR) or die $!;
			my $all = pack('s s x![q] q q i x![q]', F_WRLCK, SEEK_SET, 0, 0, 0);
			fcntl($f, F_SETLK, $all) or die $!;
			$| = 1; print "held\\n"; <STDIN>;`, path.join(server.state, 'run/hashing.slots')],
		{ stdio: ['pipe', 'pipe', 'inherit'] });
		const [said] = await new Promise((resolve, reject) => {
			holder.stdout.once('data', (b) => resolve([b.toString()]));
			holder.once('exit', () => reject(new Error('no lock')));
		});
		assert.equal(said, 'held\n');
		try {
			await run();
		} finally {
			const gone = new Promise((resolve) => holder.once('exit', resolve));
			holder.stdin.end();
			await gone;
		}
	}

	it('is bounded: 503 with Retry-After, for known and unknown alike, and no worker waits for long', async () => {
		const ann = await actor(server);
		const nobody = () => new Client(server);
		const right = { login: ann.login, password: PASSWORD };
		await slots_taken(async () => {
			for (const [name, body] of [
				['/auth/login', right],
				['/auth/login', { ...right, password: 'not this one, no' }],
				['/auth/login', { ...right, login: a_login() }],
				['/auth/register', account()]])
				await nobody().refused(503, 'unavailable', 'POST', name, { body });
			await ann.get('/auth/validate');
		});
		await nobody().want(200, 'POST', '/auth/login', { body: right });
	});
});
