// call_stage.js -- the call that I am in: large over the conversation, or small in a corner.
// Both are the same nodes; data-form says which.

import { call_icon } from './call_icons.js';
import { clock_of, is_direct, name_of, room_title } from './call_parts.js';
import { make_own, make_tile } from './call_tile.js';
import { h, is_coarse, keyed, new_id, replace, say, set, show } from './dom.js';

const TICK_MS = 250;
const LOUD = 0.02;
const TICKS_PER_S = 4;

export class Stage {
	#page;
	#title = h('h2', { class: 'call-title', dir: 'auto', tabindex: -1, id: new_id('call') });
	#status = h('p', { class: 'call-status' });
	#tiles = h('ul', { class: 'call-tiles' });
	#faces = new Map();		// user id -> tile
	#own;
	#notice = h('p', { class: 'call-notice', hidden: true });
	#sound;				// shown if the browser requires a click first
	#trouble = h('div', { class: 'call-trouble', hidden: true });
	#shown_trouble = null;
	#controls;
	#form = null;
	#said = null;			// the state that was announced
	#ticks = 0;
	#timer;
	#before = document.activeElement;
	#narrow = matchMedia('(max-width: 47.5rem)');
	#on_page = () => this.#on_page_changed();
	#on_show = () => this.show();

	constructor(page) {
		const { words } = page;

		this.#page = page;
		this.#own = make_own(page);
		this.#sound = h('button', {
			type: 'button', class: 'button primary call-sound', hidden: true,
			onclick: () => this.#play_all(),
		}, words.t('call.turn_on_sound'));
		this.#controls = make_controls(page, { shrink: () => this.set_form('small'),
			grow: () => this.show(), full: () => this.#toggle_full() });
		this.node = h('section', {
			class: 'call', 'aria-labelledby': this.#title.id,
			onkeydown: (event) => this.#on_key(event),
		},
		h('header', { class: 'call-head' },
			h('div', { class: 'call-names' }, this.#title, this.#status),
			this.#controls.corner),
		h('div', { class: 'call-room' }, this.#tiles, this.#own.node, this.#trouble,
			this.#sound),
		this.#notice, this.#controls.bar);
		this.#timer = setInterval(() => this.#tick(), TICK_MS);
		document.addEventListener('fullscreenchange', this.#on_page);
		document.addEventListener('show-call', this.#on_show);
		this.#narrow.addEventListener('change', this.#on_page);
	}

	// Makes it large and focuses it.
	show() {
		this.set_form('big');
		this.#title.focus();
	}

	set_form(form) {
		if (this.#form === form)
			return;
		// the browser drops the focus when the node is hidden
		const had_focus = this.node.contains(document.activeElement);

		if (form === 'small' && document.fullscreenElement)
			document.exitFullscreen();
		this.#form = form;
		this.node.dataset.form = form;
		this.#cover();
		this.#controls.set_form(form);
		this.update();
		if (form === 'small' && had_focus)
			this.#controls.grow.focus();
	}

	update() {
		const { store, words } = this.#page;
		const { mine } = store.calls;

		if (!mine)
			return;
		say(this.#title, room_title(this.#page, mine.room_id));
		this.#render_tiles(mine);
		this.#own.update(mine.own);
		this.#controls.update(mine);
		this.#render_notice(mine, words);
		this.#render_trouble(mine);
		this.#render_status(mine);
		this.#announce(mine);
	}

	// Opening another room makes it small.
	room_opened(room_id) {
		if (room_id !== this.#page.store.calls.mine?.room_id)
			this.set_form('small');
	}

	end() {
		const had_focus = this.node.contains(document.activeElement);

		clearInterval(this.#timer);
		document.removeEventListener('fullscreenchange', this.#on_page);
		document.removeEventListener('show-call', this.#on_show);
		this.#narrow.removeEventListener('change', this.#on_page);
		if (document.fullscreenElement)
			document.exitFullscreen();
		this.#form = null;
		this.#cover();
		for (const tile of [...this.#faces.values(), this.#own])
			tile.end();
		this.node.remove();
		if (had_focus)
			give_back(this.#before);
	}

	// Makes what the large form covers unreachable.
	#cover() {
		const shell = this.node.closest('.shell') ?? document.querySelector('.shell');

		// in the large form it is the main content
		this.node.setAttribute('role', this.#form === 'big' ? 'main' : 'region');
		for (const part of shell?.children ?? [])
			if (part !== this.node && !part.contains(this.node))
				part.inert = this.#form === 'big'
					&& (this.#narrow.matches || !part.matches('.side'));
	}

	#on_page_changed() {
		this.#cover();
		this.#controls.set_full(Boolean(document.fullscreenElement));
	}

	#render_tiles({ others, room_id }) {
		const models = others.map((other) => ({ ...other, key: other.user_id }));

		this.#tiles.dataset.count = Math.min(models.length, 9);
		this.node.classList.toggle('is-direct', is_direct(this.#page, room_id));
		for (const [user_id, tile] of this.#faces)
			if (!others.some((other) => other.user_id === user_id)) {
				tile.end();
				this.#faces.delete(user_id);
			}
		keyed(this.#tiles, models, {
			make: ({ user_id }) => {
				const tile = make_tile(this.#page, user_id, {
					on_silent: () => show(this.#sound, true),
				});
				this.#faces.set(user_id, tile);
				return tile.node;
			},
			update: (_, model) => this.#faces.get(model.user_id).update(model),
		});
	}

	#render_status(mine) {
		const { words } = this.#page;
		const key = status_of(mine);

		set(this.node, 'data-state', key);
		if (mine.trouble && this.#form === 'small')	// no room for more
			say(this.#status, words.t(`call.trouble.${mine.trouble.why}`));
		else
			say(this.#status, key === 'talking'
				? clock_of(Math.floor((Date.now() - mine.since) / 1000))
				: words.t(`call.status.${key}`));
	}

	#render_notice({ notice }, words) {
		if (this.#notice.dataset.notice === (notice ?? ''))
			return;
		this.#notice.dataset.notice = notice ?? '';
		show(this.#notice, Boolean(notice));
		if (!notice)
			return;
		const text = words.t(`call.notice.${notice}`);
		const label = words.t('dialog.close');
		replace(this.#notice, call_icon('warning'), h('span', {}, text), h('button', {
			type: 'button', class: 'icon-button', 'aria-label': label, title: label,
			onclick: () => this.#page.client.calls.notice_seen(),
		}, call_icon('close')));
		this.#page.announce(text);
	}

	// No microphone: offers alternatives.
	#render_trouble({ trouble, kind }) {
		if (this.#shown_trouble === trouble)
			return;
		this.#shown_trouble = trouble;
		show(this.#trouble, Boolean(trouble));
		if (!trouble)
			return;
		const { words, client } = this.#page;
		const choice = (name, looks) => h('button', {
			type: 'button', class: `button ${looks}`, onclick: () => client.calls.choose(name),
		}, words.t(`call.choose.${name}`));
		const text = words.t(`call.trouble.${trouble.why}`);

		replace(this.#trouble,
			h('span', { class: 'round' }, call_icon('mic_off')),
			h('p', { class: 'call-trouble-text' }, text),
			h('p', { class: 'muted' }, words.t(`call.trouble.${trouble.why}_hint`)),
			h('div', { class: 'dialog-actions' },
				trouble.why === 'insecure' ? null : choice('again', 'primary'),
				kind === 'video' && trouble.why !== 'insecure' ? choice('audio', 'quiet') : null,
				choice('listen', 'quiet')));
		this.#page.announce(text);
		this.show();
		this.#trouble.querySelector('button').focus();
	}

	#announce(mine) {
		const { words } = this.#page;
		const key = status_of(mine);
		const name = room_title(this.#page, mine.room_id);
		const inside = mine.others.filter((one) => one.state === 'joined')
			.map((one) => one.user_id);

		if (this.#said && this.#said.key !== key && key !== 'preparing')
			this.#page.announce(words.t(`call.announce.${key}`, { name }));
		else if (this.#said && mine.is_group)
			this.#announce_people(this.#said.inside, inside);
		this.#said = { key, inside };
	}

	#announce_people(before, now) {
		const { words } = this.#page;

		for (const id of now.filter((one) => !before.includes(one)))
			this.#page.announce(words.t('call.announce.joined', { name: name_of(this.#page, id) }));
		for (const id of before.filter((one) => !now.includes(one)))
			this.#page.announce(words.t('call.announce.left', { name: name_of(this.#page, id) }));
	}

	#tick() {
		const { client, store } = this.#page;
		const { mine } = store.calls;

		if (!mine)
			return;
		if (this.#ticks++ % TICKS_PER_S === 0)
			this.#render_status(mine);
		for (const [user_id, tile] of this.#faces)
			tile.speaks(mine.is_group && client.calls.level_of(user_id) > LOUD);
	}

	#play_all() {
		show(this.#sound, false);
		for (const { video } of this.#faces.values())
			video.play().catch(() => show(this.#sound, true));
	}

	#toggle_full() {
		if (document.fullscreenElement)
			document.exitFullscreen();
		else
			this.node.requestFullscreen?.().catch(() => {});
	}

	#on_key(event) {
		// the browser itself leaves full screen
		if (event.key === 'Escape' && !document.fullscreenElement && this.#form === 'big') {
			event.stopPropagation();
			this.set_form('small');
			document.querySelector('.composer-input')?.focus();
		}
	}
}

// Returns the focus to where it was. If that is gone, focuses the composer, except on a
// phone, whose keyboard would open.
export function give_back(former) {
	const is_there = former?.isConnected && former !== document.body;
	const input = is_coarse() ? null : document.querySelector('.composer-input');

	(is_there ? former : input?.checkVisibility() ? input
		: document.querySelector('.room-title'))?.focus();
}

// The status shown to the user.
function status_of({ phase, others }) {
	if (phase === 'ringing' || phase === 'preparing')
		return phase;
	const inside = others.filter((one) => one.state === 'joined');
	if (phase === 'talking' && inside.some((one) => one.link === 'connected'))
		return 'talking';
	return inside.some((one) => one.link === 'lost') ? 'lost' : 'connecting';
}

// The controls: {bar, corner, grow, update(mine), set_form(form), set_full(on)}.
function make_controls({ words, client }, { shrink, grow, full }) {
	const button = (name, label, act, looks = 'call-button') => {
		const node = h('button', { type: 'button', class: looks, onclick: act });
		relabel(node, name, label);
		return node;
	};
	const relabel = (node, name, label) => {
		if (node.dataset.icon === name)
			return;
		node.dataset.icon = name;
		set(node, 'aria-label', label);
		set(node, 'title', label);
		replace(node, call_icon(name));
	};
	let own = {};
	const mic = button('mic', words.t('call.mute'), () => client.calls.set_mic(!own.mic));
	const camera = button('camera_off', words.t('call.camera_on'), () =>
		client.calls.set_camera(!own.has_camera_on));
	const turn = button('turn', words.t('call.turn_camera'), () => client.calls.turn_camera());
	const screen = button('screen', words.t('call.share'), () =>
		client.calls.set_screen(!own.screen));
	const hang_up = button('hang_up', words.t('call.hang_up'), () => client.calls.hang_up(),
		'call-button hang-up');
	const to_full = button('full', words.t('call.full'), full, 'icon-button call-full');
	const to_small = button('shrink', words.t('call.shrink'), shrink, 'icon-button');
	const to_big = button('grow', words.t('call.grow'), grow, 'icon-button');

	show(to_full, document.fullscreenEnabled ?? false);
	return {
		bar: h('div', { class: 'call-bar' }, mic, camera, turn, screen, hang_up),
		corner: h('div', { class: 'call-corner' }, to_full, to_small, to_big),
		grow: to_big,
		set_form(form) {
			show(to_big, form === 'small');
			show(to_small, form === 'big');
		},
		set_full(on) {
			relabel(to_full, on ? 'full_off' : 'full', words.t(on ? 'call.full_off' : 'call.full'));
		},
		update(mine) {
			({ own } = mine);
			const is_in = mine.phase !== 'preparing';
			relabel(mic, own.mic ? 'mic' : 'mic_off', words.t(own.mic ? 'call.mute' : 'call.unmute'));
			relabel(camera, own.has_camera_on ? 'video' : 'camera_off',
				words.t(own.has_camera_on ? 'call.camera_off' : 'call.camera_on'));
			relabel(screen, own.screen ? 'close' : 'screen',
				words.t(own.screen ? 'call.share_off' : 'call.share'));
			mic.classList.toggle('is-off', !own.mic);
			camera.classList.toggle('is-off', !own.has_camera_on);
			screen.classList.toggle('is-on', own.screen);
			for (const node of [mic, camera, screen])
				node.disabled = !is_in;
			show(screen, own.can_share);
			show(turn, own.camera && matchMedia('(pointer: coarse)').matches);
		},
	};
}
