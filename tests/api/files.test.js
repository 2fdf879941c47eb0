// Files: uploading, how they are described, who may read them, how they are sent, and how they
// are removed.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { fetched as fetched_from, file_part, form, sha256, upload } from '../lib/files.js';
import { png, wav, webp_size } from '../lib/pictures.js';
import { Raw, request } from '../lib/raw.js';
import { actor, Client, sign_in, UUID } from '../lib/rest.js';
import { end_private_servers, private_server, shared, shared_settings } from '../lib/server.js';
import { until } from '../lib/wait.js';

let server, ann, bob, nobody;

before(async () => {
	server = await shared();
	[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(server, n)));
	nobody = new Client(server);
});

after(end_private_servers);

const place_of = (hex) => path.join(server.state, 'files', hex.slice(0, 2), hex.slice(2));
const fetched = (url, options) => fetched_from(server, url, options);
const status_of = async (url, options) => (await fetched(url, options)).status;

// Makes a sweep due and waits until it has run.
async function swept(name) {
	const file = path.join(server.state, 'run', `sweep.${name}`);
	await until(() => fs.existsSync(file) || status_of(`/avatars/${randomUUID()}`) && false, file);
	execFileSync('flock', [file, 'touch', '-d', '@0', file]);
	await until(async () => {
		await status_of(`/avatars/${randomUUID()}`);
		const is_done = () => fs.statSync(file).mtimeMs > Date.now() - 3600e3;
		if (!is_done())
			return false;
		execFileSync('flock', [file, 'true']);
		return is_done();
	}, `${name} swept`);
}

// Posts a message with the file in the room.
const link = (who, room, file) => who.want(201, 'POST', `/rooms/${room.id}/messages`, {
	body: { kind: 'file', data: { file_id: file.id } },
});
const unlink = (who, message) => who.want(204, 'DELETE', `/messages/${message.id}`);

