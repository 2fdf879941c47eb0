// attach_menu.js -- the menu of the attach button: pictures, files, location.

import { set } from './dom.js';
import { dialog_part } from './load.js';
import { open_menu } from './menu.js';

const load_place = dialog_part(() => import('./place_dialog.js'));

// choose(accept, {is_plain}): opens the file dialog.
export function open_attach_menu(page, room_id, { opener, choose }) {
	const { words } = page;
	const open_place = async () => {
		const dialog = await load_place();
		dialog.open_place(page, room_id);
	};

	// clicked again while this was loading
	if (opener.ariaExpanded === 'true')
		return;
	// the focus may have moved meanwhile; the menu returns it to the button
	opener.focus();
	set(opener, 'aria-expanded', 'true');
	open_menu({
		label: opener.title, at: opener,
		on_close: () => set(opener, 'aria-expanded', 'false'),
		items: [
			{ picture: 'image', label: words.t('attach.pictures'),
				act: () => choose('image/*,video/*', { is_plain: false }) },
			{ picture: 'file', label: words.t('attach.files'),
				act: () => choose(null, { is_plain: true }) },
			{ picture: 'pin', label: words.t('attach.place'), act: open_place },
		],
	});
}
