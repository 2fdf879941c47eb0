// Finding messages: which are found, in which order, and by whom.

import assert from 'node:assert/strict';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';

import { actor, Client, PASSWORD } from '../lib/rest.js';
import { end_private_servers, shared } from '../lib/server.js';
import { sweep } from '../lib/sweep.js';
import { until } from '../lib/wait.js';

// If each request is a process of its own, a quarter of the messages is enough.
const SCALE = process.env.REST === 'cgi' ? 4 : 1;

let server, ann, bob, nobody;

before(async () => {
	server = await shared();
	[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(server, n)));
	nobody = new Client(server);
});

after(end_private_servers);

// Waits while the index is far behind, as a client does.
async function search(who, q, more = '') {
	for (;;) {
		const reply = await who.call('GET', `/search?q=${encodeURIComponent(q)}${more}`);
		if (reply.status === 503)
			continue;
		assert.equal(reply.status, 200, reply.text);
		return reply.body;
	}
}
const texts = (page) => page.items.map((m) => m.text);
const found = async (who, q, more) => texts(await search(who, q, more));

// Reads all pages.
async function all(who, q, more = '', limit = 7) {
	const items = [];

	for (let next = ''; next !== null;) {
		const page = await search(who, q, `${more}&limit=${limit}${next && `&cursor=${next}`}`);
		assert.ok(page.items.length <= limit);
		items.push(...page.items);
		next = page.next;
	}
	return items;
}

const edit = (who, m, text) => who.want(200, 'PUT', `/messages/${m.id}`, { body: { text } });
const remove = (who, m) => who.want(204, 'DELETE', `/messages/${m.id}`);

describe('what is found', () => {
	let room;
	const said = ['Прочитал хорошую книгу', 'Connected to the server', 'Встречаемся у ёлки',
		'我的手机坏了', 'done 🎉🎉 deal', 'New York City', 'york is new', 'C3PO и R2-D2'];

	before(async () => {
		room = await ann.room();
		for (const text of said)
			await ann.post(room.id, text);
	});

	const cases = [
		['книги', [0]], ['КНИГА', [0]], ['connection', [1]], ['ервe', []], ['треча', [2]],
		['елка', [2]], ['ЁЛКИ', [2]], ['机', [3]], ['手机', [3]], ['手坏', []], ['🎉', [4]],
		['new york', [6, 5]], ['"new york"', [5]], ['new -"new york"', [6]],
		['new -city', [6]], ['"new yor', []], ['r2-d2', [7]], ['d2-r2', []], ['ё', [2]],
		['o', [6, 5, 4, 1, 7].sort((a, b) => b - a)], ['zzzzz', []], ['книга zzzzz', []],
		['"книги"', []], ['«хорошую книгу»', [0]], ['ti -x', []],
	];

	for (const [q, wanted] of cases)
		it(`${q} finds ${wanted.length} of them`, async () => {
			const expected = wanted.filter((i) => q !== 'o' || /o/i.test(said[i]));
			assert.deepEqual(await found(ann, q, `&room_id=${room.id}`),
				expected.map((i) => said[i]));
		});

	it('a message is found as it reads everywhere else', async () => {
		const page = await search(ann, 'connected', `&room_id=${room.id}`);
		// except for how far it was read, which a search does not look up
		const { status, ...read } = await ann.get(`/messages/${page.items[0].id}`);
		assert.equal(status, 'sent');
		assert.deepEqual(page.items[0], { ...read, status: null });
		assert.equal(page.next, null);
	});
});

