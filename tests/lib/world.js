// world.js -- a small world for requests: people, rooms of each kind, messages, tokens and
// codes. A property names things in it ("the third message"), so that a failure found in one
// world can be repeated in the next.
//
// Either half is made anew after a request has spoilt it: rooms are left and removed, people
// signed out and erased, as in reality.

import { upload } from './files.js';
import { png } from './pictures.js';
import { PASSWORD, Client, actor, sign_in } from './rest.js';

// A thing of the world by kind and number; it has a value once there is a world.
export class Ref {
	constructor(kind, n) {
		this.kind = kind;
		this.n = n;
	}

	toString() {
		return `<${this.kind} ${this.n}>`;
	}
}

export const NO_ID = '5ca1ab1e-0000-4000-8000-00000000dead';

export class World {
	constructor(server) {
		this.server = server;
		this.stale = { people: true, rooms: true };
		this.cursors = [];
		this.made = 0;
	}

	spoil(half) {
		this.stale[half] = true;
	}

	async refresh() {
		if (!this.stale.people && !this.stale.rooms)
			return;
		if (this.stale.people)
			await this.#people();
		await this.#rooms();
		this.stale = { people: false, rooms: false };
		this.made++;
		// a person's things are limited in number, and cleaning up is not what these
		// tests are about
		if (this.made % 60 === 0)
			this.spoil('people');
	}

	// Returns the same operator as long as nothing has happened to them.
	async #operator() {
		const before = this.who?.operator;

