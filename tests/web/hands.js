// hands.js -- a person at a page who has only a keyboard.
//
// They find things by Tab, as far as necessary, and recognise them by what a screen reader
// would call them. Wherever they pass, the focus must be visible and not covered; violations
// are collected in `faults`, which a test expects to stay empty.

import assert from 'node:assert/strict';

import { frames, until } from './browser.js';
import { DEADLINE_MS } from '../lib/wait.js';

// After so many stops there is no way to it, unless something is still loading.
const MOST = 80;
// Retries, two frames apart, before a focus counts as invisible.
const PATIENCE = 60;
const UNSEEN = 'has the focus and cannot be seen';

// Runs in the page. Returns what has the focus, {name, told, role} or null; whether it never
// had it before; and the faults. The node that had it at the last look has lost it since, and
// must look different.
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
	// a very small or transparent control shows its focus on what is around it
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
	// a place to read on from (tabindex -1) is no control and need not show the focus
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

		// what is being built below the focus may need a moment to take its place
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

	// Presses Tab until the focus is on this name (a whole text, or a pattern); back:
	// backwards.
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

	// Goes there and presses the key.
	async use(name, { key = 'Enter', ...options } = {}) {
		await this.to(name, options);
		await this.press(key);
	}

	// Inserts the text at once, as from a clipboard, so that searching as one types happens
	// once.
	async fill(name, text) {
		await this.to(name);
		await this.press('Control+a');
		await this.#page.keyboard.insertText(text);
	}

	// Waits until the focus is on this name, without pressing a key.
	async is_at(name) {
		let at;
		await until(async () => {
			at = await this.look();
			return at && (name instanceof RegExp ? name.test(at.name) : at.name === name);
		}, `focus on ${name}`).catch((error) => {
			throw new Error(`${error.message}: it is on ${at?.told ?? 'nothing'}`);
		});
	}

	// Goes once around everything by Tab. Returns the controls not reached, and the faults.
	async walk() {
		const controls = await this.#page.evaluate(() => {
			const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
			window.hands_were_at = null;
			window.hands_came_by = new WeakSet();
			window.hands_want = new Set([...top.querySelectorAll('a[href], button:enabled,'
				+ 'input:enabled:not([type=file]), select, textarea, summary, [tabindex="0"]')]
				.filter((at) => at.tabIndex >= 0 && !at.closest('[inert]')
					&& at.checkVisibility({ visibilityProperty: true })
					// of radio buttons the checked one is enough
					&& (at.type !== 'radio' || at.checked)));
			return window.hands_want.size;
		});

		// a list may grow as one gets to its end
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
