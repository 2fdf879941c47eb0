// install.js -- installs the page as an app, if the browser offers that. The offer comes
// once, at any time, so it is kept until the user accepts it in the settings.

const changes = new EventTarget();
let offer = null;

addEventListener('beforeinstallprompt', (event) => {
	event.preventDefault();		// no banner of the browser's own
	set_offer(event);
});
addEventListener('appinstalled', () => set_offer(null));

function set_offer(event) {
	offer = event;
	changes.dispatchEvent(new Event('change'));
}

export const may_install = () => offer !== null;

// Calls fn when that changes. Returns a function that ends it.
export function on_install_change(fn) {
	changes.addEventListener('change', fn);
	return () => changes.removeEventListener('change', fn);
}

// Opens the browser's prompt; each offer works once.
export async function install() {
	const event = offer;

	set_offer(null);
	await event?.prompt();
}
