// rooms.js -- the list of my rooms, the search above it, and the buttons for new ones.

import { avatar, person_name, room_name } from './avatar.js';
import { h, is_composing, keep_focus, keyed, once_a_frame, replace, show } from './dom.js';
import { icon } from './icons.js';
import { comes_near, dialog_part } from './load.js';
import { model_of, update_row } from './room_row.js';

// At this distance from its end the next page is requested.
const NEAR_END = '600px';
// How many rows are added per frame.
const STEP = 6;

const load_new = dialog_part(() => import('./room_new.js'));
const load_join = dialog_part(() => import('./room_join.js'));
const load_people = dialog_part(() => import('./people.js'));
const load_settings = dialog_part(() => import('./settings.js'), 'settings.css');
const load_finder = dialog_part(() => import('./finder.js'));

const opens = (page, load, name) => ({
	onclick: async () => (await load())[name](page), ...comes_near(load),
});
const opens_new = (page) => opens(page, load_new, 'open_new');
const opens_join = (page) => opens(page, load_join, 'open_join');
const opens_people = (page) => opens(page, load_people, 'open_people');

export class Rooms {
	#page;
	// choosing a found room ends the search
	#list = h('ul', { class: 'room-list', onclick: (event) =>
		this.#wanted && event.target.closest('a') && this.#reset() });
	#none = h('div', { class: 'room-none' });
	#more = h('p', { class: 'loading room-more', role: 'status', hidden: true });
	#most = STEP;					// how many rows may be shown so far
	#found = h('div', { class: 'finder' });		// results from elsewhere
	#finder = null;					// finder.js, once the user searches
	#filter;
	#clear;
	#ends = new IntersectionObserver((entries) => this.#on_end(entries),
		{ rootMargin: NEAR_END });
	#on_key = (event) => this.#on_shortcut(event);
	#later = once_a_frame(() => this.#render());

	// line: its dot is shown below the heading.
	constructor(page, line) {
		const { words } = page;

		this.#page = page;
		this.#filter = h('input', {
			type: 'search', class: 'input filter', placeholder: words.t('rooms.search'),
			'aria-label': words.t('rooms.search'), autocomplete: 'off',
			title: words.t('rooms.search_key'), 'aria-keyshortcuts': 'Control+K',
			oninput: () => this.#on_input(),
			onkeydown: (event) => this.#on_filter_key(event), ...comes_near(load_finder),
		});
		this.#clear = h('button', {
			type: 'button', class: 'icon-button filter-clear', hidden: true,
			'aria-label': words.t('rooms.search_clear'),
			onclick: () => {
				this.#filter.focus();
				this.#reset();
			},
		}, icon('close'));
		const tool = (name, label, opens_it) => h('button', {
			type: 'button', class: 'icon-button', ...opens_it(page),
			'aria-label': words.t(label), title: words.t(label),
		}, icon(name));
		replace(this.#more, h('span', { class: 'spinner' }), words.t('rooms.loading_more'));
		this.node = h('nav', { class: 'side', 'aria-label': words.t('rooms.title') },
			h('header', { class: 'side-head' },
				account_button(page),
				h('div', { class: 'side-title' },
					h('h1', {}, words.t('rooms.title')), line.dot),
				tool('people', 'people.title', opens_people),
				tool('enter', 'rooms.join', opens_join),
				tool('plus', 'rooms.new', opens_new)),
			h('div', { class: 'side-filter', role: 'search' }, icon('search'), this.#filter,
				this.#clear),
			h('div', { class: 'side-scroll', onkeydown: (event) => this.#move(event) },
				this.#list, this.#more, this.#none, this.#found));
		this.#ends.observe(this.#more);
		document.addEventListener('keydown', this.#on_key);
	}

	// The node is on the page now.
	begin() {
		this.#render();
	}

	update(what) {
		if (what === 'rooms' || what === 'current' || what === 'people' || what === 'writing')
			this.#later();
	}

	end() {
		this.#ends.disconnect();
		this.#finder?.end();
		document.removeEventListener('keydown', this.#on_key);
	}

	get #wanted() {
		return this.#filter.value.trim();
	}

	#render() {
		const { words, store } = this.#page;
		const wanted = this.#wanted.toLocaleLowerCase();
		const all = store.sorted_rooms.filter((room) => matches(room, wanted, words));
		const rooms = all.slice(0, this.#most);

		keyed(this.#list, rooms.map((room) => model_of(room, this.#page)), {
			make: () => h('li', {}),
			update: (item, model, former) => update_row(item, model, former, words),
		});
		const is_whole = rooms.length === all.length;
		if (!is_whole) {
			this.#most += STEP;
			this.#later();
		}
		show(this.#list, rooms.length > 0);
		// when visible it requests the next page, so only after all rows of this one exist
		show(this.#more, is_whole && store.rooms_more && store.rooms_known);
		show(this.#clear, wanted !== '');
		show(this.#none, rooms.length === 0 && (wanted === '' || !store.rooms_known));
		// nothing to choose then
		this.node.classList.toggle('is-empty', !this.#none.hidden);
		if (rooms.length === 0)
			this.#render_none();
	}

	#render_none() {
		const { words, store } = this.#page;

		if (!store.rooms_known && store.rooms_trouble)
			this.#render_trouble(store.rooms_trouble);
		else if (!store.rooms_known)
			replace(this.#none, h('p', { class: 'loading' },
				h('span', { class: 'spinner' }), words.t('rooms.loading')));
		else if (!this.#none.querySelector('.primary'))
			replace(this.#none, first_steps(this.#page));
	}

	// It also retries by itself; the focus stays on the button.
	#render_trouble(code) {
		const { words, client } = this.#page;

		if (this.#none.dataset.trouble === code && this.#none.querySelector('[role=alert]'))
			return;
		this.#none.dataset.trouble = code;
		keep_focus(this.#none, () => replace(this.#none,
			h('span', { class: 'round' }, icon('warning')),
			h('p', { role: 'alert' }, words.t('rooms.lost')),
			h('p', { class: 'muted' }, words.error({ code })),
			h('button', {
				type: 'button', class: 'button quiet', onclick: () => client.list.refresh(),
			}, words.t('room.retry'))));
	}

	#on_end(entries) {
		// one page may not fill the view: observe again
		if (!entries.at(-1).isIntersecting)
			return;
		this.#page.client.list.more().then(() => {
			this.#ends.unobserve(this.#more);
			this.#ends.observe(this.#more);
		}, () => {});
	}

	// --- search ---

	async #on_input() {
		const { client } = this.#page;

		this.#render();
		if (this.#wanted)
			client.list.rest().catch(() => {});
		if (!this.#finder) {
			const { Finder } = await load_finder();
			this.#finder ??= new Finder(this.#page, {
				node: this.#found, on_enter: () => this.#reset(),
			});
		}
		this.#finder.find(this.#wanted);
	}

	#reset() {
		this.#filter.value = '';
		this.#on_input();
	}

	#on_shortcut(event) {
		if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey
			|| event.code !== 'KeyK' || document.querySelector('dialog[open]'))
			return;
		event.preventDefault();
		// immediately, to catch the following keystrokes; on a phone the list may be hidden
		if (this.#filter.offsetParent === null) {
			addEventListener('hashchange', () => this.#focus_filter(), { once: true });
			location.hash = '#/';
		} else {
			this.#focus_filter();
		}
	}

	#focus_filter() {
		this.#filter.focus();
		this.#filter.select();
	}

	#on_filter_key(event) {
		const first = this.#stops()[0];

		if (is_composing(event))
			return;
		if (event.key === 'ArrowDown' && first) {
			first.focus();
			event.preventDefault();
		} else if (event.key === 'Enter' && this.#wanted) {
			first?.click();
			if (this.#wanted)
				this.#reset();
		} else if (event.key === 'Escape' && this.#wanted) {
			this.#reset();
			event.preventDefault();
		}
	}

	#stops() {
		return [...this.node.querySelectorAll('.side-scroll a, .side-scroll .finder button')]
			.filter((node) => node.offsetParent !== null);
	}

	// Up and Down move between rows, and Up from the first one into the search.
	#move(event) {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];

		if (event.key === 'Escape' && this.#wanted) {
			this.#reset();
			this.#filter.focus();
		}
		if (!step)
			return;
		const stops = this.#stops();
		const next = stops.indexOf(document.activeElement) + step;

		(next < 0 ? this.#filter : stops[next])?.focus();
		event.preventDefault();
	}
}

// By its name, or the login of the other person.
function matches(room, wanted, words) {
	return !wanted || room_name(room, words).toLocaleLowerCase().includes(wanted)
		|| (room.kind === 'direct'
			&& room.peer?.login.toLocaleLowerCase().startsWith(wanted.replace(/^@/, '')));
}

function account_button(page) {
	const { words, store } = page;
	const name = person_name(store.user, words);
	const label = words.t('account.open', { name });

	return h('button', {
		type: 'button', class: 'account-button', ...opens(page, load_settings, 'open_settings'),
		'aria-label': label, title: label,
	}, avatar(store.user.id, name, 'small', { url: store.user.avatar_url }));
}

function first_steps(page) {
	const { words } = page;
	const step = (label, opens_it, looks) => h('button', {
		type: 'button', class: `button ${looks}`, ...opens_it(page),
	}, words.t(label));

	return [
		h('span', { class: 'round' }, icon('talk')),
		h('h2', {}, words.t('rooms.none')),
		h('p', { class: 'muted' }, words.t('rooms.none_hint')),
		step('rooms.new', opens_new, 'primary'),
		step('rooms.join', opens_join, 'quiet'),
		step('people.find', opens_people, 'quiet'),
	];
}
