// keep.js -- small things that outlive the page: JSON values under one prefix.
//
// Two installs may share an origin, so every key carries the install's URL path. A
// browser may refuse storage altogether or have no room left; then the value is kept
// in memory, and the page works until it is closed.
//
// Owns:  the keys under its prefix, nothing else in the storage.
// Never: a decision about what is kept.

export class Keep {
	#storage;
	#memory = new Map();

	constructor(storage, prefix) {
		this.#storage = storage;
		this.prefix = prefix;
	}

	get(name) {
		const text = this.#memory.get(name) ?? this.#read(name);

		try {
			return text === null ? null : JSON.parse(text);
		} catch {
			return null; // not ours, or cut short: as good as absent
		}
	}

	// Answers whether it outlives the page.
	set(name, value) {
		const text = JSON.stringify(value);

		try {
			this.#storage.setItem(this.prefix + name, text);
			this.#memory.delete(name);
		} catch {
			this.#memory.set(name, text);
		}
		return this.is_stored(name);
	}

	// Whether what there is under this name outlives the page.
	is_stored(name) {
		return !this.#memory.has(name);
	}

	remove(name) {
		this.#memory.delete(name);
		try {
			this.#storage.removeItem(this.prefix + name);
		} catch {
			// no storage: nothing is left in it either
		}
	}

	// The names that begin with `start`.
	names(start) {
		const found = new Set(this.#memory.keys());

		try {
			for (let i = 0; i < this.#storage.length; i++) {
				const key = this.#storage.key(i);
				if (key.startsWith(this.prefix))
					found.add(key.slice(this.prefix.length));
			}
		} catch {
			// no storage: what is in memory is all there is
		}
		return [...found].filter((name) => name.startsWith(start));
	}

	#read(name) {
		try {
			return this.#storage.getItem(this.prefix + name);
		} catch {
			return null;
		}
	}
}
