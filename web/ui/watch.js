// watch.js -- tells the contents of a dialog about changes of the store, like the views of
// the page, while the dialog is open.

import { once_a_frame } from './dom.js';

// fn(): something in `whats` changed; called once a frame.
export function watch(dialog, store, whats, fn) {
	const later = once_a_frame(() => dialog.isConnected && fn());
	const on_change = ({ detail }) => whats.includes(detail.what) && later();

	store.addEventListener('change', on_change);
	dialog.addEventListener('close', () => store.removeEventListener('change', on_change));
}
