// settings_notify.js -- notifications on this device, and per room.

import { room_name } from './avatar.js';
import { h, keyed, replace, show } from './dom.js';
import { block, choice, picker, Said, toggle } from './settings_parts.js';
import { play } from './sound.js';

const RULES = ['all', 'mentions', 'none'];
// With fewer rooms there is no filter.
const WORTH_FILTERING = 8;

// default, granted, denied; or absent: not supported, or the page is not on https.
const consent = () => 'Notification' in window && window.isSecureContext
	? Notification.permission : 'absent';

export function notify_section(page) {
	const rooms = rooms_block(page);

	return {
		node: h('div', { class: 'blocks' }, device_block(page), rooms.node),
		update: (what) => {
			if (what === 'rooms')
				rooms.update();
		},
	};
}

function device_block({ words, client }) {
	const { notices } = client;
	const { wishes } = notices;
	const explained = () => words.t(`settings.notify_on.${consent()}`);
	const on = toggle({
		label: words.t('settings.notify_on'),
		hint: explained(),
		is_on: wishes.is_on && consent() === 'granted',
		disabled: consent() === 'absent',
		save: async (is_on) => {
			// requested only here, at a click
			if (is_on && consent() === 'default')
				await Notification.requestPermission();
			const is_now = is_on && consent() === 'granted';
			notices.wish({ is_on: is_now });
			on.explain(explained());
			return is_now;
		},
	});
	const simple = (name) => toggle({
		label: words.t(`settings.notify_${name}`),
		hint: words.t(`settings.notify_${name}_hint`),
		is_on: wishes[name],
		save: (is_on) => {
			notices.wish({ [name]: is_on });
			if (name === 'sound' && is_on)
				play();
		},
	});

	return block(words.t('settings.notify_device'), '',
		on.node,
		simple('sound').node,
		simple('with_text').node,
		simple('in_page').node,
		choice({
			label: words.t('settings.notify_what'), name: 'what', value: wishes.what,
			options: ['all', 'personal'].map((value) => ({
				value,
				label: words.t(`settings.notify_what.${value}`),
				hint: words.t(`settings.notify_what.${value}_hint`),
			})),
			save: (what) => notices.wish({ what }),
		}).node,
		h('p', { class: 'block-hint' }, words.t('settings.notify_busy')));
}

function rooms_block({ words, client, store }) {
	const said = new Said(words);
	const list = h('ul', { class: 'things room-rules' });
	const none = h('p', { class: 'muted listing-none' });
	const filter = h('input', {
		type: 'search', class: 'input', placeholder: words.t('rooms.search'),
		'aria-label': words.t('rooms.search'), oninput: () => update(),
	});
	const make = ({ room }) => {
		const rule = picker({
			label: room_name(room, words), value: room.me?.notify ?? 'all', said,
			options: RULES.map((value) => ({
				value, label: words.t(`settings.rule.${value}`),
			})),
			save: (value) => client.manage.set_notify(room.id, value),
		});
		const node = h('li', {}, rule.node);
		node.rule = rule;
		return node;
	};
	const update = () => {
		const wanted = filter.value.trim().toLocaleLowerCase();
		// by name: sorted by activity, rows would move under the pointer
		const rooms = [...store.rooms.values()]
			.filter((room) => room_name(room, words).toLocaleLowerCase().includes(wanted))
			.sort((a, b) => room_name(a, words).localeCompare(room_name(b, words)));

		keyed(list, rooms.map((room) => ({ key: room.id, room })), {
			make,
			update: (node, { room }) => node.rule.is(room.me?.notify ?? 'all'),
		});
		show(filter, store.rooms.size >= WORTH_FILTERING || wanted !== '');
		show(none, rooms.length === 0);
		replace(none, words.t(store.rooms.size > 0 ? 'settings.rules_no_match' : 'rooms.none'));
	};

	update();
	return {
		node: block(words.t('settings.rules'), words.t('settings.rules_hint'),
			filter, list, none, said.node),
		update,
	};
}
