// quote.js -- what a message answers, above it: who said it and how it began; a click
// leads there.

import { hue_of } from '../core/text.js';
import { person_name } from './avatar.js';
import { h } from './dom.js';
import { text_of } from './message.js';

// row.original: undefined where nothing is answered, null where it is not known (yet).
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
