// look.js -- light or dark, and how large the text is, as somebody chose for this device.
// look.js in the folder above does the same before anything is drawn.

export const THEMES = ['system', 'light', 'dark'];
export const SIZES = ['small', 'normal', 'large', 'larger'];

// look: {theme, size}, either may be missing.
export function show_look({ theme, size } = {}) {
	const { dataset } = document.documentElement;

	set_or_remove(dataset, 'theme', theme === 'system' ? null : theme);
	set_or_remove(dataset, 'text', size === 'normal' ? null : size);
	show_bar(theme);
}

function set_or_remove(dataset, name, value) {
	if (value)
		dataset[name] = value;
	else
		delete dataset[name];
}

// The browser's own bar has the colour of the page below it. There is a colour for each
// theme, by a query for the system's; a choice goes for both.
function show_bar(theme) {
	const metas = [...document.querySelectorAll('meta[name="theme-color"]')];
	const chosen = metas.find((meta) => (meta.dataset.theme === theme));

	for (const meta of metas)
		meta.content = (chosen ?? meta).dataset.color;
}
