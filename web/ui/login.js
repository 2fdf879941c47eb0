// login.js -- sign-in and registration.

import { email_fault, login_fault, password_fault } from '../core/rules.js';
import { h, is_coarse, replace } from './dom.js';
import { Form, make_field, required, ruled } from './form.js';
import { logo } from './icons.js';
import { language_switch } from './language.js';
import { comes_near, dialog_part } from './load.js';

const load_link = dialog_part(() => import('./link.js'));

export class Login {
	#page;
	#mode;
	#notice;
	#shown;			// the policy that the form was built for
	#card = h('div', { class: 'card' });

	constructor(page) {
		const { words, store } = page;

		this.#page = page;
		this.nodes = [h('main', { class: 'login' },
			h('div', { class: 'login-brand' },
				logo(),
				h('h1', {}, words.t('app.name')),
				h('p', { class: 'muted' }, words.t('app.tagline'))),
			this.#card,
			language_switch(page))];
		if (page.invite)
			this.#turn('register');
		else
			this.#turn('sign_in', store.ended ? words.t(`auth.ended.${store.ended}`) : '');
	}

	update(what) {
		// the server's policy may arrive after the page, and after the first keystrokes
		if (what !== 'status' || this.#policy === this.#shown)
			return;
		const inputs = () => [...this.#card.querySelectorAll('input')];
		const typed = new Map(inputs().map(({ name, value }) => [name, value]));
		const at = this.#card.contains(document.activeElement)
			? document.activeElement : null;

		this.#make(this.#is_closed ? 'sign_in' : this.#mode, this.#notice);
		for (const input of inputs())
			input.value = typed.get(input.name) ?? input.value;
		if (at)
			(inputs().find(({ name }) => name === at.name) ?? inputs()[0]).focus();
	}

	end() {}

	arrive() {
		// on a phone the keyboard would cover half of the page
		if (!is_coarse())
			this.#focus();
	}

	#focus() {
		this.#card.querySelector('input').focus();
	}

	get #is_closed() {
		return this.#page.store.status?.registration === 'closed';
	}

	get #is_by_invite() {
		return this.#page.store.status?.registration === 'invite' || this.#page.invite;
	}

	get #policy() {
		return [this.#is_closed, Boolean(this.#is_by_invite), Boolean(this.#can_mail)].join();
	}

	get #can_mail() {
		return this.#page.store.can('mail');
	}

	#turn(mode, notice) {
		this.#make(mode, notice);
		this.#focus();
	}

	#make(mode, notice = '') {
		const { words } = this.#page;
		this.#mode = mode;
		this.#notice = notice;
		this.#shown = this.#policy;
		const link = (label, to) => h('button', {
			type: 'button', class: 'link', onclick: () => this.#turn(to),
		}, words.t(label));

		if (mode === 'register')
			replace(this.#card, this.#register_form(), h('p', { class: 'card-foot' },
				words.t('auth.to_sign_in'), ' ', link('auth.sign_in', 'sign_in')));
		else
			replace(this.#card, this.#sign_in_form(notice), h('p', { class: 'card-foot' },
				this.#is_closed ? words.t('auth.closed') : [
					words.t('auth.to_register'), ' ', link('auth.register', 'register'),
				]));
	}

	#field(name, label, input, more = {}) {
		const { words } = this.#page;
		return make_field({ words, name, label: words.t(label), input, ...more });
	}

	#invitation() {
		const { words, client } = this.#page;
		return client.invitation
			? h('p', { class: 'notice', role: 'status' }, words.t('auth.invited')) : null;
	}

	#login_field(label, more) {
		return this.#field('login', label, {
			autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false',
			required: true,
		}, more);
	}

	#sign_in_form(notice) {
		const { words, client } = this.#page;

		return new Form({
			words,
			fields: [
				this.#login_field('auth.login_or_email'),
				this.#field('password', 'auth.password', {
					type: 'password', autocomplete: 'current-password', required: true,
				}),
			],
			label: words.t('auth.sign_in'),
			check: (values) => required(words, values, ['login', 'password']),
			submit: (values) => client.sign_in(values),
			text_of: (error) => error.status === 401
				? words.t('error.bad_login') : words.error(error),
			after: this.#can_mail ? [h('button', {
				type: 'button', class: 'link', ...comes_near(load_link),
				onclick: async () => (await load_link()).open_forgot(this.#page,
					this.#card.querySelector('[name=login]').value.trim()),
			}, words.t('auth.forgot'))] : [],
			before: [
				h('h2', {}, words.t('auth.sign_in_title')),
				this.#invitation(),
				notice ? h('p', { class: 'notice', role: 'status' }, notice) : null,
			],
		}).node;
	}

	#register_form() {
		const { words, client } = this.#page;
		const half = { optional: true, half: true };

		return new Form({
			words,
			fields: [
				this.#is_by_invite ? this.#field('invite', 'auth.invite', {
					required: true, value: this.#page.invite, autocomplete: 'off',
				}) : null,
				this.#login_field('auth.login', {
					hint: words.t('auth.login_hint'), rule: ruled(words, 'login', login_fault),
				}),
				this.#field('email', 'auth.email', {
					type: 'email', autocomplete: 'email', required: true,
				}, {
					hint: words.t('auth.email_hint'), rule: ruled(words, 'email', email_fault),
				}),
				this.#field('password', 'auth.password', {
					type: 'password', autocomplete: 'new-password', required: true,
				}, {
					hint: words.t('auth.password_hint'),
					rule: ruled(words, 'password', password_fault),
				}),
				this.#field('first_name', 'auth.first_name',
					{ autocomplete: 'given-name', maxlength: 64 }, half),
				this.#field('last_name', 'auth.last_name',
					{ autocomplete: 'family-name', maxlength: 64 }, half),
			].filter(Boolean),
			label: words.t('auth.register'),
			check: (values) => required(words, values,
				['invite', 'login', 'email', 'password'].filter((name) => name in values)),
			submit: async (values) => {
				if (!await client.register(without_empty(values)))
					this.#turn('sign_in', words.t('auth.confirm_mail'));
			},
			before: [h('h2', {}, words.t('auth.register_title')), this.#invitation()],
		}).node;
	}
}

function without_empty(values) {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}
