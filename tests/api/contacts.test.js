// Contacts: a person's own list, seen by nobody else.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import { actor, Client, TIME } from '../lib/rest.js';
import { end_private_servers, private_server, shared } from '../lib/server.js';

let server, ann, bob;

before(async () => {
	server = await shared();
	[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(server, n)));
});

after(end_private_servers);

const keep = (who, body, headers) => who.want(201, 'POST', '/contacts', { body, headers });
const change = (who, id, body) => who.want(200, 'PUT', `/contacts/${id}`, { body });
const ids_of = (list) => list.items.map((c) => c.user.id);

async function whole_list(who, query = '', limit = 50) {
	const items = [];
	for (let next = ''; next !== null;) {
		const page = await who.get(`/contacts?limit=${limit}${query}${next && `&cursor=${next}`}`);
		items.push(...page.items);
		next = page.next;
	}
	return items;
}

describe('putting somebody into one\'s list', () => {
	it('by id answers the contact, 201, with its place', async () => {
		const who = await actor(server, 'keeper');
		const body = { user_id: bob.id, nickname: 'Bobby' };
		const reply = await who.call('POST', '/contacts', { body });
		assert.equal(reply.status, 201, reply.text);
		assert.deepEqual(Object.keys(reply.body), ['user', 'nickname', 'blocked', 'created_at']);
		assert.equal(reply.body.user.login, bob.login);
		assert.equal(reply.body.nickname, 'Bobby');
		assert.equal(reply.body.blocked, false);
		assert.match(reply.body.created_at, TIME);
		assert.ok(reply.headers.get('location').endsWith(`/contacts/${bob.id}`));
		assert.deepEqual(await who.get(`/contacts/${bob.id}`), reply.body);
		assert.deepEqual(await who.get('/contacts'), { items: [reply.body], next: null });
	});

	it('by login works without case, and under its other name', async () => {
		const who = await actor(server, 'keeper');
		assert.equal((await keep(who, { login: bob.login.toUpperCase() })).user.id, bob.id);
		assert.equal((await keep(who, { username: ann.login, blocked: true })).user.id, ann.id);
	});

	it('again keeps what is not named, changes what is, clears what is null', async () => {
		const who = await actor(server, 'keeper');
		const first = await keep(who, { user_id: bob.id, nickname: 'B', blocked: true });
		assert.deepEqual(await keep(who, { login: bob.login }), first);
		assert.deepEqual(await keep(who, { user_id: bob.id, blocked: false }), { ...first, blocked: false });
		assert.deepEqual(await keep(who, { user_id: bob.id, nickname: null, blocked: true }),
			{ ...first, nickname: null });
		assert.deepEqual(await keep(who, { user_id: bob.id, blocked: null }),
			{ ...first, nickname: null, blocked: false });
		assert.equal((await who.get('/contacts')).items.length, 1);
	});

	it('with a key is done once, and another request under it is 422', async () => {
		const who = await actor(server, 'keeper');
		const headers = { 'Idempotency-Key': randomUUID() };
		const body = { user_id: bob.id, nickname: 'first' };
		await keep(who, body, headers);
		await change(who, bob.id, { nickname: 'second' });
		assert.equal((await keep(who, body, headers)).nickname, 'second');
		await who.refused(422, 'idempotency_mismatch', 'POST', '/contacts', { body: { user_id: ann.id }, headers });
		await who.want(204, 'DELETE', `/contacts/${bob.id}`);
		assert.equal((await keep(who, body, headers)).nickname, 'first');
		await keep(ann, { user_id: bob.id }, headers);
	});

	it('of one who blocks me works like any other', async () => {
		const [who, other] = [await actor(server, 'blocker'), await actor(server, 'blocked')];
		await keep(who, { user_id: other.id, blocked: true });
		const contact = await keep(other, { user_id: who.id });
		assert.equal(contact.user.login, who.login);
		assert.equal(contact.blocked, false);
		assert.equal(contact.user.status, null);
	});

	const refused = [
		['nobody', {}, ['user_id']],
		['somebody by id and login', () => ({ user_id: bob.id, login: bob.login }), ['login']],
		['an id of nobody', { user_id: randomUUID() }, ['user_id']],
		['a login of nobody', { login: 'no_such_login_here' }, ['login']],
		['oneself', () => ({ user_id: ann.id }), ['user_id']],
		['oneself by login', () => ({ login: ann.login }), ['login']],
		['an id that is none', { user_id: 'x' }, ['user_id']],
		['an empty nickname', () => ({ user_id: bob.id, nickname: '' }), ['nickname']],
		['a nickname that nobody sees', () => ({ user_id: bob.id, nickname: '\t' }), ['nickname']],
		['a nickname of 65 letters', () => ({ user_id: bob.id, nickname: 'ж'.repeat(65) }), ['nickname']],
		['blocked as text', () => ({ user_id: bob.id, blocked: 'yes' }), ['blocked']],
		['a field that we do not know', () => ({ user_id: bob.id, muted: true }), ['muted']],
	];
	for (const [name, body, bad] of refused)
		it(`${name} is 422 and named`, async () => {
			const given = typeof body === 'function' ? body() : body;
			const reply = await ann.refused(422, 'invalid', 'POST', '/contacts', { body: given });
			assert.deepEqual(reply.fields, bad, reply.text);
		});

	it('ends where the list is full, which one already in it does not notice', async () => {
		const small = await private_server({ name: 'few-contacts', env: { FOYER_MAX_CONTACTS_PER_USER: '2' } });
		const who = await actor(small, 'full');
		const others = [];
		for (const name of ['b', 'c', 'd'])
			others.push(await actor(small, name));
		await keep(who, { user_id: others[0].id });
		await keep(who, { user_id: others[1].id, blocked: true });
		await who.refused(409, 'conflict', 'POST', '/contacts', { body: { user_id: others[2].id } });
		await keep(who, { user_id: others[1].id, blocked: false });
		await who.want(204, 'DELETE', `/contacts/${others[0].id}`);
		await keep(who, { user_id: others[2].id });
		assert.equal((await who.get('/status')).limits.max_contacts_per_user, 2);
	});
});

