// Files in messages: uploaded first and referred to, or sent along in one request; who may then
// read them, and what the log shows everybody.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';

import { fetched as fetched_from, file_part, form, sha256, text_part, upload } from '../lib/files.js';
import { end_all, live } from '../lib/live.js';
import { jpeg, mp4, opus, PLACE, png, webm } from '../lib/pictures.js';
import { actor, Client } from '../lib/rest.js';
import { end_private_servers, private_server, shared } from '../lib/server.js';

let server, ann, bob, eve, room;

before(async () => {
	server = await shared();
	[ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((n) => actor(server, n)));
	room = await ann.room();
	await bob.join(room.id);
});
afterEach(end_all);
after(end_private_servers);

const fetched = (url, options) => fetched_from(server, url, options);
const status_of = async (url, options) => (await fetched(url, options)).status;
const at = (r) => `/rooms/${r.id}/messages`;
const send = (who, to, kind, f, fields = {}) => who.want(201, 'POST', at(to), {
	body: { kind, data: { file_id: f.id ?? f }, ...fields },
});
// file and fields in one request
const parts = (name, body, fields = {}) => form([
	...Object.entries(fields).map(([key, value]) => text_part(key, value)), file_part(name, body)]);
const send_along = (who, to, name, body, fields, options) =>
	who.want(201, 'POST', at(to), { ...parts(name, body, fields), ...options });
const uploads_of = async (who) =>
	Number(await server.sql(`SELECT count(*) FROM files WHERE user_id = '${who.id}'`));

describe('a message to a person that is refused', () => {
	it('for what it carries or answers leaves no room behind', async () => {
		const two = await actor(server, 'two');
		const text = await upload(ann, 'a.txt', 'some text');
		const theirs = await upload(bob, 'b.png', png(3, 3));
		const said = await ann.post(room.id, 'elsewhere');
		const along = (name, body, fields) => parts(name, body, { to: two.login, ...fields });
		for (const [field, options] of [
			['data.file_id', { body: { kind: 'image', data: { file_id: text.id } } }],
			['data.file_id', { body: { kind: 'file', data: { file_id: theirs.id } } }],
			['data.file_id', { body: { kind: 'image', data: { file_id: randomUUID() } } }],
			['data.file_id', along('a.txt', randomBytes(20), { kind: 'image' })],
			['reply_to', { body: { text: 'x', reply_to: said.id } }],
			['reply_to', { body: { text: 'x', reply_to: randomUUID() } }],
			['reply_to', along('a.txt', randomBytes(20), { reply_to: said.id })],
		]) {
			const files = await uploads_of(ann);
			if (!options.type)
				options.body.to = two.login;
			const reply = await ann.refused(422, 'invalid', 'POST', '/messages', options);
			assert.deepEqual(reply.fields, [field]);
			assert.deepEqual((await two.get('/rooms')).items.filter((r) => r.kind === 'direct'), [], field);
			assert.equal(await uploads_of(ann), files);
		}
		await ann.want(201, 'POST', '/messages', along('a.png', png(2, 2), { kind: 'image' }));
		const [direct] = (await two.get('/rooms')).items.filter((r) => r.kind === 'direct');
		assert.equal(direct.last_message.seq, 3);
	});

	it('by a block is not, where the same was sent before', async () => {
		const [one, two] = await Promise.all(['one', 'two'].map((n) => actor(server, n)));
		const body = { to: two.login, text: 'once', client_id: 'c' };
		const sent = await one.want(201, 'POST', '/messages', { body });
		await two.want(201, 'POST', '/contacts', { body: { user_id: one.id, blocked: true } });
		assert.equal((await one.want(201, 'POST', '/messages', { body })).id, sent.id);
		await one.refused(403, 'cannot_write', 'POST', '/messages', { body: { ...body, client_id: 'd' } });
	});
});

