// Images and sounds: what is found in them, what is removed from them, and that they do no
// harm.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { fetched as fetched_from, file_part, form, sha256, upload } from '../lib/files.js';
import * as pictures from '../lib/pictures.js';
import { gif, jpeg, PLACE, png, png_exif, wav, webp_size } from '../lib/pictures.js';
import { actor } from '../lib/rest.js';
import { end_private_servers, private_server, shared } from '../lib/server.js';

let server, ann;

before(async () => {
	server = await shared();
	ann = await actor(server, 'ann');
});
after(end_private_servers);

const fetched = (url) => fetched_from(server, url);

describe('an image', () => {
	it('has a size and a small form that fits in 480 pixels', async () => {
		for (const [name, body, size, thumb] of [
			['a.png', png(1200, 600), [1200, 600], [480, 240]],
			['b.png', png(30, 3000), [30, 3000], [5, 480]],
			['c.jpg', jpeg(), [64, 32], [64, 32]],
			['d.gif', gif(), [1, 1], [1, 1]],
		]) {
			const f = await upload(ann, name, body);
			assert.deepEqual([f.width, f.height], size, name);
			assert.equal(f.sha256, sha256(body), name);
			const small = await fetched(f.thumb_url);
			assert.equal(small.status, 200);
			assert.equal(small.headers.get('content-type'), 'image/webp');
			assert.deepEqual(webp_size(small.body), thumb, name);
			// and our own thumbnail can be read again
			const again = await upload(ann, 'e.webp', small.body);
			assert.deepEqual([again.mime, again.width, again.height], ['image/webp', ...thumb]);
			assert.ok(again.thumb_url);
		}
	});

	it('is turned as its camera was held', async () => {
		for (let orientation = 1; orientation <= 8; orientation++) {
			const f = await upload(ann, 'turned.jpg', jpeg({ orientation }));
			const size = orientation >= 5 ? [32, 64] : [64, 32];
			assert.deepEqual([f.width, f.height], size);
			assert.deepEqual(webp_size((await fetched(f.thumb_url)).body), size);
		}
	});

	it('loses the place where it was made, and nothing else', async () => {
		const sent = jpeg({ orientation: 6, place: true });
		const f = await upload(ann, 'home.jpg', sent);
		const kept = (await fetched(f.url)).body;
		assert.ok(sent.includes(PLACE));
		assert.ok(!kept.includes(PLACE));
		assert.equal(f.sha256, sha256(kept));
		assert.equal(f.size, kept.length);
		assert.deepEqual([f.width, f.height], [32, 64], 'it is still turned');
		const scan = sent.subarray(sent.lastIndexOf(Buffer.from([0xff, 0xdb])));
		assert.ok(kept.includes(scan), 'the pixels are the same bytes');
		assert.deepEqual((await upload(ann, 'again.jpg', kept)).sha256, f.sha256);

		const flat = png(40, 20, { chunks: [png_exif(6, true)] });
		const g = await upload(ann, 'home.png', flat);
		assert.deepEqual([g.width, g.height], [20, 40]);
		assert.ok(!(await fetched(g.url)).body.includes(PLACE));
	});

	it('loses it in whatever form it is written there', async () => {
		const { webp_with_place, jpeg_with, heif } = pictures;
		const small = (await fetched((await upload(ann, 'a.png', png(40, 20))).thumb_url)).body;
		const mpf = Buffer.from('\xff\xd8Exif\0\0' + PLACE, 'latin1');
		for (const [mime, body] of [
			['image/jpeg', jpeg_with([pictures.jpeg_xmp()])],
			['image/jpeg', jpeg_with([pictures.jpeg_iptc()])],
			['image/jpeg', jpeg_with([pictures.jpeg_bad_exif()])],
			['image/jpeg', jpeg_with([], mpf)],
			['image/jpeg', jpeg_with([], Buffer.from(`\xa9xyz${PLACE}`, 'latin1'))],
			['image/png', png(4, 4, { chunks: [pictures.png_xmp()] })],
			['image/png', png(4, 4, { chunks: [pictures.png_raw_profile()] })],
			['image/webp', webp_with_place(small, [40, 20], 6)],
			['image/avif', heif('avif')],
			['image/heic', heif('heic')],
			['image/tiff', pictures.tiff()],
			['image/gif', Buffer.concat([gif(), Buffer.from(pictures.XMP)])],
		]) {
			assert.ok(body.includes(PLACE));
			const f = await upload(ann, 'home', body);
			const kept = (await fetched(f.url)).body;
			assert.equal(f.mime, mime);
			assert.ok(!kept.includes(PLACE), `${mime}: ${kept.toString('latin1')}`);
			assert.deepEqual([f.size, f.sha256], [kept.length, sha256(kept)]);
			if (mime === 'image/webp')
				assert.deepEqual([f.width, f.height], [20, 40], 'it is still turned');
			assert.equal((await upload(ann, 'again', kept)).sha256, f.sha256, 'and then it stays');
		}
	});

	it('stays as it is if it contains no place', async () => {
		for (const body of [jpeg({ orientation: 3 }), png(10, 10, { chunks: [png_exif(3, false)] })])
			assert.equal((await upload(ann, 'x', body)).sha256, sha256(body));
	});

	it('is not decoded above 50 megapixels, whatever it really holds', async () => {
		for (const body of [png(60000, 60000, { pixels: false }), png(12000, 12000)]) {
			const f = await upload(ann, 'bomb.png', body);
			assert.equal(f.mime, 'image/png');
			assert.equal(f.thumb_url, null);
			assert.equal(f.width, body.readUInt32BE(16));
		}
	});

	it('that is broken is a file like any other', async () => {
		for (const body of [png(100, 100).subarray(0, 60), png(100, 100, { pixels: false }),
			jpeg().subarray(0, 200), gif().subarray(0, 20)]) {
			const f = await upload(ann, 'broken', body);
			assert.equal(f.size, body.length);
			assert.match(f.mime, /^image\//);
			assert.deepEqual((await fetched(f.url)).body, body);
		}
	});

});

describe('a sound or a video', () => {
	it('is told how long it is', async () => {
		const { flac, mp3, mp4, opus, vorbis, webm } = pictures;
		for (const [mime, duration, body] of [
			['audio/wav', 3, wav(3)], ['audio/wav', null, wav(3).subarray(0, 30)],
			['audio/mpeg', 4.989, mp3(5)], ['audio/flac', 2.5, flac(2.5)],
			['audio/ogg', 7, opus(7)], ['audio/ogg', 9, vorbis(9)],
			['video/mp4', 12, mp4(12, ['soun', 'vide'])], ['audio/mp4', 13, mp4(13, ['soun'])],
			['audio/mp4', 4, mp4(4, ['soun'], 'M4A ')], ['video/mp4', null, mp4(0, ['vide'])],
			['video/webm', 3.25, webm(3.25, ['V_VP9', 'A_OPUS'])],
			['audio/webm', 1.5, webm(1.5, ['A_OPUS'])], ['audio/webm', null, webm(0, ['A_OPUS'])],
		]) {
			const f = await upload(ann, 'sound', body);
			assert.deepEqual([f.mime, f.duration], [mime, duration]);
			assert.match((await fetched(f.url)).headers.get('content-disposition'), mime === 'audio/flac' ? /^attachment/ : /^inline/);
		}
	});

	it('that is broken anywhere is a file like any other', async () => {
		const { flac, mp3, mp4, opus, webm } = pictures;
		for (const body of [flac(1), mp3(1), mp4(1, ['soun']), opus(1), webm(1, ['A_OPUS'])])
			for (let len = 12; len < Math.min(body.length, 300); len += 37)
				assert.equal((await upload(ann, 'cut', body.subarray(0, len))).size, len);
	});
});

describe('looking at images', () => {
	// A server whose foyer-image is this script.
	async function server_with(script) {
		const built = path.resolve(process.env.BUILD ?? 'build', process.env.VARIANT ?? 'asan');
		const folder = fs.mkdtempSync(path.join(process.env.TEST_TMP ?? os.tmpdir(), 'foyer-broken-'));
		const bin = path.join(folder, path.basename(built));
		fs.chmodSync(folder, 0o755);
		fs.mkdirSync(bin);
		for (const name of fs.readdirSync(built).filter((n) => /\.f?cgi$|^foyer-/.test(n)))
			fs.copyFileSync(path.join(built, name), path.join(bin, name));
		fs.writeFileSync(path.join(bin, 'foyer-image'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
		return private_server({ name: 'broken', env: { BUILD: folder, FOYER_IMAGE_TIMEOUT_S: '5' } });
	}
	// What foyer-image reports first: 64 by 32, no duration, neither a thumbnail nor a
	// copy.
	const TELL = "printf '\\100\\0\\0\\0\\040\\0\\0\\0\\377\\377\\377\\377\\377\\377\\377\\377\\0\\0\\0\\0\\0\\0\\0\\0'";
	let broken, eve;

	before(async () => {
		broken = await server_with(`case $1 in
			image/png) ${TELL}; kill -SEGV $$ ;;
			image/gif) ${TELL}; exec sleep 1000 ;;
			image/tiff) printf short ;;
			image/heic) exec sleep 1000 ;;
			*) kill -ABRT $$ ;;
			esac`);
		eve = await actor(broken, 'eve');
	});

	const nothing_is_left = () => assert.deepEqual(fs.readdirSync(path.join(broken.state, 'files/tmp')), []);

	it('may crash or hang in a decoder: the image has no thumbnail then', async () => {
		for (const [body, logged] of [[png(9, 9), /image\.killed .*signal=11/], [gif(), /image\.killed .*signal=9/]]) {
			const f = await upload(eve, 'a', body);
			assert.deepEqual([f.width, f.height, f.thumb_url, f.size], [64, 32, null, body.length]);
			assert.deepEqual((await fetched_from(broken, f.url)).body, body);
			assert.match(broken.log('rest.log'), logged);
			nothing_is_left();
		}
		assert.equal((await upload(eve, 'b.txt', 'after it')).mime, 'text/plain');
	});

	it('without any report refuses the image, since its place might be kept', async () => {
		for (const body of [jpeg(), pictures.tiff(), pictures.heif('heic')]) {
			const reply = await eve.refused(503, 'unavailable', 'POST', '/files', form([file_part('a', body)]));
			assert.match(reply.headers.get('retry-after'), /^\d+$/);
			nothing_is_left();
		}
		assert.equal((await upload(eve, 'a.wav', wav(1))).duration, null);
	});
});
