// toast.js -- a word about something that went wrong, for a moment, over the page.

import { h } from './dom.js';

const SHOWN_MS = 6000;
let shown = null;

export function toast(text) {
	shown?.remove();
	const node = h('p', { class: 'toast', role: 'alert' }, text);
	shown = node;
	document.body.append(node);
	setTimeout(() => node.remove(), SHOWN_MS);
}
