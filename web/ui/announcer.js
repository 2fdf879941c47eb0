// announcer.js -- tells a screen reader what others say in the open room: one polite
// region, and what comes together is said together.

import { person_name } from './avatar.js';
import { h, replace } from './dom.js';
import { text_of } from './rooms.js';

const GATHER_MS = 1000;
// More at once is counted, not read.
const READ = 3;

export function make_announcer({ words, store }) {
	const node = h('div', { class: 'unseen', role: 'log', 'aria-live': 'polite' });
	let room_id = null;
	let said = 0;		// seq up to which everything was said, or needs no saying
	let timer = null;

	function look() {
		timer = null;
		const timeline = store.timelines.get(room_id);
		if (!timeline || timeline.last <= said)
			return;
		const news = timeline.messages.filter((message) =>
			message.seq > said && message.sender?.id !== store.user?.id && !message.deleted_at);
		said = timeline.last;
		if (news.length === 0)
			return;
		replace(node, news.length > READ
			? h('p', {}, words.t('timeline.announce_many', { count: news.length }))
			: news.map((message) => h('p', {}, words.t('timeline.announce', {
				name: person_name(message.sender, words), text: text_of(message, words),
			}))));
	}

	return {
		node,
		update(what, id) {
			if (store.current !== room_id) {
				room_id = store.current;
				said = store.timelines.get(room_id)?.last ?? Infinity;
			}
			if (what !== 'timeline' || id !== room_id)
				return;
			// history is there to be read, not to be read out
			if (said === Infinity)
				said = store.timelines.get(room_id)?.last ?? Infinity;
			timer ??= setTimeout(look, GATHER_MS);
		},
		end: () => clearTimeout(timer),
	};
}