describe('a contact', () => {
	it('changes by what is named; absent keeps, null clears', async () => {
		const who = await actor(server, 'keeper');
		const first = await keep(who, { user_id: bob.id });
		assert.deepEqual(await change(who, bob.id, { nickname: 'Боб' }), { ...first, nickname: 'Боб' });
		assert.deepEqual(await change(who, bob.id, { blocked: true }), { ...first, nickname: 'Боб', blocked: true });
		assert.deepEqual(await change(who, bob.id, { nickname: null }), { ...first, blocked: true });
		assert.deepEqual(await change(who, bob.id, {}), { ...first, blocked: true });
		assert.deepEqual(await who.get(`/contacts/${bob.id}`), { ...first, blocked: true });
	});

	it('that is taken out is not there any more', async () => {
		const who = await actor(server, 'keeper');
		await keep(who, { user_id: bob.id });
		await who.want(204, 'DELETE', `/contacts/${bob.id}`);
		await who.refused(404, 'not_found', 'DELETE', `/contacts/${bob.id}`);
		await who.refused(404, 'not_found', 'GET', `/contacts/${bob.id}`);
		await who.refused(404, 'not_found', 'PUT', `/contacts/${bob.id}`, { body: { blocked: true } });
		assert.deepEqual(await who.get('/contacts'), { items: [], next: null });
	});

	it('is its owner\'s alone', async () => {
		const [who, other] = [await actor(server, 'keeper'), await actor(server, 'kept')];
		await keep(who, { user_id: other.id, nickname: 'secret' });
		await other.refused(404, 'not_found', 'GET', `/contacts/${who.id}`);
		await other.refused(404, 'not_found', 'PUT', `/contacts/${who.id}`, { body: { nickname: 'x' } });
		await other.refused(404, 'not_found', 'DELETE', `/contacts/${who.id}`);
		await other.refused(404, 'not_found', 'DELETE', `/contacts/${other.id}`);
		assert.deepEqual((await other.get('/contacts')).items, []);
		assert.ok(!(await other.get(`/users/${who.id}`)).nickname);
		assert.equal((await who.get(`/contacts/${other.id}`)).nickname, 'secret');
	});

	it('is not changed as long as the ETag holds', async () => {
		const who = await actor(server, 'keeper');
		await keep(who, { user_id: bob.id });
		for (const path of ['/contacts', `/contacts/${bob.id}`]) {
			const first = await who.call('GET', path);
			const headers = { 'If-None-Match': first.headers.get('etag') };
			assert.equal((await who.call('GET', path, { headers })).status, 304);
			await change(who, bob.id, { nickname: path });
			assert.equal((await who.call('GET', path, { headers })).status, 200);
		}
	});
});

