// values.js -- values for the fields of a request: valid by their schema, at its edges, and of
// a different kind.
//
// The schema determines the value, or the field's name if that says more: a room_id is the id
// of an existing room.

import fc from 'fast-check';

import { Raw } from './asking.js';
import { NO_ID, Ref } from './world.js';

// ---- things of the world ----------------------------------------------------------------

export const OF_FIELD = {
	room_id: 'room', user_id: 'user', reply_to: 'message', file_id: 'file', avatar: 'file',
	call_id: 'call', to: 'login', author: 'login', login: 'login', email: 'email',
	password: 'password', old_password: 'password', refresh_token: 'refresh', token: 'reset',
	invite: 'register_invite', cursor: 'cursor', epoch: 'epoch', member_ids: 'user',
	user_ids: 'user', user: 'signed_user', session: 'signed_session', until: 'signed_until',
	key: 'signed_key', signature: 'signed_signature',
};

export const ref = (kind) => fc.nat({ max: 30 }).map((n) => new Ref(kind, n));

// ---- good values --------------------------------------------------------------------------

export const EMOJI = ['👍', '❤️', '👩‍👩‍👧‍👦', '🏳️‍🌈', '🇩🇪', '1️⃣', '👍🏽'];
export const letters = (min, max) => fc.string({
	unit: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...'abc eéяق字') },
		{ weight: 1, arbitrary: fc.constantFrom('😀', ...EMOJI, '@', '\n', '#') }),
	minLength: Math.max(min, 1), maxLength: Math.min(max, 20, Math.max(min, 12)),
});
const time = () => fc.oneof(
	fc.integer({ min: 1, max: 4e5 }).map((min) => new Date(Date.UTC(2027, 0) + min * 6e4)
		.toISOString()),
	fc.constantFrom('2030-01-01T00:00:00Z', '2029-02-28T23:59:59.5+05:30',
		'2030-06-30T12:00:00.123456789-11:00'),
);
// A value one time in so many, else undefined.
export const chance = (arbitrary, times = 2) => fc.oneof(
	{ weight: times - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
export const some = (shape) => fc.record(shape, { requiredKeys: [] });

// Objects whose members the document describes only in words.
const OBJECTS = {
	settings: () => some({
		slow_mode_s: fc.oneof(fc.constant(0), edge_of({ type: 'integer', minimum: 0, maximum: 86400 })),
		history: fc.constantFrom('all', 'since_join', 'none', null),
		show_last_seen: fc.constantFrom('everyone', 'contacts', 'nobody', 7),
		send_receipts: fc.constantFrom(true, false, 'true', null),
		who_can_write: fc.constantFrom('everyone', 'contacts', 'nobody', ''),
		who_can_add: fc.constantFrom('everyone', 'contacts', 'nobody', []),
	}),
	data: () => some({
		lat: fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), odd_number()),
		lon: fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), odd_number()),
		label: fc.oneof(letters(1, 20), nasty()),
		file_id: fc.oneof(ref('file'), fc.constantFrom('x', NO_ID, 7, null)),
		alt: fc.oneof(letters(1, 20), nasty()),
		duration: fc.oneof(fc.nat(), odd_number()),
		waveform: fc.oneof(fc.array(fc.nat({ max: 255 })), fc.constantFrom([], 'x', [[]], [1e300])),
		width: odd_number(),
		height: odd_number(),
		more: fc.jsonValue(),
	}),
};

function good_text({ name, schema }, fresh) {
	const { format, pattern, minLength = 1, maxLength = 100 } = schema;

	if (fresh && /^(login|email)$/.test(name))
		return fc.integer({ min: 0 }).map((n) => (name === 'login' ? `p${n.toString(36)}`
			: `p${n.toString(36)}@example.org`));
	if (format === 'date-time')
		return time();
	if (OF_FIELD[name])
		return ref(OF_FIELD[name]);
	if (pattern)
		return fc.stringMatching(new RegExp(pattern));
	if (name === 'after')
		return fc.oneof(fc.nat({ max: 20 }).map(String), ref('place'));
	if (name === 'text' || name === 'q')
		return fc.oneof({ weight: 3, arbitrary: letters(minLength, maxLength) },
			{ weight: 1, arbitrary: ref(name === 'q' ? 'said' : 'mention') });
	if (/password/.test(name))
		return fc.constant('correct horse battery staple');
	return letters(minLength, maxLength);
}

function good_number({ minimum = 0, maximum = 100 }) {
	const max = Math.min(maximum, Number.MAX_SAFE_INTEGER);
	return fc.oneof({ weight: 3, arbitrary: fc.integer({ min: minimum, max: Math.min(max, minimum + 20) }) },
		{ weight: 1, arbitrary: fc.integer({ min: minimum, max }) });
}

// A value as the document describes it.
export function good_of(field, fresh = false) {
	const { name, schema } = field;
	const type = [schema.type].flat().find((t) => t !== 'null');

	if (schema.enum)
		return fc.constantFrom(...schema.enum.filter((w) => w !== null));
	if (name === 'scopes')
		return fc.subarray(['read', 'post', 'admin'], { minLength: 1 });
	switch (type) {
	case 'integer':
		return OF_FIELD[name] ? ref(OF_FIELD[name]) : good_number(schema);
	case 'boolean':
		return fc.boolean();
	case 'array':
		return fc.array(good_of({ name, schema: schema.items }), {
			minLength: schema.minItems, maxLength: Math.min(schema.maxItems ?? 4, 4),
		});
	case 'object':
		return (OBJECTS[name] ?? (() => fc.dictionary(fc.string(), fc.jsonValue())))();
	default:
		return good_text(field, fresh);
	}
}

