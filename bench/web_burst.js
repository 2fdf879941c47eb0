// web_burst.js -- a thousand messages arrive in an open room at once: does the page stutter?
//
//	node bench/web_burst.js         COUNT=1000 ROUNDS=3
//
// Anna looks at a room in headless Chromium; Boris sends COUNT messages over one connection
// without waiting. For each round it prints the browser's long tasks (above 50 ms), from the
// first message until a second after the last one is on the page, at least in the list of
// rooms, and how long that took. First with the end of the room in view, then with Anna far
// above it. Exits with 1 if any task was longer than 50 ms.
//
// TRACE=folder keeps the browser's trace of each round, for its developer tools.

import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

process.env.VARIANT = 'release';
const { LOOSE, end_private_servers, private_server } = await import('../tests/lib/server.js');
const { a_person, a_voice, close_browser, end_all, fill_room, is_online, the_browser } =
	await import('../tests/web/browser.js');

const COUNT = Number(process.env.COUNT ?? 1000);
const ROUNDS = Number(process.env.ROUNDS ?? 3);

function watch_tasks() {
	window.tasks = [];
	new PerformanceObserver((list) => {
		for (const entry of list.getEntries())
			window.tasks.push(Math.round(entry.duration));
	}).observe({ type: 'longtask', buffered: false });
}

async function burst({ page, boris, room }, name, last_is_there) {
	await page.evaluate(() => {
		window.tasks.length = 0;
	});
	const began = performance.now();
	for (let i = 1; i <= COUNT; i++)
		boris.socket.send({ type: 'message', room_id: room.id, client_id: `${name.replaceAll(' ', '-')}-${i}`,
			text: `${name}: message ${i} of the burst` });
	await last_is_there(`${name}: message ${COUNT} of the burst`);
	const took = performance.now() - began;
	await page.waitForTimeout(1000);
	return { name, took, tasks: await page.evaluate(() => window.tasks) };
}

async function traced(world, name, last_is_there) {
	const browser = await the_browser();
	const { TRACE } = process.env;

	if (TRACE)
		await browser.startTracing(world.page, { categories: ['toplevel', 'devtools.timeline',
			'disabled-by-default-v8.cpu_profiler'] });
	const result = await burst(world, name, last_is_there);
	if (TRACE)
		fs.writeFileSync(path.join(TRACE, `${name}.json`), await browser.stopTracing());
	return result;
}

async function main() {
	const server = await private_server({ name: 'burst', env: LOOSE });
	process.env.TEST_SERVER = JSON.stringify({ port: server.port, state: server.state });
	const url = `${server.url}/`;
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name: 'burst', kind: 'group' });
	const anna = await a_person({ url });
	const { page } = anna;
	await fill_room(room.id, boris.store.user.id, 1000);
	boris.open_room(room.id);
	await page.goto(`${url}#/rooms/${room.id}`);
	await page.getByRole('button', { name: 'Join this room' }).click();
	await page.locator('.row', { hasText: 'message 1000' }).waitFor();
	await is_online(page);
	await page.evaluate(watch_tasks);
	const world = { page, boris, room };
	const results = [];
	const shown = (text) => page.locator('.row', { hasText: text }).waitFor({ timeout: 60000 });
	const listed = (text) => page.locator(`.room-row[href$="${room.id}"] .room-last`,
		{ hasText: text }).waitFor({ timeout: 60000 });

	for (let i = 1; i <= ROUNDS; i++)
		results.push(await traced(world, `in sight ${i}`, shown));
	await page.locator('.scroller').hover();
	for (let i = 0; i < 10; i++) {
		await page.mouse.wheel(0, -900);
		await page.waitForTimeout(100);
	}
	for (let i = 1; i <= ROUNDS; i++)
		results.push(await traced(world, `out of sight ${i}`, listed));
	return results;
}

let results = [];
try {
	results = await main();
} finally {
	await end_all();
	await close_browser();
	await end_private_servers();
}
console.log('burst                 on the page after, ms   tasks above 50 ms');
for (const { name, took, tasks } of results)
	console.log(`${name.padEnd(22)}${took.toFixed(0).padStart(8)}                ${tasks.join(', ') || 'none'}`);
process.exitCode = results.length > 0 && results.every(({ tasks }) => tasks.length === 0) ? 0 : 1;
