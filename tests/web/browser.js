// browser.js -- people at real pages, on a line that can be cut.
//
// A test asks for people: each has a browser profile of its own in one headless Chromium, and
// reaches the server through a Line, a plain TCP relay that a test may cut or close, as a whole
// or for the live connection only. Others may take part without a page: the web client's own
// core in node (a voice).
//
// FOYER_URL names a running server (with a slash at its end); by default it is the suites'
// shared one.

import assert from 'node:assert/strict';
import net from 'node:net';
import process from 'node:process';
import { after, afterEach } from 'node:test';

import { chromium } from 'playwright-core';
import WebSocket from 'ws';

import * as acting from '../../web/core/acting.js';
import { Client, storage_prefix } from '../../web/core/client.js';
import { Keep } from '../../web/core/keep.js';
import { Session } from '../../web/core/session.js';
import { end_private_servers, shared } from '../lib/server.js';
import { a_login, an_address, PASSWORD } from '../lib/rest.js';
import { becomes, DEADLINE_MS, until } from '../lib/wait.js';
import { FakeStorage } from './fake.js';

export { PASSWORD, becomes, until };

// Chromium without windows: `chromium --headless` draws window frames and menus that nobody
// sees, and takes a third longer for a suite.
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell';
export const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
	'--no-first-run', '--disable-background-networking', '--disable-component-update',
	'--disable-sync', '--disable-dev-shm-usage',
	// a fake camera and a humming microphone, allowed without asking; and peer connections
	// within this machine, which browsers otherwise refuse
	'--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
	'--allow-loopback-in-peer-connection', '--auto-select-desktop-capture-source=Entire screen'];

export async function server_url() {
	return process.env.FOYER_URL ?? `${(await shared()).url}/`;
}

// On a busy machine a page may take so long for anything.
export const PATIENCE_MS = Math.max(30000, DEADLINE_MS);

let browser;

export async function the_browser() {
	// in another locale it does not give files names outside ASCII
	browser ??= chromium.launch({
		executablePath: CHROMIUM, args: FLAGS, env: { ...process.env, LANG: 'C.UTF-8' },
	});
	return browser;
}

const to_end = new Set();
const watched = new Set();	// pages

export async function end_all() {
	const list = [...to_end];
	to_end.clear();
	watched.clear();
	await Promise.all(list.map((end) => end()));
}

export async function close_browser() {
	await (await browser)?.close();
	browser = undefined;
}

// Goes at the top of a suite with pages: any complaint of a page (an error, a warning, a
// violation of the Content-Security-Policy) fails the present test. Everybody leaves after each
// test, unless all tests of the suite share their people.
export function watch_pages({ stay = false } = {}) {
	afterEach(async () => {
		const complaints = [...watched].flatMap((page) => page.complaints.splice(0));
		if (!stay)
			await end_all();
		assert.deepEqual(complaints, [], 'a page complained');
	});
	if (stay)
		after(end_all);
	after(close_browser);
	after(end_private_servers);
}

// A relay in front of the server; a page opens its url.
export class Line {
	#sockets = new Set();
	#server;
	is_up = true;
	is_live = true;		// lets the live connection through

	static async to(url) {
		const line = new Line();
		const target = new URL(url);
		line.#server = net.createServer((near) => line.#relay(near, target));
		await new Promise((resolve) => line.#server.listen(0, '127.0.0.1', resolve));
		line.url = `http://127.0.0.1:${line.#server.address().port}${target.pathname}`;
		to_end.add(() => line.end());
		return line;
	}

	#relay(near, target) {
		if (!this.is_up) {
			near.destroy();
			return;
		}
		const far = net.connect(Number(target.port || 80), target.hostname);
		this.#pair(near, far);
		this.#pair(far, near);
		near.once('data', (head) => {
			// a browser opens a separate connection for each upgrade
			if (!this.is_live && /^upgrade: *websocket/im.test(head.toString('latin1')))
				near.destroy();
			else
				far.write(head);
			near.pipe(far);
		});
		far.pipe(near);
	}