describe('a message with a file that was uploaded before', () => {
	it('tells what it is, with addresses for whoever reads it', async () => {
		for (const [kind, name, body, size, duration, has_thumb] of [
			['image', 'a.png', png(30, 20), [30, 20], null, true],
			['file', 'a.txt', 'some text', [null, null], null, false],
			['audio', 'a.ogg', opus(3), [null, null], 3, false],
			['video', 'a.mp4', mp4(9, ['vide']), [null, null], 9, false],
		]) {
			const f = await upload(ann, name, body);
			const message = await send(ann, room, kind, f, { text: 'look' });
			const theirs = await bob.get(`/messages/${message.id}`);
			assert.deepEqual([message.kind, message.text], [kind, 'look']);
			for (const [who, m] of [[ann, message], [bob, theirs]]) {
				assert.deepEqual([m.data.file_id, m.data.name, m.data.size, m.data.mime],
					[f.id, name, body.length, f.mime]);
				assert.deepEqual([[m.data.width, m.data.height], m.data.duration], [size, duration]);
				assert.match(m.data.url, new RegExp(`user=${who.id}&`));
				assert.deepEqual((await fetched(m.data.url)).body, Buffer.from(body));
				assert.equal(m.data.thumb_url !== null, has_thumb);
				if (has_thumb)
					assert.equal(await status_of(m.data.thumb_url), 200);
			}
			assert.notEqual(message.data.url, theirs.data.url);
			const { items } = await bob.get(`${at(room)}?limit=1`);
			assert.deepEqual(items[0].data, theirs.data);
			assert.deepEqual((await bob.get(`/rooms/${room.id}`)).last_message.data, theirs.data);
		}
	});

	it('tells everybody the same in /log and live: plain addresses, good with a token', async () => {
		const listener = await live(server, { token: bob.token });
		await listener.join(room.id);
		const f = await upload(ann, 'a.png', png(30, 20));
		const message = await send(ann, room, 'image', f);
		const heard = await listener.find((e) => e.type === 'message' && e.id === message.id, 'the message');
		const { items } = await bob.get(`/rooms/${room.id}/log?after=${message.seq - 1}`);
		assert.deepEqual(items[0], heard);
		assert.deepEqual([heard.data.url, heard.data.thumb_url], [
			`${server.prefix}/api/v1/files/${f.id}`, `${server.prefix}/api/v1/files/${f.id}?variant=thumb`]);
		assert.equal(await status_of(heard.data.url, { who: bob }), 200);
		assert.equal(await status_of(heard.data.thumb_url, { who: bob }), 200);
		assert.equal(await status_of(heard.data.url), 401);
	});

	it('is posted over a socket as well', async () => {
		const [speaker, listener] = await Promise.all([ann, bob].map(({ token }) => live(server, { token })));
		await Promise.all([speaker, listener].map((c) => c.join(room.id)));
		const f = await upload(ann, 'voice.webm', webm(2, ['A_OPUS']));
		const data = { file_id: f.id, waveform: [1, 2, 3], duration: 99, alt: 'me' };
		const ack = await speaker.message(room.id, undefined, { kind: 'voice', data, client_id: randomUUID() });
		const heard = await listener.find((e) => e.type === 'message' && e.id === ack.id, 'the message');
		assert.deepEqual([heard.kind, heard.data.name, heard.data.mime, heard.data.duration, heard.data.waveform, heard.data.alt],
			['audio', 'voice.webm', 'audio/webm', 2, [1, 2, 3], 'me']);
		const read = await bob.get(`/messages/${ack.id}`);
		assert.deepEqual((await fetched(read.data.url)).body, webm(2, ['A_OPUS']));
		const theirs = await upload(eve, 'x', 'x');
		await speaker.refused('invalid', { type: 'message', room_id: room.id, kind: 'file', data: { file_id: theirs.id } });
	});

	it('may carry what one may read, and nothing else', async () => {
		const [f, mine] = [await upload(ann, 'a.png', png(8, 8)), await ann.room()];
		const theirs = await eve.room();
		const refused = (who, to, id) => who.refused(422, 'invalid', 'POST', at(to), {
			body: { kind: 'image', data: { file_id: id } } });
		await refused(eve, theirs, f.id);
		await refused(bob, room, f.id);
		await send(ann, room, 'image', f);
		assert.deepEqual((await refused(eve, theirs, f.id)).fields, ['data.file_id']);
		await refused(eve, theirs, randomUUID());

		const his = await bob.room();
		const forwarded = await send(bob, his, 'image', f);
		await eve.join(his.id);
		assert.equal(await status_of((await eve.get(`/messages/${forwarded.id}`)).data.url), 200);
		assert.equal(await status_of(`/files/${f.id}`, { who: eve }), 200);
		await send(eve, theirs, 'image', f);
		await bob.want(204, 'DELETE', `/rooms/${his.id}`);
		assert.ok(mine);
	});

	it('an API token that is bound to a room makes no avatar of a file of another one', async () => {
		const hidden = await ann.room();
		const mine = await ann.room();
		const { secret } = await ann.want(201, 'POST', '/auth/tokens', {
			body: { name: 'x', scopes: ['admin'], room_id: mine.id },
		});
		const bound = new Client(server, { token: secret });
		const [here, there] = await Promise.all([3, 4].map((n) => upload(ann, 'a.png', png(n, n))));
		await send(ann, hidden, 'image', there);
		await send(ann, mine, 'image', here);
		const put = (who, f) => who.call('PUT', `/rooms/${mine.id}`, { body: { avatar: f.id } });
		const { status, body } = await put(bound, there);
		assert.deepEqual([status, body.errors?.map((e) => e.field)], [422, ['avatar']]);
		assert.equal((await ann.get(`/rooms/${mine.id}`)).avatar_url, null);
		for (const [who, f] of [[bound, here], [ann, there]])
			assert.equal((await put(who, f)).status, 200);
	});

	it('an API token that is bound to a room carries no file of another one into it', async () => {
		const [here, there] = [await ann.room(), await ann.room()];
		const [f, g] = [await upload(ann, 'a', 'here'), await upload(ann, 'b', 'there')];
		await send(ann, here, 'file', f);
		await send(ann, there, 'file', g);
		const { secret } = await ann.want(201, 'POST', '/auth/tokens', {
			body: { name: 'bot', scopes: ['read', 'post'], room_id: here.id } });
		const bot = new Client(server, { token: secret });
		await send(bot, here, 'file', f);
		const other = { kind: 'file', data: { file_id: g.id } };
		await bot.refused(422, 'invalid', 'POST', at(here), { body: other });
		const socket = await live(server, { token: secret });
		await socket.refused('invalid', { type: 'message', room_id: here.id, ...other });
		await send(bot, here, 'file', await upload(bot, 'c', 'its own'));
	});

	it('once deleted, nobody may read the file but who uploaded it', async () => {
		const f = await upload(ann, 'a.png', png(30, 20));
		const message = await send(ann, room, 'image', f);
		const { url, thumb_url } = (await bob.get(`/messages/${message.id}`)).data;
		const urls = [url, thumb_url];
		assert.deepEqual(await Promise.all(urls.map((u) => status_of(u))), [200, 200]);
		await ann.want(204, 'DELETE', `/messages/${message.id}`);
		assert.deepEqual(await Promise.all(urls.map((u) => status_of(u))), [404, 404]);
		assert.equal(await status_of(`/files/${f.id}`, { who: bob }), 404);
		assert.equal(await status_of(`/files/${f.id}`, { who: ann }), 200);
		assert.equal((await bob.get(`/messages/${message.id}`)).data, null);
	});
});

