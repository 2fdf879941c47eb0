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
	const hint_node = hint ? h('p', { class: 'field-hint', id: `${id}-hint` }, hint) : null;
	const error = h('p', { class: 'field-error', id: `${id}-error`, hidden: true });
	const { tag = 'input', ...rest } = props;
	const input = h(tag, {
		id, name, class: 'input', dir: 'auto', 'aria-describedby': describe(id, hint, false),
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

// fields: from make_field, or null. submit(values): a promise; its ApiError is shown at
// the fields it names, else above the button. check(values): {field: text} found here.
export function make_form({ words, fields, submit, label, check = () => ({}),
	error_of = (error) => words.error(error), before = [], after = [] }) {
	const all = fields.filter(Boolean);
	const error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	const button = h('button', { type: 'submit', class: 'button primary' }, label);

	const fail = (faults, text = '') => {
		for (const field of all)
			field.fail(faults[field.name] ?? '');
		replace(error, text ? [icon('warning'), text] : null);
		show(error, Boolean(text));
		all.find((field) => faults[field.name])?.input.focus();
	};
	const on_error = (e) => {
		const faults = {};
		let is_placed = false;
		for (const fault of e.errors ?? [])
			if (all.some((field) => field.name === fault.field)) {
				faults[fault.field] ??= words.field_error(fault);
				is_placed = true;
			}
		const name = FIELD_OF_CODE[e.code];
		if (all.some((field) => field.name === name)) {
			faults[name] ??= words.error(e);
			is_placed = true;
		}
		fail(faults, is_placed ? '' : error_of(e));
	};
	const busy = (is_busy) => {
		button.disabled = is_busy;
		button.textContent = is_busy ? words.t('auth.busy') : label;
	};
	const on_submit = async (event) => {
		event.preventDefault();
		const values = values_of(all);
		const faults = check(values);
		fail(faults);
		if (Object.keys(faults).length > 0)
			return;
		busy(true);
		try {
			await submit(values);
		} catch (e) {
			on_error(e);
		} finally {
			busy(false);
		}
	};

	return h('form', { class: 'form', novalidate: true, onsubmit: on_submit },
		before, all.map((field) => field.node), after, error, button);
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
