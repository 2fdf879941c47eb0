// message_menu.js -- the menu of a message.

import { avatar, person_name } from './avatar.js';
import { QUICK, has_mine, react } from './bubble.js';
import { copy_text } from './copy.js';
import { ask, open_dialog } from './dialog.js';
import { h } from './dom.js';
import { part } from './load.js';
import { open_menu } from './menu.js';
import { link_to } from './router.js';

const load_emoji = part(() => import('./emoji_picker.js'), 'menus.css');

// page has timeline and composer. row: a row's model; at: the menu's position.
export function open_message_menu(page, { message, is_mine }, at) {
	const { words, store, composer } = page;
	const { me } = store.rooms.get(message.room_id) ?? {};
	const is_there = !message.deleted_at && message.seq !== undefined && message.id;
	const may_delete = is_there && (is_mine || ['owner', 'admin'].includes(me?.role));
	// while muted or blocking the other person, all of these would be refused
	const may_write = !composer.is_closed;
	const readers = is_mine && is_there ? readers_of(page, message) : null;

	if (!is_there)
		return;
	open_menu({
		label: words.t('timeline.menu'),
		at,
		row: may_write ? [
			...QUICK.map((emoji) => ({
				text: emoji, label: words.t('timeline.react_with', { emoji }),
				is_on: has_mine(message, emoji), act: () => react(page, message, emoji),
			})),
			{
				picture: 'plus', label: words.t('timeline.react_other'),
				act: () => open_reaction_picker(page, message, at),
			},
		] : [],
		items: [
			may_write ? { picture: 'reply', label: words.t('timeline.reply'), act: () =>
				composer.reply(message) } : null,
			may_write && is_mine && message.text ? { picture: 'edit', label: words.t('timeline.edit'),
				act: () => composer.edit(message) } : null,
			message.text ? { picture: 'copy', label: words.t('timeline.copy'),
				act: () => copy_text(message.text) } : null,
			{ picture: 'link', label: words.t('timeline.copy_link'), act: () =>
				copy_text(`${link_to(message.room_id)}/${message.seq}`) },
			readers ? { picture: 'eye', label: words.t('timeline.readers', {
				count: readers.length }), act: () => show_readers(page, readers) } : null,
			may_delete ? { picture: 'bin', label: words.t('timeline.delete'),
				is_danger: true, act: () => ask_delete(page, message) } : null,
		],
	});
}

export async function open_reaction_picker(page, message, at) {
	const { open_emoji_picker } = await load_emoji();

	open_emoji_picker(page, at, (emoji) => react(page, message, emoji, true));
}

function ask_delete({ words, client }, message) {
	ask({
		words,
		title: words.t('timeline.delete_title'),
		hint: words.t('timeline.delete_hint'),
		yes: words.t('timeline.delete'),
		act: () => client.acts.remove(message),
	});
}

// Null if it is not reported: in public and large rooms.
function readers_of({ store }, message) {
	const { kind } = store.rooms.get(message.room_id) ?? {};

	return kind !== 'public' && store.members.is_whole(message.room_id)
		? store.members.readers(message) : null;
}

function show_readers({ words }, readers) {
	open_dialog({
		words,
		title: words.t('timeline.readers', { count: readers.length }),
		content: () => readers.length === 0
			? h('p', { class: 'dialog-text' }, words.t('timeline.readers_none'))
			: h('ul', { class: 'found' }, readers.map(({ user }) => {
				const name = person_name(user, words);
				return h('li', { class: 'found-row' },
					avatar(user.id, name, 'small', { url: user.avatar_url }),
					h('span', { class: 'found-name', dir: 'auto' }, name));
			})),
	});
}
