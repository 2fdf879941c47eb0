// Messages: posted in every documented way, stored once, read back as they were.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { actor, TIME } from '../lib/rest.js';
import { shared } from '../lib/server.js';

let server, ann, bob, eve, room;

before(async () => {
	server = await shared();
	[ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((n) => actor(server, n)));
	room = await ann.room({ member_ids: [bob.id] });
});

const path = () => `/rooms/${room.id}/messages`;

function post(body, options = {}) {
	return ann.call('POST', path(), { body, ...options });
}

const form = { type: 'application/x-www-form-urlencoded' };

describe('posting', () => {
	it('answers the message with every field of the contract', async () => {
		const client_id = randomUUID();
		const sent = await ann.post(room.id, 'Привет 👋', { client_id });
		for (const field of ['id', 'room_id', 'seq', 'sender', 'kind', 'text', 'data', 'reply_to',
			'mentions', 'client_id', 'created_at', 'edited_at', 'deleted_at', 'reactions', 'status'])
			assert.ok(field in sent, field);
		assert.equal(sent.room_id, room.id);
		assert.deepEqual(sent.sender, {
			id: ann.id, login: ann.login, name: ann.login, avatar_url: null,
		});
		assert.equal(sent.kind, 'text');
		assert.equal(sent.text, 'Привет 👋');
		assert.equal(sent.client_id, client_id);
		assert.equal(sent.reply_to, null);
		assert.deepEqual(sent.mentions, []);
		assert.deepEqual(sent.reactions, []);
		assert.equal(sent.edited_at, null);
		assert.equal(sent.deleted_at, null);
		assert.match(sent.created_at, TIME);
		assert.equal(sent.status, 'sent');
		const seen = (await bob.get(path())).items.at(-1);
		assert.equal(seen.id, sent.id);
		assert.equal(seen.client_id ?? null, null);
	});

	it('seq goes up by one from message to message', async () => {
		const one = await ann.post(room.id, 'a');
		const two = await bob.post(room.id, 'b');
		assert.equal(two.seq, one.seq + 1);
	});

	it('text/plain: the body is the text', async () => {
		for (const text of ['hello', '{"text":"not JSON to us"}', 'two\nlines\n', ' spaces ',
			'text=x', 'Ж 💬', '"']) {
			const reply = await post(text, { type: 'text/plain; charset=utf-8' });
			assert.equal(reply.status, 201, reply.text);
			assert.equal(reply.body.text, text);
		}
	});

	const forms = [
		['load=93% & rising', 'load=93% & rising'],
		['hello world', 'hello world'],
		['a+b=c', 'a+b=c'],
		['100%', '100%'],
		['%zz', '%zz'],
		['=', '='],
		['&&&', '&&&'],
		['texts=1', 'texts=1'],
		['text=hello+world%21', 'hello world!'],
		['text=%D0%96%F0%9F%92%AC', 'Ж💬'],
		['content=other+name', 'other name'],
		['text=a%26b%3Dc', 'a&b=c'],
		['text=with+key&client_id=KEY', 'with key'],
	];
	for (const [body, text] of forms)
		it(`a form body ${body} is the text ${text}`, async () => {
			const reply = await post(body.replace('KEY', randomUUID()), form);
			assert.equal(reply.status, 201, reply.text);
			assert.equal(reply.body.text, text);
		});

	it('a form that begins with a known field is held to the fields', async () => {
		const reply = await ann.refused(422, 'invalid', 'POST', path(), {
			body: 'text=x&colour=red', ...form,
		});
		assert.deepEqual(reply.fields, ['colour']);
	});

	it('another media type is refused', async () => {
		for (const type of ['application/xml', 'text/html', 'image/png', 'application/jsonx']) {
			const reply = await post('<x/>', { type });
			assert.ok([400, 415, 422].includes(reply.status), `${type}: ${reply.status}`);
		}
	});

	it('/messages takes the room in the body, under both names', async () => {
		const one = await ann.want(201, 'POST', '/messages', { body: { room_id: room.id, text: 'x' } });
		const two = await ann.want(201, 'POST', '/messages', { body: { room: room.id, text: 'y' } });
		assert.equal(two.seq, one.seq + 1);
		const reply = await ann.refused(422, 'invalid', 'POST', '/messages', { body: { text: 'x' } });
		assert.deepEqual(reply.fields, ['room_id']);
	});

	it('a reply names its message, and only one of the same room', async () => {
		const first = await ann.post(room.id, 'first');
		const reply = await ann.post(room.id, 'second', { reply_to: first.id });
		assert.equal(reply.reply_to?.id ?? reply.reply_to, first.id);
		const other = await ann.room();
		const there = await ann.post(other.id, 'elsewhere');
		for (const id of [there.id, randomUUID()]) {
			const refused = await ann.refused(422, 'invalid', 'POST', path(), {
				body: { text: 'x', reply_to: id },
			});
			assert.deepEqual(refused.fields, ['reply_to']);
			// nor does the refusal reveal to a stranger whether the message exists
			await eve.refused(404, 'not_found', 'POST', path(), {
				body: { text: 'x', reply_to: id },
			});
		}
	});

	it('only members post', async () => {
		await eve.refused(404, 'not_found', 'POST', path(), { body: { text: 'x' } });
	});
});

