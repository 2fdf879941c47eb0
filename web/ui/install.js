// install.js -- putting the page among one's programs, where the browser offers that. It
// says so once, at a time of its own: the offer is kept until somebody takes it up in the
// settings.

const changes = new EventTarget();
let offer = null;

addEventListener('beforeinstallprompt', (event) => {
	event.preventDefault();		// no bar across the page unasked
	set_offer(event);
});
addEventListener('appinstalled', () => set_offer(null));

function set_offer(event) {
	offer = event;
	changes.dispatchEvent(new Event('change'));
}

export const may_install = () => offer !== null;

// Calls fn when that changes. Answers what ends it.
export function on_install_change(fn) {
	changes.addEventListener('change', fn);
	return () => changes.removeEventListener('change', fn);
}

// The browser asks; an offer is good for once.
export async function install() {
	const event = offer;

	set_offer(null);
	await event?.prompt();
}
