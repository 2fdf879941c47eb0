// account.js -- the way to one's settings, which are loaded when somebody wants them;
// and the way out.

import { ask } from './dialog.js';

// section: which one is shown first; null: the list of them where there is no room for
// both.
export async function open_account(page, section = null) {
	const { open_settings } = await import('./settings.js');
	return open_settings(page, section);
}

// What is not sent yet is asked about.
export function ask_sign_out({ words, client }) {
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
