// Off and on again, on the page: the broker dies, the page sleeps, the line is away, tabs open
// and close; and nothing is missing and nothing doubled.

import assert from 'node:assert/strict';
import process from 'node:process';
import { before, test } from 'node:test';

import { Line, a_person, a_voice, are, becomes, is_online, open_page, open_room, sees,
	server_url, shown, try_now, until, watch_pages, write } from './browser.js';
import { private_server } from '../lib/server.js';

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

// People at pages, in one room that each has open.
async function people_in_a_room(names,
	{ at = url, through = at, context, prepare, by_form } = {}) {
	const host = await a_voice(at, { name: 'host' });
	const room = await host.create_room({ name: 'a room', kind: 'group' });

	host.open_room(room.id);
	const people = await Promise.all(names.map(async (name) => {
		const one = await a_person({ url: through, name, context, prepare, by_form });
		await fetch(`${at}api/v1/rooms/${room.id}/join`, {
			method: 'POST', headers: { Authorization: `Bearer ${one.access_token}` },
		});
		await open_room(one.page, through, room.id);
		await one.page.locator('.composer-input').waitFor();
		await is_online(one.page);
		return one;
	}));
	return { host, room, people, texts: () => log_of(host, room) };
}

const log_of = (voice, room) => (voice.store.timelines.get(room.id)?.messages ?? [])
	.map(({ text }) => text);
const away = (page) => page.locator('.line-dot:not([data-state=online])')
	.waitFor({ state: 'attached' });

test('the broker is killed and started again while two write: all is there, once, in order',
	async () => {
		const server = await private_server();
		const { people, texts } = await people_in_a_room(['anna', 'boris'],
			{ at: `${server.url}/`, context: { viewport: { width: 900, height: 2400 } } });
		const said = [[], []];

		for (let i = 0; i < 12; i++) {
			const broker = server.pid('broker');
			await Promise.all(people.map(({ page }, who) => {
				said[who].push(`${who} ${i}`);
				return write(page, said[who].at(-1));
			}));
			if (i === 3 || i === 7) {
				process.kill(broker, 'SIGKILL');
				await until(() => ![0, broker].includes(server.pid('broker')), 'the next one');
			}
		}
		await until(() => texts().length === 24, 'all of it');
		for (const who of [0, 1])
			assert.deepEqual(texts().filter((text) => text.startsWith(`${who} `)), said[who]);
		for (const { page } of people)
			await sees(page, texts());
	});

test('a page that slept has missed nothing, and sends what it had written, once', async () => {
	const line = await Line.to(url);
	const { host, room, people: [{ page }], texts } = await people_in_a_room(['anna'],
		{ through: line.url });
	const inside = await page.context().newCDPSession(page);
	const become = (state) => inside.send('Page.setWebLifecycleState', { state });

	line.down();
	await away(page);
	await write(page, 'before sleep');
	await become('frozen');
	for (const text of ['meanwhile 1', 'meanwhile 2'])
		host.say(room.id, text);
	await until(() => host.outbox.unsent_count === 0, 'words of the host');
	line.up();
	await become('active');
	await sees(page, ['meanwhile 1', 'meanwhile 2', 'before sleep']);
	await is_online(page);
	host.say(room.id, 'after');
	await sees(page, ['meanwhile 1', 'meanwhile 2', 'before sleep', 'after']);
	await becomes(texts, ['meanwhile 1', 'meanwhile 2', 'before sleep', 'after']);
});

