// account.js -- who I am here, the language, and the way out.

import { avatar, person_name } from './avatar.js';
import { ask, open_dialog } from './dialog.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { language_switch } from './language.js';

export function open_account(page) {
	const { words, store } = page;
	const name = person_name(store.user, words);

	open_dialog({
		words,
		title: words.t('account.title'),
		class: 'account',
		content: (close) => [
			h('div', { class: 'account-who' },
				avatar(store.user.id, name, 'large'),
				h('div', {},
					h('p', { class: 'account-name', dir: 'auto' }, name),
					h('p', { class: 'muted', dir: 'auto' }, `@${store.user.login}`))),
			h('h3', {}, words.t('app.language')),
			language_switch({
				...page,
				set_language: (language) => {
					close();
					page.set_language(language);
				},
			}),
			h('div', { class: 'dialog-actions' },
				h('button', {
					type: 'button', class: 'button quiet danger-text',
					onclick: () => {
						close();
						sign_out(page);
					},
				}, icon('leave'), words.t('account.sign_out'))),
		],
	});
}

function sign_out({ words, client }) {
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
