// Attachments on the page: shown, downloaded, sent.

import assert from 'node:assert/strict';
import { afterEach, before, test } from 'node:test';

import { a_person, a_voice, are, at_rest, becomes, fill_room, frames, has_focus, is_online,
	open_room, server_url, until, watch_pages, write } from './browser.js';
import { wav } from '../lib/pictures.js';

let url;
let anna;		// at a page
let boris;		// without one

watch_pages({ stay: true });

before(async () => {
	url = await server_url();
	boris = await a_voice(url, { name: 'boris' });
	anna = await a_person({ url });
});

afterEach(() => anna.page.unrouteAll({ behavior: 'ignoreErrors' }));

// Sends a file and the message that carries it, for a person without a page.
async function send_file(voice, room, { kind = 'file', name, body, alt, text }) {
	const headers = { Authorization: `Bearer ${await voice.session.token()}` };
	const reply = await fetch(`${url}api/v1/files?name=${encodeURIComponent(name)}`, {
		method: 'POST', headers, body,
	});
	assert.equal(reply.status, 201, await reply.clone().text());
	const { id } = await reply.json();
	return voice.api.post_message(room.id, { kind, text, data: { file_id: id, alt } });
}

// A room that both have open, with anna's page.
async function a_room(who = anna) {
	const room = await boris.create_room({ name: 'a room', kind: 'group' });

	await fetch(`${url}api/v1/rooms/${room.id}/join`, {
		method: 'POST', headers: { Authorization: `Bearer ${who.access_token}` },
	});
	boris.open_room(room.id);
	await open_room(who.page, url, room.id);
	await who.page.locator('.start, .timeline .nothing').first().waitFor();
	await is_online(who.page);
	return { room, page: who.page };
}

async function bytes_of(download) {
	const chunks = [];
	for await (const chunk of await download.createReadStream())
		chunks.push(chunk);
	return Buffer.concat(chunks);
}

test('a file that came live, and one from history, are downloaded at a click', async () => {
	const { room, page } = await a_room();
	const name = 'Отчёт за «год».tar.gz';
	const body = Buffer.alloc(3000, 'x');

	await send_file(boris, room, { name, body });
	for (const reload of [false, true]) {
		if (reload)
			await page.reload();
		const link = page.getByRole('link', { name: /Отчёт за «год».tar.gz/ });
		await until(async () => /2\.9 kB/.test(await link.innerText()), 'its size');
		const downloading = page.waitForEvent('download');
		await link.click();
		const download = await downloading;
		assert.equal(download.suggestedFilename(), name);
		assert.deepEqual(await bytes_of(download), body);
	}
});

// A picture with something to see in it, drawn by the page.
async function a_picture(page, name, width = 400, height = 300) {
	const bytes = await page.evaluate(async ([w, h]) => {
		const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
		const paint = canvas.getContext('2d');
		for (let i = 0; i < 2000; i++) {
			paint.fillStyle = `hsl(${i * 77} 70% 50%)`;
			paint.fillRect((i * 37) % w, (i * 91) % h, 20, 20);
		}
		const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
		return [...new Uint8Array(await blob.arrayBuffer())];
	}, [width, height]);
	return { name, mimeType: 'image/png', buffer: Buffer.from(bytes) };
}

const choose = (page, files) => page.setInputFiles('.attach-input', files);
const send = (page) => page.getByRole('button', { name: 'Send', exact: true }).click();
const said = (voice, room) => (voice.store.timelines.get(room.id)?.messages ?? [])
	.map(({ kind, text, data }) => [kind, text, data?.name ?? null]);

// The texts of the pictures that have arrived.
const pictures = (page) => page.locator('.photo-image').evaluateAll((all) =>
	all.filter((img) => img.complete && img.naturalWidth > 0).map((img) => img.alt));

