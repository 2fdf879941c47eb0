// presence.js -- presence and typing as text.

import { isolated } from '../core/words.js';
import { person_name } from './avatar.js';

const MINUTE_MS = 60 * 1000;

// "online", "last seen 5 minutes ago"; '' if hidden from us.
export function presence_text(presence, words, now = new Date()) {
	if (!presence)
		return '';
	if (presence.status !== 'offline')
		return words.t(`people.status.${presence.status}`);
	return presence.last_seen_at
		? last_seen(new Date(presence.last_seen_at), words, now)
		: words.t('people.status.offline');
}

function last_seen(at, words, now) {
	const minutes = Math.floor((now - at) / MINUTE_MS);

	if (minutes < 1)
		return words.t('people.seen_now');
	if (minutes < 60)
		return words.t('people.seen_minutes', { count: minutes });
	const values = { day: words.day(at, now).toLocaleLowerCase(words.language),
		time: words.time(at) };
	return words.t(at.toDateString() === now.toDateString()
		? 'people.seen_today' : 'people.seen_on', values);
}

// With their own status text, if any.
export function status_text(presence, words) {
	return [presence_text(presence, words), isolated(presence?.text ?? '')]
		.filter(Boolean).join(' · ');
}

// Who is typing; '' if nobody is.
export function typing_text(ids, kind, { store, words }) {
	const [first, second] = ids.map((id) => {
		const person = store.people.person(id);
		return person ? person_name(person, words) : words.t('people.somebody');
	});

	if (ids.length === 0)
		return '';
	if (kind === 'direct')
		return words.t('people.typing');
	return ids.length > 2 ? words.t('people.typing_many', { count: ids.length })
		: second ? words.t('people.typing_two', { first, second })
			: words.t('people.typing_one', { name: first });
}
