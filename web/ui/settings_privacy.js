// settings_privacy.js -- what others see of me, and who may contact me.

import { h } from './dom.js';
import { block, picker, Said, toggle } from './settings_parts.js';

const WHO = ['everyone', 'contacts', 'nobody'];
const CHOICES = ['show_last_seen', 'who_can_write', 'who_can_add'];

export function privacy_section({ words, client, store }) {
	const said = new Said(words);
	const save = (name) => (value) => client.account.change({ settings: { [name]: value } });
	const choices = CHOICES.map((name) => picker({
		label: words.t(`settings.${name}`),
		hint: words.t(`settings.${name}_hint`),
		value: store.user.settings[name],
		options: WHO.map((value) => ({ value, label: words.t(`settings.who.${value}`) })),
		save: save(name),
		said,
	}));
	const receipts = toggle({
		label: words.t('settings.send_receipts'),
		hint: words.t('settings.send_receipts_hint'),
		is_on: store.user.settings.send_receipts,
		save: (is_on) => save('send_receipts')(is_on),
		said,
	});

	return {
		node: h('div', { class: 'blocks' },
			block('', '', choices.map((one) => one.node), receipts.node, said.node)),
		update: (what) => {
			if (what !== 'me')
				return;
			CHOICES.forEach((name, at) => choices[at].is(store.user.settings[name]));
			receipts.is(store.user.settings.send_receipts);
		},
	};
}