	#pair(one, other) {
		this.#sockets.add(one);
		one.on('error', () => {});
		one.on('close', () => {
			this.#sockets.delete(one);
			other.destroy();
		});
	}

	// Breaks all present connections; new ones are accepted unless the line goes down.
	cut() {
		for (const socket of this.#sockets)
			socket.destroy();
	}

	down() {
		this.is_up = false;
		this.cut();
	}

	up() {
		this.is_up = true;
	}

	end() {
		this.down();
		return new Promise((resolve) => this.#server.close(resolve));
	}
}

// Registers an account over REST; the person can then sign in anywhere.
export async function an_account(url, { name = 'anna', ...fields } = {}) {
	const login = a_login(name);
	const reply = await fetch(`${url}api/v1/auth/register`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': an_address() },
		body: JSON.stringify({
			login, email: `${login}@example.org`, password: PASSWORD, ...fields,
		}),
	});

	assert.equal(reply.status, 201, await reply.clone().text());
	return { login, ...await reply.json() };
}

// A person without a page: the client's own core in node.
export async function a_voice(url, fields) {
	const address = an_address();
	const account = await an_account(url, fields);
	const client = new Client({
		base: url,
		storage: new FakeStorage(),
		fetch: (target, init) => fetch(target, {
			...init, headers: { ...init.headers, 'X-Forwarded-For': address },
		}),
		WebSocket: class extends WebSocket {
			constructor(target, protocols) {
				super(target, protocols, { headers: { 'X-Forwarded-For': address } });
			}
		},
	});

	client.login = account.login;
	client.session.adopt(account);
	client.complete(acting);
	client.start();
	await until(() => client.store.line.state === 'online', `line of ${account.login}`);
	to_end.add(() => {
		client.socket.stop();
		client.session.end('signed_out');
	});
	return client;
}

// Opens a page for a new person. prepare(profile) may set it up before.
export async function a_page({ url, context = {}, prepare } = {}) {
	const profile = await (await the_browser()).newContext({
		// it would load everything a second time, for each page
		serviceWorkers: 'block',
		locale: 'en-GB', timezoneId: 'Europe/Helsinki', viewport: { width: 1200, height: 800 },
		extraHTTPHeaders: { 'X-Forwarded-For': an_address() }, ...context,
	});
	profile.setDefaultTimeout(PATIENCE_MS);
	to_end.add(() => profile.close());
	await prepare?.(profile);
	return open_page(profile, url);
}

// Another tab of the same person.
export async function open_page(profile, url) {
	const page = await profile.newPage();

	page.complaints = [];
	watched.add(page);
	page.on('pageerror', (error) => page.complaints.push(String(error.stack)));
	page.on('console', (message) => {
		// failed requests are what these tests are about
		if (['error', 'warning'].includes(message.type())
			&& !/Failed to load resource|WebSocket connection to|Service Worker registration blocked/.test(message.text()))
			page.complaints.push(message.text());
	});
	await page.goto(url);
	await page.waitForSelector('form, .shell');
	return page;
}

export async function sign_in(page, login, password = PASSWORD) {
	await page.getByLabel(/^(Username or email|Логин или почта)$/).fill(login);
	await page.getByLabel(/^(Password|Пароль)$/).fill(password);
	await page.locator('form button[type=submit]').click();
	await page.waitForSelector('.shell');
}

// What the browser of a signed-in person has stored.
function kept_session(url, pair) {
	const storage = new FakeStorage();
	const clock = { now: Date.now, after: () => () => {} };

	new Session({ keep: new Keep(storage, storage_prefix(url)), clock, refresh() {} })
		.adopt(pair);
	return {
		origins: [{
			origin: new URL(url).origin,
			localStorage: Array.from({ length: storage.length }, (_, n) => storage.key(n))
				.map((key) => ({ name: key, value: storage.getItem(key) })),
		}],
	};
}

// A person at a page, signed in to a new account. by_form: through the form of the page, on a
// new device; else as somebody who was here before.
export async function a_person({ url, name, context, prepare, by_form = false } = {}) {
	const account = await an_account(url, { name });
	const page = await a_page({
		url, prepare,
		context: by_form ? context : { storageState: kept_session(url, account), ...context },
	});

	if (by_form)
		await sign_in(page, account.login);
	else
		await page.waitForSelector('.shell');
	return { page, ...account };
}

export async function open_room(page, url, room_id) {
	await page.goto(`${url}#/rooms/${room_id}`);
	await page.waitForSelector('.composer');
}

export async function write(page, text) {
	await page.locator('.composer-input').fill(text);
	await page.locator('.composer-input').press('Enter');
}

// The following functions wait, since effects on a page come a moment later: a dialog that
// closes says so by an event, a view changes with the next frame, a part is loaded first.

// Waits until there are so many.
export const are = (locator, count) =>
	becomes(() => locator.count(), count, `so many of ${locator}`);

