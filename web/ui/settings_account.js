// settings_account.js -- email address, password, deleting the account.

import { email_fault, password_fault } from '../core/rules.js';
import { open_dialog } from './dialog.js';
import { h, replace, say, show } from './dom.js';
import { Form, make_field, required, ruled } from './form.js';
import { icon } from './icons.js';
import { block } from './settings_parts.js';

export function account_section(page) {
	const email = email_block(page);

	return {
		node: h('div', { class: 'blocks' },
			email.node, password_block(page), removal_block(page)),
		update: (what) => {
			if (what === 'me' || what === 'status')
				email.update();
		},
	};
}

function password_field(words, name, label, more = {}) {
	return make_field({
		words, name, label: words.t(label), ...more,
		input: {
			type: 'password', required: true,
			autocomplete: name === 'new_password' ? 'new-password' : 'current-password',
		},
	});
}

// Tells password managers whose password it is.
function whose(user) {
	return h('input', {
		type: 'text', name: 'username', autocomplete: 'username', value: user.login,
		class: 'unseen', tabindex: -1, 'aria-hidden': 'true', readonly: true,
	});
}

function email_block({ words, client, store }) {
	const now = h('p', { class: 'email-now', dir: 'auto' });
	const mark = h('span', { class: 'mark' });
	const notice = h('p', { class: 'notice', role: 'status', hidden: true });
	const email = make_field({
		words, name: 'email', label: words.t('settings.email_new'),
		rule: ruled(words, 'email', email_fault),
		input: { type: 'email', autocomplete: 'email', required: true },
	});
	const password = password_field(words, 'password', 'auth.password',
		{ hint: words.t('settings.email_password_hint') });
	const update = () => {
		const { user, status } = store;
		const is_sure = user.email_confirmed;

		say(now, user.email);
		show(mark, is_sure || Boolean(status?.confirm_email));
		mark.dataset.state = is_sure ? 'good' : 'warn';
		say(mark, words.t(is_sure ? 'settings.email_sure' : 'settings.email_unsure'));
	};

	update();
	return {
		node: block(words.t('auth.email'), words.t('auth.email_hint'),
			h('div', { class: 'email-line' }, now, mark),
			new Form({
				words,
				fields: [email, password],
				label: words.t('settings.email_change'),
				looks: 'quiet',
				before: [whose(store.user)],
				after: [notice],
				check: (values) => required(words, values, ['email', 'password']),
				submit: async (values) => {
					const counts = await client.account.change_email(values.email,
						values.password);
					replace(notice, counts ? words.t('settings.email_done')
						: words.t('settings.email_mailed', { email: values.email }));
					show(notice, true);
					email.input.value = '';
					password.input.value = '';
				},
			}).node),
		update,
	};
}

function password_block({ words, client, store }) {
	const { user } = store;
	const notice = h('p', { class: 'notice', role: 'status', hidden: true });
	const old = password_field(words, 'old_password', 'settings.password_old');
	const fresh = password_field(words, 'new_password', 'link.new_password', {
		hint: words.t('auth.password_hint'),
		rule: ruled(words, 'password', (value) => password_fault(value, user)),
	});

	return block(words.t('auth.password'), words.t('settings.password_hint'), new Form({
		words,
		fields: [old, fresh],
		label: words.t('settings.password_change'),
		looks: 'quiet',
		before: [whose(user)],
		after: [notice],
		check: (values) => required(words, values, ['old_password', 'new_password']),
		submit: async ({ old_password, new_password }) => {
			show(notice, false);
			await client.account.change_password(old_password, new_password);
			replace(notice, words.t('settings.password_done'));
			show(notice, true);
			old.input.value = '';
			fresh.input.value = '';
		},
	}).node);
}

function removal_block(page) {
	const { words } = page;

	return block(words.t('settings.remove'), words.t('settings.remove_hint'), h('div', {},
		h('button', {
			type: 'button', class: 'button danger-text', onclick: () => open_removal(page),
		}, icon('bin'), words.t('settings.remove_open'))));
}

function open_removal({ words, client, store }) {
	const password = password_field(words, 'password', 'auth.password');
	const erase = h('input', { type: 'checkbox', class: 'check' });

	open_dialog({
		words,
		title: words.t('settings.remove_title'),
		class: 'removal',
		content: (close) => new Form({
			words,
			fields: [password],
			label: words.t('settings.remove_yes'),
			looks: 'danger',
			before: [
				h('p', { class: 'dialog-text' }, words.t('settings.remove_what', {
					login: store.user.login,
				})),
				h('ul', { class: 'removal-list' },
					h('li', {}, words.t('settings.remove_what_profile')),
					h('li', {}, words.t('settings.remove_what_rooms')),
					h('li', {}, words.t('settings.remove_what_messages'))),
				h('label', { class: 'check-line' }, erase,
					h('span', {}, words.t('settings.remove_erase'),
						h('span', { class: 'block-hint' },
							words.t('settings.remove_erase_hint')))),
				whose(store.user),
			],
			after: [h('button', {
				type: 'button', class: 'button quiet', onclick: close, 'data-first': true,
			}, words.t('dialog.cancel'))],
			check: (values) => required(words, values, ['password']),
			submit: (values) => client.account.remove(values.password, erase.checked),
		}).node,
	});
}
