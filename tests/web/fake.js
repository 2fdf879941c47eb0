// fake.js -- a world in memory for the web client's core: a clock that moves when told,
// storage, locks, and a small server on a line that can fail in every way.
//
// The server follows the protocol as far as the client relies on it: one log a room, acks after
// the append, `after` and `epoch`, idempotent client_ids, token errors. Everything takes the
// fake clock's time, and every accident comes from one seed.

import * as acting from '../../web/core/acting.js';
import { Client } from '../../web/core/client.js';
// the page loads these with the first message or action; here the clock would not wait for that
import '../../web/core/acts.js';
import '../../web/core/delivery.js';
import '../../web/core/manage.js';

// Lets everything run that is already due.
export async function settle() {
	for (let i = 0; i < 4; i++)
		await new Promise((resolve) => setImmediate(resolve));
}

export class FakeClock {
	time = 1_700_000_000_000;
	#timers = [];
	#order = 0;

	now = () => this.time;

	after = (ms, fn) => {
		const timer = { at: this.time + Math.max(0, ms), order: this.#order++, fn };
		this.#timers.push(timer);
		return () => {
			this.#timers = this.#timers.filter((other) => other !== timer);
		};
	};

	soon = (fn) => {
		this.after(0, fn);
	};

	// Advances by ms, running everything in between at its time.
	async run(ms) {
		const end = this.time + ms;

		await settle();
		for (;;) {
			const next = this.#timers
				.filter((timer) => timer.at <= end)
				.sort((a, b) => a.at - b.at || a.order - b.order)[0];
			if (!next)
				break;
			this.#timers = this.#timers.filter((timer) => timer !== next);
			this.time = Math.max(this.time, next.at);
			next.fn();
			await settle();
		}
		this.time = end;
	}
}

export class FakeStorage {
	#map = new Map();

	get length() {
		return this.#map.size;
	}

	key(at) {
		return [...this.#map.keys()][at] ?? null;
	}

	getItem(key) {
		return this.#map.get(key) ?? null;
	}

	setItem(key, value) {
		this.#map.set(key, String(value));
	}

	removeItem(key) {
		this.#map.delete(key);
	}

	// The contents that the next page finds if this page is gone now.
	copy() {
		const copy = new FakeStorage();

		for (const [key, value] of this.#map)
			copy.setItem(key, value);
		return copy;
	}
}

// Like navigator.locks: one holder at a time for each name, or several that share it.
export class FakeLocks {
	#tails = new Map();
	#held = new Map();	// name -> number of holders

	async request(name, options, work = options) {
		const before = this.#tails.get(name) ?? Promise.resolve();

		if (options.ifAvailable && this.#held.get(name))
			return work(null);
		const { signal } = options;
		const turn = async () => {
			signal?.throwIfAborted();
			return this.#hold(name, work);
		};
		const mine = options.mode === 'shared' || options.ifAvailable
			? turn() : before.then(turn);
		this.#tails.set(name, mine.catch(() => {}));
		return mine;
	}

	async #hold(name, work) {
		this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
		try {
			return await work({ name });
		} finally {
			this.#held.set(name, this.#held.get(name) - 1);
		}
	}

	async query() {
		const held = [...this.#held].filter(([, count]) => count > 0);
		return { held: held.map(([name]) => ({ name })), pending: [] };
	}
}

// Like shelf.js, for several tabs: requests take time and are done in order.
export class FakeShelf {
	items = new Map();
	blobs = new Map();
	is_broken = false;
	#clock;
	#random;
	#last = Promise.resolve();

	// without a clock: as soon as possible
	constructor({ clock = null, random = Math.random } = {}) {
		this.#clock = clock;
		this.#random = random;
	}

	#in_turn(work) {
		const mine = this.#last.then(async () => {
			if (this.#clock)
				await new Promise((resolve) =>
					this.#clock.after(Math.floor(this.#random() * 4), resolve));
			return work();
		});
		this.#last = mine.catch(() => {});
		return mine;
	}

	all(user_id) {
		return this.#in_turn(() => {
			if (this.is_broken)
				throw new Error('broken');
			return [...this.items.values()].map((text) => JSON.parse(text))
				.filter((item) => item.user_id === user_id)
				.sort((a, b) => a.order - b.order);
		});
	}

