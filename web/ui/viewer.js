// viewer.js -- a picture over the whole page: zooming, panning, going to the next picture of
// the room, its description.
//
// Zooming changes the picture's height; the overflow is scrolled natively by touch and wheel.

import { person_name } from './avatar.js';
import { h, new_id, replace, say, set, show } from './dom.js';
import { icon } from './icons.js';
import { broken_note, download_of, local_url } from './transfer.js';

const STEP = 1.5;
const MOST = 8;
const SWIPE_PX = 60;

// opener: gets the focus back.
export function open_viewer(page, message, opener) {
	const viewer = new Viewer(page, message, opener);

	document.body.append(viewer.node);
	viewer.node.showModal();
	viewer.start();
}

class Viewer {
	#page;
	#message;
	#room_id;
	#opener;
	#zoom = 1;
	#img = h('img', { class: 'viewer-image', draggable: 'false' });
	#stage;
	#note = h('div', { class: 'viewer-broken' });
	#who = h('p', { class: 'viewer-who' });
	#text = h('p', { class: 'viewer-text', dir: 'auto' });
	#place = h('p', { class: 'unseen', role: 'status' });
	#tools = {};
	#download;
	#pointers = new Map();
	#grip = null;		// {x, y, left, top} or {span, zoom} at the start of a gesture
	#is_renewed = false;
	#on_resize = () => this.#fit();

