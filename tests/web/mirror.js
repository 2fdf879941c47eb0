// mirror.js -- is a page that is turned from right to left its own mirror image?
//
// unmirrored() leaves the page turned; turn_back() undoes that.

// Runs in the page: turns the root, and checks that everything is where a mirror would show it.
async function look_in_mirror() {
	const root = document.documentElement;
	const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
	const told = (at) => `${at.tagName.toLowerCase()}.${[...at.classList].join('.')} “${
		(at.getAttribute('aria-label') || at.textContent).replace(/\s+/g, ' ').trim().slice(0, 30)}”`;
	const places = () => new Map([...top.querySelectorAll(
		'button, a[href], input, select, textarea, h1, h2, h3, h4, img, .avatar, .badge, .bubble, time')]
		.filter((at) => at.checkVisibility() && !at.closest('.unseen, .skip, [dir="ltr"], .text'))
		.map((at) => [at, at.getBoundingClientRect()]));
	const frames = async () => {
		for (let n = 0; n < 3; n++)
			await new Promise(requestAnimationFrame);
	};
	// the link past the list is visible only while it has the focus
	document.activeElement?.blur();
	const before = places();
	const faults = [];

	root.dir = 'rtl';
	await frames();
	for (const [at, { left, right }] of places()) {
		const was = before.get(at);
		const off = was ? Math.max(Math.abs(left - (innerWidth - was.right)),
			Math.abs(right - (innerWidth - was.left))) : 0;
		if (off > 2)
			faults.push(`${told(at)}: stands ${Math.round(off)} px from its mirrored place`);
	}
	return faults;
}

export const unmirrored = (page) => page.evaluate(look_in_mirror);

export const turn_back = (page) => page.evaluate(() => {
	document.documentElement.dir = 'ltr';
});