describe('an upload', () => {
	it('is told by what it is, not by what its sender says', async () => {
		// one in seventy bodies of random bytes would start like a program
		const body = Buffer.concat([Buffer.from('of no kind\0'), randomBytes(989)]);
		const reply = await ann.call('POST', '/files', form([file_part('cat.png', body)]));
		const f = reply.body;
		assert.equal(reply.status, 201);
		assert.match(f.id, UUID);
		assert.equal(reply.headers.get('location'), `${server.prefix}/api/v1/files/${f.id}`);
		assert.deepEqual([f.name, f.size, f.mime], ['cat.png', 1000, 'application/octet-stream']);
		assert.equal(f.sha256, sha256(body));
		assert.deepEqual([f.thumb_url, f.width, f.height, f.duration], [null, null, null, null]);
		assert.equal((await upload(ann, 'x.exe', '<!doctype html><script>1</script>')).mime, 'text/html');
		assert.equal((await upload(ann, 'x.txt', wav(2))).mime, 'audio/wav');
	});

	it('may be the body itself, called by ?name=', async () => {
		const f = await ann.want(201, 'POST', '/files?name=notes.txt', {
			body: 'hello', type: 'text/plain' });
		assert.deepEqual([f.name, f.size, f.mime], ['notes.txt', 5, 'text/plain']);
		assert.equal((await ann.want(201, 'POST', '/files', { body: '{}' })).name, 'file');
	});

	it('is stored once by content, under a name that tells nothing, and has an id of its own', async () => {
		const body = randomBytes(5000);
		const all = await Promise.all([ann, bob, ann, bob].map((who) => upload(who, 'same', body)));
		assert.equal(new Set(all.map((f) => f.id)).size, 4);
		const place = place_of(all[0].sha256);
		assert.deepEqual(fs.readFileSync(place), body);
		assert.equal(fs.statSync(place).mode & 0o777, 0o600);
		assert.equal(fs.statSync(path.dirname(place)).mode & 0o777, 0o700);
		assert.equal(await server.sql(`SELECT count(*) FROM blobs WHERE sha256 = '\\x${all[0].sha256}'`), '1');
	});

	it('has a name without folders, control characters and direction overrides', async () => {
		for (const [sent, kept] of [
			['../../etc/passwd', 'passwd'], ['C:\\Users\\me\\a.txt', 'a.txt'],
			['a\u202egnp.exe', 'agnp.exe'], ['a\u0001\u200bb.txt', 'ab.txt'],
			['..', 'file'], ['', 'file'], ['  a.txt. ', 'a.txt'], ['кот 🐈.jpg', 'кот 🐈.jpg'],
			['a%22b%0D%0Ac.txt', 'a"bc.txt'], ['q\\"q.txt', 'q"q.txt'],
			[`${'x'.repeat(900)}.tar`, `${'x'.repeat(251)}.tar`],
		])
			assert.equal((await upload(ann, sent, 'x')).name, kept, JSON.stringify(sent));
		const latin = Buffer.concat([Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="'),
			Buffer.from([0xe9]), Buffer.from('.txt"\r\n\r\nx\r\n--b--')]);
		const f = await ann.want(201, 'POST', '/files', { body: latin, type: 'multipart/form-data; boundary=b' });
		assert.equal(f.name, '\ufffd.txt');
	});

	it('may be empty in a form', async () => {
		const f = await upload(ann, 'empty', '');
		assert.equal(f.size, 0);
		assert.equal((await fetched(f.url)).body.length, 0);
	});

	it('is refused without a file, with two, or with something else', async () => {
		const refused = async (parts, fields) => {
			const reply = await ann.refused(422, 'invalid', 'POST', '/files', form(parts));
			assert.deepEqual(reply.fields, fields);
		};
		await refused([['Content-Disposition: form-data; name="text"', 'hi']], ['file', 'text']);
		await refused([file_part('a', 'a'), file_part('b', 'b')], ['file']);
		await refused([file_part('a', 'a'), ['Content-Disposition: form-data; name="x"', '']], ['x']);
		for (const size of [100, 200000]) {
			const photo = ['Content-Disposition: form-data; name="photo"; filename="a.png"', Buffer.alloc(size)];
			await refused([photo], ['photo']);
			await refused([file_part('a', 'a'), photo], ['photo']);
		}
		await ann.refused(422, 'invalid', 'POST', '/files', { body: '', type: 'image/png' });
		assert.equal((await nobody.call('POST', '/files', { body: 'x' })).status, 401);
	});

	it('is refused when its form is broken', async () => {
		const good = form([file_part('a', 'hello')]);
		const broken = [
			{ ...good, type: 'multipart/form-data' },
			{ ...good, type: 'multipart/form-data; boundary=other' },
			form([file_part('a', 'hello')], { end: '' }),
			form([file_part('a', 'hello')], { end: 'more' }),
			form([['Content-Disposition: attachment', 'x']]),
			form([[`X: ${'y'.repeat(20000)}`, 'x']]),
			{ ...good, body: good.body.subarray(0, 60) },
			{ ...good, body: Buffer.alloc(0) },
		];
		for (const options of broken)
			await ann.refused(400, 'malformed', 'POST', '/files', options);
		await ann.want(201, 'POST', '/files', { ...good, body: Buffer.concat([Buffer.from('preamble\r\n'), good.body, Buffer.from('epilogue')]) });
	});

	it('with an Idempotency-Key is made once, however many come at once', async () => {
		const headers = { 'Idempotency-Key': randomUUID() };
		const body = png(40, 30);
		const send = (name, bytes = body) => ann.call('POST', `/files?name=${name}`, {
			body: bytes, type: 'image/png', headers,
		});
		const replies = await Promise.all([1, 2, 3, 4].map(() => send('a.png')));
		assert.deepEqual(replies.map((r) => r.status), [201, 201, 201, 201]);
		assert.equal(new Set(replies.map((r) => r.body.id)).size, 1);
		for (const other of [await send('b.png'), await send('a.png', png(41, 30))])
			assert.deepEqual([other.status, other.body.code], [422, 'idempotency_mismatch']);
		const theirs = await bob.call('POST', '/files?name=a.png', { body, type: 'image/png', headers });
		assert.equal(theirs.status, 201);
		assert.notEqual(theirs.body.id, replies[0].body.id);
	});

	it('may come as slowly as it wants', async () => {
		const { type, body } = form([file_part('slow.txt', 'byte by byte\r\n--b0unda')]);
		let at = 0;
		const stream = new ReadableStream({
			pull(controller) {
				if (at === body.length)
					controller.close();
				else
					controller.enqueue(body.subarray(at, ++at));
			},
		});
		const reply = await fetch(`${server.api}/files`, { method: 'POST', body: stream, duplex: 'half',
			headers: { Authorization: `Bearer ${ann.token}`, 'Content-Type': type } });
		assert.equal(reply.status, 201);
		assert.equal((await reply.json()).size, 'byte by byte\r\n--b0unda'.length);
	});
});

