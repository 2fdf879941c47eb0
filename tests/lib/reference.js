// reference.js -- checks answers against the OpenAPI document of the server that gave them.
//
// The document is made from the rows that route and validate, so it says what a client may rely
// on. Every answer that a test receives is looked up in it: path and method name an operation,
// the status a response, the type a schema; body and headers must be as described, with nothing
// undocumented.

import assert from 'node:assert/strict';

import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const ID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

// Does one segment of a path match one of a pattern?
function segment_matches(given, pattern) {
	if (!pattern.startsWith('{'))
		return given === pattern;
	return /[_{]id\}$/.test(pattern) ? ID.test(given) : given !== '';
}

// The segments as the server sees them: without query and trailing slash, aliases replaced.
// Undefined: not a valid path.
function segments_of(path) {
	let list;

	try {
		list = path.replace(/[?#].*/s, '').replace(/\/$/, '').split('/').slice(1)
			.map(decodeURIComponent);
	} catch {
		return undefined;
	}
	if (list[0] === 'chats')
		list[0] = 'rooms';
	return list;
}

export class Reference {
	#ajv = new Ajv({ strict: true, strictTypes: false, allErrors: true,
		allowUnionTypes: true });
	#checks = new Map();
	#paths;

	constructor(given) {
		const document = JSON.parse(JSON.stringify(given)
			.replaceAll('"#/components/schemas/', '"document#/$defs/'));

		this.document = document;
		formats.default(this.#ajv);
		this.#ajv.addSchema({ $id: 'document', $defs: document.components.schemas });
		// literal segments take precedence over parameters
		this.#paths = Object.keys(document.paths)
			.map((pattern) => ({ pattern, segments: pattern.split('/').slice(1) }))
			.sort((a, b) => a.pattern.split('{').length - b.pattern.split('{').length);
	}

	// The patterns that a path matches.
	patterns(path) {
		const given = segments_of(path);

		return this.#paths
			.filter(({ segments }) => given && segments.length === given.length
				&& segments.every((s, i) => segment_matches(given[i], s)))
			.map(({ pattern }) => pattern);
	}

	// The operation that describes a call, or undefined.
	operation(method, path) {
		const name = { HEAD: 'get', PATCH: 'put' }[method] ?? method.toLowerCase();

		for (const pattern of this.patterns(path)) {
			const operation = this.document.paths[pattern][name];
			if (operation)
				return operation;
		}
		return undefined;
	}

	#resolve(thing) {
		if (!thing?.$ref)
			return thing;
		return thing.$ref.split('/').slice(1).reduce((o, key) => o[key], this.document);
	}

	// What is wrong with a value, in words; '' if nothing.
	#against(schema, value) {
		if (!this.#checks.has(schema))
			this.#checks.set(schema, this.#ajv.compile(schema));
		const check = this.#checks.get(schema);
		if (check(value))
			return '';
		return check.errors.map((e) => `${e.instancePath || '/'} ${e.message} ${
			JSON.stringify(e.params)}`).join('; ');
	}

	// Checks a value against a schema by name, for events and frames, which have no path.
	check_named(name, value) {
		const wrong = this.#against(this.document.components.schemas[name], value);
		assert.equal(wrong, '', `${name}: ${wrong}: ${JSON.stringify(value)}`);
	}

	#check_headers(where, response, headers) {
		for (const [name, of] of Object.entries(response.headers ?? {})) {
			const header = this.#resolve(of);
			const value = headers.get(name);
			if (value === null)
				assert.ok(!header.required, `${where}: no ${name}`);
		}
	}

	#check_body(where, response, answer, method) {
		const given = (answer.headers.get('content-type') ?? '').split(';')[0].trim();
		const types = Object.keys(response.content ?? {});

		if (types.length === 0 || method === 'HEAD') {
			assert.equal(answer.text, '', `${where}: a body that is not documented`);
			return;
		}
		const type = types.includes(given) ? given : types.find((t) => t === '*/*');
		assert.ok(type, `${where}: ${given || 'no type'} instead of ${types}`);
		if (!/json/.test(type))
			return;
		const wrong = this.#against(response.content[type].schema, answer.body);
		assert.equal(wrong, '', `${where}: ${wrong}: ${answer.text.slice(0, 2000)}`);
	}

	// Checks the answer {status, headers, text, body} to a call.
	check(method, path, answer) {
		const where = `${method} ${path.replace(/\?.*/s, '')} ${answer.status}`;
		const found = this.operation(method, path);

		if (method === 'OPTIONS' && answer.status === 204)
			return;
		if (!found) {
			const expected = this.patterns(path).length > 0 ? [405, 400] : [404, 405, 400];
			assert.ok(expected.includes(answer.status), `${where}: is not documented`);
			if (method !== 'HEAD')
				this.check_named('Problem', answer.body);
			return;
		}
		const response = this.#resolve(found.responses[answer.status]);
		assert.ok(response, `${where}: this status is not documented: ${answer.text}`);
		this.#check_headers(where, response, answer.headers);
		this.#check_body(where, response, answer, method);
	}
}

const known = new Map();

// The reference of a server, read once. A server that counts its requests names another one to
// read it from.
export function reference_of(server) {
	const { api } = server.reference ?? server;

	if (!known.has(api)) {
		const read = fetch(`${api}/openapi.json`)
			.then((reply) => reply.json())
			.then((document) => new Reference(document));
		read.catch(() => known.delete(api));
		known.set(api, read);
	}
	return known.get(api);
}
