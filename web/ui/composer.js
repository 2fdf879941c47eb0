// composer.js -- where the user writes. Enter sends, Shift+Enter starts a new line; on a
// phone, whose keyboard has no Shift to hold, Enter starts a new line too. A bar above shows
// the quoted or edited message.

import { code_points } from '../core/text.js';
import { add_at_rest, until_there } from './at_rest.js';
import { person_name, room_name } from './avatar.js';
import { ComposerStatus } from './composer_status.js';
import { h, is_coarse, is_composing, replace, set, show } from './dom.js';
import { pasted_files } from './drop.js';
import { icon } from './icons.js';
import { comes_near, part } from './load.js';
import { text_of } from './bubble.js';

// If the server names no limit.
const MOST = 8000;
// The remaining count is shown from here on.
const NEAR = 500;

const load_tray = () => import('./tray.js');
const load_change = part(() => import('./change.js'));
const load_attach = part(() => import('./attach_menu.js'), 'menus.css');
const load_emoji = part(() => import('./emoji_picker.js'), 'menus.css');

export class Composer {
	#page;
	#room_id;
	#on_send;
	#input;
	#count = h('p', { class: 'composer-count', role: 'status', hidden: true });
	#bar = h('div', { class: 'composer-bar', hidden: true });
	#send;
	#mentions = null;	// mention_list.js, from the first @ on
	#status;
	#reply_to = null;	// the quoted message
	#editing = null;	// the edited message
	#opener;		// the button of the attach menu
	#tray = null;		// tray.js, once it is loaded
	#adding = null;		// promise of it; files wait for it
	#has_ended = false;

