// room_join.js -- joins a room by invitation, link or ID, or from the list of public rooms.

import { entry_of } from '../core/entry.js';
import { open_dialog } from './dialog.js';
import { Form, make_field, required } from './form.js';
import { PublicRooms } from './public_rooms.js';
import { go_to } from './router.js';

export function open_join(page) {
	const { words, client } = page;
	const id = make_field({
		words, name: 'room_id', label: words.t('join.id'), hint: words.t('join.id_hint'),
		input: {
			required: true, autocomplete: 'off', autocapitalize: 'none',
			spellcheck: 'false', 'data-first': true,
		},
	});

	open_dialog({
		words,
		title: words.t('join.title'),
		class: 'tall',
		content: (close) => [
			new Form({
				words,
				fields: [id],
				label: words.t('join.submit'),
				check: (values) => values.room_id && !entry_of(values.room_id)
					? { room_id: words.t('join.not_a_room') }
					: required(words, values, ['room_id']),
				submit: async (values) => {
					const { code, id: room_id } = entry_of(values.room_id);
					const room = code ? await client.join_invited(code)
						: await client.join_room(room_id);
					close();
					go_to(room.id);
				},
				text_of: (error) => error.status === 404
					? words.t('join.gone') : words.error(error),
			}).node,
			new PublicRooms(page, { on_enter: close }).node,
		],
	});
}
