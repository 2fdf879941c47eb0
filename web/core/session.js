// session.js -- who is signed in here: the pair of tokens, kept fresh.
//
// The pair lies in storage that all tabs of this install share, and one of them renews it
// for all: under a lock where the browser has locks, and always after another look into
// the storage. What one tab stores, another one reads a moment later; so the lock is
// named after what is spent, and held for a while after, and who meets it held waits to
// hear what was stored. Nobody is signed out because the line is down: only the server's
// word ends a session.
//
// Owns:   the stored pair; the timer that renews it before it runs out.
// Events: renewed (a new access token is there), user (another tab changed who that is),
//         ended {reason}.

import { ApiError } from './api.js';
import { backoff_ms, clock as real_clock } from './clock.js';

const KEY = 'session';
// Renew this long before the end: a request under way must still arrive in time.
const MARGIN_MS = 60000;
// Longer than another tab may need to hear of what was stored here.
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

	// refresh: refresh token -> promise of a pair. locks: the browser's LockManager,
	// or null where there is none.
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

	// After signing in: what the server answered.
	adopt(pair) {
		const now = this.#clock.now();
		const before = this.#pair?.access_token;

		this.#pair = {
			user: pair.user,
			access_token: pair.access_token,
			// by this machine's clock, which need not agree with the server's
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

	// The person behind it has changed: their name, their settings.
	user_changed(user) {
		if (this.#pair?.user.id !== user.id)
			return;
		this.#pair = { ...this.#pair, user };
		this.#keep.set(KEY, this.#pair);
	}

	// A token that is good for a while yet.
	async token() {
		if (!this.#pair)
			throw gone('session_ended');
		if (!this.#is_due(this.#pair))
			return this.#pair.access_token;
		const { access_token, expires_at } = this.#pair;
		try {
			return await this.renew(access_token);
		} catch (error) {
			// not renewed, but not yet run out: it will do
			if (error.transient && this.#pair && expires_at > this.#clock.now())
				return access_token;
			throw error;
		}
	}

	// The server refused `token` with a 401: a new one, or the end.
	async refused(token, error) {
		if (error.code === 'session_ended' && this.#pair?.access_token === token) {
			this.end('session_ended');
			throw error;
		}
		return this.renew(token);
	}

	// A token other than `stale`. Many callers, one request.
	renew(stale) {
		if (this.#pair && this.#pair.access_token !== stale)
			return Promise.resolve(this.#pair.access_token);
		this.#renewal ??= this.#renew(stale).finally(() => {
			this.#renewal = null;
		});
		return this.#renewal;
	}

	// Forget it here; telling the server is the caller's business.
	end(reason) {
		if (!this.#pair)
			return;
		// another tab may have signed in anew: that session is not ours to end
		const stored = this.#keep.get(KEY);
		if (!stored || stored.refresh_token === this.#pair.refresh_token)
			this.#keep.remove(KEY);
		this.#forget(reason);
	}

	// Another tab wrote: take over what it wrote.
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
		// signed out while we asked: that stands
		if (!this.#pair)
			throw gone('session_ended');
		return this.#pair.access_token;
	}

	// Spends the pair under its lock, or hears before that what another tab made of it.
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
			// without locks another tab may have been faster, and won
			if (!this.#take_stored(stale))
				this.end('session_ended');
		}
	}

	// Whether the storage held a newer pair than the one with `stale`.
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
		// tabs spread out, so that mostly the first one renews for all
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
			// ended: nothing to plan; the line is down: later
			this.#attempts++;
			this.#plan();
		}
	}
}
