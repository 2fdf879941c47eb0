// line.js -- how the connection is: always a dot with a word, and a bar where one reads
// as soon as something lasts.

import { h, replace, say, show } from './dom.js';

// What is over sooner than this need not be read about.
const LASTING_MS = 1500;

export function state_of(line) {
	if (line.polling)
		return 'polling';
	if (line.state === 'online')
		return 'online';
	if (!navigator.onLine)
		return 'offline';
	return line.state === 'waiting' ? 'waiting' : 'connecting';
}

export function make_line({ words, client, store }) {
	const word = h('span', { class: 'line-word' });
	const dot = h('p', { class: 'line-dot' }, word);
	const text = h('span', {});
	const now = h('button', {
		type: 'button', class: 'link', onclick: () => client.nudge(),
	}, words.t('line.now'));
	const bar = h('div', { class: 'line-bar', role: 'status', hidden: true });
	let timer = null;
	let shown = null;

	function render() {
		const state = state_of(store.line);
		dot.dataset.state = state;
		say(word, words.t(`line.short.${state}`));
		if (state === 'online') {
			clearTimeout(timer);
			timer = null;
			set_bar(null);
		} else if (shown) {
			set_bar(state);
		} else {
			timer ??= setTimeout(() => set_bar(state_of(store.line)), LASTING_MS);
		}
	}

	function set_bar(state) {
		// a try that begins and fails again is not news
		if (state === shown || (shown && state === 'connecting'))
			return;
		shown = state;
		show(bar, state !== null);
		bar.dataset.state = state ?? '';
		if (state === null)
			return;
		say(text, words.t(`line.${state}`));
		replace(bar, h('span', { class: 'line-mark' }), text,
			state === 'connecting' ? null : now);
	}

	const on_online = () => render();
	addEventListener('online', on_online);
	addEventListener('offline', on_online);
	render();
	return {
		dot,
		bar,
		update(what) {
			if (what === 'line')
				render();
		},
		end() {
			clearTimeout(timer);
			removeEventListener('online', on_online);
			removeEventListener('offline', on_online);
		},
	};
}
