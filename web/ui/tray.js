// tray.js -- the attachments of the next message, each with a preview, a remove button and a
// description.

import { ending_of, icon_of_file, kind_of_type } from '../core/filetypes.js';
import { code_points } from '../core/text.js';
import { h, is_composing, keyed, new_id, replace, set, show } from './dom.js';
import { icon } from './icons.js';
import { also_local, remember_local } from './transfer.js';

// At once; more is a mistake, or a folder.
const MOST = 20;
const ALT_MOST = 1000;

// Attachments of rooms that are not open wait here: user -> room id -> entries.
const waiting = new WeakMap();

let last_key = 0;

function entries_of({ user }, room_id) {
	if (!waiting.has(user))
		waiting.set(user, new Map());
	const rooms = waiting.get(user);
	if (!rooms.has(room_id))
		rooms.set(room_id, []);
	return rooms.get(room_id);
}

// node: the row above the composer. opener: the button that chose the files.
export class Tray {
	#page;
	#room_id;
	#on_change;
	#opener;
	#entries;		// {key, file, kind, is_plain, url, alt, width, height, duration}
	#described = null;	// key of the entry being described
	#list;
	#alt;
	#alt_label;
	#alt_field;
	#notes = h('div', { class: 'tray-notes', role: 'alert' });

	// on_change(): files were added or removed.
	constructor(page, room_id, { opener, on_change }) {
		const { words, store } = page;
		const id = new_id('alt');

		this.#page = page;
		this.#room_id = room_id;
		this.#on_change = on_change;
		this.#opener = opener;
		this.#entries = entries_of(store, room_id);
		this.#list = h('ul', { class: 'tray-list', 'aria-label': words.t('attach.chosen') });
		this.#alt_label = h('label', { for: id });
		this.#alt = h('textarea', {
			id, class: 'input', rows: 2, maxlength: ALT_MOST, dir: 'auto',
			placeholder: words.t('attach.alt_hint'),
			oninput: () => this.#on_alt(), onkeydown: (event) => this.#on_alt_key(event),
		});
		this.#alt_field = h('div', { class: 'field tray-alt', hidden: true },
			this.#alt_label, this.#alt);
		this.node = h('div', { class: 'tray' }, this.#notes, this.#list, this.#alt_field);
		this.#render();
	}

	get count() {
		return this.#entries.length;
	}

	// files: File objects. is_plain: send as files to download, whatever their type.
	add(files, { is_plain = false } = {}) {
		const { words, store } = this.#page;
		const most = store.status?.limits?.max_file_bytes ?? Infinity;
		const notes = [];

		for (const file of files) {
			if (file.size > most)
				notes.push(words.t('attach.too_large', {
					name: file.name, size: words.size(most),
				}));
			else if (this.#entries.length >= MOST)
				notes.push(words.t('attach.too_many', { count: MOST }));
			else
				this.#entries.push(this.#entry_of(file, is_plain));
		}
		this.note([...new Set(notes)]);
		this.#changed();
	}

	note(texts) {
		replace(this.#notes, texts.map((text) => h('p', { class: 'form-error' },
			icon('warning'), h('span', { dir: 'auto' }, text))));
	}

	// Sends all of them, the last one with `text`, the first in reply to `reply_to`. Returns
	// whether there were any.
	take(text, reply_to = null) {
		const entries = this.#entries.splice(0);
		const { client } = this.#page;

		entries.forEach((entry, i) => {
			const { file, kind, is_plain, alt, width, height, duration } = entry;
			const item = client.outbox.add(this.#room_id, {
				kind, text: i === entries.length - 1 ? text || null : null,
				reply_to: i === 0 ? reply_to : null,
				data: {
					name: file.name, size: file.size, mime: file.type,
					alt: alt.trim() || null, width, height, duration,
				},
			}, { blob: file, is_plain });
			also_local(entry.key, item.client_id);
		});
		// the notes have been read
		this.note([]);
		if (entries.length > 0)
			this.#changed();
		return entries.length > 0;
	}

	#entry_of(file, is_plain) {
		const kind = is_plain ? 'file' : kind_of_type(file.type);
		const key = `chosen ${++last_key}`;

		return {
			key, file, kind, is_plain, alt: '', width: null, height: null, duration: null,
			url: kind === 'image' || kind === 'video' ? remember_local(key, file) : null,
		};
	}

	#remove(entry) {
		const at = this.#entries.indexOf(entry);

		this.#entries.splice(at, 1);
		if (this.#described === entry.key)
			this.#described = null;
		this.#changed();
		// focus the one that took its place
		const buttons = this.#list.querySelectorAll('.tray-remove');
		(buttons[Math.min(at, buttons.length - 1)] ?? this.#opener).focus();
	}

	#changed() {
		this.#render();
		this.#on_change();
	}

	#render() {
		const described = this.#entries.find((entry) => entry.key === this.#described);

		keyed(this.#list, this.#entries.map((entry) => ({ ...entry, entry,
			is_described: entry === described })), {
			make: ({ entry }) => this.#make_card(entry),
			update: (node, model) => update_card(node, model, this.#page.words),
		});
		show(this.#list, this.#entries.length > 0);
		show(this.#alt_field, Boolean(described));
		if (described) {
			this.#alt_label.textContent = this.#page.words.t('attach.alt_of',
				{ name: described.file.name });
			this.#alt.value = described.alt;
		}
	}

	#make_card(entry) {
		const { words } = this.#page;
		const { file, kind } = entry;
		const can_describe = kind === 'image';
		const remove = words.t('attach.remove', { name: file.name });

		return h('li', { class: `tray-card of-kind-${kind}` },
			picture_of(entry, () => this.#on_measured(entry)),
			h('span', { class: 'tray-name', dir: 'auto', title: file.name }, file.name),
			h('span', { class: 'tray-size' }, words.size(file.size)),
			can_describe ? h('button', {
				type: 'button', class: 'tray-alt-button',
				onclick: () => this.#describe(entry),
			}, words.t('attach.alt')) : null,
			h('button', {
				type: 'button', class: 'tray-remove', 'aria-label': remove, title: remove,
				onclick: () => this.#remove(entry),
			}, icon('close')));
	}

	// A file that cannot be shown after all is sent as a plain file.
	#on_measured(entry) {
		if (entry.kind === 'file')
			this.#changed();
	}

	#describe(entry) {
		this.#described = this.#described === entry.key ? null : entry.key;
		this.#render();
		if (this.#described)
			this.#alt.focus();
	}

	#on_alt() {
		const entry = this.#entries.find(({ key }) => key === this.#described);

		if (entry && code_points(this.#alt.value) <= ALT_MOST)
			entry.alt = this.#alt.value;
		this.#render();
	}

	#on_alt_key(event) {
		if (is_composing(event))
			return;
		if (event.key !== 'Escape' && !(event.key === 'Enter' && !event.shiftKey))
			return;
		event.preventDefault();
		event.stopPropagation();
		const key = this.#described;
		const at = this.#entries.findIndex((entry) => entry.key === key);
		this.#described = null;
		this.#render();
		this.#list.children[at]?.querySelector('.tray-alt-button')?.focus();
	}
}

