// copy.js -- text to the clipboard, which is there on https and localhost only; a
// selection can be copied anywhere.

import { h } from './dom.js';

export async function copy_text(text) {
	try {
		await navigator.clipboard.writeText(text);
		return;
	} catch {
		// not there, or forbidden
	}
	const was_at = document.activeElement;
	// a dialog makes everything outside of it inert
	const field = h('textarea', { class: 'unseen', 'aria-hidden': 'true', value: text });
	([...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body).append(field);
	field.select();
	document.execCommand('copy');
	field.remove();
	was_at?.focus();
}
