// watch.js -- what stands in a dialog hears of changes like the views of the page, for as
// long as the dialog is there.

import { once_a_frame } from './dom.js';

// fn(): something of `whats` changed, told once a frame.
export function watch(dialog, store, whats, fn) {
	const later = once_a_frame(() => dialog.isConnected && fn());
	const on_change = ({ detail }) => whats.includes(detail.what) && later();

	store.addEventListener('change', on_change);
	dialog.addEventListener('close', () => store.removeEventListener('change', on_change));
}
