// call_log.js -- the calls of a room: when, by whom, how long, and which were missed.

import { isolated } from '../core/words.js';
import { call_icon } from './call_icons.js';
import { call_outcome, call_was, whose } from './call_parts.js';
import { open_dialog } from './dialog.js';
import { h, replace } from './dom.js';

export function open_call_log(page, room) {
	const { words, client, store } = page;
	const list = h('div', { class: 'call-log' });
	const render = () => replace(list, rows(page, room));
	const on_change = ({ detail }) => ['calls', 'people'].includes(detail.what) && render();

	const dialog = open_dialog({
		words, title: words.t('call.log'), content: (close) => [list, actions(page, room, close)],
	});
	store.addEventListener('change', on_change);
	dialog.addEventListener('close', () => store.removeEventListener('change', on_change));
	client.calls.missed_seen(room.id);
	render();
	client.calls.read_log(room.id);
}

function actions({ words, client }, room, close) {
	const start = (name, label, video) => h('button', {
		type: 'button', class: 'button quiet', onclick: () => {
			close();
			client.calls.start(room.id, { video });
		},
	}, call_icon(name), words.t(label));

	return !client.calls.may_start(room) ? null : h('div', { class: 'dialog-actions' },
		start('phone', 'call.start_audio', false), start('video', 'call.start_video', true));
}

function rows(page, room) {
	const { words, client, store } = page;
	const log = store.calls.log(room.id);

	if (!log)
		return h('p', { class: 'loading', role: 'status' }, h('span', { class: 'spinner' }),
			words.t('rooms.loading'));
	if (log.failed)
		return [h('p', { class: 'form-error', role: 'alert' }, words.error(log.failed)),
			h('button', { type: 'button', class: 'button quiet',
				onclick: () => client.calls.read_log(room.id) }, words.t('room.retry'))];
	if (log.items.length === 0)
		return h('p', { class: 'muted' }, words.t('call.log_empty'));
	return [
		h('ul', {}, log.items.map((call) => row(page, call))),
		log.next ? h('button', {
			type: 'button', class: 'button quiet', onclick: () =>
				client.calls.read_log(room.id, { more: true }),
		}, words.t('call.log_more')) : null,
	];
}

function row(page, call) {
	const { words } = page;
	const was = call_was(page, call);
	const at = new Date(call.started_at);
	const picture = { out: 'call_out', missed: 'call_missed' }[was] ?? 'call_in';
	const who = whose(page, call);

	return h('li', { class: `log-row is-${was}` },
		call_icon(picture),
		h('div', { class: 'log-text' },
			h('p', { class: 'log-what' }, words.t(`call.was.${was}`), ' ',
				h('span', { class: 'log-kind' }, words.t(`call.kind.${call.kind}`))),
			h('p', { class: 'muted', dir: 'auto' },
				[isolated(who), was === 'declined' ? '' : call_outcome(page, call)].filter(Boolean).join(' · '))),
		h('time', { class: 'muted', datetime: call.started_at, title: words.exactly(at) },
			`${words.day(at)}, ${words.time(at)}`));
}
