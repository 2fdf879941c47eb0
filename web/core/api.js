// api.js -- the REST API: one method per route, plain values in and out.
//
// Takes fetch as an argument. Every failure is an ApiError with the server's error code in
// `code`; an unreachable server has the code `offline`. If the token has expired, it is
// renewed once and the request repeated.
//
// A web host may let only GET and POST through; then other methods are sent as a POST.
//
// Never: state, storage, retries other than these two.

const TIMEOUT_MS = 20000;

// Codes for statuses without a JSON body (from a proxy, for example).
const WORDS = {
	400: 'malformed', 401: 'token_invalid', 403: 'forbidden', 404: 'not_found',
	405: 'method_not_allowed', 409: 'conflict', 413: 'too_large', 422: 'invalid',
	429: 'rate_limited', 502: 'unavailable', 503: 'unavailable', 504: 'unavailable',
};

// How web hosts refuse a method.
const REFUSALS = [403, 405, 406, 501];

// The HTTP status of a live error code; 422 if not listed. A refused token is not the
// message's fault: the connection is about to close and will come back.
const STATUS = {
	rate_limited: 429, unavailable: 503, internal: 500,
	token_expired: 0, token_invalid: 0, session_ended: 0,
};

export class ApiError extends Error {
	constructor({ status = 0, code, detail = '', errors = [], retry_after = null,
		banned = false }) {
		super(detail || code);
		this.name = 'ApiError';
		this.status = status;
		this.code = code;
		this.errors = errors;
		this.retry_after = retry_after;
		this.is_banned = banned;
	}

	// Whether the same request may succeed later.
	get transient() {
		return this.status === 0 || this.status === 429 || this.status >= 500;
	}

	// The error of one field, if any.
	at(field) {
		return this.errors.find((e) => e.field === field);
	}
}

function query_of(values = {}) {
	const query = new URLSearchParams();

	for (const [name, value] of Object.entries(values))
		if (value !== undefined && value !== null && value !== '')
			query.set(name, value);
	const text = query.toString();
	return text ? `?${text}` : '';
}

const is_json = (reply) => /json/.test(reply.headers.get('content-type') ?? '');

// The API explains each refusal in JSON; a web host does not.
const is_refused_by_host = (reply) => REFUSALS.includes(reply.status) && !is_json(reply);

async function json_of(reply) {
	const text = await reply.text();

	try {
		return text && is_json(reply) ? JSON.parse(text) : null;
	} catch {
		return null;
	}
}

function seconds_of(header) {
	const seconds = Number.parseFloat(header ?? '');
	return Number.isFinite(seconds) ? seconds : null;
}

// Converts an error frame to the ApiError that REST would throw.
export function error_of_frame(frame) {
	return new ApiError({ ...frame, status: STATUS[frame.code] ?? 422 });
}

// The error in an unsuccessful answer.
export async function error_of(reply) {
	const body = (await json_of(reply)) ?? {};

	return new ApiError({
		status: reply.status,
		code: body.code ?? WORDS[reply.status] ?? 'internal',
		detail: body.detail ?? body.title,
		errors: Array.isArray(body.errors) ? body.errors : [],
		retry_after: seconds_of(reply.headers.get('retry-after')),
		banned: body.banned === true,
	});
}

export function without_nulls(fields) {
	return Object.fromEntries(Object.entries(fields)
		.filter(([, value]) => value !== null && value !== undefined && value !== ''));
}

const message_path = (id) => `/messages/${encodeURIComponent(id)}`;
const room_path = (id, rest = '') => `/rooms/${encodeURIComponent(id)}${rest}`;

export class Api {
	#fetch;
	#only_post = false; // the web host has refused another method

	// base: the URL of the API, without a trailing slash. The session (session.js) is set
	// once both exist: it refreshes through this object.
	constructor({ base, fetch, timeout_ms = TIMEOUT_MS }) {
		this.base = base;
		this.timeout_ms = timeout_ms;
		this.session = null;
		this.#fetch = fetch;
	}

	// blob: sent as it is, instead of JSON.
	async #once(method, path, { body, blob, query, token }) {
		const headers = { Accept: 'application/json' };

