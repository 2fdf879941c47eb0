// account.js -- what users do with their own account.
//
// Every change ends with client.me_is(), which takes over the account as the server has it.
//
// Never: the page. Passwords are passed on and stored nowhere.

import { AccountApi } from './api_account.js';
import { all_pages } from './pages.js';

const MOST_PAGES = 10;

const all = async (read) => (await all_pages(read, MOST_PAGES)).items;

export class Account {
	#api;
	#open;			// routes that need no sign-in
	#session;
	#client;

	// client: client.js.
	constructor(client) {
		const { api, session } = client;

		this.#api = new AccountApi(api);
		this.#open = api;
		this.#session = session;
		this.#client = client;
	}

	// Reads my account, perhaps changed on another device.
	async read() {
		this.#client.me_is(await this.#api.me());
	}

	// fields: first_name, last_name, bio, settings; null clears one.
	async change(fields) {
		this.#client.me_is(await this.#api.change(fields));
	}

	// blob: a square picture; null removes the present one.
	async set_avatar(blob) {
		const avatar = blob && (await this.#api.upload(blob, 'avatar.jpg')).id;
		await this.change({ avatar });
	}

	async set_status(status, text) {
		await this.#api.set_status(status, text);
		this.#client.me_is({ ...this.#client.store.user, status, status_text: text });
	}

	// Returns whether the change is in effect; otherwise a confirmation link was mailed.
	async change_email(email, password) {
		await this.change({ email, password });
		return this.#client.store.user.email.toLowerCase() === email.toLowerCase();
	}

	change_password(old_password, new_password) {
		return this.#api.change_password(old_password, new_password);
	}

	// Mails a link for a new password, if the address belongs to an account.
	forgot_password(email) {
		return this.#open.forgot_password(email);
	}

	// The secret comes from a mailed link.
	reset_password(secret, password) {
		return this.#open.reset_password(secret, password);
	}

	async confirm_email(secret) {
		await this.#open.confirm_email(secret);
		// perhaps the address is mine
		if (this.#session.signed_in)
			this.read().catch(() => {});
	}

	async remove(password, erase_messages) {
		await this.#api.remove(password, erase_messages);
		await this.#client.removed();
	}

	// --- where I am signed in ---

	// This one first, then by last use.
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
