// login.js -- the way in: signing in, or making an account.

import { h, replace } from './dom.js';
import { make_field, make_form, required } from './form.js';
import { logo } from './icons.js';
import { language_switch } from './language.js';

const NOT_EMPTY = (values) =>
	Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));

// Answers {node, update, end, focus}.
export function make_login(page) {
	const { words, store } = page;
	const card = h('div', { class: 'card' });
	const node = h('main', { class: 'login' },
		h('div', { class: 'login-brand' },
			logo(),
			h('h1', {}, words.t('app.name')),
			h('p', { class: 'muted' }, words.t('app.tagline'))),
		card,
		language_switch(page));
	let mode = 'sign_in';

	const turn = (to, notice = '') => {
		mode = to;
		replace(card, to === 'sign_in'
			? sign_in_form(page, turn, notice)
			: register_form(page, turn));
		focus();
	};
	const focus = () => card.querySelector('input').focus();
	const reason = store.ended;
	turn('sign_in', reason ? words.t(`auth.ended.${reason}`) : '');

	return {
		node,
		// the server's policy may come later than the page
		update(what) {
			if (what !== 'status')
				return;
			const is_closed = store.status?.registration === 'closed';
			if (is_closed && mode === 'register')
				turn('sign_in');
			const foot = card.querySelector('.card-foot');
			if (is_closed && foot)
				replace(foot, words.t('auth.closed'));
		},
		end() {},
		focus,
	};
}

function foot(words, question, label, onclick) {
	return h('p', { class: 'card-foot' }, `${words.t(question)} `,
		h('button', { type: 'button', class: 'link', onclick }, words.t(label)));
}

function sign_in_form({ words, client, store }, turn, notice) {
	const login = make_field({
		words, name: 'login', label: words.t('auth.login_or_email'),
		input: {
			autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false',
			required: true,
		},
	});
	const password = make_field({
		words, name: 'password', label: words.t('auth.password'),
		input: { type: 'password', autocomplete: 'current-password', required: true },
	});
	const form = make_form({
		words,
		fields: [login, password],
		label: words.t('auth.sign_in'),
		check: (values) => required(words, values, ['login', 'password']),
		submit: (values) => client.sign_in(values),
		error_of: (error) => error.status === 401
			? words.t('error.bad_login') : words.error(error),
		before: [
			h('h2', {}, words.t('auth.sign_in_title')),
			notice ? h('p', { class: 'notice', role: 'status' }, notice) : null,
		],
	});

	return [form, store.status?.registration === 'closed'
		? h('p', { class: 'card-foot' }, words.t('auth.closed'))
		: foot(words, 'auth.to_register', 'auth.register', () => turn('register'))];
}

function register_form({ words, client }, turn) {
	const field = (name, key, props, more = {}) => make_field({
		words, name, label: words.t(key), input: props, ...more,
	});
	const fields = [
		field('login', 'auth.login', {
			autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false',
			required: true,
		}, { hint: words.t('auth.login_hint') }),
		field('email', 'auth.email', {
			type: 'email', autocomplete: 'email', required: true,
		}, { hint: words.t('auth.email_hint') }),
		field('password', 'auth.password', {
			type: 'password', autocomplete: 'new-password', required: true,
		}, { hint: words.t('auth.password_hint') }),
		field('first_name', 'auth.first_name', { autocomplete: 'given-name' },
			{ optional: true, half: true }),
		field('last_name', 'auth.last_name', { autocomplete: 'family-name' },
			{ optional: true, half: true }),
	];
	const form = make_form({
		words,
		fields,
		label: words.t('auth.register'),
		check: (values) => required(words, values, ['login', 'email', 'password']),
		submit: async (values) => {
			if (!await client.register(NOT_EMPTY(values)))
				turn('sign_in', words.t('auth.confirm_mail'));
		},
		before: [h('h2', {}, words.t('auth.register_title'))],
	});

	return [form, foot(words, 'auth.to_sign_in', 'auth.sign_in', () => turn('sign_in'))];
}
