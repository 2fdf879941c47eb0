// call.js -- shows calls over the page: ringing ones, the one I am in, how it ended, and
// missed ones. Loaded with the first of these.

import { isolated } from '../core/words.js';
import { avatar } from './avatar.js';
import { call_icon } from './call_icons.js';
import { clock_of, is_direct, name_of, picture_of, room_title } from './call_parts.js';
import { Ring } from './call_ring.js';
import { give_back, Stage } from './call_stage.js';
import { close_dialogs, h, keyed, new_id, open_dialogs, replace } from './dom.js';
import { go_to } from './router.js';

const ENDED_MS = 6000;

export class CallView {
	#page;
	#stage = null;
	#ring = new Ring();
	#silenced = new Set();		// calls that ring on silently
	#notes = h('div', { class: 'call-notes' });
	#ended_timer = null;
	#focused = null;		// had the focus before a note took it
	#current;
	#dialogs = new MutationObserver(() => this.#place_notes());

	constructor(page) {
		this.#page = page;
		this.#current = page.store.current;
		this.node = h('div', { class: 'call-layer' }, this.#notes);
		this.#dialogs.observe(document.body, { childList: true });
		addEventListener('beforeunload', this.#on_leave);
	}

	update(what) {
		if (what === 'current' && this.#current !== this.#page.store.current)
			this.#on_room(this.#page.store.current);
		this.#render_stage();
		this.#render_notes();
		this.#sound();
	}

	end() {
		removeEventListener('beforeunload', this.#on_leave);
		this.#dialogs.disconnect();
		this.#notes.remove();
		clearTimeout(this.#ended_timer);
		this.#ring.sound(null);
		this.#stage?.end();
	}

	// Closing the page ends the call: ask first.
	#on_leave = (event) => {
		if (this.#page.store.calls.mine)
			event.preventDefault();
	};

	#on_room(room_id) {
		this.#current = room_id;
		this.#stage?.room_opened(room_id);
		this.#page.client.calls.missed_seen(room_id);
	}

	#render_stage() {
		const { mine } = this.#page.store.calls;

		if (mine && !this.#stage) {
			close_dialogs();	// nothing outside them can be reached
			this.#stage = new Stage(this.#page);
			this.node.append(this.#stage.node);
			this.#stage.update();
			this.#stage.show();
		} else if (!mine && this.#stage) {
			this.#stage.end();
			this.#stage = null;
		} else {
			this.#stage?.update();
		}
	}

	#sound() {
		const { store } = this.#page;
		const { mine, ringing } = store.calls;
		const rings = ringing.some((call) => !this.#silenced.has(call.id));

		if (rings && !mine && store.user?.status !== 'busy')
			this.#ring.sound('in');
		else
			this.#ring.sound(mine?.phase === 'ringing' ? 'out' : null);
	}

	// --- notes in the corner ---

	// An open dialog makes everything outside inert, so what rings moves into it.
	#place_notes() {
		const { ringing } = this.#page.store.calls;
		const home = (ringing.length > 0 && open_dialogs().at(-1)) || this.node;

		if (this.#notes.parentNode !== home)
			home.prepend(this.#notes);
	}

	#render_notes() {
		const { calls } = this.#page.store;
		const notes = [
			...calls.ringing.map((call) => ({ key: `ring ${call.id}`, call, make: make_ringing,
				is_silenced: this.#silenced.has(call.id) })),
			...calls.ended ? [{ key: 'ended', call: calls.ended, make: make_ended }] : [],
			...by_room(calls.missed),
		].map((note) => ({ ...note, names: this.#names(note.call) }));
		const had_focus = this.#notes.contains(document.activeElement);

		this.#place_notes();
		keyed(this.#notes, notes, {
			make: () => h('div', {}),
			update: (node, note, former) => {
				if (former && former.call === note.call && former.names === note.names
					&& former.is_silenced === note.is_silenced && former.count === note.count)
					return;
				this.#fill(node, note, former);
			},
		});
		if (had_focus && !this.#notes.contains(document.activeElement) && !this.#stage)
			give_back(this.#focused);
	}

	// What a note shows besides its call.
	#names(call) {
		const who = call.initiator_id;
		return [room_title(this.#page, call.room_id), who && name_of(this.#page, who),
			who && picture_of(this.#page, who)].join('\n');
	}

	#fill(node, note, former) {
		const focused = node.contains(document.activeElement)
			? document.activeElement.dataset.act : null;

		note.make(node, note, {
			page: this.#page,
			silence: () => {
				this.#silenced.add(note.call.id);
				this.update();
			},
		});
		if (focused)
			(node.querySelector(`[data-act="${focused}"]:enabled`) ?? node).focus();
		if (former && former.call.id === note.call.id)
			return;
		this.#page.announce(node.dataset.said);
		if (note.make === make_ringing)
			queueMicrotask(() => this.#take_focus(node));	// once it is on the page
		else if (note.make === make_ended)
			this.#forget_ended(note.call);
	}

	// Does not take the focus from somebody who is typing: a keystroke must not answer a
	// call.
	#take_focus(node) {
		const { activeElement } = document;
		const writes = activeElement?.matches('input, textarea, [contenteditable]')
			&& (activeElement.value ?? activeElement.textContent) !== '';

		if (writes || open_dialogs().length > 0)
			return;
		this.#focused = activeElement;
		node.focus();
	}

	#forget_ended(ended) {
		clearTimeout(this.#ended_timer);
		if (ended.reason === 'refused')
			return;
		this.#ended_timer = setTimeout(() => {
			if (this.#page.store.calls.ended !== ended)
				return;
			if (this.#notes.contains(document.activeElement))
				this.#forget_ended(ended);	// the user is about to use it
			else
				this.#page.client.calls.ended_seen();
		}, ENDED_MS);
	}
}

// One note for all missed calls of a room.
function by_room(missed) {
	const rooms = new Map();

	for (const call of missed)
		rooms.set(call.room_id, [...rooms.get(call.room_id) ?? [], call]);
	return [...rooms].map(([room_id, [call, ...more]]) =>
		({ key: `missed ${room_id}`, call, make: make_missed, count: more.length + 1 }));
}

const act_button = (name, picture, label, looks, act) => h('button', {
	type: 'button', class: looks, 'aria-label': label, title: label, 'data-act': name,
	onclick: act,
}, call_icon(picture));

// {who, where} of a call; where is '' in a direct room.
function caller(page, call) {
	const direct = is_direct(page, call.room_id);
	return {
		who: direct ? room_title(page, call.room_id) : name_of(page, call.initiator_id),
		where: direct ? '' : room_title(page, call.room_id),
	};
}

function make_ringing(node, { call, is_silenced }, { page, silence }) {
	const { words, client } = page;
	const { who, where } = caller(page, call);
	const [title, text] = [new_id('ring'), new_id('ring')];
	const kind = words.t(where ? `call.incoming_in.${call.kind}` : `call.incoming.${call.kind}`,
		{ room: where });
	const accept = (video) => () => client.calls.accept(call, { video });
	const button = (name, picture, looks, act) => h('div', { class: 'ring-act' },
		act_button(name, picture, words.t(`call.${name}`), `call-button ${looks}`, act),
		h('span', { 'aria-hidden': 'true' }, words.t(`call.short.${name}`)));

	node.className = 'call-note ringing';
	node.setAttribute('role', 'alertdialog');
	node.setAttribute('aria-labelledby', title);
	node.setAttribute('aria-describedby', text);
	node.tabIndex = -1;
	node.dataset.said = words.t('call.announce.incoming', { name: who, what: kind });
	node.onkeydown = (event) => {	// in braces: the browser would heed a returned value
		if (event.key === 'Escape') {
			event.preventDefault();		// it would close a dialog
			silence();
		}
	};
	replace(node,
		h('div', { class: 'ring-who' },
			h('span', { class: 'ring-face' },
				avatar(call.initiator_id, who, 'large', {
					url: picture_of(page, call.initiator_id),
				})),
			h('div', { class: 'ring-names' },
				h('h2', { id: title, dir: 'auto' }, who),
				h('p', { id: text, class: 'muted', dir: 'auto' }, kind)),
			act_button('silence', is_silenced ? 'bell_off' : 'bell', words.t('call.silence'),
				'icon-button', silence)),
		h('div', { class: 'ring-acts' },
			button('decline', 'hang_up', 'hang-up', () => client.calls.decline(call)),
			button('accept_video', 'video', call.kind === 'video' ? 'accept' : 'accept other',
				accept(true)),
			button('accept_audio', 'phone', call.kind === 'audio' ? 'accept' : 'accept other',
				accept(false))));
	node.querySelector('[data-act=silence]').disabled = is_silenced;
}

function make_note(node, { picture, title, text, acts, looks = '' }, close) {
	node.className = `call-note ${looks}`;
	node.dataset.said = `${title}. ${text}`;
	replace(node,
		h('div', { class: 'note-who' },
			h('span', { class: 'note-mark' }, call_icon(picture)),
			h('div', { class: 'ring-names' },
				h('h2', { dir: 'auto' }, title),
				h('p', { class: 'muted', dir: 'auto' }, text)),
			close),
		acts.length > 0 ? h('div', { class: 'note-acts' }, acts) : null);
}

const worded = (name, label, looks, act) => h('button', {
	type: 'button', class: `button small ${looks}`, 'data-act': name, onclick: act,
}, label);

function make_ended(node, { call }, { page }) {
	const { words, client, store } = page;
	// somebody removed from the room has not lost the connection
	const ended = call.reason === 'lost' && !store.rooms.has(call.room_id)
		? { ...call, reason: 'removed' } : call;
	const again = ['no_answer', 'busy', 'lost'].includes(ended.reason)
		|| ended.error?.code === 'offline';
	const call_again = () => client.calls.start(ended.room_id, { video: ended.kind === 'video' });

	make_note(node, {
		picture: ended.reason === 'refused' ? 'warning' : 'hang_up',
		title: room_title(page, ended.room_id),
		text: ended_text(page, ended),
		acts: again ? [worded('again', words.t('call.again'), 'quiet', call_again)] : [],
		looks: ended.reason === 'refused' ? 'is-bad' : '',
	}, act_button('close', 'close', words.t('dialog.close'), 'icon-button', () =>
		client.calls.ended_seen()));
}

function make_missed(node, { call, count }, { page }) {
	const { words, client } = page;
	const { who, where } = caller(page, call);
	const at = new Date(call.started_at);
	const back = () => {
		client.calls.missed_seen(call.room_id);
		client.calls.start(call.room_id, { video: call.kind === 'video' });
	};
	const open = () => {
		client.calls.missed_seen(call.room_id);
		close_dialogs();
		go_to(call.room_id);
	};

	make_note(node, {
		picture: 'call_missed',
		title: who,
		text: [words.t('call.missed', { count }), where && isolated(where), words.when(at)]
			.filter(Boolean).join(' · '),
		acts: [
			worded('back', words.t('call.back'), 'quiet', back),
			page.store.current === call.room_id ? null
				: worded('open', words.t('call.open_room'), 'quiet', open),
		].filter(Boolean),
		looks: 'is-bad',
	}, act_button('close', 'close', words.t('dialog.close'), 'icon-button', () =>
		client.calls.missed_seen(call.room_id)));
}

// Why my call has ended.
function ended_text({ words }, { reason, error, seconds }) {
	if (reason === 'refused') {
		const key = `call.refused.${error.code}`;
		return words.has(key) ? words.t(key) : words.error(error);
	}
	return reason === 'ended' && seconds !== null
		? words.t('call.ended.after', { time: clock_of(seconds) })
		: words.t(`call.ended.${reason}`);
}
