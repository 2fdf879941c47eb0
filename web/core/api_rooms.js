// api_rooms.js -- the routes for managing a room: its settings, members and invites.

const room_path = (id, rest = '') => `/rooms/${encodeURIComponent(id)}${rest}`;
const member_path = (id, user_id) => room_path(id, `/members/${encodeURIComponent(user_id)}`);

export class RoomsApi {
	#api;

	constructor(api) {
		this.#api = api;
	}

	change(id, fields) {
		return this.#api.call('PUT', room_path(id), { body: fields });
	}

	upload(blob, name) {
		return this.#api.call('POST', '/files', { blob, query: { name } });
	}

	add_members(id, member_ids) {
		return this.#api.call('POST', room_path(id, '/members'), { body: { member_ids } });
	}

	own_membership(id) {
		return this.#api.call('GET', member_path(id, 'me'));
	}

	// fields: role, muted_until, banned; of oneself: notify.
	change_member(id, user_id, fields) {
		return this.#api.call('PUT', member_path(id, user_id), { body: fields });
	}

	remove_member(id, user_id) {
		return this.#api.call('DELETE', member_path(id, user_id));
	}

	invites(id, cursor) {
		return this.#api.call('GET', room_path(id, '/invites'),
			{ query: { cursor, limit: 50 } });
	}

	// max_uses, expires_at: null is no limit.
	invite(id, fields) {
		return this.#api.call('POST', room_path(id, '/invites'), { body: fields });
	}

	revoke(id, code) {
		return this.#api.call('DELETE',
			room_path(id, `/invites/${encodeURIComponent(code)}`));
	}
}