test('files are chosen, described and taken back, and sent in order with a caption',
	async () => {
		const { room, page } = await a_room();
		const [one, tall] = [await a_picture(page, 'one.png'),
			await a_picture(page, 'tall.png', 200, 900)];

		const chooser = page.waitForEvent('filechooser');
		await page.getByRole('button', { name: 'Attach' }).click();
		await page.getByRole('menuitem', { name: 'Photo or video' }).press('Enter');
		await (await chooser).setFiles([one, tall]);
		await choose(page, [{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hi') },
			{ name: 'no.txt', mimeType: 'text/plain', buffer: Buffer.from('no') }]);
		await are(page.locator('.tray-card'), 4);

		await page.getByRole('button', { name: 'ALT: describe one.png' }).click();
		await page.getByLabel('Describe one.png for people').fill('A carpet of colours');
		await page.keyboard.press('Enter');
		// the focus returns to its button
		await has_focus(page.getByRole('button',
			{ name: 'ALT: change the description of one.png' }));
		await page.getByRole('button', { name: 'Remove no.txt' }).click();
		await are(page.locator('.tray-card'), 3);
		await page.locator('.composer-input').fill('the caption');
		await page.locator('.composer-input').press('Enter');
		await are(page.locator('.tray-card'), 0);

		await becomes(() => said(boris, room), [['image', null, 'one.png'],
			['image', null, 'tall.png'], ['file', 'the caption', 'a.txt']]);
		const { data } = boris.store.timelines.get(room.id).messages[0];
		assert.deepEqual([data.alt, data.width, data.height],
			['A carpet of colours', 400, 300]);
		await are(page.locator('.row.is-sent'), 3);
		for (const reload of [false, true]) {
			if (reload)
				await page.reload();
			await becomes(() => pictures(page), ['A carpet of colours', 'Picture tall.png']);
		}
	});

test('what is too large is said before it is sent; what is pasted and dropped is taken',
	async () => {
		const { room, page } = await a_room();
		const put = (type, target, names) => page.evaluate(([kind, where, list]) => {
			const data = new DataTransfer();
			for (const [name, mime] of list)
				data.items.add(new File(['contents'], name, { type: mime }));
			const options = { bubbles: true, cancelable: true, composed: true };
			const event = kind === 'paste'
				? new ClipboardEvent(kind, { ...options, clipboardData: data })
				: new DragEvent(kind, { ...options, dataTransfer: data });
			document.querySelector(where).dispatchEvent(event);
		}, [type, target, names]);

		await page.evaluate(() => {
			const data = new DataTransfer();
			data.items.add(new File([new Uint8Array(25 * 1024 ** 2 + 1)], 'film.bin'));
			const input = document.querySelector('.attach-input');
			input.files = data.files;
			input.dispatchEvent(new Event('change'));
		});
		await page.getByText('“film.bin” is too large. The limit is 25 MB.').waitFor();
		await are(page.locator('.tray-card'), 0);
		await write(page, 'Without the film, then');
		await are(page.locator('.tray .form-error'), 0);

		await put('paste', '.composer-input', [['image.txt', 'text/x-note']]);
		await page.locator('.tray-card').waitFor();
		await put('dragenter', '.scroller', [['x.bin', '']]);
		await page.locator('.drop-zone.is-near').waitFor();
		await put('drop', '.scroller', [['dropped.bin', '']]);
		await are(page.locator('.tray-card'), 2);
		await page.locator('.drop-zone').waitFor({ state: 'hidden' });
		await put('dragenter', '.side', [['x.bin', '']]);
		await put('drop', '.side', [['elsewhere.bin', '']]);
		// a file accepted from there would come before this one
		await choose(page, [{ name: 'last.bin', mimeType: '', buffer: Buffer.from('x') }]);
		await page.locator('.tray-name', { hasText: 'last.bin' }).waitFor();
		await are(page.locator('.tray-card'), 3);
		await send(page);
		await until(() => said(boris, room).length === 4, 'all of it');
		assert.match(said(boris, room)[1][2], /^picture-\d{8}-\d{6}\.txt$/);
		assert.equal(said(boris, room)[2][2], 'dropped.bin');
		assert.equal(said(boris, room)[3][2], 'last.bin');
	});

test('a file is called back by a click that outlasts a step of its way up', async () => {
	const { room, page } = await a_room();
	const network = await page.context().newCDPSession(page);
	const uploading = (bytes) => network.send('Network.emulateNetworkConditions',
		{ offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes });
	const size = page.locator('.file-size');

	await network.send('Network.enable');
	await uploading(20000);
	await choose(page, [{ name: 'slow.bin', mimeType: 'application/octet-stream',
		buffer: Buffer.alloc(3000000) }]);
	await send(page);
	await size.filter({ hasText: /^[1-9].* of / }).waitFor();
	await page.getByRole('button', { name: 'Cancel sending slow.bin' }).hover();
	const before = await size.textContent();
	await page.mouse.down();
	await until(async () => await size.textContent() !== before, 'a step further');
	await page.mouse.up();
	await are(page.getByText('slow.bin'), 0);
	await uploading(-1);
	await network.detach();
	assert.equal(said(boris, room).length, 0);
});

test('an upload tells how far it is; it is called back, tried again, and made once',
	async () => {
		const { room, page } = await a_room();
		let how = 'hold';
		let uploads = 0;
		const held = [];

		await page.route('**/api/v1/files', (route) => {
			uploads++;
			if (how === 'hold')
				held.push(route);
			else if (how === 'break')
				route.abort();
			else if (how === 'refuse')
				route.fulfill({ status: 413, contentType: 'application/problem+json',
					body: JSON.stringify({ code: 'quota_exceeded', status: 413 }) });
			else
				route.continue();
		});
		const file = (name) => ({ name, mimeType: 'text/plain', buffer: Buffer.alloc(5000, name) });

		await choose(page, [file('held.txt'), file('good.txt')]);
		await send(page);
		await page.locator('.uploading [role=progressbar]').first().waitFor({ state: 'attached' });
		await page.getByText('0 bytes of 4.9 kB').waitFor();
		how = 'pass';
		await page.getByRole('button', { name: 'Cancel sending held.txt' }).click();
		await until(() => said(boris, room).length === 1, 'the other one');
		assert.deepEqual(said(boris, room), [['file', null, 'good.txt']]);
		await are(page.getByText('held.txt'), 0);

		how = 'refuse';
		await choose(page, [file('large.txt')]);
		await send(page);
		await page.getByText('This would exceed your storage limit.').waitFor();
		how = 'break';
		const before = uploads;
		await page.getByRole('button', { name: 'Try again' }).click();
		await until(() => uploads > before + 1, 'another try by itself');
		how = 'pass';
		await until(() => said(boris, room).length === 2, 'at last');
		assert.deepEqual(said(boris, room)[1], ['file', null, 'large.txt']);
		await are(page.locator('.row.is-sent'), 2);
		await Promise.all(held.map((route) => route.abort().catch(() => {})));
	});

test('a picture with words fills its bubble, and beside a narrow one words have room', async () => {
	const { room, page } = await a_room();
	const text = 'These are more words than would go beneath a picture of any width in one line.';

	for (const [width, height] of [[400, 600], [900, 300], [60, 600]])
		await send_file(boris, room, { kind: 'image', name: `${width}.png`, text,
			body: (await a_picture(page, '', width, height)).buffer });
	await until(async () => (await pictures(page)).length === 3, 'three pictures');
	for (const size of [{ width: 1200, height: 800 }, { width: 390, height: 844 },
		{ width: 320, height: 2000 }]) {
		await page.setViewportSize(size);
		const [tall, wide, narrow] = await at_rest(page, () =>
			page.locator('.bubble').evaluateAll((all) => all.map((bubble) => ({
				bubble: bubble.clientWidth, picture: bubble.querySelector('.photo').clientWidth,
				text: bubble.querySelector('.text').clientWidth,
				column: bubble.parentNode.clientWidth,
			}))));
		for (const one of [tall, wide])
			assert.equal(one.bubble, one.picture + 8, JSON.stringify({ size, ...one }));
		assert.ok(narrow.picture < 100 && narrow.text > 140, JSON.stringify({ size, ...narrow }));
		for (const one of [tall, wide, narrow])
			assert.ok(one.bubble <= one.column, JSON.stringify({ size, ...one }));
	}
	await page.setViewportSize({ width: 1200, height: 800 });
});

test('pictures are looked at one after the other, large, by keys and by hand', async () => {
	const { room, page } = await a_room();
	const viewer = page.locator('.viewer');
	const is_at = (place) => viewer.getByRole('status').filter({ hasText: place }).waitFor({
		state: 'attached' });

	for (const alt of ['first', 'second', 'third'])
		await send_file(boris, room, { kind: 'image', name: `${alt}.png`, alt,
			body: (await a_picture(page, '', 500, 400)).buffer });
	await until(async () => (await pictures(page)).length === 3, 'three pictures');
	const opener = page.getByRole('button', { name: 'second' });
	await opener.press('Enter');
	await viewer.waitFor();
	await is_at(/^second, 2 of 3$/);
	await page.keyboard.press('ArrowRight');
	await is_at(/^third, 3 of 3$/);
	await viewer.getByRole('button', { name: 'Next picture', disabled: true }).waitFor();
	await viewer.getByRole('button', { name: 'Previous picture' }).click();
	await is_at(/^second, 2 of 3$/);
	await page.keyboard.press('ArrowLeft');
	await is_at(/^first, 1 of 3$/);

	// 0: not loaded or not fitted in yet
	const height = () => viewer.locator('img').evaluate((img) =>
		img.complete && img.naturalWidth > 0 && img.style.height ? img.clientHeight : 0);
	await until(async () => await height() > 100, 'the picture');
	const before = await height();
	await page.keyboard.press('+');
	await until(async () => await height() > before * 1.4, 'a larger picture');
	await page.keyboard.press('0');
	await becomes(height, before);
	const downloading = page.waitForEvent('download');
	await viewer.getByRole('link', { name: 'Download' }).click();
	assert.equal((await downloading).suggestedFilename(), 'first.png');
	await page.keyboard.press('Escape');
	await are(viewer, 0);
	await has_focus(opener);
});

test('pictures are looked at further back and on than what the page has read', async () => {
	const room = await boris.create_room({ name: 'a room', kind: 'group' });
	const send = async (alt) => send_file(boris, room, { kind: 'image', name: `${alt}.png`, alt,
		body: (await a_picture(anna.page, '', 500, 400)).buffer });
	const { seq } = await send('first');
	await fill_room(room.id, boris.store.user.id, 130);
	await send('second');
	const eva = await a_person({ url, name: 'eva' });
	await fetch(`${url}api/v1/rooms/${room.id}/join`, {
		method: 'POST', headers: { Authorization: `Bearer ${eva.access_token}` },
	});
	const viewer = eva.page.locator('.viewer');
	const go = async (path, from, key, to) => {
		await eva.page.goto('about:blank');
		await open_room(eva.page, url, path);
		await eva.page.getByRole('button', { name: from }).press('Enter');
		await viewer.getByRole('status').filter({ hasText: from }).waitFor({ state: 'attached' });
		await eva.page.keyboard.press(key);
		await viewer.getByRole('status').filter({ hasText: to }).waitFor({ state: 'attached' });
		await viewer.getByRole('button', { disabled: true, name:
			key === 'ArrowLeft' ? 'Previous picture' : 'Next picture' }).waitFor();
	};

	await go(room.id, 'second', 'ArrowLeft', 'first');
	await go(`${room.id}/${seq}`, 'first', 'ArrowRight', 'second');
});

test('on a phone a picture is swiped to the next, and nothing moved when it came', async () => {
	const eva = await a_person({ url, name: 'eva',
		context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } });
	const { room, page } = await a_room(eva);
	const release = [];
	let is_held = true;
	await page.route('**/files/**', (route) =>
		(is_held ? release.push(route) : route.continue()));

	for (const alt of ['first', 'second'])
		await send_file(boris, room, { kind: 'image', name: `${alt}.png`, alt,
			body: (await a_picture(page, '', 600, 350)).buffer });
	await until(() => release.length >= 2, 'both asked for');
	const boxes = () => page.locator('.photo').evaluateAll((all) =>
		all.map((one) => JSON.stringify(one.getBoundingClientRect())));
	await are(page.locator('.photo'), 2);
	const before = await at_rest(page, boxes);
	is_held = false;
	await Promise.all(release.map((route) => route.continue()));
	await until(async () => (await pictures(page)).length === 2, 'both pictures');
	assert.deepEqual(await boxes(), before);

	await page.locator('.photo-open').first().tap();
	const viewer = page.locator('.viewer');
	await viewer.waitFor();
	await viewer.getByRole('status').filter({ hasText: /^first, 1 of 2$/ })
		.waitFor({ state: 'attached' });
	// whose it is and when it was sent
	await until(() => viewer.locator('.viewer-who > *').evaluateAll((all) => all.length === 2
		&& all.every((one) => one.clientWidth > 0 && one.scrollWidth <= one.clientWidth)), 'whole words');
	await frames(page);	// now it is under the finger
	const hands = await page.context().newCDPSession(page);
	const touch = (type, x) => hands.send('Input.dispatchTouchEvent', {
		type, touchPoints: x === null ? [] : [{ x, y: 400 }],
	});
	await touch('touchStart', 300);
	await touch('touchMove', 200);
	await touch('touchMove', 100);
	await touch('touchEnd', null);
	await until(async () => await viewer.getByRole('status').textContent() === 'second, 2 of 2',
		'the next one');
});

