// main.js -- starts the client in a browser: hands core/ what it must not reach for
// itself, and tells it what happens to the page.

import { Client } from './core/client.js';
import { choose_language } from './core/words.js';
import en from './i18n/en.js';
import ru from './i18n/ru.js';
import { App } from './ui/app.js';

const TABLES = { en, ru };

// A browser that forbids storage throws already when it is looked at.
function local_storage() {
	try {
		return window.localStorage;
	} catch {
		return null;
	}
}

const client = new Client({
	base: new URL('.', document.baseURI).href,
	fetch: window.fetch.bind(window),
	WebSocket: window.WebSocket,
	storage: local_storage(),
	locks: navigator.locks ?? null,
});

const chosen = client.keep.get('language');

new App({
	client,
	root: document.getElementById('app'),
	tables: TABLES,
	language: choose_language([chosen, ...navigator.languages].filter(Boolean), TABLES),
	on_language: (language) => client.keep.set('language', language),
});

addEventListener('storage', (event) => client.on_storage(event.key));
addEventListener('online', () => client.nudge());
addEventListener('pageshow', (event) => event.persisted && client.nudge());
document.addEventListener('visibilitychange', () => {
	if (document.visibilityState === 'visible')
		client.nudge();
});
client.start();
