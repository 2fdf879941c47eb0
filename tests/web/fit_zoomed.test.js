// Every screen fits at 400 % of a small desktop.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { misfits } from './fit.js';
import { tours } from './tour.js';

// Some of the messages must stay visible, also while something is about to be sent.
const LEAST_PX = 72;
const CHOSEN = ['files-chosen', 'file-refused'];

const tour = tours({ people: 30 });

const room_for_messages = (page) => page.evaluate(() =>
	document.querySelector('.scroller')?.clientHeight ?? Infinity);

test('at 400 % nothing is cut off, covered, out of reach or wider than the page', async () => {
	const found = [];

	const see = async (page, screen) => {
		found.push(...(await misfits(page)).map((fault) => `${screen.name}: ${fault}`));
		if (await room_for_messages(page) < LEAST_PX)
			found.push(`${screen.name}: hardly a message is in sight`);
	};

	await tour({ size: 'zoomed', scheme: 'light', states: false, is_afresh: false }, see);
	await tour({ size: 'zoomed', scheme: 'light', names: CHOSEN }, see);
	assert.deepEqual(found, []);
});
