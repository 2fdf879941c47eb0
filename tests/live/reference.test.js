// The AsyncAPI document itself: the published validator accepts it, it means what it says, and
// the suites would notice a frame that it does not describe.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { afterEach, before, describe, it } from 'node:test';

import { Parser } from '@asyncapi/parser';

import { document, Frames, frames } from '../lib/frames.js';
import { end_all, live } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { until } from '../lib/wait.js';

let server, ann, room;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
	room = await ann.room();
});
afterEach(end_all);

const parser = new Parser();

// A later version of AsyncAPI is not the document's fault.
async function complaints(about) {
	const { diagnostics } = await parser.parse(JSON.stringify(about));
	return diagnostics.filter((d) => d.code !== 'asyncapi-latest-version')
		.map((d) => `${d.code} ${d.path.join('.')}: ${d.message}`);
}

describe('the document', () => {
	it('has nothing that the validator complains about', async () =>
		assert.deepEqual(await complaints(document), []));

	it('is complained about once something is wrong with it', async () => {
		const broken = structuredClone(document);
		delete broken.channels.all.messages['server.ack'];
		assert.match((await complaints(broken)).join('\n'), /server\.ack/);
	});

	it('says of every frame what it is, and what answers it', () => {
		for (const [name, message] of Object.entries(document.components.messages)) {
			assert.ok(message.description.length > 10, name);
			assert.ok(message.payload, name);
			if (name.startsWith('client.'))
				assert.ok(document.operations[name].reply.messages.length > 0, name);
		}
	});

	it('describes what a connection is closed with', () => {
		for (const code of [1001, 4400, 4401, 4403, 4404, 4408, 4409, 4429])
			assert.ok(document['x-close-codes'][code], code);
	});
});

describe('what is said by the document is taken by the server', () => {
	it('every frame of a client, whatever becomes of it', async () => {
		const known = Object.keys(document.components.messages)
			.filter((name) => name.startsWith('client.')).map((name) => name.slice(7));
		const a = await live(server, { token: ann.token });
		for (const type of known) {
			const from = a.frames.length;
			a.send({ type, ref: type });
			await a.settled();
			for (const error of a.frames.slice(from).filter((f) => f.type === 'error'))
				assert.equal(error.errors?.some((e) => e.field === 'type') ?? false, false,
					type);
		}
	});
});

describe('docs/live.md', () => {
	const page = fs.readFileSync(new URL('../../docs/live.md', import.meta.url), 'utf8');
	const example = (language) => page.split('```' + language + '\n')[1].split('```')[0];
	const environment = () => ({ ...process.env, api: server.api, T: ann.token, R: room.id });

	// Collects the output until everything awaited is in it.
	async function prints(child, wanted) {
		let said = '';

		child.stdout.on('data', (data) => (said += data));
		child.stderr.on('data', (data) => (said += data));
		try {
			await until(() => wanted.every((w) => said.includes(w)), wanted.join(' and '));
		} catch (e) {
			assert.fail(`${e.message}: ${said}`);
		} finally {
			child.kill();
		}
	}

	it('has a small client that runs', async () => {
		const child = spawn('/usr/bin/python3', ['-c', example('python'), 'hello', 'from', 'Python'],
			{ env: environment() });
		await prints(child, [`${ann.login}: hello from Python`]);
	});

	it('has a line for the shell that runs', async () => {
		const child = spawn('sh', ['-c', `exec ${example('sh')}`], { env: environment() });
		child.stdin.write('{"type":"ping","ref":"typed"}\n');
		await prints(child, ['"ready"', '"joined"', '"pong"']);
	});

	it('names every frame and every code', () => {
		for (const [name] of Object.entries(document.components.messages))
			assert.ok(page.includes(`#### \`${name.replace(/^.*?\./, '')}\``), name);
		for (const code of Object.keys(document['x-close-codes']))
			assert.ok(page.includes(`| ${code} |`), code);
	});
});

// What the suites rely on: each of these frames is wrong in one way, and must be refused.
describe('a frame is held against the document, and fails', () => {
	let ready, joined, heard;

	const fails = (frame) =>
		assert.throws(() => frames.check_heard(frame), assert.AssertionError);

	before(async () => {
		const a = await live(server, { token: ann.token });
		ready = a.ready;
		joined = await a.join(room.id);
		const { id } = await a.message(room.id, 'hello');
		heard = await a.find((f) => f.type === 'message' && f.id === id, 'the message');
	});

	it('as it is, it passes', () => {
		for (const frame of [ready, joined, heard])
			frames.check_heard(frame);
	});
	it('of a type that is not there', () => fails({ type: 'surprise' }));
	it('without a type', () => fails({ room_id: room.id }));
	it('with a member too few', () => {
		const { epoch, ...less } = joined;
		assert.ok(epoch);
		fails(less);
	});
	it('with a member too many', () => fails({ ...joined, more: 1 }));
	it('with one too many further in', () =>
		fails({ ...ready, user: { ...ready.user, email: 'a@example.org' } }));
	it('with a text for a number', () => fails({ ...heard, seq: '7' }));
	it('with an id that is none', () => fails({ ...heard, room_id: 'hall' }));
	it('with null where there must be something', () => fails({ ...joined, room_id: null }));
	it('of the log, with a ref', () => fails({ ...heard, ref: 'r1' }));
	it('with what is its reader\'s alone', () => fails({ ...heard, status: 'sent' }));
	it('against a document that lacks its description', () => {
		const less = structuredClone(document);
		delete less.components.messages['server.message'];
		assert.throws(() => new Frames(less).check_heard(heard), assert.AssertionError);
	});
});