describe('what is asked', () => {
	it('what says nothing is refused by the name q', async () => {
		for (const q of ['-word', '...', '""', '-"a b" -c', encodeURIComponent('🏽')]) {
			const r = await ann.refused(422, 'invalid', 'GET', `/search?q=${q}`);
			assert.deepEqual(r.fields, ['q']);
		}
		const none = await ann.refused(422, 'invalid', 'GET', '/search');
		assert.deepEqual(none.fields, ['q']);
	});

	it('too much, too many and what is no cursor are refused', async () => {
		const many = Array.from({ length: 17 }, (_, i) => `w${i}`).join('+');
		for (const [query, field] of [[`q=${'a'.repeat(257)}`, 'q'], [`q=${many}`, 'q'],
			['q=a&cursor=abc', 'cursor'], ['q=a&limit=0', 'limit'], ['q=a&x=1', 'x']]) {
			const r = await ann.refused(422, 'invalid', 'GET', `/search?${query}`);
			assert.deepEqual(r.fields, [field]);
		}
	});

	it('needs a token', () => nobody.refused(401, 'token_invalid', 'GET', '/search?q=a'));

	it('long words and long texts are found by any part', async () => {
		const room = await ann.room();
		const word = Array.from({ length: 7900 }, (_, i) =>
			String.fromCharCode(97 + ((i * i + 7 * i) >> 3) % 26)).join('');
		await ann.post(room.id, `see ${word}`);
		for (const at of [0, 1, 50, 77, 4000, 7850])
			assert.equal((await found(ann, word.slice(at, at + 45), `&room_id=${room.id}`)).length, 1);
		assert.deepEqual(await found(ann, `${word.slice(5, 40)}0`, `&room_id=${room.id}`), []);
	});
});

describe('who said it and where', () => {
	it('by id and by login, in one room or in all', async () => {
		const [one, two] = [await ann.room(), await ann.room()];
		await bob.join(one.id);
		await ann.post(one.id, 'walrus of ann');
		await bob.post(one.id, 'walrus of bob');
		await ann.post(two.id, 'walrus in two');
		const by = (author, more = '') => found(ann, 'walrus', `&author=${author}${more}`);

		assert.deepEqual(await found(ann, 'walrus'), ['walrus in two', 'walrus of bob', 'walrus of ann']);
		assert.deepEqual(await by(bob.id), ['walrus of bob']);
		assert.deepEqual(await by(bob.login.toUpperCase()), ['walrus of bob']);
		assert.deepEqual(await by(ann.id, `&room_id=${one.id}`), ['walrus of ann']);
		assert.deepEqual(await by('no-such-login'), []);
		assert.deepEqual(await found(ann, 'walrus', `&room_id=${two.id}`), ['walrus in two']);
	});

	it("others' rooms stay hidden", async () => {
		const room = await ann.room();
		await ann.post(room.id, 'narwhal secret');
		assert.deepEqual(await found(bob, 'narwhal'), []);
		await bob.refused(404, 'not_found', 'GET', `/search?q=narwhal&room_id=${room.id}`);
		await bob.join(room.id);
		assert.deepEqual(await found(bob, 'narwhal'), ['narwhal secret']);
		await ann.ban(room.id, bob.id);
		assert.deepEqual(await found(bob, 'narwhal'), []);
		await bob.refused(404, 'not_found', 'GET', `/search?q=narwhal&room_id=${room.id}`);
	});

	it('what was said before one came stays hidden where history is since_join', async () => {
		const room = await ann.room();
		await ann.want(200, 'PUT', `/rooms/${room.id}`,
			{ body: { settings: { history: 'since_join' } } });
		await ann.post(room.id, 'ibex before');
		await bob.join(room.id);
		await ann.post(room.id, 'ibex after');
		assert.deepEqual(await found(bob, 'ibex'), ['ibex after']);
		assert.deepEqual(await found(ann, 'ibex'), ['ibex after', 'ibex before']);
	});
});