describe('a file may be read', () => {
	it('by whoever uploaded it and by nobody else, until a message carries it', async () => {
		const f = await upload(ann, 'a.txt', 'for my eyes');
		assert.equal(await status_of(`/files/${f.id}`, { who: ann }), 200);
		assert.equal(await status_of(`/files/${f.id}`, { who: bob }), 404);
		assert.equal(await status_of(`/files/${f.id}`), 401);
		assert.equal(await status_of(`/files/${randomUUID()}`, { who: ann }), 404);
		assert.equal(await status_of(`/files/${f.id}?variant=thumb`, { who: ann }), 404);

		const room = await ann.room();
		const message = await link(ann, room, f);
		assert.equal(await status_of(`/files/${f.id}`, { who: bob }), 404);
		await bob.join(room.id);
		assert.equal(await status_of(`/files/${f.id}`, { who: bob }), 200);
		await ann.ban(room.id, bob.id);
		assert.equal(await status_of(`/files/${f.id}`, { who: bob }), 404);
		await ann.ban(room.id, bob.id, false);
		assert.equal(await status_of(`/files/${f.id}`, { who: bob }), 200);
		await unlink(ann, message);
		assert.equal(await status_of(`/files/${f.id}`, { who: bob }), 404);
	});

	it('by members who joined later only if the room shows earlier messages', async () => {
		const late = await actor(server, 'late');
		const f = await upload(ann, 'a.txt', 'early');
		const room = await ann.room();
		await ann.want(200, 'PUT', `/rooms/${room.id}`, { body: { settings: { history: 'since_join' } } });
		await link(ann, room, f);
		await late.join(room.id);
		assert.equal(await status_of(`/files/${f.id}`, { who: late }), 404);
		await link(ann, room, f);
		assert.equal(await status_of(`/files/${f.id}`, { who: late }), 200);
	});

	it('by its signed address without a token, and by no altered address', async () => {
		const f = await upload(ann, 'a.txt', 'hello');
		const other = await upload(ann, 'b.txt', 'hello');
		assert.equal((await fetched(f.url)).body.toString(), 'hello');
		for (const changed of [
			f.url.replace(f.id, other.id),
			f.url.replace(/until=(\d+)/, (_, n) => `until=${Number(n) + 3600}`),
			f.url.replace(ann.id, bob.id),
			f.url.replace(/signature=./, (s) => (s.endsWith('A') ? 'signature=B' : 'signature=A')),
			f.url.replace(/key=[^&]+/, 'key=nokey'),
			f.url.replace(/&key=[^&]+/, ''),
			f.url.replace(/until=\d+/, 'until=1'),
			`${f.url}&variant=thumb`,
		])
			assert.equal(await status_of(changed), 404, changed);
	});

	it('by a signed address only as long as the person it was made for may', async () => {
		const room = await ann.room();
		const [f, g] = [await upload(ann, 'a.txt', 'ours'), await upload(ann, 'b.txt', 'ours too')];
		const [message, other] = [await link(ann, room, f), await link(ann, room, g)];
		await bob.join(room.id);
		const url = async (m) => (await bob.get(`/messages/${m.id}`)).data.url;
		const [first, second] = [await url(message), await url(other)];
		assert.equal(await status_of(first), 200);
		await unlink(ann, message);
		assert.equal(await status_of(first), 404);
		assert.equal(await status_of(second), 200);
		await bob.want(204, 'POST', `/rooms/${room.id}/leave`);
		assert.equal(await status_of(second), 404);
	});

	it('by an API token, in the room that it is bound to', async () => {
		const cal = await actor(server, 'cal');
		const [room, other] = [await cal.room(), await cal.room()];
		const [here, there, loose] = await Promise.all(['here', 'there', 'loose']
			.map((name) => upload(cal, name, name)));
		await link(cal, room, here);
		await link(cal, other, there);
		const script = async (scopes, room_id) => Object.assign(new Client(server, {
			token: (await cal.want(201, 'POST', '/auth/tokens', { body: { name: 'x', scopes, room_id } })).secret,
		}));
		const free = await script(['read', 'post']), bound = await script(['read', 'post'], room.id);
		const writer = await script(['post']);
		const statuses = (who) => Promise.all([here, there, loose].map((f) => status_of(`/files/${f.id}`, { who })));
		assert.deepEqual(await statuses(free), [200, 200, 200]);
		assert.deepEqual(await statuses(bound), [200, 404, 404]);
		assert.deepEqual(await statuses(writer), [403, 403, 403]);
		await writer.refused(403, 'forbidden', 'GET', `/files/${here.id}`);

		const mine = await upload(bound, 'mine', 'by a script');
		assert.equal(await status_of(mine.url), 404, 'no message of the room carries it yet');
		await link(bound, room, mine);
		assert.equal(await status_of(mine.url), 200);
		assert.equal(await status_of((await upload(writer, 'x', 'x')).url), 404, 'it may not read');
		const theirs = await upload(free, 'x', 'x');
		assert.equal(await status_of(theirs.url), 200);
		await server.sql(`UPDATE users SET disabled_at = now() WHERE id = '${cal.id}'`);
		assert.equal(await status_of(theirs.url), 404);
	});

	it('by a signed address as long as its session lives and its person may', async () => {
		const cat = await actor(server, 'cat');
		const device = await sign_in(server, cat);
		const f = await upload(device, 'a.txt', 'mine');
		assert.equal(await status_of(f.url), 200);
		await device.want(204, 'POST', '/auth/logout');
		assert.equal(await status_of(f.url), 404);
		assert.equal(await status_of(`/files/${f.id}`, { who: cat }), 200);
	});
});

