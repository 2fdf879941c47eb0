// change.js -- sends an edited message. Loaded with the first edit.

import { close_toast, offer_again } from './toasts.js';

// If the edit is refused or the server out of reach, this holds the only copy of the text:
// the toast stays, with the reason and a retry button.
export function change({ client, words }, message, text) {
	const key = `change ${message.id}`;
	const send = () => {
		close_toast(key);
		client.acts.edit(message, text).catch((error) => offer_again({
			words, key, text: `${words.t('composer.editing')}: ${words.error(error)}`,
			again: send,
		}));
	};

	send();
}
