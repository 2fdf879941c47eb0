// windowed.js -- a long list of which only the rows near the eye have nodes.
//
// Rows out of sight are two gaps, above and below, as high as the rows were when they
// were seen, or as somebody guesses. Whatever comes, goes or turns out higher than was
// thought, the row in sight does not move: it is held by its key and by how far it stands
// from the upper edge. The row that has the focus keeps its node out of sight too.
//
// To hold it by moving the scroller would be a jump for who is scrolling just then (and
// the browser counts it as one). So it keeps its place in what is scrolled as well: the
// gap above has room to spare, out of which earlier rows are made and which is set right
// when nobody scrolls. Who scrolls up to it meets a wall.
//
// Owns:  the nodes in `list`, gaps too, and the scroller's place while drawing.
// Never: what a row is. A model has a key, and a seq that grows if it can have the focus;
//        the space between rows is padding, not margin.

import { h, keyed } from './dom.js';

// Rows are drawn so far beyond both edges, in parts of what is in sight.
const BEYOND = 0.5;
// At first so many rows are made in a frame, beginning where one reads: what a row needs
// to be made, the browser meets for the first time.
const STEP = 4;
// What is drawn and what is measured may need each other so often.
const ROUNDS = 6;
// The room to spare above the first row, while there may be earlier ones.
const SPARE_PX = 16000;
// So long after the last movement nobody scrolls any more.
const REST_MS = 160;

export class Windowed {
	#scroller;
	#list;
	#make;
	#update;
	#guess;
	#rows = [];
	#at = new Map();		// key -> place in rows
	#heights = new Map();		// key -> height as seen
	#tops = [0];			// where each row begins, from the first one on
	#origin = 0;			// where the first one begins, from the list's start
	#is_open = false;		// whether there may be earlier ones
	#first = 0;			// drawn: from here ...
	#end = 0;			// ... to before here
	#held = null;			// {key, offset}, or null: the end
	#width = 0;
	#moved_at = 0;			// when somebody scrolled
	#rest = null;
	#most = STEP;			// so many rows may have nodes by now
	#is_due = false;		// whether more may have some with the next frame
	#has_ended = false;

