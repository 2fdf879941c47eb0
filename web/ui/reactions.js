// reactions.js -- the reactions under a message: each with how many there are, mine
// marked; a click puts mine there or takes it back.

import { h } from './dom.js';
import { show_error } from './toasts.js';

// The ones that are offered first.
export const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🎉'];

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
