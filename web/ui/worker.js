// worker.js -- puts the service worker (sw.js) in its place, and takes over a new version
// of the page when somebody says so.

import { h } from './dom.js';
import { close_toast, show_toast } from './toasts.js';

// A page that stays open asks now and then whether there is a newer one.
const ASK_MS = 3600 * 1000;
const KEY = 'new version';

const base = () => new URL('.', document.baseURI).href;

// The policy allows script addresses of this one kind, and this is the one.
function trusted_address() {
	const address = `${base()}sw.js`;
	const policy = window.trustedTypes?.createPolicy('foyer', {
		createScriptURL: (url) => url === address ? url : '',
	});
	return policy ? policy.createScriptURL(address) : address;
}

export async function start_worker(page) {
	const { serviceWorker } = navigator;
	let asked_at = Date.now();

	// not on http, nor where the browser keeps nothing
	if (!serviceWorker)
		return;
	const was_controlled = Boolean(serviceWorker.controller);
	// the former version is gone: what this page would load later is another one's
	serviceWorker.addEventListener('controllerchange', () => {
		if (was_controlled)
			location.reload();
	});
	const registration = await serviceWorker.register(trusted_address(), {
		scope: base(), updateViaCache: 'none',
	}).catch(() => null);
	if (!registration)
		return;
	const look = () => {
		if (registration.waiting && serviceWorker.controller)
			offer(page, registration.waiting);
	};

	look();
	registration.addEventListener('updatefound', () =>
		registration.installing?.addEventListener('statechange', look));
	page.store.addEventListener('change', ({ detail }) => {
		if (detail.what !== 'line' || page.store.line.state !== 'online'
			|| Date.now() - asked_at < ASK_MS)
			return;
		asked_at = Date.now();
		registration.update().catch(() => {});
	});
}

function offer(page, worker) {
	const { words } = page;

	show_toast({
		words,
		key: KEY,
		lasting: true,
		content: () => [
			h('p', { class: 'toast-plain' }, words.t('notify.new_version')),
			h('button', {
				type: 'button', class: 'button primary small',
				onclick: () => {
					close_toast(KEY);
					worker.postMessage({ type: 'take_over' });
				},
			}, words.t('notify.reload')),
		],
	});
}