	// make(model), update(node, model, former): as keyed() has them. guess(model): about
	// how high a row is that was never seen.
	constructor({ scroller, list, make, update, guess }) {
		this.#scroller = scroller;
		this.#list = list;
		this.#make = (row) => (row.gap === undefined ? make(row) : make_gap());
		this.#update = (node, row, former) => (row.gap === undefined
			? update(node, row, former) : update_gap(node, row));
		this.#guess = guess;
	}

	get rows() {
		return this.#rows;
	}

	// Other rows. Held stays what was held; if it is gone, what comes next to it.
	// is_open: there may be earlier ones.
	set(rows, is_open) {
		if (this.#held && !rows.some((row) => row.key === this.#held.key))
			this.#held = this.#neighbour(rows);
		const { key } = this.#held ?? this.#common(rows) ?? {};
		const place = this.#origin + (this.#tops[this.#at.get(key)] ?? 0);

		this.#rows = rows;
		this.#is_open = is_open;
		this.#at = new Map(rows.map((row, at) => [row.key, at]));
		this.#settle(this.#at.has(key) ? { key, place } : null);
	}

	// From now on all rows are made at once: where one begins depends on how high they are.
	make_all() {
		this.#most = Infinity;
	}

	// Keep the end in sight from now on.
	hold_end() {
		this.#held = null;
		this.#settle();
	}

	// Put the row so far below the upper edge (or in the middle, null), and keep it there.
	hold(key, offset = null) {
		const at = this.#at.get(key);
		const free = this.#scroller.clientHeight - (this.#height(at) ?? 0);

		this.#held = { key, offset: offset ?? Math.max(16, free / 2) };
		this.#settle();
	}

	// The reader moved: what is in sight now is held. is_end: they came to the end.
	scrolled(is_end) {
		const { clientHeight } = this.#scroller;
		const slack = clientHeight * BEYOND / 3;
		const wall = this.#is_open ? -clientHeight / 2 : 0;

		this.#moved_at = performance.now();
		if (this.above < wall && this.#has_spare)
			this.#scroller.scrollTop += wall - this.above;
		const top = this.above;
		const covers = (this.#first === 0 || this.#tops[this.#first] <= top - slack)
			&& (this.#end === this.#rows.length
				|| this.#tops[this.#end] >= top + clientHeight + slack);
		this.#held = is_end ? null : this.#in_sight();
		if (!covers)
			this.#settle(this.#now());
		this.#plan_rest();
	}

	end() {
		this.#has_ended = true;
		clearTimeout(this.#rest);
	}

	// How much of the rows lies above the upper edge, and how much below the lower one.
	get above() {
		return this.#scroller.scrollTop - this.#start - this.#origin;
	}

	get below() {
		return this.#tops.at(-1) - this.above - this.#scroller.clientHeight;
	}

	// Something drawn may be higher or lower than it was, or all of it narrower.
	resized() {
		this.#settle(this.#now());
	}

	node_of(key) {
		return this.#list.keyed_nodes?.get(key)?.node ?? null;
	}

	model_of(node) {
		return [...this.#list.keyed_nodes?.values() ?? []]
			.find((one) => one.node === node)?.model ?? null;
	}

	// Whether the row has a node that can be seen.
	is_drawn(key) {
		const at = this.#at.get(key);
		return at !== undefined && at >= this.#first && at < this.#end;
	}

	// The rows of which something is in sight.
	rows_in_sight() {
		return this.#rows.slice(this.#row_at(this.above + 1),
			this.#row_at(this.above + this.#scroller.clientHeight - 1) + 1);
	}

	// --- where things are ---

	// How far the list begins below the start of what scrolls.
	get #start() {
		const top = (node) => node.getBoundingClientRect().top;
		return top(this.#list) - top(this.#scroller) + this.#scroller.scrollTop;
	}

	#height(at) {
		const row = this.#rows[at];
		return row && (this.#heights.get(row.key) ?? this.#guess(row));
	}

	#sum() {
		const tops = [0];

		for (let at = 0; at < this.#rows.length; at++)
			tops.push(tops[at] + this.#height(at));
		this.#tops = tops;
	}

	// The row that covers this height.
	#row_at(y) {
		let low = 0;
		let high = this.#rows.length - 1;

		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if (this.#tops[middle] <= y)
				low = middle;
			else
				high = middle - 1;
		}
		return low;
	}

	// What is held: the first row in sight, or better the first one that was drawn before
	// and was to be seen at its height.
	#in_sight() {
		const top = this.#row_at(this.above + 1);
		const bottom = this.#row_at(this.above + this.#scroller.clientHeight - 1);
		const drawn = Math.max(top, this.#first);
		const at = drawn <= bottom && drawn < this.#end ? drawn : top;
		const row = this.#rows[at];

		return row ? { key: row.key, offset: this.#tops[at] - this.above } : null;
	}

	// The row that is held, with its place from the list's start.
	#now() {
		const key = this.#held?.key ?? this.#rows.at(-1)?.key;
		const at = this.#at.get(key);

		return at === undefined ? null : { key, place: this.#origin + this.#tops[at] };
	}

	// The last row that stays.
	#common(rows) {
		const keys = new Set(rows.map((row) => row.key));
		return this.#rows.findLast((row) => keys.has(row.key));
	}

	// What was held is gone: the row nearest to it that is still there.
	#neighbour(rows) {
		const left = new Set(rows.map((row) => row.key));
		const from = this.#at.get(this.#held.key) ?? 0;

		for (let by = 1; by < this.#rows.length; by++)
			for (const at of [from + by, from - by])
				if (left.has(this.#rows[at]?.key))
					return {
						key: this.#rows[at].key,
						offset: this.#held.offset + this.#tops[at] - this.#tops[from],
					};
		return null;
	}

	// --- drawing ---

	// Draw what is to be seen with the held row in its place, measure it, and again if it
	// was not as high as was thought. kept: {key, place} of a row that stays where it is
	// in what is scrolled; null: nothing does.
	#settle(kept = null) {
		if (this.#width !== this.#list.clientWidth) {
			this.#width = this.#list.clientWidth;
			this.#heights.clear();
		}
		for (let round = 0; round < ROUNDS; round++) {
			this.#sum();
			this.#put(kept);
			this.#draw();
			if (!this.#measure())
				break;
		}
		this.#move();
		this.#plan_rest();
	}

	// Where the first row begins. All are moved by whole pixels, as the scroller is: where
	// they were to be seen, they are.
	#put(kept) {
		const wanted = this.#is_open ? SPARE_PX : 0;
		const origin = kept ? kept.place - this.#tops[this.#at.get(kept.key)] : this.#origin;

		// what would begin before the list's start cannot stay
		this.#origin = kept && origin >= 0 ? origin : wanted + origin - Math.floor(origin);
	}

	// More than a part of a pixel.
	get #has_spare() {
		return this.#origin >= 1;
	}

	get #is_at_rest() {
		return this.#is_open
			? this.#origin > SPARE_PX / 4 && this.#origin < SPARE_PX * 4
			: !this.#has_spare;
	}

	// When nobody scrolls, the room to spare is what it should be again.
	#plan_rest() {
		clearTimeout(this.#rest);
		if (this.#is_at_rest)
			return;
		const wait = this.#moved_at + REST_MS - performance.now();
		this.#rest = setTimeout(() => this.#settle(), Math.max(0, wait));
	}

	// How much of the rows is to lie above the upper edge, as their heights are known.
	#wanted_above() {
		const at = this.#held ? this.#at.get(this.#held.key) : undefined;

		return at === undefined ? this.#tops.at(-1) - this.#scroller.clientHeight
			: this.#tops[at] - this.#held.offset;
	}

	#draw() {
		const { clientHeight } = this.#scroller;
		const top = this.#wanted_above();
		const beyond = clientHeight * BEYOND;
		const count = this.#rows.length;

		this.#first = count ? this.#row_at(top - beyond) : 0;
		this.#end = count ? this.#row_at(top + clientHeight + beyond) + 1 : 0;
		this.#keep_to_most();
		const had_focus = document.activeElement;
		keyed(this.#list, this.#drawn(), { make: this.#make, update: this.#update });
		for (const [key, { node, model }] of this.#list.keyed_nodes)
			node.classList.toggle('away', model.gap === undefined && !this.is_drawn(key));
		// a row that is made anew sees to its own
		if (had_focus === document.activeElement || (!had_focus.isConnected
			&& this.#list.contains(document.activeElement)))
			return;
		// what is gone for good leaves it to the list
		(had_focus.isConnected ? had_focus : this.#scroller).focus({ preventScroll: true });
	}

	// Of what is to be drawn, so much around what is held as there may be by now.
	#keep_to_most() {
		if (this.#end - this.#first <= this.#most) {
			this.#most = this.#end > 0 ? Infinity : this.#most;
			return;
		}
		const held = this.#held ? this.#at.get(this.#held.key) ?? this.#end : this.#end;

		this.#first = Math.max(this.#first, Math.min(held, this.#end - this.#most));
		this.#end = Math.min(this.#end, this.#first + this.#most);
		if (this.#is_due)
			return;
		this.#is_due = true;
		requestAnimationFrame(() => {
			this.#is_due = false;
			this.#most += STEP;
			if (!this.#has_ended)
				this.#settle(this.#now());
		});
	}

	// The models that get nodes: the range between the gaps, and who has the focus. The
	// list itself begins and ends where it did, whatever is drawn of it.
	#drawn() {
		const models = [
			{ key: 'gap above', gap: this.#origin + this.#tops[this.#first] },
			...this.#rows.slice(this.#first, this.#end),
			{ key: 'gap below', gap: this.#tops.at(-1) - this.#tops[this.#end] },
		];
		const focused = this.#focused();

		if (focused === null || this.is_drawn(focused.key))
			return models;
		const at = this.#at.get(focused.key);
		if (at !== undefined)
			return at < this.#first ? [this.#rows[at], ...models] : [...models, this.#rows[at]];
		// beyond the rows there are now it stays what it was; among them it is gone
		if (focused.seq < this.#rows.find(({ seq }) => seq)?.seq)
			return [focused, ...models];
		return focused.seq < Infinity && focused.seq > this.#rows.findLast(({ seq }) => seq)?.seq
			? [...models, focused] : models;
	}

	#focused() {
		const row = document.activeElement?.closest?.('li');

		if (row?.parentNode !== this.#list)
			return null;
		for (const { node, model } of this.#list.keyed_nodes?.values() ?? [])
			if (node === row)
				return model;
		return null;
	}

	// Answers whether anything was not as high as was thought.
	#measure() {
		let is_news = false;

		for (let at = this.#first; at < this.#end; at++) {
			const { key } = this.#rows[at];
			const { height } = this.node_of(key).getBoundingClientRect();
			if (Math.abs((this.#heights.get(key) ?? -1) - height) < 0.01)
				continue;
			this.#heights.set(key, height);
			is_news = true;
		}
		return is_news;
	}

	#move() {
		const scroller = this.#scroller;
		const node = this.#held && this.node_of(this.#held.key);

		if (!node) {
			const end = scroller.scrollHeight - scroller.clientHeight;
			if (Math.abs(scroller.scrollTop - end) > 0.5)
				scroller.scrollTop = end;
			return;
		}
		const offset = () => node.getBoundingClientRect().top
			- scroller.getBoundingClientRect().top;
		const by = offset() - this.#held.offset;
		if (Math.abs(by) <= 0.5)
			return;
		scroller.scrollTop += by;
		// at an end it cannot stand where it was to stand
		this.#held.offset = offset();
	}
}

function make_gap() {
	return h('li', { class: 'gap', role: 'presentation', 'aria-hidden': 'true' });
}

function update_gap(node, { gap }) {
	const height = `${Math.max(0, gap)}px`;
	if (node.style.height !== height)
		node.style.height = height;
}
