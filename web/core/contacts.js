// contacts.js -- my list of people, and finding others.
//
// Read when signing in and with each new line; nothing tells of what another device
// changes. What is learned of anybody goes into store.people.

import { all_pages, shared } from './pages.js';

const MOST_PAGES = 20;

export class Contacts {
	#api;
	#store;

	// Rejects when it cannot be had.
	read = shared(() => this.#read());

	constructor({ api, socket, store }) {
		this.#api = api;
		this.#store = store;
		socket.addEventListener('ready', () => this.refresh());
	}

	// When nobody waits for it.
	refresh() {
		this.read().catch(() => {});
	}

	async #read() {
		const { user } = this.#store;
		const { items } = await all_pages((cursor) => this.#api.contacts({ cursor }), MOST_PAGES);

		if (user === this.#store.user)
			this.#store.people.contacts_read(items);
	}

	// {user_id} or {login}, and a nickname, if any.
	async add(fields) {
		const contact = await this.#api.put_contact(fields);
		this.#store.people.contact_put(contact);
		return contact;
	}

	async rename(user_id, nickname) {
		this.#store.people.contact_put(
			await this.#api.change_contact(user_id, { nickname: nickname || null }));
	}

	async block(user_id) {
		this.#store.people.contact_put(
			await this.#api.put_contact({ user_id, blocked: true }));
	}

	// Whoever is in the list sees how one is. So who was blocked does not stay there,
	// unless they have a name of mine and so were somebody to me.
	async unblock(user_id) {
		if (this.#store.people.nickname(user_id))
			this.#store.people.contact_put(
				await this.#api.change_contact(user_id, { blocked: false }));
		else
			await this.remove(user_id);
	}

	async remove(user_id) {
		await this.#api.remove_contact(user_id);
		this.#store.people.contact_gone(user_id);
	}

	// A page of people by a part of their login or name: {items, next}.
	async find(q, cursor) {
		const page = await this.#api.find_people(q, cursor);
		this.#store.people.learn(...page.items);
		return page;
	}

	// Somebody as they are now.
	async look_up(user_id) {
		const user = await this.#api.person(user_id);
		this.#store.people.learn(user);
		return user;
	}
}