test('of a picture there comes as much as the screen can show', async () => {
	const body = (await a_picture(anna.page, '', 900, 600)).buffer;
	const width = (page) => page.locator('.photo-image').evaluate((img) => img.naturalWidth);

	for (const [deviceScaleFactor, wide] of [[1, 480], [3, 900]]) {
		const eva = await a_person({ url, name: 'eva', context: { deviceScaleFactor } });
		const { room, page } = await a_room(eva);

		await send_file(boris, room, { kind: 'image', name: 'a.png', body });
		await page.locator('.photo-image').waitFor();
		await becomes(() => width(page), wide);
	}
});

test('an address that was refused is asked for anew, once, and then it says so', async () => {
	const { room, page } = await a_room();
	let refused = 0;

	await page.route('**/files/**', (route) => {
		refused++;
		return refused <= 3 ? route.fulfill({ status: 404, body: '' }) : route.continue();
	});
	await send_file(boris, room, { kind: 'image', name: 'a.png',
		body: (await a_picture(page, '')).buffer });
	await page.getByText('Couldn’t load this file.').waitFor();
	assert.equal(refused, 2);
	refused = 3;
	await page.getByRole('button', { name: 'Try again' }).click();
	await until(async () => (await pictures(page)).length === 1, 'the picture');
	await are(page.getByText('Couldn’t load this file.'), 0);
});