describe('a download', () => {
	const body = Buffer.from('0123456789'.repeat(20000));
	let f;

	before(async () => {
		f = await upload(ann, 'ten %22%%22 кот.txt', body);
	});

	const part = (range, headers = {}) => fetched(f.url, { headers: { Range: range, ...headers } });

	it('says what it is and that nothing in it runs', async () => {
		const { headers } = await fetched(f.url);
		assert.equal(headers.get('content-security-policy'), 'default-src \'none\'; sandbox');
		assert.equal(headers.get('x-content-type-options'), 'nosniff');
		assert.equal(headers.get('content-type'), 'text/plain');
		assert.equal(headers.get('content-length'), String(body.length));
		assert.match(headers.get('cache-control'), /^private/);
		assert.equal(headers.get('accept-ranges'), 'bytes');
		assert.equal(headers.get('content-disposition'),
			'attachment; filename="ten ___ ___.txt"; filename*=UTF-8\'\'ten%20%22%25%22%20%D0%BA%D0%BE%D1%82.txt');
	});

	it('is shown in place only where that is safe', async () => {
		const shown = await upload(ann, 'a.png', png(2, 2));
		assert.match((await fetched(shown.url)).headers.get('content-disposition'), /^inline;/);
		for (const text of ['<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', '<html><body>', '%PDF-1.4'])
			assert.match((await fetched((await upload(ann, 'a.png', text)).url))
				.headers.get('content-disposition'), /^attachment;/);
	});

	it('gives parts', async () => {
		const { status, headers, body: got } = await part('bytes=5-14');
		assert.equal(status, 206);
		assert.equal(headers.get('content-range'), `bytes 5-14/${body.length}`);
		assert.equal(headers.get('content-length'), '10');
		assert.equal(got.toString(), '5678901234');
		assert.equal((await part('bytes=-3')).body.toString(), '789');
		assert.deepEqual((await part('bytes=100000-')).body, body.subarray(100000));
		assert.deepEqual((await part(`bytes=0-${body.length * 2}`)).body, body);
	});

	it('is whole unless a single range is requested, and 416 for a range outside', async () => {
		for (const range of ['bytes=1-2,4-5', 'lines=1-2', 'bytes=5-1', 'bytes=x-1', 'bytes=']) {
			const reply = await part(range);
			assert.equal(reply.status, 200, range);
			assert.equal(reply.body.length, body.length, range);
		}
		for (const range of [`bytes=${body.length}-`, 'bytes=-0']) {
			const reply = await part(range);
			assert.equal(reply.status, 416, range);
			assert.equal(reply.headers.get('content-range'), `bytes */${body.length}`);
		}
	});

	it('gives a part only of an unchanged file', async () => {
		const { headers } = await fetched(f.url);
		assert.equal((await part('bytes=0-1', { 'If-Range': headers.get('etag') })).status, 206);
		assert.equal((await part('bytes=0-1', { 'If-Range': '"other"' })).status, 200);
		const again = await fetched(f.url, { headers: { 'If-None-Match': headers.get('etag') } });
		assert.equal(again.status, 304);
		assert.equal(again.body.length, 0);
	});

	it('was last modified when it was uploaded, whoever stores the same content later', async () => {
		const since = (date) => status_of(f.url, { headers: { 'If-Modified-Since': date } });
		fs.utimesSync(place_of(f.sha256), 1, 1);
		const changed = (await fetched(f.url)).headers.get('last-modified');
		assert.ok(Date.now() - Date.parse(changed) < 600e3, changed);
		assert.equal(await since(changed), 304);
		assert.equal(await since('Thu, 01 Jan 1970 00:00:01 GMT'), 200);
		assert.equal(await since('yesterday'), 200);
		const both = { 'If-None-Match': '"other"', 'If-Modified-Since': changed };
		assert.equal(await status_of(f.url, { headers: both }), 200, 'the ETag says more');
	});

	it('has a head without a body', async () => {
		const head = await fetched(f.url, { method: 'HEAD' });
		assert.equal(head.status, 200);
		assert.equal(head.headers.get('content-length'), String(body.length));
		assert.equal(head.body.length, 0);
		const part_of_head = await fetched(f.url, { method: 'HEAD', headers: { Range: 'bytes=0-1' } });
		assert.equal(part_of_head.status, 200, 'ranges are for GET');
	});

	it('has its security headers on every answer, refusals too', async () => {
		const { headers } = await fetched(f.url);
		for (const [status, options, url = f.url] of [
			[200, {}], [200, { method: 'HEAD' }], [206, { headers: { Range: 'bytes=1-2' } }],
			[304, { headers: { 'If-None-Match': headers.get('etag') } }],
			[416, { headers: { Range: 'bytes=999999999-' } }], [404, {}, `${f.url}x`],
			[401, {}, `/files/${f.id}`], [404, {}, `/avatars/${randomUUID()}`],
		]) {
			const reply = await fetched(url, options);
			assert.equal(reply.status, status, url);
			assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
			assert.equal(reply.headers.get('content-security-policy'), 'default-src \'none\'; sandbox');
			if (status < 400)
				assert.match(reply.headers.get('content-disposition'), /^attachment; filename="/);
		}
	});

	it('has the same headers whether the web server sends it or we do', async () => {
		const other = await private_server({ name: 'nosendfile', env: { ...shared_settings(), FOYER_SENDFILE: 'none' } });
		const dan = await actor(other, 'dan');
		const g = await upload(dan, 'ten %22%%22 кот.txt', body);
		const names = ['content-type', 'content-length', 'content-disposition', 'cache-control', 'etag',
			'accept-ranges', 'content-security-policy', 'x-content-type-options', 'referrer-policy',
			'cross-origin-resource-policy', 'x-sendfile', 'content-range', 'content-encoding'];
		for (const options of [{}, { method: 'HEAD' }, { headers: { Range: 'bytes=3-7' } },
			{ headers: { Range: 'bytes=1-2,4-5' } }, { headers: { Range: 'bytes=999999999-' } },
			{ headers: { 'If-Modified-Since': new Date(Date.now() + 9e9).toUTCString() } },
			{ headers: { Range: 'bytes=0-1', 'If-Range': '"x"' } }]) {
			const theirs = await fetched(f.url, options);
			const ours = await fetch(other.origin + g.url, options);
			assert.equal(ours.status, theirs.status);
			assert.equal(ours.headers.has('last-modified'), theirs.headers.has('last-modified'));
			assert.deepEqual(names.map((n) => ours.headers.get(n)), names.map((n) => theirs.headers.get(n)));
			if (ours.status < 400)
				assert.deepEqual(Buffer.from(await ours.arrayBuffer()), theirs.body);
		}
	});
});

describe('limits', () => {
	it('of one file and of a person hold, however many come at once', async () => {
		const small = await private_server({ name: 'quota',
			env: { FOYER_MAX_FILE_BYTES: '10000', FOYER_QUOTA_BYTES: '50000' } });
		const eve = await actor(small, 'eve');
		assert.equal((await eve.get('/status')).limits.max_file_bytes, 10000);
		await eve.refused(413, 'too_large', 'POST', '/files', form([file_part('a', Buffer.alloc(10001))]));
		await eve.refused(413, 'too_large', 'POST', '/files', { body: Buffer.alloc(10001), type: 'x/y' });
		const all = await Promise.all(Array.from({ length: 12 }, () =>
			eve.call('POST', '/files', form([file_part('a', randomBytes(10000))]))));
		assert.equal(all.filter((r) => r.status === 201).length, 5);
		for (const reply of all.filter((r) => r.status !== 201)) {
			assert.equal(reply.status, 413);
			assert.equal(reply.body.code, 'quota_exceeded');
		}
		const kept = await small.sql('SELECT count(*) FROM blobs');
		assert.equal(kept, '5');
		await upload(await actor(small, 'fay'), 'a', 'another person');
		assert.deepEqual(fs.readdirSync(path.join(small.state, 'files/tmp')), []);
	});

	it('are known before anything is sent', async () => {
		const head = (length) => request(`POST ${server.prefix}/api/v1/files HTTP/1.1`, ['Host: x',
			`Authorization: Bearer ${ann.token}`, `Content-Length: ${length}`, 'Content-Type: a/b']);
		const large = new Raw(server.port).send(head(27 * 1024 * 1024));
		await large.find(/^HTTP\/1\.1 413 /);
		large.end();
		// and an upload that is cut off leaves nothing
		const cut = new Raw(server.port).send(head(1000000), Buffer.alloc(500000));
		cut.socket.end();
		await cut.ended();
		await upload(ann, 'a', 'after it');
		assert.deepEqual(fs.readdirSync(path.join(server.state, 'files/tmp')), []);
	});

	it('of memory: a worker grows no more by a large file than by a small one', async () => {
		const one = await private_server({ name: 'memory', env: { REST: 'fastcgi' } });
		const gus = await actor(one, 'gus');
		const pids = () => one.workers('files');
		const peak = () => Math.max(...pids().map((pid) =>
			Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1])));
		for (let i = 0; i < 8; i++)
			await upload(gus, 'small', randomBytes(1000));
		const before_kib = peak();
		const f = await upload(gus, 'large', randomBytes(25 * 1024 * 1024));
		assert.equal(f.size, 25 * 1024 * 1024);
		assert.ok(peak() - before_kib <= 4096, `${before_kib} KiB, then ${peak()} KiB`);
	});
});

