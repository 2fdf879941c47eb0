// room_invite.js -- the ways to bring others into a room: its link, adding people as an
// admin, and invitations.

import { copy_text } from './copy.js';
import { one_at_a_time, open_dialog } from './dialog.js';
import { is_admin } from './details.js';
import { h, new_id, replace, show } from './dom.js';
import { icon } from './icons.js';
import { Pages } from './pages.js';
import { Picker } from './picker.js';
import { select_field } from './room_settings.js';
import { link_to } from './router.js';

const DAY_MS = 24 * 3600 * 1000;
const USES = ['', '1', '5', '25', '100'];
const DAYS = ['', '1', '7', '30'];

export function open_invite(page, room) {
	const { words } = page;
	const is_open = room.kind === 'public' || room.join_by_id;
	const may_invite = is_admin(room);

	open_dialog({
		words,
		title: words.t('invite.title'),
		class: 'tall',
		content: (close) => [
			is_open ? [
				h('p', { class: 'dialog-text' }, words.t('invite.hint')),
				copyable(words, words.t('invite.link'), link_to(room.id), true),
				copyable(words, words.t('invite.id'), room.id, false),
			] : null,
			!is_open && !may_invite
				? h('p', { class: 'dialog-text' }, words.t('invite.ask_admin')) : null,
			may_invite ? [adding(page, room, close, !is_open), invites(page, room)] : null,
		].flat(Infinity).filter(Boolean),
	});
}

function copyable(words, label, text, is_first) {
	const id = new_id('copy');
	const input = h('input', {
		id, class: 'input', readonly: true, value: text, dir: 'ltr',
		onfocus: () => input.select(),
	});

	return h('div', { class: 'field' },
		h('label', { for: id }, label),
		h('div', { class: 'copy-row' }, input, copy_button(words, () => input, is_first)));
}

function copy_button(words, source, is_first = false) {
	const said = h('span', { class: 'unseen', role: 'status' });
	const button = h('button', {
		type: 'button', class: 'button quiet', 'data-first': is_first,
		onclick: async () => {
			await copy_text(source().value);
			replace(button, icon('check'), words.t('invite.copied'));
			said.textContent = words.t('invite.copied');
		},
	}, icon('copy'), words.t('invite.copy'));

	return [button, said];
}

// Adding people.
function adding(page, room, close, is_first) {
	const { words, client, store } = page;
	const error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	const add = h('button', {
		type: 'button', class: 'button primary', disabled: true,
		onclick: one_at_a_time(async () => {
			show(error, false);
			try {
				await client.manage.add_members(room.id, picker.ids);
				close();
			} catch (e) {
				if (!picker.fail(e)) {
					replace(error, icon('warning'), words.error(e));
					show(error, true);
				}
			}
		}),
	}, words.t('invite.add'));
	const picker = new Picker(page, {
		label: words.t('invite.search'), first: is_first,
		without: (id) => {
			const member = store.roster.room_id === room.id ? store.roster.of(id) : null;
			return Boolean(member) && !member.banned;
		},
		on_change: (count) => {
			add.disabled = count === 0;
		},
	});

	return h('section', { class: 'dialog-section' },
		h('h3', {}, words.t('invite.people')), picker.node, error, add);
}

// Invitations: create, list, copy, revoke.
function invites(page, room) {
	const { words, client } = page;
	const error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	const fail = (e) => {
		replace(error, icon('warning'), words.error(e));
		show(error, Boolean(e));
	};
	const uses = select_field(words.t('invite.uses'), '',
		USES.map((n) => [n, n ? words.t('invite.times', { count: Number(n) })
			: words.t('invite.no_limit')]), '');
	const days = select_field(words.t('invite.ends'), '',
		DAYS.map((n) => [n, n ? words.t('span.days', { count: Number(n) })
			: words.t('invite.never')]), '7');
	const list = new Pages({
		words,
		ask: (cursor) => client.manage.invites(room.id, cursor),
		row: (invite) => invite_row(page, room, invite, { fail, else_at: () => make }),
		none: words.t('invite.none'),
		props: { 'aria-label': words.t('invite.invites') },
	});
	const make = h('button', {
		type: 'button', class: 'button quiet',
		onclick: one_at_a_time(async () => {
			show(error, false);
			try {
				const invite = await client.manage.invite(room.id, {
					max_uses: uses.value() ? Number(uses.value()) : null,
					expires_at: days.value()
						? new Date(Date.now() + days.value() * DAY_MS).toISOString() : null,
				});
				list.prepend(invite);
			} catch (e) {
				fail(e);
			}
		}),
	}, icon('plus'), words.t('invite.make'));

	list.restart();
	return h('section', { class: 'dialog-section' },
		h('h3', {}, words.t('invite.invites')),
		h('div', { class: 'form' }, half(uses.node), half(days.node)),
		make, error, list.node);
}

function half(node) {
	node.classList.add('half');
	return node;
}

// else_at(): what gets the focus after the last one is revoked.
function invite_row({ words, client }, room, invite, { fail, else_at }) {
	const url = new URL(invite.url, document.baseURI).href;
	const end = invite.expires_at ? new Date(invite.expires_at) : null;
	const input = h('input', {
		class: 'input', readonly: true, value: url, dir: 'ltr',
		'aria-label': words.t('invite.link'), onfocus: () => input.select(),
	});
	const row = h('div', { class: 'invite-row' },
		h('div', { class: 'copy-row' }, input, copy_button(words, () => input)),
		h('p', { class: 'muted' }, [
			invite.max_uses ? words.t('invite.used_of', { count: invite.uses, most: invite.max_uses })
				: words.t('invite.used', { count: invite.uses }),
			end ? words.t('invite.until', { day: words.day(end), time: words.time(end) })
				: words.t('invite.never_ends'),
		].join(' · '),
		' ', h('button', {
			type: 'button', class: 'link',
			onclick: one_at_a_time(async () => {
				try {
					await client.manage.revoke(room.id, invite.code);
					remove();
				} catch (e) {
					fail(e);
				}
			}),
		}, words.t('invite.revoke'))));
	const remove = () => {
		const item = row.closest('li');
		const next = item.nextSibling ?? item.previousSibling;

		item.remove();
		(next?.querySelector('.link') ?? else_at()).focus();
	};

	return row;
}