test('sounds and films have the browser\'s own player, and are loaded when they are wanted',
	async () => {
		const { room, page } = await a_room();

		await send_file(boris, room, { kind: 'audio', name: 'voice.wav', body: wav(3) });
		const audio = page.locator('audio');
		await audio.waitFor();
		await until(async () => /voice\.wav\s+0:03 · 23\.5 kB/.test(
			await page.locator('.sound').innerText()), 'its name, length and size');
		await until(() => audio.evaluate((node) => node.src !== ''), 'an address');
		assert.equal(await audio.evaluate((node) => node.readyState), 0);
		await audio.evaluate((node) => node.play());
		await until(() => audio.evaluate((node) => node.duration === 3), 'its length');

		const film = await page.evaluate(async () => {
			const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 32 });
			const paint = canvas.getContext('2d');
			const recorder = new MediaRecorder(canvas.captureStream(10), { mimeType: 'video/webm' });
			const parts = [];
			const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
			recorder.ondataavailable = ({ data }) => data.size > 0 && parts.push(data);
			recorder.start(100);
			// a busy machine takes a while to record the first frame
			for (let i = 0; i < 30 || parts.length < 2; i++) {
				paint.fillStyle = `hsl(${i * 9} 70% 50%)`;
				paint.fillRect(0, 0, 64, 32);
				await new Promise((resolve) => requestAnimationFrame(resolve));
			}
			recorder.stop();
			await stopped;
			return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
		});
		await choose(page, [{ name: 'film.webm', mimeType: 'video/webm',
			buffer: Buffer.from(film) }]);
		await until(() => page.locator('.tray-card video').evaluate((v) => v.videoWidth > 0),
			'it is measured');
		await send(page);
		await until(() => said(boris, room).length === 2, 'the film');
		const { data } = boris.store.timelines.get(room.id).messages[1];
		assert.deepEqual([data.width, data.height], [64, 32]);
	});