describe('text', () => {
	const kept = [
		['Cyrillic', 'Съешь же ещё этих мягких французских булок'],
		['emoji with joiners', '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽'],
		['right to left', 'שלום עולם'],
		['CJK beyond the basic plane', '𠮷野家 漢字'],
		['combining marks, not composed', 'e\u0301 й'.normalize('NFD')],
		['controls that JSON escapes', 'tab\tnewline\nquote"backslash\\slash/'],
		['other control characters', 'bell\u0007escape\u001b[31m'],
		['line separators', 'a\u2028b\u2029c'],
		['spaces around', '  x  '],
		['a zero', '0'],
		['the word null', 'null'],
		['HTML', '<script>alert(1)</script>&amp;'],
		['SQL', `'); DROP TABLE log; --`],
		['a noncharacter', 'x\uffffx'],
		['8,000 code points of one byte', 'x'.repeat(8000)],
		['8,000 code points of two bytes', 'ж'.repeat(8000)],
		['8,000 code points of four bytes', '💬'.repeat(8000)],
	];
	for (const [name, text] of kept)
		it(`${name} comes back unchanged`, async () => {
			const sent = await ann.post(room.id, text);
			assert.equal(sent.text, text);
			assert.equal((await bob.get(`${path()}?limit=1`)).items[0].text, text);
			const [event] = (await bob.get(`/rooms/${room.id}/log?after=${sent.seq - 1}`)).items;
			assert.equal(event.text, text);
		});

	for (const [name, text] of [['one byte', 'x'], ['two bytes', 'ж'], ['four bytes', '💬']])
		it(`8,001 code points of ${name} are 422 and named, in every body`, async () => {
			const long = text.repeat(8001);
			for (const [body, options] of [[{ text: long }, {}], [long, { type: 'text/plain' }],
				[long, form], [`text=${encodeURIComponent(long)}`, form]]) {
				// a form of four-byte characters exceeds the limit of any body
				const over = Buffer.byteLength(body.text ?? body) > 131072;
				const reply = await ann.call('POST', path(), { body, ...options });
				assert.equal(reply.status, over ? 413 : 422, `${options.type}: ${reply.text}`);
				assert.equal(reply.body.code, over ? 'too_large' : 'invalid');
			}
		});

	it('an empty text is 422, in every body', async () => {
		for (const [body, options] of [[{ text: '' }, {}], ['', { type: 'text/plain' }], ['', form],
			['text=', form], [{}, {}], [{ text: null }, {}]]) {
			const reply = await ann.refused(422, 'invalid', 'POST', path(), { body, ...options });
			assert.deepEqual(reply.fields, ['text']);
		}
	});
});

