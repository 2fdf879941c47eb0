// sw.js -- the service worker: caches the page itself, so that it opens offline, and opens
// the room of a clicked notification.
//
// Only the shell is cached: the files that shell.js lists with their hashes (run/shell.sh),
// all or none. A page always gets files of one version: this worker knows one list, and the
// next worker waits until no page uses this one, or until the user accepts it (ui/worker.js).
// All other requests go to the network, especially the API and users' files.
//
// Owns:  the caches under its prefix.
// Never: an answer of the API.

// The only script that it loads.
const policy = self.trustedTypes?.createPolicy('foyer', {
	createScriptURL: (name) => name === 'shell.js' ? name : '',
});
importScripts(policy ? policy.createScriptURL('shell.js') : 'shell.js');

const ROOT = new URL('.', self.location);
const PREFIX = `foyer:${ROOT.pathname}:shell:`;
const { version, files } = self.shell;
const CACHE = PREFIX + version;

const hex = (bytes) =>
	Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, '0')).join('');

async function keep(cache, path) {
	const url = new URL(path, ROOT);
	const reply = await fetch(url, { cache: 'no-cache', redirect: 'error' });
	const copy = reply.clone();
	const hash = hex(await crypto.subtle.digest('SHA-256', await reply.arrayBuffer()));

	// the server is being upgraded, or was since its list was made
	if (!reply.ok || hash !== files[path])
		throw new Error(`${path} is not what it was`);
	await cache.put(url, copy);
}

async function keep_all() {
	// the same files, perhaps in use, if only this script has changed
	const was_there = await caches.has(CACHE);
	const cache = await caches.open(CACHE);

	try {
		await Promise.all(Object.keys(files).map((path) => keep(cache, path)));
	} catch (error) {
		if (!was_there)
			await caches.delete(CACHE);
		throw error;
	}
}

async function forget_former() {
	const names = await caches.keys();

	await Promise.all(names
		.filter((name) => name.startsWith(PREFIX) && name !== CACHE)
		.map((name) => caches.delete(name)));
}

// The path of a requested file of the shell, or null.
function path_of({ method, url }) {
	const { origin, pathname } = new URL(url);

	if (method !== 'GET' || origin !== ROOT.origin || !pathname.startsWith(ROOT.pathname))
		return null;
	const path = pathname.slice(ROOT.pathname.length) || 'index.html';
	return Object.hasOwn(files, path) ? path : null;
}

async function from_shell(path, request) {
	const cache = await caches.open(CACHE);
	return await cache.match(new URL(path, ROOT)) ?? fetch(request);
}

self.addEventListener('install', (event) => event.waitUntil(keep_all()));
self.addEventListener('activate', (event) => event.waitUntil(forget_former()));

self.addEventListener('fetch', (event) => {
	const path = path_of(event.request);
	if (path !== null)
		event.respondWith(from_shell(path, event.request));
});

self.addEventListener('message', ({ data }) => {
	if (data?.type === 'take_over')
		self.skipWaiting();
});

// Whether a window shows this install, and not another one in a folder below it.
function is_ours({ url }) {
	const { pathname } = new URL(url);
	return pathname === ROOT.pathname || pathname === `${ROOT.pathname}index.html`;
}

async function open_room({ url, room_id }) {
	const windows = await self.clients.matchAll({
		type: 'window', includeUncontrolled: true,
	});
	const page = windows.filter(is_ours).sort((a, b) => b.focused - a.focused)[0];

	if (!page)
		return self.clients.openWindow(url);
	if (room_id)
		page.postMessage({ type: 'open', room_id });
	return page.focus();
}

self.addEventListener('notificationclick', (event) => {
	event.notification.close();
	event.waitUntil(open_room(event.notification.data));
});
