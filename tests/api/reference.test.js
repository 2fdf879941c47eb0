// The OpenAPI document itself: a linter accepts it, it means what it says, and the suites would
// notice an answer that it does not describe.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { createConfig, lintFromString } from '@redocly/openapi-core';

import { Reference, reference_of } from '../lib/reference.js';
import { actor, Client } from '../lib/rest.js';
import { shared } from '../lib/server.js';

let server, document, reference;

before(async () => {
	server = await shared();
	document = await new Client(server).get('/openapi.json');
	reference = await reference_of(server);
});

const each_operation = () => Object.entries(document.paths).flatMap(([path, methods]) =>
	Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));

describe('the document', () => {
	it('has nothing that a strict linter complains about', async () => {
		const config = await createConfig({
			extends: ['recommended-strict'],
			rules: {
				'operation-tag-defined': 'error',
				'operation-operationId-unique': 'error',
				'path-parameters-defined': 'error',
				'tag-description': 'error',
				'no-invalid-schema-examples': 'error',
				'spec-strict-refs': 'off', // allows references to headers
			},
		});
		const said = await lintFromString({
			source: JSON.stringify(document, null, 1), absoluteRef: '/openapi.json', config,
		});
		assert.deepEqual(said.map((p) => `${p.ruleId}: ${p.location[0].pointer}: ${p.message}`),
			[]);
	});

	it('is complained about once something is wrong with it', async () => {
		const broken = structuredClone(document);
		delete broken.paths['/rooms/{id}'].get.parameters;
		broken.paths['/rooms'].get.operationId = broken.paths['/rooms'].post.operationId;
		const said = await lintFromString({
			source: JSON.stringify(broken), absoluteRef: '/openapi.json',
			config: await createConfig({ extends: ['recommended-strict'] }),
		});
		const rules = new Set(said.map((p) => p.ruleId));
		assert.ok(rules.has('operation-operationId-unique'));
		assert.ok(rules.has('path-parameters-defined'));
	});

	it('leads from its server to its paths', async () => {
		const { pathname } = new URL(document.servers[0].url, server.origin);
		assert.equal(pathname, `${server.prefix}/api/v1`);
		const reply = await fetch(`${server.origin}${pathname}/health/live`);
		assert.deepEqual(await reply.json(), { status: 'ok' });
	});

	it('says of every operation who may call it, and what it answers', () => {
		for (const { path, method, operation } of each_operation()) {
			const where = `${method} ${path}`;
			assert.ok(Array.isArray(operation.security), where);
			assert.ok(Object.keys(operation.responses).some((s) => s < 300), where);
			assert.ok(operation.summary, where);
			assert.ok(document.tags.some(({ name }) => name === operation.tags[0]), where);
		}
	});

	it('describes objects whole: nothing else is in them', () => {
		for (const [name, schema] of Object.entries(document.components.schemas))
			if (!schema.oneOf)
				assert.equal(schema.additionalProperties, false, name);
	});
});

// What the suites rely on: each of these answers is wrong in one way, and must be refused.
describe('an answer is held against the document, and fails', () => {
	let ann, good;

	const answer = ({ status = 200, type = 'application/json', body = good.body, headers = {} }) =>
		({
			status, body, text: JSON.stringify(body),
			headers: new Headers({
				'Content-Type': type, 'X-Request-Id': 'x', ETag: '"x"', ...headers,
			}),
		});
	const fails = (what, method = 'GET', path = `/rooms/${good.body.id}`) =>
		assert.throws(() => reference.check(method, path, answer(what)), assert.AssertionError);

	before(async () => {
		ann = await actor(server, 'ann');
		const room = await ann.room();
		good = await ann.call('GET', `/rooms/${room.id}`);
	});

	it('as it is, it passes', () =>
		reference.check('GET', `/rooms/${good.body.id}`, answer({})));
	it('with a member too few', () => {
		const { epoch, ...less } = good.body;
		assert.ok(epoch);
		fails({ body: less });
	});
	it('with a member too many', () => fails({ body: { ...good.body, more: 1 } }));
	it('with one too many further in', () =>
		fails({ body: { ...good.body, me: { ...good.body.me, more: 1 } } }));
	it('with null where there must be something', () =>
		fails({ body: { ...good.body, kind: null } }));
	it('with a number for a text', () => fails({ body: { ...good.body, name: 7 } }));
	it('with a time that is none', () =>
		fails({ body: { ...good.body, created_at: 'yesterday' } }));
	it('with a word that is not on the list', () =>
		fails({ body: { ...good.body, kind: 'club' } }));
	it('with another type', () => fails({ type: 'text/plain' }));
	it('with a status that is not listed', () => fails({ status: 202 }));
	it('with a body where there is none', () => fails({ status: 204 }, 'DELETE'));
	it('without a header that is promised', () => {
		const reply = answer({});
		reply.headers.delete('ETag');
		assert.throws(() => reference.check('GET', `/rooms/${good.body.id}`, reply));
	});
	it('at a path that is not listed', () => fails({}, 'GET', '/nowhere'));
	it('by a method that is not listed', () =>
		fails({}, 'DELETE', `/rooms/${good.body.id}/log`));
	it('with an event that lacks its number', () => {
		const { items } = { items: [{ type: 'deleted', room_id: good.body.id }] };
		assert.throws(() => reference.check_named('Event', items[0]));
	});
});

it('a path with a slash at its end, another name or other letters is the same path', () => {
	const one = new Reference(document);
	const id = '0B1E6C2E-6B0D-4F0E-9B1E-0123456789AB';

	assert.deepEqual(one.patterns(`/rooms/${id}/`), ['/rooms/{id}']);
	assert.deepEqual(one.patterns(`/chats/${id}?x=1`), ['/rooms/{id}']);
	assert.deepEqual(one.patterns('/rooms/create'), ['/rooms/create']);
	assert.deepEqual(one.patterns('/rooms/nobody'), []);
	assert.deepEqual(one.patterns('/rooms/%'), []);
});
