// attach_menu.js -- what the button beside where one writes offers: pictures, files, a place.

import { set } from './dom.js';
import { dialog_part } from './load.js';
import { open_menu } from './menu.js';

const load_place = dialog_part(() => import('./place_dialog.js'));

// choose(accept, {is_plain}): lets files be chosen.
export function open_attach_menu(page, room_id, { opener, choose }) {
	const { words } = page;
	const open_place = async () => {
		const dialog = await load_place();
		dialog.open_place(page, room_id);
	};

	// clicked twice meanwhile
	if (opener.ariaExpanded === 'true')
		return;
	// wherever one has gone meanwhile: it comes back to here
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
