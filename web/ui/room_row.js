// room_row.js -- a room in the list: name, last message, unread count.

import { avatar, person_name, room_name } from './avatar.js';
import { h, replace, set } from './dom.js';
import { icon } from './icons.js';
import { text_of } from './bubble.js';
import { typing_text } from './presence.js';
import { path_of } from './router.js';

// What a row depends on: rows with an equal model are left alone.
export function model_of(room, { store, words }) {
	const is_current = room.id === store.current;
	const message = room.last_message;
	const presence = room.peer ? store.people.presence(room.peer.id) : null;
	const peer = room.peer ? store.people.person(room.peer.id) ?? room.peer : null;

	return {
		key: room.id,
		face: peer?.id ?? room.id,
		kind: room.kind,
		name: room_name(peer ? { ...room, peer } : room, words),
		picture: peer ? peer.avatar_url : room.avatar_url,
		status: presence?.status ?? null,
		message,
		is_folded: room.kind !== 'direct' && store.people.is_blocked(message?.sender?.id),
		by: message?.sender ? person_name(message.sender, words) : null,
		time: message?.created_at ?? room.created_at,
		unread: room.me?.unread ?? 0,
		mentions: room.me?.mentions ?? 0,
		notify: room.me?.notify ?? 'all',
		is_current,
		is_mine: Boolean(message?.sender) && message.sender.id === store.user?.id,
		draft: is_current ? '' : store.drafts.get(room.id)?.text ?? '',
		typing: typing_text(store.members.writing(room.id) ?? [], room.kind, { store, words }),
		today: new Date().toDateString(),
	};
}

export function update_row(item, model, former, words) {
	if (former && Object.keys(model).every((key) => model[key] === former[key]))
		return;
	const is_quiet = model.notify !== 'all';

	// the link element stays, and so does its focus
	const link = item.firstChild ?? item.appendChild(h('a', { class: 'room-row' }));
	set(link, 'href', path_of(model.key));
	set(link, 'aria-current', model.is_current ? 'page' : null);
	link.classList.toggle('quiet', is_quiet);
	link.classList.toggle('unread', model.unread > 0);
	replace(link,
		avatar(model.face, model.name, '', {
			url: model.picture, presence: { status: model.status },
		}),
		h('span', { class: 'room-line' },
			h('span', { class: 'room-name', dir: 'auto' },
				public_mark(model, words), model.name),
			is_quiet ? mark('bell_off', words.t(`rooms.notify.${model.notify}`)) : null,
			model.time ? h('time', { class: 'room-time', datetime: model.time },
				words.when(new Date(model.time))) : null),
		h('span', { class: 'room-line' },
			h('span', { class: 'room-last', dir: 'auto' }, preview(model, words)),
			said(model.status && model.status !== 'offline'
				? words.t(`people.status.${model.status}`) : null),
			badges(model, words)));
}

const said = (text) => text ? h('span', { class: 'unseen' }, text) : null;

function mark(name, label) {
	return h('span', { class: 'room-mark', title: label }, icon(name), said(label));
}

function public_mark({ kind }, words) {
	return kind === 'public'
		? h('span', { class: 'room-kind', title: words.t('rooms.kind.public') },
			icon('globe'))
		: null;
}

const short = (count) => count > 999 ? '999+' : String(count);

function badges({ unread, mentions, notify }, words) {
	return [
		mentions > 0 ? h('span', { class: 'badge at' },
			h('span', { 'aria-hidden': 'true' }, '@'),
			said(words.t('rooms.mentions', { count: mentions }))) : null,
		unread > 0 ? h('span', { class: `badge ${notify === 'all' ? '' : 'quiet'}` },
			h('span', { 'aria-hidden': 'true' }, short(unread)),
			said(words.t('rooms.unread', { count: unread }))) : null,
	];
}

function preview(model, words) {
	const { kind, message, is_folded, by, is_mine, draft, typing } = model;

	if (typing)
		return h('span', { class: 'room-typing' }, typing);
	if (draft)
		return [h('span', { class: 'room-draft' }, words.t('rooms.draft')), ' ',
			draft.replace(/\s+/g, ' ').slice(0, 200)];
	if (!message)
		return words.t('rooms.empty');
	if (is_folded)
		return words.t('timeline.folded', { count: 1 });
	const text = text_of(message, words);
	if (is_mine)
		return words.t('rooms.you', { text });
	return kind === 'direct' ? text : words.t('rooms.by', {
		name: by ?? words.t('message.removed_account'), text,
	});
}
