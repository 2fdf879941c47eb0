// hands.js -- somebody at a page who has a keyboard and nothing else.
//
// They find things by Tab, as far as they need to, and know them by what a screen reader
// would call them. Wherever they come by, the focus must be seen, and not be under
// something else: that is collected in `faults`, which a test expects to stay empty.

import assert from 'node:assert/strict';

import { frames, until } from './browser.js';
import { DEADLINE_MS } from '../lib/wait.js';

// So many stops are as good as no way at all, where nothing is on its way any more.
const MOST = 80;
// So often it is looked again at what cannot be seen, two frames apart.
const PATIENCE = 60;
const UNSEEN = 'has the focus and cannot be seen';

// In the page: what has the focus, {name, told, role}, null where nothing has; whether it
// never had it before; and the faults. The node that had it at the last look has lost it
// since, which must show.
function look() {
	const PAINT = ['outlineStyle', 'outlineWidth', 'outlineColor', 'boxShadow', 'borderColor',
		'backgroundColor', 'transform', 'opacity'];
	const around = (at) => [at, at.nextElementSibling, at.parentElement,
		at.parentElement?.parentElement].filter(Boolean);
	const painted = (at) => around(at).map((one) => {
		const style = getComputedStyle(one);
		return style.outlineStyle === 'none'
			? PAINT.slice(3).map((name) => style[name]).join()
			: PAINT.map((name) => style[name]).join();
	}).join('\n');
	const text_of = (at) => at?.textContent.replace(/\s+/g, ' ').trim() ?? '';
	const name_of = (at) => at.getAttribute('aria-label')
		|| (at.getAttribute('aria-labelledby') ?? '').split(' ')
			.map((id) => text_of(document.getElementById(id))).join(' ').trim()
		|| text_of(at.labels?.[0]) || (at.matches('input, select, textarea') ? '' : text_of(at))
		|| at.title || at.placeholder || '';
	const told = (at) => `${at.tagName.toLowerCase()}.${[...at.classList].join('.')} “${name_of(at)}”`;
	// what can be seen of something small or clear stands around it
	const shown_of = (at) => {
		const { width, height } = at.getBoundingClientRect();
		return width < 4 || height < 4 || getComputedStyle(at).opacity === '0'
			? at.closest('label') ?? at.parentElement : at;
	};
	const is_seen = (at) => {
		const shown = shown_of(at);
		const { left, top, right, bottom } = shown.getBoundingClientRect();
		const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.15], [0.5, 0.85]];
		return points.some(([x, y]) => {
			const found = document.elementFromPoint(left + (right - left) * x,
				top + (bottom - top) * y);
			return found && (shown.contains(found) || found.contains(shown));
		});
	};

	const at = document.activeElement;
	const former = window.hands_were_at;
	const faults = [];
	if (former && former.at !== at && former.at.isConnected
		&& former.painted === painted(former.at))
		faults.push(`${told(former.at)}: the focus does not show`);
	window.hands_were_at = null;
	if (!at)
		return { at, is_new: false, faults };
	const is_new = !(window.hands_came_by ??= new WeakSet()).has(at);
	window.hands_came_by.add(at);
	window.hands_want?.delete(at);
	if (at === document.body || at === document.documentElement)
		return { at: null, is_new, faults };
	if (!is_seen(at))
		faults.push(`${told(at)}: has the focus and cannot be seen`);
	// a place to read on from (tabindex -1) is no control: it need not show it
	if (at.tabIndex >= 0)
		window.hands_were_at = { at, painted: painted(at) };
	return { at: { name: name_of(at), told: told(at), role: at.getAttribute('role') }, is_new, faults };
}

export class Hands {
	#page;
	faults = [];

	constructor(page) {
		this.#page = page;
	}

	// What has the focus: {name, told, role}, or null.
	async look() {
		return (await this.#look()).at;
	}

	async #look() {
		let { at, is_new, faults } = await this.#page.evaluate(look);

		// what is being built below the focus may take a moment to have its place
		for (let n = 0; n < PATIENCE && faults.some((fault) => fault.endsWith(UNSEEN)); n++) {
			await frames(this.#page);
			const again = await this.#page.evaluate(look);
			const kept = faults.filter((fault) => !fault.endsWith(UNSEEN));
			({ at } = again);
			faults = [...kept, ...again.faults];
		}
		this.faults.push(...faults.filter((fault) => !this.faults.includes(fault)));
		return { at, is_new };
	}

	async press(...keys) {
		for (const key of keys)
			await this.#page.keyboard.press(key);
	}

	async type(text) {
		await this.#page.keyboard.type(text);
	}

	// By Tab to what is called so (a text, whole, or a pattern); back: the other way round.
	async to(name, { back = false } = {}) {
		const is_it = (at) => at
			&& (name instanceof RegExp ? name.test(at.name) : at.name === name);
		const seen = [];
		const end = Date.now() + DEADLINE_MS;

		for (let stop = 0; stop < MOST || Date.now() < end; stop++) {
			const at = await this.look();
			if (is_it(at))
				return;
			seen.push(at?.told ?? 'nothing');
			await this.press(back ? 'Shift+Tab' : 'Tab');
		}
		seen.splice(MOST);
		assert.fail(`no way by Tab to ${name}:\n${seen.join('\n')}`);
	}

	// There, and what it does.
	async use(name, { key = 'Enter', ...options } = {}) {
		await this.to(name, options);
		await this.press(key);
	}

	// In one piece, as from a clipboard: what searches as one types does so once.
	async fill(name, text) {
		await this.to(name);
		await this.press('Control+a');
		await this.#page.keyboard.insertText(text);
	}

	// Until the focus is on what is called so, without a key.
	async is_at(name) {
		let at;
		await until(async () => {
			at = await this.look();
			return at && (name instanceof RegExp ? name.test(at.name) : at.name === name);
		}, `focus on ${name}`).catch((error) => {
			throw new Error(`${error.message}: it is on ${at?.told ?? 'nothing'}`);
		});
	}

	// By Tab once around all of it. Answers what was not come to, and the faults.
	async walk() {
		const controls = await this.#page.evaluate(() => {
			const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
			window.hands_were_at = null;
			window.hands_came_by = new WeakSet();
			window.hands_want = new Set([...top.querySelectorAll('a[href], button:enabled,'
				+ 'input:enabled:not([type=file]), select, textarea, summary, [tabindex="0"]')]
				.filter((at) => at.tabIndex >= 0 && !at.closest('[inert]')
					&& at.checkVisibility({ visibilityProperty: true })
					// of several choices the chosen one is enough
					&& (at.type !== 'radio' || at.checked)));
			return window.hands_want.size;
		});

		// a list may grow as one comes down to its end
		for (let stop = 0, misses = 0; stop < 3 * controls + MOST && misses < 3; stop++) {
			await this.press('Tab');
			misses = (await this.#look()).is_new ? 0 : misses + 1;
		}
		return [...this.faults, ...await this.#page.evaluate(() => [...window.hands_want]
			.filter((at) => at.isConnected)
			.map((at) => `${at.className} “${(at.getAttribute('aria-label') || at.textContent)
				.trim().slice(0, 40)}”: not come to by Tab`))];
	}
}
