// message_text.js -- what a message says, as nodes: links, code, people.

import { named_in, parts_of } from '../core/markup.js';
import { copy_text } from './copy.js';
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { text_of } from './message.js';

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
			await copy_text(text);
			replace(button, icon('check'));
		},
	}, icon('copy'));

	return h('span', { class: 'code' },
		h('span', { class: 'code-head' }, language, button),
		// it scrolls by itself, so one must be able to get there
		h('code', { tabindex: 0, dir: 'ltr' }, text));
}
