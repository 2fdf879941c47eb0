// Calls on the page: people at real browsers call, answer, see and hear each other, through the
// real server. Camera and microphone are the browser's own fakes.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Line, a_page, a_person, a_voice, are, becomes, has_focus, is_online, open_page,
	open_room, passing, server_url, sign_in, until, watch_pages } from './browser.js';

let url;

watch_pages();

before(async () => {
	url = await server_url();
});

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

// Records every connection that the page makes, to read its statistics. The picture is small,
// since many are encoded at once.
const watch = (profile) => profile.addInitScript(() => {
	const { mediaDevices } = navigator;
	const ask = mediaDevices.getUserMedia.bind(mediaDevices);
	mediaDevices.getUserMedia = (wanted) => ask({
		...wanted, video: wanted.video && { width: 160, height: 120, frameRate: 10 },
	});
	window.connections = [];
	window.RTCPeerConnection = class extends RTCPeerConnection {
		constructor(...settings) {
			super(...settings);
			window.connections.push(this);
		}
	};
});

const person = (name, { through = url, context, prepare } = {}) => a_person({
	url: through, name, context, prepare: async (profile) => {
		await watch(profile);
		await prepare?.(profile);
	},
});

// A room of these people, created and opened by the first.
async function room_of(first, ...others) {
	const reply = await fetch(`${url}api/v1/rooms`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json',
			Authorization: `Bearer ${first.access_token}` },
		body: JSON.stringify(others.length === 1
			? { kind: 'direct', user_id: others[0].user.id }
			: { kind: 'group', name: 'Allotment', member_ids: others.map((one) => one.user.id) }),
	});

	assert.ok(reply.ok, await reply.clone().text());
	return reply.json();
}

async function two({ through, open = true, ...options } = {}) {
	const [anna, boris] = [await person('anna', { through }), await person('boris', options)];
	const room = await room_of(anna, boris);

	await open_room(anna.page, through ?? url, room.id);
	if (open)
		await open_room(boris.page, url, room.id);
	for (const { page } of [anna, boris])
		await is_online(page);
	return { anna, boris, room };
}

const call = (page, name = 'Call') =>
	page.locator('.call-tools').getByRole('button', { name, exact: true }).click();
const is = (page, state) => page.locator(`.call[data-state=${state}]`).waitFor();
const act = (page, name) => page.locator(`.call-note [data-act=${name}]`).click();
// Buttons in the call are pressed by keyboard.
const press = (page, name) =>
	page.locator('.call').getByRole('button', { name, exact: true }).press('Enter');
const note = (page, text) => page.locator('.call-note').filter({ hasText: text }).waitFor();
const no_call = (page) => page.locator('.call').waitFor({ state: 'detached' });
const announced = (page, text) =>
	page.locator('[aria-live=polite]').filter({ hasText: text }).waitFor({ state: 'attached' });

// Each of these buttons that is visible and enabled can be hit by a pointer.
async function can_press(page, buttons) {
	const usable = page.locator(buttons).and(page.locator(':enabled')).filter({ visible: true });
	for (const button of await usable.all())
		await button.click({ trial: true });
}

// Bytes of this kind received from each of the others.
const came = (page, kind) => page.evaluate(async (wanted) => {
	const open = window.connections.filter((pc) => pc.connectionState === 'connected');
	return Promise.all(open.map(async (pc) => {
		let bytes = 0;
		for (const [, one] of await pc.getStats())
			if (one.type === 'inbound-rtp' && one.kind === wanted)
				bytes += one.bytesReceived;
		return bytes;
	}));
}, kind);

// Waits until more than before has arrived from each of so many others.
async function comes(page, kind, others = 1) {
	const former = await came(page, kind);

	await until(async () => {
		const now = await came(page, kind);
		return now.length === others && now.every((bytes, n) => bytes > (former[n] ?? 0) + 200);
	}, `${kind} from ${others}`);
}

