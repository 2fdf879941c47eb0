// fit.js -- does everything on a page have its place? The functions run in the page; each
// returns a list of faults in words, which should be empty.

// Elements that may be wider than their place, since they scroll by themselves, by keyboard
// too.
const WIDE = '.code code, .viewer-stage, .tray-list';
// Elements that lie over the rest, and disappear or move aside.
const OVER = '.to-bottom, .toasts, .call-notes, .line-bar, .skip';

// Runs in the page. Nothing may scroll sideways, nor the whole page; no word may be cut off; no
// control may be outside or under something when one scrolls to it.
function look_for_misfits({ wide, over }) {
	const faults = new Set();
	const top = [...document.querySelectorAll('dialog[open], :popover-open')].at(-1)
		?? document.body;
	const told = (at) => `${at.tagName.toLowerCase()}.${[...at.classList].join('.')} “${
		(at.getAttribute('aria-label') || at.textContent || at.placeholder || '')
			.replace(/\s+/g, ' ').trim().slice(0, 40)}”`;
	const is_shown = (at) => at.checkVisibility({ visibilityProperty: true })
		&& !at.closest('[inert], .unseen, .skip, .away, option, datalist');
	const relates = (one, other) => one.contains(other) || other.contains(one);
	const found_at = (x, y) => document.elementFromPoint(x, y);
	// The visible part of a box inside others that scroll.
	const clipped = ({ left, right, top: up, bottom: low }, at) => {
		const seen = { left, right, top: up, bottom: low };
		for (let box = at; box && box !== document.body; box = box.parentElement) {
			const { overflowX, overflowY } = getComputedStyle(box);
			const clip = box.getBoundingClientRect();
			if (overflowX !== 'visible') {
				seen.left = Math.max(seen.left, clip.left);
				seen.right = Math.min(seen.right, clip.right);
			}
			if (overflowY !== 'visible') {
				seen.top = Math.max(seen.top, clip.top);
				seen.bottom = Math.min(seen.bottom, clip.bottom);
			}
		}
		return seen;
	};
	const positions = new Map([...document.querySelectorAll('*')]
		.filter((at) => at.scrollTop || at.scrollLeft)
		.map((at) => [at, [at.scrollLeft, at.scrollTop]]));

	// sideways
	for (const at of [document.documentElement, ...document.querySelectorAll('body *')]) {
		const { overflowX } = getComputedStyle(at);
		const scrolls = at === document.documentElement || /auto|scroll/.test(overflowX);
		if (scrolls && at.scrollWidth > at.clientWidth + 1 && !at.matches(wide) && is_shown(at))
			faults.add(`${told(at)}: scrolls sideways, ${at.scrollWidth} in ${at.clientWidth}`);
	}

	// contents of lists do not count to the page's height
	const { scrollHeight } = document.documentElement;
	if (document.querySelector('.shell') && scrollHeight > innerHeight + 1)
		faults.add(`the page itself scrolls, ${scrollHeight} in ${innerHeight}`);

	// controls
	const controls = [...top.querySelectorAll(
		'a[href], button, input, select, textarea, summary, [tabindex="0"]')]
		.filter((at) => is_shown(at) && !at.matches('[type=file]'));
	for (const at of controls) {
		const seen = at.matches('input') && getComputedStyle(at).opacity === '0'
			? at.closest('label') : at;
		seen.scrollIntoView({ block: 'center', behavior: 'instant' });
		const { left, right, top: up, bottom: low, width } = seen.getBoundingClientRect();
		if (left < -1 || right > innerWidth + 1)
			faults.add(`${told(at)}: is outside, from ${Math.round(left)} to ${Math.round(right)}`);
		if (width < 20 && !at.closest('.text') && !at.matches('input'))
			faults.add(`${told(at)}: is only ${Math.round(width)} wide`);
		const y = (Math.max(0, up) + Math.min(innerHeight, low)) / 2;
		const hits = [0.5, 0.1, 0.9].map((part) => found_at(left + width * part, y));
		if (!hits.some((hit) => hit && relates(seen, hit)))
			faults.add(`${told(at)}: is under ${hits[0] ? told(hits[0]) : 'nothing'}`);
	}
	for (const [n, one] of controls.entries()) {
		const a = clipped(one.getBoundingClientRect(), one.parentElement);
		const over_other = controls.slice(n + 1).find((other) => {
			const b = clipped(other.getBoundingClientRect(), other.parentElement);
			return !relates(one, other)
				&& ![one, other].some((at) => /absolute|sticky|fixed/.test(getComputedStyle(at).position)
					|| at.closest(over))
				&& Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
				&& Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
		});
		if (over_other)
			faults.add(`${told(one)}: overlaps ${told(over_other)}`);
	}

	// words
	const texts = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
	for (let text = texts.nextNode(); text; text = texts.nextNode()) {
		const at = text.parentElement;
		if (!text.data.trim() || !is_shown(at) || at.closest('svg, select, textarea'))
			continue;
		at.scrollIntoView({ block: 'center', behavior: 'instant' });
		const range = document.createRange();
		range.selectNodeContents(text);
		const { left, right, top: up, bottom: low } = range.getBoundingClientRect();
		const is_peoples = Boolean(at.closest('[dir="auto"], [title]'));
		for (let box = at; box && box !== document.body; box = box.parentElement) {
			const style = getComputedStyle(box);
			const clip = box.getBoundingClientRect();
			const is_cut = left < clip.left - 1.5 || right > clip.right + 1.5;
			if (style.overflowX !== 'visible' && is_cut && !box.matches(wide)
				&& !(style.textOverflow === 'ellipsis' && is_peoples))
				faults.add(`${told(at)}: is cut off at its side by ${told(box)}`);
			if (style.overflowX !== 'visible' && (is_cut || box.matches(wide)))
				break;
			if (/hidden|clip/.test(style.overflowY) && low > clip.bottom + 2)
				faults.add(`${told(at)}: is cut off below by ${told(box)}`);
			if (box.matches('dialog'))
				break;
		}
		if (!at.closest('.code') && !is_peoples && (left < -1 || right > innerWidth + 1))
			faults.add(`${told(at)}: runs out of the page`);
		const seen = clipped({ left, right, top: up, bottom: low }, at);
		const hit = found_at((Math.max(0, seen.left) + Math.min(innerWidth, seen.right)) / 2,
			(Math.max(0, seen.top) + Math.min(innerHeight, seen.bottom)) / 2);
		if (hit && !relates(at, hit) && !hit.closest(over)
			&& !relates(at.closest('label, button, a, li') ?? at, hit))
			faults.add(`${told(at)}: is under ${told(hit)}`);
	}
	for (const [at, [left, up]] of positions)
		at.scrollTo({ left, top: up, behavior: 'instant' });
	return [...faults];
}

export const misfits = (page) => page.evaluate(look_for_misfits, { wide: WIDE, over: OVER });
