// keep.js -- small values that outlive the page: JSON under one prefix.
//
// Installs may share an origin, so every key contains the install's URL path. If the browser
// refuses storage or has no space left, values are kept in memory until the page is closed.
//
// Owns:  the keys under its prefix, nothing else in the storage.
// Never: decides what is kept.

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
			return null; // not ours, or truncated: treat as absent
		}
	}

	// Returns whether it outlives the page.
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

	// Whether the value under this name outlives the page.
	is_stored(name) {
		return !this.#memory.has(name);
	}

	remove(name) {
		this.#memory.delete(name);
		try {
			this.#storage.removeItem(this.prefix + name);
		} catch {
			// no storage: nothing to remove
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
			// no storage: only memory
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
