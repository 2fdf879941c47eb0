// timeline.js -- the messages of the open room: follows the newest message if the user is at
// the end, loads history in both directions while scrolling, jumps to any message, and
// reports what has been seen. windowed.js keeps everything in place.

import { add_at_rest } from './at_rest.js';
import { room_name } from './avatar.js';
import { h, once_a_frame, replace, say, set, show, wants_stillness } from './dom.js';
import { Folded } from './folded.js';
import { icon } from './icons.js';
import { load_now } from './load.js';
import { make_row, update_row } from './message.js';
import { Roving } from './roving.js';
import { guess_height, rows_of } from './rows.js';
import { show_error } from './toasts.js';
import { Windowed } from './windowed.js';

const AT_END_PX = 60;	// this close counts as being at the end
const NEAR = 2;		// so many screens from an edge, more is loaded
const FLASH_MS = 1600;
// How many rows of a burst are added per frame, unless it is larger than AHEAD.
const STEP = 10;
const AHEAD = 100;

export class Timeline {
	#page;
	#room_id;
	#name;
	#unread_after;		// seq that the line above new messages follows, or null
	#top = h('div', { class: 'timeline-top' });
	#list = h('ol', { class: 'messages' });
	#scroller;
	#window;
	#down_count = h('span', { class: 'badge' });
	#down;
	#to_mention = null;	// to_mention.js, once there is a mention of me further down
	#adding_mention = null;
	#adding_calls = null;	// call_row.js, once there is a call
	#is_placed = false;	// whether the initial scroll position is set
	#is_following = true;	// whether to keep the newest message in sight
	#has_ended = false;
	#shown = Infinity;	// seq of the newest message with a row; Infinity: all have one
	#loading = new Set();	// sides being loaded
	#failed = new Set();	// sides that could not be loaded
	#later = once_a_frame(() => this.#render());
	// the phone's keyboard, a growing composer, a picture that has loaded
	#sizes = new ResizeObserver(() => this.#window.resized());
	#on_visible = () => this.#look_again();
	#roving;
	#folded;

