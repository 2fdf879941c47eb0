// load_style.js -- what is loaded only when somebody wants it, with its stylesheets.

import { h } from './dom.js';

const loading = new Map();	// name -> the promise of it

// Resolves once it holds, or cannot be had now. They hold in the order of the calls.
export function load_style(name) {
	if (!loading.has(name))
		loading.set(name, new Promise((resolve) => {
			const sheet = h('link', {
				rel: 'stylesheet', href: new URL(`../style/${name}`, import.meta.url).href,
				onload: resolve,
				onerror: () => {
					loading.delete(name);
					sheet.remove();
					resolve();
				},
			});
			document.head.append(sheet);
		}));
	return loading.get(name);
}

// What import() answers, once its stylesheets hold too.
export async function load(module, ...styles) {
	const [loaded] = await Promise.all([module, ...styles.map(load_style)]);
	return loaded;
}

// The same of what opens windows over the page, with people to be picked and menus.
export const load_dialog = (module, ...styles) =>
	load(module, 'dialogs.css', 'people.css', 'menus.css', ...styles);
