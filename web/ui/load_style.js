// load_style.js -- a stylesheet of what is loaded only when somebody wants it.

import { h } from './dom.js';

// Resolves once it holds, or cannot be had.
export function load_style(name) {
	const href = new URL(`../style/${name}`, import.meta.url).href;

	if (document.querySelector(`link[href="${href}"]`))
		return null;
	return new Promise((resolve) => {
		document.head.append(h('link', {
			rel: 'stylesheet', href, onload: resolve, onerror: resolve,
		}));
	});
}
