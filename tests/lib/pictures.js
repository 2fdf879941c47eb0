// pictures.js -- images made by hand, with the metadata that phones add.

import zlib from 'node:zlib';

function png_chunk(type, data) {
	const body = Buffer.concat([Buffer.from(type), data]);
	const out = Buffer.alloc(body.length + 8);
	out.writeUInt32BE(data.length, 0);
	body.copy(out, 4);
	out.writeUInt32BE(zlib.crc32 ? zlib.crc32(body) : crc32(body), body.length + 4);
	return out;
}

function crc32(data) {
	let crc = ~0;
	for (const byte of data) {
		crc ^= byte;
		for (let i = 0; i < 8; i++)
			crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc >>> 0;
}

// Grey, all of one tone: any size in few bytes. pixels false: only the header.
export function png(width, height, { pixels = true, chunks = [] } = {}) {
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header[8] = 8;
	const rows = pixels ? [png_chunk('IDAT', zlib.deflateSync(Buffer.alloc((width + 1) * height)))] : [];
	return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), png_chunk('IHDR', header),
		...chunks, ...rows, png_chunk('IEND', Buffer.alloc(0))]);
}

// 64 by 32: red on the left, blue on the right.
const JPEG = Buffer.from(
	'/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4p' +
	'LSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09P' +
	'T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAgAEADASIA' +
	'AhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAUG/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/EABYB' +
	'AQEBAAAAAAAAAAAAAAAAAAAHBf/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AM+A' +
	'xlJAAQgFiSoABdAR1VQAEIBYkqAAf//Z' +
	'', 'base64');

// Exif: an orientation, and where the picture was taken.
function exif(orientation, place) {
	const tiff = Buffer.alloc(8 + 2 + 24 + 4 + 2 + 12 + 4 + 24);
	tiff.write('MM\0*\0\0\0\x08', 0, 'latin1');
	tiff.writeUInt16BE(place ? 2 : 1, 8);
	tiff.set([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0], 10);
	if (place)
		tiff.set([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38], 22);
	tiff.writeUInt16BE(1, 38);
	tiff.set([0, 2, 0, 5, 0, 0, 0, 3, 0, 0, 0, 56], 40);
	tiff.write(place ? 'SECRET-PLACE-IN-THE-WOOD' : '', 56, 'latin1');
	return tiff;
}

export const PLACE = 'SECRET-PLACE';

export const XMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>${PLACE}</exif:GPSLatitude></x:xmpmeta>`;

function segment(marker, ...pieces) {
	const body = Buffer.concat(pieces.map((p) => Buffer.from(p)));
	const head = Buffer.from([0xff, marker, 0, 0]);
	head.writeUInt16BE(body.length + 2, 2);
	return Buffer.concat([head, body]);
}

// Segments after JFIF's own, and bytes after the picture.
export const jpeg_with = (segments, after = '') =>
	Buffer.concat([JPEG.subarray(0, 20), ...segments, JPEG.subarray(20), Buffer.from(after)]);
export const jpeg_xmp = () => segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', XMP);
export const jpeg_iptc = () => segment(0xed, 'Photoshop 3.0\0', [0x1c, 2, 0x5a, 0, 12], PLACE);
export const jpeg_bad_exif = () => segment(0xe1, 'Exif\0\0', 'MM\0*\0\0\0\x08\x40\0', PLACE);

export const png_xmp = () => png_chunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${XMP}`));
export const png_raw_profile = () => png_chunk('tEXt', Buffer.from(`Raw profile type exif\0${PLACE}`));

function riff_chunk(type, data) {
	const head = Buffer.alloc(8);
	head.write(type, 0, 'latin1');
	head.writeUInt32LE(data.length, 4);
	return Buffer.concat([head, data, Buffer.alloc(data.length & 1)]);
}

// A plain WebP with Exif and XMP.
export function webp_with_place(plain, [width, height], orientation) {
	const vp8x = Buffer.alloc(10);
	vp8x[0] = 4 | 8;
	vp8x.writeUIntLE(width - 1, 4, 3);
	vp8x.writeUIntLE(height - 1, 7, 3);
	return riff_chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), riff_chunk('VP8X', vp8x),
		plain.subarray(12), riff_chunk('EXIF', exif(orientation, true)), riff_chunk('XMP ', Buffer.from(XMP))]));
}

const box = (type, ...pieces) => {
	const body = Buffer.concat(pieces.map((p) => Buffer.from(p)));
	const head = Buffer.alloc(8);
	head.writeUInt32BE(body.length + 8, 0);
	head.write(type, 4, 'latin1');
	return Buffer.concat([head, body]);
};

// Looks like AVIF or HEIC from outside, and contains no picture.
export const heif = (brand) => Buffer.concat([
	box('ftyp', brand, [0, 0, 0, 0], 'mif1', brand), box('meta', [0, 0, 0, 0]),
	box('mdat', [0, 0, 0, 6], 'Exif\0\0', exif(1, true), XMP),
]);
export const tiff = () => exif(1, true);

export function png_exif(orientation, place) {
	return png_chunk('eXIf', exif(orientation, place));
}

