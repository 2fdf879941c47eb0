// notify.js -- shows the notices of core/notices.js: in the page while the user looks at it,
// otherwise by the browser, with a sound; and sets the badge. Ringing calls are notified by
// the browser too; in the page they ring by themselves (call.js).
//
// The browser is asked for permission only at a click (settings_notify.js).

import { isolated } from '../core/words.js';
import { avatar, person_name, room_name } from './avatar.js';
import { close_dialogs, h } from './dom.js';
import { text_of } from './bubble.js';
import { go_to, link_to } from './router.js';
import { close_toast, close_toasts, show_toast } from './toasts.js';

// Notices from more rooms than this are combined.
const ROOMS = 3;
// Setting the badge is slow: once for several changes.
const BADGE_MS = 250;

const base = () => new URL('.', document.baseURI).href;
const tag_of = (key) => `${base()}#${key}`;
const call_key = (id) => `call ${id}`;

export class Notify {
	#page;
	#open = new Map();		// room id, or a call's key -> closes its notification
	#rung = new Set();		// ids of ringing calls that were handled
	#count = -1;
	#badge_due = null;

	constructor(page) {
		const { notices } = page.client;
		const attend = () => {
			const is_attentive = document.visibilityState === 'visible' && document.hasFocus();
			notices.attend(is_attentive);
			if (is_attentive)
				this.#close_calls();
		};

		this.#page = page;
		for (const name of ['focus', 'blur', 'pagehide', 'pageshow'])
			addEventListener(name, attend);
		document.addEventListener('visibilitychange', attend);
		attend();
		notices.addEventListener('notice', ({ detail }) => this.#on_notice(detail));
		notices.addEventListener('read', ({ detail }) => this.#close(detail.room_id));
		// a click on a notification shown by the service worker
		navigator.serviceWorker?.addEventListener('message', ({ data }) => {
			if (data?.type === 'open' && typeof data.room_id === 'string')
				go_to(data.room_id);
		});
	}

	update(what) {
		const { store } = this.#page;

		if (what === 'user') {
			close_toasts();
			for (const room_id of this.#open.keys())
				this.#close(room_id);
		}
		if (what === 'current' && store.current)
			this.#close(store.current);
		if (what === 'user' || what === 'calls')
			this.#look_at_calls();
		if (what === 'user' || what === 'rooms')
			this.#badge_due ??= setTimeout(() => this.#set_badge(), BADGE_MS);
	}

	#on_notice({ notices, attentive }) {
		const { store, client } = this.#page;
		const { wishes } = client.notices;

		if (!store.user)
			return;
		if (attentive) {
			if (wishes.in_page)
				for (const notice of notices)
					if (notice.is_personal && notice.room.id !== store.current)
						this.#toast(notice);
			return;
		}
		if (wishes.sound)
			import('./sound.js').then(({ play }) => play(), () => {});
		if (wishes.is_on && notices.length > ROOMS)
			this.#summarize(notices);
		else if (wishes.is_on)
			for (const notice of notices)
				this.#show(notice);
	}

	// --- in the page ---

	#toast({ room, message }) {
		const { words } = this.#page;
		const name = room_name(room, words);
		const face = room.kind === 'direct' ? room.peer ?? room : room;

		show_toast({
			words,
			key: room.id,
			content: (close) => h('button', {
				type: 'button', class: 'toast-open',
				onclick: () => {
					close();
					close_dialogs();	// they would cover the room
					go_to(room.id);
				},
			},
			avatar(face.id, name, 'small', { url: face.avatar_url }),
			h('span', { class: 'toast-text' },
				h('span', { class: 'toast-name', dir: 'auto' },
					this.#title({ room, message })),
				h('span', { class: 'toast-said', dir: 'auto' },
					this.#body({ room, message, count: 1 })))),
		});
	}

	// --- by the browser ---

	#title({ room, message }) {
		const { words } = this.#page;
		const sender = person_name(message.sender, words);

		return room.kind === 'direct' ? sender
			: words.t('notify.from', { name: sender, room: room_name(room, words) });
	}

	#body({ message, count }) {
		const { words, client } = this.#page;

		if (!client.notices.wishes.with_text)
			return words.t('notify.hidden', { count });
		return text_of(message, words);
	}

	#show(notice) {
		const { room, message } = notice;
		this.#present(room.id, this.#title(notice), {
			body: this.#body(notice),
			icon: new URL(message.sender?.avatar_url ?? 'icons/192.png', base()).href,
			timestamp: Date.parse(message.created_at),
		});
	}

