// panes.js -- F6 and Shift+F6 go from one part of the page to the next: the rooms, the
// messages, where one writes, the details, a call, what the page says in passing. By Tab
// each is as far away as what stands between has links.

// Each with where the focus goes in it, the best first.
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

// step: 1 or -1. After the last one comes the first.
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
