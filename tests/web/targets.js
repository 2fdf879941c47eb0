// targets.js -- is everything large enough for a finger?

// A finger hits so many pixels, in each direction.
const SIZE = 40;
// A link in a sentence is as high as its line (WCAG 2.5.8 excepts it), and what is behind a
// sheet or scrolls out of sight is not aimed at.
const IN_TEXT = '.text a';

// Runs in the page. Returns the controls in sight that are smaller, with the area around them
// that belongs to them.
function look_for_small({ size, in_text }) {
	const top = [...document.querySelectorAll('dialog[open], :popover-open')].at(-1)
		?? document.body;
	const told = (at) => `${at.tagName.toLowerCase()}.${[...at.classList].join('.')} “${
		(at.getAttribute('aria-label') || at.textContent || at.placeholder || '')
			.replace(/\s+/g, ' ').trim().slice(0, 40)}”`;
	const positions = new Map([...document.querySelectorAll('*')]
		.filter((at) => at.scrollTop || at.scrollLeft)
		.map((at) => [at, [at.scrollLeft, at.scrollTop]]));
	// how far from its middle it is hit, both ways together
	const reach = (at, x, y, dx, dy) => [-1, 1].reduce((sum, sign) => {
		for (let far = 0; far < size; far++) {
			const hit = document.elementFromPoint(x + sign * far * dx, y + sign * far * dy);
			if (!hit || !(at.contains(hit) || hit.contains(at) && hit.matches('label, a, button')))
				return sum + far;
		}
		return sum + size;
	}, 0);

	const small = [...top.querySelectorAll('a[href], button, input, select, textarea, summary')]
		.filter((at) => at.checkVisibility({ visibilityProperty: true })
			&& !at.closest('[inert], .unseen, .skip, .away') && !at.matches(`[type=file], ${in_text}`))
		.flatMap((at) => {
			const seen = at.closest('label') ?? at;
			seen.scrollIntoView({ block: 'center', behavior: 'instant' });
			const { left, top: up, width, height } = seen.getBoundingClientRect();
			const [x, y] = [left + width / 2, up + height / 2];
			const [wide, high] = [reach(seen, x, y, 1, 0), reach(seen, x, y, 0, 1)];
			return Math.min(wide, high) < size - 1 ? [`${told(at)}: ${wide} by ${high}`] : [];
		});
	for (const [at, [left, up]] of positions)
		at.scrollTo({ left, top: up, behavior: 'instant' });
	return small;
}

export const small_targets = (page) =>
	page.evaluate(look_for_small, { size: SIZE, in_text: IN_TEXT });
