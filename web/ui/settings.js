// settings.js -- the settings: a dialog with sections on the left; on a phone a list that
// opens one of them.
//
// Owns: the dialog, and the opened sections with their state.

import { avatar, person_name } from './avatar.js';
import { ask, open_dialog } from './dialog.js';
import { h, replace, set, show } from './dom.js';
import { icon } from './icons.js';
import { install, may_install, on_install_change } from './install.js';
import { account_section } from './settings_account.js';
import { appearance_section } from './settings_appearance.js';
import { notify_section } from './settings_notify.js';
import { privacy_section } from './settings_privacy.js';
import { profile_section } from './settings_profile.js';
import { sessions_section } from './settings_sessions.js';
import { tokens_section } from './settings_tokens.js';

// make(page): {node, update?(what)}.
const SECTIONS = [
	{ name: 'profile', picture: 'person', make: profile_section },
	{ name: 'account', picture: 'key', make: account_section },
	{ name: 'notify', picture: 'bell', make: notify_section },
	{ name: 'appearance', picture: 'brush', make: appearance_section },
	{ name: 'privacy', picture: 'lock', make: privacy_section },
	{ name: 'sessions', picture: 'devices', make: sessions_section },
	{ name: 'tokens', picture: 'code', make: tokens_section },
];

const is_narrow = () => matchMedia('(max-width: 47.5rem)').matches;

// section: shown first; null: on a narrow screen, the list of sections.
export function open_settings(page, section = null) {
	if (!document.querySelector('dialog.settings[open]'))
		new Settings(page, section);
}

class Settings {
	#page;
	#dialog;
	#current = null;
	#made = new Map();		// name -> section
	#buttons = new Map();		// name -> its button
	#title = h('h3', { class: 'settings-title', tabindex: -1 });
	#pane = h('div', { class: 'settings-body' });
	#who = h('div', { class: 'settings-who' });
	#install;
	#end_install = on_install_change(() => this.#render_install());
	#on_change = ({ detail }) => this.#update(detail);

	constructor(page, section) {
		const { words, store } = page;

		// its own page object: the language may change below the dialog
		this.#page = {
			...page,
			set_language: async (to) => {
				await page.set_language(to);
				open_settings(page, 'appearance');
				document.querySelector('.settings input[name=language]:checked')?.focus();
			},
		};
		this.#dialog = open_dialog({
			words,
			title: words.t('settings.title'),
			class: 'settings',
			content: (close) => this.#content(close),
		});
		store.addEventListener('change', this.#on_change);
		this.#dialog.addEventListener('close', () => this.#end());
		// on a narrow screen, Back and Escape lead from a section to the list
		this.#dialog.addEventListener('cancel', (event) => {
			if (event.target === this.#dialog && is_narrow()
				&& this.#dialog.dataset.open === 'section') {
				event.preventDefault();
				this.#to_list();
			}
		});
		this.#render_who();
		this.#open(section ?? 'profile');
		if (section || !is_narrow())
			this.#buttons.get(this.#current).focus();
		else
			this.#to_list();
		// my account may have changed on another device
		page.client.account.read().catch(() => {});
	}

	#content(close) {
		const { words, store } = this.#page;
		const items = SECTIONS.map(({ name, picture }) => {
			const button = h('button', {
				type: 'button', class: 'settings-item', onclick: () => this.#enter(name),
			}, icon(picture), h('span', {}, words.t(`settings.${name}`)), icon('next'));
			this.#buttons.set(name, button);
			return h('li', {}, button);
		});

		this.#install = h('button', {
			type: 'button', class: 'settings-item', onclick: () => install().catch(() => {}),
		}, icon('download'), h('span', {}, words.t('settings.install')));
		this.#render_install();
		return [
			h('nav', { class: 'settings-nav', 'aria-label': words.t('settings.title') },
				this.#who,
				h('ul', { onkeydown: move_focus }, items),
				this.#install,
				h('button', {
					type: 'button', class: 'settings-item danger',
					onclick: () => {
						close();
						ask_sign_out(this.#page);
					},
				}, icon('leave'), h('span', {}, words.t('account.sign_out'))),
				store.status?.version ? h('p', { class: 'settings-version' },
					`${words.t('app.name')} ${store.status.version}`) : null),
			h('section', { class: 'settings-pane', 'aria-label': words.t('settings.title') },
				h('header', { class: 'settings-head' },
					h('button', {
						type: 'button', class: 'icon-button settings-back',
						'aria-label': words.t('settings.back'), title: words.t('settings.back'),
						onclick: () => this.#to_list(),
					}, icon('back')),
					this.#title),
				this.#pane),
		];
	}

	#render_install() {
		const had_focus = this.#install === document.activeElement;

		show(this.#install, may_install());
		if (had_focus && this.#install.hidden)
			this.#buttons.get(this.#current).focus();
	}

	#render_who() {
		const { words, store } = this.#page;
		const { user } = store;
		const name = person_name(user, words);

		replace(this.#who,
			avatar(user.id, name, '', { url: user.avatar_url }),
			h('div', {},
				h('p', { class: 'account-name', dir: 'auto' }, name),
				h('p', { class: 'muted', dir: 'auto' }, `@${user.login}`)));
	}

	// From the list: the focus follows into the section.
	#enter(name) {
		this.#open(name);
		this.#pane.scrollTop = 0;
		if (is_narrow())
			this.#title.focus();
	}

	#open(name) {
		const { make } = SECTIONS.find((section) => section.name === name);

		this.#current = name;
		if (!this.#made.has(name))
			this.#made.set(name, make(this.#page));
		this.#dialog.dataset.open = 'section';
		for (const [other, button] of this.#buttons)
			set(button, 'aria-current', other === name ? 'page' : null);
		replace(this.#title, this.#page.words.t(`settings.${name}`));
		replace(this.#pane, this.#made.get(name).node);
	}

	#to_list() {
		this.#dialog.dataset.open = 'list';
		this.#buttons.get(this.#current).focus();
	}

	#update({ what }) {
		if (!this.#page.store.user)
			return;
		if (what === 'me')
			this.#render_who();
		for (const section of this.#made.values())
			section.update?.(what);
	}

	#end() {
		this.#page.store.removeEventListener('change', this.#on_change);
		this.#end_install();
		for (const section of this.#made.values())
			section.end?.();
		// the page below may have been rebuilt
		if (document.activeElement === document.body)
			document.querySelector('.account-button')?.focus();
	}
}

function move_focus(event) {
	const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
	if (!step)
		return;
	const items = [...event.currentTarget.querySelectorAll('button')];
	items[items.indexOf(document.activeElement) + step]?.focus();
	event.preventDefault();
}

// Asks first if there are unsent messages.
function ask_sign_out({ words, client }) {
	const count = client.outbox.unsent_count;

	if (count === 0)
		client.sign_out();
	else
		ask({
			words,
			title: words.t('account.sign_out'),
			hint: words.t('account.unsent', { count }),
			yes: words.t('account.sign_out_anyway'),
			act: () => client.sign_out(),
		});
}
