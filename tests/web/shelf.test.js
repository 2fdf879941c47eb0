// The shelf over a browser database that is slow to open, or does not open.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Shelf } from '../../web/core/shelf.js';
import { FakeClock, settle } from './fake.js';

// As much of IndexedDB as the shelf needs; databases open when told to.
class FakeIdb {
	requests = [];
	items = new Map();
	takes_files = true;
	#is_stuck = false;

	open() {
		const request = {};
		this.requests.push(request);
		return request;
	}

	opens() {
		const request = this.requests.at(-1);
		request.result = { transaction: () => this.#transaction(), close() {} };
		request.onsuccess();
	}

	fails() {
		const request = this.requests.at(-1);
		request.error = new Error('no');
		request.onerror();
	}

	// Ends once all its requests are answered. If files are not taken it is aborted by one, as
	// in a private window of WebKit: there it never ends, nor does any after it, if anything
	// else was requested in it.
	#transaction() {
		let asked = 0;
		let left = 0;
		let is_refused = false;
		const end = () => {
			if (this.#is_stuck || left > 0)
				return;
			if (is_refused && asked > 1)
				this.#is_stuck = true;
			else
				transaction[is_refused ? 'onabort' : 'oncomplete']?.();
		};
		const answered = (result, is_taken = true) => {
			const request = { result };
			asked++;
			left++;
			setImmediate(() => {
				is_refused ||= !is_taken;
				if (is_taken && !is_refused && !this.#is_stuck)
					request.onsuccess?.();
				left--;
				end();
			});
			return request;
		};
		const transaction = {
			objectStore: (name) => ({
				put: (value) => {
					if (name === 'blobs')
						return answered(undefined, this.takes_files);
					this.items.set(value.client_id, value);
					return answered();
				},
				index: () => ({ getAll: () => answered([...this.items.values()]) }),
			}),
		};
		return transaction;
	}
}

function world() {
	const clock = new FakeClock();
	const idb = new FakeIdb();
	return { clock, idb, shelf: new Shelf({ idb, name: 'foyer', clock }) };
}

test('what is to be kept waits for a database that opens in time', async () => {
	const { clock, idb, shelf } = world();
	const kept = shelf.put({ client_id: 'a', order: 1 });

	await clock.run(3000);
	idb.opens();
	assert.equal(await kept, true);
	assert.deepEqual((await shelf.all('me')).map((item) => item.client_id), ['a']);
	assert.equal(idb.requests.length, 1);
});

test('one that opens late is none until then, and is used from then on', async () => {
	const { clock, idb, shelf } = world();
	const [kept, all] = [shelf.put({ client_id: 'a', order: 1 }),
		shelf.all('me').catch((error) => error.message)];

	await clock.run(5000);
	assert.deepEqual([await kept, await all], [false, 'slow']);
	const next = shelf.put({ client_id: 'b', order: 2 });
	await settle();
	idb.opens();
	assert.equal(await next, true);
	assert.deepEqual([...idb.items.keys()], ['b'], 'what was said not to be kept is not');
	assert.equal(idb.requests.length, 1);
});

test('one that was refused is asked for anew', async () => {
	const { idb, shelf } = world();
	const kept = shelf.put({ client_id: 'a', order: 1 });

	await settle();
	idb.fails();
	assert.equal(await kept, false);
	const next = shelf.put({ client_id: 'b', order: 2 });
	await settle();
	idb.opens();
	assert.equal(await next, true);
	assert.equal(idb.requests.length, 2);
});

test('a file that the browser refuses stops nothing after it', async () => {
	const { idb, shelf } = world();
	idb.takes_files = false;
	const kept = [shelf.put({ client_id: 'a', order: 1 }, new Blob(['a'])),
		shelf.put({ client_id: 'b', order: 2 }, new Blob(['b'])),
		shelf.put({ client_id: 'c', order: 3 })];

	await settle();
	idb.opens();
	assert.deepEqual(await Promise.all(kept), [false, false, true]);
	assert.deepEqual((await shelf.all('me')).map((item) => item.client_id), ['c']);
});

test('without a database nothing is kept, and nobody falls over it', async () => {
	const shelf = new Shelf({ idb: null, name: 'foyer', clock: new FakeClock() });

	assert.equal(await shelf.put({ client_id: 'a' }), false);
	assert.equal(await shelf.blob('a'), null);
	await shelf.remove('a');
	await assert.rejects(shelf.all('me'));
});
