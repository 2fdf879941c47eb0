// The timeline in a real browser: long rooms, jumps, and no layout shifts.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { a_person, a_voice, at_rest, fill_room, frames, is_online, sees, server_url, shown,
	until, watch_pages } from './browser.js';
import { DEADLINE_MS } from '../lib/wait.js';

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

const json = async (client, path, method = 'GET', body) => {
	const reply = await fetch(`${url}api/v1${path}`, {
		method,
		headers: { 'Content-Type': 'application/json',
			Authorization: `Bearer ${await client.session.token()}` },
		body: body && JSON.stringify(body),
	});
	return reply.status === 204 ? null : reply.json();
};

// Anna at a page in a room of boris, who posted `count` messages before she joined.
async function room_of(count, { context, name = 'a long room' } = {}) {
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name, kind: 'group' });
	const anna = await a_person({ url, context });
	await json(boris, `/rooms/${room.id}/members`, 'POST', { user_id: anna.user.id });
	if (count > 0)
		await fill_room(room.id, boris.store.user.id, count);
	boris.open_room(room.id);
	await anna.page.evaluate(count_shifts);
	await anna.page.goto(`${url}#/rooms/${room.id}`);
	await anna.page.waitForSelector('.timeline-top:not([data-key=loading])');
	await is_online(anna.page);
	return { boris, room, anna, page: anna.page };
}

// Counts layout shifts as the browser reports them, also after input.
function count_shifts() {
	window.shifts = [];
	new PerformanceObserver((list) => {
		for (const entry of list.getEntries())
			window.shifts.push(`${entry.value}: ${entry.sources.map(({ node }) =>
				node?.className || node?.nodeName).join(', ')} ${entry.sources.map((x) => `${x.previousRect.y.toFixed(1)}>${x.currentRect.y.toFixed(1)} h${x.previousRect.height.toFixed(1)}>${x.currentRect.height.toFixed(1)}`).join(' ')}`);
	}).observe({ type: 'layout-shift', buffered: true });
}

const nodes = (page) => page.evaluate(() => document.querySelectorAll('*').length);
const numbers = async (page) => (await shown(page)).map((text) => Number(/\d+/.exec(text)[0]));
const at_end = (page) => page.locator('.scroller').evaluate((node) =>
	node.scrollHeight - node.clientHeight - node.scrollTop < 2);

// The visible rows of the timeline: [text, offset].
const in_sight = (page) => page.locator('.scroller').evaluate((scroller) => {
	const { top, bottom } = scroller.getBoundingClientRect();
	return [...scroller.querySelectorAll('.row:not(.away)')].map((row) =>
		[row.dataset.seq, row.getBoundingClientRect()])
		.filter(([, box]) => box.bottom > top && box.top < bottom)
		.map(([seq, box]) => [seq, Math.round(box.top * 10) / 10]);
});

test('a room of 100,000 messages is read in few nodes, nothing moves, and focus survives',
	async () => {
		const { page, boris, room } = await room_of(100000);
		let most = 0;

		await until(() => at_end(page), 'the end in sight');
		await page.locator('.row').last().focus();
		const focused = await page.evaluate(() => document.activeElement.dataset.seq);
		await page.evaluate(() => {
			window.shifts.length = 0;
		});
		await page.locator('.scroller').hover();
		// history loads as fast as the machine can
		await until(async () => {
			await page.mouse.wheel(0, -900);
			await frames(page);
			most = Math.max(most, await nodes(page));
			return (await numbers(page))[0] < 99800;
		}, 'history');
		assert.ok(most < 400, `${most} nodes`);
		assert.equal(await page.evaluate(() => document.activeElement.dataset.seq), focused);

		// a message far below: counted, and nothing visible moves
		const before = await at_rest(page, () => in_sight(page));
		const far = await numbers(page);
		for (let i = 1; i <= 5; i++)
			boris.say(room.id, `news ${i}`);
		await page.getByRole('button', { name: '5 new messages below' }).waitFor();
		await frames(page);
		assert.deepEqual(await in_sight(page), before);

		// down again step by step: no message is missing between history and new
		// messages
		const read = new Set(await shown(page));
		await until(async () => {
			await page.mouse.wheel(0, 800);
			await frames(page);
			(await shown(page)).forEach((text) => read.add(text));
			return await at_end(page) && await page.locator('[data-key=newer]').count() === 0;
		}, 'the newest', 4 * DEADLINE_MS);
		for (let i = far[0]; i <= 100000; i++)
			assert.ok([...read].some((text) => text.startsWith(`message ${i}`)), `${i} is missing`);
		for (let i = 1; i <= 5; i++)
			assert.ok(read.has(`news ${i}`));
		boris.say(room.id, 'live again');
		await page.locator('.row', { hasText: 'live again' }).waitFor();
		await until(() => at_end(page), 'the end in sight');
		assert.deepEqual(await page.evaluate(() => window.shifts), []);
		most = Math.max(most, await nodes(page));
		assert.ok(most < 400, `${most} nodes`);
		console.log(`# counts: ${most} nodes at most`);
	});