describe('an avatar', () => {
	it('is public, small and for ever', async () => {
		const f = await upload(ann, 'me.png', png(1000, 1000));
		const id = await server.sql(`SELECT make_avatar('${f.id}', '${ann.id}')`);
		const { status, headers, body } = await fetched(`/avatars/${id}`);
		assert.equal(status, 200);
		assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable');
		assert.equal(headers.get('content-type'), 'image/webp');
		assert.deepEqual(webp_size(body), [480, 480]);
		assert.equal(await status_of(`/avatars/${randomUUID()}`), 404);
		assert.equal(await status_of(`/avatars/${f.id}`), 404);
		assert.equal(await server.sql(`SELECT make_avatar('${f.id}', '${bob.id}') IS NULL`), 't');
		const text = await upload(ann, 'me.txt', 'me');
		assert.equal(await server.sql(`SELECT make_avatar('${text.id}', '${ann.id}') IS NULL`), 't');
	});
});

describe('the sweep', () => {
	const run = () => swept('files');
	const age = (f) => server.sql(`UPDATE files SET unused_since = unused_since - interval '25 h'
		WHERE id = '${f.id}'`);
	const row = (f) => server.sql(`SELECT count(*) FROM files WHERE id = '${f.id}'`);
	const stored = (f) => fs.existsSync(place_of(f.sha256));

	it('removes what no message has carried for a day, and leaves the rest', async () => {
		const [old, fresh, used, gone, twice] = await Promise.all(['old', 'fresh', 'used', 'gone', 'twice']
			.map((name) => upload(ann, name, randomBytes(100))));
		const room = await ann.room();
		await link(ann, room, used);
		const message = await link(ann, room, gone);
		await link(ann, room, twice);
		const second = await link(ann, room, twice);
		for (const m of [message, second])
			await unlink(ann, m);
		for (const f of [old, used, gone, twice])
			await age(f);
		await run();
		assert.deepEqual(await Promise.all([old, fresh, used, gone, twice].map(row)), ['0', '1', '1', '0', '1']);
		assert.deepEqual([old, fresh, used, gone, twice].map(stored), [false, true, true, false, true]);
	});

	it('frees the key of what it removes', async () => {
		const headers = { 'Idempotency-Key': randomUUID() };
		const send = async (body) => (await ann.call('POST', '/files', { body, headers, type: 'text/plain' })).body;
		const { id } = await send('one');
		await server.sql(`UPDATE files SET unused_since = now() - interval '2 days' WHERE id = '${id}'`);
		await swept('files');
		assert.match((await send('another')).id, UUID);
		assert.equal(await server.sql(`SELECT count(*) FROM idempotency_keys WHERE thing_id = '${id}'`), '0');
	});

	it('keeps a content that another upload or an avatar still has', async () => {
		const body = png(20, 20, { chunks: [] });
		const unique = Buffer.concat([body, randomBytes(8)]);
		const first = await upload(ann, 'a', unique), second = await upload(bob, 'b', unique);
		await age(first);
		await run();
		assert.equal(stored(second), true);
		const id = await server.sql(`SELECT make_avatar('${second.id}', '${bob.id}')`);
		await server.sql(`UPDATE users SET avatar = '${id}' WHERE id = '${bob.id}'`);
		await age(second);
		await run();
		assert.equal(await row(second), '0');
		assert.equal(await status_of(`/avatars/${id}`), 200);
		await server.sql(`UPDATE users SET avatar = NULL WHERE id = '${bob.id}'`);
		await server.sql(`UPDATE avatars SET replaced_at = replaced_at - interval '25 h' WHERE id = '${id}'`);
		await run();
		assert.equal(await status_of(`/avatars/${id}`), 404);
		assert.equal(stored(second), false);
		assert.equal(fs.existsSync(`${place_of(second.sha256)}-thumb`), false);
	});

	it('never removes the file of content that is uploaded again meanwhile', async () => {
		const body = randomBytes(2000);
		for (let i = 0; i < 8; i++) {
			const f = await upload(ann, 'again', body);
			await age(f);
			const [, again] = await Promise.all([run(), upload(bob, 'again', body)]);
			assert.deepEqual((await fetched(again.url)).body, body);
			await age(again);
		}
	});

	it('finds what was left without a row, and what killed uploads left', async () => {
		const hex = randomBytes(32).toString('hex');
		const f = await upload(ann, 'kept', randomBytes(100));
		const temporary = path.join(server.state, 'files/tmp', randomUUID());
		fs.mkdirSync(path.dirname(place_of(hex)), { recursive: true, mode: 0o700 });
		for (const name of [place_of(hex), `${place_of(hex)}-thumb`, temporary])
			fs.writeFileSync(name, 'left');
		// owned by the server's user, whoever runs the tests
		const { uid, gid } = fs.statSync(path.join(server.state, 'files'));
		for (const name of [path.dirname(place_of(hex)), place_of(hex), `${place_of(hex)}-thumb`, temporary])
			fs.chownSync(name, uid, gid);
		for (const name of [place_of(hex), temporary, place_of(f.sha256)])
			fs.utimesSync(name, 1, 1);
		const young = path.join(server.state, 'files/tmp', randomUUID());
		fs.writeFileSync(young, 'under way');
		await swept('file_orphans');
		assert.deepEqual([place_of(hex), `${place_of(hex)}-thumb`, temporary, place_of(f.sha256), young]
			.map((name) => fs.existsSync(name)), [false, false, false, true, true]);
		fs.unlinkSync(young);
	});
});
