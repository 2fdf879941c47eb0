// manage.js -- changes a room, its members and invites. Answers of the server go into the
// store at once; errors are thrown.

import { RoomsApi } from './api_rooms.js';
import { pages } from './pages.js';

// Reads at most this many pages of members; in a larger room one searches by name.
const MOST_PAGES = 50;

export class Manage {
	#api;
	#rooms;
	#store;
	#on_mine;

	// on_mine(): a room that was read turned out to be one of mine.
	constructor({ api, store, on_mine }) {
		this.#api = api;
		this.#on_mine = on_mine;
		this.#rooms = new RoomsApi(api);
		this.#store = store;
	}

	// Reads a room, whether or not it is one of mine.
	async look(room_id) {
		const room = await this.#api.room(room_id);
		if (room.me) {
			this.#store.room_added(room);
			this.#on_mine();
		}
		return room;
	}

	// Why the room is not one of mine: an error code; null if it is, and is in the store now.
	async trouble_with(room_id) {
		try {
			await this.#rooms.own_membership(room_id);
			await this.look(room_id);
			return null;
		} catch (error) {
			if (error.transient)
				return 'offline';
			return error.is_banned ? 'banned' : 'not_member';
		}
	}

	async change(room_id, fields) {
		this.#store.room_added(await this.#rooms.change(room_id, fields));
	}

	// picture: a Blob; null removes it.
	async set_avatar(room_id, picture) {
		const file = picture && await this.#rooms.upload(picture, picture.name ?? 'avatar');
		await this.change(room_id, { avatar: file?.id ?? null });
	}

	// notify: all, mentions or none.
	async set_notify(room_id, notify) {
		const { id } = this.#store.user;
		const member = await this.#rooms.change_member(room_id, id, { notify });
		this.#store.notify_changed(room_id, member.notify ?? notify);
	}

	// --- members ---

	// Reads all members, page by page, while the list is open.
	open_members(room_id) {
		this.#store.roster.open(room_id);
		return this.#read_members(room_id);
	}

	close_members() {
		this.#store.roster.close();
	}

	async #read_members(room_id) {
		const { roster, people } = this.#store;
		const ask = (cursor) => this.#api.members(room_id, { cursor });

		try {
			for await (const { items, next } of pages(ask, MOST_PAGES)) {
				if (roster.room_id !== room_id)
					return;
				people.learn(...items.map((member) => member.user));
				roster.page_read(items, { is_last: next === null });
			}
		} catch (error) {
			if (roster.room_id === room_id)
				roster.page_failed(error.code ?? 'internal');
		}
	}

	// Adds all of them or nobody: the error names by position (`member_ids[3]`) who cannot be
	// added.
	async add_members(room_id, user_ids) {
		const { items } = await this.#rooms.add_members(room_id, user_ids);
		for (const member of items)
			this.#store.roster.put(room_id, member);
	}

	// fields: role (owner hands the room over), muted_until, banned.
	async change_member(room_id, user_id, fields) {
		this.#store.roster.put(room_id,
			await this.#rooms.change_member(room_id, user_id, fields));
	}

	// Removes a member, who may come back; of a banned person, forgets the ban.
	async remove_member(room_id, user_id) {
		await this.#rooms.remove_member(room_id, user_id);
		this.#store.roster.gone(room_id, user_id);
	}

	// --- invites ---

	invites(room_id, cursor) {
		return this.#rooms.invites(room_id, cursor);
	}

	invite(room_id, fields) {
		return this.#rooms.invite(room_id, fields);
	}

	revoke(room_id, code) {
		return this.#rooms.revoke(room_id, code);
	}
}
