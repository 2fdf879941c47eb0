// room_dialogs.js -- making a room, joining one; what a room is, who else may come in,
// and the ways out of it.

import { invite_of, room_id_of } from '../core/text.js';
import { avatar, room_name } from './avatar.js';
import { ask, open_dialog } from './dialog.js';
import { h, new_id, replace } from './dom.js';
import { Form, make_field, required } from './form.js';
import { icon } from './icons.js';
import { PublicRooms } from './public_rooms.js';
import { go_to, link_to } from './router.js';

export function open_new({ words, client }) {
	const name = make_field({
		words, name: 'name', label: words.t('new.name'),
		input: {
			required: true, maxlength: 100, autocomplete: 'off', 'data-first': true,
		},
	});
	const description = make_field({
		words, name: 'description', label: words.t('new.description'), optional: true,
		input: { autocomplete: 'off' },
	});
	const kind = choice(words, 'kind', words.t('new.kind'), [
		{ value: 'group', icon: 'lock' }, { value: 'public', icon: 'globe' },
	]);

	open_dialog({
		words,
		title: words.t('new.title'),
		content: (close) => new Form({
			words,
			fields: [name, description],
			after: [kind.node],
			label: words.t('new.create'),
			check: (values) => required(words, values, ['name']),
			submit: async (values) => {
				const fields = { name: values.name, kind: kind.value() };
				if (values.description)
					fields.description = values.description;
				const room = await client.create_room(fields);
				close();
				go_to(room.id);
			},
		}).node,
	});
}

function choice(words, name, label, options) {
	const radio = ({ value, icon: picture }, at) => h('label', { class: 'choice' },
		h('input', { type: 'radio', name, value, checked: at === 0 }),
		icon(picture),
		h('span', {},
			h('span', { class: 'choice-name' }, words.t(`new.${name}.${value}`)),
			h('span', { class: 'choice-hint' }, words.t(`new.${name}.${value}_hint`))));
	const node = h('fieldset', { class: 'choices' }, h('legend', {}, label),
		options.map(radio));

	return { node, value: () => node.querySelector('input:checked').value };
}

export function open_join(page) {
	const { words, client } = page;
	const id = make_field({
		words, name: 'room_id', label: words.t('join.id'),
		input: {
			required: true, autocomplete: 'off', autocapitalize: 'none',
			spellcheck: 'false', 'data-first': true,
		},
	});

	open_dialog({
		words,
		title: words.t('join.title'),
		content: (close) => [
			new Form({
				words,
				fields: [id],
				label: words.t('join.submit'),
				check: (values) => required(words, values, ['room_id']),
				submit: async ({ room_id }) => {
					const code = invite_of(room_id);
					const room = code ? await client.join_invited(code)
						: await client.join_room(room_id_of(room_id));
					close();
					go_to(room.id);
				},
			}).node,
			new PublicRooms(page, { on_enter: close }).node,
		],
	});
}

export function open_invite({ words }, room) {
	const copyable = (label, text, is_first) => {
		const id = new_id('copy');
		const input = h('input', {
			id, class: 'input', readonly: true, value: text,
			onfocus: () => input.select(),
		});
		const said = h('span', { class: 'unseen', role: 'status' });
		const button = h('button', {
			type: 'button', class: 'button quiet', 'data-first': is_first,
			onclick: async () => {
				await copy(input);
				replace(button, icon('check'), words.t('invite.copied'));
				said.textContent = words.t('invite.copied');
			},
		}, icon('copy'), words.t('invite.copy'));
		return h('div', { class: 'field' },
			h('label', { for: id }, label),
			h('div', { class: 'copy-row' }, input, button, said));
	};

	open_dialog({
		words,
		title: words.t('invite.title'),
		content: () => [
			h('p', { class: 'dialog-text' }, words.t('invite.hint')),
			copyable(words.t('invite.link'), link_to(room.id), true),
			copyable(words.t('invite.id'), room.id, false),
		],
	});
}

// The clipboard is there on https and localhost only; a selection can be copied anywhere.
async function copy(input) {
	input.select();
	if (navigator.clipboard)
		await navigator.clipboard.writeText(input.value).catch(() => {});
	else
		document.execCommand('copy');
}

export function open_about(page, room) {
	const { words } = page;
	const name = room_name(room, words);
	const action = (picture, label, act, close, looks) => h('button', {
		type: 'button', class: `button ${looks}`,
		onclick: () => {
			close();
			act(page, room);
		},
	}, icon(picture), words.t(label));

	open_dialog({
		words,
		title: words.t('room.about'),
		content: (close) => [
			h('div', { class: 'account-who' },
				avatar(room.id, name, 'large'),
				h('div', {},
					h('p', { class: 'account-name', dir: 'auto' }, name),
					h('p', { class: 'muted' }, [
						words.t(`rooms.kind.${room.kind}`),
						words.t('rooms.members', { count: room.member_count ?? 1 }),
					].join(' · ')))),
			room.description
				? h('p', { class: 'about-text', dir: 'auto' }, room.description) : null,
			h('div', { class: 'dialog-stack' },
				action('invite', 'room.invite', open_invite, close, 'quiet'),
				action('leave', 'room.leave', ask_leave, close, 'danger-text'),
				room.me?.role === 'owner'
					? action('bin', 'room.remove', ask_remove, close, 'danger-text') : null),
		],
	});
}

function ask_leave({ words, client }, room) {
	ask({
		words,
		title: words.t('leave.title', { name: room_name(room, words) }),
		hint: words.t('leave.hint'),
		yes: words.t('room.leave'),
		act: async () => {
			await client.leave_room(room.id);
			go_to(null);
		},
	});
}

function ask_remove({ words, client }, room) {
	ask({
		words,
		title: words.t('remove.title', { name: room_name(room, words) }),
		hint: words.t('remove.hint'),
		yes: words.t('room.remove'),
		act: async () => {
			await client.remove_room(room.id);
			go_to(null);
		},
	});
}