// Waits until the locator has the focus.
export const has_focus = (locator) => until(() =>
	locator.evaluateAll((all) => all.includes(document.activeElement)), `focus on ${locator}`);

// Waits until the focus is on something with this text.
export const focus_says = (page, text) =>
	becomes(() => page.evaluate(() => document.activeElement.textContent), text,
		`focus on “${text}”`);

export const has_value = (locator, value) =>
	becomes(() => locator.inputValue(), value, `such a value of ${locator}`);

// Waits until the text matches.
export async function says(locator, pattern) {
	let last;

	await until(async () => {
		last = await locator.textContent();
		return pattern.test(last);
	}, `${pattern} in ${locator}`).catch((error) => {
		throw new Error(`${error.message}: it says “${last}”`);
	});
}

// Waits until two readings of the page, two frames apart, are the same.
export async function at_rest(page, read) {
	let former;

	await until(async () => {
		await frames(page);
		const now = JSON.stringify(await read());
		const is_same = now === former;
		former = now;
		return is_same;
	}, 'rest');
	return JSON.parse(former);
}

export const frames = (page) => page.evaluate(() => new Promise((resolve) => {
	requestAnimationFrame(() => requestAnimationFrame(resolve));
}));

// For what appears only briefly: starts waiting for it before the act that causes it.
export const passing = (wait, act) => Promise.all([wait, act()]);

// The button may be gone already: the line also comes back by itself.
export const try_now = (page) => Promise.any([
	page.getByRole('button', { name: 'Try now' }).click(), is_online(page),
]);

// The texts of the timeline as a reader sees them; unsent ones with their state. It holds only
// rows near the visible part: read_all() reads all.
export const shown = (page) => page.locator('.row:not(.away)').evaluateAll((rows) => rows.map((row) => {
	const text = row.querySelector('.text').textContent;
	const state = [...row.classList].find((name) => name.startsWith('is-')).slice(3);
	return ['sent', 'delivered', 'read'].includes(state) ? text : `${state}: ${text}`;
}));

// Inserts so many messages of this person into a room, `text` and a number each, a minute
// apart.
export async function fill_room(room_id, user_id, count, text = 'message') {
	await (await shared()).sql(`WITH h AS (UPDATE room_heads SET seq = seq + ${count},
			messages = messages + ${count}, last_message = seq + ${count}
			WHERE room_no = (SELECT no FROM rooms WHERE id = '${room_id}') RETURNING *),
		read AS (UPDATE members m SET read_seq = h.seq, read_messages = h.messages FROM h
			WHERE m.room_no = h.room_no)
		INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, type, kind, client_id, text)
		SELECT h.room_no, h.seq - ${count} + n, h.messages - ${count} + n,
			now() - (${count} - n) * interval '1 minute', '${user_id}', 'message', 'text', '~' || n,
			'${text} ' || n || CASE n % 9 WHEN 0 THEN repeat(' and more', n % 23) ELSE '' END
		FROM h, generate_series(1, ${count}) n`);
}

// Reads the whole timeline from beginning to end.
export const read_all = (page) => page.locator('.scroller').evaluate(async (scroller) => {
	const found = new Map();
	const frames = async () => {
		for (let i = 0; i < 3; i++)
			await new Promise(requestAnimationFrame);
	};
	const until_top = async () => {
		do {
			scroller.scrollTop = 0;
			await frames();
		} while (!scroller.querySelector('[data-key=start]'));
	};
	const take = () => {
		for (const row of scroller.querySelectorAll('.row:not(.away)'))
			found.set(Number(row.dataset.seq), row.querySelector('.text').textContent);
	};

	const is_at_end = () => scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop < 2
		&& !scroller.querySelector('[data-key=newer]');

	await until_top();
	while (!is_at_end()) {
		take();
		scroller.scrollTop += scroller.clientHeight / 3;
		await frames();
	}
	// rows measured only now may have made it longer
	await frames();
	scroller.scrollTop = scroller.scrollHeight;
	await frames();
	take();
	return [...found.keys()].sort((a, b) => a - b).map((seq) => found.get(seq));
});

// Waits until the timeline shows exactly this.
export async function sees(page, texts) {
	let last;
	await until(async () => {
		last = await shown(page);
		return JSON.stringify(last) === JSON.stringify(texts);
	}, 'such a timeline').catch(() => assert.deepEqual(last, texts));
}

export const is_online = (page) =>
	page.locator('.line-dot[data-state=online]').waitFor({ state: 'attached' });