describe('posting once', () => {
	it('the same client_id gives the first message again, with its first status', async () => {
		const body = { text: 'once', client_id: randomUUID() };
		const one = await ann.want(201, 'POST', path(), { body });
		const two = await ann.want(201, 'POST', path(), { body });
		assert.deepEqual(two, one);
		const { items } = await ann.get(`${path()}?limit=100`);
		assert.equal(items.filter((m) => m.text === 'once' && m.id === one.id).length, 1);
	});

	it('Idempotency-Key does the same for a message', async () => {
		const headers = { 'Idempotency-Key': randomUUID() };
		const one = await ann.want(201, 'POST', path(), { body: { text: 'k' }, headers });
		const two = await ann.want(201, 'POST', path(), { body: { text: 'k' }, headers });
		assert.equal(two.id, one.id);
		const plain = { body: 'plain', type: 'text/plain', headers: { 'Idempotency-Key': randomUUID() } };
		const three = await ann.want(201, 'POST', path(), plain);
		assert.equal((await ann.want(201, 'POST', path(), plain)).id, three.id);
	});

	it('the same key with another text is 422 idempotency_mismatch', async () => {
		const client_id = randomUUID();
		await ann.post(room.id, 'first', { client_id });
		await ann.refused(422, 'idempotency_mismatch', 'POST', path(), {
			body: { text: 'second', client_id },
		});
	});

	it('a key belongs to one person and one room', async () => {
		const client_id = randomUUID();
		const hers = await ann.post(room.id, 'x', { client_id });
		const his = await bob.post(room.id, 'x', { client_id });
		assert.notEqual(hers.id, his.id);
		const other = await ann.room();
		assert.notEqual((await ann.post(other.id, 'x', { client_id })).id, hers.id);
	});

	it('to who may no longer see the message it does not tell who reacted', async () => {
		const open = await ann.room({ kind: 'public' });
		await bob.join(open.id);
		const body = { text: 'x', client_id: randomUUID() };
		const again = async () => (await bob.want(201, 'POST', `/rooms/${open.id}/messages`, { body })).reactions;
		const { id } = await bob.post(open.id, 'x', body);
		await ann.want(200, 'PUT', `/messages/${id}/reactions/x`);
		const shown = [{ emoji: 'x', count: 1, mine: false }];
		assert.deepEqual(await again(), shown);
		await bob.want(204, 'POST', `/rooms/${open.id}/leave`);
		assert.deepEqual(await again(), []);
		await bob.join(open.id);
		assert.deepEqual(await again(), shown);
		await ann.want(200, 'PUT', `/rooms/${open.id}`, { body: { settings: { history: 'since_join' } } });
		assert.deepEqual(await again(), []);
		await ann.want(200, 'PUT', `/rooms/${open.id}`, { body: { settings: { history: 'all' } } });
		await ann.ban(open.id, bob.id);
		assert.deepEqual(await again(), []);
	});

	it('twenty at once with one key make one message', async () => {
		const client_id = randomUUID();
		const replies = await Promise.all(Array.from({ length: 20 },
			() => ann.call('POST', path(), { body: { text: 'raced', client_id } })));
		assert.deepEqual(replies.map((r) => r.status), Array(20).fill(201));
		assert.equal(new Set(replies.map((r) => r.body.id)).size, 1);
		assert.equal(new Set(replies.map((r) => r.body.seq)).size, 1);
	});

	for (const bad of ['', 'x'.repeat(65), 'a b', 'ключ', 'a/b', '.\n', "'"])
		it(`${JSON.stringify(bad).slice(0, 20)} is no client_id`, async () => {
			const reply = await ann.refused(422, 'invalid', 'POST', path(), {
				body: { text: 'x', client_id: bad },
			});
			assert.deepEqual(reply.fields, ['client_id']);
		});

	it('64 of the allowed letters are one', async () => {
		const client_id = `Az09._-${randomUUID()}`.padEnd(64, 'x');
		assert.equal((await ann.post(room.id, 'x', { client_id })).client_id, client_id);
	});
});