	constructor(page, message, opener) {
		const { words } = page;
		const heading = new_id('viewer');
		const tool = (name, label, act, props = {}) => {
			this.#tools[name] = h('button', {
				type: 'button', class: 'viewer-tool', 'aria-label': words.t(label),
				title: words.t(label), onclick: act, ...props,
			}, icon(name));
			return this.#tools[name];
		};
		const link = h('a', { class: 'viewer-tool', 'aria-label': words.t('attach.download'),
			title: words.t('attach.download') }, icon('download'));

		this.#page = page;
		this.#message = message;
		this.#room_id = message.room_id;
		this.#opener = opener;
		this.#download = download_of(page, link);
		this.#stage = h('div', { class: 'viewer-stage', tabindex: 0,
			'aria-label': words.t('viewer.stage'), role: 'group' }, this.#img);
		set(this.#who, 'id', heading);
		this.node = h('dialog', { class: 'viewer', 'aria-labelledby': heading,
			onkeydown: (event) => this.#on_key(event), onclose: () => this.#end() },
		h('header', { class: 'viewer-head' },
			h('div', { class: 'viewer-about' }, this.#who),
			tool('zoom_out', 'viewer.zoom_out', () => this.#set_zoom(this.#zoom / STEP)),
			tool('zoom_in', 'viewer.zoom_in', () => this.#set_zoom(this.#zoom * STEP)),
			link,
			tool('close', 'dialog.close', () => this.node.close())),
		this.#stage, this.#note, this.#place,
		tool('before', 'viewer.before', () => this.#go(-1), { class: 'viewer-tool at-start' }),
		tool('next', 'viewer.next', () => this.#go(1), { class: 'viewer-tool at-end' }),
		this.#text);
		this.#listen();
	}

	start() {
		addEventListener('resize', this.#on_resize);
		this.#show(this.#message);
		this.#stage.focus();
	}

	#end() {
		removeEventListener('resize', this.#on_resize);
		this.node.remove();
		// the browser has returned the focus if it could; the user may have moved on since
		if (document.activeElement === document.body && this.#opener?.isConnected)
			this.#opener.focus();
	}

	// The room's loaded pictures.
	get #all() {
		const { store } = this.#page;
		return (store.timelines.get(this.#room_id)?.messages ?? [])
			.filter(({ kind, data }) => kind === 'image' && data);
	}

	// The picture before (-1) or after (1) this one; one still being sent has no place yet.
	#beside(step) {
		const { seq } = this.#message;

		return step < 0 ? this.#all.findLast((one) => one.seq < seq)
			: this.#all.find((one) => one.seq > seq);
	}

	// Whether history may have more pictures on that side.
	#has_more(step) {
		const timeline = this.#page.store.timelines.get(this.#room_id);

		return this.#message.seq !== undefined
			&& Boolean(step < 0 ? timeline?.has_before : timeline?.has_after);
	}

	async #go(step) {
		const to = this.#beside(step);

		if (to) {
			this.#show(to);
		} else if (this.#has_more(step) && !this.#is_looking) {
			this.#is_looking = true;
			await this.#look_on(step).catch(() => {});
			this.#is_looking = false;
		}
	}

	#is_looking = false;

	async #look_on(step) {
		const { client } = this.#page;

		for (let pages = 0; pages < 5 && !this.#beside(step) && this.#has_more(step); pages++)
			await client.more(step < 0 ? 'before' : 'after');
		if (this.node.open && this.#beside(step))
			this.#show(this.#beside(step));
		else
			this.#render_tools(step);
	}

	#show(message) {
		const { words, client } = this.#page;
		const { data, sender, created_at, text } = message;
		const local = local_url(data.file_id) ?? local_url(message.client_id);

		this.#message = message;
		this.#is_renewed = false;
		this.#zoom = 1;
		replace(this.#note);
		const at = new Date(created_at);
		replace(this.#who,
			h('bdi', {}, person_name(sender ?? this.#page.store.user, words)), ' ',
			h('time', { datetime: created_at, title: words.exactly(at) },
				`${words.day(at)}, ${words.time(at)}`));
		replace(this.#text, [data.alt, text].filter(Boolean).map((part) =>
			h('span', { dir: 'auto' }, part)));
		show(this.#text, Boolean(data.alt || text));
		set(this.#img, 'alt', data.alt || words.t('attach.picture', { name: data.name }));
		this.#img.removeAttribute('src');
		this.#img.style.height = '';
		this.#download.update(message);
		if (local)
			this.#img.src = local;
		else
			this.#find(client.files.address(message));
		this.#render_tools();
	}

	#find(asking) {
		const { message } = { message: this.#message };
		const use = ({ url }) => {
			if (message !== this.#message)
				return;
			replace(this.#note);
			this.#img.src = url;
		};

		asking.then(use, () => this.#fail());
	}

	#fail() {
		const { client } = this.#page;
		replace(this.#note, broken_note(this.#page,
			() => this.#find(client.files.renew(this.#message))));
	}

	// end: the side (-1, 1) on which no more was found.
	#render_tools(end = 0) {
		const { words } = this.#page;
		const all = this.#all;
		const at = all.findIndex(({ id }) => id === this.#message.id);
		const is_last = (step) =>
			!this.#beside(step) && (end === step || !this.#has_more(step));

		// do not lose the focus with a button that becomes disabled
		this.#tools.before.disabled = is_last(-1);
		this.#tools.next.disabled = is_last(1);
		this.#tools.zoom_out.disabled = this.#zoom <= 1;
		this.#tools.zoom_in.disabled = this.#zoom >= MOST;
		if (document.activeElement === document.body || document.activeElement?.disabled)
			this.#stage.focus();
		say(this.#place, at < 0 ? '' : words.t('viewer.place', {
			at: at + 1, count: all.length,
			text: this.#message.data.alt || this.#message.data.name,
		}));
	}

	// --- zooming ---

	// The height at which all of it is visible, at most its natural height.
	get #fitting() {
		const { naturalWidth: width, naturalHeight: height } = this.#img;
		const { clientWidth, clientHeight } = this.#stage;
		return height * Math.min(1, clientWidth / width, clientHeight / height);
	}

	#fit() {
		if (this.#img.naturalHeight > 0)
			this.#img.style.height = `${this.#fitting * this.#zoom}px`;
	}

	// point: the stage coordinates that stay in place.
	#set_zoom(zoom, point = null) {
		const stage = this.#stage;
		const before = this.#zoom;
		const { x, y } = point ?? { x: stage.clientWidth / 2, y: stage.clientHeight / 2 };

		this.#zoom = Math.min(MOST, Math.max(1, zoom));
		const by = this.#zoom / before;
		const [left, top] = [(stage.scrollLeft + x) * by - x, (stage.scrollTop + y) * by - y];
		this.#fit();
		stage.scrollTo(left, top);
		stage.classList.toggle('is-zoomed', this.#zoom > 1);
		this.#render_tools();
	}

	#listen() {
		const stage = this.#stage;

		this.#img.addEventListener('load', () => this.#fit());
		this.#img.addEventListener('error', () => {
			if (this.#is_renewed || !this.#message.id)
				this.#fail();
			else
				this.#find(this.#page.client.files.renew(this.#message));
			this.#is_renewed = true;
		});
		stage.addEventListener('wheel', (event) => {
			event.preventDefault();
			this.#set_zoom(this.#zoom * Math.exp(-event.deltaY / 400), this.#point(event));
		}, { passive: false });
		stage.addEventListener('dblclick', (event) =>
			this.#set_zoom(this.#zoom > 1 ? 1 : 2.5, this.#point(event)));
		stage.addEventListener('click', (event) =>
			event.target === stage && this.#zoom === 1 && !this.#has_moved && this.node.close());
		stage.addEventListener('pointerdown', (event) => this.#on_down(event));
		stage.addEventListener('pointermove', (event) => this.#on_move(event));
		for (const type of ['pointerup', 'pointercancel'])
			stage.addEventListener(type, (event) => this.#on_up(event));
	}

	#has_moved = false;

	#point({ clientX, clientY }) {
		const { left, top } = this.#stage.getBoundingClientRect();
		return { x: clientX - left, y: clientY - top };
	}

	// --- gestures ---

	#on_down(event) {
		const { scrollLeft: left, scrollTop: top } = this.#stage;

		this.#stage.setPointerCapture(event.pointerId);
		this.#pointers.set(event.pointerId, this.#point(event));
		this.#has_moved = false;
		this.#grip = this.#pointers.size === 2
			? { span: this.#span, zoom: this.#zoom }
			: { ...this.#point(event), left, top };
	}

	get #span() {
		const [one, other] = [...this.#pointers.values()];
		return Math.hypot(one.x - other.x, one.y - other.y);
	}

	#on_move(event) {
		if (!this.#pointers.has(event.pointerId))
			return;
		const point = this.#point(event);
		this.#pointers.set(event.pointerId, point);
		this.#has_moved ||= Math.hypot(point.x - this.#grip.x, point.y - this.#grip.y) > 8;
		if (this.#pointers.size === 2) {
			const [one, other] = [...this.#pointers.values()];
			this.#has_moved = true;
			this.#set_zoom(this.#grip.zoom * this.#span / this.#grip.span,
				{ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 });
		} else if (this.#zoom > 1 && this.#grip.left !== undefined) {
			this.#stage.scrollTo(this.#grip.left + this.#grip.x - point.x,
				this.#grip.top + this.#grip.y - point.y);
		}
	}

	#on_up(event) {
		const was = this.#pointers.size;
		const grip = this.#grip;
		const { x, y } = this.#point(event);

		this.#pointers.delete(event.pointerId);
		if (was !== 1 || event.type === 'pointercancel' || this.#zoom > 1
			|| event.pointerType === 'mouse' || grip.x === undefined)
			return;
		const [right, down] = [x - grip.x, y - grip.y];
		if (Math.abs(right) > SWIPE_PX && Math.abs(right) > 2 * Math.abs(down))
			this.#go(right > 0 ? -1 : 1);
		else if (down > 2 * SWIPE_PX && down > 2 * Math.abs(right))
			this.node.close();
	}

	#on_key(event) {
		const act = {
			ArrowLeft: () => this.#go(-1), ArrowRight: () => this.#go(1),
			'+': () => this.#set_zoom(this.#zoom * STEP),
			'=': () => this.#set_zoom(this.#zoom * STEP),
			'-': () => this.#set_zoom(this.#zoom / STEP), 0: () => this.#set_zoom(1),
		}[event.key];

		if (!act || event.ctrlKey || event.metaKey || event.altKey)
			return;
		// while zoomed, the arrow keys pan
		if (event.key.startsWith('Arrow') && this.#zoom > 1)
			return;
		event.preventDefault();
		act();
	}
}
