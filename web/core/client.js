// client.js -- the whole client without a page: the parts put together, and what a
// person can do with them.
//
// Views call the methods below and read the store. Everything from outside (fetch,
// WebSocket, storage, locks, clock) comes in as an argument, so that this runs in node
// as it runs in a browser.
//
// At first it has what reading takes. The parts that act (acting.js) come by whole(), and
// only then is the live line opened: there is nothing that they could miss. What somebody
// does before that waits for them.

import { Api } from './api.js';
import { clock as real_clock } from './clock.js';
import { Files } from './files.js';
import { Drafts } from './drafts.js';
import { Follow } from './follow.js';
import { Invitation } from './invitation.js';
import { Keep } from './keep.js';
import { later } from './later.js';
import { Notes } from './notes.js';
import { RoomList } from './roomlist.js';
import { Session } from './session.js';
import { Socket } from './socket.js';
import { new_item, Store } from './store.js';
import { random_id } from './text.js';

// Without a line the list of rooms is read every so many rounds.
const ROUNDS_PER_LIST = 4;

// The install's URL path is what tells it from another one on the same origin.
export function storage_prefix(base) {
	return `foyer:${new URL(base).pathname}:`;
}

const on = (from, name, handler) =>
	from.addEventListener(name, (event) => handler(event.detail));

export class Client {
	#invitation;
	#rounds = 0;
	#acting = null;			// promise of acting.js
	#last_order = 0;		// of what was said before there is an outbox
	#seen = new Map();		// how far was read before that: room id -> seq
	#outside;
	#tools;
	is_whole = false;

	// base: the URL of the page's folder, with a slash at its end.
	// rest: what the parts that act take (acting.js), of which any may be missing.
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

	// --- the parts that act ---

	// Rejects where they cannot be had; asked again, it tries once more.
	whole() {
		this.#acting ??= import('./acting.js').then((module) => this.complete(module),
			(error) => {
				this.#acting = null;
				throw error;
			});
		return this.#acting;
	}

	// They are here: calls, company, contacts, notices, outbox and poll.
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
		// said here, and sent or taken back by another tab meanwhile
		for (const item of [...store.pending.values()].flat())
			if (!this.outbox.has(item.client_id))
				store.pending_gone(item);
		for (const [room_id, seq] of this.#seen)
			this.company.seen(room_id, seq);
	}

	// Somebody needs them. Where they cannot be had now, the page asks again.
	#hurry() {
		this.whole().catch(() => {});
	}

	#live_url(live) {
		const url = new URL(live?.url || `${this.base}api/v1/ws`, this.base);
		url.protocol = url.protocol.replace('http', 'ws');
		return url.href;
	}

	// --- coming and going ---

	start() {
		this.#read_status();
		if (this.session.signed_in)
			this.#enter();
	}

	async sign_in({ login, password }) {
		this.session.adopt(await this.api.login({ login, password }));
		this.#enter();
	}

	// Answers false when a mail must be answered first.
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
			// out of reach: forgotten here, and it runs out there
		}
	}

	// The account is no more.
	removed() {
		return this.#end('removed');
	}

	// Nothing that was written and not sent is left behind for who comes next.
	async #end(reason) {
		// they know what is unsent
		if (!this.is_whole)
			await this.whole().catch(() => {});
		this.outbox?.clear();
		this.notes.clear(this.session.user?.id);
		this.drafts.clear();
		this.session.end(reason);
	}

	// Who I am as the server has it now, be it changed on another device; for the page, and
	// for the next start and other tabs. What the live line tells of me is what others may
	// know: my address and settings stay.
	me_is(user) {
		const known = this.store.user;
		const now = { ...known, ...user };

		if (!user || user.id !== known?.id || JSON.stringify(now) === JSON.stringify(known))
			return;
		this.session.user_changed(now);
		this.store.me_changed(now);
	}

	// Another tab changed what is stored under `key` (null: all of it).
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

	// The line may be back, or somebody looks at the page again.
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
			// the defaults hold
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

	// The page is about to be frozen; nudge() wakes it.
	rest() {
		this.outbox?.rest();
	}

	// The page goes away.
	leave() {
		this.calls?.page_gone();
		this.drafts.save();
	}

	// Whether something that one wrote would be lost with the page.
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
		// in another tab somebody else signed in: so are we, as them
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

	// One that was opened here; it waits until somebody is signed in (invitation.js).
	invited(code) {
		this.#invitation.opened(code);
	}

	get invitation() {
		return this.#invitation.code;
	}

	// The room that it led into; null without one.
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

	// At a room that may be another one than the list has.
	#look_again(room_id) {
		if (this.store.rooms.get(room_id)?.is_stale)
			this.manage.look(room_id).catch(() => {});
	}

	// Only rooms of mine are followed: following one joins it, and a link that was
	// opened is not yet a wish to join.
	#follow_current() {
		const { current, rooms, rooms_known, trouble } = this.store;

		if (current && rooms.has(current))
			this.follow.open(current);
		else if (trouble && trouble !== 'offline')
			return;	// it is known why not, be it that I was in it
		else if (current && rooms_known && this.store.rooms_more)
			this.#look_for(current);
		else if (current && rooms_known)
			this.store.room_refused(current, 'not_member');
		else if (current && this.session.signed_in)
			this.follow.foresee(current);
	}

	// One of mine that the list has not come to yet?
	async #look_for(room_id) {
		const trouble = await this.manage.trouble_with(room_id);

		if (trouble)
			this.store.room_refused(room_id, trouble);
	}

	// Once more, after `trouble`.
	reopen_room() {
		this.open_room(this.store.current);
	}

	// More of the open room's history, before or after what is at hand.
	more(side) {
		return this.follow.more(side);
	}

	// The message with this seq; null: the newest ones.
	look_at(seq) {
		return this.follow.look_at(seq);
	}

	// Nobody looks at what lies far from this message.
	trim(room_id, seq) {
		this.store.timeline_trimmed(room_id, seq);
	}

	// draft: {text, reply_to}, as drafts.js has it.
	draft(room_id, draft) {
		this.drafts.change(room_id, draft);
		this.wrote(room_id, draft.text !== '');
		this.#hurry();
	}

	wrote(room_id, is_something) {
		this.company?.wrote(room_id, is_something);
	}

	// What is on the screen has been read. Told to the server a little later, once.
	seen(room_id, seq) {
		if (!this.store.room_seen(room_id, seq))
			return;
		if (this.is_whole)
			this.company.seen(room_id, seq);
		else
			this.#seen.set(room_id, seq);
	}

	// The message with this id, for who answers it; the store says when it has come.
	ask_original(room_id, id) {
		this.follow.ask_original(room_id, id);
	}

	#drop_room(room_id, reason) {
		if (this.store.current === room_id)
			this.follow.close();
		this.store.room_gone(room_id, reason);
	}

	// --- messages ---

	// fields: {reply_to} of a message, the id of another one. Answers the outbox's item; until
	// there is an outbox, it is noted for it, on this page or the next one.
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
		// with a line, the message comes over it like anybody else's
		if (!this.socket.online && room_id === this.store.current)
			this.follow.catch_up().catch(() => {});
	}

	// --- what the server says ---

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
		// the list first: it answers although no room is open
		if (this.#rounds++ % ROUNDS_PER_LIST === 0 || !this.store.current)
			await this.list.read();
		await this.follow.catch_up();
	}
}
