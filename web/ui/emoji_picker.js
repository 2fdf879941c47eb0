// emoji_picker.js -- an emoji picker with search by name; loaded when it is first opened.

import { GROUPS } from '../i18n/emoji.js';
import { h, is_coarse, is_composing, replace } from './dom.js';
import { open_popup } from './popup.js';

const COLUMNS = 8;

export function open_emoji_picker({ words }, at, on_pick) {
	const grid = h('div', { class: 'emoji-grid', onkeydown: move });
	const search = h('input', {
		type: 'search', class: 'input', placeholder: words.t('emoji.search'),
		'aria-label': words.t('emoji.search'),
		oninput: () => render(search.value),
		onkeydown: (event) => {
			if (!is_composing(event) && ['ArrowDown', 'Enter'].includes(event.key)) {
				event.preventDefault();
				const first = grid.querySelector('button');
				if (event.key === 'Enter')
					first?.click();
				else
					first?.focus();
			}
		},
	});
	const picker = h('div', {
		class: 'emoji-picker', role: 'dialog', tabindex: -1, 'aria-label': words.t('emoji.title'),
	}, search, grid);
	const close = open_popup(picker, at);

	function render(wanted) {
		const parts = wanted.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
		const all = GROUPS.flatMap((group) => group);
		const found = all.filter(({ emoji, en, ru }) => parts.every((part) =>
			emoji === part || [...en, ...ru].some((name) => name.startsWith(part))));

		replace(grid, found.length === 0
			? h('p', { class: 'muted', role: 'status' }, words.t('emoji.none'))
			: found.map(({ emoji, en, ru }, place) => h('button', {
				type: 'button', class: 'emoji', tabindex: place === 0 ? 0 : -1,
				'aria-label': `${emoji} ${(words.language === 'ru' ? ru : en)[0]}`,
				onclick: () => {
					close();
					on_pick(emoji);
				},
			}, emoji)));
	}

	render('');
	// on a phone the keyboard would cover the emoji
	(is_coarse() ? picker : search).focus();
}

function move(event) {
	const all = [...event.currentTarget.querySelectorAll('button')];
	const at = all.indexOf(document.activeElement);
	const to = at + ({
		ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS,
	}[event.key] ?? 0);

	if (to === at || at < 0)
		return;
	event.preventDefault();
	if (to < 0)
		event.currentTarget.previousSibling.focus();
	else
		all[to]?.focus();
}
