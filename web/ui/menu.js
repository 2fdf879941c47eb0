// menu.js -- a menu: arrow keys move, Enter chooses, Escape closes.

import { h, is_coarse } from './dom.js';
import { icon } from './icons.js';
import { open_popup } from './popup.js';

// items: [{picture, label, act, is_danger}], null is skipped; row: quick actions side by side
// above them: [{label, text, act, is_on}].
export function open_menu({ label, at, items, row = [], on_close }) {
	const choose = (act) => () => {
		close();
		act();
	};
	const node = h('div', {
		class: 'menu', role: 'menu', tabindex: -1, 'aria-label': label, onkeydown: move,
	},
	row.length > 0 ? h('div', { class: 'menu-row', role: 'group' }, row.map((one) =>
		h('button', {
			type: 'button', class: 'menu-quick', tabindex: -1, 'aria-label': one.label,
			title: one.label, role: one.is_on === undefined ? 'menuitem' : 'menuitemcheckbox',
			'aria-checked': one.is_on === undefined ? null : String(one.is_on),
			onclick: choose(one.act),
		}, one.text ?? icon(one.picture)))) : null,
	items.filter(Boolean).map((item) => h('button', {
		type: 'button', class: item.is_danger ? 'menu-item danger' : 'menu-item',
		role: 'menuitem', tabindex: -1, onclick: choose(item.act),
	}, icon(item.picture), item.label)));
	const close = open_popup(node, at, { on_close });

	// on a touch screen no item is highlighted
	(is_coarse() ? node : node.querySelector('.menu-item') ?? node.querySelector('button'))
		.focus();
	return close;
}

function move(event) {
	const all = [...event.currentTarget.querySelectorAll('button')];
	const at = all.indexOf(document.activeElement);
	const last = all.length - 1;
	const is_quick = all[at]?.classList.contains('menu-quick');
	const first_item = all.findIndex((one) => one.classList.contains('menu-item'));
	const is_rtl = getComputedStyle(event.currentTarget).direction === 'rtl';
	const to = {
		ArrowDown: is_quick ? first_item : at === last ? 0 : at + 1,
		ArrowUp: is_quick ? last : at <= 0 ? last : at - 1,
		ArrowRight: is_quick ? at + (is_rtl ? -1 : 1) : undefined,
		ArrowLeft: is_quick ? at + (is_rtl ? 1 : -1) : undefined,
		Home: 0, End: last,
	}[event.key];

	if (event.key === 'Tab')
		event.preventDefault();
	if (to === undefined)
		return;
	event.preventDefault();
	event.stopPropagation();
	all[to]?.focus();
}