	put(item, blob) {
		return this.#in_turn(() => {
			if (this.is_broken)
				return false;
			this.items.set(item.client_id, JSON.stringify(item));
			if (blob)
				this.blobs.set(item.client_id, blob);
			return true;
		});
	}

	remove(client_id) {
		return this.#in_turn(() => {
			this.items.delete(client_id);
			this.blobs.delete(client_id);
		});
	}

	blob(client_id) {
		return this.#in_turn(() => this.blobs.get(client_id) ?? null);
	}
}

// Like BroadcastChannel: channel() for each tab of one browser.
export class FakeChannels {
	#all = new Set();

	channel() {
		const all = this.#all;
		const mine = {
			onmessage: null,
			postMessage(data) {
				for (const other of all)
					if (other !== mine)
						queueMicrotask(() => other.onmessage?.({ data }));
			},
			close: () => all.delete(mine),
		};
		all.add(mine);
		return mine;
	}
}

// Repeatable random numbers.
export function chance_of(seed) {
	let a = seed >>> 0;

	return () => {
		a = (a + 0x6d2b79f5) >>> 0;
		let t = Math.imul(a ^ (a >>> 15), a | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

const problem = (status, code, more = {}) => Object.assign(new Error(code), {
	status, body: { title: code, status, code, detail: code, ...more },
});

export class FakeServer {
	rooms = new Map();
	invites = new Map();		// code -> room
	users = new Map();		// id -> user
	contacts = new Map();		// user id -> Map of user id -> {nickname, blocked}
	tokens = new Map();		// access token -> {user_id, session, expires_at, ended}
	refreshes = new Map();		// refresh token -> {user_id, session, ended}
	sockets = new Set();
	files = new Map();		// id -> {id, name, size, mime, key, user_id}
	uploads = 0;			// in all, repeated ones too
	marks = [];			// {room_id, seq}, as received
	unread = new Map();		// user id -> what `ready` says of each room
	arrivals = [];			// the same, of what was delivered
	typed = [];			// true and false, as received
	requests = [];			// {method, path, status}, as answered
	epoch = 'e000000000000001';
	ttl_s = 900;
	ids = 0;
	features = ['activity', 'read'];
	calls = null;			// fake_calls.js, if the test has calls
	// accidents: probabilities, or switches
	trouble = {
		line_down: false, rest_down: false, lose_frame: 0, swap_frames: 0, cut_before_ack: 0,
		cut_after_post: 0, delay_ms: 5,
	};

	constructor({ clock, random = Math.random }) {
		this.clock = clock;
		this.random = random;
		const server = this;
		this.WebSocket = class extends FakeSocket {
			constructor(url, protocols) {
				super(server, url, protocols);
			}
		};
		this.fetch = (url, init) => this.#answer(new URL(url), init);
	}

	id(kind) {
		return `${kind}-${String(++this.ids).padStart(6, '0')}`;
	}

	happens(name) {
		return this.random() < this.trouble[name];
	}

	user(login) {
		const user = { id: this.id('user'), login, name: login };
		this.users.set(user.id, user);
		return user;
	}

	room(name, members) {
		const room = {
			id: this.id('room'), name, kind: 'group', members: new Set(), banned: new Set(), log: [],
			created_at: new Date(this.clock.now()).toISOString(),
		};
		this.rooms.set(room.id, room);
		for (const user of members) {
			room.members.add(user.id);
			this.append(room, { type: 'member', user, action: 'joined', role: 'member' });
		}
		return room;
	}

	pair(user, session = this.id('session')) {
		const access_token = this.id('access');
		const refresh_token = this.id('refresh');
		const expires_at = this.clock.now() + this.ttl_s * 1000;

		this.tokens.set(access_token, { user_id: user.id, session, expires_at });
		this.refreshes.set(refresh_token, { user_id: user.id, session });
		return { user, access_token, token_type: 'Bearer', expires_in: this.ttl_s,
			refresh_token, refresh_expires_in: 604800 };
	}

	end_sessions(user) {
		for (const token of [...this.tokens.values(), ...this.refreshes.values()])
			if (token.user_id === user.id)
				token.ended = true;
		for (const socket of this.sockets)
			if (socket.user_id === user.id)
				socket.cut(4401, 'session_ended');
	}

	append(room, event) {
		const whole = {
			room_id: room.id, seq: room.log.length + 1,
			created_at: new Date(this.clock.now()).toISOString(), ...event,
		};
		room.log.push(whole);
		for (const socket of this.sockets)
			if (socket.joined.has(room.id))
				socket.tell(whole);
		return whole;
	}

	post(room, user_id, { client_id, text = null, kind = 'text', data = null,
		reply_to = null }) {
		if (!room?.members.has(user_id))
			throw problem(404, 'not_found');
		if (text === 'refuse me')
			throw problem(422, 'invalid', { errors: [{ field: 'text', code: 'invalid' }] });
		const known = room.log.find((event) => event.type === 'message'
			&& event.client_id === client_id && event.sender.id === user_id);
		const file = data?.file_id ? this.files.get(data.file_id) : null;
		if (data?.file_id && file?.user_id !== user_id)
			throw problem(422, 'invalid', { errors: [{ field: 'data.file_id' }] });
		if (file)
			data = { ...data, name: file.name, url: `/api/v1/files/${file.id}` };
		return known ?? this.append(room, {
			type: 'message', id: this.id('message'), sender: this.users.get(user_id),
			kind, text, data, reply_to, client_id, edited_at: null, deleted_at: null,
		});
	}

	messages(room) {
		return room.log.filter((event) => event.type === 'message');
	}

	check(token) {
		const known = this.tokens.get(token);
		if (!known)
			throw problem(401, 'token_invalid');
		if (known.ended)
			throw problem(401, 'session_ended');
		if (known.expires_at <= this.clock.now())
			throw problem(401, 'token_expired');
		return known;
	}

	view(room, user_id) {
		return {
			id: room.id, kind: room.kind, name: room.name, seq: room.log.length,
			epoch: this.epoch, created_at: room.created_at, member_count: room.members.size,
			last_message: this.messages(room).at(-1) ?? null,
			me: room.members.has(user_id)
				? { role: 'member', read_seq: 0, unread: 0, mentions: 0 } : null,
		};
	}

	async #answer(url, { method, headers, body }) {
		await new Promise((resolve) => this.clock.after(this.trouble.delay_ms, resolve));
		const path = url.pathname.replace(/^.*\/api\/v1/, '');
		const note = (status) => this.requests.push({ method, path, status });
		if (this.trouble.rest_down) {
			note(0);
			throw new TypeError('fetch failed');
		}
		let status = 200;
		let reply;
		try {
			[status, reply] = this.#route(method, path, url.searchParams, {
				body: typeof body === 'string' ? JSON.parse(body) : body ?? {},
				token: (headers.Authorization ?? '').slice('Bearer '.length),
				key: headers['Idempotency-Key'],
			});
		} catch (error) {
			if (!error.body)
				throw error;
			({ status, body: reply } = error);
		}
		note(status);
		if (status === 201 && this.happens('cut_after_post'))
			throw new TypeError('fetch failed');
		return new Response(status === 204 ? null : JSON.stringify(reply), {
			status,
			headers: { 'Content-Type': status < 400
				? 'application/json' : 'application/problem+json' },
		});
	}

	#route(method, path, query, { body, token, key }) {
		if (path === '/status')
			return [200, { live: { url: '/api/v1/ws', up: true }, poll_interval_s: 2,
				features: this.features }];
		if (path === '/auth/refresh')
			return [200, this.#refresh(body.refresh_token)];
		if (path === '/auth/logout')
			return [204];
		const { user_id } = this.check(token);
		if (path === '/rooms')
			return [200, { next: null, items: [...this.rooms.values()]
				.filter((room) => room.members.has(user_id))
				.map((room) => this.view(room, user_id)) }];
		if (path === '/files')
			return [201, this.#upload(body.get('file'), key, user_id)];
		if (path.startsWith('/messages/') && method === 'GET')
			return [200, this.#message(path.slice('/messages/'.length), user_id)];
		if (path === '/users' || path.startsWith('/users/'))
			return [200, this.#people(path.slice('/users/'.length), query.get('q') ?? '')];
		if (path === '/contacts' || path.startsWith('/contacts/'))
			return this.#contact(method, path.slice('/contacts/'.length), user_id, body);
		if (this.calls && path.startsWith('/calls'))
			return [200, this.calls.answer(path, query, user_id)];
		if (path.startsWith('/invites/'))
			return [200, this.#come_by(path.slice('/invites/'.length), user_id)];
		if (path.startsWith('/messages/'))
			return this.#act(method, path.slice('/messages/'.length), user_id, body);
		const [, , id, what, who] = path.split('/');
		const room = this.rooms.get(decodeURIComponent(id));
		if (!room?.members.has(user_id))
			throw problem(404, 'not_found', room?.banned.has(user_id) && who === 'me'
				? { banned: true } : {});
		if (who === 'me')
			return [200, { user: this.users.get(user_id), role: 'member' }];
		if (what === undefined)
			return [200, this.view(room, user_id)];
		if (what === 'messages')
			return method === 'POST'
				? [201, this.post(room, user_id, body)] : [200, this.#page(room, query)];
		if (what === 'log')
			return [200, this.#log(room, query)];
		if (what === 'members')
			return [200, { next: null, items: [...room.members].map((id) => ({
				user: this.users.get(id), role: 'member', read_seq: 0, delivered_seq: 0,
				muted_until: null, banned: false })) }];
		if (what === 'read') {
			this.marks.push({ room_id: room.id, seq: body.seq });
			return [204];
		}
		throw problem(404, 'not_found');
	}

	#upload({ name, size }, key, user_id) {
		const known = [...this.files.values()]
			.find((file) => file.user_id === user_id && file.key === key);
		if (size > 1000)
			throw problem(413, 'too_large');
		this.uploads++;
		if (known)
			return known;
		const file = { id: this.id('file'), name, size, mime: 'text/plain', key, user_id,
			url: '', thumb_url: null, width: null, height: null, duration: null };
		this.files.set(file.id, file);
		return file;
	}

	// As a reader gets it: with signed addresses, valid for an hour.
	#message(id, user_id) {
		const found = [...this.rooms.values()]
			.filter((room) => room.members.has(user_id))
			.flatMap((room) => room.log).find((event) => event.id === id);
		if (!found)
			throw problem(404, 'not_found');
		const until = Math.ceil(this.clock.now() / 1000) + 3600;
		const url = `${found.data?.url}?user=${user_id}&until=${until}`;
		return found.data ? { ...found, data: { ...found.data, url } } : found;
	}

	#people(id, q) {
		if (!id)
			return { next: null, items: [...this.users.values()]
				.filter((user) => user.login.includes(q)) };
		if (!this.users.has(id))
			throw problem(404, 'not_found');
		return this.users.get(id);
	}

	#contact(method, id, owner_id, { user_id, login, ...fields }) {
		const mine = this.contacts.get(owner_id) ?? new Map();
		const view = (of) => ({ user: this.users.get(of), nickname: null, blocked: false,
			...mine.get(of) });

		this.contacts.set(owner_id, mine);
		if (method === 'GET')
			return [200, { next: null, items: [...mine.keys()].map(view) }];
		if (method === 'DELETE') {
			mine.delete(id);
			return [204];
		}
		const whom = id || user_id
			|| [...this.users.values()].find((user) => user.login === login)?.id;
		if (!this.users.has(whom))
			throw problem(422, 'invalid', { errors: [{ field: 'login', code: 'not_found' }] });
		mine.set(whom, { ...mine.get(whom), ...fields });
		return [method === 'POST' ? 201 : 200, view(whom)];
	}

	// Changes somebody's presence; everybody connected is told.
	is_now(user, status, text = null) {
		Object.assign(user, { status, status_text: text, last_seen_at: null });
		for (const socket of this.sockets)
			socket.tell({ type: 'presence', user_id: user.id, status, text, last_seen_at: null });
	}

	#come_by(code, user_id) {
		const room = this.invites.get(code);
		if (!room)
			throw problem(404, 'not_found');
		room.members.add(user_id);
		return this.view(room, user_id);
	}

	#refresh(refresh_token) {
		const known = this.refreshes.get(refresh_token);
		if (!known || known.ended)
			throw problem(401, 'session_ended');
		return this.pair(this.users.get(known.user_id), known.session);
	}

	#page(room, query) {
		const limit = Number(query.get('limit') ?? 50);
		const at = (name) => Number(query.get(name));
		const all = this.messages(room).map((message) => this.now(room, message));
		const before = (seq) => all.filter((message) => message.seq < seq);
		const from = (seq) => all.filter((message) => message.seq >= seq);
		let items = all.slice(-limit);

		if (query.has('before'))
			items = before(at('before')).slice(-limit);
		else if (query.has('after'))
			items = from(at('after') + 1).slice(0, limit);
		else if (query.has('around'))
			items = [...before(at('around')).slice(-limit / 2),
				...from(at('around')).slice(0, limit / 2)];
		return {
			items, epoch: this.epoch, seq: room.log.length,
			has_before: items.length > 0 && all[0] !== items[0],
			has_after: items.length > 0 && all.at(-1) !== items.at(-1),
		};
	}

	// Changes a message: edit, delete, react.
	#act(method, path, user_id, { text }) {
		const [id, what, emoji] = path.split('/').map(decodeURIComponent);
		const room = [...this.rooms.values()].find((one) =>
			one.members.has(user_id) && one.log.some((event) => event.id === id));
		if (!room)
			throw problem(404, 'not_found');
		const message = this.messages(room).find((event) => event.id === id);
		if (what === 'reactions') {
			if (emoji === 'x')
				throw problem(422, 'invalid');
			const on = method === 'PUT';
			const of = message.reacted ??= new Map();
			const who = of.get(emoji) ?? new Set();
			if (who.has(user_id) !== on) {
				who[on ? 'add' : 'delete'](user_id);
				of.set(emoji, who);
				this.append(room, { type: 'reaction', id, user_id, emoji, on, count: who.size });
			}
			return [on ? 200 : 204, { emoji, count: who.size, mine: on }];
		}
		if (message.sender.id !== user_id)
			throw problem(403, 'forbidden');
		if (method === 'DELETE') {
			this.append(room, { type: 'deleted', id });
			return [204];
		}
		this.append(room, { type: 'edited', id, text, mentions: [],
			edited_at: new Date(this.clock.now()).toISOString() });
		return [200, this.now(room, message)];
	}

	// A message as it reads after all its events in the log.
	now(room, message) {
		const now = { reactions: [], mentions: [], ...message };

		for (const event of room.log.slice(message.seq).filter(({ id }) => id === message.id)) {
			if (event.type === 'edited')
				Object.assign(now, { text: event.text, edited_at: event.edited_at });
			else if (event.type === 'deleted')
				Object.assign(now, { text: null, deleted_at: event.created_at });
		}
		return now;
	}

	#log(room, query) {
		const after = Number(query.get('after'));
		if (query.get('epoch') !== this.epoch || after > room.log.length)
			return { items: [], epoch: this.epoch, seq: room.log.length, more: false,
				recovered: false };
		const items = room.log.slice(after, after + 10);
		return { items, epoch: this.epoch, seq: room.log.length,
			more: after + items.length < room.log.length };
	}
}

