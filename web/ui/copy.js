// copy.js -- copies text to the clipboard: by its API, which exists only on https and
// localhost, else by a selection.

import { h } from './dom.js';

export async function copy_text(text) {
	try {
		await navigator.clipboard.writeText(text);
		return;
	} catch {
		// missing, or not allowed
	}
	const was_at = document.activeElement;
	// a dialog makes everything outside it inert
	const field = h('textarea', { class: 'unseen', 'aria-hidden': 'true', value: text });
	([...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body).append(field);
	field.select();
	document.execCommand('copy');
	field.remove();
	was_at?.focus();
}
