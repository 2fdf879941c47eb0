// What messages carry, on the page: shown, downloaded, sent.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { a_person, a_voice, close_browser, end_all, is_online, open_room, server_url }
	from './browser.js';
import { end_private_servers } from '../lib/server.js';

let url;
let pages = [];

before(async () => {
	url = await server_url();
});

afterEach(async () => {
	const complaints = pages.flatMap((page) => page.complaints);
	pages = [];
	await end_all();
	assert.deepEqual(complaints, [], 'a page complained');
});

after(close_browser);
after(end_private_servers);

// What somebody without a page sends: the file, and the message that carries it.
async function send_file(voice, room, { kind = 'file', name, body, alt, text }) {
	const headers = { Authorization: `Bearer ${await voice.session.token()}` };
	const reply = await fetch(`${url}api/v1/files?name=${encodeURIComponent(name)}`, {
		method: 'POST', headers, body,
	});
	assert.equal(reply.status, 201, await reply.clone().text());
	const { id } = await reply.json();
	return voice.api.post_message(room.id, { kind, text, data: { file_id: id, alt } });
}

// anna before a page, boris without one, both in one room that is open.
async function two_in_a_room({ context } = {}) {
	const boris = await a_voice(url, { name: 'boris' });
	const room = await boris.create_room({ name: 'a room', kind: 'group' });
	const anna = await a_person({ url, context });

	pages.push(anna.page);
	await fetch(`${url}api/v1/rooms/${room.id}/join`, {
		method: 'POST', headers: { Authorization: `Bearer ${anna.access_token}` },
	});
	boris.open_room(room.id);
	await open_room(anna.page, url, room.id);
	await is_online(anna.page);
	return { boris, room, page: anna.page, anna };
}

async function bytes_of(download) {
	const chunks = [];
	for await (const chunk of await download.createReadStream())
		chunks.push(chunk);
	return Buffer.concat(chunks);
}

test('a file that came live, and one from history, are downloaded at a click', async () => {
	const { boris, room, page } = await two_in_a_room();
	const name = 'Отчёт за «год».tar.gz';
	const body = Buffer.alloc(3000, 'x');

	await send_file(boris, room, { name, body });
	for (const reload of [false, true]) {
		if (reload)
			await page.reload();
		const link = page.getByRole('link', { name: /Отчёт за «год».tar.gz/ });
		assert.match(await link.innerText(), /2\.9 kB/);
		const downloading = page.waitForEvent('download');
		await link.click();
		const download = await downloading;
		assert.equal(download.suggestedFilename(), name);
		assert.deepEqual(await bytes_of(download), body);
	}
});
