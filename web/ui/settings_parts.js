// settings_parts.js -- building blocks of the settings: blocks, switches and choices that
// save at once, and lists that load first.

import { h, new_id, replace, say, show } from './dom.js';
import { icon } from './icons.js';

// A part of a section, with a heading and a sentence.
export function block(title, hint, ...children) {
	return h('section', { class: 'block' },
		title ? h('h4', {}, title) : null,
		hint ? h('p', { class: 'block-hint' }, hint) : null,
		children);
}

// Reports that something was saved; nothing moves.
export class Said {
	#timer = null;
	#error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	#text = h('span', {});

	constructor(words) {
		this.words = words;
		this.node = h('div', { class: 'said' },
			h('p', { class: 'said-done', role: 'status' }, this.#text), this.#error);
	}

	done(text = this.words.t('settings.saved')) {
		clearTimeout(this.#timer);
		show(this.#error, false);
		replace(this.#text, icon('check'), text);
		this.#timer = setTimeout(() => replace(this.#text), 4000);
	}

	failed(error) {
		clearTimeout(this.#timer);
		replace(this.#text);
		replace(this.#error, icon('warning'), this.words.error(error));
		show(this.#error, true);
	}
}

// A choice from a few options, saved at once and reverted on failure. save(value): a promise,
// or nothing. options: [{value, label, hint?, picture?}].
export function choice({ label, hint, name, value, options, save, said, looks = '' }) {
	const radio = (option) => h('label', { class: 'choice' },
		h('input', {
			type: 'radio', name, value: option.value, checked: option.value === value,
		}),
		option.picture ?? null,
		h('span', {},
			h('span', { class: 'choice-name', lang: option.lang }, option.label),
			option.hint ? h('span', { class: 'choice-hint' }, option.hint) : null));
	const node = h('fieldset', {
		class: `choices ${looks}`,
		onchange: async (event) => {
			try {
				await save(event.target.value);
				value = event.target.value;
				said?.done();
			} catch (error) {
				is(value);
				said?.failed(error);
			}
		},
	}, h('legend', {}, label), hint ? h('p', { class: 'block-hint' }, hint) : null,
	options.map(radio));
	const is = (to) => {
		value = to;
		for (const input of node.querySelectorAll('input'))
			input.checked = input.value === to;
	};

	return { node, is };
}

// The same as a drop-down list.
export function picker({ label, hint, value, options, save, said, class: looks = '' }) {
	const id = new_id('pick');
	const select = h('select', {
		id, class: 'input select',
		'aria-describedby': hint ? `${id}-hint` : null,
		onchange: async () => {
			try {
				await save(select.value);
				({ value } = select);
				said?.done();
			} catch (error) {
				select.value = value;
				said?.failed(error);
			}
		},
	}, options.map((option) => h('option', { value: option.value }, option.label)));
	select.value = value;

	return {
		node: h('div', { class: `setting ${looks}` },
			h('div', { class: 'setting-text' },
				h('label', { for: id, dir: 'auto' }, label),
				hint ? h('p', { class: 'block-hint', id: `${id}-hint` }, hint) : null),
			select),
		input: select,
		is: (to) => {
			value = to;
			select.value = to;
		},
	};
}

// A switch. save(is_on): a promise, or nothing; may return another value.
export function toggle({ label, hint, is_on, save, said, disabled = false }) {
	const id = new_id('switch');
	const input = h('input', {
		id, type: 'checkbox', role: 'switch', class: 'switch', checked: is_on, disabled,
		'aria-describedby': hint ? `${id}-hint` : null,
		onchange: async () => {
			try {
				const is_now = await save(input.checked);
				input.checked = is_now ?? input.checked;
				said?.done();
			} catch (error) {
				input.checked = !input.checked;
				said?.failed(error);
			}
		},
	});
	const hint_node = h('p', { class: 'block-hint', id: `${id}-hint` }, hint);

	return {
		node: h('label', { class: 'setting', for: id },
			h('span', { class: 'setting-text' },
				h('span', { class: 'setting-name' }, label), hint ? hint_node : null),
			input),
		input,
		is: (to) => { input.checked = to; },
		explain: (text) => say(hint_node, text),
	};
}

// A list that is read when it is opened, with loading text and a retry button. read():
// promise; row(thing): a node.
export class Listing {
	#words;
	#read;
	#row;
	#none;
	items = null;

	constructor({ words, read, row, none, label }) {
		this.#words = words;
		this.#read = read;
		this.#row = row;
		this.#none = none;
		this.#list = h('ul', { class: 'things', 'aria-label': label });
		this.node = h('div', { class: 'listing' });
		this.load();
	}

	#list;

	async load() {
		const words = this.#words;

		if (!this.items)
			replace(this.node, h('p', { class: 'loading', role: 'status' },
				h('span', { class: 'spinner' }), words.t('auth.busy')));
		try {
			this.items = await this.#read();
			this.render();
		} catch (error) {
			replace(this.node, h('div', { class: 'listing-failed' },
				h('p', { class: 'form-error', role: 'alert' },
					icon('warning'), words.error(error)),
				h('button', {
					type: 'button', class: 'button quiet small', onclick: () => this.load(),
				}, words.t('room.retry'))));
		}
	}

	render() {
		replace(this.#list, this.items.map((item) => this.#row(item)));
		replace(this.node, this.items.length > 0 ? this.#list
			: h('p', { class: 'muted listing-none' }, this.#none));
	}
}
