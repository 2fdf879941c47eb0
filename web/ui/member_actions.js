// member_actions.js -- what I may do to a member of a room, by both roles: owners may do
// everything, admins manage plain members.

import { person_name, room_name } from './avatar.js';
import { ask, one_at_a_time } from './dialog.js';
import { h, replace, show } from './dom.js';
import { icon } from './icons.js';
import { open_menu } from './menu.js';

const HOUR_MS = 3600 * 1000;
const MUTES = [
	{ key: 'hour', ms: HOUR_MS },
	{ key: 'day', ms: 24 * HOUR_MS },
	{ key: 'week', ms: 7 * 24 * HOUR_MS },
	{ key: 'forever', ms: 100 * 365 * 24 * HOUR_MS },
];

export const is_muted = (member) => Boolean(member.muted_until)
	&& new Date(member.muted_until) > new Date();

function may_change(me, member, user) {
	if (!me || !member || member.user.id === user.id)
		return false;
	return me.role === 'owner' || (me.role === 'admin' && member.role === 'member');
}

// fail(error): the action was refused.
export function action_button({ words, picture, label, looks, act, fail }) {
	return h('button', {
		type: 'button', class: looks,
		onclick: one_at_a_time(() => Promise.resolve().then(act).catch(fail)),
	}, icon(picture), words.t(label));
}

// The nodes, or null if nothing is allowed.
export function member_actions(page, room_id, user_id) {
	const { words, store, client } = page;
	const room = store.rooms.get(room_id);
	const member = store.roster.of(user_id);

	if (!room || room.kind === 'direct' || !member)
		return null;
	const role = h('p', { class: 'muted' }, [
		words.t(`room.role.${member.role}`),
		member.banned ? words.t('room.is_banned') : null,
		is_muted(member) ? words.t('room.is_muted') : null,
	].filter(Boolean).join(' · '));
	if (!may_change(room.me, member, store.user))
		return [h('h3', {}, words.t('room.in_this')), role];

	const name = person_name(member.user, words);
	const error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	const change = (fields) => client.manage.change_member(room_id, user_id, fields);
	const button = (picture, label, act, looks = '') => action_button({
		words, picture, label, looks: `details-action ${looks}`,
		act: () => {
			show(error, false);
			return act();
		},
		fail: (e) => {
			replace(error, icon('warning'), words.error(e));
			show(error, true);
		},
	});
	const asked = (key, act) => () => ask({
		words,
		title: words.t(`room.${key}_title`, { name }),
		hint: words.t(`room.${key}_hint`, { room: room_name(room, words) }),
		yes: words.t(`room.${key}`),
		act,
	});

	return [
		h('h3', {}, words.t('room.in_this')), role, error,
		h('div', { class: 'member-actions' }, member.banned ? [
			button('check', 'room.unban', () => change({ banned: false })),
			button('bin', 'room.forget', () => client.manage.remove_member(room_id, user_id)),
		] : [
			room.me.role === 'owner' ? role_buttons(member, button, change, asked) : null,
			mute_button(member, change, words, error),
			button('leave', 'room.put_out', asked('put_out', () =>
				client.manage.remove_member(room_id, user_id)), 'danger-ink'),
			button('block', 'room.ban', asked('ban', () => change({ banned: true })),
				'danger-ink'),
		]),
	];
}

function role_buttons(member, button, change, asked) {
	return [
		member.role === 'member'
			? button('star', 'room.make_admin', () => change({ role: 'admin' }))
			: button('people', 'room.make_member', () => change({ role: 'member' })),
		button('forward', 'room.hand_over', asked('hand_over', () =>
			change({ role: 'owner' }))),
	];
}

// Asks for the duration in a menu before anything happens.
function mute_button(member, change, words, error) {
	const until = (ms) => new Date(Date.now() + ms).toISOString();
	const mute = (muted_until) => async () => {
		show(error, false);
		try {
			await change({ muted_until });
		} catch (e) {
			replace(error, icon('warning'), words.error(e));
			show(error, true);
		}
	};
	const open = ({ currentTarget: at }) => open_menu({
		label: words.t('room.mute'), at,
		items: [
			is_muted(member) ? { picture: 'check', label: words.t('room.unmute'),
				act: mute(null) } : null,
			...MUTES.map(({ key, ms }) => ({ picture: 'clock',
				label: words.t(`room.mute_for.${key}`), act: () => mute(until(ms))(),
			})),
		],
	});

	return h('button', {
		type: 'button', class: 'details-action', 'aria-haspopup': 'menu', onclick: open,
	}, icon('mic_off'), words.t('room.mute'));
}
