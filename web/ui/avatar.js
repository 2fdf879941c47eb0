// avatar.js -- a round picture of somebody or of a room: letters on its own colour.

import { hue_of, initials } from '../core/text.js';
import { h } from './dom.js';

export function avatar(id, name, size = '') {
	return h('span', {
		class: `avatar hue-${hue_of(id)} ${size}`, 'aria-hidden': 'true',
	}, initials(name));
}

export function room_name(room, words) {
	if (room.kind === 'direct' && room.peer)
		return person_name(room.peer, words);
	return room.name || words.t('rooms.unnamed');
}

export function person_name(person, words) {
	if (!person)
		return words.t('message.removed_account');
	return person.name
		|| [person.first_name, person.last_name].filter(Boolean).join(' ')
		|| person.login
		|| words.t('message.removed_account');
}
