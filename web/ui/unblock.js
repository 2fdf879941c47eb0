// unblock.js -- shown in place of the composer if the user has blocked the other person, with
// a button to unblock.

import { h } from './dom.js';
import { show_error } from './toasts.js';

// on_done(): the user may write again.
export function unblock({ words, client, composer }, user_id, on_done) {
	const act = async () => {
		try {
			await client.contacts.unblock(user_id);
			on_done();
			composer.focus();
		} catch (error) {
			show_error(words, error);
		}
	};

	return [h('span', {}, words.t('people.is_blocked')),
		h('button', { type: 'button', class: 'link', onclick: act }, words.t('people.unblock'))];
}
