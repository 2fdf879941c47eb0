// api_account.js -- the routes for one's own account: profile, password, sessions, API
// tokens.

const one = (path, id) => `${path}/${encodeURIComponent(id)}`;

export class AccountApi {
	#api;

	constructor(api) {
		this.#api = api;
	}

	me() {
		return this.#api.call('GET', '/users/me');
	}

	change(fields) {
		return this.#api.call('PUT', '/users/me', { body: fields });
	}

	// text null: none.
	set_status(status, text) {
		return this.#api.call('PUT', '/users/status', { body: { status, text } });
	}

	// By POST: some hosts refuse DELETE, or its body.
	remove(password, erase_messages) {
		return this.#api.call('POST', '/users/me/delete',
			{ body: { password, erase_messages } });
	}

	upload(blob, name) {
		return this.#api.call('POST', '/files', { blob, query: { name } });
	}

	change_password(old_password, new_password) {
		return this.#api.call('PUT', '/auth/password',
			{ body: { old_password, new_password } });
	}

	sessions(cursor) {
		return this.#api.call('GET', '/auth/sessions', { query: { cursor, limit: 100 } });
	}

	end_session(id) {
		return this.#api.call('DELETE', one('/auth/sessions', id));
	}

	// All but the current one.
	end_other_sessions() {
		return this.#api.call('DELETE', '/auth/sessions');
	}

	tokens(cursor) {
		return this.#api.call('GET', '/auth/tokens', { query: { cursor, limit: 100 } });
	}

	create_token(fields) {
		return this.#api.call('POST', '/auth/tokens', { body: fields });
	}

	revoke_token(id) {
		return this.#api.call('DELETE', one('/auth/tokens', id));
	}
}
