// load.js -- loads parts of the page on demand, with their stylesheets and the texts and
// icons that the chat does not need at first.

import { h } from './dom.js';

const loading = new Map();	// stylesheet name -> promise

// Set by app.js. rest() loads those texts and icons, whole() the rest of the client.
// failed(again) reports that something could not be loaded, and calls again() if the user
// retries; done(): it was loaded; failed_import(error): main.js.
let page = {
	rest: async () => {}, whole: async () => {}, failed: () => {}, done: () => {},
	failed_import: () => {},
};

export function set_loading(how) {
	page = how;
}

export const failed_import = (error) => page.failed_import(error);

// The link that begin.js has already requested, or a new one.
function link_to(href) {
	return [...document.head.querySelectorAll('link[rel=stylesheet]')]
		.find((link) => link.href === href) ?? h('link', { rel: 'stylesheet', href });
}

// Resolves once it is applied. Stylesheets apply in the order of the calls.
export function load_style(name) {
	if (!loading.has(name))
		loading.set(name, new Promise((resolve, reject) => {
			const sheet = link_to(new URL(`../style/${name}`, import.meta.url).href);

			if (sheet.sheet) {
				resolve();
				return;
			}
			sheet.addEventListener('load', resolve);
			sheet.addEventListener('error', () => {
				loading.delete(name);
				sheet.remove();
				reject(new TypeError(`${name} cannot be loaded`));
			});
			if (!sheet.isConnected)
				document.head.append(sheet);
		}));
	return loading.get(name);
}

// Resolves with get(), an import(), once its stylesheets and the rest are loaded too. Rejects
// on failure.
export async function load_now(get, ...styles) {
	try {
		const [loaded] = await Promise.all([get(), page.rest(), ...styles.map(load_style)]);
		return loaded;
	} catch (error) {
		failed_import(error);
		throw error;
	}
}

// The same, with the whole client, for as long as it takes: on failure the page says so, and
// the user can retry. soon(): prefetches.
export function part(get, ...styles) {
	const load = () => new Promise((resolve, reject) => {
		const attempt = async () => {
			try {
				const [loaded] = await Promise.all([load_now(get, ...styles), page.whole()]);
				resolve(loaded);
				page.done();
			} catch (error) {
				// what browsers throw if a module cannot be fetched
				if (error instanceof TypeError)
					page.failed(attempt);
				else
					reject(error);
			}
		};
		attempt();
	});

	load.soon = () => load_now(get, ...styles).catch(() => {});
	return load;
}

// The same for parts that open dialogs with lists of people and menus.
export const dialog_part = (get, ...styles) =>
	part(get, 'form.css', 'dialogs.css', 'people.css', 'menus.css', ...styles);

// Props of a button that opens such a part: prefetches it when the pointer or focus gets
// there.
export const comes_near = ({ soon }) => ({ onpointerenter: soon, onfocus: soon });
