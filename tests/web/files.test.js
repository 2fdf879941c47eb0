// Addresses of files, and what their names and types tell.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { duration_text, ending_of, fit, icon_of_file, kind_of_type }
	from '../../web/core/filetypes.js';
import { Files } from '../../web/core/files.js';
import { Words } from '../../web/core/words.js';
import { TABLES } from './tables.js';
import { FakeClock, settle } from './fake.js';

const HOUR = 3600 * 1000;

function world({ data = { file_id: 'f1', url: '/api/v1/files/f1' } } = {}) {
	const clock = new FakeClock();
	const asked = [];
	const reply = {};
	const api = {
		message: (id) => new Promise((resolve, reject) => {
			asked.push(id);
			Object.assign(reply, {
				ok: (until = clock.now() + HOUR) => resolve({ data: { file_id: 'f1',
					url: `/f1?until=${Math.round(until / 1000)}&n=${asked.length}`,
					thumb_url: null } }),
				gone: () => resolve({ data: null }),
				fail: reject,
			});
		}),
	};
	return { clock, asked, reply, files: new Files({ api, clock }),
		message: { id: 'm1', data } };
}

test('an address from history is used until it is about to end', async () => {
	const { clock, asked, reply, files, message } = world();
	const until = Math.round((clock.now() + HOUR) / 1000);
	const signed = { ...message, data: { file_id: 'f1', url: `/f1?until=${until}` } };

	assert.equal((await files.address(signed)).url, signed.data.url);
	assert.deepEqual(asked, []);
	await clock.run(HOUR - 30000);
	assert.equal(files.known(signed), null);
	const anew = files.address(signed);
	reply.ok();
	assert.match((await anew).url, /n=1$/);
});

test('what came live is asked for once, whoever wants it, and remembered', async () => {
	const { clock, asked, reply, files, message } = world();

	assert.equal(files.known(message), null);
	const both = Promise.all([files.address(message), files.address(message)]);
	reply.ok();
	const [one, other] = await both;
	assert.equal(one.url, other.url);
	assert.deepEqual(asked, ['m1']);
	assert.equal(files.known(message).url, one.url);
	await clock.run(HOUR);
	assert.equal(files.known(message), null);
});

test('a refused address is asked for anew, and a wrong clock does no harm', async () => {
	const { clock, asked, reply, files, message } = world();

	const first = files.address(message);
	reply.ok(clock.now() - 5 * HOUR); // the client's clock is hours ahead
	await first;
	assert.ok(files.known(message), 'it was made just now');
	const second = files.renew(message);
	reply.ok();
	assert.match((await second).url, /n=2$/);
	assert.equal(asked.length, 2);
});

test('a message that was deleted meanwhile has no file, and a failure is not kept', async () => {
	const { reply, files, message } = world();

	const gone = files.address(message);
	reply.gone();
	await assert.rejects(gone, { code: 'not_found' });
	const failed = files.address(message);
	reply.fail(new Error('offline'));
	await assert.rejects(failed);
	const good = files.address(message);
	reply.ok();
	assert.ok((await good).url);
});

test('an answer for somebody who has left is not kept for the next one', async () => {
	const { reply, files, message } = world();

	const theirs = files.address(message);
	files.clear();
	reply.ok();
	await theirs;
	await settle();
	assert.equal(files.known(message), null);
});

test('a file is what its type says, and where that says little, its name', () => {
	for (const [mime, kind] of [['image/png', 'image'], ['image/svg+xml', 'file'],
		['video/mp4', 'video'], ['video/x-matroska', 'file'], ['audio/ogg', 'audio'],
		['audio/flac', 'file'], ['', 'file'], [undefined, 'file']])
		assert.equal(kind_of_type(mime), kind, mime);
	for (const [mime, name, wanted] of [['application/pdf', 'x', 'document'],
		['application/octet-stream', 'a.tar.gz', 'archive'], ['text/plain', 'a', 'text'],
		['application/octet-stream', 'photo.HEIC', 'image'], [null, null, 'file']])
		assert.equal(icon_of_file({ mime, name }), wanted, name);
	assert.deepEqual(['a.tar.GZ', 'noending', 'x.', '.bashrc', 'a.verylong'].map(ending_of),
		['gz', '', '', '', '']);
});

test('a picture keeps its proportions, is never enlarged, and never becomes a line', () => {
	const most = { width: 320, height: 320, least: 48 };

	assert.deepEqual(fit(4000, 3000, most), { width: 320, height: 240 });
	assert.deepEqual(fit(3000, 4000, most), { width: 240, height: 320 });
	assert.deepEqual(fit(100, 60, most), { width: 100, height: 60 });
	assert.deepEqual(fit(10000, 10, most), { width: 320, height: 48 });
	assert.deepEqual(fit(1, 1, most), { width: 48, height: 48 });
});

test('sizes and lengths read as people write them', () => {
	assert.deepEqual([0, 59.6, 187, 3729].map(duration_text),
		['0:00', '1:00', '3:07', '1:02:09']);
	const [english, russian] = [new Words(TABLES.en), new Words(TABLES.ru)];
	assert.deepEqual([0, 1, 1500, 25 * 1024 ** 2, 1.5 * 1024 ** 3].map((n) => english.size(n)),
		['0 bytes', '1 byte', '1.5 kB', '25 MB', '1.5 GB']);
	assert.match(russian.size(25 * 1024 ** 2), /^25\sМБ$/u);
});
