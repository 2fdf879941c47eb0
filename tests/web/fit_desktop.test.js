// Every control of every screen is come to by Tab, with the focus to be seen; and turned
// from right to left it is all the same, in a mirror.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { watch_pages } from './browser.js';
import { misfits } from './fit.js';
import { Hands } from './hands.js';
import { unmirrored } from './mirror.js';
import { LOOSE, private_server } from '../lib/server.js';
import { Scene } from './scene.js';
import { tour } from './tour.js';

let scene, url;

watch_pages();

before(async () => {
	const server = await private_server({ env: LOOSE });
	url = `${server.url}/`;
	scene = await Scene.on(server, { people: 30 });
});

test('Tab comes to everything, and right to left is left to right in a mirror', async () => {
	const found = [];

	await tour({ scene, url, size: 'desktop', scheme: 'light' }, async (page, screen) => {
		const faults = [...await new Hands(page).walk(), ...await unmirrored(page),
			...await misfits(page)];
		found.push(...faults.map((fault) => `${screen.name}: ${fault}`));
	});
	assert.deepEqual(found, []);
});
