// Every screen at the width of a phone: axe-core finds nothing, and a finger hits everything.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { violations } from './axe.js';
import { small_targets } from './targets.js';
import { tours } from './tour.js';

const tour = tours({ people: 60 });
const LOOKS = {
	'axe finds nothing on any screen, phone, light and dark': violations,
	'what one touches is at least 40 pixels wide and high': small_targets,
};
const found = new Map(Object.keys(LOOKS).map((name) => [name, []]));

// One walk through all screens for all tests, since the walk is what takes time.
let way;
const gone = () => way ??= tour({ size: 'phone', scheme: 'light', is_afresh: false },
	async (page, screen) => {
		for (const [name, look] of Object.entries(LOOKS))
			found.get(name).push(...(await look(page)).map((fault) => `${screen.name}: ${fault}`));
	});

for (const [name, faults] of found)
	test(name, async () => {
		await gone();
		assert.deepEqual(faults, []);
	});
