// picks.js -- clickable rows for people and rooms: search results, contacts, members.

import { isolated } from '../core/words.js';
import { avatar, person_name, room_name } from './avatar.js';
import { h } from './dom.js';
import { presence_text } from './presence.js';

// mark: a node at the end of the row.
export function pick({ face, name, hint = '', mark = null, label = null, act }) {
	return h('button', {
		type: 'button', class: 'pick', 'aria-label': label, onclick: act,
	},
	face,
	h('span', { class: 'pick-text' },
		h('span', { class: 'pick-name', dir: 'auto' }, name),
		hint ? h('span', { class: 'pick-hint', dir: 'auto' }, hint) : null),
	mark);
}

// Updates a row in place, which keeps the focus.
export function renew(item, row) {
	const former = item.firstElementChild;

	if (former?.matches('.pick') && row.matches('.pick'))
		former.replaceChildren(...row.childNodes);
	else
		item.replaceChildren(row);
}

// A person with their presence; hint: the text below the name, by default their presence.
export function pick_person(user, { words, store }, { act, hint, mark }) {
	const known = store.people.person(user.id) ?? user;
	const presence = store.people.presence(user.id);
	const name = person_name(known, words);

	return pick({
		face: avatar(user.id, name, '', { url: known.avatar_url, presence }),
		name,
		hint: hint ?? [known.login && `@${known.login}`, presence_text(presence, words)]
			.filter(Boolean).join(' · '),
		mark,
		act,
	});
}

export function pick_room(room, { words }, { act, hint, mark }) {
	const name = room_name(room, words);

	return pick({
		face: avatar(room.id, name, '', { url: room.avatar_url }),
		name,
		hint: hint ?? [words.t('rooms.members', { count: room.member_count ?? 0 }),
			isolated(room.description ?? '')].filter(Boolean).join(' · '),
		mark,
		act,
	});
}