describe('a message and its file in one request', () => {
	it('is of the kind that the file is, with the text below it', async () => {
		for (const [kind, name, body] of [
			['image', 'a.jpg', jpeg()], ['audio', 'a.webm', webm(1, ['A_OPUS'])],
			['video', 'a.webm', webm(1, ['V_VP8'])], ['file', 'a.txt', 'words'], ['file', 'none', ''],
		]) {
			const message = await send_along(ann, room, name, body, { text: 'caption' });
			assert.deepEqual([message.kind, message.text, message.data.name, message.data.size],
				[kind, 'caption', name, body.length]);
			const theirs = await bob.get(`/messages/${message.id}`);
			assert.deepEqual((await fetched(theirs.data.url)).body, Buffer.from(body));
		}
		const image = await send_along(ann, room, 'a.jpg', jpeg(), { text: '' });
		assert.deepEqual([image.text, image.data.width, image.data.height], [null, 64, 32]);
		assert.equal(await status_of(image.data.thumb_url), 200);
	});

	it('takes the fields of any other message', async () => {
		const first = await ann.post(room.id, 'first');
		const listener = await live(server, { token: bob.token });
		await listener.join(room.id);
		const message = await send_along(ann, room, 'v.ogg', opus(2), {
			type: 'voice', content: `hi @${bob.login}`, reply_to: first.id, client_id: 'one',
			data: JSON.stringify({ alt: 'hum', waveform: [7] }),
		});
		assert.deepEqual([message.kind, message.reply_to, message.client_id, message.mentions, message.data.alt, message.data.waveform],
			['audio', first.id, 'one', [bob.id], 'hum', [7]]);
		const heard = await listener.find((e) => e.type === 'message' && e.id === message.id, 'the message');
		assert.equal(heard.data.name, 'v.ogg');
		const as_file = await send_along(ann, room, 'a.png', png(2, 2), { kind: 'file' });
		assert.equal(as_file.kind, 'file');
		const plain = await ann.want(201, 'POST', at(room), form([text_part('text', 'no file')]));
		assert.deepEqual([plain.kind, plain.text], ['text', 'no file']);
	});

	it('goes wherever a message goes', async () => {
		for (const [where, fields, kind = 'direct'] of [
			['/messages', { to: eve.login }], [`/messages?to=${eve.login}`, {}],
			['/messages', { chat_id: room.id }, 'group'], [`/messages?room_id=${room.id}`, {}, 'group'],
			[`/chats/${room.id}/messages`, {}, 'group'],
		]) {
			const message = await ann.want(201, 'POST', where, parts('a.txt', 'hello', fields));
			assert.equal((await ann.get(`/rooms/${message.room_id}`)).kind, kind);
			assert.equal(message.data.name, 'a.txt');
		}
		await ann.refused(422, 'invalid', 'POST', '/messages', parts('a.txt', 'hello'));
	});

	it('is one line of curl', async () => {
		const photo = path.join(server.state, 'tmp', 'photo.jpg');
		fs.writeFileSync(photo, jpeg({ orientation: 6, place: true }));
		const said = execFileSync('curl', ['-sS', '-H', `Authorization: Bearer ${ann.token}`,
			'-F', `file=@${photo}`, '-F', 'text=hi', server.api + at(room)]);
		const message = JSON.parse(said);
		assert.deepEqual([message.kind, message.text, message.data.name, message.data.width], ['image', 'hi', 'photo.jpg', 32]);
		assert.ok(!(await fetched(message.data.url)).body.includes(PLACE));
	});

	it('sent again under its key is the first one, and stores nothing twice', async () => {
		const cal = await actor(server, 'cal');
		const r = await cal.room();
		const body = randomBytes(5000);
		for (const [key, options] of [[{ client_id: 'k1' }, {}], [{}, { headers: { 'Idempotency-Key': 'k2' } }]]) {
			const again = () => send_along(cal, r, 'a.bin', body, { text: 'x', ...key }, options);
			const before_count = await uploads_of(cal);
			const first = await again();
			const all = [await again(), ...await Promise.all([again(), again(), again()])];
			for (const m of all)
				assert.deepEqual([m.id, m.seq, m.data.file_id], [first.id, first.seq, first.data.file_id]);
			assert.equal(await uploads_of(cal), before_count + 1);
			for (const [name, other, text] of [['b.bin', body, 'x'], ['a.bin', randomBytes(5000), 'x'], ['a.bin', body, 'y']])
				await cal.refused(422, 'idempotency_mismatch', 'POST', at(r), { ...parts(name, other, { text, ...key }), ...options });
			await cal.refused(422, 'idempotency_mismatch', 'POST', at(r), {
				...options, body: { kind: 'file', data: { file_id: first.data.file_id }, text: 'x', ...key } });
			assert.equal(await uploads_of(cal), before_count + 1);
			await cal.want(204, 'DELETE', `/messages/${first.id}`);
			const tombstone = await again();
			assert.deepEqual([tombstone.id, tombstone.data], [first.id, null]);
		}
		assert.equal((await cal.get(at(r))).items.length, 2);
	});

	it('of which several come at once under one new key is stored once', async () => {
		const dan = await actor(server, 'dan');
		const r = await dan.room();
		const all = await Promise.all(Array.from({ length: 6 }, () =>
			send_along(dan, r, 'a.bin', 'the same', { client_id: 'race' })));
		assert.equal(new Set(all.map((m) => m.id)).size, 1);
		assert.equal(new Set(all.map((m) => m.data.file_id)).size, 1);
		assert.equal(await uploads_of(dan), 1);
		assert.deepEqual((await fetched(all[0].data.url)).body.toString(), 'the same');
	});

	it('that is refused leaves no upload behind', async () => {
		const fay = await actor(server, 'fay');
		const along = (status, code, to, options = parts('a.txt', 'hello')) => fay.refused(status, code, 'POST', at(to), options);
		await along(404, 'not_found', { id: randomUUID() });
		const r = await ann.room();
		await along(404, 'not_found', r);
		await fay.join(r.id);
		const change = (body) => ann.want(200, 'PUT', `/rooms/${r.id}/members/${fay.id}`, { body });
		await change({ muted_until: new Date(Date.now() + 3600e3).toISOString() });
		await along(403, 'forbidden', r);
		await change({ muted_until: null });
		await along(422, 'invalid', r, parts('a.txt', 'no picture', { kind: 'image' }));
		await along(422, 'invalid', r, parts('a.txt', 'x', { kind: 'location' }));
		await along(422, 'invalid', r, parts('a.txt', 'x', { nonsense: 'x' }));
		await along(422, 'invalid', r, parts('a.txt', 'x', { data: JSON.stringify({ file_id: randomUUID() }) }));
		await along(422, 'invalid', r, form([file_part('a', 'a'), file_part('b', 'b')]));
		await along(400, 'malformed', r, form([file_part('a', 'a')], { end: '' }));
		await ann.want(200, 'PUT', `/rooms/${r.id}`, { body: { settings: { slow_mode_s: 60 } } });
		await send_along(fay, r, 'a.txt', 'the first');
		await along(429, 'rate_limited', r);
		await change({ banned: true });
		await along(403, 'forbidden', r);
		assert.equal(await uploads_of(fay), 1);
		assert.deepEqual(fs.readdirSync(path.join(server.state, 'files/tmp')), []);

		const blocked = await actor(server, 'gus');
		await blocked.want(201, 'POST', '/contacts', { body: { user_id: fay.id, blocked: true } });
		await fay.refused(403, 'cannot_write', 'POST', '/messages', parts('a.txt', 'x', { to: blocked.login }));
		assert.equal(await uploads_of(fay), 1);
	});

	it('has the limits of an upload, and is read in pieces', async () => {
		const small = await private_server({ name: 'limits', env: {
			FOYER_MAX_FILE_BYTES: '300000', FOYER_QUOTA_BYTES: '500000' } });
		const hal = await actor(small, 'hal');
		const r = await hal.room();
		const body = randomBytes(300000);
		const m = await send_along(hal, r, 'a', body, { client_id: 'a' });
		assert.equal(m.data.size, 300000);
		assert.equal((await hal.refused(413, 'too_large', 'POST', at(r), parts('b', Buffer.alloc(300001)))).status, 413);
		await hal.refused(413, 'quota_exceeded', 'POST', at(r), parts('b', randomBytes(300000)));
		await hal.refused(413, 'too_large', 'POST', at(r), parts('b', 'x', { text: 'x'.repeat(131073) }));
		assert.equal((await send_along(hal, r, 'a', body, { client_id: 'a' })).id, m.id, 'a full quota is no hindrance');
		assert.equal(sha256((await fetched_from(small, m.data.url)).body), sha256(body));
		assert.deepEqual(fs.readdirSync(path.join(small.state, 'files/tmp')), []);
	});
});
