// timeline.js -- the messages of the open room: keeps its place while things are added
// above and below, follows the newest when one is there, loads older ones as one scrolls
// up, and says what has been seen.

import { h, keyed, once_a_frame, replace, say, set, show } from './dom.js';
import { icon } from './icons.js';
import { make_row, rows_of, update_row } from './message.js';
import { room_name } from './avatar.js';

const AT_BOTTOM_PX = 60;	// this near counts as being there
const NEAR_TOP_PX = 700;	// this near, older ones are fetched

export function make_timeline(page, room_id) {
	const { words, client, store } = page;
	const room = () => store.rooms.get(room_id) ?? { id: room_id, name: '' };
	const name = room_name(room(), words);
	const me = room().me;
	const unread_after = me?.unread > 0 ? me.read_seq ?? 0 : null;

	const top = h('div', { class: 'timeline-top' });
	const list = h('ol', { class: 'messages' });
	const scroller = h('div', {
		class: 'scroller', tabindex: 0, role: 'region',
		'aria-label': words.t('timeline.label', { name }),
		onscroll: () => on_scroll(),
	}, h('div', { class: 'column' }, top, list));
	const down_count = h('span', { class: 'badge' });
	const down = h('button', {
		type: 'button', class: 'to-bottom', hidden: true, onclick: () => to_bottom('smooth'),
	}, icon('down'), down_count);
	const node = h('div', { class: 'timeline' }, scroller, down);

	let is_placed = false;		// whether the first rows have been scrolled to
	let is_following = true;	// whether the newest message is to stay in sight
	let seen_seq = 0;		// up to here was in sight
	let is_loading = false;
	let has_failed = false;

	const timeline = () => store.timelines.get(room_id);

	function render() {
		const { messages = [] } = timeline() ?? {};
		const anchor = is_following ? null : first_in_sight(scroller, list);

		render_top();
		keyed(list, rows_of({
			messages, pending: store.pending_of(room_id), user: store.user, unread_after,
		}), {
			make: make_row,
			update: (item, row, former) => update_row(item, row, former, page),
		});
		if (!is_placed && timeline())
			place();
		else if (anchor)
			scroller.scrollTop += offset_of(anchor.node, scroller) - anchor.offset;
		else if (is_following)
			to_bottom();
		on_moved();
	}

	// Where one begins: at what is new, if that is further up than the end.
	function place() {
		is_placed = true;
		to_bottom();
		const line = list.querySelector('.row-new');
		if (!line || offset_of(line, scroller) >= 0)
			return;
		is_following = false;
		scroller.scrollTop += offset_of(line, scroller) - 16;
	}

	function render_top() {
		const known = timeline();
		const key = !known ? 'loading'
			: has_failed ? 'failed'
				: known.has_before ? 'older' : known.messages.length ? 'start' : 'empty';
		if (top.dataset.key === key)
			return;
		top.dataset.key = key;
		replace(top, TOPS[key]({ words, name, retry: load_older }));
	}

	function to_bottom(behavior = 'instant') {
		is_following = true;
		scroller.scrollTo({ top: scroller.scrollHeight, behavior });
	}

	function on_scroll() {
		const below = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
		is_following = below < AT_BOTTOM_PX;
		on_moved();
	}

	function on_moved() {
		const known = timeline();
		if (!known || !is_placed)
			return;
		if (is_following && document.visibilityState === 'visible') {
			seen_seq = known.last;
			client.seen(room_id, known.last);
			client.trim(room_id);
		}
		const news = known.messages.filter((message) =>
			message.seq > seen_seq && message.sender?.id !== store.user?.id).length;
		show(down, !is_following);
		show(down_count, news > 0);
		say(down_count, news > 99 ? '99+' : String(news));
		set(down, 'aria-label', news > 0
			? words.t('timeline.down_new', { count: news }) : words.t('timeline.down'));
		if (known.has_before && !has_failed && scroller.scrollTop < NEAR_TOP_PX)
			load_older();
	}

	async function load_older() {
		if (is_loading)
			return;
		is_loading = true;
		has_failed = false;
		try {
			await client.older();
		} catch {
			has_failed = true;
		}
		is_loading = false;
		render();
	}

	const later = once_a_frame(render);
	// the keyboard of a phone, a growing composer: the end stays in sight
	const sizes = new ResizeObserver(() => {
		if (is_following)
			to_bottom();
	});
	const on_visible = () => on_moved();

	sizes.observe(scroller);
	sizes.observe(list);
	document.addEventListener('visibilitychange', on_visible);
	render();
	return {
		node,
		focus: () => scroller.focus(),
		// what I just wrote is looked at, wherever I was
		to_bottom,
		update(what, id) {
			if (what === 'timeline' && id === room_id)
				later();
		},
		end() {
			sizes.disconnect();
			document.removeEventListener('visibilitychange', on_visible);
		},
	};
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

function offset_of(node, scroller) {
	return node.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
}

// The first row that is in sight, and how far below the edge it begins: what must not
// move when something is put in above it.
function first_in_sight(scroller, list) {
	for (const node of list.children) {
		const offset = offset_of(node, scroller);
		if (offset + node.offsetHeight > 0)
			return { node, offset };
	}
	return null;
}