		if (token)
			headers.Authorization = `Bearer ${token}`;
		if (body !== undefined)
			headers['Content-Type'] = 'application/json';
		else if (blob)
			headers['Content-Type'] = blob.type;
		let reply;
		try {
			reply = await this.#request(this.base + path + query_of(query), {
				method,
				headers,
				body: body === undefined ? blob : JSON.stringify(body),
				credentials: 'omit',
				signal: AbortSignal.timeout(this.timeout_ms),
			});
			if (reply.ok)
				return reply.status === 204 ? null : await json_of(reply);
		} catch (error) {
			throw new ApiError({ code: 'offline', detail: error.message });
		}
		throw await error_of(reply);
	}

	async #request(url, { method, headers, ...rest }) {
		const as_is = () => this.#fetch(url, { method, headers, ...rest });
		const as_post = () => this.#fetch(url, { method: 'POST', ...rest,
			headers: { ...headers, 'X-HTTP-Method-Override': method } });

		if (method === 'GET' || method === 'POST')
			return as_is();
		if (!this.#only_post) {
			const reply = await as_is();
			if (!is_refused_by_host(reply))
				return reply;
		}
		const reply = await as_post();
		this.#only_post = !is_refused_by_host(reply);
		return reply;
	}

	async #call(method, path, options = {}) {
		const token = await this.session.token();

		try {
			return await this.#once(method, path, { ...options, token });
		} catch (error) {
			if (error.status !== 401)
				throw error;
			// returns a new token, or throws if the session has ended
			const renewed = await this.session.refused(token, error);
			return this.#once(method, path, { ...options, token: renewed });
		}
	}

	#open(method, path, body) {
		return this.#once(method, path, { body });
	}

	// For routes in files of their own (api_account.js).
	call(method, path, options) {
		return this.#call(method, path, options);
	}

	status() {
		return this.#open('GET', '/status');
	}

	register(fields) {
		return this.#open('POST', '/auth/register', fields);
	}

	login(fields) {
		return this.#open('POST', '/auth/login', fields);
	}

	forgot_password(email) {
		return this.#open('POST', '/auth/password/forgot', { email });
	}

	reset_password(token, new_password) {
		return this.#open('POST', '/auth/password/reset', { token, new_password });
	}

	confirm_email(token) {
		return this.#open('POST', '/auth/email/confirm', { token });
	}

	refresh(refresh_token) {
		return this.#open('POST', '/auth/refresh', { refresh_token });
	}

	logout(refresh_token) {
		return this.#open('POST', '/auth/logout', { refresh_token });
	}

	rooms({ cursor, limit = 100 } = {}) {
		return this.#call('GET', '/rooms', { query: { cursor, limit } });
	}

	public_rooms(q, cursor) {
		const query = { scope: 'public', q, cursor, limit: 30 };
		return this.#call('GET', '/rooms', { query });
	}

	room(id) {
		return this.#call('GET', room_path(id));
	}

	create_room(fields) {
		return this.#call('POST', '/rooms', { body: fields });
	}

	join_room(id) {
		return this.#call('POST', room_path(id, '/join'));
	}

	join_by_invite(code) {
		return this.#call('POST', `/invites/${encodeURIComponent(code)}`);
	}

	leave_room(id) {
		return this.#call('POST', room_path(id, '/leave'));
	}

	remove_room(id) {
		return this.#call('DELETE', room_path(id));
	}

	// A room's newest page, or the page before, after or around a seq.
	messages(id, { before, after, around, limit = 50 } = {}) {
		const query = { before, after, around, limit };
		return this.#call('GET', room_path(id, '/messages'), { query });
	}

	log(id, { after, epoch }) {
		return this.#call('GET', room_path(id, '/log'), { query: { after, epoch } });
	}

	// fields: those of a message; null and undefined are left out.
	post_message(id, fields) {
		const body = without_nulls(fields);
		return this.#call('POST', room_path(id, '/messages'), { body });
	}

	// One message, with signed URLs of its file.
	message(id) {
		return this.#call('GET', `/messages/${encodeURIComponent(id)}`);
	}

	edit_message(id, text) {
		return this.#call('PUT', message_path(id), { body: { text } });
	}

	remove_message(id) {
		return this.#call('DELETE', message_path(id));
	}

	react(id, emoji, on) {
		return this.#call(on ? 'PUT' : 'DELETE',
			`${message_path(id)}/reactions/${encodeURIComponent(emoji)}`);
	}

	// Messages that contain these words: q, room_id, author, cursor, limit.
	search(query) {
		return this.#call('GET', '/search', { query });
	}

	members(id, { cursor, limit = 100 } = {}) {
		return this.#call('GET', room_path(id, '/members'), { query: { cursor, limit } });
	}

	mark_read(id, seq) {
		return this.#call('PUT', room_path(id, '/read'), { body: { seq } });
	}

	// --- calls ---

	// My calls, or all calls of a room, latest first.
	calls({ room_id, cursor, limit = 30 } = {}) {
		return this.#call('GET', '/calls', { query: { room_id, cursor, limit } });
	}

	read_call(id) {
		return this.#call('GET', `/calls/${encodeURIComponent(id)}`);
	}

	// The STUN and TURN servers of a call.
	ice(call_id) {
		return this.#call('GET', '/calls/ice', { query: { call_id } });
	}

	// --- people ---

	person(id) {
		return this.#call('GET', `/users/${encodeURIComponent(id)}`);
	}

	find_people(q, cursor) {
		return this.#call('GET', '/users', { query: { q, cursor, limit: 30 } });
	}

	contacts({ cursor } = {}) {
		return this.#call('GET', '/contacts', { query: { cursor, limit: 100 } });
	}

	put_contact(fields) {
		return this.#call('POST', '/contacts', { body: fields });
	}

	change_contact(id, fields) {
		return this.#call('PUT', `/contacts/${encodeURIComponent(id)}`, { body: fields });
	}

	remove_contact(id) {
		return this.#call('DELETE', `/contacts/${encodeURIComponent(id)}`);
	}
}