	// page.timeline: shows quoted messages. on_send(): a message was just sent.
	constructor(page, room_id, { on_send }) {
		const { words, store } = page;
		const draft = store.drafts.get(room_id);

		this.#page = page;
		this.#room_id = room_id;
		this.#on_send = on_send;
		this.#reply_to = draft?.reply_to ?? null;
		this.#input = h('textarea', {
			class: 'composer-input', rows: 1, dir: 'auto',
			enterkeyhint: is_coarse() ? 'enter' : 'send',
			'aria-label': words.t('composer.label', {
				name: room_name(store.rooms.get(room_id), words),
			}),
			placeholder: words.t('composer.placeholder'),
			value: draft?.text ?? '',
			oninput: () => this.#on_input(),
			onpaste: (event) => this.#paste(event),
			onkeydown: (event) => this.#on_key(event),
			onselectionchange: () => this.#mentions?.look(),
			onblur: () => this.#mentions?.close(),
		});
		this.#send = h('button', { type: 'submit', class: 'send' });
		this.#status = new ComposerStatus(page, room_id, {
			on_change: () => this.#fit(),
		});
		this.node = h('form', {
			class: 'composer',
			onsubmit: (event) => {
				event.preventDefault();
				this.#say();
			},
		}, this.#status.node, this.#attach_tools(),
		h('div', { class: 'composer-box' }, this.#bar,
			h('div', { class: 'composer-line' }, this.#input, this.#emoji_button()),
			this.#count),
		this.#send, this.#status.notice);
		this.#render_bar();
		// its height is known once it is on the page
		requestAnimationFrame(() => this.#fit());
		add_at_rest(page.client, load_tray, () => this.#has_ended,
			(loaded) => this.#make_tray(loaded));
	}

	#make_tray({ Tray }) {
		if (this.#tray)
			return;
		this.#tray = new Tray(this.#page, this.#room_id, {
			opener: this.#opener, on_change: () => this.#fit(),
		});
		this.#status.node.after(this.#tray.node);
		this.#fit();
	}

	async #add(files, how) {
		if (!this.#tray) {
			this.#adding ??= until_there(this.#page.client, load_tray);
			// also if the room was left in the meantime: the files wait in its tray, or are
			// sent if Send was pressed
			this.#make_tray(await this.#adding);
			this.#adding = null;
		}
		this.#tray.add(files, how);
	}

	// Whether the user may not write here now.
	get is_closed() {
		return this.#status.is_closed;
	}

	focus() {
		this.#input.focus();
	}

	// Adds files to the next message.
	add_files(files) {
		this.#add(files);
		this.#input.focus();
	}

	#paste(event) {
		const files = pasted_files(event, this.#page.words);

		if (files.length > 0)
			this.add_files(files);
	}

	update(what, id) {
		if (id === this.#room_id && what === 'draft')
			this.#show_draft();
		else if (id === this.#room_id || what === 'people')
			this.#status.update(what);
	}

	// The text written here is here already; another tab may have written something else.
	#show_draft() {
		const { text = '', reply_to = null }
			= this.#page.store.drafts.get(this.#room_id) ?? {};
		const is_other = reply_to?.id !== this.#reply_to?.id;

		this.#reply_to = reply_to;
		if (this.#editing)
			return;
		if (text !== this.#input.value)
			this.#write(text);
		if (is_other)
			this.#render_bar();
	}

	end() {
		this.#has_ended = true;
		this.#status.end();
		this.#page.client.wrote(this.#room_id, false);
	}

	reply(message) {
		const { id, room_id, seq, sender, kind, text } = message;

		this.#stop_editing();
		this.#reply_to = { id, room_id, seq, sender, kind, text };
		this.#keep_draft();
		this.#render_bar();
		this.focus();
	}

	edit(message) {
		this.#editing = message;
		load_change.soon();
		this.#write(message.text);
		this.#render_bar();
		this.focus();
	}

	#attach_tools() {
		const { words } = this.#page;
		const label = words.t('attach.open');
		let chosen_as;
		const input = h('input', {
			type: 'file', class: 'attach-input', multiple: true, tabindex: -1, hidden: true,
			'aria-hidden': 'true',
			onchange: () => {
				this.#add([...input.files], chosen_as);
				input.value = '';
				// Enter should send them, not open the file dialog again
				if (!is_coarse())
					this.focus();
			},
		});
		const choose = (accept, how) => {
			set(input, 'accept', accept);
			chosen_as = how;
			input.click();
		};

		this.#opener = h('button', {
			type: 'button', class: 'icon-button composer-tool', 'aria-haspopup': 'menu',
			'aria-expanded': 'false', 'aria-label': label, title: label,
			onclick: async () => (await load_attach()).open_attach_menu(this.#page,
				this.#room_id, { opener: this.#opener, choose }),
			...comes_near(load_attach),
		}, icon('clip'));
		return h('div', { class: 'composer-tools' }, this.#opener, input);
	}

	#emoji_button() {
		const { words } = this.#page;
		const label = words.t('composer.emoji');

		return h('button', {
			type: 'button', class: 'icon-button composer-tool', 'aria-label': label,
			title: label,
			onclick: async (event) => {
				const at = event.currentTarget;
				const { open_emoji_picker } = await load_emoji();
				open_emoji_picker(this.#page, at, (emoji) => this.#insert(emoji));
			},
			...comes_near(load_emoji),
		}, icon('smile'));
	}

	#insert(text) {
		const { selectionStart, selectionEnd } = this.#input;

		this.#input.setRangeText(text, selectionStart, selectionEnd, 'end');
		this.#on_input();
		this.#input.focus();
	}

	#write(text) {
		this.#input.value = text;
		this.#input.setSelectionRange(text.length, text.length);
		this.#fit();
	}

	#on_input() {
		this.#keep_draft();
		this.#fit();
		this.#look_for_names();
	}

	async #look_for_names() {
		if (!this.#mentions && this.#input.value.includes('@')) {
			// out of reach: no suggestions
			const [{ MentionList }] = await Promise.all([import('./mention_list.js'),
				this.#page.client.whole()]).catch(() => [{}]);
			if (!this.#mentions && MentionList)
				this.#make_mentions(MentionList);
		}
		this.#mentions?.look();
	}

	#make_mentions(MentionList) {
		this.#mentions = new MentionList(this.#page, this.#room_id, this.#input,
			() => this.#on_input());
		this.#opener.parentNode.before(this.#mentions.node);
	}

	// An edit is no draft; the previous draft comes back after it.
	#keep_draft() {
		if (!this.#editing)
			this.#page.client.draft(this.#room_id, {
				text: this.#input.value, reply_to: this.#reply_to,
			});
	}

	#stop_editing() {
		if (!this.#editing)
			return;
		this.#editing = null;
		this.#write(this.#page.store.drafts.get(this.#room_id)?.text ?? '');
		this.#render_bar();
	}

	#leave_bar() {
		if (this.#editing) {
			this.#stop_editing();
		} else {
			this.#reply_to = null;
			this.#keep_draft();
			this.#render_bar();
		}
		this.focus();
	}

	#render_bar() {
		const { words } = this.#page;
		const message = this.#editing ?? this.#reply_to;
		const does = words.t(this.#editing ? 'composer.save' : 'composer.send');

		set(this.#send, 'aria-label', does);
		set(this.#send, 'title', does);
		replace(this.#send, icon(this.#editing ? 'check' : 'send'));
		show(this.#bar, Boolean(message));
		if (!message)
			return;
		const title = this.#editing ? words.t('composer.editing')
			: words.t('composer.replying', { name: person_name(message.sender, words) });
		replace(this.#bar,
			icon(this.#editing ? 'edit' : 'reply'),
			h('button', {
				type: 'button', class: 'composer-about',
				onclick: () => this.#page.timeline.show(message.seq),
			}, h('b', { dir: 'auto' }, title),
			h('span', { dir: 'auto' }, text_of(message, words))),
			h('button', {
				type: 'button', class: 'icon-button', 'aria-label': words.t('dialog.cancel'),
				title: words.t('dialog.cancel'), onclick: () => this.#leave_bar(),
			}, icon('close')));
	}

	// Fits the height to the text, within the stylesheet's maximum; enables the button.
	#fit() {
		const { words, store } = this.#page;
		const text = this.#input.value;
		const left = (store.status?.limits?.max_text_chars ?? MOST) - code_points(text);

		this.#measure();
		this.#send.disabled = left < 0 || (text.trim() === '' && (this.#editing || !this.#tray?.count))
			|| (!this.#editing && this.#status.wait_s > 0);
		set(this.#count, 'class', left < 0 ? 'composer-count over' : 'composer-count');
		show(this.#count, left < NEAR);
		replace(this.#count, left < 0
			? words.t('composer.over', { count: -left })
			: words.t('composer.left', { count: left }));
	}

	// Its surroundings keep their height meanwhile: the messages above would move down as it
	// shrinks, and not up again.
	#measure() {
		const { style, parentNode: line } = this.#input;

		line.style.height = `${line.clientHeight}px`;
		style.height = 'auto';
		style.height = `${this.#input.scrollHeight}px`;
		line.style.height = '';
	}

	#on_key(event) {
		if (is_composing(event) || this.#mentions?.on_key(event))
			return;
		if (event.key === 'Enter' && !event.shiftKey && !is_coarse()) {
			event.preventDefault();
			this.#say();
		} else if (event.key === 'Escape' && (this.#editing || this.#reply_to)) {
			event.preventDefault();
			this.#leave_bar();
		} else if (event.key === 'ArrowUp' && this.#input.value === '') {
			const last = this.#last_of_mine();
			if (last) {
				event.preventDefault();
				this.edit(last);
			}
		}
	}

	#last_of_mine() {
		const { store } = this.#page;
		const { messages = [] } = store.timelines.get(this.#room_id) ?? {};

		return messages.findLast(({ sender, text, deleted_at }) =>
			sender?.id === store.user.id && text && !deleted_at);
	}

	#say() {
		const text = this.#input.value.trim();

		// files just chosen go with it
		if (this.#adding) {
			this.#adding.then(() => this.#say());
			return;
		}
		if (this.#send.disabled)
			return;
		if (this.#editing) {
			this.#change(this.#editing, text);
			return;
		}
		const reply_to = this.#reply_to?.id ?? null;
		if (!this.#tray?.take(text, reply_to))
			this.#page.client.say(this.#room_id, text, reply_to ? { reply_to } : {});
		this.#reply_to = null;
		this.#input.value = '';
		this.#status.said();
		this.#on_input();
		this.#render_bar();
		this.#input.focus();
		this.#on_send();
	}

	async #change(message, text) {
		this.#stop_editing();
		if (text !== message.text)
			(await load_change()).change(this.#page, message, text);
	}
}
