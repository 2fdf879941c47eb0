// popup.js -- a popover: a menu or picker. Closes on Escape or a click outside; returns the
// focus. On a phone it slides up from below.

const EDGE = 8;
// At most this long passes between a touch and its click.
const CLICK_MS = 1000;

// at: {x, y}, or the node it belongs to. Returns a function that closes it.
export function open_popup(node, at, { on_close = () => {} } = {}) {
	// in Safari a click does not focus the button
	const was_at = document.activeElement === document.body && at instanceof Element
		? at : document.activeElement;
	// not light-dismissed by the browser, which takes the end of a long press for a click
	// outside
	const on_down = (event) => {
		if (node.contains(event.target))
			return;
		if (at instanceof Element && at.contains(event.target))
			pass_over_click(at);
		close();
	};
	const on_key = (event) => {
		if (event.key !== 'Escape')
			return;
		event.preventDefault();
		event.stopPropagation();
		close();
	};
	const listen = (how) => {
		document[how]('pointerdown', on_down, true);
		document[how]('keydown', on_key, true);
	};
	function close() {
		listen('removeEventListener');
		if (!node.isConnected)
			return;	// removed with its owner
		const has_focus = node.contains(document.activeElement)
			|| document.activeElement === document.body;
		node.remove();
		if (has_focus && was_at?.isConnected)
			was_at.focus({ preventScroll: true });
		on_close();
	}

	node.classList.add('popup');
	node.setAttribute('popover', 'manual');
	// a modal dialog makes everything outside it inert; else it belongs to the landmark that
	// it was opened from
	(document.querySelector('dialog[open]') ?? (at instanceof Element ? at : was_at)
		?.closest('main, nav, aside') ?? document.querySelector('main') ?? document.body).append(node);
	node.showPopover();
	place(node, at);
	listen('addEventListener');
	return close;
}

// The click on the opener that closes it must not open it again.
function pass_over_click(opener) {
	opener.addEventListener('click', (event) => event.stopImmediatePropagation(), {
		capture: true, once: true, signal: AbortSignal.timeout(CLICK_MS),
	});
}

function place(node, at) {
	const box = at instanceof Element ? at.getBoundingClientRect() : null;
	const { width, height } = node.getBoundingClientRect();
	const { x, y } = box ? { x: box.left, y: box.bottom + 4 } : at;
	const above = (box ? box.top - 4 : y) - height;
	const fits_below = y + height + EDGE <= innerHeight;
	const top = fits_below ? y : above >= EDGE ? above : innerHeight - height - EDGE;
	const left = Math.min(Math.max(EDGE, x), innerWidth - width - EDGE);

	node.style.setProperty('--x', `${Math.max(EDGE, left)}px`);
	node.style.setProperty('--y', `${Math.max(EDGE, top)}px`);
}
