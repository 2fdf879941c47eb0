// bubble.js -- the contents of a message's bubble: the quoted message, the text (links, code,
// mentions), and the reactions.

import { named_in, parts_of } from '../core/markup.js';
import { hue_of } from '../core/text.js';
import { person_name } from './avatar.js';
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { comes_near, part } from './load.js';
import { show_error } from './toasts.js';

const load_copy = part(() => import('./copy.js'));

// The reactions offered first.
export const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🎉'];

// A message in one short line, for a list or a screen reader.
export function text_of(message, words) {
	if (message.deleted_at)
		return words.t('message.deleted');
	if (message.text)
		return message.text.replace(/\s+/g, ' ').slice(0, 200);
	const key = `message.kind.${message.kind}`;
	return words.has(key) ? words.t(key) : '';
}

// The quoted message: its sender and beginning; a click goes there. row.original: undefined
// if this is no reply, null if the original is not known (yet).
export function quote_of({ original, message, hides_original }, { words, timeline }) {
	if (original === undefined || message.deleted_at)
		return null;
	const hue = hue_of(original?.sender?.id ?? '');

	return h('button', {
		type: 'button', class: `quote hue-text-${hue}`, disabled: original === null,
		onclick: () => timeline.show(original.seq),
	},
	h('span', { class: 'unseen' }, words.t('timeline.answers')),
	h('b', { dir: 'auto' }, original ? person_name(original.sender, words) : '…'),
	h('span', { class: 'quote-text', dir: 'auto' }, !original ? ' '
		: hides_original ? words.t('timeline.folded', { count: 1 }) : text_of(original, words)));
}

export function content_of(message, page) {
	const { store, words } = page;

	if (message.deleted_at || !message.text)
		return h('em', { class: 'gone' }, text_of(message, words));
	const who = named_in(message, store.user, (id) => store.people.person(id)?.login);
	return parts_of(message.text, who).map((part) => NODES[part.kind](part, words));
}

const NODES = {
	text: ({ text }) => text,
	link: ({ text, url }) => h('a', {
		href: url, target: '_blank', rel: 'noopener noreferrer nofollow',
	}, text),
	mention: ({ text, is_mine }) => h('b', {
		class: is_mine ? 'mention mine' : 'mention',
	}, text),
	code: ({ text }) => h('code', {}, text),
	block: code_block,
};

function code_block({ text, language }, words) {
	const button = h('button', {
		type: 'button', class: 'code-copy', 'aria-label': words.t('timeline.copy_code'),
		title: words.t('timeline.copy_code'),
		onclick: async () => {
			const { copy_text } = await load_copy();
			await copy_text(text);
			replace(button, icon('check'));
		},
		...comes_near(load_copy),
	}, icon('copy'));

	return h('span', { class: language ? 'code' : 'code is-plain' },
		h('span', { class: 'code-head' }, language, button),
		// it scrolls, so it must be focusable
		h('code', { tabindex: 0, dir: 'ltr' }, text));
}

// The reactions with their counts, mine highlighted; a click adds or removes mine.
export function reactions_of({ message }, page) {
	const { words } = page;

	if (!message.reactions?.length || message.deleted_at)
		return null;
	return h('div', { class: 'reactions' }, message.reactions.map(({ emoji, count, mine }) =>
		h('button', {
			type: 'button', class: 'reaction', 'aria-pressed': String(mine ?? false),
			'aria-label': words.t('timeline.reaction', { emoji, count }),
			onclick: () => react(page, message, emoji, !mine),
		}, h('span', { class: 'emoji-text' }, emoji), ` ${count}`)));
}

export function has_mine(message, emoji) {
	return message.reactions?.some((one) => one.emoji === emoji && one.mine) ?? false;
}

export function react({ client, words }, message, emoji, on = !has_mine(message, emoji)) {
	client.acts.react(message, emoji, on).catch((error) => show_error(words, error));
}
