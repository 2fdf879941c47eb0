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

it('EventSource: hears each event at once; a spent ticket stops it, a new one goes on; misses and doubles nothing', async () => {
	const { page, line } = await a_page();
	const listen_on = async (after) => {
		const { ticket } = await page.evaluate(() => post('/auth/ticket', {}, token));
		await listen(page, `ticket=${ticket}&after=${after}`);
		await state(page, 'open');
	};
	const place = () => page.evaluate(() => got.at(-1).event_id);
	const begin = await ann.post(room.id, 'before');
	const sent = [];

	await listen_on(`${room.epoch}.${begin.seq}`);
	for (const text of ['at once', 'and\nagain'])
		await page.evaluate((t) => post(`/rooms/${room_id}/messages`, { text: t }, token), text)
			.then((said) => sent.push(said));
	await page.hears(sent[1].seq);
	for (const text of ['while away', 'and once more']) {
		line.cut();
		await state(page, 'closed');
		sent.push(await ann.post(room.id, text));
		await listen_on(await place());
		await page.hears(sent.at(-1).seq);
	}
	assert.deepEqual(await page.seqs(), sent.map((m) => m.seq));
	const got = await page.evaluate(() => window.got);
	assert.equal(got.some((f) => f.type === 'joined'), false, 'nothing was lost');
	assert.deepEqual(got.map((f) => f.event_id), sent.map((m) => `${room.epoch}.${m.seq}`));
});