test('a place is looked for at a click, shown with how exact it is, and sent or not',
	async () => {
		const { room, page } = await a_room();
		await page.context().setGeolocation({
			latitude: 60.16952, longitude: 24.93545, accuracy: 12,
		});
		const open = async () => {
			await page.getByRole('button', { name: 'Attach' }).click();
			await page.getByRole('menuitem', { name: 'Location' }).click();
			await page.getByRole('button', { name: 'Find me' }).click();
		};

		await open();
		await page.getByText('Your browser isn’t allowed to share your location.').waitFor();
		await has_focus(page.getByRole('button', { name: 'Find me' }));
		await page.getByRole('button', { name: 'Cancel' }).click();
		await page.context().grantPermissions(['geolocation']);
		await open();
		await page.getByText('60.16952° N, 24.93545° E').waitFor();
		await page.getByText('accurate to 12 metres').waitFor();
		await page.getByLabel('Approximate').check();
		await page.getByText('60.17° N, 24.94° E').waitFor();
		await page.getByText('accurate to 1 kilometre').waitFor();
		assert.deepEqual(said(boris, room), []);
		await page.getByLabel('Name of the place').fill('Скамейка');
		await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
		await until(() => said(boris, room).length === 1, 'the place');
		const { kind, data } = boris.store.timelines.get(room.id).messages[0];
		assert.deepEqual([kind, data], ['location', { lat: 60.17, lon: 24.94, label: 'Скамейка' }]);
		await page.locator('.row.is-sent').getByText('Скамейка').waitFor();
		assert.equal(await page.getByRole('link', { name: 'Open in app' }).getAttribute('href'),
			'geo:60.17,24.94?z=16');
		assert.match(await page.getByRole('link', { name: 'Open map' }).getAttribute('href'),
			/^https:\/\/www\.openstreetmap\.org\/\?mlat=60\.17&mlon=24\.94/);
	});
