// toasts.js -- what the page says in passing, at its upper corner.

import { h } from './dom.js';
import { icon } from './icons.js';

const TOAST_MS = 8000;
const MOST = 3;

let came_from = null;		// where the focus was before

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

// The focus that was in it goes back.
function take_down(node) {
	const had_focus = node?.contains(document.activeElement);

	node?.remove();
	if (had_focus)
		came_from?.focus();
}

// One under a key. lasting: it stays until somebody closes it. role: alert for what went
// wrong.
export function show_toast({ words, key, content, lasting = false, role = 'status' }) {
	const close = () => {
		clearTimeout(timer);
		take_down(node);
	};
	// who reaches for it needs longer
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
	take_down(node_of(key));
	shelf.append(node);
	while (shelf.children.length > MOST)
		take_down(shelf.firstChild);
	if (!lasting)
		wait();
}

// What somebody asked for and the server did not do.
export function show_error(words, error) {
	show_toast({
		words, key: 'error', role: 'alert',
		content: () => h('p', { class: 'toast-plain' }, words.error(error)),
	});
}

// The same of what would be lost with that: it stays until it is tried again, or let go.
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
