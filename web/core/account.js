// account.js -- what a person does with their own account.
//
// Every change ends with client.me_is(): who I am as the server has it now.
//
// Never: the page. Passwords are handed on and kept nowhere.

import { AccountApi } from './api_account.js';
import { all_pages } from './pages.js';

const MOST_PAGES = 10;

const all = async (read) => (await all_pages(read, MOST_PAGES)).items;

export class Account {
	#api;
	#open;			// what takes no sign-in
	#session;
	#client;

	// client: client.js, whose parts these are.
	constructor(client) {
		const { api, session } = client;

		this.#api = new AccountApi(api);
		this.#open = api;
		this.#session = session;
		this.#client = client;
	}

	// As the server has me now, be it changed on another device.
	async read() {
		this.#client.me_is(await this.#api.me());
	}

	// fields: first_name, last_name, bio, settings; null clears one.
	async change(fields) {
		this.#client.me_is(await this.#api.change(fields));
	}

	// A square picture; null takes the one there away.
	async set_avatar(blob) {
		const avatar = blob && (await this.#api.upload(blob, 'avatar.jpg')).id;
		await this.change({ avatar });
	}

	async set_status(status, text) {
		await this.#api.set_status(status, text);
		this.#client.me_is({ ...this.#client.store.user, status, status_text: text });
	}

	// Answers whether it counts already; else a link was mailed that makes it count.
	async change_email(email, password) {
		await this.change({ email, password });
		return this.#client.store.user.email.toLowerCase() === email.toLowerCase();
	}

	change_password(old_password, new_password) {
		return this.#api.change_password(old_password, new_password);
	}

	// A link to a new password, by mail, if the address is somebody's.
	forgot_password(email) {
		return this.#open.forgot_password(email);
	}

	// The secrets are those of mailed links.
	reset_password(secret, password) {
		return this.#open.reset_password(secret, password);
	}

	async confirm_email(secret) {
		await this.#open.confirm_email(secret);
		// perhaps it was mine
		if (this.#session.signed_in)
			this.read().catch(() => {});
	}

	async remove(password, erase_messages) {
		await this.#api.remove(password, erase_messages);
		await this.#client.removed();
	}

	// --- where I am signed in ---

	// This one first, then the one that was used last.
	async sessions() {
		const list = await all((cursor) => this.#api.sessions(cursor));
		return list.sort((a, b) => b.current - a.current
			|| (a.last_used_at < b.last_used_at ? 1 : -1));
	}

	end_session(id) {
		return this.#api.end_session(id);
	}

	end_other_sessions() {
		return this.#api.end_other_sessions();
	}

	async sign_out_everywhere() {
		await this.end_other_sessions();
		await this.#client.sign_out();
	}

	// --- API tokens ---

	tokens() {
		return all((cursor) => this.#api.tokens(cursor));
	}

	create_token(fields) {
		return this.#api.create_token(fields);
	}

	revoke_token(id) {
		return this.#api.revoke_token(id);
	}
}
