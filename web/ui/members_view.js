// members_view.js -- the members of a room, by role, with a search. A thousand are loaded;
// rows are added while scrolling.

import { person_name } from './avatar.js';
import { h, keep_focus, keyed, once_a_frame, replace, show } from './dom.js';
import { icon } from './icons.js';
import { is_muted } from './member_actions.js';
import { search_field } from './pages.js';
import { pick_person, renew } from './picks.js';
import { presence_text } from './presence.js';
import { open_profile } from './profile.js';

const FIRST = 40;
const STEP = 80;
// With fewer there is no search.
const WORTH_SEARCHING = 8;
const GROUPS = ['owner', 'admin', 'member', 'banned'];

export class MembersView {
	#page;
	#room_id;
	#wanted = '';
	#most = FIRST;
	#search;
	#list = h('ul', { class: 'members-list' });
	#foot = h('div', { class: 'pages-foot' });
	#end = h('span', { class: 'pages-end' });
	#ends = new IntersectionObserver((entries) => this.#on_end(entries),
		{ rootMargin: '300px' });
	#later = once_a_frame(() => this.#render());

	constructor(page, room_id) {
		const { words } = page;

		this.#page = page;
		this.#room_id = room_id;
		this.#search = search_field({
			label: words.t('room.search_members'), wait_ms: 60,
			on_text: (text) => {
				this.#wanted = text.toLocaleLowerCase().replace(/^@/, '');
				this.#most = FIRST;
				this.#render();
			},
		});
		this.node = h('section', { class: 'members', 'aria-label': words.t('room.members') },
			this.#search, this.#list, this.#foot, this.#end);
		this.#ends.observe(this.#end);
		page.client.manage.open_members(room_id);
		this.#render();
	}

	update(what) {
		if (['roster', 'people', 'rooms'].includes(what))
			this.#later();
	}

	end() {
		this.#ends.disconnect();
		this.#page.client.manage.close_members();
	}

	#on_end(entries) {
		if (!entries.at(-1).isIntersecting || this.#list.childElementCount < this.#most)
			return;
		this.#most += STEP;
		this.#render();
		this.#ends.unobserve(this.#end);
		this.#ends.observe(this.#end);
	}

	#render() {
		const { store, words } = this.#page;
		const { roster } = store;

		if (roster.room_id !== this.#room_id)
			return;
		const rows = rows_of(roster, this.#wanted, this.#page);

		// the focus would go with a removed member's row
		keep_focus(this.#list, () => keyed(this.#list, rows.slice(0, this.#most), {
			make: (row) => h('li', { class: row.heading ? 'members-group' : '' }),
			update: (item, row, former) => this.#update(item, row, former),
		}));
		show(this.#search, roster.list.length >= WORTH_SEARCHING);
		if (roster.trouble)
			replace(this.#foot, h('p', { class: 'form-error', role: 'alert' },
				icon('warning'), h('span', {}, words.error({ code: roster.trouble }), ' ',
					h('button', { type: 'button', class: 'link', onclick: () =>
						this.#page.client.manage.open_members(this.#room_id) },
					words.t('pages.retry')))));
		else if (!roster.is_whole && (rows.length <= this.#most || !roster.list.length))
			replace(this.#foot, h('p', { class: 'loading', role: 'status' },
				h('span', { class: 'spinner' }), words.t('pages.loading')));
		else
			replace(this.#foot, rows.length === 0
				? h('p', { class: 'muted pages-none', role: 'status' },
					words.t('people.nobody')) : null);
	}

	#update(item, row, former) {
		const { words, store } = this.#page;

		if (former && Object.keys(row).every((key) => row[key] === former[key]))
			return;
		if (row.heading) {
			replace(item, h('h3', {}, words.t(`room.group.${row.heading}`),
				// the count is not known while pages are missing
				row.is_whole ? [' ', h('span', { class: 'muted' },
					words.t('rooms.count', { count: row.count }))] : null));
			return;
		}
		const { member } = row;
		const me = member.user.id === store.user.id;

		renew(item, pick_person(member.user, this.#page, {
			act: () => open_profile(this.#page, member.user.id, this.#room_id),
			hint: [me ? words.t('people.you') : null, row.presence].filter(Boolean).join(' · ')
				|| `@${member.user.login ?? ''}`,
			mark: row.is_muted ? h('span', { class: 'room-mark', title: words.t('room.is_muted') },
				icon('mic_off'), h('span', { class: 'unseen' }, words.t('room.is_muted'))) : null,
		}));
	}
}

// Headings and members, in order.
function rows_of({ list, is_whole }, wanted, { store, words }) {
	const order = new Intl.Collator(words.language, { numeric: true });
	const groups = new Map(GROUPS.map((group) => [group, []]));

	for (const member of list) {
		const known = store.people.person(member.user.id) ?? member.user;
		const name = person_name(known, words);
		if (wanted && !name.toLocaleLowerCase().includes(wanted)
			&& !known.login?.toLocaleLowerCase().includes(wanted))
			continue;
		const presence = store.people.presence(member.user.id);
		groups.get(member.banned ? 'banned' : member.role).push({
			key: member.user.id, name, member, picture: known.avatar_url,
			status: presence?.status ?? null, presence: presence_text(presence, words),
			is_muted: is_muted(member),
		});
	}
	return GROUPS.flatMap((group) => {
		const rows = groups.get(group).sort((a, b) => order.compare(a.name, b.name));
		return rows.length > 0
			? [{ key: `heading ${group}`, heading: group, count: rows.length, is_whole }, ...rows] : [];
	});
}
