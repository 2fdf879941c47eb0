// open_dialogs.js -- the dialogs that are open, for what may come while they are.

// The innermost is the last.
export const open_dialogs = () => [...document.querySelectorAll('dialog[open]')];

export function close_dialogs() {
	for (const dialog of open_dialogs().reverse())
		dialog.close();
}
