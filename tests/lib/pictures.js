// pictures.js -- images made by hand, with what phones put into them.

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

// Grey, all of one tone: any size in few bytes. pixels false: the header alone.
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

// Exif: an orientation, and where it was.
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

// What a WebP says of its size.
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