test('two call, hear and see each other, read meanwhile, and hang up', async () => {
	const { anna, boris } = await two();

	await call(anna.page);
	await is(anna.page, 'ringing');
	await boris.page.getByRole('alertdialog').waitFor();
	await announced(boris.page, /Incoming call: anna/);
	await has_focus(boris.page.getByRole('alertdialog'));
	// by keyboard: silence the ring, and answer the call
	await boris.page.keyboard.press('Escape');
	await boris.page.locator('[data-act=silence]:disabled').waitFor();
	await boris.page.locator('[data-act=accept_audio]').press('Enter');
	for (const { page } of [anna, boris]) {
		await is(page, 'talking');
		await comes(page, 'audio');
	}
	await announced(anna.page, /Connected to boris/);

	await press(anna.page, 'Turn on camera');
	await boris.page.locator('.tile.has-video').waitFor();
	await comes(boris.page, 'video');
	await until(() => boris.page.evaluate(() =>
		document.querySelector('.call-tiles video').videoWidth > 0), 'a picture');
	await press(anna.page, 'Turn off microphone');
	await boris.page.getByText('Microphone off').waitFor({ state: 'attached' });
	await press(anna.page, 'Turn off camera');
	await boris.page.locator('.tile:not(.own):not(.has-video)').waitFor();

	// small while one writes; large again by the button in the room's head
	await boris.page.locator('.call').press('Escape');
	await boris.page.locator('.call[data-form=small]').waitFor();
	await boris.page.locator('.composer-input').fill('Can you hear me?');
	await boris.page.locator('.composer-input').press('Enter');
	await call(boris.page, 'Show call');
	await boris.page.locator('.call[data-form=big]').waitFor();
	const is_inert = () => boris.page.evaluate(() => document.querySelector('.main').inert);
	await becomes(is_inert, true);

	await passing(Promise.all([anna, boris].map(({ page }) =>
		note(page, /Call ended · \d+:\d\d/))), () => press(boris.page, 'Hang up'));
	for (const { page } of [anna, boris])
		await no_call(page);
	await becomes(is_inert, false);
	await becomes(() => anna.page.evaluate(() =>
		window.connections.map((pc) => pc.signalingState)), ['closed']);
});

test('a call that rings while dialogs are open is silenced, declined and answered', async () => {
	const { anna, boris } = await two();
	const { page } = boris;
	const open = async () => {
		await page.keyboard.press('Control+Shift+F');
		await has_focus(page.getByRole('searchbox'));
		await page.keyboard.insertText('half a word');
	};

	// it rings in the dialog, and goes on ringing when that is closed
	await open();
	await call(anna.page);
	await page.getByRole('alertdialog').waitFor();
	await has_focus(page.getByRole('searchbox', { name: 'Search for' }));
	await can_press(page, '.call-note button');
	await page.locator('[data-act=silence]').press('Escape');
	await page.locator('[data-act=silence]:disabled').waitFor();
	await page.locator('.search-dialog').getByRole('button', { name: 'Close' })
		.press('Enter');
	await are(page.locator('dialog'), 0);
	await can_press(page, '.call-note button');

	// another dialog opens meanwhile, and gives way to the call
	await open();
	await act(page, 'accept_audio');
	for (const one of [anna, boris])
		await is(one.page, 'talking');
	await are(page.locator('dialog'), 0);
	await can_press(page, '.call button');
	await press(page, 'Hang up');
	await no_call(page);

	await open();
	await call(anna.page);
	await act(page, 'decline');
	await no_call(anna.page);
	await are(page.locator('dialog'), 1);

	// what only tells of a call waits until the dialog is closed
	await call(anna.page);
	await page.getByRole('alertdialog').waitFor();
	await press(anna.page, 'Hang up');
	await note(page, /Missed call/);
	await are(page.locator('dialog .call-note'), 0);
});

test('a missed call does not cover that the connection is lost', async () => {
	for (const context of [PHONE, { viewport: { width: 820, height: 1180 } }]) {
		const { anna, boris } = await two({ context });
		const top_of = async (name) => (await boris.page.locator(name).boundingBox()).y;

		await call(anna.page);
		await boris.page.getByRole('alertdialog').waitFor();
		await press(anna.page, 'Hang up');
		await note(boris.page, /Missed call/);
		await boris.page.context().setOffline(true);
		const bar = boris.page.locator('.line-bar:not([hidden])');
		await bar.waitFor();
		const { y, height } = await bar.boundingBox();
		await until(async () => await top_of('.call-note') >= y + height, 'the note below it');
	}
});

