// message.js -- one row of a timeline: a message in any of its states, a day, the line
// above what is new.

import { hue_of, is_just_emoji, link_parts } from '../core/text.js';
import { attachment_of } from './attachment.js';
import { avatar, person_name } from './avatar.js';
import { h, replace } from './dom.js';
import { icon } from './icons.js';

// Messages of one person within this time stand together.
const TOGETHER_MS = 5 * 60 * 1000;

// The rows of a timeline: [{key, kind, …}], everything a row depends on in its model.
// unread_after: the seq after which the line stands, or null.
export function rows_of({ messages, pending, user, unread_after }) {
	const rows = [];
	let before = null;
	let is_marked = unread_after === null;

	const add = (message) => {
		const time = new Date(message.created_at);
		const day = time.toDateString();
		const today = new Date().toDateString();
		if (before?.day !== day)
			rows.push({ key: `day ${day}`, kind: 'day', time: time.getTime(), today });
		let is_first = before?.day !== day;
		if (!is_marked && message.seq > unread_after && !message.is_mine) {
			rows.push({ key: 'new', kind: 'new' });
			is_marked = true;
			is_first = true;
		}
		is_first ||= before.sender_id !== message.sender_id
			|| time - before.time > TOGETHER_MS;
		if (before)
			before.row.is_last = is_first;
		const row = { ...message, kind: 'message', is_first, is_last: true };
		rows.push(row);
		before = { day, time, sender_id: message.sender_id, row };
	};
	for (const message of messages)
		add(row_of_message(message, user));
	for (const item of pending)
		add(row_of_item(item, user));
	return rows;
}

function row_of_message(message, user) {
	const is_mine = Boolean(user) && message.sender?.id === user.id;

	return {
		// my own message keeps the row it had while it was on its way
		key: is_mine && message.client_id ? `mine ${message.client_id}` : message.id,
		is_mine,
		message,
		seq: message.seq,
		sender: message.sender,
		sender_id: message.sender?.id ?? '',
		created_at: message.created_at,
		state: 'sent',
		error: null,
	};
}

function row_of_item(item, user) {
	return {
		key: `mine ${item.client_id}`,
		is_mine: true,
		message: item,
		seq: Infinity,
		sender: user,
		sender_id: user.id,
		created_at: item.created_at,
		state: item.state,
		error: item.error,
	};
}

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
	else
		update_message(node, row, page);
}

function is_same(row, former) {
	return Object.keys(row).every((key) => row[key] === former[key]);
}

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
	const is_big = !carried && !message.deleted_at && is_just_emoji(message.text ?? '');

	node.className = [
		'row', is_mine ? 'mine' : 'theirs', is_first && 'first', is_last && 'last',
		is_big && 'big', `is-${state}`,
	].filter(Boolean).join(' ');
	replace(node,
		is_mine ? null : h('span', { class: 'row-face' },
			is_last ? avatar(row.sender_id, name, 'medium') : null),
		h('div', { class: 'bubble' },
			is_mine || !is_first
				? h('span', { class: 'unseen' }, `${name}: `)
				: h('p', {
					class: `author hue-text-${hue_of(row.sender_id)}`, dir: 'auto',
				}, name),
			carried,
			h('div', { class: 'text', dir: 'auto' },
				carried && !message.text ? null : content_of(message, words)),
			meta_of(row, words)),
		state === 'failed' ? failed(row, page) : null);
}

function content_of(message, words) {
	if (message.deleted_at || !message.text)
		return h('em', { class: 'gone' }, text_of(message, words));
	return link_parts(message.text).map(({ text, url }) => (url ? h('a', {
		href: url, target: '_blank', rel: 'noopener noreferrer nofollow',
	}, text) : text));
}

// A message in one short line, for a list or for a screen reader.
export function text_of(message, words) {
	if (message.deleted_at)
		return words.t('message.deleted');
	if (message.text)
		return message.text.replace(/\s+/g, ' ').slice(0, 200);
	const key = `message.kind.${message.kind}`;
	return words.has(key) ? words.t(key) : '';
}

const STATE_ICON = {
	waiting: 'clock', sending: 'clock', sent: 'check', failed: 'warning',
};

function meta_of({ message, created_at, is_mine, state }, words) {
	const time = new Date(created_at);

	return h('span', { class: 'meta' },
		message.edited_at && !message.deleted_at
			? h('span', { class: 'edited' }, words.t('message.edited')) : null,
		h('time', { datetime: created_at, title: words.exactly(time) }, words.time(time)),
		is_mine ? h('span', { class: 'state', title: words.t(`message.${state}`) },
			icon(STATE_ICON[state]),
			h('span', { class: 'unseen' }, words.t(`message.${state}`))) : null);
}

function failed({ message, error }, { words, client }) {
	const action = (label, act) => h('button', {
		type: 'button', class: 'link', onclick: () => act(message.client_id),
	}, words.t(label));

	return h('p', { class: 'failed', role: 'alert' },
		`${words.t('message.failed')}: ${words.error({ code: error })} `,
		action('message.retry', (id) => client.retry(id)), ' ',
		action('message.discard', (id) => client.discard(id)));
}
