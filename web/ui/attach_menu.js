// attach_menu.js -- the button beside where one writes, and what it offers: pictures,
// files, a place.

import { h, set } from './dom.js';
import { icon } from './icons.js';
import { comes_near, dialog_part, part } from './load.js';

const load_menu = part(() => import('./menu.js'), 'menus.css');
const load_place = dialog_part(() => import('./place_dialog.js'));

// Answers a node; `opener` on it is the button. on_files(files, {is_plain}): chosen.
export function attach_button(page, room_id, on_files) {
	const { words } = page;
	const label = words.t('attach.open');
	const input = h('input', {
		type: 'file', class: 'attach-input', multiple: true, tabindex: -1, hidden: true,
		'aria-hidden': 'true',
		onchange: () => {
			on_files([...input.files], { is_plain: input.dataset.plain === 'true' });
			input.value = '';
		},
	});
	const choose = (accept, is_plain) => () => {
		set(input, 'accept', accept);
		input.dataset.plain = is_plain;
		input.click();
	};
	const open_place = async () => {
		const dialog = await load_place();
		dialog.open_place(page, room_id);
	};
	const open = async () => {
		const { open_menu } = await load_menu();
		// clicked twice meanwhile
		if (opener.ariaExpanded === 'true')
			return;
		// wherever one has gone meanwhile: it comes back to here
		opener.focus();
		set(opener, 'aria-expanded', 'true');
		open_menu({
			label, at: opener, on_close: () => set(opener, 'aria-expanded', 'false'),
			items: [
				{ picture: 'image', label: words.t('attach.pictures'),
					act: choose('image/*,video/*', false) },
				{ picture: 'file', label: words.t('attach.files'), act: choose(null, true) },
				{ picture: 'pin', label: words.t('attach.place'), act: open_place },
			],
		});
	};
	const opener = h('button', {
		type: 'button', class: 'icon-button composer-tool', 'aria-haspopup': 'menu',
		'aria-expanded': 'false', 'aria-label': label, title: label, onclick: open,
		...comes_near(load_menu),
	}, icon('clip'));
	const node = h('div', { class: 'composer-tools' }, opener, input);

	node.opener = opener;
	return node;
}
