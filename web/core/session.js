// session.js -- who is signed in: keeps a pair of tokens fresh.
//
// The pair is kept in storage that all tabs of this install share, and one tab renews it for
// all: under a lock if the browser has locks, and always after reading the storage again.
// Other tabs see what was stored only a moment later. So the lock is named after the token
// being spent and is held for a while afterwards, and a tab that finds it taken waits for the
// new pair. Being offline signs nobody out: only the server ends a session.
//
// Owns:   the stored pair; the timer that renews it before it expires.
// Events: renewed (a new access token), user (another tab changed the profile), ended
//         {reason}.

import { ApiError } from './api.js';
import { backoff_ms, clock as real_clock } from './clock.js';

const KEY = 'session';
// Renew this long before expiry, so that requests in flight still arrive in time.
const MARGIN_MS = 60000;
// Longer than another tab may need to see what was stored here.
const HELD_MS = 10000;
// Timers overflow after 24 days and then fire at once.
const LONGEST_MS = 12 * 3600 * 1000;

const gone = (code) => new ApiError({ status: 401, code });

export class Session extends EventTarget {
	#keep;
	#refresh;
	#locks;
	#clock;
	#random;
	#pair;
	#renewal = null;
	#cancel_timer = () => {};
	#attempts = 0;

	// refresh: refresh token -> promise of a pair. locks: the browser's LockManager, or null.
	constructor({ keep, refresh, locks = null, clock = real_clock,
		random = Math.random }) {
		super();
		this.#keep = keep;
		this.#refresh = refresh;
		this.#locks = locks;
		this.#clock = clock;
		this.#random = random;
		this.#pair = keep.get(KEY);
		this.#plan();
	}

	get user() {
		return this.#pair?.user ?? null;
	}

	get signed_in() {
		return this.#pair !== null;
	}

	get refresh_token() {
		return this.#pair?.refresh_token ?? null;
	}

	// Stores the pair that the server returned at sign-in or renewal.
	adopt(pair) {
		const now = this.#clock.now();
		const before = this.#pair?.access_token;

		this.#pair = {
			user: pair.user,
			access_token: pair.access_token,
			// by this machine's clock, which may differ from the server's
			expires_at: now + pair.expires_in * 1000,
			margin_ms: Math.min(MARGIN_MS, pair.expires_in * 500),
			refresh_token: pair.refresh_token,
		};
		this.#keep.set(KEY, this.#pair);
		this.#attempts = 0;
		this.#plan();
		if (before)
			this.dispatchEvent(new Event('renewed'));
	}

	// The user's name or settings have changed.
	user_changed(user) {
		if (this.#pair?.user.id !== user.id)
			return;
		this.#pair = { ...this.#pair, user };
		this.#keep.set(KEY, this.#pair);
	}

	// Returns an access token that is valid for a while.
	async token() {
		if (!this.#pair)
			throw gone('session_ended');
		if (!this.#is_due(this.#pair))
			return this.#pair.access_token;
		const { access_token, expires_at } = this.#pair;
		try {
			return await this.renew(access_token);
		} catch (error) {
			// not renewed, but not expired yet either
			if (error.transient && this.#pair && expires_at > this.#clock.now())
				return access_token;
			throw error;
		}
	}

	// The server answered `token` with 401: returns a new token, or throws if the session has
	// ended.
	async refused(token, error) {
		if (error.code === 'session_ended' && this.#pair?.access_token === token) {
			this.end('session_ended');
			throw error;
		}
		return this.renew(token);
	}

	// Returns a token other than `stale`. Concurrent callers share one request.
	renew(stale) {
		if (this.#pair && this.#pair.access_token !== stale)
			return Promise.resolve(this.#pair.access_token);
		this.#renewal ??= this.#renew(stale).finally(() => {
			this.#renewal = null;
		});
		return this.#renewal;
	}

	// Forgets the session here; the caller tells the server.
	end(reason) {
		if (!this.#pair)
			return;
		// if another tab has signed in again, its session stays
		const stored = this.#keep.get(KEY);
		if (!stored || stored.refresh_token === this.#pair.refresh_token)
			this.#keep.remove(KEY);
		this.#forget(reason);
	}

	// Another tab changed the storage: use what is there now.
	reread() {
		const stored = this.#keep.get(KEY);
		const before = this.#pair;

		if (stored && (!before || stored.user.id === before.user.id)) {
			this.#pair = stored;
			this.#attempts = 0;
			this.#plan();
			if (before && stored.access_token !== before.access_token)
				this.dispatchEvent(new Event('renewed'));
			else if (before)
				this.dispatchEvent(new Event('user'));
		} else if (before) {
			this.#forget(stored ? 'other_user' : 'signed_out');
		}
	}

	#forget(reason) {
		this.#pair = null;
		this.#cancel_timer();
		this.dispatchEvent(new CustomEvent('ended', { detail: { reason } }));
	}

	#is_due(pair) {
		return pair.expires_at - pair.margin_ms / 2 <= this.#clock.now();
	}

	async #renew(stale) {
		if (!this.#take_stored(stale)) {
			if (!this.#pair)
				throw gone('session_ended');
			await (this.#locks ? this.#in_turn(stale) : this.#spend(stale));
		}
		// signed out during the request
		if (!this.#pair)
			throw gone('session_ended');
		return this.#pair.access_token;
	}

	// Spends the pair under its lock, unless another tab renews it first.
	async #in_turn(stale) {
		const waiting = new AbortController();
		const { signal } = waiting;
		const name = `${this.#keep.prefix}refresh:${this.#pair.refresh_token.slice(-12)}`;
		const news = new Promise((resolve) => {
			for (const event of ['renewed', 'ended'])
				this.addEventListener(event, resolve, { signal });
		});
		const turn = new Promise((resolve, reject) => {
			this.#locks.request(name, { signal }, async () => {
				if (!this.#take_stored(stale)) {
					await this.#spend(stale);
					resolve();
					await new Promise((done) => this.#clock.after(HELD_MS, done));
				}
				resolve();
			}).catch(reject);
		});

		try {
			await Promise.race([news, turn]);
		} finally {
			waiting.abort();
		}
	}

	async #spend(stale) {
		if (!this.#pair)
			return;
		try {
			const pair = await this.#refresh(this.#pair.refresh_token);
			if (this.#pair)
				this.adopt(pair);
		} catch (error) {
			if (error.status !== 401)
				throw error;
			// without locks, another tab may have renewed first
			if (!this.#take_stored(stale))
				this.end('session_ended');
		}
	}

	// Whether the storage had a newer pair than the one with `stale`.
	#take_stored(stale) {
		const stored = this.#keep.get(KEY);

		if (!stored || stored.access_token === stale)
			return false;
		this.reread();
		return this.#pair !== null && !this.#is_due(this.#pair);
	}

	#plan() {
		this.#cancel_timer();
		if (!this.#pair)
			return;
		// spread the tabs, so that usually one renews for all
		const early = this.#pair.margin_ms * (0.6 + 0.4 * this.#random());
		const wait = this.#attempts
			? backoff_ms(this.#attempts, this.#random, { base_ms: 2000 })
			: Math.max(0, this.#pair.expires_at - early - this.#clock.now());
		this.#cancel_timer = this.#clock.after(Math.min(wait, LONGEST_MS),
			() => this.#on_due());
	}

	async #on_due() {
		if (!this.#pair)
			return;
		try {
			await this.renew(this.#pair.access_token);
		} catch {
			// if the session has ended this plans nothing; if offline, it retries later
			this.#attempts++;
			this.#plan();
		}
	}
}
