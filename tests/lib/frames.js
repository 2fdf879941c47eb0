// frames.js -- checks the frames of a live connection against docs/asyncapi.json.
//
// The document is printed from the tables that route and validate frames (a unit test fails
// when it is stale), so it says what a client may rely on. Each frame that a test receives must
// be one of its messages, without undocumented members.

import assert from 'node:assert/strict';
import fs from 'node:fs';

import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const file = new URL('../../docs/asyncapi.json', import.meta.url);

export class Frames {
	#ajv = new Ajv({ strict: true, strictTypes: false, allErrors: true,
		allowUnionTypes: true });
	#checks = new Map();

	constructor(document) {
		const { schemas, messages } = JSON.parse(JSON.stringify(document.components)
			.replaceAll('"#/components/schemas/', '"document#/$defs/'));

		this.document = document;
		formats.default(this.#ajv);
		this.#ajv.addSchema({ $id: 'document', $defs: schemas });
		for (const [name, { payload }] of Object.entries(messages))
			this.#checks.set(name, this.#ajv.compile(payload));
	}

	#check(name, frame) {
		const check = this.#checks.get(name);

		assert.ok(check, `there is no frame ${name}: ${JSON.stringify(frame)}`);
		if (check(frame))
			return;
		const wrong = check.errors.map((e) =>
			`${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`);
		assert.fail(`${name}: ${wrong.join('; ')}: ${JSON.stringify(frame)}`);
	}

	check_heard(frame) {
		this.#check(`server.${frame.type}`, frame);
	}

	check_said(frame) {
		this.#check(`client.${frame.type}`, frame);
	}
}

export const document = JSON.parse(fs.readFileSync(file, 'utf8'));
export const frames = new Frames(document);