const LOG = new Set(['message', 'edited', 'deleted', 'reaction', 'member', 'room']);

// One end of a line, in place of the browser's WebSocket.
export class FakeSocket {
	readyState = 0;
	onmessage = null;
	onclose = null;
	joined = new Set();
	user_id = null;
	held = null;		// a frame that the next one overtakes

	constructor(server, url, protocols) {
		this.server = server;
		this.url = url;
		this.protocols = protocols;
		server.clock.after(server.trouble.delay_ms, () => this.#open());
	}

	#open() {
		if (this.readyState !== 0)
			return;
		if (this.server.trouble.line_down) {
			this.cut(1006, '');
			return;
		}
		this.readyState = 1;
		this.server.sockets.add(this);
		try {
			this.#sign_in(this.protocols[1].slice('bearer.'.length));
		} catch (error) {
			this.tell({ type: 'error', code: error.message });
			this.cut(4401, error.message);
		}
	}

	#sign_in(token) {
		const { server } = this;
		const { user_id, session } = server.check(token);
		this.user_id = user_id;
		this.session = session;
		const rooms = [...server.rooms.values()].filter((r) => r.members.has(user_id));
		this.tell({
			type: 'ready', user: server.users.get(user_id), epoch: server.epoch,
			heartbeat_s: 25, more_rooms: false,
			rooms: rooms.map((r) => ({ id: r.id, seq: r.log.length, read_seq: 0,
				unread: server.unread.get(user_id) ?? 0, mentions: 0 })),
		});
		server.calls?.greet(this);
	}

	send(text) {
		const { server } = this;
		server.clock.after(server.trouble.delay_ms, () => {
			if (this.readyState === 1)
				this.#on_frame(JSON.parse(text));
		});
	}

	close(code = 1000) {
		this.readyState = 3;
		this.server.sockets.delete(this);
		this.closed_with = code;
	}

	// The server or the line closes it.
	cut(code, reason) {
		if (this.readyState === 3)
			return;
		this.readyState = 2;
		this.server.sockets.delete(this);
		this.server.clock.after(this.server.trouble.delay_ms, () => {
			if (this.readyState === 3)
				return;
			this.readyState = 3;
			this.onclose?.({ code, reason });
		});
	}

	tell(frame) {
		const { server } = this;
		const is_log = LOG.has(frame.type);

		if (is_log && server.happens('lose_frame'))
			return;
		if (is_log && !this.held && server.happens('swap_frames')) {
			this.held = frame;
			return;
		}
		this.#deliver(frame);
		if (this.held) {
			const { held } = this;
			this.held = null;
			this.#deliver(held);
		}
	}

	#deliver(frame) {
		const data = JSON.stringify(frame);
		this.server.clock.after(this.server.trouble.delay_ms, () => {
			if (this.readyState === 1 || this.readyState === 2)
				this.onmessage?.({ data });
		});
	}

	#on_frame(frame) {
		const { server } = this;
		const room = server.rooms.get(frame.room_id);
		const { ref } = frame;

		switch (frame.type) {
		case 'join':
			this.#join(frame, room);
			break;
		case 'leave':
			this.joined.delete(frame.room_id);
			break;
		case 'message':
			this.#post(frame, room);
			break;
		case 'call':
		case 'signal':
			server.calls?.hear(this, frame);
			break;
		case 'auth':
			this.#sign_in(frame.token);
			break;
		case 'ping':
			this.tell({ type: 'pong', ref });
			break;
		case 'read':
			server.marks.push({ room_id: frame.room_id, seq: frame.seq });
			this.#tell_others(room, { type: 'receipt', room_id: room.id,
				user_id: this.user_id, delivered_seq: frame.seq, read_seq: frame.seq });
			break;
		case 'delivered':
			server.arrivals.push({ room_id: frame.room_id, seq: frame.seq });
			this.#tell_others(room, { type: 'receipt', room_id: room.id,
				user_id: this.user_id, delivered_seq: frame.seq, read_seq: 0 });
			break;
		case 'typing':
			server.typed.push(frame.on);
			this.#tell_others(room, { type: 'typing', room_id: room.id,
				user_id: this.user_id, on: frame.on });
			break;
		}
	}

	#tell_others(room, frame) {
		for (const socket of this.server.sockets)
			if (socket !== this && socket.joined.has(room?.id))
				socket.tell(frame);
	}

	#join({ ref, room_id, after, epoch }, room) {
		const { server } = this;
		if (!room?.members.has(this.user_id)) {
			this.tell({ type: 'error', ref, room_id, code: 'not_found' });
			return;
		}
		const recovered = epoch === server.epoch && after <= room.log.length;
		this.tell({ type: 'joined', ref, room_id, seq: room.log.length, epoch: server.epoch,
			recovered, member_count: room.members.size, online: [] });
		if (recovered)
			for (const event of room.log.slice(after))
				this.tell(event);
		this.joined.add(room_id);
	}

	#post({ type: _, ref, room_id, ...fields }, room) {
		const { server } = this;
		const { client_id } = fields;
		try {
			const { id, seq, created_at } = server.post(room, this.user_id, fields);
			if (server.happens('cut_before_ack'))
				this.cut(1006, '');
			else
				this.tell({ type: 'ack', ref, client_id, id, room_id, seq, created_at });
		} catch (error) {
			this.tell({ type: 'error', ref, room_id, code: error.message });
		}
	}
}

// A whole client in this world, signed in as user and started. is_whole false: as a page
// starts, without the parts that act.
export async function make_client(server, user, { storage = new FakeStorage(),
	locks = new FakeLocks(), shelf = new FakeShelf(), channel = null, rtc = null, session,
	random = server.random, base = 'http://foyer.test/', is_whole = true } = {}) {
	const client = new Client({
		base, fetch: server.fetch, WebSocket: server.WebSocket, storage, locks, shelf, channel,
		clock: server.clock, random, rtc,
	});
	client.storage = storage;
	client.shelf = shelf;
	if (user && !client.session.signed_in)
		client.session.adopt(server.pair(user, session));
	if (is_whole)
		client.complete(acting);
	client.start();
	await settle();
	return client;
}

// What a person sees of a room: its messages, and those still unsent.
export const texts = (client, room) =>
	(client.store.timelines.get(room.id)?.messages ?? []).map((message) => message.text);

export const pending = (client, room) =>
	client.store.pending_of(room.id).map(({ text, state }) => `${state}: ${text}`);
