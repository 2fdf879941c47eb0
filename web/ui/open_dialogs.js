// open_dialogs.js -- the dialogs that are open, for what may come while they are.

// The innermost is the last.
export const open_dialogs = () => [...document.querySelectorAll('dialog[open]')];

export function close_dialogs() {
	for (const dialog of open_dialogs().reverse())
		dialog.close();
}

// An open dialog makes everything outside it inert: it can neither be pressed nor is it
// announced. Keeps a node, which is on the page, in the innermost dialog while there is one.
// on_move is called before each move. Returns a function that ends this.
export function keep_above_dialogs(node, on_move = () => {}) {
	let home = null;
	const place = () => {
		const dialog = open_dialogs().at(-1);

		if (!node.parentNode?.matches('dialog'))
			home = node.parentNode;
		if (node.parentNode === (dialog ?? home))
			return;
		on_move();
		if (dialog)
			dialog.prepend(node);
		else
			home.append(node);
	};
	const observer = new MutationObserver(place);

	place();
	observer.observe(document.body, { childList: true });
	return () => observer.disconnect();
}