function update_card(node, { kind, alt, is_described, file }, words) {
	const button = node.querySelector('.tray-alt-button');

	if (!button)
		return;
	show(button, kind === 'image');
	set(button, 'aria-label', words.t(alt.trim() ? 'attach.alt_change' : 'attach.alt_add',
		{ name: file.name }));
	set(button, 'aria-expanded', String(is_described));
	button.classList.toggle('is-there', alt.trim() !== '');
}

function picture_of(entry, on_measured) {
	const { kind, url, file } = entry;
	const as_file = () => h('span', { class: `file-icon of-${icon_of_file({
		mime: file.type, name: file.name,
	})}`, 'aria-hidden': 'true' },
	icon(icon_of_file({ mime: file.type, name: file.name })),
	h('span', {}, ending_of(file.name)));
	const on_error = (event) => {
		entry.kind = 'file';
		event.target.replaceWith(as_file());
		on_measured();
	};

	if (kind === 'image')
		return h('img', { src: url, alt: '', onerror: on_error, onload: ({ target }) => {
			[entry.width, entry.height] = [target.naturalWidth, target.naturalHeight];
		} });
	if (kind === 'video')
		return h('video', { src: url, preload: 'metadata', tabindex: -1, onerror: on_error,
			onloadedmetadata: ({ target }) => measure_video(entry, target) });
	return as_file();
}

// The dimensions and duration of a video, which the server does not determine.
function measure_video(entry, { videoWidth, videoHeight, duration }) {
	if (videoWidth > 0 && videoHeight > 0)
		[entry.width, entry.height] = [videoWidth, videoHeight];
	if (Number.isFinite(duration))
		entry.duration = Math.round(duration * 10) / 10;
}
