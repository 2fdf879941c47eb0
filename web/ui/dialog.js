// dialog.js -- dialogs: a modal <dialog>, which traps the focus, closes on Escape and returns
// the focus.

import { h, new_id, set } from './dom.js';
import { icon } from './icons.js';

// content(close): the nodes inside. Returns the node; it is removed when closed.
export function open_dialog({ words, title, class: name = '', content }) {
	const heading = new_id('dialog');
	const close = () => dialog.close();
	const opened_from = ancestors_of(document.activeElement);
	const dialog = h('dialog', {
		class: `dialog ${name}`,
		'aria-labelledby': heading,
		onclose: () => {
			dialog.remove();
			find_focus(opened_from);
		},
		// only the backdrop, not its contents
		onmousedown: (event) => event.target === dialog && close(),
	},
	h('div', { class: 'dialog-box' },
		h('header', { class: 'dialog-head' },
			h('h2', { id: heading }, title),
			h('button', {
				type: 'button', class: 'icon-button', onclick: close,
				'aria-label': words.t('dialog.close'), title: words.t('dialog.close'),
			}, icon('close'))),
		content(close)));

	document.body.append(dialog);
	dialog.showModal();
	dialog.querySelector('[data-first]')?.focus();
	return dialog;
}

function ancestors_of(node) {
	const list = [];

	for (let at = node; at && at !== document.body; at = at.parentElement)
		list.push(at);
	return list;
}

// If the element that had the focus is gone (a removed member), focuses what is left around
// it.
function find_focus(nodes) {
	if (document.activeElement !== document.body)
		return;
	const around = nodes.find((node) => node.isConnected && !node.closest('[inert]'));
	for (let at = around; at && at !== document.body; at = at.parentElement) {
		const stops = [at, ...at.querySelectorAll('a, button, input, textarea')]
			.filter((node) => node.tabIndex >= 0 && node.checkVisibility());
		// an element that was rebuilt counts as the same
		const stop = stops.find((node) => node.className === nodes[0].className
			&& node.textContent === nodes[0].textContent) ?? stops[0];
		if (stop) {
			stop.focus();
			return;
		}
	}
}

// Wraps a button's action so that it runs once at a time. Disabling the button would lose the
// focus.
export function one_at_a_time(act) {
	return async ({ currentTarget: button }) => {
		if (button.getAttribute('aria-disabled'))
			return;
		set(button, 'aria-disabled', 'true');
		try {
			await act();
		} finally {
			set(button, 'aria-disabled', null);
		}
	};
}

// A confirmation of a dangerous action. If act() rejects, its error is shown.
export function ask({ words, title, hint, yes, act }) {
	open_dialog({
		words,
		title,
		content: (close) => {
			const error = h('p', { class: 'form-error', role: 'alert', hidden: true });
			const answer = one_at_a_time(async () => {
				try {
					await act();
					close();
				} catch (e) {
					error.textContent = words.error(e);
					error.hidden = false;
				}
			});
			return [
				h('p', { class: 'dialog-text' }, hint),
				error,
				h('div', { class: 'dialog-actions' },
					h('button', {
						type: 'button', class: 'button quiet', onclick: close,
						'data-first': true,
					}, words.t('dialog.cancel')),
					h('button', {
						type: 'button', class: 'button danger', onclick: answer,
					}, yes)),
			];
		},
	});
}