		if (before && (await before.call('GET', '/admin/stats')).status === 200)
			return before;
		const operator = await actor(this.server, 'operator');
		await this.server.foyer('admin', operator.login);
		return operator;
	}

	async #people() {
		const names = ['owner', 'member', 'stranger', 'victim'];
		const people = await Promise.all(names.map((name) => actor(this.server, name)));

		this.who = {
			...Object.fromEntries(names.map((name, i) => [name, people[i]])),
			operator: await this.#operator(),
		};
		const { owner, member, operator, victim } = this.who;
		const again = await Promise.all([owner, member].map((p) => sign_in(this.server, p)));
		const [reset, invite] = await Promise.all([
			operator.want(201, 'POST', `/admin/users/${victim.id}/reset`, { body: {} }),
			operator.want(201, 'POST', '/admin/invites', { body: { max_uses: 9 } }),
			owner.want(201, 'POST', '/contacts', { body: { user_id: member.id } }),
			member.want(201, 'POST', '/contacts', { body: { user_id: victim.id, blocked: true } }),
		]);
		const sessions = await Promise.all(
			[owner, member].map((p) => p.get('/auth/sessions').then((page) => page.items)));
		const tokens = await Promise.all([
			this.#token('reader', ['read']),
			this.#token('poster', ['post']),
			this.#token('manager', ['read', 'post', 'admin']),
		]);
		const pictures = await Promise.all([owner, member, people[2]].map((p) =>
			upload(p, 'a.png', png(2, 2))));
		const { avatar_url } = await owner.want(200, 'PUT', '/users/me', {
			body: { avatar: pictures[0].id },
		});
		const signed = new URL(pictures[0].url, 'http://x').searchParams;
		this.of_people = {
			file: pictures.map((f) => f.id),
			avatar: [avatar_url.split('/').pop()],
			...Object.fromEntries([...signed].map(([name, value]) => [`signed_${name}`, [value]])),
			user: people.map((p) => p.id),
			login: people.map((p) => p.login),
			email: people.map((p) => p.email),
			session: sessions.flat().map((s) => s.id),
			refresh: [...again, owner].map((p) => p.pair.refresh_token),
			reset: [reset.token],
			register_invite: [invite.code],
			api_token: tokens,
			password: [PASSWORD],
			mention: people.map((p) => `see @${p.login}, @${p.login.toUpperCase()}.`),
			said: ['hello', 'a word', '"hello again"', 'word -hello', 'ello', 'an', ...people.map((p) => p.login)],
		};
	}

	// Creates an API token of the owner's, and a client that uses it.
	async #token(name, scopes, room_id) {
		const made = await this.who.owner.want(201, 'POST', '/auth/tokens', {
			body: { name, scopes, ...(room_id ? { room_id } : {}) },
		});
		this.who[name] = new Client(this.server, { token: made.secret });
		return made.id;
	}

	async #rooms() {
		const { owner, member, stranger } = this.who;
		const with_member = { member_ids: [member.id] };
		const [open, group, closed, slow, theirs, direct] = await Promise.all([
			owner.room({ name: 'open to all', kind: 'public', ...with_member }),
			owner.room({ name: 'by its id', ...with_member }),
			owner.room({ name: 'closed', join_by_id: false, ...with_member }),
			owner.room({ name: 'slow', ...with_member }),
			stranger.room({ name: "the stranger's" }),
			owner.want(201, 'POST', '/rooms', { body: { kind: 'direct', user_id: member.id } }),
		]);
		const said = await Promise.all([
			...[group, closed].map((room) => this.#talk(room)),
			...[open, slow, direct].map((room) => owner.post(room.id, 'a word').then((m) => [m.id])),
		]);
		const file_id = this.of_people.file[1];
		await member.post(closed.id, 'a picture', { kind: 'image', data: { file_id } });
		const [invites, , call] = await Promise.all([
			Promise.all([closed, open].map((room) => owner.want(201, 'POST',
				`/rooms/${room.id}/invites`, { body: {} }))),
			this.#token('bound', ['read', 'post', 'admin'], closed.id),
			this.#call(closed),
			owner.want(200, 'PUT', `/rooms/${slow.id}`, {
				body: { settings: { slow_mode_s: 60, history: 'since_join' } },
			}),
		]);
		this.of_rooms = {
			room: [open, group, closed, direct, slow, theirs].map((r) => r.id),
			message: said.flat(),
			invite: invites.map((i) => i.code),
			epoch: [open.epoch],
			call: [call],
			place: [1, 3, 999].map((seq) => `${open.epoch}.${seq}`),
		};
		this.hidden = {
			room: [closed.id, direct.id],
			message: [...said[1], ...said[4]],
			session: this.of_people.session,
			file: [file_id],
			call: [call],
			api_token: this.of_people.api_token,
		};
	}

	// A caller who is in a call already cannot start another: then use that one.
	async #call(room) {
		const { status, body } = await this.who.owner.call('POST', '/calls', {
			body: { room_id: room.id, kind: 'audio' },
		});
		return status === 201 ? body.id : body.call_id;
	}

	// Messages of each kind: plain, edited, with a reaction, a reply, deleted.
	async #talk(room) {
		const { owner, member } = this.who;
		const first = await owner.post(room.id, `hello @${member.login}, a word`);
		const second = await member.post(room.id, 'an answer', { reply_to: first.id });
		const place = await owner.post(room.id, 'here', {
			kind: 'location', data: { lat: 1.5, lon: -2, label: 'a place' },
		});
		const gone = await owner.post(room.id, 'soon gone');
		await Promise.all([
			owner.want(200, 'PUT', `/messages/${first.id}`, { body: { text: 'hello again' } }),
			owner.want(204, 'DELETE', `/messages/${gone.id}`),
			member.want(200, 'PUT', `/messages/${first.id}/reactions/${encodeURIComponent('👍')}`),
		]);
		return [first, second, place, gone].map((m) => m.id);
	}

	// Keeps the `next` of a page as a cursor for later requests.
	saw(body) {
		if (typeof body?.next === 'string' && this.cursors.length < 50)
			this.cursors.push(body.next);
	}

	client(name) {
		return this.who[name];
	}

	// hidden: something the stranger must not know of; ghost: an id that does not exist.
	value(ref, { hidden = false, ghost = false } = {}) {
		if (ghost && this.hidden[ref.kind])
			return NO_ID;
		const list = (hidden && this.hidden[ref.kind]) || this.of_rooms[ref.kind]
			|| this.of_people[ref.kind] || { cursor: this.cursors }[ref.kind] || [];
		return list.length > 0 ? list[ref.n % list.length] : NO_ID;
	}
}