describe('history', () => {
	let long, seqs;

	before(async () => {
		long = await ann.room();
		seqs = [];
		for (let i = 0; i < 12; i++) {
			seqs.push((await ann.post(long.id, `m${i}`)).seq);
			// other events lie in between, and do not appear in history
			if (i === 5)
				await bob.join(long.id);
		}
	});

	const page = (query) => ann.get(`/rooms/${long.id}/messages?${query}`);
	const texts = (said) => said.items.map((m) => m.text);

	it('is the newest, ascending, unless asked otherwise', async () => {
		const said = await page('limit=3');
		assert.deepEqual(texts(said), ['m9', 'm10', 'm11']);
		assert.equal(said.has_before, true);
		assert.equal(said.has_after, false);
		assert.equal(said.seq, seqs.at(-1));
		assert.match(said.epoch, /^[0-9a-f]{16}$/);
		assert.deepEqual(Object.keys(said).sort(),
			['epoch', 'has_after', 'has_before', 'items', 'seq']);
	});

	it('before a seq: what lies right before it, ascending', async () => {
		const said = await page(`before=${seqs[4]}&limit=3`);
		assert.deepEqual(texts(said), ['m1', 'm2', 'm3']);
		assert.equal(said.has_before, true);
		assert.equal(said.has_after, true);
		const first = await page(`before=${seqs[2]}&limit=3`);
		assert.deepEqual(texts(first), ['m0', 'm1']);
		assert.equal(first.has_before, false);
		assert.deepEqual(texts(await page(`before=${seqs[0]}`)), []);
	});

	it('after a seq: what lies right after it, ascending', async () => {
		const said = await page(`after=${seqs[4]}&limit=3`);
		assert.deepEqual(texts(said), ['m5', 'm6', 'm7']);
		assert.equal(said.has_before, true);
		assert.equal(said.has_after, true);
		assert.deepEqual(texts(await page(`after=${seqs[10]}&limit=3`)), ['m11']);
		assert.deepEqual(texts(await page('after=0&limit=2')), ['m0', 'm1']);
		const end = await page(`after=${seqs[11]}`);
		assert.deepEqual(texts(end), []);
		assert.equal(end.has_after, false);
	});

	it('after a seq takes its epoch as well; of another one it is the newest', async () => {
		const { epoch } = await page('limit=1');
		for (const after of [`${epoch}.${seqs[9]}`, `${seqs[9]}&epoch=${epoch}`])
			assert.deepEqual(texts(await page(`after=${after}`)), ['m10', 'm11']);
		for (const after of [`gone.${seqs[1]}`, `${seqs[1]}&epoch=gone`]) {
			const said = await page(`after=${after}&limit=2`);
			assert.deepEqual(texts(said), ['m10', 'm11'], after);
			assert.equal(said.epoch, epoch);
		}
	});

	it('around a seq: it, with what lies on both sides', async () => {
		const said = await page(`around=${seqs[6]}&limit=5`);
		assert.deepEqual(texts(said), ['m4', 'm5', 'm6', 'm7', 'm8']);
		assert.equal(said.has_before, true);
		assert.equal(said.has_after, true);
		const start = await page(`around=${seqs[0]}&limit=4`);
		assert.ok(texts(start).includes('m0'));
		assert.equal(start.has_before, false);
		// the seq of an event that is not a message still marks a place
		assert.ok(texts(await page(`around=${seqs[5] + 1}&limit=4`)).length >= 3);
	});

	it('walks from one end to the other without gap or double, both ways', async () => {
		for (const limit of [1, 2, 5, 12, 100]) {
			const down = [];
			let said = await page(`limit=${limit}`);
			for (;;) {
				down.unshift(...texts(said));
				if (!said.has_before)
					break;
				said = await page(`limit=${limit}&before=${said.items[0].seq}`);
			}
			assert.deepEqual(down, seqs.map((_, i) => `m${i}`), `down by ${limit}`);

			const up = [];
			for (let at = 0; ;) {
				said = await page(`limit=${limit}&after=${at}`);
				up.push(...texts(said));
				if (!said.has_after)
					break;
				at = said.items.at(-1).seq;
			}
			assert.deepEqual(up, seqs.map((_, i) => `m${i}`), `up by ${limit}`);
		}
	});

	it('two directions at once, and what is no seq, are refused by name', async () => {
		for (const query of ['before=x', 'after=-1', 'around=1.5', 'limit=0', 'limit=1000',
			'before=99999999999999999999999'])
			assert.deepEqual((await ann.refused(422, 'invalid', 'GET',
				`/rooms/${long.id}/messages?${query}`)).fields, [query.split('=')[0]], query);
		assert.equal((await ann.call('GET', `/rooms/${long.id}/messages?before=5&after=3`)).status, 422);
	});

	it('a message alone is read by its id, by members only', async () => {
		const said = await page('limit=1');
		assert.deepEqual(await ann.get(`/messages/${said.items[0].id}`), said.items[0]);
		await eve.refused(404, 'not_found', 'GET', `/messages/${said.items[0].id}`);
		await ann.refused(404, 'not_found', 'GET', `/messages/${randomUUID()}`);
	});
});

