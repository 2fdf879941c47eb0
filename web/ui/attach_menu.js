// attach_menu.js -- the button beside where one writes, and what it offers: pictures,
// files, a place.

import { h, new_id, set, show } from './dom.js';
import { icon } from './icons.js';

// Answers a node; `opener` on it is the button. on_files(files, {is_plain}): chosen.
export function make_menu(page, room_id, on_files) {
	const { words } = page;
	const id = new_id('attach');
	const input = h('input', {
		type: 'file', multiple: true, class: 'attach-input', tabindex: -1, hidden: true,
		'aria-hidden': 'true',
	});
	const choose = (accept, is_plain) => () => {
		set(input, 'accept', accept);
		input.dataset.plain = is_plain;
		input.click();
	};
	const opener = h('button', {
		type: 'button', class: 'icon-button composer-tool', 'aria-haspopup': 'menu',
		'aria-expanded': 'false', 'aria-controls': id, 'aria-label': words.t('attach.open'),
		title: words.t('attach.open'), onclick: () => turn(menu.hidden),
	}, icon('clip'));
	const item = (name, label, act) => h('button', {
		type: 'button', class: 'menu-item', role: 'menuitem', tabindex: -1,
		onclick: () => {
			turn(false);
			opener.focus();
			act();
		},
	}, icon(name), words.t(label));
	const menu = h('div', {
		id, class: 'menu attach-menu', role: 'menu', hidden: true,
		'aria-label': words.t('attach.open'), onkeydown: (event) => on_key(event, menu, turn),
	},
	item('image', 'attach.pictures', choose('image/*,video/*', false)),
	item('file', 'attach.files', choose(null, true)),
	item('pin', 'attach.place', async () => {
		const { open_place } = await import('./place_dialog.js');
		open_place(page, room_id);
	}));
	const node = h('div', { class: 'composer-tools' }, opener, menu, input);
	const on_outside = (event) => node.contains(event.target) || turn(false);
	const turn = (is_open) => {
		show(menu, is_open);
		set(opener, 'aria-expanded', String(is_open));
		document[is_open ? 'addEventListener' : 'removeEventListener'](
			'pointerdown', on_outside);
		if (is_open)
			menu.querySelector('.menu-item').focus();
	};

	input.addEventListener('change', () => {
		on_files([...input.files], { is_plain: input.dataset.plain === 'true' });
		input.value = '';
	});
	node.addEventListener('focusout', (event) =>
		menu.hidden || node.contains(event.relatedTarget) || turn(false));
	node.opener = opener;
	return node;
}

function on_key(event, menu, turn) {
	const items = [...menu.querySelectorAll('.menu-item')];
	const at = items.indexOf(document.activeElement);
	const to = {
		ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length,
		Home: 0, End: items.length - 1,
	}[event.key];

	if (to !== undefined) {
		items[to].focus();
		event.preventDefault();
	} else if (event.key === 'Escape') {
		turn(false);
		menu.parentNode.opener.focus();
		event.preventDefault();
		event.stopPropagation();
	}
}
