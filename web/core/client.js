// client.js -- the whole client without a page: connects the parts, and offers what a user
// can do.
//
// Views call the methods below and read the store. Everything external (fetch, WebSocket,
// storage, locks, clock) is passed in, so this runs in node as in a browser.
//
// It starts with what reading needs. whole() loads the rest (acting.js) and only then opens
// the live connection, so those parts miss no event. Actions taken before that are queued.

import { Api } from './api.js';
import { clock as real_clock } from './clock.js';
import { Files } from './files.js';
import { Drafts } from './drafts.js';
import { Follow } from './follow.js';
import { Invitation } from './invitation.js';
import { Keep } from './keep.js';
import { failed_import, later } from './later.js';
import { Notes } from './notes.js';
import { RoomList } from './roomlist.js';
import { Session } from './session.js';
import { Socket } from './socket.js';
import { new_item, Store } from './store.js';
import { random_id } from './text.js';

// Without a live connection, the list of rooms is read once every so many polling rounds.
const ROUNDS_PER_LIST = 4;
// If it could not be found out whether a room is mine.
const LOOK_AGAIN_MS = 5000;

// The URL path distinguishes installs on the same origin.
export function storage_prefix(base) {
	return `foyer:${new URL(base).pathname}:`;
}

const on = (from, name, handler) =>
	from.addEventListener(name, (event) => handler(event.detail));

export class Client {
	#invitation;
	#rounds = 0;
	#acting = null;			// promise of acting.js
	#looking_for = null;		// id of a room that the list does not have
	#last_order = 0;		// of messages written before the outbox is loaded
	#seen = new Map();		// read positions from before that: room id -> seq
	#outside;
	#tools;
	is_whole = false;

	// base: the URL of the page's folder, with a trailing slash.
	// rest: arguments of acting.js, all optional.
	constructor({ base, fetch, WebSocket, storage, locks = null, rtc = null,
		clock = real_clock, random = Math.random, ...rest }) {
		const tools = { clock, random };

		this.#tools = tools;
		this.#outside = { fetch, locks, rtc, ...rest };
		this.base = base;
		this.keep = new Keep(storage, storage_prefix(base));
		this.notes = new Notes(this.keep);
		this.#invitation = new Invitation({ keep: this.keep, clock });
		this.store = new Store();
		this.api = new Api({ base: `${base}api/v1`, fetch });
		this.session = new Session({
			keep: this.keep, locks, refresh: (token) => this.api.refresh(token), ...tools,
		});
		this.api.session = this.session;
		this.files = new Files({ api: this.api, clock });
		this.socket = new Socket({
			WebSocket, url: this.#live_url(), session: this.session, ...tools,
		});
		const { api, socket, store } = this;
		this.acts = later(() => import('./acts.js'),
			({ Acts }) => new Acts({ api, store, clock }));
		this.account = later(() => import('./account.js'), ({ Account }) => new Account(this));
		this.list = new RoomList({
			api, socket, store, ...tools, on_read: () => this.#follow_current(),
		});
		this.manage = later(() => import('./manage.js'),
			({ Manage }) => new Manage({
				api, store, on_mine: () => this.#follow_current(),
			}));
		this.mentions = later(() => import('./mentions.js'),
			({ Mentions }) => new Mentions({ api, store }));
		this.follow = new Follow({
			api, socket, store, ...tools, on_read: (room_id) => this.#look_again(room_id),
		});
		this.drafts = new Drafts({ keep: this.keep, store, clock });
		this.#wire();
	}

	#wire() {
		const { store, socket, session } = this;

