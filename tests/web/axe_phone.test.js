// axe-core on every screen, at the width of a phone.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { violations } from './axe.js';
import { tours } from './tour.js';

const tour = tours({ people: 60 });

test('axe finds nothing on any screen, phone, light and dark', async () => {
	const found = [];

	await tour({ size: 'phone', scheme: 'light', is_afresh: false }, async (page, screen) => {
		found.push(...(await violations(page)).map((fault) => `${screen.name}, ${fault}`));
	});
	assert.deepEqual(found, []);
});
