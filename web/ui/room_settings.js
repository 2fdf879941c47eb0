// room_settings.js -- the room settings that admins may change: name, picture, description,
// who can join, slow mode, history.

import { avatar, room_name } from './avatar.js';
import { open_dialog } from './dialog.js';
import { span } from './details.js';
import { h, new_id, replace, set, show } from './dom.js';
import { Form, make_field, required } from './form.js';
import { icon } from './icons.js';
import { limit_field, switch_row } from './room_new.js';
import { watch } from './watch.js';

const SLOW_S = [0, 5, 10, 30, 60, 300, 900, 3600];

export function open_settings(page, room) {
	const { words, client, store } = page;
	const picture = new Picture(page, room.id);
	const name = make_field({
		words, name: 'name', label: words.t('new.name'),
		input: { required: true, maxlength: 100, autocomplete: 'off', value: room.name ?? '' },
	});
	const description = make_field({
		words, name: 'description', label: words.t('new.description'), optional: true,
		input: { tag: 'textarea', rows: 3, maxlength: 1000, value: room.description ?? '' },
	});
	const limit = limit_field(words, store.status?.limits?.max_room_members,
		String(room.max_members ?? ''));
	const by_id = switch_row(words.t('room.join_by_id'), words.t('room.join_by_id_hint'),
		room.join_by_id);
	const slow = select_field(words.t('room.slow'), words.t('room.slow_hint'),
		slow_options(room, words), String(room.settings?.slow_mode_s ?? 0));
	const history = select_field(words.t('room.history'), words.t('room.history_hint'),
		['all', 'since_join'].map((value) => [value, words.t(`room.history.${value}`)]),
		room.settings?.history ?? 'all');
	const dialog = open_dialog({
		words,
		title: words.t('room.settings'),
		class: 'tall',
		content: (close) => new Form({
			words,
			before: [picture.node],
			fields: [name, description, limit],
			after: [room.kind === 'public' ? null : by_id.node, slow.node, history.node]
				.filter(Boolean),
			label: words.t('room.save'),
			check: (values) => ({ ...required(words, values, ['name']), ...limit.check() }),
			submit: async (values) => {
				const now = store.rooms.get(room.id) ?? room;
				const fields = changes(now, {
					name: values.name,
					description: values.description || null,
					max_members: limit.value() ?? now.max_members,
					join_by_id: by_id.value(),
				});
				const settings = changes(now.settings ?? {}, {
					slow_mode_s: Number(slow.value()), history: history.value(),
				});
				if (Object.keys(settings).length > 0)
					fields.settings = settings;
				if (Object.keys(fields).length > 0)
					await client.manage.change(room.id, fields);
				close();
			},
		}).node,
	});

	watch(dialog, store, ['rooms'], () => picture.update());
}

// Only fields that I changed; another admin's changes of the meantime stay.
function changes(now, wished) {
	return Object.fromEntries(Object.entries(wished).filter(([key, value]) =>
		value !== (now[key] ?? null)));
}

function slow_options(room, words) {
	const now = room.settings?.slow_mode_s ?? 0;
	const all = SLOW_S.includes(now) ? SLOW_S : [...SLOW_S, now].sort((a, b) => a - b);

	return all.map((seconds) => [String(seconds),
		seconds === 0 ? words.t('room.slow_off') : span(seconds, words)]);
}

// A drop-down list: {node, value()}.
export function select_field(label, hint, options, value) {
	const id = new_id('select');
	const select = h('select', { id, class: 'input select', 'aria-describedby': `${id}-hint` },
		options.map(([key, text]) =>
			h('option', { value: key, selected: key === value }, text)));

	return {
		node: h('div', { class: 'field' }, h('label', { for: id }, label), select,
			hint ? h('p', { class: 'field-hint', id: `${id}-hint` }, hint) : null),
		value: () => select.value,
	};
}

// The room's picture; a new one is uploaded as soon as it is chosen.
class Picture {
	#page;
	#room_id;
	#face = h('span', {});
	#error = h('p', { class: 'field-error', role: 'alert', hidden: true });
	#remove;
	#choose;

	constructor(page, room_id) {
		const { words } = page;
		const input = h('input', {
			type: 'file', accept: 'image/png,image/jpeg,image/gif,image/webp', class: 'unseen',
			tabindex: -1, 'aria-hidden': 'true',
			onchange: () => {
				const [file] = input.files;
				input.value = '';
				if (file)
					this.#set(file);
			},
		});

		this.#page = page;
		this.#room_id = room_id;
		this.#choose = h('button', {
			type: 'button', class: 'button small quiet', onclick: () => input.click(),
		}, icon('camera'), words.t('room.picture'));
		this.#remove = h('button', {
			type: 'button', class: 'button small quiet', onclick: () => this.#set(null),
		}, icon('bin'), words.t('room.no_picture'));
		this.node = h('div', { class: 'picture-field' }, this.#face,
			h('div', {}, h('div', { class: 'picture-tools' }, this.#choose, this.#remove),
				this.#error), input);
		this.update();
	}

	update() {
		const { words, store } = this.#page;
		const room = store.rooms.get(this.#room_id);

		if (!room)
			return;
		const had_focus = document.activeElement === this.#remove;
		replace(this.#face, avatar(room.id, room_name(room, words), 'large',
			{ url: room.avatar_url }));
		show(this.#remove, Boolean(room.avatar_url));
		if (had_focus && this.#remove.hidden)
			this.#choose.focus();
	}

	async #set(file) {
		const { words, client } = this.#page;

		show(this.#error, false);
		// not disabled, which would lose the focus
		set(this.#choose, 'aria-disabled', 'true');
		try {
			await client.manage.set_avatar(this.#room_id, file);
		} catch (error) {
			const fault = error.errors?.[0];
			replace(this.#error, icon('warning'),
				fault ? words.field_error(fault) : words.error(error));
			show(this.#error, true);
		}
		set(this.#choose, 'aria-disabled', null);
		this.update();
	}
}