describe('the log', () => {
	let long;

	before(async () => {
		long = await ann.room();
		for (let i = 0; i < 5; i++)
			await ann.post(long.id, `m${i}`);
		await bob.join(long.id);
	});

	const log = (query, who = ann) => who.get(`/rooms/${long.id}/log?${query}`);

	it('gives everything after a seq, as live events, in order', async () => {
		const said = await log('after=0');
		assert.deepEqual(Object.keys(said).sort(), ['epoch', 'items', 'more', 'recovered', 'seq']);
		assert.equal(said.recovered, true);
		assert.deepEqual(said.items.map((e) => e.seq), said.items.map((_, i) => i + 1));
		const messages = said.items.filter((e) => e.type === 'message');
		assert.deepEqual(messages.map((m) => m.text), ['m0', 'm1', 'm2', 'm3', 'm4']);
		for (const event of said.items) {
			assert.equal(event.room_id, long.id);
			assert.match(event.created_at, TIME);
		}
		assert.equal('status' in messages[0], false);
		assert.equal(said.items.at(-1).action, 'joined');
	});

	it('in pages says more until the end', async () => {
		const all = [];
		for (let at = 0; ;) {
			const said = await log(`after=${at}&limit=2`);
			all.push(...said.items.map((e) => e.seq));
			if (!said.more)
				break;
			at = said.items.at(-1).seq;
		}
		assert.deepEqual(all, all.map((_, i) => i + 1));
		assert.equal(all.length, (await log('after=0')).seq);
	});

	it('takes the epoch beside the seq or before it', async () => {
		const { epoch } = await log('after=0');
		assert.equal((await log(`after=2&epoch=${epoch}`)).items[0].seq, 3);
		assert.equal((await log(`after=${epoch}.2`)).items[0].seq, 3);
	});

	it('another epoch or a seq ahead of the log is told, not passed over', async () => {
		const { seq, epoch } = await log('after=0');
		const other = epoch.replace(/./g, (c) => (c === '0' ? '1' : '0'));
		for (const query of [`after=2&epoch=${other}`, `after=${other}.2`, `after=${seq + 1}`]) {
			const said = await log(query);
			assert.equal(said.recovered, false, query);
			assert.deepEqual(said.items, [], query);
			assert.equal(said.seq, seq);
		}
	});
});

