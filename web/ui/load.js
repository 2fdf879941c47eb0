// load.js -- what is loaded only when somebody wants it: parts of the page, with their
// stylesheets, and the words and pictures that the chat does without at first.

import { h } from './dom.js';

const loading = new Map();	// name of a stylesheet -> the promise of it

// What app.js knows: rest() loads those words and pictures, whole() the parts of the client
// that act, failed(again) says that something cannot be had now, and calls again() when
// somebody wants to try once more; done(): it could.
let page = { rest: async () => {}, whole: async () => {}, failed: () => {}, done: () => {} };

export function set_loading(how) {
	page = how;
}

// One that the page has sent for already (begin.js), or a new one.
function link_to(href) {
	return [...document.head.querySelectorAll('link[rel=stylesheet]')]
		.find((link) => link.href === href) ?? h('link', { rel: 'stylesheet', href });
}

// Resolves once it holds. They hold in the order of the calls.
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

// What get() answers, an import(), once its stylesheets and the rest are there too.
// Rejects where one of them cannot be had.
export async function load_now(get, ...styles) {
	const [loaded] = await Promise.all([get(), page.rest(), ...styles.map(load_style)]);
	return loaded;
}

// The same, and all of the client, for as long as it takes: where it cannot be had the page
// says so, and it is tried again when somebody wishes. soon(): somebody may want it in a
// moment.
export function part(get, ...styles) {
	const load = () => new Promise((resolve, reject) => {
		const attempt = async () => {
			try {
				const [loaded] = await Promise.all([load_now(get, ...styles), page.whole()]);
				resolve(loaded);
				page.done();
			} catch (error) {
				// what browsers throw when a module cannot be fetched
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

// The same of what opens windows over the page, with people to be picked and menus.
export const dialog_part = (get, ...styles) =>
	part(get, 'form.css', 'dialogs.css', 'people.css', 'menus.css', ...styles);

// What a button has that opens such a part: it is fetched when one comes near.
export const comes_near = ({ soon }) => ({ onpointerenter: soon, onfocus: soon });
