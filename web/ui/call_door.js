// call_door.js -- the call buttons in a room's head, and the loader of the calls view, which
// is loaded with the first call to show.

import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { load_now } from './load.js';

const AGAIN_MS = 2000;
const CONCERNS = ['calls', 'people', 'rooms', 'current'];

export class CallDoor {
	#page;
	#view = null;
	#is_loading = false;
	#has_ended = false;

	constructor(page) {
		this.#page = page;
		this.node = h('div', { class: 'calls' });
		this.#look();
	}

	update(what) {
		if (!CONCERNS.includes(what))
			return;
		if (this.#view)
			this.#view.update(what);
		else if (what === 'calls')
			this.#look();
	}

	end() {
		this.#has_ended = true;
		this.#view?.end();
	}

	#look() {
		const { mine, ringing, ended, missed } = this.#page.store.calls;

		if (!this.#is_loading && (mine || ended || ringing.length > 0 || missed.length > 0))
			this.#load();
	}

	async #load() {
		this.#is_loading = true;
		try {
			const { CallView } = await load_now(() => import('./call.js'), 'calls.css');
			if (this.#has_ended)
				return;
			this.#view = new CallView(this.#page);
			this.node.append(this.#view.node);
			this.#view.update('calls');
		} catch {
			this.#is_loading = false;	// out of reach: try again while it rings
			setTimeout(() => this.#has_ended || this.#look(), AGAIN_MS);
		}
	}
}

// The call buttons of a room's head: {node, update()}. Empty if calls are not possible here.
export function call_tools(page, room_id) {
	const node = h('div', { class: 'call-tools' });
	let shown = null;

	return {
		node,
		update() {
			const what = what_to_offer(page, room_id);
			if (what === shown)
				return;
			shown = what;
			replace(node, OFFERS[what]?.(page, room_id));
		},
	};
}

function what_to_offer({ client, store }, room_id) {
	const { calls } = store;

	if (calls.mine)
		return calls.mine.room_id === room_id ? 'in_it' : 'nothing';
	if (calls.elsewhere?.room_id === room_id)
		return 'elsewhere';
	if (calls.ringing.some((call) => call.room_id === room_id))
		return 'nothing';
	if (calls.going_on(room_id))
		return 'join';
	return client.calls.may_start(store.rooms.get(room_id)) ? 'start' : 'nothing';
}

const OFFERS = {
	start: ({ words, client }, room_id) => [
		tool('phone', words.t('call.start_audio'), () => client.calls.start(room_id)),
		tool('video', words.t('call.start_video'), () =>
			client.calls.start(room_id, { video: true })),
	],
	join: ({ words, client, store }, room_id) => wide('phone', words.t('call.join'), () =>
		client.calls.accept(store.calls.going_on(room_id))),
	elsewhere: ({ words, client, store }) => [
		wide('phone', words.t('call.continue_here'), () =>
			client.calls.accept(store.calls.elsewhere)),
		wide('close', words.t('call.hang_up'), () =>
			client.calls.hang_up_elsewhere(store.calls.elsewhere).catch(() => {})),
	],
	in_it: ({ words }) => wide('phone', words.t('call.show'), () =>
		document.dispatchEvent(new CustomEvent('show-call'))),
};

const tool = (name, label, act) => h('button', {
	type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick: act,
}, icon(name));

const wide = (name, label, act) => h('button', {
	type: 'button', class: 'button small quiet', 'aria-label': label, title: label, onclick: act,
}, icon(name), h('span', { class: 'wide-only' }, label));