describe('mentions', () => {
	const said = async (who, text) => who.post(room.id, text);
	const about = (who) => `@${who.login}`;

	it('name members by login, whatever its case, and each once', async () => {
		const text = `${about(bob)} and ${about(bob).toUpperCase()}: see ${about(ann)}.`;
		const sent = await said(ann, text);
		assert.deepEqual(sent.mentions, [bob.id, ann.id]);
		assert.deepEqual((await bob.get(`/messages/${sent.id}`)).mentions, [bob.id, ann.id]);
		assert.deepEqual((await bob.get(`${path()}?limit=1`)).items[0].mentions, [bob.id, ann.id]);
		const [event] = (await bob.get(`/rooms/${room.id}/log?after=${sent.seq - 1}`)).items;
		assert.deepEqual(event.mentions, [bob.id, ann.id]);
		const mine = (await bob.get('/rooms')).items.find((r) => r.id === room.id);
		assert.deepEqual(mine.last_message.mentions, [bob.id, ann.id]);
	});

	it('strangers, nobody, and e-mail addresses are none', async () => {
		for (const text of [about(eve), '@nobody.at.all', `x${about(bob)}`, `${about(bob)}@example.org`])
			assert.deepEqual((await said(ann, text)).mentions, [], text);
	});

	it('whoever is blocked, either way, is not mentioned', async () => {
		const [one, two] = await Promise.all(['one', 'two'].map((n) => actor(server, n)));
		const both = await one.room({ member_ids: [two.id] });
		await one.want(201, 'POST', '/contacts', { body: { user_id: two.id, blocked: true } });
		for (const [who, other] of [[one, two], [two, one]])
			assert.deepEqual((await who.post(both.id, about(other))).mentions, []);
	});

	it('an edit mentions anew, and its event says whom; a deletion nobody', async () => {
		const sent = await said(ann, `hello ${about(bob)}`);
		const edited = await ann.want(200, 'PUT', `/messages/${sent.id}`, {
			body: { text: `no, ${about(ann)}` },
		});
		assert.deepEqual(edited.mentions, [ann.id]);
		const [event] = (await bob.get(`/rooms/${room.id}/log?after=${sent.seq}`)).items;
		assert.equal(event.type, 'edited');
		assert.deepEqual(event.mentions, [ann.id]);
		await ann.want(204, 'DELETE', `/messages/${sent.id}`);
		assert.deepEqual((await bob.get(`/messages/${sent.id}`)).mentions, []);
	});
});

it('what was edited away is not in the log any more', async () => {
	const sent = await ann.post(room.id, 'first draft');
	for (const text of ['second draft', 'as it should be'])
		await ann.want(200, 'PUT', `/messages/${sent.id}`, { body: { text } });
	const { items } = await bob.get(`/rooms/${room.id}/log?after=${sent.seq - 1}`);
	assert.deepEqual(items.map((e) => [e.type, e.text]), [['message', 'as it should be'],
		['edited', 'as it should be'], ['edited', 'as it should be']]);
});

