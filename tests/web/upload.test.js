// Uploading one file: progress, cancelling, giving up, and renewing its token once.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../../web/core/api.js';
import { Uploads } from '../../web/core/upload.js';
import { FakeClock, settle } from './fake.js';

class FakeRequest {
	static all = [];
	upload = {};
	headers = {};
	status = 0;
	responseText = '';

	constructor() {
		FakeRequest.all.push(this);
	}

	open(method, url) {
		Object.assign(this, { method, url });
	}

	setRequestHeader(name, value) {
		this.headers[name] = value;
	}

	send(body) {
		this.body = body;
	}

	abort() {
		this.is_aborted = true;
	}

	getResponseHeader(name) {
		return { 'content-type': 'application/json', 'retry-after': this.retry_after ?? null }[name];
	}

	answer(status, body, retry_after) {
		Object.assign(this, { status, responseText: JSON.stringify(body), retry_after });
		this.onload();
	}
}

function world() {
	const clock = new FakeClock();
	const refused = [];
	const session = {
		token: async () => 'old',
		refused: async (token, error) => {
			refused.push([token, error.code]);
			return 'new';
		},
	};
	const uploads = new Uploads({ base: 'http://foyer.test/api/v1', session, clock,
		XMLHttpRequest: FakeRequest });

	FakeRequest.all = [];
	return { clock, refused, uploads };
}

const a_file = { blob: new Blob(['contents']), name: 'a «b».txt', key: 'k1' };

test('a file goes up as a form, under its key, and its way is told', async () => {
	const { uploads } = world();
	const told = [];

	const done = uploads.send({ ...a_file, on_progress: (...bytes) => told.push(bytes) });
	await settle();
	const [request] = FakeRequest.all;
	assert.deepEqual([request.method, request.url, request.headers.Authorization,
		request.headers['Idempotency-Key']],
	['POST', 'http://foyer.test/api/v1/files', 'Bearer old', 'k1']);
	assert.equal(request.body.get('file').name, 'a «b».txt');
	request.upload.onprogress({ loaded: 4, total: 8 });
	request.answer(201, { id: 'f1' });
	assert.deepEqual(await done, { id: 'f1' });
	assert.deepEqual(told, [[4, 8]]);
});

test('a token that has run out is renewed, and the file sent again', async () => {
	const { uploads, refused } = world();

	const done = uploads.send(a_file);
	await settle();
	FakeRequest.all[0].answer(401, { code: 'token_expired' });
	await settle();
	assert.deepEqual(refused, [['old', 'token_expired']]);
	assert.equal(FakeRequest.all[1].headers.Authorization, 'Bearer new');
	FakeRequest.all[1].answer(201, { id: 'f1' });
	assert.equal((await done).id, 'f1');
});

test('a refusal is the server\'s word, with the time that it asks for', async () => {
	const { uploads } = world();

	const done = uploads.send(a_file);
	await settle();
	FakeRequest.all[0].answer(429, { code: 'rate_limited' }, '7');
	await assert.rejects(done, (error) => error instanceof ApiError && error.transient
		&& error.code === 'rate_limited' && error.retry_after === 7);
	const large = uploads.send(a_file);
	await settle();
	FakeRequest.all[1].answer(413, { code: 'too_large' });
	await assert.rejects(large, (error) => error.code === 'too_large' && !error.transient);
});

test('it may take as long as it likes, but not stand still', async () => {
	const { uploads, clock } = world();
	let error = null;

	uploads.send(a_file).catch((e) => {
		error = e;
	});
	await settle();
	for (let i = 0; i < 20; i++) {
		await clock.run(50000);
		FakeRequest.all[0].upload.onprogress({ loaded: i, total: 20 });
	}
	await settle();
	assert.equal(error, null);
	await clock.run(61000);
	assert.equal(error.code, 'offline');
	assert.equal(FakeRequest.all[0].is_aborted, true);
});

test('what is called back ends, before it began as well', async () => {
	const { uploads } = world();
	const abort = new AbortController();

	const done = uploads.send({ ...a_file, signal: abort.signal });
	await settle();
	abort.abort();
	await assert.rejects(done, { code: 'cancelled' });
	assert.equal(FakeRequest.all[0].is_aborted, true);
	await assert.rejects(uploads.send({ ...a_file, signal: abort.signal }),
		{ code: 'cancelled' });
	assert.equal(FakeRequest.all[1].body, undefined);
});
