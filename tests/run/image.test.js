// foyer-image by itself: whatever is in a file, it exits cleanly and quickly, and never reports
// more than it found.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import * as pictures from '../lib/pictures.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IMAGE = path.resolve(ROOT, process.env.BUILD ?? 'build', process.env.VARIANT ?? 'asan', 'foyer-image');
const MADE_EACH = 24;

let folder;

before(() => {
	folder = fs.mkdtempSync(path.join(process.env.TEST_TMP ?? os.tmpdir(), 'image-'));
});
after(() => fs.rmSync(folder, { recursive: true }));

// What it reports of these bytes, and how it ended.
async function look(mime, bytes) {
	const names = ['source', 'thumb', 'copy'].map((name) => path.join(folder, name));

	fs.writeFileSync(names[0], bytes);
	const [source, thumb, copy] = names.map((name, i) => fs.openSync(name, i ? 'w+' : 'r'));
	const child = spawn(IMAGE, [mime], { env: {}, stdio: [source, 'pipe', 'pipe', thumb, copy] });
	const told = [], said = [];
	child.stdout.on('data', (b) => told.push(b));
	child.stderr.on('data', (b) => said.push(b));
	const [status, signal] = await new Promise((resolve) => child.on('close', (...end) => resolve(end)));
	const sizes = [thumb, copy].map((fd) => fs.fstatSync(fd).size);
	for (const fd of [source, thumb, copy])
		fs.closeSync(fd);
	const last = Buffer.concat(told).subarray(-24);
	return {
		status, signal, sizes, said: Buffer.concat(said).toString(),
		facts: last.length === 24 && {
			width: last.readInt32LE(0), height: last.readInt32LE(4),
			duration_ms: Number(last.readBigInt64LE(8)), has_thumb: last[16], has_copy: last[17],
		},
	};
}

function check(found, what) {
	const { status, signal, sizes, said, facts } = found;

	assert.deepEqual([status, signal, said], [0, null, ''], what);
	if (!facts)
		return;
	assert.ok(facts.width >= 0 && facts.height >= 0 && facts.duration_ms >= -1, what);
	assert.equal(facts.has_thumb === 1 && sizes[0] === 0, false, what);
	assert.equal(facts.has_copy === 1 && sizes[1] === 0, false, what);
}

// The same sequence every time, so that a failure can be repeated.
function random(seed) {
	let n = seed;
	return (below) => {
		n = (Math.imul(n, 1664525) + 1013904223) >>> 0;
		return Math.floor(n / 2 ** 32 * below);
	};
}

function broken(bytes, seed) {
	const next = random(seed), out = Buffer.from(bytes);

	for (let i = 0; i < 1 + seed % 8; i++)
		out[next(out.length)] = [0, 0xff, 0x7f, 0x80, next(256)][next(5)];
	return seed % 3 === 0 ? out.subarray(0, 1 + next(out.length)) : out;
}

const { gif, heif, jpeg, jpeg_with, png, png_exif, webp_with_place } = pictures;

async function samples() {
	fs.mkdirSync(folder, { recursive: true });
	await look('image/png', png(40, 20));
	const webp = fs.readFileSync(path.join(folder, 'thumb'));
	return [
		['image/jpeg', jpeg({ orientation: 6, place: true })],
		['image/jpeg', jpeg_with([pictures.jpeg_xmp(), pictures.jpeg_iptc()], 'Exif\0\0')],
		['image/png', png(40, 20, { chunks: [png_exif(6, true), pictures.png_xmp()] })],
		['image/gif', Buffer.concat([gif(), Buffer.from(pictures.XMP)])],
		['image/webp', webp], ['image/webp', webp_with_place(webp, [40, 20], 6)],
		['image/avif', heif('avif')], ['image/tiff', pictures.tiff()],
		['audio/wav', pictures.wav(0.05)], ['audio/mpeg', pictures.mp3(0.1)], ['audio/flac', pictures.flac(1)],
		['audio/ogg', pictures.opus(1)], ['audio/ogg', pictures.vorbis(1)],
		['video/mp4', pictures.mp4(1, ['soun', 'vide'])], ['video/webm', pictures.webm(1, ['V_VP8'])],
	];
}

describe('foyer-image', () => {
	it('tells what is in whole files', async () => {
		for (const [mime, bytes] of await samples()) {
			const found = await look(mime, bytes);
			check(found, mime);
			assert.ok(found.facts, mime);
			assert.ok(found.facts.width > 0 || found.facts.duration_ms >= 0 || found.facts.has_copy, mime);
		}
	});

	it('ends well, whatever was changed in them or cut off', async () => {
		for (const [mime, bytes] of await samples())
			for (let seed = 1; seed <= MADE_EACH; seed++)
				check(await look(mime, broken(bytes, seed)), `${mime}, ${seed}`);
	});

	it('ends well with one kind of file called another, and with none', async () => {
		const all = await samples();
		for (const [mime] of all)
			for (const [, bytes] of [...all.filter((_, i) => i % 3 === 0), [null, Buffer.alloc(0)], [null, Buffer.from('x')]])
				check(await look(mime, bytes), mime);
		check(await look('', png(4, 4)), 'no type');
	});
});