// ---- values at the edge, and beyond ---------------------------------------------------------

const NASTY = [
	'', ' ', '   ', '\n', '\t', '\u0000', 'a\u0000b', '\u0001', '\u007f', '\u0085', '\u00a0',
	'\ud800', 'a\udc00b', '\ud83d', '\ufeff', '\ufffe', '\uffff', '\u{10ffff}', '\u{1f600}',
	'\u202eabc', '\u2066a\u2069', '\u200b', '\u200d', '\u2028', 'e\u0301\u0301\u0301', '\u0301',
	'İstanbul', 'ß', 'ŉ', 'ﷺ', 'ﬁ', 'Ⅷ', 'ʼ', '㌀', '가', '\u1100\u1161', 'מזל', '١٢٣',
	'%', '%s%n', '_', '\\', "'", '"', "';--", '$1', '{}', '[]', 'null', 'true', '0', '-1',
	'../..', '/', '?', '#', '&', '=', '+', ';', '@', '@@', '*', '<b>', '&amp;', '"a b"', '-a', '"',
	'(', ')', ':*', '!', '|', 'a & b', NO_ID, '00000000-0000-0000-0000-000000000000', 'me',
	'fyr_', 'Bearer x', 'a,b', ',', 'x'.repeat(255), 'x'.repeat(256), 'x'.repeat(1025),
];
export const nasty = () => fc.constantFrom(...NASTY);
const LETTERS = ['a', 'é', 'ﷺ', '字', '😀', '\u0301', ' ', 'ß', 'İ', '\u{10ffff}'];

function long_text({ minLength = 1, maxLength = 100 }) {
	const lengths = [minLength - 1, minLength, maxLength - 1, maxLength, maxLength + 1, 8000, 8001]
		.filter((n) => n >= 0 && n <= 8001);
	return fc.tuple(fc.constantFrom(...LETTERS), fc.constantFrom(...lengths))
		.map(([letter, n]) => letter.repeat(n));
}

const NUMBERS = [
	'0', '-0', '-1', '1', '1.0', '1e0', '1e2', '1.5', '-1.5', '1e400', '-1e400', '1e-400',
	'9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809',
	'123456789012345678901234567890', '2147483647', '2147483648', '-2147483649', '4294967296',
	'9007199254740993', '1e18', '1e19', '0.1e1', '01', '0x10', '+1', '.5', '1.', 'NaN', 'Infinity',
];
const odd_number = () => fc.constantFrom(...NUMBERS.slice(0, 25)).map((n) => new Raw(n));

function edge_number({ minimum = 0, maximum = 100 }) {
	const at = [minimum - 1, minimum, maximum, maximum + 1].map((n) => new Raw(String(BigInt(n))));
	return fc.oneof(fc.constantFrom(...at), fc.constantFrom(...NUMBERS).map((n) => new Raw(n)));
}

const TIMES = [
	'1970-01-01T00:00:00Z', '1969-12-31T23:59:59.999Z', '0000-00-00T00:00:00Z', '0001-01-01T00:00:00Z',
	'0000-01-01T00:00:00Z', '-0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '10000-01-01T00:00:00Z',
	'292278994-08-17T07:12:55.807Z', '294277-01-01T00:00:00Z', '2026-02-30T00:00:00Z',
	'2027-02-29T00:00:00Z', '2028-02-29T00:00:00Z', '2030-12-31T23:59:60Z', '2030-12-31T24:00:00Z',
	'2030-01-01T00:00:00', '2030-01-01 00:00:00Z', '2030-01-01t00:00:00z', '2030-01-01',
	'2030-01-01T00:00:00+24:00', '2030-01-01T00:00:00-23:59', '9999-12-31T23:59:59-23:59',
	'0001-01-01T00:00:00+23:59', '2030-01-01T00:00:00.Z', '2030-01-01T00:00:00.1234567890123Z',
	'2030-13-01T00:00:00Z', '1893456000', 'infinity', '-infinity', 'now', 'epoch',
	'2030-W01-1T00:00:00Z', '٢٠٣٠-01-01T00:00:00Z',
];

const WRONG = [null, true, false, 0, 7.5, 1e300, '', 'x', [], {}, [[]], [null], { a: { b: {} } }];
export const wrong = () => fc.constantFrom(...WRONG);

function edge_list({ items = {}, minItems = 0, maxItems = 4 }, field) {
	const sizes = [minItems - 1, minItems, maxItems, maxItems + 1].filter((n) => n >= 0);
	const one = good_of({ ...field, schema: items });
	return fc.oneof(
		fc.tuple(one, fc.constantFrom(...sizes)).map(([item, n]) => Array(n).fill(item)),
		fc.array(fc.oneof(one, wrong(), nasty()), { maxLength: 5 }),
		fc.constantFrom(['read', 'read'], ['write'], [''], ['\u0000']),
	);
}

// A value at an edge, on either side of it.
export function edge_of(schema, field = { name: '', schema }) {
	const type = [schema.type].flat().find((t) => t !== 'null');

	switch (type) {
	case 'integer':
		return edge_number(schema);
	case 'array':
		return edge_list(schema, field);
	case 'boolean':
		return fc.constantFrom('true', 'false', 'TRUE', '1', 0, 1, null, '');
	case 'object':
		return fc.oneof(fc.jsonValue(), fc.dictionary(nasty(), wrong()));
	}
	if (schema.format === 'date-time')
		return fc.constantFrom(...TIMES);
	if (schema.format === 'uuid')
		return fc.oneof(nasty(), fc.uuid(), ref('message'), ref('room'), ref('user'));
	return fc.oneof({ weight: 2, arbitrary: nasty() }, { weight: 1, arbitrary: long_text(schema) });
}
