// people.js -- what this page knows of people and their presence.
//
// Held by the store; views read `store.people`:
//   person(id)      {id, login, first_name, …}, or null
//   presence(id)    {status, text, last_seen_at}; null if hidden from us. status: online,
//                   away, busy, offline
//   contact(id)     {user, nickname, blocked, created_at} of my contacts, or null
//   contacts        all of them; contacts_known: whether they have been read
//   nickname(id)    what I call them, or null
//   is_blocked(id)  whether I block them: their messages in shared rooms are folded
// Each change dispatches the store's event {what: 'people', room_id: their id, or null for
// many}. Only core/ writes: learn(), *_came() for frames, and contacts.js.
//
// REST answers bring people with their presence, `presence` frames update it, and `online` of
// `joined` names who is listening. Nobody is forgotten before signing out.

export class People {
	#known = new Map();		// id -> user
	#presence = new Map();		// id -> {status, text, last_seen_at}
	#contacts = new Map();		// id -> contact
	#tell;
	contacts_known = false;

	// tell(id): this person changed; null: many did.
	constructor(tell) {
		this.#tell = tell;
	}

	person(id) {
		return this.#known.get(id) ?? null;
	}

	presence(id) {
		return this.#presence.get(id) ?? null;
	}

	contact(id) {
		return this.#contacts.get(id) ?? null;
	}

	get contacts() {
		return [...this.#contacts.values()];
	}

	nickname(id) {
		return this.#contacts.get(id)?.nickname ?? null;
	}

	is_blocked(id) {
		return this.#contacts.get(id)?.blocked ?? false;
	}

	// People as the server has just returned them; unchanged ones are skipped.
	learn(...users) {
		const news = users.filter((user) => user?.id && this.#learn_one(user));

		if (news.length > 0)
			this.#tell(news.length === 1 ? news[0].id : null);
	}

	#learn_one(user) {
		const known = this.#known.get(user.id);
		const is_news = !known
			|| Object.keys(user).some((key) => user[key] !== known[key]);

		// a full name is only as new as the message it came with
		if (is_news)
			this.#known.set(user.id, 'first_name' in user
				? { ...known, ...user, name: undefined } : { ...known, ...user });
		if (user.status === null)
			this.#presence.delete(user.id);
		else if (user.status)
			this.#presence.set(user.id, {
				status: user.status, text: user.status_text ?? null,
				last_seen_at: user.last_seen_at ?? null,
			});
		return is_news;
	}

	// The frame `presence`.
	presence_came({ user_id, status, text = null, last_seen_at = null }) {
		const known = this.#known.get(user_id);

		this.#presence.set(user_id, { status, text, last_seen_at });
		if (known)
			this.#known.set(user_id, { ...known, status, status_text: text, last_seen_at });
		this.#tell(user_id);
	}

	// `online` of the frame `joined`: these people are listening, so they are online.
	online_came(ids) {
		const news = ids.filter((id) =>
			(this.#presence.get(id)?.status ?? 'offline') === 'offline');

		for (const id of news)
			this.#presence.set(id, {
				text: null, last_seen_at: null, ...this.#presence.get(id), status: 'online',
			});
		if (news.length > 0)
			this.#tell(news.length === 1 ? news[0] : null);
	}

	contacts_read(contacts) {
		this.#contacts = new Map(contacts.map((contact) => [contact.user.id, contact]));
		this.contacts_known = true;
		for (const { user } of contacts)
			this.#learn_one(user);
		this.#tell(null);
	}

	contact_put(contact) {
		this.#contacts.set(contact.user.id, contact);
		this.#learn_one(contact.user);
		this.#tell(contact.user.id);
	}

	contact_gone(id) {
		if (this.#contacts.delete(id))
			this.#tell(id);
	}

	clear() {
		this.#known.clear();
		this.#presence.clear();
		this.#contacts.clear();
		this.contacts_known = false;
	}
}
