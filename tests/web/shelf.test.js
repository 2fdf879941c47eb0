// The shelf over a browser database that is slow to open, or does not open.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Shelf } from '../../web/core/shelf.js';
import { FakeClock, settle } from './fake.js';

// As much of IndexedDB as the shelf needs; databases open when told to.
class FakeIdb {
	requests = [];
	items = new Map();

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

	#transaction() {
		const transaction = {
			objectStore: (name) => ({
				put: (item) => name === 'items' && this.items.set(item.client_id, item),
				index: () => ({ getAll: () => answered([...this.items.values()]) }),
			}),
		};
		setImmediate(() => transaction.oncomplete?.());
		return transaction;
	}
}

function answered(result) {
	const request = { result };
	setImmediate(() => request.onsuccess());
	return request;
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

test('without a database nothing is kept, and nobody falls over it', async () => {
	const shelf = new Shelf({ idb: null, name: 'foyer', clock: new FakeClock() });

	assert.equal(await shelf.put({ client_id: 'a' }), false);
	assert.equal(await shelf.blob('a'), null);
	await shelf.remove('a');
	await assert.rejects(shelf.all('me'));
});
