// look.js -- the chosen theme and size of text, before anything is drawn: a page that
// turns dark a moment after it came hurts the eyes. ui/look.js has the rest. No module:
// those run when the page is there.

try {
	const { pathname } = new URL('.', document.baseURI);
	const { theme, size } = JSON.parse(localStorage.getItem(`foyer:${pathname}:look`)) ?? {};
	const { dataset } = document.documentElement;

	if (theme === 'light' || theme === 'dark')
		dataset.theme = theme;
	if (size && size !== 'normal')
		dataset.text = size;
} catch {
	// nothing was chosen, or nothing can be kept here
}
