// call_parts.js -- describes calls: who called, how long they were, and how they ended.

import { person_name, room_name } from './avatar.js';

// 2:05, or 1:02:05.
export function clock_of(seconds) {
	const two = (n) => String(n).padStart(2, '0');
	const [hours, minutes, rest] =
		[Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];

	return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

export function name_of({ store, words }, user_id) {
	const person = store.people.person(user_id);
	return person ? person_name(person, words) : words.t('call.somebody');
}

export function picture_of({ store }, user_id) {
	return store.people.person(user_id)?.avatar_url ?? null;
}

export function room_title({ store, words }, room_id) {
	const room = store.rooms.get(room_id);
	return room ? room_name(room, words) : words.t('rooms.unnamed');
}

export const is_direct = ({ store }, room_id) =>
	store.rooms.get(room_id)?.kind === 'direct';

// What a call was to me: out, in, missed; or active.
export function call_was({ store }, call) {
	const part = call.participants.find((p) => p.user_id === store.user?.id)?.state;

	if (call.ended_at === null)
		return 'active';
	if (call.initiator_id === store.user?.id)
		return 'out';
	if (part === 'declined')
		return 'declined';
	return part === 'missed' || part === 'busy' ? 'missed' : 'in';
}

// How the call ended, or its duration.
export function call_outcome({ words }, call) {
	if (call.ended_at === null)
		return words.t('call.was.active');
	if (call.duration !== null)
		return clock_of(call.duration);
	const were_busy = call.state === 'missed' && call.participants.every((one) =>
		one.state === 'busy' || one.user_id === call.initiator_id);
	return words.t(`call.outcome.${were_busy ? 'busy' : call.state}`);
}

// Who called, if that needs saying.
export const whose = (page, call) =>
	is_direct(page, call.room_id) || call.initiator_id === page.store.user?.id
		? '' : name_of(page, call.initiator_id);
