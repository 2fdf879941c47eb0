// line.js -- the connection status: always a dot with a word, and a bar above the messages if
// a problem lasts.

import { h, keep_focus, replace, say, show } from './dom.js';

// Shorter interruptions are not shown in the bar.
const LASTING_MS = 1500;

export function state_of(line) {
	if (line.polling)
		return 'polling';
	// the browser's network state may be wrong: the connection itself is checked
	if (line.state === 'online' && (navigator.onLine || !line.is_doubted))
		return 'online';
	if (!navigator.onLine)
		return 'offline';
	return line.state === 'waiting' ? 'waiting' : 'connecting';
}

export class Line {
	#page;
	#word = h('span', { class: 'line-word' });
	#text = h('span', {});
	// the countdown is visual only: a screen reader would read every second
	#wait = h('span', { class: 'line-wait', 'aria-hidden': 'true' });
	#now;
	#timer = null;
	#ticking = null;
	#shown = null;		// the state that the bar shows
	#on_network = () => this.#render();

	constructor(page) {
		this.#page = page;
		this.dot = h('p', { class: 'line-dot' }, this.#word);
		this.bar = h('div', { class: 'line-bar', role: 'status', hidden: true });
		this.#now = h('button', {
			type: 'button', class: 'link', onclick: () => page.client.nudge(),
		}, page.words.t('line.now'));
		addEventListener('online', this.#on_network);
		addEventListener('offline', this.#on_network);
		this.#render();
	}

	update(what) {
		if (what === 'line')
			this.#render();
	}

	end() {
		clearTimeout(this.#timer);
		clearInterval(this.#ticking);
		removeEventListener('online', this.#on_network);
		removeEventListener('offline', this.#on_network);
	}

	#render() {
		const { words, store } = this.#page;
		const state = state_of(store.line);

		this.dot.dataset.state = state;
		say(this.#word, words.t(`line.short.${state}`));
		if (state === 'online') {
			clearTimeout(this.#timer);
			this.#timer = null;
			this.#set_bar(null);
		} else if (this.#shown) {
			this.#set_bar(state);
		} else if (store.line.state !== 'closed') {
			// not before the first attempt
			this.#timer ??= setTimeout(() => this.#set_bar(state_of(store.line)),
				LASTING_MS);
		}
	}

	#tick() {
		const left = Math.ceil((this.#page.store.line.retry_at - Date.now()) / 1000);

		say(this.#wait, left > 0 ? this.#page.words.t('line.in', { count: left }) : '');
	}

	#set_bar(state) {
		// another failing attempt is no news
		if (state === this.#shown || (this.#shown && state === 'connecting'))
			return;
		this.#shown = state;
		clearInterval(this.#ticking);
		this.#ticking = state === 'waiting' || state === 'offline'
			? setInterval(() => this.#tick(), 1000) : null;
		say(this.#wait, '');
		this.bar.dataset.state = state ?? '';
		if (state !== null)
			say(this.#text, this.#page.words.t(`line.${state}`));
		// the button goes, so the focus moves to the room below
		keep_focus(this.bar, () => replace(this.bar, state !== null && [
			h('span', { class: 'line-mark' }), this.#text, this.#wait,
			state !== 'connecting' && this.#now,
		]), this.bar.nextSibling?.querySelector('h1'));
		show(this.bar, state !== null);
	}
}
