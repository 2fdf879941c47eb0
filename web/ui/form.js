// form.js -- labelled fields, and a form that shows each error at its field.

import { h, new_id, replace, say, set, show } from './dom.js';
import { icon } from './icons.js';

// The fields that an error without a list of fields is about.
const FIELDS_OF_CODE = {
	login_taken: ['login'], email_taken: ['email'], invite_required: ['invite'],
	wrong_password: ['password', 'old_password'],
};

const SECOND_MS = 1000;

// One field: {node, input, name, fail(text)}. props go to the <input>; two `half` fields
// stand side by side. rule(value, values): an error text or ''; checked when the user leaves
// the field, and from then on as they type.
export function make_field({ words, name, label, hint, optional, half, rule = () => '',
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
	let is_ruled = false;	// whether the error shown comes from the rule
	const check = () => {
		const value = field.value();
		const text = value ? rule(value, field.values()) : '';
		is_ruled = text !== '';
		fail(text);
	};

	input.addEventListener('input', () => is_ruled ? check() : fail(''));
	input.addEventListener('change', check);
	const node = h('div', { class: half ? 'field half' : 'field' },
		h('label', { for: id }, label),
		props.type === 'password' ? with_reveal(input, words) : input,
		hint_node, error);
	const is_secret = props.type === 'password';
	const field = {
		node, input, name, rule, fail,
		// a password is not trimmed, whether shown or not
		value: () => is_secret ? input.value : input.value.trim(),
		// of all fields: set by the form
		values: () => ({}),
	};
	return field;
}

// A rule from core/rules.js: fault(value, values) returns an error code, or null.
export function ruled(words, field, fault) {
	return (value, values) => {
		const code = fault(value, values);
		return code ? words.field_error({ field, code }) : '';
	};
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
	return [h('div', { class: 'input-with-button' }, input, button), caps_hint(input, words)];
}

// Warns while typing with Caps Lock on, which dots would not reveal.
function caps_hint(input, words) {
	const hint = h('p', { class: 'field-caps', role: 'status', hidden: true },
		icon('warning'), words.t('auth.caps_lock'));
	const look = (event) =>
		show(hint, Boolean(event.getModifierState?.('CapsLock')));

	input.addEventListener('keydown', look);
	input.addEventListener('keyup', look);
	input.addEventListener('blur', () => show(hint, false));
	return hint;
}

// A form of such fields, with one button.
export class Form {
	#words;
	#fields;
	#label;
	#check;
	#submit;
	#text_of;
	#is_busy = false;
	#wait_ends = 0;			// another try before this would only be refused again
	#error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	#button;

	// before, after: nodes around the fields. looks: of the button. check(values): {field:
	// text} of errors found here. submit(values): a promise; its ApiError is shown at the
	// fields it names, else above the button as text_of(error).
	constructor({ words, fields, label, submit, check = () => ({}), looks = 'primary',
		text_of = (error) => words.error(error), before = [], after = [] }) {
		this.#words = words;
		this.#fields = fields;
		this.#label = label;
		this.#check = check;
		this.#submit = submit;
		this.#text_of = text_of;
		this.#button = h('button', { type: 'submit', class: `button ${looks}` }, label);
		for (const field of fields)
			field.values = () => values_of(fields);
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
		if (this.#is_busy || this.#is_waiting)
			return;
		const values = values_of(this.#fields);
		const faults = { ...this.#ruled(values), ...this.#check(values) };

		this.#show(faults);
		if (Object.keys(faults).length > 0)
			return;
		this.#set_busy(true);
		try {
			await this.#submit(values);
		} catch (error) {
			const found = this.#faults_of(error);
			this.#show(found, Object.keys(found).length > 0 ? '' : this.#text_of(error));
			this.#wait(error);
		} finally {
			this.#set_busy(false);
		}
	}

	#ruled(values) {
		const faults = {};

		for (const { name, rule } of this.#fields)
			if (values[name] && rule(values[name], values))
				faults[name] = rule(values[name], values);
		return faults;
	}

	get #is_waiting() {
		return Date.now() < this.#wait_ends;
	}

	// Rate limited: counts the seconds down visually, and announces them once.
	#wait(error) {
		if (error.status !== 429 || !error.retry_after)
			return;
		const text = h('span', { 'aria-hidden': 'true' });
		const count = () => {
			const left_ms = this.#wait_ends - Date.now();

			if (left_ms > 0 && !this.node.isConnected)
				return;
			if (left_ms <= 0) {
				this.#show({});
				this.#set_busy(this.#is_busy);
				return;
			}
			say(text, this.#text_of({ ...error, message: error.message,
				retry_after: left_ms / SECOND_MS }));
			setTimeout(count, left_ms % SECOND_MS || SECOND_MS);
		};

		this.#wait_ends = Date.now() + error.retry_after * SECOND_MS;
		replace(this.#error, icon('warning'),
			h('span', { class: 'unseen' }, this.#text_of(error)), text);
		count();
	}

	// The server's errors about fields of this form.
	#faults_of(error) {
		const faults = {};
		const has = (name) => this.#fields.some((field) => field.name === name);

		for (const fault of error.errors ?? [])
			if (has(fault.field))
				faults[fault.field] ??= this.#words.field_error(fault);
		const named = FIELDS_OF_CODE[error.code]?.find(has);
		if (named)
			faults[named] ??= this.#words.error(error);
		return faults;
	}

	#show(faults, text = '') {
		for (const field of this.#fields)
			field.fail(faults[field.name] ?? '');
		replace(this.#error, text ? [icon('warning'), text] : null);
		show(this.#error, text !== '');
		this.#fields.find((field) => faults[field.name])?.input.focus();
	}

	// Not disabled, which would lose the focus.
	#set_busy(is_busy) {
		this.#is_busy = is_busy;
		set(this.#button, 'aria-disabled', is_busy || this.#is_waiting ? 'true' : null);
		say(this.#button, is_busy ? this.#words.t('auth.busy') : this.#label);
	}
}

function values_of(fields) {
	const values = {};

	for (const { name, value } of fields)
		values[name] = value();
	return values;
}

// Errors for the fields left empty.
export function required(words, values, names) {
	const faults = {};

	for (const name of names)
		if (!values[name])
			faults[name] = words.t('field.required');
	return faults;
}
