// message.js -- one row of a timeline: a message in any state, a date, the line above new
// messages. Rows are light: a plain message has five elements.

import { hue_of, is_just_emoji } from '../core/text.js';
import { isolated } from '../core/words.js';
import { attachment_of } from './attachment.js';
import { avatar, person_name } from './avatar.js';
import { content_of, quote_of, reactions_of } from './bubble.js';
import { h, keep_focus, replace } from './dom.js';
import { update_folded } from './folded.js';

export function make_row() {
	return h('li', {});
}

export function update_row(node, row, former, page) {
	if (former && is_same(row, former))
		return;
	if (row.kind === 'day')
		update_day(node, row, page);
	else if (row.kind === 'new')
		update_new(node, page);
	else if (row.kind === 'call')
		page.calls.update_call(node, row, page);
	else if (row.kind === 'folded')
		update_folded(node, row, page, (ids) => page.timeline.unfold(ids));
	else if (former && has_moved(row, former))
		attachment_of(row.message, page);
	else
		update_message(node, row, page);
}

const is_same = (row, former, but = []) =>
	Object.keys(row).every((key) => but.includes(key) || row[key] === former[key]);

// Whether only the upload has progressed. Rebuilding the row then would swallow a click on
// its cancel button.
const has_moved = (row, former) => is_same(row, former, ['message'])
	&& is_same(row.message, former.message, ['progress', 'is_kept']);

function update_day(node, { time }, { words }) {
	node.className = 'row-day';
	replace(node, h('span', {}, words.day(new Date(time))));
}

function update_new(node, { words }) {
	node.className = 'row-new';
	replace(node, h('span', {}, words.t('timeline.new')));
}

function update_message(node, row, page) {
	const { words } = page;
	const { message, is_mine, is_first, is_last, state } = row;
	const name = person_name(row.sender, words);
	const carried = attachment_of(message, page);
	const is_big = !carried && !message.deleted_at && !row.original
		&& is_just_emoji(message.text ?? '');

	node.className = [
		'row', is_mine ? 'mine' : 'theirs', is_first && 'first', is_last && 'last',
		is_big && 'big', message.deleted_at && 'deleted',
		['delivered', 'read'].includes(state) && 'is-sent', `is-${state}`,
	].filter(Boolean).join(' ');
	node.tabIndex = -1;
	node.dataset.seq = row.seq;
	const fill = () => replace(node,
		!is_mine && is_last ? avatar(row.sender_id, name, 'medium', { url: row.sender?.avatar_url }) : null,
		h('div', { class: 'bubble' },
			is_mine || !is_first
				? h('span', { class: 'unseen' }, `${spoken(name, row, words)}: `)
				: h('p', {
					class: `author hue-text-${hue_of(row.sender_id)}`, dir: 'auto',
				}, name),
			quote_of(row, page),
			carried,
			h('div', { class: 'text', dir: 'auto' },
				carried && !message.text ? null : content_of(message, page)),
			meta_of(row, words),
			reactions_of(row, page)),
		state === 'failed' ? failed(row, page) : null);

	if (former_focus(node))
		keep_focus(node, fill, node);
	else
		fill();
}

// Whether something inside has the focus, which rebuilding would lose.
const former_focus = (node) =>
	document.activeElement !== node && node.contains(document.activeElement);

// The sender; for my own messages also the state, which others see as ticks.
function spoken(name, { is_mine, state }, words) {
	return is_mine ? `${isolated(name)} (${words.t(`message.${state}`)})` : isolated(name);
}

function meta_of({ message, is_mine, state }, words) {
	const { created_at, edited_at, deleted_at } = message;
	const time = new Date(created_at);
	const title = [words.exactly(time), is_mine && words.t(`message.${state}`)];

	return h('time', {
		class: 'meta', datetime: created_at, title: title.filter(Boolean).join('\n'),
	}, edited_at && !deleted_at ? `${words.t('message.edited')} ` : '', words.time(time));
}

function failed({ message, error }, { words, client }) {
	const action = (label, act) => h('button', {
		type: 'button', class: 'link', onclick: () => act(message.client_id),
	}, words.t(label));

	return h('p', { class: 'failed', role: 'alert' },
		`${words.t('message.failed')}. ${words.error({ code: error })} `,
		h('span', { class: 'failed-tools' },
			action('message.retry', (id) => client.retry(id)), ' ',
			action('message.discard', (id) => client.discard(id))));
}
