// at_rest.js -- waits until the page has shown what the user came for, pictures included, and
// is idle; then loads the rest.

import { next_task } from './dom.js';
import { failed_import } from './load.js';

// Waits no longer than this, whatever is still missing.
const MOST_MS = 4000;
const AGAIN_MS = 2000;

let shown = null;

// The open room can be read, or it is known why not; or none is open.
function has_shown(store) {
	const { user, current, trouble, rooms_known, rooms_trouble, timelines } = store;
	return !user || Boolean(rooms_trouble) || (current
		? Boolean(trouble) || timelines.has(current) : rooms_known);
}

const changed = (store) => new Promise((resolve) => {
	store.addEventListener('change', resolve, { once: true });
});

const a_frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

const an_idle_moment = () => new Promise((resolve) => {
	if (window.requestIdleCallback)
		requestIdleCallback(resolve);
	else
		setTimeout(resolve, MOST_MS / 4);
});

const a_while = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const loaded = (picture) => picture.complete || new Promise((resolve) => {
	for (const name of ['load', 'error'])
		picture.addEventListener(name, resolve, { once: true });
});

async function all_is_drawn(store) {
	while (!has_shown(store))
		await changed(store);
	// the change is drawn in the next frame, and its pictures in a later one
	for (let frame = 0; frame < 2; frame++)
		await a_frame();
	await Promise.all([...document.images].filter(({ loading }) => loading !== 'lazy')
		.map(loaded));
	await a_frame();
	await next_task();
	await an_idle_moment();
}

// Resolves then, or at once if that is past.
export function at_rest(store) {
	shown ??= Promise.race([all_is_drawn(store), a_while(MOST_MS)]);
	return shown;
}

// Resolves with get(), an import(), and loads the whole client; retries until both succeed.
export async function until_there(client, get) {
	for (;;)
		try {
			const [loaded] = await Promise.all([get(), client.whole()]);
			return loaded;
		} catch (error) {
			// what browsers throw if a module cannot be fetched
			if (!(error instanceof TypeError))
				throw error;
			failed_import(error);
			await a_while(AGAIN_MS);
		}
}

// Loads a part once the page is at rest and returns add(loaded); null if has_ended() by then.
export async function add_at_rest(client, get, has_ended, add) {
	await at_rest(client.store);
	const loaded = await until_there(client, get);
	return has_ended() ? null : add(loaded);
}