test('a call is declined, another one missed and called back', async () => {
	const { anna, boris } = await two({
		context: { ...PHONE, locale: 'ru-RU', colorScheme: 'dark' }, open: false,
	});

	await call(anna.page, 'Video call');
	await note(boris.page, 'Входящий видеозвонок');
	await passing(note(anna.page, 'Call declined'), () => act(boris.page, 'decline'));
	await no_call(anna.page);
	await boris.page.locator('.call-note').waitFor({ state: 'detached' });

	await call(anna.page);
	await boris.page.locator('.ringing').waitFor();
	await press(anna.page, 'Hang up');
	await note(boris.page, 'пропущенный звонок');
	await announced(boris.page, /пропущенный звонок/);
	await act(boris.page, 'back');
	await anna.page.locator('.ringing').waitFor();
	await is(boris.page, 'ringing');
	await act(anna.page, 'accept_video');
	await is(boris.page, 'talking');
	await comes(boris.page, 'video');
	await press(boris.page, 'Завершить');
	await no_call(anna.page);
	await no_call(boris.page);
});

test('what one device answers rings no longer on another one, and can go on there', async () => {
	const { anna, boris, room } = await two();
	const second = await a_page({ url, prepare: watch });
	await sign_in(second, boris.login);
	await open_room(second, url, room.id);
	await is_online(second);

	await call(anna.page);
	await second.locator('.ringing').waitFor();
	await act(boris.page, 'accept_audio');
	await second.locator('.ringing').waitFor({ state: 'detached' });
	await is(boris.page, 'talking');
	await passing(note(second, 'continues on another device'),
		() => call(second, 'Continue call here'));

	// a tab of the same browser is the same device, and may take the call over
	const tab = await open_page(boris.page.context(), url);
	await open_room(tab, url, room.id);
	await call(tab, 'Continue call here');
	await no_call(boris.page);
	await is(tab, 'talking');
	await comes(tab, 'audio');
	await comes(anna.page, 'audio');
	await press(anna.page, 'Hang up');
	await no_call(tab);
});

test('three talk in a small group; who has left comes back; what was is in the log', async () => {
	const [anna, boris, eva] = [await person('anna'), await person('boris'), await person('eva')];
	const room = await room_of(anna, boris, eva);

	for (const { page } of [anna, boris, eva]) {
		await open_room(page, url, room.id);
		await is_online(page);
	}
	await call(anna.page);
	for (const { page } of [boris, eva])
		await act(page, 'accept_audio');
	for (const { page } of [anna, boris, eva])
		await comes(page, 'audio', 2);
	await are(anna.page.locator('.call-tiles .tile'), 2);
	await press(eva.page, 'Hang up');
	await comes(anna.page, 'audio', 1);
	await announced(anna.page, /eva\S* left the call/);
	await call(eva.page, 'Join call');
	await comes(eva.page, 'audio', 2);
	for (const { page } of [boris, eva, anna]) {
		if (page !== anna.page)
			await press(page, 'Hang up');
		await no_call(page);
	}

	await eva.page.locator('.row-call', { hasText: /anna\S* · Incoming call/ }).waitFor();
	await anna.page.getByRole('button', { name: 'Room details' }).click();
	await anna.page.getByRole('button', { name: 'Calls', exact: true }).click();
	await anna.page.locator('.log-row.is-out').filter({ hasText: /\d+:\d\d/ }).waitFor();
});

test('who is in a call hears of another one, whose note hides nothing of it', async () => {
	const [{ anna, boris }, eva] = [await two({ context: PHONE }), await person('eva')];
	const room = await room_of(eva, boris);

	await call(anna.page, 'Video call');
	await act(boris.page, 'accept_audio');
	await boris.page.locator('.tile.has-video').waitFor();
	await press(boris.page, 'Turn on camera');
	await press(boris.page, 'Shrink call');
	await open_room(eva.page, url, room.id);
	await is_online(eva.page);
	await passing(note(eva.page, 'Busy in another call'), () => call(eva.page));
	await eva.page.locator('.row-call', { hasText: 'Outgoing call · busy' }).waitFor();
	await note(boris.page, 'Missed call');

	// on a phone and on a desktop every button can be hit
	for (const size of [PHONE.viewport, { width: 1280, height: 800 }]) {
		await boris.page.setViewportSize(size);
		await can_press(boris.page, '.call button, .call-note button, .room-tools button');
	}
	// at 400 %, in a language with longer words, a note may cover what is below
	await boris.page.setViewportSize({ width: 280, height: 256 });
	await can_press(boris.page, '.call button, .call-note button');
	// in landscape and at 400 % there is still room to write
	await boris.page.locator('.call-note [data-act=close]').press('Enter');
	for (const size of [{ width: 844, height: 390 }, { width: 320, height: 256 }]) {
		await boris.page.setViewportSize(size);
		await can_press(boris.page, '.call button, .composer button, .room-tools button');
	}
	await boris.page.setViewportSize(PHONE.viewport);
	// and the phone's keyboard does not open because somebody has hung up
	await boris.page.locator('.call .hang-up').tap();
	await no_call(boris.page);
	await has_focus(boris.page.locator('.room-title'));
});

