// panes.js -- F6 and Shift+F6 move between the panes of the page: rooms, messages, composer,
// details, call, toasts. By Tab a pane is as far away as the links before it.

// Each with its focus targets, best first.
const PANES = [
	['.side', '.room-row[aria-current]', '.filter'],
	['.timeline', '.scroller'],
	['.composer', '.composer-input'],
	['.trouble', 'button'],
	['.details', '.details-head button'],
	['.call', '.call-title'],
	['.call-notes', 'button'],
	['.toasts', 'button'],
];

const is_open = (node) => node.checkVisibility() && !node.closest('[inert]');

function stop_in([pane, ...stops]) {
	return stops.map((stop) => [...document.querySelectorAll(`${pane} ${stop}`)].find(is_open))
		.find(Boolean) ?? null;
}

// step: 1 or -1. Wraps around.
export function go_to_pane(step) {
	const from = PANES.findIndex(([pane]) => document.activeElement?.closest(pane));
	const count = PANES.length;

	for (let n = 1; n < count + (from < 0 ? 1 : 0); n++) {
		const at = (Math.max(from, step < 0 ? 0 : from) + n * step + 2 * count) % count;
		const stop = stop_in(PANES[at]);
		if (stop) {
			stop.focus();
			return;
		}
	}
}
