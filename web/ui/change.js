// change.js -- sends what was made of a message. Loaded when somebody changes one.

import { close_toast, offer_again } from './toasts.js';

// What was refused, or is out of reach, is all that there is of what they wrote: it stays
// with the word of why, to be tried again.
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