		on(socket, 'state', ({ state, retry_at }) =>
			store.line_changed({ state, retry_at }));
		on(socket, 'doubt', (is_doubted) => store.line_changed({ is_doubted }));
		on(socket, 'ready', ({ user }) => this.me_is(user));
		on(socket, 'frame', (frame) => this.#on_frame(frame));
		on(session, 'ended', ({ reason }) => this.#on_ended(reason));
		on(session, 'renewed', () => this.me_is(session.user));
		on(session, 'user', () => this.me_is(session.user));
	}

	// --- the parts in acting.js ---

	// Rejects if they cannot be loaded; the next call tries again.
	whole() {
		this.#acting ??= import('./acting.js').then((module) => this.complete(module),
			(error) => {
				this.#acting = null;
				failed_import(error);
				throw error;
			});
		return this.#acting;
	}

	// acting.js is loaded: adds calls, company, contacts, notices, outbox and poll.
	complete({ acting_parts }) {
		const { store, socket } = this;

		if (this.is_whole)
			return;
		this.is_whole = true;
		Object.assign(this, acting_parts(this, {
			on_posted: (room_id) => this.#on_posted(room_id),
			poll_round: () => this.#poll_round(),
			outside: this.#outside, tools: this.#tools,
		}));
		on(socket, 'ready', () => this.outbox.nudge());
		on(this.outbox, 'item', (item) => store.pending_changed(item));
		on(this.outbox, 'gone', (item) => store.pending_gone(item));
		on(store, 'confirmed', (ids) => ids.forEach((id) => this.outbox.confirmed(id)));
		if (this.session.signed_in)
			this.#go_live();
		// written here, but sent or discarded by another tab in the meantime
		for (const item of [...store.pending.values()].flat())
			if (!this.outbox.has(item.client_id))
				store.pending_gone(item);
		for (const [room_id, seq] of this.#seen)
			this.company.seen(room_id, seq);
	}

	// Starts loading acting.js. If that fails, the page retries.
	#hurry() {
		this.whole().catch(() => {});
	}

