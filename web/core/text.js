// text.js -- functions on text that need no page.

// Counts code points, as limits do, not the UTF-16 units of `length`.
export function code_points(text) {
	let count = 0;
	for (const _ of text)
		count++;
	return count;
}

// A random 128-bit name. Not crypto.randomUUID(), which browsers have only on https and
// localhost.
export function random_id() {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

const LINK = /\bhttps?:\/\/[^\s<>"'`]+/giu;
const TRAIL = /[.,;:!?)\]}»”’…]+$/u;

// Splits the text: [{text}] and [{text, url}]. Trailing punctuation is not part of a link; a
// closing bracket is, if it was opened inside.
export function link_parts(text) {
	const parts = [];
	let end = 0;

	for (const match of text.matchAll(LINK)) {
		const url = without_trail(match[0]);
		if (!is_url(url))
			continue;
		if (match.index > end)
			parts.push({ text: text.slice(end, match.index) });
		parts.push({ text: url, url });
		end = match.index + url.length;
	}
	if (end < text.length)
		parts.push({ text: text.slice(end) });
	return parts;
}

function is_url(text) {
	try {
		return Boolean(new URL(text));
	} catch {
		return false;
	}
}

function without_trail(url) {
	let end = url.length - (url.match(TRAIL)?.[0].length ?? 0);

	while (url[end] === ')' && count(url, '(') > count(url.slice(0, end), ')'))
		end++;
	return url.slice(0, end);
}

function count(text, letter) {
	return text.split(letter).length - 1;
}

// The letters of an avatar: the initials of the first two words, or of the only one.
export function initials(name) {
	const words = name.trim().split(/[\s_.-]+/u).filter(Boolean);
	const first = (word) => [...(word ?? '')][0] ?? '';
	const one = first(words[0]);

	// an emoji is enough by itself
	if (/\p{Extended_Pictographic}/u.test(one))
		return one;
	return (one + first(words[1])).toLocaleUpperCase() || '?';
}

// A number below `of` that is always the same for this id: its colour.
export function hue_of(id, of = 8) {
	let sum = 0;
	// the upper bits depend on every letter
	for (const letter of id)
		sum = Math.imul(sum ^ letter.codePointAt(0), 0x01000193) >>> 0;
	return (sum >>> 16) % of;
}

const EMOJI = new RegExp('^(?:\\p{Extended_Pictographic}|\\p{Regional_Indicator}'
	+ '|\\p{Emoji_Modifier}|[#*0-9]\\ufe0f?\\u20e3|\\u200d|\\ufe0f'
	+ '|[\\u{e0020}-\\u{e007f}])+$', 'u');
// Splits text into graphemes; created for the first text that may be emoji alone, as that
// takes a browser some milliseconds.
let letters = null;

// One to three emoji and nothing else: shown large.
export function is_just_emoji(text) {
	if (text.length > 60 || !EMOJI.test(text))
		return false;
	letters ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
	return [...letters.segment(text)].length <= 3;
}
