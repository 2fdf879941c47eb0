// A call between two real browsers: they ring and answer by `call`, connect by `signal`, as
// docs/calls.md says, and then sound and a data channel go directly between them. The pages
// bring a few lines of script of their own: only our frames are tested.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { chromium } from 'playwright-core';

import { actor } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { CHROMIUM, FLAGS, PATIENCE_MS, until } from './browser.js';

let browser;

after(() => browser?.close());

// Runs in the page: a socket, and a peer connection once somebody answers.
function phone({ url, token, me }) {
	const socket = new WebSocket(url, ['foyer.v1', `bearer.${token}`]);
	const say = (frame) => socket.send(JSON.stringify(frame));
	const state = window.phone = { frames: [], errors: [], texts: [], say };
	let peer, other, early = [];

	const tell = (data) => say({ type: 'signal', call_id: state.call.id, to: other, data });

	async function set_up(offers) {
		peer = state.peer = new RTCPeerConnection();
		peer.onicecandidate = ({ candidate }) => tell({ candidate });
		peer.ondatachannel = ({ channel }) => use(channel);
		peer.ontrack = ({ track }) => { state.track = track; };
		const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
		for (const track of sound.getTracks())
			peer.addTrack(track, sound);
		if (!offers)
			return;
		use(peer.createDataChannel('talk'));
		await peer.setLocalDescription();
		tell({ description: peer.localDescription });
	}

	function use(channel) {
		channel.onopen = () => { state.channel = channel; };
		channel.onmessage = ({ data }) => state.texts.push(data);
	}

	async function take({ description, candidate }) {
		state.has_all ||= candidate === null;
		if (description) {
			await peer.setRemoteDescription(description);
			for (const one of early.splice(0))
				await peer.addIceCandidate(one);
			if (description.type === 'offer') {
				await peer.setLocalDescription();
				tell({ description: peer.localDescription });
			}
		} else if (peer.remoteDescription) {
			await peer.addIceCandidate(candidate ?? undefined);
		} else {
			early.push(candidate ?? undefined);
		}
	}

	async function hear(frame) {
		state.frames.push(frame.type);
		if (frame.type === 'error') {
			state.errors.push(frame);
		} else if (frame.type === 'call') {
			const was = state.call?.state;
			state.call = frame.call;
			other = frame.call.participants.find((p) => p.user_id !== me).user_id;
			const mine = frame.call.participants.find((p) => p.user_id === me).state;
			if (mine === 'ringing')
				say({ type: 'call', action: 'accept', call_id: frame.call.id });
			// the one who accepted makes the offer
			if (frame.call.state === 'active' && was !== 'active')
				await set_up(frame.by === me);
			if (frame.call.state === 'ended')
				peer.close();
		} else if (frame.type === 'signal') {
			await take(frame.data);
		}
	}

	let turn = Promise.resolve();
	socket.onmessage = ({ data }) => {
		turn = turn.then(() => hear(JSON.parse(data)))
			.catch((error) => { state.error = String(error?.stack ?? error); });
	};
}

async function a_page(server, who) {
	const page = await (await browser.newContext()).newPage();

	page.setDefaultTimeout(PATIENCE_MS);
	await page.goto(`${server.url}/`);
	await page.evaluate(phone, { url: `${server.ws}/ws`, token: who.token, me: who.id });
	await heard(page, (s) => s.frames.includes('ready'), 'ready');
	return page;
}

// Waits until the state of the page's phone, as far as it can be copied, matches.
async function heard(page, like, what) {
	let now;

	await until(async () => {
		now = await page.evaluate(() => {
			const { frames, errors, texts, call, error, has_all, channel, track } = window.phone;
			return { frames, errors, texts, call, error, has_all,
				channel: Boolean(channel), track: Boolean(track) };
		});
		return now.error || like(now);
	}, what).catch((error) => assert.fail(`${error.message}: ${JSON.stringify(now)}`));
	assert.equal(now.error, undefined);
}

const packets = (page) => page.evaluate(async () => {
	for (const [, s] of await window.phone.peer.getStats())
		if (s.type === 'inbound-rtp' && s.kind === 'audio')
			return s.packetsReceived;
	return 0;
});

test('two browsers ring, find each other, hear each other, and hang up', async () => {
	const server = await shared();
	const [anna, boris] = [await actor(server, 'anna'), await actor(server, 'boris')];
	const room = await anna.room({ name: undefined, kind: 'direct', user_id: boris.id });

	browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
	const [a, b] = [await a_page(server, anna), await a_page(server, boris)];
	await a.evaluate((room_id) =>
		window.phone.say({ type: 'call', action: 'start', room_id }), room.id);
	for (const page of [a, b])
		await heard(page, (s) => s.channel && s.track, 'a channel and a track');
	await a.evaluate(() => window.phone.channel.send('привет'));
	await b.evaluate(() => window.phone.channel.send('hello'));
	await heard(a, (s) => s.texts.includes('hello'), 'hello');
	await heard(b, (s) => s.texts.includes('привет'), 'привет');
	for (const page of [a, b])
		await until(async () => await packets(page) > 10, 'sound');
	// a candidate sent after the end would be refused
	for (const page of [a, b])
		await heard(page, (s) => s.has_all, 'all of the other\'s candidates');

	await b.evaluate(() => window.phone.say({ type: 'call', action: 'hangup', call_id: window.phone.call.id }));
	for (const page of [a, b]) {
		await heard(page, (s) => s.call.state === 'ended', 'the end');
		assert.deepEqual(await page.evaluate(() => window.phone.errors), []);
	}
	const call_id = await a.evaluate(() => window.phone.call.id);
	const { state, participants } = await anna.get(`/calls/${call_id}`);
	assert.equal(state, 'ended');
	assert.deepEqual(participants.map((p) => p.state), ['left', 'left']);
});
