// shelf.js -- stores unsent items, and the files that some of them carry, in IndexedDB, which
// all tabs of this install share and which outlives them.
//
// A browser may refuse it or have no space left: put() returns whether the item was stored.
// Operations are executed in the order of the calls.
//
// Owns:  one database, named after the install.
// Never: decides what is stored, or what an item means.

import { clock as real_clock } from './clock.js';

const VERSION = 1;
// A database that takes longer to open is treated as missing.
const OPEN_MS = 4000;

const done = (request) => new Promise((resolve, reject) => {
	request.onsuccess = () => resolve(request.result);
	request.onerror = () => reject(request.error);
});

const finished = (transaction) => new Promise((resolve, reject) => {
	transaction.oncomplete = () => resolve();
	transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
});

// If nothing can be stored.
export const no_shelf = {
	all: () => Promise.reject(new Error('none')),
	put: async () => false,
	remove: async () => {},
	blob: async () => null,
};

export class Shelf {
	#idb;
	#name;
	#clock;
	#db = null;		// promise of the open database

	// idb: the browser's IDBFactory, or null.
	constructor({ idb, name, clock = real_clock }) {
		this.#idb = idb;
		this.#name = name;
		this.#clock = clock;
	}

	// All items of this user, in their order. Rejects if there is no database.
	async all(user_id) {
		const items = (await this.#open()).transaction('items').objectStore('items');
		const found = await done(items.index('user_id').getAll(user_id));

		return found.sort((a, b) => a.order - b.order);
	}

	// blob: its file; undefined keeps the stored one. Returns whether it was stored.
	async put(item, blob) {
		try {
			await this.#write((items, blobs) => {
				// WebKit refuses files in private windows, and never ends a transaction that
				// has another request beside the refused one
				if (blob)
					blobs.put(blob, item.client_id).onsuccess = () => items.put(item);
				else
					items.put(item);
			});
			return true;
		} catch {
			return false;
		}
	}

	async remove(client_id) {
		try {
			await this.#write((items, blobs) => {
				items.delete(client_id);
				blobs.delete(client_id);
			});
		} catch {
			// no database: nothing to remove
		}
	}

	// The file of an item, or null.
	async blob(client_id) {
		try {
			const blobs = (await this.#open()).transaction('blobs').objectStore('blobs');
			return await done(blobs.get(client_id)) ?? null;
		} catch {
			return null;
		}
	}

	async #write(work) {
		const transaction = (await this.#open()).transaction(['items', 'blobs'], 'readwrite');
		const ended = finished(transaction);

		work(transaction.objectStore('items'), transaction.objectStore('blobs'));
		await ended;
	}

	// The database; rejects with 'slow' after OPEN_MS, but uses it if it opens later.
	#open() {
		this.#db ??= this.#opened();
		const db = this.#db;
		return new Promise((resolve, reject) => {
			const give_up = this.#clock.after(OPEN_MS, () => reject(new Error('slow')));
			db.finally(give_up).then(resolve, (error) => {
				if (this.#db === db)
					this.#db = null;
				reject(error);
			});
		});
	}

	#opened() {
		return new Promise((resolve, reject) => {
			const request = this.#idb.open(this.#name, VERSION);
			request.onupgradeneeded = () => {
				request.result.createObjectStore('items', { keyPath: 'client_id' })
					.createIndex('user_id', 'user_id');
				request.result.createObjectStore('blobs');
			};
			request.onerror = () => reject(request.error);
			request.onsuccess = () => {
				this.#watch(request.result);
				resolve(request.result);
			};
		});
	}

	// The browser may close it, or another page may need to upgrade it.
	#watch(db) {
		const forget = () => {
			db.close();
			this.#db = null;
		};

		db.onclose = forget;
		db.onversionchange = forget;
	}
}
