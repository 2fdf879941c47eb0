// link.js -- opens links that were mailed or shared: a new password, a confirmed address, an
// invitation. router.js takes the secret from the URL.

import { password_fault } from '../core/rules.js';
import { open_dialog } from './dialog.js';
import { h, replace } from './dom.js';
import { Form, make_field, required, ruled } from './form.js';
import { go_to } from './router.js';

export function open_link(page, { what, secret }) {
	if (what === 'reset')
		open_reset(page, secret);
	if (what === 'confirm')
		open_confirm(page, secret);
}

const done = (text) => h('p', { class: 'dialog-text', role: 'status' }, text);
const leave = (words, close) => h('div', { class: 'dialog-actions' }, h('button', {
	type: 'button', class: 'button quiet', 'data-first': true, onclick: close,
}, words.t('dialog.close')));

function text_of(words) {
	return (error) => error.status === 404 ? words.t('link.gone') : words.error(error);
}

// A dialog with one form, which is replaced by a sentence when it was sent.
function open_form({ words, title, field, label, submit, thanks }) {
	const box = h('div', {});
	const form = new Form({
		words,
		fields: [field],
		label,
		check: (values) => required(words, values, [field.name]),
		submit: async (values) => {
			await submit(values[field.name]);
			replace(box, done(thanks), leave(words, () => dialog.close()));
			box.querySelector('button').focus();
		},
		text_of: text_of(words),
	});

	replace(box, form.node);
	const dialog = open_dialog({ words, title, content: () => [box] });
	field.input.focus();
}

function open_reset({ words, client }, secret) {
	open_form({
		words,
		title: words.t('link.reset_title'),
		field: make_field({
			words,
			name: 'new_password',
			label: words.t('link.new_password'),
			hint: words.t('auth.password_hint'),
			rule: ruled(words, 'password', (value) => password_fault(value)),
			input: { type: 'password', autocomplete: 'new-password', required: true },
		}),
		label: words.t('link.reset'),
		submit: (password) => client.account.reset_password(secret, password),
		thanks: words.t('link.reset_done'),
	});
}

async function open_confirm({ words, client }, secret) {
	const text = done(words.t('auth.busy'));

	open_dialog({ words, title: words.t('link.confirm_title'), content: () => [text] });
	try {
		await client.account.confirm_email(secret);
		replace(text, words.t('link.confirmed'));
	} catch (error) {
		replace(text, text_of(words)(error));
	}
}

// An invitation to a room is accepted once somebody is signed in.
export async function follow_invitation({ words, client }) {
	try {
		const room = await client.accept_invitation();
		if (room)
			go_to(room.id);
	} catch (error) {
		open_dialog({
			words,
			title: words.t('link.join_title'),
			content: (close) => [
				done(error.status === 404 ? words.t('link.join_gone') : words.error(error)),
				leave(words, close),
			],
		});
	}
}

// Requests such a link. typed: the text in the sign-in field.
export function open_forgot({ words, client }, typed) {
	open_form({
		words,
		title: words.t('auth.forgot'),
		field: make_field({
			words,
			name: 'email',
			label: words.t('auth.email'),
			input: { type: 'email', autocomplete: 'email', required: true,
				value: typed.includes('@') ? typed : '' },
		}),
		label: words.t('link.send'),
		submit: (email) => client.account.forgot_password(email),
		thanks: words.t('link.sent'),
	});
}