test('in a small group a face has room for more than a strip of it', async () => {
	const [anna, boris, eva] = [await person('anna'), await person('boris'), await person('eva')];
	const room = await room_of(anna, boris, eva);

	await open_room(anna.page, url, room.id);
	await is_online(anna.page);
	await call(anna.page, 'Video call');
	await are(anna.page.locator('.call-tiles .tile'), 2);
	for (const { width, height } of await anna.page.locator('.call-tiles .tile').evaluateAll((all) =>
		all.map((tile) => tile.getBoundingClientRect().toJSON())))
		assert.ok(width > height, `${width} × ${height}`);
});

test('without a microphone one is told why, and may listen', async () => {
	const { anna, boris } = await two({
		prepare: (profile) => profile.addInitScript(() => {
			navigator.mediaDevices.getUserMedia = () =>
				Promise.reject(new DOMException('no', 'NotAllowedError'));
		}),
	});

	await call(anna.page);
	await act(boris.page, 'accept_audio');
	await boris.page.getByText('The microphone is blocked.').first().waitFor();
	await announced(boris.page, /is blocked/);
	await press(boris.page, 'Shrink call');
	await boris.page.locator('.call-status', { hasText: 'is blocked' }).waitFor();
	await boris.page.locator('.call-trouble').waitFor({ state: 'hidden' });
	await can_press(boris.page, '.call button');
	await press(boris.page, 'Enlarge call');
	await press(boris.page, 'Listen only');
	await is(boris.page, 'talking');
	await comes(boris.page, 'audio');
	await press(boris.page, 'Turn on microphone');
	await boris.page.getByText('you can only listen').first().waitFor();
	// leaving the page ends the call at once
	await boris.page.close({ runBeforeUnload: false });
	await no_call(anna.page);
});

test('a call goes on while the server is out of reach', async () => {
	const line = await Line.to(url);
	const { anna, boris } = await two({ through: line.url });

	await call(anna.page);
	await act(boris.page, 'accept_audio');
	await is(anna.page, 'talking');
	line.down();
	await anna.page.locator('.line-dot:not([data-state=online])').waitFor({ state: 'attached' });
	await comes(anna.page, 'audio');
	line.up();
	await is_online(anna.page);
	await comes(boris.page, 'audio');
	await is(anna.page, 'talking');
	await press(anna.page, 'Hang up');
	await no_call(boris.page);
});

test('who is put out of a room is told so of its call, and not to call again', async () => {
	const anna = await person('anna');
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name: 'Allotment', kind: 'group',
		member_ids: [anna.user.id] });

	await open_room(anna.page, url, room.id);
	await is_online(anna.page);
	await call(anna.page);
	await is(anna.page, 'ringing');
	await passing(note(anna.page, 'You’re no longer in this call'),
		() => boris.manage.remove_member(room.id, anna.user.id));
	await no_call(anna.page);
	await are(anna.page.getByRole('button', { name: 'Call again' }), 0);
});

test('nobody can be called in a public room', async () => {
	const [anna, boris] = [await person('anna'), await a_voice(url, { name: 'boris' })];
	const room = await boris.create_room({ name: 'a square', kind: 'public' });

	await anna.page.goto(`${url}#/rooms/${room.id}`);
	await anna.page.getByRole('button', { name: 'Join this room' }).click();
	await anna.page.locator('.composer').waitFor();
	assert.equal(await anna.page.locator('.call-tools button').count(), 0);
});
