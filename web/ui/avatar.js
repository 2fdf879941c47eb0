// avatar.js -- the round picture of a person or room, or letters on a colour of its own; and
// their names.

import { hue_of, initials } from '../core/text.js';
import { h } from './dom.js';

// size: '', small, medium, large. url: a picture, which may be missing or broken. presence:
// shown as a dot (people.js); null if hidden.
export function avatar(id, name, size = '', { url = null, presence = null } = {}) {
	const status = presence?.status ?? null;

	return h('span', {
		class: `avatar hue-${hue_of(id)} ${size}`, 'aria-hidden': 'true',
		// no text: it would become part of the name of a button around it
		'data-letters': initials(name),
	},
	url ? h('img', {
		class: 'avatar-picture', src: url, alt: '', loading: 'lazy', draggable: 'false',
		onerror: (event) => event.target.remove(),
	}) : null,
	status && status !== 'offline' ? h('span', {
		class: 'avatar-dot', 'data-status': status,
	}) : null);
}

// Characters that could reverse what stands beside a name, or make it look like another. New
// names have none (text_is_name() in shared/text.c).
const steady = (name) => name.replace(/[\u202a-\u202e\u2066-\u2069]/g, '');

export function room_name(room, words) {
	if (room.kind === 'direct' && room.peer)
		return person_name(room.peer, words);
	return steady(room.name ?? '') || words.t('rooms.unnamed');
}

export function person_name(person, words) {
	if (!person)
		return words.t('message.removed_account');
	return steady(words.nickname(person.id)
		|| person.name
		|| [person.first_name, person.last_name].filter(Boolean).join(' ')
		|| person.login
		|| '') || words.t('message.removed_account');
}