test('a quote leads to what it answers, whatever else is being read, or nowhere', async () => {
	const { boris, room, page } = await room_of(200);
	const { items: [first] } = await json(boris, `/rooms/${room.id}/messages?around=1&limit=1`);
	const led_to = () => page.evaluate(() =>
		document.activeElement.closest('.row')?.querySelector('.text').textContent ?? null);
	let let_go;
	const held = new Promise((resolve) => {
		let_go = resolve;
	});

	boris.say(room.id, 'as I said', { reply_to: first.id });
	const quote = page.locator('.row', { hasText: 'as I said' }).locator('.quote');
	await quote.filter({ hasText: first.text }).waitFor();
	await page.route(/\/messages\?.*before=/, async (route) => {
		await held;
		await route.continue();
	});

	// so high that the page before is requested at once; it does not arrive
	await page.setViewportSize({ width: 1200, height: 1600 });
	await Promise.all([page.waitForRequest(/\/messages\?.*before=/), page.reload()]);
	await quote.filter({ hasText: first.text }).click();
	await until(async () => await led_to() === first.text, 'what it answers');
	let_go();

	await page.getByRole('button', { name: 'Jump to the newest message' }).click();
	await quote.waitFor();
	await page.context().setOffline(true);
	await quote.focus();
	await quote.press('Enter');
	await page.locator('.toast', { hasText: 'reach the server' }).waitFor();
	assert.equal(await led_to(), 'as I said');
});

test('what comes while nobody looks begins at a line, and is unread until it is seen', async () => {
	const { boris, room, page } = await room_of(30);
	const look = (is_looked_at) => page.evaluate((to) => {
		Object.defineProperty(document, 'visibilityState', { configurable: true, value: to });
		document.dispatchEvent(new Event('visibilitychange'));
	}, is_looked_at ? 'visible' : 'hidden');
	const line = page.locator('.row-new');
	const title = (start) => until(async () => (await page.title()).startsWith(start),
		`title ${start}`);
	const unread = async () => Number(/^\((\d+)\)/.exec(await page.title())?.[1] ?? 0);

	await until(() => at_end(page), 'the end in sight');
	await look(false);
	for (let i = 0; i < 60; i++)
		boris.say(room.id, `news ${i}`);
	await title('(60) ');
	await look(true);
	await line.waitFor();
	const seen = (await at_rest(page, () => in_sight(page))).map(([seq]) => seq);
	assert.ok(seen.includes(await page.locator('.row', { hasText: 'news 0' }).first()
		.getAttribute('data-seq')));
	await until(async () => await unread() < 60, 'what is in sight is read');
	assert.ok(await unread() > 60 - seen.length - 1);
	await page.getByRole('button', { name: /new messages below/ }).click();
	await until(() => at_end(page), 'the end in sight');
	await title('a long room');

	// what fits below the line is read at once, and the view goes on following
	await look(false);
	boris.say(room.id, 'one more');
	await title('(1) ');
	await look(true);
	await line.waitFor();
	await title('a long room');
	await until(() => at_end(page), 'the end in sight');
});

test('who may no longer see what came before them sees it no longer, as after a reload', async () => {
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name: 'a group', kind: 'group' });
	const { page, user } = await a_person({ url, name: 'anna' });
	const history = (word) => boris.manage.change(room.id, { settings: { history: word } });
	const both = async (texts) => {
		await sees(page, texts);
		await page.reload();
		await sees(page, texts);
		await is_online(page);
	};

	boris.open_room(room.id);
	boris.say(room.id, 'long ago');
	const old = await until(() => boris.store.timelines.get(room.id)?.messages[0], 'it');
	await boris.manage.add_members(room.id, [user.id]);
	await page.goto(`${url}#/rooms/${room.id}`);
	await sees(page, ['long ago']);
	await is_online(page);
	await history('since_join');
	await boris.acts.edit(old, 'rewritten');
	await sees(page, []);
	await page.locator('.room-row', { hasText: 'long ago' }).waitFor({ state: 'detached' });
	boris.say(room.id, 'now', { reply_to: old.id });
	await both(['now']);
	await history('all');
	await both(['rewritten', 'now']);
});
