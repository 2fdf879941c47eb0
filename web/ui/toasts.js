// toasts.js -- transient messages in the upper corner of the page.

import { h, keep_above_dialogs } from './dom.js';
import { icon } from './icons.js';

const TOAST_MS = 8000;
const MOST = 3;

let came_from = null;		// where the focus was before
let is_kept = false;		// above dialogs

const shelf = h('div', {
	class: 'toasts',
	onfocusin: ({ relatedTarget }) => {
		if (!shelf.contains(relatedTarget))
			came_from = relatedTarget;
	},
});

function node_of(key) {
	return [...shelf.children].find((node) => node.dataset.key === key);
}

// Focus that was inside returns.
function take_down(node) {
	const had_focus = node?.contains(document.activeElement);

	node?.remove();
	if (had_focus)
		came_from?.focus();
}

// Shows one toast per key. lasting: it stays until it is closed. role: alert for errors.
export function show_toast({ words, key, content, lasting = false, role = 'status' }) {
	const close = () => {
		clearTimeout(timer);
		take_down(node);
	};
	// stays while the user points at it
	const wait = () => {
		timer = setTimeout(() => node.matches(':hover, :focus-within') ? wait() : close(),
			TOAST_MS);
	};
	const node = h('div', { class: 'toast', role, 'data-key': key },
		content(close),
		h('button', {
			type: 'button', class: 'icon-button', onclick: close,
			'aria-label': words.t('dialog.close'), title: words.t('dialog.close'),
		}, icon('close')));
	let timer;

	if (!shelf.isConnected)
		document.body.append(shelf);
	if (!is_kept)
		keep_above_dialogs(shelf);
	is_kept = true;
	take_down(node_of(key));
	shelf.append(node);
	while (shelf.children.length > MOST)
		take_down(shelf.firstChild);
	if (!lasting)
		wait();
}

// Reports the error of something the user requested.
export function show_error(words, error) {
	show_toast({
		words, key: 'error', role: 'alert',
		content: () => h('p', { class: 'toast-plain' }, words.error(error)),
	});
}

// The same with a retry button, for an error that would lose work; it stays until it is
// retried or closed.
export function offer_again({ words, key, text, again }) {
	show_toast({
		words, key, role: 'alert', lasting: true,
		content: (close) => [
			h('p', { class: 'toast-plain' }, text),
			h('button', {
				type: 'button', class: 'button quiet small',
				onclick: () => {
					close();
					again();
				},
			}, words.t('room.retry')),
		],
	});
}

export const close_toast = (key) => take_down(node_of(key));

export function close_toasts() {
	shelf.replaceChildren();
}
