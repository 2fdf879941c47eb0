// A browser's own WebSocket and EventSource, in headless Chromium, on a page that uses only
// what every page has.

import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';

import { actor, PASSWORD } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { until } from '../lib/wait.js';
import { close_browser, end_all, Line, PATIENCE_MS, the_browser } from '../web/browser.js';

let server, ann, bob, room;

before(async () => {
	server = await shared();
	[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(server, n)));
	room = await ann.room({ member_ids: [bob.id] });
});
afterEach(end_all);
after(close_browser);

// A page from the server, over a line that can be cut, with Bob signed in.
async function a_page() {
	const line = await Line.to(`${server.url}/`);
	const page = await (await the_browser()).newPage();

	page.setDefaultTimeout(PATIENCE_MS);
	await page.goto(line.url);
	await page.evaluate(async ([login, password, room_id]) => {
		const api = new URL('api/v1', location.href).href;
		const post = (path, body, token) => fetch(api + path, {
			method: 'POST',
			body: JSON.stringify(body),
			headers: {
				'Content-Type': 'application/json',
				...(token ? { Authorization: `Bearer ${token}` } : {}),
			},
		}).then((reply) => reply.json());
		const { access_token } = await post('/auth/login', { login, password });
		Object.assign(window, { api, post, token: access_token, room_id, got: [], states: [] });
	}, [bob.login, PASSWORD, room.id]);
	page.seqs = () => page.evaluate(() => window.got.filter((f) => f.type === 'message').map((f) => f.seq));
	page.hears = (seq) => until(async () => (await page.seqs()).includes(seq), `event ${seq} in the page`);
	return { page, line };
}

it('WebSocket: the token as a subprotocol; joins, posts, hears, is cut, resumes', async () => {
	const { page, line } = await a_page();
	const open = (fields) => page.evaluate(async (place) => {
		const socket = new WebSocket(`${api.replace('http', 'ws')}/ws`, ['foyer.v1', `bearer.${token}`]);
		window.socket = socket;
		socket.onclose = (event) => states.push(event.code);
		socket.onmessage = ({ data }) => got.push(JSON.parse(data));
		socket.onopen = () => socket.send(JSON.stringify({ type: 'join', room_id, ...place }));
		await new Promise((resolve) => socket.addEventListener('open', resolve));
		return socket.protocol;
	}, fields);
	const frame = (type) => until(() => page.evaluate((t) => got.find((f) => f.type === t), type), type);

	assert.equal(await open({}), 'foyer.v1');
	const { epoch } = await frame('joined');
	await page.evaluate(() => socket.send(JSON.stringify({
		type: 'message', room_id, client_id: 'b-1', text: 'from a page',
	})));
	const ack = await frame('ack');
	await page.hears(ack.seq);
	line.cut();
	await until(() => page.evaluate(() => states.length), 'close');
	const missed = [await ann.post(room.id, 'one'), await ann.post(room.id, 'two')];
	await open({ after: ack.seq, epoch });
	await page.hears(missed[1].seq);
	assert.deepEqual(await page.seqs(), [ack.seq, ...missed.map((m) => m.seq)]);
});

const listen = (page, query) => page.evaluate((q) => {
	window.source = new EventSource(`${api}/rooms/${room_id}/events?${q}`);
	source.onopen = () => states.push('open');
	source.onerror = () => states.push(source.readyState === 2 ? 'closed' : 'away');
	for (const type of ['message', 'edited', 'joined'])
		source.addEventListener(type, (event) =>
			got.push({ ...JSON.parse(event.data), event_id: event.lastEventId }));
}, query);
const state = (page, wanted) => until(() => page.evaluate((w) => states.at(-1) === w, wanted), wanted);

it('EventSource: hears each event at once, comes back by itself, misses and doubles nothing', async () => {
	const { page, line } = await a_page();
	const access = await page.evaluate(() => token);
	await listen(page, `token=${access}`);
	await state(page, 'open');
	// cut before any event: it resumes from the right place all the same
	line.down();
	await state(page, 'away');
	const sent = [await ann.post(room.id, 'while away')];
	line.up();
	await page.hears(sent[0].seq);
	for (const text of ['at once', 'and\nagain'])
		await page.evaluate((t) => post(`/rooms/${room_id}/messages`, { text: t }, token), text)
			.then((said) => sent.push(said));
	await page.hears(sent[2].seq);
	line.down();
	await state(page, 'away');
	sent.push(await ann.post(room.id, 'more'), await ann.post(room.id, 'and more'));
	line.up();
	await page.hears(sent[4].seq);
	assert.deepEqual(await page.seqs(), sent.map((m) => m.seq));
	const got = await page.evaluate(() => window.got);
	assert.equal(got.some((f) => f.type === 'joined'), false, 'nothing was lost');
	assert.deepEqual(got.map((f) => f.event_id), sent.map((m) => `${room.epoch}.${m.seq}`));
});

it('EventSource with a ticket: once; when that is spent it stops, and a new one goes on', async () => {
	const { page, line } = await a_page();
	const a_ticket = () => page.evaluate(async () => (await post('/auth/ticket', {}, token)).ticket);
	await listen(page, `ticket=${await a_ticket()}`);
	await state(page, 'open');
	const first = await ann.post(room.id, 'first');
	await page.hears(first.seq);
	line.cut();
	await state(page, 'closed');
	const second = await ann.post(room.id, 'second');
	const place = await page.evaluate(() => got.at(-1).event_id);
	await listen(page, `ticket=${await a_ticket()}&after=${place}`);
	await page.hears(second.seq);
	assert.deepEqual(await page.seqs(), [first.seq, second.seq]);
});
