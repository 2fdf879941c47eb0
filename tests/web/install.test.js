// The page on an installation of its own: under a URL prefix, with access tokens that live for
// seconds only, and a broker that is killed.

import assert from 'node:assert/strict';
import process from 'node:process';
import { before, test } from 'node:test';

import { a_person, a_voice, becomes, is_online, read_all, sees, shown, until, watch_pages,
	write } from './browser.js';
import { alive, private_server } from '../lib/server.js';
import { tick } from '../lib/wait.js';

const TOKEN_S = 12;

let server;
let url;

watch_pages();

before(async () => {
	server = await private_server({
		name: 'prefix', prefix: '/chat', env: { FOYER_ACCESS_TOKEN_S: String(TOKEN_S) },
	});
	url = `${server.url}/`;
});

test('under a prefix one signs in, makes a room and talks, live', async () => {
	const { page } = await a_person({ url });

	await is_online(page);
	await page.getByRole('button', { name: 'New room' }).first().click();
	await page.getByLabel('Name').fill('under a prefix');
	await page.getByRole('button', { name: 'Create room' }).click();
	await page.waitForSelector('.composer');
	await write(page, 'hello');
	await sees(page, ['hello']);
	await page.reload();
	await sees(page, ['hello']);
	await becomes(() => page.evaluate(() => Object.keys(localStorage)
		.filter((key) => !key.startsWith('foyer:/chat/:'))), []);
});

test('the prefix without its slash leads to the page', async () => {
	const reply = await fetch(server.url, { redirect: 'manual' });

	assert.match(String(reply.status), /^30[1278]$/);
	assert.equal(new URL(reply.headers.get('location'), server.url).pathname, '/chat/');
});

// anna at a page, boris without one, in a room of his that both follow.
async function two_in_a_room() {
	const boris = await a_voice(url, { name: 'boris' });
	const { page } = await a_person({ url });
	const room = await boris.create_room({ name: 'a room', kind: 'group' });

	boris.open_room(room.id);
	await page.goto(`${url}#/rooms/${room.id}`);
	await page.getByRole('button', { name: 'Join this room' }).click();
	await page.waitForSelector('.composer');
	await is_online(page);
	return { boris, page, room };
}

const access_token = (page) => page.evaluate(() => JSON.parse(localStorage[
	Object.keys(localStorage).find((key) => key.endsWith(':session'))]).access_token);

test('tokens run out again and again, and nobody notices', async () => {
	const { boris, page, room } = await two_in_a_room();
	const seen = new Set();
	const lines = [];

	page.on('websocket', (line) => lines.push(line.url()));
	for (let i = 0; seen.size < 4; i++) {
		seen.add(await access_token(page));
		await write(page, `anna ${i}`);
		boris.say(room.id, `boris ${i}`);
		// rows far above have no nodes
		await until(async () => {
			const texts = await shown(page);
			return texts.includes(`anna ${i}`) && texts.includes(`boris ${i}`);
		}, `round ${i}`);
		await tick(700);
	}
	assert.deepEqual(lines, [], 'the line was never dropped');
	await until(async () => !(await shown(page)).some((text) => /^(waiting|failed)/.test(text)),
		'all of it sent');
});

test('a page that slept through the end of its token comes back by itself', async () => {
	const { boris, page, room } = await two_in_a_room();

	// asleep: its timers stop, and its line is cut
	await page.clock.install();
	await page.clock.pauseAt(Date.now() + 60000);
	await page.context().setOffline(true);
	const Authorization = `Bearer ${await access_token(page)}`;
	await until(async () => (await fetch(`${server.api}/auth/validate`, {
		headers: { Authorization },
	})).status === 401, 'end of the token');
	boris.say(room.id, 'are you there?');
	await until(() => boris.outbox.unsent_count === 0, 'word of boris');
	await page.context().setOffline(false);
	await page.clock.resume();
	await sees(page, ['are you there?']);
	await write(page, 'now I am');
	await sees(page, ['are you there?', 'now I am']);
});

test('a broker that is killed again and again loses and doubles nothing', async () => {
	const { boris, page, room } = await two_in_a_room();
	const said = [];
	let killed = 0;

	for (let i = 0; i < 20; i++) {
		await write(page, `anna ${i}`);
		boris.say(room.id, `boris ${i}`);
		said.push(`anna ${i}`, `boris ${i}`);
		if (i % 5 === 3) {
			killed = await until(() => {
				const pid = server.pid('broker');
				return pid !== killed && pid > 0 && alive(pid) && pid;
			}, 'a broker');
			process.kill(killed, 'SIGKILL');
		}
	}
	await until(() => boris.store.timelines.get(room.id).messages.length === said.length
		&& boris.outbox.unsent_count === 0, 'all of it', 60000);
	const log = boris.store.timelines.get(room.id).messages.map((message) => message.text);
	await until(async () => (await shown(page)).at(-1) === log.at(-1), 'the last one');
	await becomes(() => read_all(page), log);
	assert.deepEqual([...log].sort(), [...said].sort());
});
