// pages.js -- a paged list: rows, loading, empty and error states; the next page is loaded
// when the user scrolls near the end.

import { h, replace, show, stops_of } from './dom.js';
import { icon } from './icons.js';

export class Pages {
	#words;
	#ask;
	#row;
	#none;
	#list;
	#ids = new WeakMap();		// row -> its item's id
	#foot = h('div', { class: 'pages-foot' });
	#turn = 0;		// discards answers to former queries
	#cursor;
	#is_asking = false;
	#ends = new IntersectionObserver((entries) =>
		entries.at(-1).isIntersecting && this.#on_end(), { rootMargin: '200px' });

	// ask(cursor): a promise of {items, next}, each item with an id or a code. row(item): a
	// node. none: text for an empty list. props: of the list.
	constructor({ words, ask, row, none, props = {} }) {
		this.#words = words;
		this.#ask = ask;
		this.#row = row;
		this.#none = none;
		this.#list = h('ul', { class: 'pages-list', ...props });
		this.node = h('div', { class: 'pages' }, this.#list, this.#foot);
	}

	// Starts from the first page: another query, or the same again.
	restart() {
		this.#turn++;
		this.#cursor = undefined;
		return this.#next();
	}

	// Adds an item at the top, as if it had come with the first page.
	prepend(item) {
		this.#list.prepend(this.#make(item));
		show(this.#list, true);
		replace(this.#foot);
	}

	async #next() {
		const turn = this.#turn;
		const is_first = this.#cursor === undefined;

		this.#is_asking = true;
		this.#ends.disconnect();
		if (!is_first || !this.#list.firstChild)
			replace(this.#foot, h('p', { class: 'loading', role: 'status' },
				h('span', { class: 'spinner' }), this.#words.t('pages.loading')));
		try {
			const { items, next } = await this.#ask(this.#cursor);
			if (turn !== this.#turn)
				return;
			this.#cursor = next;
			const rows = items.map((item) => this.#make(item));
			if (is_first)
				this.#renew(rows);
			else
				this.#list.append(...rows);
			this.#at_end(next);
		} catch (error) {
			if (turn === this.#turn)
				this.#fail(error);
		} finally {
			if (turn === this.#turn)
				this.#is_asking = false;
		}
	}

	#make(item) {
		const row = h('li', {}, this.#row(item));

		this.#ids.set(row, item.id ?? item.code);
		return row;
	}

	// Replaces the rows. Focus in a row moves to the same item's new row; if there is none,
	// back to the search.
	#renew(rows) {
		const at = document.activeElement;
		const had = this.#list.contains(at) ? at.closest('li') : null;
		const place = had ? stops_of(had).indexOf(at) : -1;

		replace(this.#list, rows);
		if (!had)
			return;
		const again = rows.find((row) => this.#ids.get(row) === this.#ids.get(had));
		const stop = again && stops_of(again)[place];
		(stop ?? this.node.parentElement?.querySelector('[type=search]'))?.focus();
	}

	#at_end(next) {
		const is_empty = !this.#list.firstChild;

		show(this.#list, !is_empty);
		replace(this.#foot, is_empty
			? h('p', { class: 'muted pages-none', role: 'status' }, this.#none) : null);
		if (next === null)
			return;
		const sentinel = h('span', { class: 'pages-end' });
		this.#foot.append(sentinel);
		this.#ends.observe(sentinel);
	}

	#on_end() {
		if (this.#cursor && !this.#is_asking)
			this.#next();
	}

	#fail(error) {
		const words = this.#words;

		replace(this.#foot, h('p', { class: 'form-error', role: 'alert' }, icon('warning'),
			h('span', {}, words.error(error), ' ', h('button', {
				type: 'button', class: 'link', onclick: () => this.#next(),
			}, words.t('pages.retry')))));
	}
}

// A search field; on_text(text) is called a moment after the last keystroke.
export function search_field({ label, on_text, wait_ms = 250, first = false }) {
	let timer;
	const input = h('input', {
		type: 'search', class: 'input filter', placeholder: label, 'aria-label': label,
		autocomplete: 'off', 'data-first': first,
		oninput: () => {
			clearTimeout(timer);
			timer = setTimeout(() => on_text(input.value.trim()), wait_ms);
		},
		onkeydown: (event) => {
			if (event.key === 'Enter')
				event.preventDefault();	// the field may be inside a form
			if (event.key === 'Escape' && input.value) {
				input.value = '';
				on_text('');
				event.preventDefault();
				event.stopPropagation();
			}
		},
	});

	return h('div', { class: 'side-filter' }, icon('search'), input);
}
