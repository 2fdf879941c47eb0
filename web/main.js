// main.js -- starts the client in a browser: passes core/ what it must not access itself, and
// forwards page events.

import { Client, storage_prefix } from './core/client.js';
import { on_failed_import } from './core/later.js';
import { choose_language } from './core/words.js';
import { App } from './ui/app.js';
import { next_task } from './ui/dom.js';
import './ui/install.js';
import { show_look } from './ui/look.js';

// Loads only the texts of the chosen language, and at first only those that the chat shows at
// once.
const LANGUAGES = {
	en: {
		language: 'en', name: 'English',
		load: () => import('./i18n/en.js'), load_more: () => import('./i18n/en_more.js'),
	},
	ru: {
		language: 'ru', name: 'Русский',
		load: () => import('./i18n/ru.js'), load_more: () => import('./i18n/ru_more.js'),
	},
};

// If storage is forbidden, browsers throw as soon as it is accessed.
function allowed(look) {
	try {
		return look() ?? null;
	} catch {
		return null;
	}
}

// in steps, so that a slow phone can draw and respond in between
await next_task();
const base = new URL('.', document.baseURI).href;
const client = new Client({
	base,
	fetch: window.fetch.bind(window),
	WebSocket: window.WebSocket,
	XMLHttpRequest: window.XMLHttpRequest,
	storage: allowed(() => window.localStorage),
	idb: allowed(() => window.indexedDB),
	channel: allowed(() => new BroadcastChannel(`${storage_prefix(base)}outbox`)),
	locks: navigator.locks ?? null,
	rtc: window.RTCPeerConnection ? {
		Connection: window.RTCPeerConnection, Stream: window.MediaStream,
		devices: navigator.mediaDevices ?? null,
	} : null,
});

const chosen = client.keep.get('language');

show_look(client.keep.get('look') ?? {});
addEventListener('storage', (event) => {
	client.on_storage(event.key);
	// changed in another tab
	if (event.key === null || event.key === `${client.keep.prefix}look`)
		show_look(client.keep.get('look') ?? {});
});
// in either case, check the connection
addEventListener('online', () => client.nudge());
addEventListener('offline', () => client.nudge());
addEventListener('pagehide', () => client.leave());
addEventListener('pageshow', (event) => event.persisted && client.nudge());
document.addEventListener('visibilitychange', () => {
	if (document.visibilityState === 'visible')
		client.nudge();
});
// a frozen page must hold no locks; it resumes its work later
document.addEventListener('freeze', () => client.rest());
document.addEventListener('resume', () => client.nudge());
addEventListener('beforeunload', (event) => {
	if (client.is_fleeting)
		event.preventDefault();
});

// Firefox never again loads a module that it once failed to load: only a new page helps. At most
// once a minute, since the module may also be broken for good.
async function failed_import({ message = '' }) {
	const [url] = /https?:\S+$/.exec(message) ?? [];
	const key = `${storage_prefix(base)}reloaded`;
	const is_there = () => fetch(url).then((reply) => reply.ok, () => false);
	const is_lost = () => import(url).then(() => false, () => true);

	if (!url || !await is_there() || !await is_lost())
		return;
	try {
		if (Date.now() - Number(sessionStorage.getItem(key)) < 60000)
			return;
		sessionStorage.setItem(key, Date.now());
		location.reload();
	} catch {
		// no storage to count by
	}
}
on_failed_import(failed_import);

await next_task();
client.start();
await next_task();
new App({
	client,
	failed_import,
	root: document.getElementById('app'),
	languages: LANGUAGES,
	language: choose_language([chosen, ...navigator.languages].filter(Boolean), LANGUAGES),
	on_language: (to) => client.keep.set('language', to),
});