test('what tabs wrote without a line, files as well, the last of them sends once, in order',
	async () => {
		const line = await Line.to(url);
		const { host, room, people: [{ page, user }], texts } = await people_in_a_room(['anna'],
			{ through: line.url });
		const other = await open_page(page.context(), `${line.url}#/rooms/${room.id}`);

		await other.waitForSelector('.composer-input');
		await is_online(other);
		line.down();
		await Promise.all([away(page), away(other)]);
		await write(page, 'one');
		await page.setInputFiles('.attach-input', { name: 'two.txt', mimeType: 'text/plain',
			buffer: Buffer.from('what is in it') });
		await are(page.locator('.tray-card'), 1);
		await write(page, 'two');
		await until(async () => (await shown(other)).length === 2, 'both in the other tab');
		await write(other, 'three');
		await becomes(async () => (await shown(page)).map((text) => text.replace(/^\w+: /, '')),
			['one', 'two', 'three'], 'all of it in the first');
		// the note of a page that was gone at once
		await page.evaluate(([id, room_id]) => {
			const name = `foyer:${new URL('.', document.baseURI).pathname}:outbox:${id}:old`;
			localStorage.setItem(name, JSON.stringify({ client_id: 'old', room_id, user_id: id,
				kind: 'text', text: 'from before', data: null, reply_to: null, file: null,
				order: 1, created_at: '2026-01-01T00:00:00.000Z', state: 'waiting', error: null }));
		}, [user.id, room.id]);
		// nobody is left to send it when the line comes back
		await page.close();
		await other.goto('about:blank');
		line.up();
		await other.goto(`${line.url}#/rooms/${room.id}`);
		await becomes(texts, ['from before', 'one', 'two', 'three']);
		await sees(other, texts());
		const { data } = host.store.timelines.get(room.id).messages[2];
		const { url: address } = await host.files.address(
			host.store.timelines.get(room.id).messages[2]);
		assert.equal(data.name, 'two.txt');
		assert.equal(await (await fetch(new URL(address, url))).text(), 'what is in it');
		await until(() => other.evaluate(async () => {
			const [{ name }] = await indexedDB.databases();
			const db = await new Promise((resolve) => {
				indexedDB.open(name).onsuccess = (event) => resolve(event.target.result);
			});
			const count = (store) => new Promise((resolve) => {
				db.transaction(store).objectStore(store).count().onsuccess =
					(event) => resolve(event.target.result);
			});
			const left = await count('items') + await count('blobs')
				+ Object.keys(localStorage).filter((key) => key.includes('outbox')).length;
			db.close();
			return left === 0;
		}), 'end of what was kept');
	});

test('where nothing can be kept one writes all the same, and is told how long it lasts',
	async () => {
		const line = await Line.to(url);
		const { people: [{ page }], texts } = await people_in_a_room(['anna'], {
			through: line.url, by_form: true,
			prepare: (profile) => profile.addInitScript(() => {
				const refuse = () => {
					throw new DOMException('no', 'SecurityError');
				};
				Object.defineProperty(window, 'indexedDB', { get: refuse });
				Object.defineProperty(window, 'localStorage', { get: refuse });
				window.BroadcastChannel = undefined;
				Object.defineProperty(navigator, 'locks', { value: undefined });
			}),
		});

		line.down();
		await away(page);
		await write(page, 'words');
		await page.setInputFiles('.attach-input', { name: 'a.txt', mimeType: 'text/plain',
			buffer: Buffer.from('hi') });
		await are(page.locator('.tray-card'), 1);
		await write(page, 'a file');
		await page.getByText('lost if you close this page').waitFor();
		let asked = 0;
		page.on('dialog', (dialog) => {
			asked++;
			dialog.dismiss();
		});
		await page.evaluate(() => location.reload());
		await until(() => asked === 1, 'question: leaving would lose it');
		line.up();
		await becomes(texts, ['words', 'a file']);
		await sees(page, ['words', 'a file']);
	});

test('how the line is, is always to be seen, and one may try at once', async () => {
	const line = await Line.to(url);
	const { people: [{ page }] } = await people_in_a_room(['anna'], {
		through: line.url, context: { viewport: { width: 390, height: 844 } },
	});
	const bar = page.locator('.line-bar');

	await bar.waitFor({ state: 'hidden' });
	line.down();
	await page.context().setOffline(true);
	await bar.waitFor();
	await until(async () => /You’re offline/.test(await bar.textContent()), 'it says so');
	await write(page, 'later');
	await until(async () => /\d s/.test(await bar.textContent()), 'when the next try is');
	await page.context().setOffline(false);
	await until(async () => /Reconnecting/.test(await bar.textContent()), 'it says that too');
	line.up();
	await try_now(page);
	await is_online(page);
	await sees(page, ['later']);
	await bar.waitFor({ state: 'hidden' });
});

test('that there is no network is said at once, and unsaid when the line answers', async () => {
	const questions = [];
	let is_silent = false;
	const { page } = await a_person({ url, prepare: (profile) =>
		profile.routeWebSocket(/\/api\/v1\/ws$/, (line) => {
			const server = line.connectToServer();
			line.onMessage((text) => {
				if (is_silent && JSON.parse(text).type === 'ping')
					questions.push(() => server.send(text));
				else
					server.send(text);
			});
		}) });
	const state = () => page.locator('.line-dot').getAttribute('data-state');

	await is_online(page);
	// its clock stands still, so nothing times out
	await page.clock.install();
	await page.clock.pauseAt(Date.now() + 1000);
	is_silent = true;
	// the browser reports that it is offline, while the line still works
	await page.evaluate(() => {
		Object.defineProperty(navigator, 'onLine', { get: () => false });
		dispatchEvent(new Event('offline'));
	});
	await becomes(state, 'offline');
	await until(() => questions.length > 0, 'the question');
	questions.forEach((ask) => ask());
	await becomes(state, 'online');
});
