// The address that a request counts for: the peer's, or what a trusted proxy reports, and never
// what anybody can write into a header.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { a_login, actor, an_address, Client, PASSWORD } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server, shared } from '../lib/server.js';

const WRONG = 'not this one, no';
let server, ann;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
});
after(end_private_servers);

// The address that a sign-in with these headers records.
async function noted(headers, where = server, who = ann) {
	const client = new Client(where);
	const pair = await client.want(200, 'POST', '/auth/login', {
		body: { login: who.login, password: PASSWORD },
		headers,
	});
	const { items } = await client.get('/auth/sessions', { token: pair.access_token });
	return items.find((s) => s.current).address;
}

const forwarded = (value) => ({ 'X-Forwarded-For': value });

describe('behind a trusted proxy', () => {
	const cases = [
		['one address', '203.0.113.7', '203.0.113.7'],
		['several: the rightmost', '192.0.2.66, 198.51.100.4, 203.0.113.7', '203.0.113.7'],
		['several, the last of them proxies of ours', '192.0.2.66, 203.0.113.7, 127.0.0.5, ::1',
			'203.0.113.7'],
		['nothing but proxies of ours: the leftmost', '127.0.0.9, 127.0.0.5', '127.0.0.9'],
		['IPv6', '2001:db8::7', '2001:db8::7'],
		['IPv6, written at length', '2001:0DB8:0000:0000:0000:0000:0000:0007', '2001:db8::7'],
		['IPv6 in brackets with a port', '[2001:db8::7]:443', '2001:db8::7'],
		['IPv4 with a port', '203.0.113.7:5060', '203.0.113.7'],
		['IPv4 as IPv6', '::ffff:203.0.113.7', '203.0.113.7'],
		['spaces and tabs', ' \t203.0.113.7 \t', '203.0.113.7'],
		['rubbish: the peer', 'nonsense', '127.0.0.1'],
		['rubbish at the right end: the peer', '203.0.113.7, nonsense', '127.0.0.1'],
		['rubbish to the left of an address', 'nonsense, 203.0.113.7', '203.0.113.7'],
		['rubbish beyond a proxy of ours: that proxy', '203.0.113.7, x, 127.0.0.5', '127.0.0.5'],
		['nothing', '', '127.0.0.1'],
		['empty entries', ', ,,', '127.0.0.1'],
		['an empty entry at the end', '203.0.113.7,', '127.0.0.1'],
		['a Unix socket, so it says', 'unix', '127.0.0.1'],
		['a number that is no address', '3405803783', '127.0.0.1'],
		['an address of 300', '203.0.113.300', '127.0.0.1'],
		['a zone', 'fe80::1%lo', '127.0.0.1'],
		['SQL', '\'; DROP TABLE sessions; --', '127.0.0.1'],
		['four hundred of them', `${'192.0.2.66, '.repeat(400)}203.0.113.7`, '203.0.113.7'],
	];
	for (const [name, value, address] of cases)
		it(`${name}`, async () => {
			assert.equal(await noted(forwarded(value)), address);
		});

	it('no other header says anything', async () => {
		const headers = { ...forwarded('203.0.113.7') };
		for (const name of ['Forwarded', 'X-Real-IP', 'Client-IP', 'X-Client-IP', 'True-Client-IP',
			'CF-Connecting-IP', 'X-Forwarded', 'Remote-Addr', 'X_Forwarded_For'])
			headers[name] = name === 'Forwarded' ? 'for=192.0.2.66' : '192.0.2.66';
		assert.equal(await noted(headers), '203.0.113.7');
	});

	// Ten failures block an account for an address: do these count as one address?
	async function are_one(addresses) {
		const bob = await actor(server);
		const said = [];
		for (let i = 0; i < 11; i++)
			said.push((await new Client(server).call('POST', '/auth/login', {
				body: { login: bob.login, password: WRONG },
				headers: forwarded(addresses[i % addresses.length]),
			})).status);
		return said.at(-1) === 429;
	}

	it('two addresses of one /64 count as one, of two they do not', async () => {
		const net = `2001:db8:${Math.floor(Math.random() * 65536).toString(16)}`;
		assert.equal(await are_one([`${net}:7::1`, `${net}:7:ffff:1:2:3`]), true);
		assert.equal(await are_one([`${net}:8::1`, `${net}:9::1`]), false);
	});

	it('an IPv4 address counts as itself however it is written', async () => {
		const address = an_address();
		assert.equal(await are_one([address, `::ffff:${address}`, `${address}:99`,
			`192.0.2.1, ${address}`]), true);
	});
});

describe('from a peer that is not trusted', () => {
	let plain, bob;

	before(async () => {
		plain = await private_server({
			name: 'untrusted',
			env: { ...LOOSE, FOYER_TRUSTED_PROXIES: '10.0.0.0/8' },
		});
		bob = await actor(plain, 'bob');
	});

	it('the header is ignored', async () => {
		for (const value of ['203.0.113.7', '10.1.2.3', '203.0.113.7, 10.1.2.3', 'nonsense'])
			assert.equal(await noted(forwarded(value), plain, bob), '127.0.0.1');
	});

	it('a new one for each try buys nothing', async () => {
		const name = a_login();
		const said = [];
		for (let i = 0; i < 11; i++)
			said.push((await new Client(plain).call('POST', '/auth/login', {
				body: { login: name, password: WRONG },
				headers: forwarded(an_address()),
			})).status);
		assert.deepEqual(said, [...Array(10).fill(401), 429]);
	});
});

describe('behind a chain of proxies', () => {
	it('each proxy vouches for the entry that it added, and no more', async () => {
		const chain = await private_server({
			name: 'chain',
			env: { ...LOOSE, FOYER_TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8,2001:db8:aa::/48' },
		});
		const bob = await actor(chain, 'bob');
		for (const [value, address] of [
			['198.51.100.1, 10.1.2.3', '198.51.100.1'],
			['198.51.100.1, 10.1.2.3, 2001:db8:aa:1::9', '198.51.100.1'],
			['10.9.9.9, 198.51.100.1, 10.1.2.3', '198.51.100.1'],
			['198.51.100.1, 192.168.0.1', '192.168.0.1'],
			['198.51.100.1, 2001:db8:ab::9', '2001:db8:ab::9'],
			['198.51.100.1, 127.0.0.2', '127.0.0.2'],
		])
			assert.equal(await noted(forwarded(value), chain, bob), address, value);
	});
});
