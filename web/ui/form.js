// form.js -- labelled fields, and a form that shows each fault at its field.

import { h, new_id, replace, set, show } from './dom.js';
import { icon } from './icons.js';

// Which field an error without a list of fields is about.
const FIELD_OF_CODE = { login_taken: 'login', email_taken: 'email' };

// One field: {node, input, name, fail(text)}. props go to the <input>; two fields that
// are `half` stand side by side.
export function make_field({ words, name, label, hint, optional, half,
	input: props = {} }) {
	const id = new_id(name);
	const hint_node = hint
		? h('p', { class: 'field-hint', id: `${id}-hint` }, hint) : null;
	const error = h('p', { class: 'field-error', id: `${id}-error`, hidden: true });
	const { tag = 'input', ...rest } = props;
	const input = h(tag, {
		id, name, class: 'input', dir: 'auto',
		'aria-describedby': describe(id, hint, false),
		placeholder: optional ? words.t('auth.optional') : null, ...rest,
	});
	const fail = (text) => {
		replace(error, text ? [icon('warning'), text] : null);
		show(error, Boolean(text));
		if (hint_node)
			show(hint_node, !text);
		set(input, 'aria-invalid', text ? 'true' : null);
		set(input, 'aria-describedby', describe(id, hint, text));
	};

	input.addEventListener('input', () => fail(''));
	const node = h('div', { class: half ? 'field half' : 'field' },
		h('label', { for: id }, label),
		props.type === 'password' ? with_reveal(input, words) : input,
		hint_node, error);
	return { node, input, name, fail };
}

function describe(id, hint, text) {
	if (text)
		return `${id}-error`;
	return hint ? `${id}-hint` : null;
}

function with_reveal(input, words) {
	const button = h('button', {
		type: 'button',
		class: 'icon-button reveal',
		onclick: () => turn(input.type === 'password'),
	});
	const turn = (is_shown) => {
		const label = words.t(is_shown ? 'auth.hide_password' : 'auth.show_password');
		input.type = is_shown ? 'text' : 'password';
		set(button, 'aria-label', label);
		set(button, 'title', label);
		replace(button, icon(is_shown ? 'eye_off' : 'eye'));
	};

	turn(false);
	return h('div', { class: 'input-with-button' }, input, button);
}

// A form of such fields, with one button.
export class Form {
	#words;
	#fields;
	#label;
	#check;
	#submit;
	#text_of;
	#error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	#button;

	// before, after: nodes around the fields. check(values): {field: text}, found here.
	// submit(values): a promise; its ApiError is shown at the fields that it names, else
	// above the button in the words of text_of(error).
	constructor({ words, fields, label, submit, check = () => ({}),
		text_of = (error) => words.error(error), before = [], after = [] }) {
		this.#words = words;
		this.#fields = fields;
		this.#label = label;
		this.#check = check;
		this.#submit = submit;
		this.#text_of = text_of;
		this.#button = h('button', { type: 'submit', class: 'button primary' }, label);
		this.node = h('form', {
			class: 'form',
			novalidate: true,
			onsubmit: (event) => {
				event.preventDefault();
				this.#on_submit();
			},
		}, before, fields.map((field) => field.node), after, this.#error, this.#button);
	}

	async #on_submit() {
		const values = values_of(this.#fields);
		const faults = this.#check(values);

		this.#show(faults);
		if (Object.keys(faults).length > 0)
			return;
		this.#set_busy(true);
		try {
			await this.#submit(values);
		} catch (error) {
			const found = this.#faults_of(error);
			this.#show(found, Object.keys(found).length > 0 ? '' : this.#text_of(error));
		} finally {
			this.#set_busy(false);
		}
	}

	// What the server says of fields that are here.
	#faults_of(error) {
		const faults = {};
		const has = (name) => this.#fields.some((field) => field.name === name);

		for (const fault of error.errors ?? [])
			if (has(fault.field))
				faults[fault.field] ??= this.#words.field_error(fault);
		if (has(FIELD_OF_CODE[error.code]))
			faults[FIELD_OF_CODE[error.code]] ??= this.#words.error(error);
		return faults;
	}

	#show(faults, text = '') {
		for (const field of this.#fields)
			field.fail(faults[field.name] ?? '');
		replace(this.#error, text ? [icon('warning'), text] : null);
		show(this.#error, text !== '');
		this.#fields.find((field) => faults[field.name])?.input.focus();
	}

	#set_busy(is_busy) {
		this.#button.disabled = is_busy;
		this.#button.textContent = is_busy ? this.#words.t('auth.busy') : this.#label;
	}
}

function values_of(fields) {
	const values = {};

	for (const { name, input } of fields)
		values[name] = input.type === 'password' ? input.value : input.value.trim();
	return values;
}

// Faults of the fields that were left empty.
export function required(words, values, names) {
	const faults = {};

	for (const name of names)
		if (!values[name])
			faults[name] = words.t('field.required');
	return faults;
}
