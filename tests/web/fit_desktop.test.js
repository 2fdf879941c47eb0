// Every screen at the width of a desktop: axe-core finds nothing, Tab reaches every control
// with a visible focus, and from right to left it is the mirror image.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { violations } from './axe.js';
import { misfits } from './fit.js';
import { Hands } from './hands.js';
import { turn_back, unmirrored } from './mirror.js';
import { tours } from './tour.js';

const tour = tours({ people: 30 });
const LOOKS = {
	'axe finds nothing on any screen, desktop, light and dark': violations,
	'Tab comes to everything': (page) => new Hands(page).walk(),
	'right to left is left to right in a mirror': async (page) =>
		[...await unmirrored(page), ...await misfits(page)],
};
const found = new Map(Object.keys(LOOKS).map((name) => [name, []]));

// One walk through all screens for all tests, since the walk is what takes time.
let way;
const gone = () => way ??= tour({
	size: 'desktop', scheme: 'light', states: false, is_afresh: false,
}, async (page, screen) => {
	for (const [name, look] of Object.entries(LOOKS))
		found.get(name).push(...(await look(page)).map((fault) => `${screen.name}: ${fault}`));
	await turn_back(page);
});

for (const [name, faults] of found)
	test(name, async () => {
		await gone();
		assert.deepEqual(faults, []);
	});
