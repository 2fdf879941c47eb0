// call_row.js -- the calls of a room within its timeline: which ones, and a row for each.

import { isolated } from '../core/words.js';
import { call_outcome, call_was, whose } from './call_parts.js';
import { h, replace, set } from './dom.js';
import { icon } from './icons.js';

// Calls between two times, oldest first, except those still ringing: [{call, name}]; the same
// objects while they are unchanged.
export function calls_in(page, room_id, first, last) {
	return (page.store.calls.log(room_id)?.items ?? []).filter((call) => {
		const at = Date.parse(call.started_at);
		return call.state !== 'ringing' && at > first && at < last;
	}).reverse().map((call) => model_of(page, call));
}

const models = new WeakMap();	// call -> {call, name, created_at}

function model_of(page, call) {
	const name = whose(page, call);
	const known = models.get(call);

	if (known?.name === name)
		return known;
	const model = { call, name, created_at: call.started_at };
	models.set(call, model);
	return model;
}

export function update_call(node, { about: { call, name } }, { words, client }) {
	const was = call_was({ store: client.store }, call);
	const at = new Date(call.started_at);
	const what = [words.t(`call.was.${was}`), words.t(`call.kind.${call.kind}`)].join(' ').trim();
	const outcome = was === 'missed' || was === 'declined' || was === 'active'
		? null : call_outcome({ words }, call);
	const back = () => client.calls.start(call.room_id, { video: call.kind === 'video' });

	node.className = 'row-call';
	set(node, 'data-was', was);
	replace(node, h('span', {}, icon(call.kind === 'video' ? 'video' : 'phone'),
		h('span', {}, [isolated(name), what, outcome].filter(Boolean).join(' · ')),
		h('time', { datetime: call.started_at, title: words.exactly(at) }, words.time(at)),
		was === 'missed' ? h('button', { type: 'button', class: 'link', onclick: back },
			words.t('call.back')) : null));
}