	#live_url(live) {
		const url = new URL(live?.url || `${this.base}api/v1/ws`, this.base);
		url.protocol = url.protocol.replace('http', 'ws');
		return url.href;
	}

	// --- signing in and out ---

	start() {
		this.#read_status();
		if (this.session.signed_in)
			this.#enter();
	}

	async sign_in({ login, password }) {
		this.session.adopt(await this.api.login({ login, password }));
		this.#enter();
	}

	// Returns false if the user must confirm the address by mail first.
	async register(fields) {
		const pair = await this.api.register(fields);
		if (!pair?.access_token)
			return false;
		this.session.adopt(pair);
		this.#enter();
		return true;
	}

	async sign_out() {
		const { refresh_token } = this.session;

		await this.#end('signed_out');
		try {
			await this.api.logout(refresh_token);
		} catch {
			// out of reach: the session is forgotten here, and expires on the server
		}
	}

	// The account was removed.
	removed() {
		return this.#end('removed');
	}

	// Leaves nothing unsent behind for the next user of this browser.
	async #end(reason) {
		// only the outbox knows what is unsent
		if (!this.is_whole)
			await this.whole().catch(() => {});
		this.outbox?.clear();
		this.notes.clear(this.session.user?.id);
		this.drafts.clear();
		this.session.end(reason);
	}

	// My account as the server has it now, perhaps changed on another device; updates the
	// page, the stored session and other tabs. Live frames carry only what others may see of
	// me, so my address and settings are kept.
	me_is(user) {
		const known = this.store.user;
		const now = { ...known, ...user };

		if (!user || user.id !== known?.id || JSON.stringify(now) === JSON.stringify(known))
			return;
		this.session.user_changed(now);
		this.store.me_changed(now);
	}

	// Another tab changed the stored value `key` (null: everything).
	on_storage(key) {
		if (key !== null && !key.startsWith(this.keep.prefix))
			return;
		const was_in = this.session.signed_in;
		this.session.reread();
		if (!was_in && this.session.signed_in)
			this.#enter();
		this.drafts.on_storage(key);
		this.calls?.on_storage(key);
	}

	// The network may be back, or the user has returned to the page.
	nudge() {
		if (!this.session.signed_in)
			return;
		this.socket.nudge();
		this.poll?.nudge();
		this.follow.nudge();
		this.outbox?.nudge();
	}

	async #read_status() {
		try {
			const status = await this.api.status();
			this.socket.url = this.#live_url(status.live);
			this.store.status_read(status);
		} catch {
			// keep the defaults
		}
	}

	#enter() {
		this.store.signed_in(this.session.user);
		this.drafts.open();
		if (this.is_whole)
			this.#go_live();
		this.list.refresh();
	}

	#go_live() {
		this.outbox.open(this.session.user.id);
		this.socket.start();
	}

	// The browser is about to freeze the page; nudge() resumes.
	rest() {
		this.outbox?.rest();
	}

	// The page is being closed.
	leave() {
		this.calls?.page_gone();
		this.drafts.save();
	}

	// Whether closing the page would lose something the user wrote.
	get is_fleeting() {
		return this.outbox?.is_fleeting ?? [...this.store.pending.values()].flat()
			.some(({ is_kept }) => !is_kept);
	}

	#on_ended(reason) {
		this.#seen.clear();
		this.company?.close();
		this.drafts.save();
		this.follow.close();
		this.socket.stop();
		this.outbox?.close();
		this.files.clear();
		this.store.signed_out(reason);
		// if another user signed in in another tab, this tab follows
		this.session.reread();
		if (this.session.signed_in)
			this.#enter();
	}

	// --- rooms ---

	#add_room(room) {
		this.store.room_added(room);
		this.#follow_current();
	}

	find_public(q, cursor) {
		return this.api.public_rooms(q, cursor);
	}

	async create_room(fields) {
		const room = await this.api.create_room(fields);
		this.#add_room(room);
		return room;
	}

	async join_room(room_id) {
		const room = await this.api.join_room(room_id);
		this.#add_room(room);
		return room;
	}

	// An invitation link was opened; it is kept until somebody signs in (invitation.js).
	invited(code) {
		this.#invitation.opened(code);
	}

	get invitation() {
		return this.#invitation.code;
	}

	// Returns the room it led to; null if there was no invitation.
	accept_invitation() {
		return this.#invitation.accept((code) => this.join_invited(code));
	}

	async join_invited(code) {
		const room = await this.api.join_by_invite(code);
		this.#add_room(room);
		return room;
	}

	async leave_room(room_id) {
		await this.api.leave_room(room_id);
		this.#drop_room(room_id, 'left');
	}

	async remove_room(room_id) {
		await this.api.remove_room(room_id);
		this.#drop_room(room_id, 'room_removed');
	}

	open_room(room_id) {
		if (this.store.current && this.store.current !== room_id)
			this.store.timeline_trimmed(this.store.current);
		this.follow.close();
		this.store.room_opened(room_id);
		this.#look_again(room_id);
		this.#follow_current();
	}

	// Reads the room itself if it may differ from what the list has.
	#look_again(room_id) {
		if (this.store.rooms.get(room_id)?.is_stale)
			this.manage.look(room_id).catch(() => {});
	}

	// Follows only rooms I am a member of: following joins the room, and opening a link is
	// not yet a decision to join.
	#follow_current() {
		const { current, rooms, rooms_known, trouble } = this.store;

		if (current && rooms.has(current))
			this.follow.open(current);
		else if (trouble && trouble !== 'offline')
			return;	// the reason is known already, e.g. that I was removed
		else if (current && rooms_known)
			this.#look_for(current);
		else if (current && this.session.signed_in)
			this.follow.foresee(current);
	}

	// Am I in a room that the list has not reached yet? If not, may I be?
	async #look_for(room_id) {
		if (this.#looking_for === room_id)
			return;
		this.#looking_for = room_id;
		const trouble = await this.manage.trouble_with(room_id).catch(() => 'offline');
		if (this.#looking_for === room_id)
			this.#looking_for = null;
		if (trouble && !this.store.rooms.has(room_id))
			this.store.room_refused(room_id, trouble);
		if (trouble === 'offline')
			this.#tools.clock.after(LOOK_AGAIN_MS, () => this.#follow_current());
	}

	// Tries again after `trouble`.
	reopen_room() {
		this.open_room(this.store.current);
	}

	// Loads more of the open room's history, before or after the loaded part.
	more(side) {
		return this.follow.more(side);
	}

	// Moves to the message with this seq; null: to the newest.
	look_at(seq) {
		return this.follow.look_at(seq);
	}

	// Forgets loaded messages far from this one.
	trim(room_id, seq) {
		this.store.timeline_trimmed(room_id, seq);
	}

	// draft: {text, reply_to}, see drafts.js.
	draft(room_id, draft) {
		this.drafts.change(room_id, draft);
		this.wrote(room_id, draft.text !== '');
		this.#hurry();
	}

	wrote(room_id, is_something) {
		this.company?.wrote(room_id, is_something);
	}

	// The user has seen messages up to this one. Reported to the server a little later, in
	// one go.
	seen(room_id, seq) {
		if (!this.store.room_seen(room_id, seq))
			return;
		if (this.is_whole)
			this.company.seen(room_id, seq);
		else
			this.#seen.set(room_id, seq);
	}

	// Requests the message with this id, to show it above a reply; the store announces it.
	ask_original(room_id, id) {
		this.follow.ask_original(room_id, id);
	}

	#drop_room(room_id, reason) {
		if (this.store.current === room_id)
			this.follow.close();
		this.store.room_gone(room_id, reason);
	}

	// --- messages ---

	// fields: {reply_to}, the id of another message. Returns the outbox item. Before the
	// outbox is loaded, the message is stored as a note for it (notes.js).
	say(room_id, text, fields = {}) {
		if (this.is_whole)
			return this.outbox.add(room_id, { ...fields, text });
		const now = this.#tools.clock.now();
		this.#last_order = Math.max(this.#last_order + 1, now);
		const item = new_item({ ...fields, room_id, text, client_id: random_id(),
			user_id: this.session.user.id, order: this.#last_order }, now);
		item.is_kept = this.notes.add(item);
		this.store.pending_changed(item);
		this.#hurry();
		return item;
	}

	retry(client_id) {
		this.outbox.retry(client_id);
	}

	discard(client_id) {
		this.outbox.discard(client_id);
	}

	#on_posted(room_id) {
		// when connected, the message arrives over the connection like any other
		if (!this.socket.online && room_id === this.store.current)
			this.follow.catch_up().catch(() => {});
	}

	// --- frames of the server ---

	#on_frame(frame) {
		switch (frame.type) {
		case 'activity':
			this.list.on_activity(frame);
			break;
		case 'room_added':
			this.#add_room(frame.room);
			break;
		case 'room_left':
			this.#drop_room(frame.room_id, frame.reason ?? 'left');
			break;
		case 'room_removed':
			this.#drop_room(frame.room_id, 'room_removed');
			break;
		case 'presence':
			this.store.people.presence_came(frame);
			break;
		case 'joined':
			this.store.people.online_came(frame.online ?? []);
			break;
		case 'receipt':
			if (frame.user_id === this.store.user.id)
				this.#on_own_receipt(frame);
			break;
		}
	}

	// Read on another device of mine.
	#on_own_receipt({ room_id, read_seq }) {
		const room = this.store.rooms.get(room_id);
		if (room && read_seq >= room.seq)
			this.store.room_seen(room_id, read_seq);
	}

	async #poll_round() {
		// the list first: it is needed even if no room is open
		if (this.#rounds++ % ROUNDS_PER_LIST === 0 || !this.store.current)
			await this.list.read();
		await this.follow.catch_up();
	}
}
