// look.js -- the theme and text size chosen for this device. begin.js applies them before
// anything is drawn.

export const THEMES = ['system', 'light', 'dark'];
export const SIZES = ['small', 'normal', 'large', 'larger'];

// look: {theme, size}, both optional.
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

// Gives the browser's own bar the colour of the page. There is a meta element for each system
// theme; a chosen theme sets both.
function show_bar(theme) {
	const metas = [...document.querySelectorAll('meta[name="theme-color"]')];
	const chosen = metas.find((meta) => (meta.dataset.theme === theme));

	for (const meta of metas)
		meta.content = (chosen ?? meta).dataset.color;
}
