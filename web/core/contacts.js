// contacts.js -- my contacts, and the search for other people.
//
// Read at sign-in and with each new connection; no event reports changes made on another
// device. Everybody found goes into store.people.

import { all_pages, shared } from './pages.js';

const MOST_PAGES = 20;

export class Contacts {
	#api;
	#store;

	// Rejects on failure.
	read = shared(() => this.#read());

	constructor({ api, socket, store }) {
		this.#api = api;
		this.#store = store;
		socket.addEventListener('ready', () => this.refresh());
	}

	// For callers that do not wait.
	refresh() {
		this.read().catch(() => {});
	}

	async #read() {
		const { user } = this.#store;
		const { items } = await all_pages((cursor) => this.#api.contacts({ cursor }), MOST_PAGES);

		if (user === this.#store.user)
			this.#store.people.contacts_read(items);
	}

	// {user_id} or {login}, and an optional nickname.
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

	// Contacts may see one's presence. So an unblocked person does not stay a contact, unless
	// they have a nickname and so were one before.
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

	// A page of people by part of a login or name: {items, next}.
	async find(q, cursor) {
		const page = await this.#api.find_people(q, cursor);
		this.#store.people.learn(...page.items);
		return page;
	}

	// Reads a person.
	async look_up(user_id) {
		const user = await this.#api.person(user_id);
		this.#store.people.learn(user);
		return user;
	}
}
