// Every control of every screen is come to by Tab, with the focus to be seen; and turned
// from right to left it is all the same, in a mirror.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { misfits } from './fit.js';
import { Hands } from './hands.js';
import { unmirrored } from './mirror.js';
import { tours } from './tour.js';

const tour = tours({ people: 30 });

test('Tab comes to everything, and right to left is left to right in a mirror', async () => {
	const found = [];

	await tour({ size: 'desktop', scheme: 'light', states: false }, async (page, screen) => {
		const faults = [...await new Hands(page).walk(), ...await unmirrored(page),
			...await misfits(page)];
		found.push(...faults.map((fault) => `${screen.name}: ${fault}`));
	});
	assert.deepEqual(found, []);
});
