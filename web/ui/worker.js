// worker.js -- registers the service worker (sw.js), and switches to a new version of the
// page when the user agrees.

import { h } from './dom.js';
import { close_toast, show_toast } from './toasts.js';

// A page that stays open checks for a new version this often.
const ASK_MS = 3600 * 1000;
const KEY = 'new version';

const base = () => new URL('.', document.baseURI).href;

// The policy allows script URLs of this kind only, and this is the one.
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

	// not on http, nor if the browser stores nothing
	if (!serviceWorker)
		return;
	const was_controlled = Boolean(serviceWorker.controller);
	// the old version is gone: modules loaded later would be from the new one
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
