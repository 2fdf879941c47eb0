// unblock.js -- what stands where one would write to somebody whom one has blocked: that it
// is so, and the way back.

import { h } from './dom.js';
import { show_error } from './toasts.js';

// on_done(): one may write again.
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