describe('the status of what one wrote', () => {
	let group, one, two, sent;
	const status = async (who = one) => {
		const alone = await who.get(`/messages/${sent.id}`);
		const { items } = await who.get(`/rooms/${group.id}/messages?limit=1`);
		assert.equal(items[0].status, alone.status);
		return alone.status;
	};
	const read = (who) => who.want(204, 'PUT', `/rooms/${group.id}/read`, { body: { seq: sent.seq } });

	before(async () => {
		[one, two] = await Promise.all(['one', 'two'].map((n) => actor(server, n)));
		group = await one.room({ member_ids: [bob.id, two.id] });
		sent = await one.post(group.id, 'x');
	});

	it('is sent until the slowest of the others has read it, and theirs alone', async () => {
		assert.equal(sent.status, 'sent');
		assert.equal(await status(), 'sent');
		await read(bob);
		assert.equal(await status(), 'sent');
		await read(two);
		assert.equal(await status(), 'read');
		assert.equal(await status(bob), null);
		assert.equal((await one.post(group.id, 'y')).status, 'sent');
	});

	it('is delivered at most where somebody does not tell what they read', async () => {
		await two.want(200, 'PUT', '/users/me', { body: { settings: { send_receipts: false } } });
		sent = await one.post(group.id, 'z');
		await read(bob);
		await read(two);
		assert.equal(await status(), 'delivered');
		await two.want(200, 'PUT', '/users/me', { body: { settings: { send_receipts: true } } });
		assert.equal(await status(), 'read');
	});

	it('passes over whoever is blocked', async () => {
		sent = await one.post(group.id, 'z');
		await read(bob);
		assert.equal(await status(), 'sent');
		await two.want(201, 'POST', '/contacts', { body: { user_id: one.id, blocked: true } });
		assert.equal(await status(), 'read');
	});

	it('is none in public rooms, whose messages are told nobody to be read', async () => {
		const open = await one.room({ kind: 'public' });
		const said = await one.post(open.id, 'x');
		assert.equal(said.status, null);
		assert.equal((await one.get(`/messages/${said.id}`)).status, null);
	});

	it('changes the ETag of the history, which is 304 while nothing changes', async () => {
		sent = await bob.post(group.id, 'tagged');
		const at = `/rooms/${group.id}/messages`;
		const first = await bob.call('GET', at);
		const headers = { 'If-None-Match': first.headers.get('etag') };
		assert.equal((await bob.call('GET', at, { headers })).status, 304);
		await read(one);
		await read(two);
		const then = await bob.call('GET', at, { headers });
		assert.equal(then.status, 200);
		assert.equal(then.body.items.at(-1).status, 'read');
	});
});

describe('a direct room', () => {
	it('takes no message from somebody whom the other person does not accept', async () => {
		const [one, two] = await Promise.all(['one', 'two'].map((n) => actor(server, n)));
		const sent = await one.want(201, 'POST', '/messages', { body: { to: two.login, text: 'hello' } });
		await two.want(201, 'POST', '/contacts', { body: { user_id: one.id, blocked: true } });
		for (const [who, other] of [[one, two], [two, one]]) {
			await who.refused(403, 'cannot_write', 'POST', `/rooms/${sent.room_id}/messages`, {
				body: { text: 'x' },
			});
			await who.refused(403, 'cannot_write', 'POST', '/messages', {
				body: { to: other.login, text: 'x' },
			});
		}
		const line = await live(server, { token: one.token });
		await line.join(sent.room_id);
		line.send({ type: 'message', room_id: sent.room_id, client_id: 'c', text: 'x', ref: 'r' });
		assert.equal((await line.find((f) => f.type === 'error' && f.ref === 'r', 'it')).code, 'cannot_write');
		await end_all();
	});
});

describe('kinds with a file', () => {
	it('need a file that one may read, and name what is wrong', async () => {
		for (const kind of ['image', 'file', 'audio', 'video', 'voice']) {
			const cases = [[undefined, 'data'], [{}, 'data.file_id'], [{ file_id: 7 }, 'data.file_id'],
				[{ file_id: randomUUID() }, 'data.file_id'], [{ file_id: randomUUID(), size: 1 }, 'data']];
			for (const [data, field] of cases) {
				const reply = await ann.refused(422, 'invalid', 'POST', path(), { body: { kind, data } });
				assert.deepEqual(reply.fields, [field], `${kind} ${JSON.stringify(data)}`);
			}
		}
		const reply = await ann.refused(422, 'invalid', 'POST', path(), {
			body: { kind: 'system', text: 'x' },
		});
		assert.deepEqual(reply.fields, ['kind']);
	});
});