export function jpeg({ orientation, place = false } = {}) {
	if (!orientation)
		return JPEG;
	const body = Buffer.concat([Buffer.from('Exif\0\0'), exif(orientation, place)]);
	const head = Buffer.from([0xff, 0xe1, 0, 0]);
	head.writeUInt16BE(body.length + 2, 2);
	// after JFIF's own segment
	return Buffer.concat([JPEG.subarray(0, 20), head, body, JPEG.subarray(20)]);
}

// One pixel.
export const gif = () => Buffer.from('R0lGODlhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs=', 'base64');

// The size that a WebP declares.
export function webp_size(data) {
	const kind = data.toString('latin1', 12, 16);
	if (kind === 'VP8X')
		return [data.readUIntLE(24, 3) + 1, data.readUIntLE(27, 3) + 1];
	if (kind === 'VP8L') {
		const bits = data.readUInt32LE(21);
		return [(bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1];
	}
	return [data.readUInt16LE(26) & 0x3fff, data.readUInt16LE(28) & 0x3fff];
}

// Silence.
export function wav(seconds) {
	const data = Buffer.alloc(44 + 8000 * seconds);
	data.write('RIFF', 0);
	data.writeUInt32LE(data.length - 8, 4);
	data.write('WAVEfmt ', 8);
	data.writeUInt32LE(16, 16);
	data.writeUInt16LE(1, 20);
	data.writeUInt16LE(1, 22);
	data.writeUInt32LE(8000, 24);
	data.writeUInt32LE(8000, 28);
	data.writeUInt16LE(1, 32);
	data.writeUInt16LE(8, 34);
	data.write('data', 36);
	data.writeUInt32LE(data.length - 44, 40);
	return data;
}

// ---- sounds that declare their length, and are silent -------------------------------

export function mp3(seconds) {
	const frame = Buffer.alloc(417);
	frame.set([0xff, 0xfb, 0x90, 0x00]); // 128 kbit/s, 44,100 samples a second, 1,152 a frame
	const tag = Buffer.concat([Buffer.from('ID3\x03\0\0\0\0\0\x0a', 'latin1'), Buffer.alloc(10)]);
	return Buffer.concat([tag, ...Array(Math.round(seconds * 44100 / 1152)).fill(frame)]);
}

export function flac(seconds) {
	const data = Buffer.alloc(42);
	data.write('fLaC', 0);
	data.set([0x80, 0, 0, 34], 4);
	data.writeBigUInt64BE(BigInt(44100) << 44n | BigInt(Math.round(seconds * 44100)), 18);
	return data;
}

function ogg_page(granule, body) {
	const head = Buffer.alloc(28);
	head.write('OggS', 0);
	head.writeBigUInt64LE(BigInt(granule), 6);
	head[26] = 1;
	head[27] = body.length;
	return Buffer.concat([head, body]);
}

export function opus(seconds) {
	const first = Buffer.alloc(19);
	first.write('OpusHead\x01\x01', 0, 'latin1');
	first.writeUInt16LE(312, 10);
	return Buffer.concat([ogg_page(0, first), ogg_page(0, Buffer.from('OpusTags')),
		ogg_page(seconds * 48000 + 312, Buffer.alloc(200))]);
}

export function vorbis(seconds) {
	const first = Buffer.alloc(30);
	first.write('\x01vorbis', 0, 'latin1');
	first[11] = 1;
	first.writeUInt32LE(32000, 12);
	return Buffer.concat([ogg_page(0, first), ogg_page(seconds * 32000, Buffer.alloc(200))]);
}

// tracks: of 'soun' and 'vide'
export function mp4(seconds, tracks, brand = 'isom') {
	const head = Buffer.alloc(100);
	head.writeUInt32BE(600, 12);
	head.writeUInt32BE(seconds * 600, 16);
	return Buffer.concat([
		box('ftyp', brand, [0, 0, 0, 0], 'isom', 'mp42'),
		box('moov', box('mvhd', head), ...tracks.map((t) => box('trak',
			box('mdia', box('hdlr', Buffer.alloc(8), t, Buffer.alloc(12)))))),
		box('mdat', Buffer.alloc(64)),
	]);
}

function element(id, ...pieces) {
	const body = Buffer.concat(pieces.map((p) => Buffer.from(p)));
	const long = Buffer.alloc(8);
	long.writeBigUInt64BE(BigInt(body.length) | 1n << 56n);
	const len = body.length < 127 ? Buffer.from([0x80 | body.length]) : long;
	return Buffer.concat([Buffer.from(id, 'hex'), len, body]);
}

export function webm(seconds, codecs) {
	const duration = Buffer.alloc(8);
	duration.writeDoubleBE(seconds * 1000);
	return Buffer.concat([
		element('1a45dfa3', element('4282', 'webm')),
		element('18538067',
			element('1549a966', element('2ad7b1', [0x0f, 0x42, 0x40]),
				...(seconds ? [element('4489', duration)] : [])),
			element('1654ae6b', ...codecs.map((c) => element('ae', element('86', c)))),
			element('1f43b675', Buffer.alloc(64))),
	]);
}