	#summarize(notices) {
		const { words } = this.#page;
		const count = notices.reduce((sum, notice) => sum + notice.count, 0);

		this.#present('', words.t('notify.many', { count }), {
			body: notices.map(({ room }) => isolated(room_name(room, words))).join(', '),
			icon: new URL('icons/192.png', base()).href,
		});
	}

	// Notifies each call once, for as long as it rings.
	#look_at_calls() {
		const { ringing } = this.#page.store.calls;

		for (const id of this.#rung)
			if (!ringing.some((call) => call.id === id)) {
				this.#rung.delete(id);
				this.#close(call_key(id));
			}
		for (const call of ringing)
			if (!this.#rung.has(call.id)) {
				this.#rung.add(call.id);
				this.#tell_call(call);
			}
	}

	async #tell_call(call) {
		const { store, words, client } = this.#page;

		if (store.calls.mine || !await client.notices.may_tell(`call:${call.id}`)
			|| !this.#rung.has(call.id))
			return;
		const room = store.rooms.get(call.room_id);
		const who = room?.kind === 'direct' ? room.peer
			: store.people.person(call.initiator_id);
		const place = room ? room_name(room, words) : '';

		this.#present(call.room_id, person_name(who, words), {
			body: room?.kind === 'direct' ? words.t(`call.incoming.${call.kind}`)
				: words.t(`call.incoming_in.${call.kind}`, { room: place }),
			icon: new URL(who?.avatar_url ?? 'icons/192.png', base()).href,
			timestamp: Date.parse(call.started_at),
			// it rings until answered; without user activation the page is silent
			requireInteraction: true,
			silent: navigator.userActivation?.hasBeenActive ?? true,
		}, call_key(call.id));
	}

	#close_calls() {
		for (const id of this.#rung)
			this.#close(call_key(id));
	}

	// key: for closing it.
	async #present(room_id, title, options, key = room_id) {
		if (!('Notification' in window) || Notification.permission !== 'granted')
			return;
		const url = link_to(room_id || null);
		const all = {
			silent: true, ...options, tag: tag_of(key), renotify: true,
			lang: document.documentElement.lang, data: { url, room_id },
			badge: new URL('icons/badge.png', base()).href,
		};
		const registration = await navigator.serviceWorker?.getRegistration(base())
			.catch(() => null);

		// mobile browsers support nothing else
		if (registration?.active) {
			await registration.showNotification(title, all).catch(() => {});
			this.#open.set(key, async () => {
				for (const one of await registration.getNotifications({ tag: all.tag }))
					one.close();
			});
			return;
		}
		try {
			const one = new Notification(title, all);
			one.onclick = () => {
				window.focus();
				go_to(room_id || null);
				one.close();
			};
			this.#open.set(key, () => one.close());
		} catch {
			// requires a service worker here: no notification
		}
	}

	#close(key) {
		this.#open.get(key)?.();
		this.#open.delete(key);
		close_toast(key);
	}

	// The number on the icon of an installed page.
	#set_badge() {
		const { store } = this.#page;
		const count = store.user ? store.unread : 0;

		this.#badge_due = null;
		if (count === this.#count || !navigator.setAppBadge)
			return;
		this.#count = count;
		const done = count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge();
		done.catch(() => {});
	}
}