// Queries the database as its owner.
const sql = (query) => server.sql(query);
describe('what changes', () => {
	it('a message is found as soon as it is posted', async () => {
		const room = await ann.room();
		for (let i = 0; i < 30 / SCALE; i++) {
			await ann.post(room.id, `lemming number${i}x`);
			assert.deepEqual(await found(ann, `number${i}x`), [`lemming number${i}x`]);
		}
	});

	it('an edited message is found by its new words only', async () => {
		const room = await ann.room();
		const m = await ann.post(room.id, 'quokka');
		assert.equal((await found(ann, 'quokka')).length, 1);
		await edit(ann, m, 'wombat');
		assert.deepEqual(await found(ann, 'quokka'), []);
		assert.deepEqual(await found(ann, 'wombat'), ['wombat']);
		await edit(ann, m, '...');
		assert.deepEqual(await found(ann, 'wombat'), []);
		await edit(ann, m, 'quokka again');
		assert.deepEqual(await found(ann, 'quokka'), ['quokka again']);
	});

	it('of deleted and edited text nothing is left in the index', async () => {
		const room = await ann.room();
		const m = await ann.post(room.id, 'xylospongium');
		const n = await ann.post(room.id, 'zyzzyvalike thing');
		assert.equal((await found(ann, 'xylospongium')).length, 1);
		await remove(ann, m);
		await edit(ann, n, 'some thing');
		assert.deepEqual(await found(ann, 'xylospongium'), []);
		assert.deepEqual(await found(ann, 'zyzzyvalike'), []);
		assert.equal((await sql("SELECT count(*) FROM search_words WHERE word IN"
			+ " ('xylospongium', 'zyzzyvalike')")).trim(), '0');
		assert.equal((await sql("SELECT count(*) FROM search_words WHERE word = 'thing'")).trim(), '1');
		assert.deepEqual(await found(ann, 'thing', `&room_id=${room.id}`), ['some thing']);
	});

	it('what a removed account erased leaves no word in the index', async () => {
		const room = await ann.room();
		const carl = await actor(server, 'carl');
		await carl.join(room.id);
		await carl.post(room.id, 'axolotlesque remark');
		assert.equal((await found(ann, 'axolotlesque')).length, 1);
		await carl.want(204, 'DELETE', '/users/me',
			{ body: { password: PASSWORD, erase_messages: true } });
		await until(async () => {
			await sweep(server, 'removed_accounts', () => ann.get('/rooms'));
			await search(ann, 'anything');
			return (await sql("SELECT count(*) FROM search_words WHERE word ="
				+ " 'axolotlesque'")).trim() === '0';
		}, 'the word to be forgotten');
		assert.deepEqual(await found(ann, 'axolotlesque'), []);
	});

	it('a removed room leaves nothing in the index', async () => {
		const room = await ann.room();
		await ann.post(room.id, 'pangolinesque');
		assert.equal((await found(ann, 'pangolinesque')).length, 1);
		await ann.want(204, 'DELETE', `/rooms/${room.id}`);
		assert.deepEqual(await found(ann, 'pangolinesque'), []);
		await until(async () => {
			await sweep(server, 'search_rooms', () => search(ann, 'anything'));
			return (await sql("SELECT count(*) FROM search_words WHERE word ="
				+ " 'pangolinesque'")).trim() === '0';
		}, 'the room to be forgotten');
	});
});

// Pseudo-random numbers, the same in every run.
function dice(seed) {
	let x = seed;
	return (n) => {
		x = (Math.imul(x, 1103515245) + 12345) >>> 0;
		return (x >>> 8) % n;
	};
}

