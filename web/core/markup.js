// markup.js -- the markup in the text of a message: code, links, mentions.
//
// A text is shown as written; only the marks around code are removed.

import { link_parts } from './text.js';

const FENCE = /```(?:([\w+#.-]{1,20})[ \t]*\n)?\n?([^]+?)\n?```\n?/g;
const CODE = /`([^`\n]+)`/g;
const NAME = /(?<![\p{L}\p{N}_])@([\p{L}\p{N}_.-]{2,33})(?!@)/gu;

// Splits the text: {kind, text} of kind text, link (with url), mention (with is_mine), code,
// block (with language). who(login): 'me', 'other', or null if it names nobody.
export function parts_of(text, who = () => null) {
	return split(text, FENCE, (words, language = '') =>
		({ kind: 'block', text: words, language }), (rest) => inline(rest, who), 2);
}

function inline(text, who) {
	return split(text, CODE, (words) => ({ kind: 'code', text: words }), (rest) =>
		link_parts(rest).flatMap((part) => (part.url
			? [{ kind: 'link', ...part }] : with_people(part.text, who))));
}

// Matches become make(words, other), the text between them rest(text).
function split(text, pattern, make, rest, at = 1) {
	const parts = [];
	let end = 0;

	for (const match of text.matchAll(pattern)) {
		if (match.index > end)
			parts.push(...rest(text.slice(end, match.index)));
		parts.push(make(match[at], match[at === 1 ? 2 : 1]));
		end = match.index + match[0].length;
	}
	if (end < text.length)
		parts.push(...rest(text.slice(end)));
	return parts;
}

function with_people(text, who) {
	const parts = [];
	let end = 0;

	for (const match of text.matchAll(NAME)) {
		const login = login_in(match[1], who);
		if (!login)
			continue;
		if (match.index > end)
			parts.push({ kind: 'text', text: text.slice(end, match.index) });
		parts.push({ kind: 'mention', text: `@${login}`, is_mine: who(login) === 'me' });
		end = match.index + 1 + login.length;
	}
	if (end < text.length)
		parts.push({ kind: 'text', text: text.slice(end) });
	return parts;
}

// The login without punctuation that ends the sentence, if only that is known.
function login_in(word, who) {
	const bare = word.replace(/[._-]+$/, '');
	return [word, bare].find((login) => login.length > 1 && who(login)) ?? null;
}

// Returns who(login) for a message's mentions. login(id): a person's login, if we know it.
// With mentioned people we do not know, any unknown name is taken for one of them.
export function named_in(message, me, login) {
	const ids = message.mentions ?? [];
	const known = new Map();
	let unknown = 0;

	for (const id of ids) {
		const name = id === me?.id ? me.login : login(id);
		if (name)
			known.set(name.toLowerCase(), id === me?.id ? 'me' : 'other');
		else
			unknown++;
	}
	return (word) => known.get(word.toLowerCase()) ?? (unknown > 0 ? 'other' : null);
}