describe('the list', () => {
	it('goes by nickname, else name, else login, without case, page by page', async () => {
		const who = await actor(server, 'lister');
		const people = await Promise.all(['e', 'a', 'd', 'b', 'c'].map((n) => actor(server, n)));
		await people[2].want(200, 'PUT', '/users/me', { body: { first_name: 'Bea', last_name: 'Ö' } });
		for (const one of people)
			await keep(who, { user_id: one.id });
		await change(who, people[0].id, { nickname: 'ÄAA' });
		await change(who, people[3].id, { nickname: 'aaA' });
		// aaA, a_…, Bea Ö, c_…, ÄAA
		const order = [3, 1, 2, 4, 0].map((i) => people[i].id);
		if (people[1].login < 'aaa')
			[order[0], order[1]] = [order[1], order[0]];
		for (const limit of [1, 2, 5, 50])
			assert.deepEqual((await whole_list(who, '', limit)).map((c) => c.user.id), order);
	});

	it('holds the blocked ones too, or only them, or none of them', async () => {
		const who = await actor(server, 'lister');
		await keep(who, { user_id: ann.id });
		await keep(who, { user_id: bob.id, blocked: true });
		assert.deepEqual(ids_of(await who.get('/contacts')).sort(), [ann.id, bob.id].sort());
		assert.deepEqual(ids_of(await who.get('/contacts?blocked=true')), [bob.id]);
		assert.deepEqual(ids_of(await who.get('/contacts?blocked=false')), [ann.id]);
	});

	const refused = [
		['a limit of 0', '?limit=0', ['limit']],
		['a cursor that is none', '?cursor=x', ['cursor']],
		['blocked that is neither', '?blocked=maybe', ['blocked']],
		['a parameter that we do not know', '?sort=age', ['sort']],
	];
	for (const [name, query, bad] of refused)
		it(`${name} is 422 and named`, async () => {
			const reply = await ann.refused(422, 'invalid', 'GET', `/contacts${query}`);
			assert.deepEqual(reply.fields, bad, reply.text);
		});
});

describe('who may', () => {
	it('nobody sees or changes anything without a token', async () => {
		const nobody = new Client(server);
		for (const [method, path] of [['GET', '/contacts'], ['POST', '/contacts'],
			['GET', `/contacts/${bob.id}`], ['PUT', `/contacts/${bob.id}`], ['DELETE', `/contacts/${bob.id}`]])
			assert.equal((await nobody.call(method, path)).status, 401, `${method} ${path}`);
	});

	it('another method is 405 and names those there are', async () => {
		const list = await ann.refused(405, 'method_not_allowed', 'DELETE', '/contacts');
		assert.ok(list.headers.get('allow').includes('POST'));
		const one = await ann.refused(405, 'method_not_allowed', 'POST', `/contacts/${bob.id}`);
		assert.ok(one.headers.get('allow').includes('PUT'));
	});
});