describe('exactness', () => {
	const words = ['альфа', 'бета', 'гамма', 'дельта', 'delta', 'epsilon', 'zeta', '日本', '本'];
	const matchers = {
		'альфа': (t) => t.includes('альфа'),
		'а бета': (t) => t.includes('а') && t.includes('бета'),
		'"delta zeta"': (t) => t.includes('delta zeta'),
		'epsilon -zeta': (t) => t.includes('epsilon') && !t.includes('zeta'),
		'本': (t) => t.includes('本'),
		'日本 амм': (t) => t.includes('日本') && t.includes('амм'),
		'silo': (t) => t.includes('silo'),
		'e': (t) => t.includes('e'),
	};
	let carol, rooms, said;

	// Three rooms written to in turn, one of them indexed earlier by somebody else's
	// search.
	before(async () => {
		const roll = dice(7);
		carol = await actor(server, 'carol');
		const dave = await actor(server, 'dave');
		rooms = [];
		for (let i = 0; i < 3; i++)
			rooms.push(await carol.room());
		await dave.join(rooms[1].id);
		const hidden = await dave.room();
		said = [];
		for (let i = 0; i < 240 / SCALE; i++) {
			const text = Array.from({ length: 1 + roll(4) }, () => words[roll(words.length)]).join(' ');
			if (i % 10 === 0)
				await dave.post(hidden.id, text);
			said.push(await carol.post(rooms[roll(3)].id, text));
			if (i % 23 === 0)
				await search(dave, 'альфа');
		}
		for (let i = 0; i < 20 / SCALE; i++)
			await remove(carol, said.splice(roll(said.length), 1)[0]);
		for (let i = 0; i < 20 / SCALE; i++) {
			const m = said[roll(said.length)];
			m.text = words[roll(words.length)];
			await carol.call('PUT', `/messages/${m.id}`, { body: { text: m.text } });
		}
	});

	for (const [q, matches] of Object.entries(matchers))
		it(`${q}: page by page, just what is there, newest first, each once`, async () => {
			for (const room of [null, rooms[0]]) {
				const wanted = said.filter((m) => matches(m.text) && (!room || m.room_id === room.id));
				const got = await all(carol, q, room ? `&room_id=${room.id}` : '');
				assert.deepEqual(got.map((m) => m.id).sort(), wanted.map((m) => m.id).sort());
				for (let i = 1; i < got.length; i++)
					assert.ok(got[i - 1].created_at >= got[i].created_at);
				for (const { id } of rooms) {
					const seqs = got.filter((m) => m.room_id === id).map((m) => m.seq);
					assert.deepEqual(seqs, [...seqs].sort((a, b) => b - a));
				}
			}
		});

	it('while others post, all that was there before is found', async () => {
		const room = await carol.room();
		const others = [await actor(server, 'eve'), await actor(server, 'fay')];
		for (const other of others)
			await other.join(room.id);
		const posting = others.map(async (other) => {
			for (let i = 0; i < 40 / SCALE; i++)
				await other.post(room.id, `gibbon ${other.login} ${i}`);
		});
		for (let i = 0; i < 20 / SCALE; i++) {
			const m = await carol.post(room.id, `gibbon carol ${i}`);
			const [a, b] = await Promise.all([all(carol, 'gibbon', '', 50), all(others[0], 'gibbon', '', 50)]);
			for (const list of [a, b]) {
				assert.ok(list.some((x) => x.id === m.id));
				assert.equal(new Set(list.map((x) => x.id)).size, list.length);
			}
		}
		await Promise.all(posting);
		assert.equal((await all(carol, 'gibbon', '', 50)).length, 100 / SCALE);
	});

	it('a clock that was set back does not stop the indexing', async () => {
		const room = await carol.room();
		await sql(`WITH h AS (UPDATE room_heads SET seq = seq + 700, messages = messages + 700,
				last_message = seq + 700
				WHERE room_no = (SELECT no FROM rooms WHERE id = '${room.id}') RETURNING *)
			INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, type, kind, client_id, text)
			SELECT h.room_no, h.seq - 700 + n, n, now() - interval '1 hour', '${carol.id}',
				'message', 'text', '~' || n, 'ocelot ' || n
			FROM h, generate_series(1, 700) n`);
		assert.deepEqual(await found(carol, 'ocelot 700'), ['ocelot 700']);
		assert.equal((await all(carol, 'ocelot', '', 100)).length, 700);
	});

	it('an index that was emptied fills again', async () => {
		await sql('TRUNCATE search_index, search_words, search_lists, search_heads');
		const wanted = said.filter((m) => m.text.includes('альфа')).length;
		assert.equal((await all(carol, 'альфа')).length, wanted);
	});
});
