// timeline.js -- the messages of the open room: keeps its place while things are added
// above and below, follows the newest when one is there, loads older ones as one scrolls
// up, and says what has been seen.

import { room_name } from './avatar.js';
import { h, keyed, once_a_frame, replace, say, set, show } from './dom.js';
import { icon } from './icons.js';
import { make_row, rows_of, update_row } from './message.js';

const AT_BOTTOM_PX = 60;	// this near counts as being there
const NEAR_TOP_PX = 700;	// this near, older ones are fetched

export class Timeline {
	#page;
	#room_id;
	#name;
	#unread_after;		// where the line above what is new stands, or null
	#top = h('div', { class: 'timeline-top' });
	#list = h('ol', { class: 'messages' });
	#scroller;
	#down_count = h('span', { class: 'badge' });
	#down;
	#is_placed = false;	// whether the first rows have been scrolled to
	#is_following = true;	// whether the newest message is to stay in sight
	#seen_seq = 0;		// up to here was in sight
	#is_loading = false;
	#has_failed = false;
	#later = once_a_frame(() => this.#render());
	// the keyboard of a phone, a growing composer: the end stays in sight
	#sizes = new ResizeObserver(() => this.#is_following && this.to_bottom());
	#on_visible = () => this.#on_moved();

	constructor(page, room_id) {
		const { words, store } = page;
		const room = store.rooms.get(room_id);

		this.#page = page;
		this.#room_id = room_id;
		this.#name = room_name(room, words);
		this.#unread_after = room.me?.unread > 0 ? room.me.read_seq : null;
		this.#scroller = h('div', {
			class: 'scroller', tabindex: 0, role: 'region',
			'aria-label': words.t('timeline.label', { name: this.#name }),
			onscroll: () => this.#on_scroll(),
		}, h('div', { class: 'column' }, this.#top, this.#list));
		this.#down = h('button', {
			type: 'button', class: 'to-bottom', hidden: true,
			onclick: () => this.to_bottom('smooth'),
		}, icon('down'), this.#down_count);
		this.node = h('div', { class: 'timeline' }, this.#scroller, this.#down);
		this.#sizes.observe(this.#scroller);
		this.#sizes.observe(this.#list);
		document.addEventListener('visibilitychange', this.#on_visible);
		this.#render();
	}

	update(what, id) {
		if (what !== 'timeline' || id !== this.#room_id)
			return;
		// at once, not with the next frame: what comes into sight was never unread
		this.#mark_seen();
		this.#later();
	}

	end() {
		this.#sizes.disconnect();
		document.removeEventListener('visibilitychange', this.#on_visible);
	}

	to_bottom(behavior = 'instant') {
		this.#is_following = true;
		this.#scroller.scrollTo({ top: this.#scroller.scrollHeight, behavior });
	}

	get #timeline() {
		return this.#page.store.timelines.get(this.#room_id);
	}

	#render() {
		const { store } = this.#page;
		const anchor = this.#is_following ? null : this.#first_in_sight();

		this.#render_top();
		keyed(this.#list, rows_of({
			messages: this.#timeline?.messages ?? [],
			pending: store.pending_of(this.#room_id),
			user: store.user,
			unread_after: this.#unread_after,
		}), {
			make: make_row,
			update: (node, row, former) => update_row(node, row, former, this.#page),
		});
		this.#keep_place(anchor);
		this.#on_moved();
	}

	#keep_place(anchor) {
		if (!this.#is_placed && this.#timeline)
			this.#place();
		else if (anchor)
			this.#scroller.scrollTop += this.#offset_of(anchor.node) - anchor.offset;
		else if (this.#is_following)
			this.to_bottom();
	}

	// Where one begins: at what is new, if that is further up than the end.
	#place() {
		this.#is_placed = true;
		this.to_bottom();
		const line = this.#list.querySelector('.row-new');
		if (!line || this.#offset_of(line) >= 0)
			return;
		this.#is_following = false;
		this.#scroller.scrollTop += this.#offset_of(line) - 16;
	}

	#render_top() {
		const key = this.#top_key();
		if (this.#top.dataset.key === key)
			return;
		this.#top.dataset.key = key;
		replace(this.#top, TOPS[key]({
			words: this.#page.words, name: this.#name, retry: () => this.#load_older(),
		}));
	}

	#top_key() {
		const timeline = this.#timeline;

		if (!timeline)
			return 'loading';
		if (this.#has_failed)
			return 'failed';
		if (timeline.has_before)
			return 'older';
		return timeline.messages.length > 0 ? 'start' : 'empty';
	}

	#on_scroll() {
		const { scrollHeight, clientHeight, scrollTop } = this.#scroller;

		this.#is_following = scrollHeight - clientHeight - scrollTop < AT_BOTTOM_PX;
		this.#on_moved();
	}

	#on_moved() {
		const timeline = this.#timeline;
		if (!timeline || !this.#is_placed)
			return;
		this.#mark_seen();
		this.#render_down();
		if (timeline.has_before && !this.#has_failed
			&& this.#scroller.scrollTop < NEAR_TOP_PX)
			this.#load_older();
	}

	#mark_seen() {
		const timeline = this.#timeline;
		if (!timeline || !this.#is_placed || !this.#is_following
			|| document.visibilityState !== 'visible')
			return;
		this.#seen_seq = timeline.last;
		this.#page.client.seen(this.#room_id, this.#seen_seq);
		this.#page.client.trim(this.#room_id);
	}

	#render_down() {
		const { words, store } = this.#page;
		const count = this.#timeline.messages.filter((message) =>
			message.seq > this.#seen_seq && message.sender?.id !== store.user?.id).length;

		show(this.#down, !this.#is_following);
		show(this.#down_count, count > 0);
		say(this.#down_count, count > 99 ? '99+' : String(count));
		set(this.#down, 'aria-label', count > 0
			? words.t('timeline.down_new', { count }) : words.t('timeline.down'));
	}

	async #load_older() {
		if (this.#is_loading)
			return;
		this.#is_loading = true;
		this.#has_failed = false;
		try {
			await this.#page.client.older();
		} catch {
			this.#has_failed = true;
		}
		this.#is_loading = false;
		this.#render();
	}

	#offset_of(node) {
		const top = (one) => one.getBoundingClientRect().top;
		return top(node) - top(this.#scroller);
	}

	// The first row that is in sight, and how far below the edge it begins: what must
	// not move when something is put in above it.
	#first_in_sight() {
		for (const node of this.#list.children) {
			const offset = this.#offset_of(node);
			if (offset + node.offsetHeight > 0)
				return { node, offset };
		}
		return null;
	}
}

const TOPS = {
	loading: ({ words }) => h('p', { class: 'loading', role: 'status' },
		h('span', { class: 'spinner' }), words.t('timeline.loading')),
	older: ({ words }) => h('p', { class: 'loading' },
		h('span', { class: 'spinner' }), words.t('timeline.older')),
	failed: ({ words, retry }) => h('p', { class: 'loading' },
		words.t('timeline.older_failed'), ' ',
		h('button', { type: 'button', class: 'link', onclick: retry },
			words.t('room.retry'))),
	start: ({ words, name }) => h('p', { class: 'start', dir: 'auto' },
		words.t('timeline.start', { name })),
	empty: ({ words }) => h('div', { class: 'nothing' },
		h('span', { class: 'round' }, icon('talk')),
		h('p', {}, words.t('timeline.empty'))),
};