	// page.composer: where the user replies and edits. page.calls: call_row.js, once there is
	// a call.
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
		this.#window = new Windowed({
			scroller: this.#scroller, list: this.#list, make: make_row,
			update: (...all) => this.#update(...all), guess: guess_height,
		});
		this.#down = h('button', {
			type: 'button', class: 'to-bottom', hidden: true,
			onclick: () => this.to_bottom(wants_stillness() ? 'instant' : 'smooth'),
		}, icon('down'), this.#down_count);
		this.node = h('div', {
			class: room.kind === 'direct' ? 'timeline is-direct' : 'timeline',
		}, this.#scroller, this.#down);
		this.#roving = new Roving(page, {
			scroller: this.#scroller,
			rows: () => this.#window.rows,
			model_of: (node) => this.#window.model_of(node),
			focus: (model) => this.#focus(model),
			last_in_sight: () => this.#window.rows_in_sight()
				.findLast(({ kind }) => kind === 'message'),
		});
		this.#folded = new Folded(page, room_id);
	}

	// The node is on the page now.
	begin() {
		this.#sizes.observe(this.#scroller);
		this.#sizes.observe(this.#list);
		document.addEventListener('visibilitychange', this.#on_visible);
		this.#render();
	}

	// Loads a part that few rooms need at once.
	#add(get, take) {
		return add_at_rest(this.#page.client, get, () => this.#has_ended, (loaded) => {
			take(loaded);
			this.#later();
		});
	}

	update(what, id) {
		if (what === 'people' && this.#folded.has_changed())
			this.#later();
		if (id !== this.#room_id)
			return;
		if (what === 'timeline') {
			// at once, not in the next frame: messages that appear in sight were never unread
			if (this.#is_following)
				this.#mark_seen();
			this.#later();
		} else if (['rooms', 'members', 'calls'].includes(what)) {
			this.#later();
		}
	}

	end() {
		this.#has_ended = true;
		this.#window.end();
		this.#roving.end();
		this.#sizes.disconnect();
		document.removeEventListener('visibilitychange', this.#on_visible);
	}

	// Goes to the newest message.
	async to_bottom(behavior = 'instant') {
		if (this.#timeline?.has_after) {
			if (!await this.#look_at(null))
				return;
			this.#render();
		}
		const { scrollHeight, clientHeight, scrollTop } = this.#scroller;
		if (behavior === 'smooth' && scrollHeight - scrollTop < 2.5 * clientHeight) {
			this.#scroller.scrollTo({ top: scrollHeight, behavior });
			return;
		}
		this.#is_following = !this.#timeline?.has_after;
		this.#window.hold_end();
		this.#on_moved();
	}

	// Goes to the message with this seq and highlights it for a moment.
	async show(seq) {
		if (!await this.#look_at(seq))
			return;
		this.#shown = Infinity;
		this.#render();
		const row = this.#window.rows.find((one) => one.seq >= seq);
		if (!row || row.seq === Infinity)
			return;
		this.#is_placed = true;
		this.#is_following = false;
		this.#window.hold(row.key);
		this.#flash(this.#window.node_of(row.key));
		this.#on_moved();
	}

	// Shows folded messages of a blocked person.
	unfold(ids) {
		this.#folded.open(ids);
		this.#render();
		this.#focus(this.#window.rows.find(({ message }) => message?.id === ids[0]));
	}

	// Focuses a message from the keyboard, scrolling just enough to show all of it.
	#focus({ key }) {
		if (!this.#window.is_drawn(key))
			this.#window.hold(key);
		const node = this.#window.node_of(key);
		node.focus({ preventScroll: true });
		node.scrollIntoView({ block: 'nearest' });
	}

	#flash(node) {
		node.focus({ preventScroll: true });
		node.classList.add('flash');
		setTimeout(() => node.classList.remove('flash'), FLASH_MS);
	}

	get #timeline() {
		return this.#page.store.timelines.get(this.#room_id);
	}

	#render() {
		const { store } = this.#page;
		const timeline = this.#timeline;

		// attachments have one node each, and it is elsewhere by now (attachment.js)
		if (this.#has_ended)
			return;
		this.#render_top();
		this.#window.set(this.#rows(), timeline?.has_before ?? false);
		if (!this.#is_placed && timeline)
			this.#place();
		this.#on_moved();
	}

	// Messages that arrived while the page was hidden begin with the line, as when opening a
	// room.
	#look_again() {
		const { me } = this.#page.store.rooms.get(this.#room_id) ?? {};

		if (document.visibilityState === 'visible' && this.#is_following && me?.unread > 0) {
			this.#unread_after = me.read_seq;
			this.#is_placed = false;
			this.#shown = Infinity;
		}
		this.#render();
	}

	// The initial position: at the first new message, or at the end if it is in sight there.
	#place() {
		const { has_after } = this.#timeline;
		const line = this.#window.rows.findIndex((row) => row.kind === 'new');

		this.#is_placed = true;
		if (line >= 0)
			this.#window.make_all();
		this.#window.hold_end();
		this.#is_following = !has_after;
		if (line < 0)
			return;
		const node = this.#window.node_of('new');
		if (node && this.#window.is_drawn('new') && !has_after
			&& node.getBoundingClientRect().top > this.#scroller.getBoundingClientRect().top)
			return;
		this.#window.hold('new', 16);
		this.#is_following = this.#is_at_end();
		if (this.#is_following)
			this.#window.hold_end();
	}

	#rows() {
		const { store } = this.#page;
		const timeline = this.#timeline;
		if (!timeline)
			return [];
		const { has_before, has_after } = timeline;
		const messages = this.#messages();
		const pending = has_after ? [] : store.pending_of(this.#room_id);
		const rows = rows_of({
			messages,
			pending,
			user: store.user,
			unread_after: this.#unread_after,
			has_before,
			calls: this.#calls(timeline),
			state_of: (message) => store.members.progress(message),
			original_of: (message) => this.#original_of(message, messages),
			is_folded: (message) => this.#folded.has(message),
		});

		if (rows.length > 0 || has_before)
			rows.unshift(this.#edge('before', has_before ? 'older' : 'start', messages[0]));
		if (has_after)
			rows.push(this.#edge('after', 'newer', messages.at(-1)));
		return rows;
	}

	// The calls between the loaded messages.
	#calls({ messages, has_before, has_after }) {
		const { client, store, calls } = this.#page;
		const first = has_before ? Date.parse(messages[0]?.created_at) : -Infinity;
		const last = has_after ? Date.parse(messages.at(-1)?.created_at) : Infinity;

		client.calls?.follow_log(this.#room_id, first);
		if (store.calls.log(this.#room_id)?.items.length > 0)
			this.#adding_calls ??= this.#add(() => load_now(() => import('./call_row.js')),
				(loaded) => {
					this.#page.calls = loaded;
				});
		return calls?.calls_in(this.#page, this.#room_id, first, last) ?? [];
	}

	// The messages that get rows now. While following, a burst is added gradually: a
	// screenful of new rows in every frame would be a long task each.
	#messages() {
		const { user } = this.#page.store;
		const { messages } = this.#timeline;
		const known = messages.findLastIndex(({ seq }) => seq <= this.#shown) + 1;
		const news = messages.slice(known);
		const is_burst = known > 0 && this.#is_following && news.length <= AHEAD
			// my own message had a row before the server confirmed it
			&& !news.some(({ sender }) => sender?.id === user.id);
		const now = is_burst ? messages.slice(0, known + STEP) : messages;

		if (now.length < messages.length)
			this.#later();
		this.#shown = now.at(-1)?.seq ?? Infinity;
		return now;
	}

	// undefined: it is no reply; null: the original is not known, or deleted.
	#original_of({ reply_to: id }, messages) {
		const { store, client } = this.#page;
		if (!id)
			return undefined;
		const found = messages.find((message) => message.id === id)
			?? store.originals.get(id);
		if (found === undefined)
			client.ask_original(this.#room_id, id);
		return found ?? null;
	}

	// The row at an end of history. A new one for each page, so that it never moves.
	#edge(side, name, { seq } = {}) {
		return {
			key: `${side} ${seq}`, kind: 'edge', side,
			name: this.#failed.has(side) ? `${name}_failed` : name,
		};
	}

	#update(node, row, former) {
		if (row.kind !== 'edge')
			update_row(node, row, former, this.#page);
		else if (row.name !== former?.name)
			this.#update_edge(node, row);
	}

	#update_edge(node, { name, side }) {
		node.className = 'row-edge';
		node.dataset.key = name;
		replace(node, EDGES[name]({
			words: this.#page.words, name: this.#name, retry: () => this.#load(side),
		}));
	}

	// Shown if there are no rows.
	#render_top() {
		const timeline = this.#timeline;
		const is_empty = timeline?.messages.length === 0 && !timeline.has_before
			&& !this.#page.store.calls.log(this.#room_id)?.items.length
			&& this.#page.store.pending_of(this.#room_id).length === 0;
		const key = !timeline ? 'loading' : is_empty ? 'empty' : 'rows';

		if (this.#top.dataset.key === key)
			return;
		this.#top.dataset.key = key;
		replace(this.#top, EDGES[key]({ words: this.#page.words }));
	}

	#is_at_end() {
		const { scrollHeight, clientHeight, scrollTop } = this.#scroller;
		return scrollHeight - clientHeight - scrollTop < AT_END_PX
			&& !this.#timeline?.has_after;
	}

	#on_scroll() {
		if (!this.#is_placed)
			return;
		this.#is_following = this.#is_at_end();
		this.#window.scrolled(this.#is_following);
		this.#on_moved();
	}

	#on_moved() {
		const timeline = this.#timeline;
		if (!timeline || !this.#is_placed)
			return;
		this.#mark_seen();
		this.#render_down();
		const near = NEAR * this.#scroller.clientHeight;
		if (timeline.has_before && !this.#failed.has('before') && this.#window.above < near)
			this.#load('before');
		if (timeline.has_after && !this.#failed.has('after') && this.#window.below < near)
			this.#load('after');
	}

	// Marks messages in sight as seen; forgets those far from it.
	#mark_seen() {
		const { client } = this.#page;
		const timeline = this.#timeline;

		// a frame may fire after end(), when nobody sees this room
		if (!timeline || !this.#is_placed || this.#has_ended)
			return;
		const seq = this.#is_following ? timeline.last : this.#last_in_sight();
		if (document.visibilityState === 'visible')
			client.seen(this.#room_id, seq);
		client.trim(this.#room_id, seq);
	}

	#last_in_sight() {
		const row = this.#window.rows_in_sight().findLast(({ seq }) => seq < Infinity);
		return row?.seq ?? 0;
	}

	#render_down() {
		const { words, store } = this.#page;
		const { unread: count = 0, mentions = 0 } = store.rooms.get(this.#room_id)?.me ?? {};

		// the focus was on the button, which is hidden now
		if (this.#is_following && document.activeElement.parentNode === this.node)
			this.#scroller.focus({ preventScroll: true });
		show(this.#down, !this.#is_following);
		this.#to_mention?.update(this.#is_following);
		if (mentions > 0 && !this.#is_following)
			this.#adding_mention ??= this.#add(() => load_now(() => import('./to_mention.js')),
				({ ToMention }) => this.#add_to_mention(ToMention));
		show(this.#down_count, count > 0);
		say(this.#down_count, count > 99 ? '99+' : String(count));
		set(this.#down, 'aria-label', count > 0
			? words.t('timeline.down_new', { count }) : words.t('timeline.down'));
	}

	#add_to_mention(ToMention) {
		this.#to_mention = new ToMention(this.#page, this.#room_id);
		this.#down.before(this.#to_mention.node);
	}

	// Moves to another part of history, whatever is loading at the edges. Returns whether it
	// is loaded; otherwise rows would lead to the wrong message.
	#look_at(seq) {
		const { client, words } = this.#page;

		return client.look_at(seq).then(() => !this.#has_ended,
			(error) => show_error(words, error));
	}

	#load(side) {
		return this.#read(() => this.#page.client.more(side), side);
	}

	async #read(read, side) {
		if (this.#loading.has(side))
			return;
		this.#loading.add(side);
		this.#failed.delete(side);
		try {
			await read();
		} catch {
			this.#failed.add(side);
		}
		this.#loading.delete(side);
		this.#later();
	}
}

const spinner = (text) => h('p', { class: 'loading' }, h('span', { class: 'spinner' }), text);

const failure = (label) => ({ words, retry }) => h('p', { class: 'loading' },
	words.t(label), ' ',
	h('button', { type: 'button', class: 'link', onclick: retry }, words.t('room.retry')));

const EDGES = {
	loading: ({ words }) => h('p', { class: 'loading', role: 'status' },
		h('span', { class: 'spinner' }), words.t('timeline.loading')),
	rows: () => null,
	older: ({ words }) => spinner(words.t('timeline.older')),
	older_failed: failure('timeline.older_failed'),
	start: ({ words, name }) => h('p', { class: 'start', dir: 'auto' },
		words.t('timeline.start', { name })),
	empty: ({ words }) => h('div', { class: 'nothing' },
		h('span', { class: 'round' }, icon('talk')),
		h('p', {}, words.t('timeline.empty'))),
	newer: ({ words }) => spinner(words.t('timeline.newer')),
	newer_failed: failure('timeline.newer_failed'),
};
