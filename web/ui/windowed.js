// windowed.js -- a long list in which only the rows near the viewport have nodes.
//
// Rows out of sight are replaced by two gaps, above and below, as high as the rows were when
// drawn, or as guessed. Whatever is added, removed or turns out higher than guessed, the rows
// in sight do not move: one row is held, by its key and its distance from the upper edge. The
// row with the focus keeps its node even out of sight.
//
// Correcting scrollTop while the user scrolls would show as a jump (and browsers count it as
// a layout shift). So the held row keeps its place in the scrolled content too: the gap above
// has spare room, from which earlier rows are made, and which is restored when nobody
// scrolls. Scrolling up into the spare room is stopped.
//
// Owns:  the nodes in `list`, including the gaps, and the scroll position while drawing.
// Never: knows what a row is. A model has a key, and an ascending seq if it can have the
//        focus; the space between rows is padding, not margin.

import { h, keyed } from './dom.js';

// Rows are drawn this far beyond both edges, as a fraction of the viewport.
const BEYOND = 0.5;
// At first this many rows are made per frame, starting where the user reads: making rows is
// slow the first time.
const STEP = 4;
// Drawing and measuring repeat at most this often.
const ROUNDS = 6;
// The spare room above the first row, if there may be earlier ones.
const SPARE_PX = 16000;
// Nobody is scrolling if the last movement is this long ago.
const REST_MS = 160;

export class Windowed {
	#scroller;
	#list;
	#make;
	#update;
	#guess;
	#rows = [];
	#at = new Map();		// key -> index in rows
	#heights = new Map();		// key -> measured height
	#tops = [0];			// where each row begins, relative to the first
	#origin = 0;			// where the first one begins, relative to the list
	#is_open = false;		// whether there may be earlier ones
	#first = 0;			// drawn: from this index ...
	#end = 0;			// ... to before this one
	#held = null;			// {key, offset}; null: the end is held
	#width = 0;
	#moved_at = 0;			// when somebody scrolled
	#rest = null;
	#most = STEP;			// how many rows may have nodes so far
	#is_due = false;		// whether the next frame may add more
	#has_ended = false;

	// make(model), update(node, model, former): as for keyed(). guess(model): the likely
	// height of a row never drawn.
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

	// Replaces the rows. The held row stays held; if it is gone, its nearest neighbour.
	// is_open: there may be earlier rows.
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

	// From now on all rows are made at once: the start position depends on their heights.
	make_all() {
		this.#most = Infinity;
	}

	// Keeps the end in sight from now on.
	hold_end() {
		this.#held = null;
		this.#settle();
	}

	// Puts a row this far below the upper edge (null: in the middle), and holds it there.
	hold(key, offset = null) {
		const at = this.#at.get(key);
		const free = this.#scroller.clientHeight - (this.#height(at) ?? 0);

		this.#held = { key, offset: offset ?? Math.max(16, free / 2) };
		this.#settle();
	}

	// The user scrolled: holds what is in sight now. is_end: they reached the end.
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

	// A drawn row may have changed its height, or the list its width.
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

	// Whether the row is drawn.
	is_drawn(key) {
		const at = this.#at.get(key);
		return at !== undefined && at >= this.#first && at < this.#end;
	}

	// The rows that are at least partly in sight.
	rows_in_sight() {
		return this.#rows.slice(this.#row_at(this.above + 1),
			this.#row_at(this.above + this.#scroller.clientHeight - 1) + 1);
	}

	// --- where things are ---

	// Where the list begins in the scrolled content.
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

	// The row at this height.
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

	// The row to hold: the first one in sight that is already drawn, so that its height is
	// known; else the first in sight.
	#in_sight() {
		const top = this.#row_at(this.above + 1);
		const bottom = this.#row_at(this.above + this.#scroller.clientHeight - 1);
		const drawn = Math.max(top, this.#first);
		const at = drawn <= bottom && drawn < this.#end ? drawn : top;
		const row = this.#rows[at];

		return row ? { key: row.key, offset: this.#tops[at] - this.above } : null;
	}

	// The held row, with its place relative to the list.
	#now() {
		const key = this.#held?.key ?? this.#rows.at(-1)?.key;
		const at = this.#at.get(key);

		return at === undefined ? null : { key, place: this.#origin + this.#tops[at] };
	}

	// The last row that remains.
	#common(rows) {
		const keys = new Set(rows.map((row) => row.key));
		return this.#rows.findLast((row) => keys.has(row.key));
	}

	// The held row is gone: the nearest row that remains.
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

	// Draws the rows in sight with the held row in its place, measures them, and repeats if a
	// height was wrong. kept: {key, place} of a row that stays where it is in the scrolled
	// content; null: none does.
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

	// Where the first row begins. Rows move by whole pixels, like the scroller, so they keep
	// their position on the screen exactly.
	#put(kept) {
		const wanted = this.#is_open ? SPARE_PX : 0;
		const origin = kept ? kept.place - this.#tops[this.#at.get(kept.key)] : this.#origin;

		// a row cannot begin before the list does
		this.#origin = kept && origin >= 0 ? origin : wanted + origin - Math.floor(origin);
	}

	// More than a fraction of a pixel.
	get #has_spare() {
		return this.#origin >= 1;
	}

	get #is_at_rest() {
		return this.#is_open
			? this.#origin > SPARE_PX / 4 && this.#origin < SPARE_PX * 4
			: !this.#has_spare;
	}

	// When nobody scrolls, restores the spare room.
	#plan_rest() {
		clearTimeout(this.#rest);
		if (this.#is_at_rest)
			return;
		const wait = this.#moved_at + REST_MS - performance.now();
		this.#rest = setTimeout(() => this.#settle(), Math.max(0, wait));
	}

	// How much of the rows should lie above the upper edge, by known heights.
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
		// a row that is rebuilt takes care of its own focus
		if (had_focus === document.activeElement || (!had_focus.isConnected
			&& this.#list.contains(document.activeElement)))
			return;
		// if the row is gone, the list gets the focus
		(had_focus.isConnected ? had_focus : this.#scroller).focus({ preventScroll: true });
	}

	// Limits the rows to be drawn to #most, around the held row.
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

	// The models to draw: the range between the gaps, and the row with the focus. The gaps
	// keep the list's total height unchanged.
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
		// outside the present rows it keeps its node; within them it was deleted
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

	// Returns whether any height differs from the expected one.
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
		// at an end it cannot be placed as wanted
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
