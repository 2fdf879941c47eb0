// Discovering public rooms by any part of their name, in any script.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, it } from 'node:test';

import { actor } from '../lib/rest.js';
import { shared } from '../lib/server.js';

let server, ann, bob;

before(async () => {
	server = await shared();
	[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(server, n)));
});

// A word that no other room of the shared server has, so that tests do not meet.
const mark = () => `q${randomBytes(5).toString('hex')}`;
const open = (name, fields = {}, who = ann) => who.room({ kind: 'public', name, ...fields });
const path = (q, more = '') => `/rooms?scope=public&q=${encodeURIComponent(q)}${more}`;
const found = async (q, who = bob) => (await who.get(path(q))).items.map((room) => room.name);

async function pages(q, limit, who = bob) {
	const all = [];
	for (let cursor = ''; cursor !== null;) {
		const page = await who.get(path(q, `&limit=${limit}${cursor && `&cursor=${cursor}`}`));
		assert.ok(page.items.length <= limit);
		all.push(page.items);
		cursor = page.next;
	}
	return all;
}

describe('a public room is found', () => {
	const m = mark();
	// name, and parts that find it
	const cases = [
		[`Наука и Жизнь ${m}`, ['наука', 'НАУКА', 'жизн', 'изнь', 'наука и ж', 'и Жизнь', 'укА']],
		[`ΟΔΟΣ ${m}`, ['οδος', 'οδοσ', 'Οδός'.normalize('NFC').slice(0, 2)]],
		[`Straße ${m}`, ['STRASSE', 'straße', 'asse']],
		[`Café ${m}`, ['CAFÉ', 'cafe\u0301', 'fé']],
		[`ﬁne Ｗｉｄｅ ${m}`, ['fine', 'wide', 'FINE WIDE']],
		[`日本語の部屋 ${m}`, ['日', '日本語', '本語', '語の', '部屋']],
		[`聊天室 ${m}`, ['聊', '天室', '室']],
		[`한국어 대화방 ${m}`, ['한국', '국어', '대화방', '화방']],
		[`غرفة الدردشة ${m}`, ['غرفة', 'دردشة']],
		[`c++/rust-lang_talk ${m}`, ['c++', 'rust', 'lang', 'talk', 'ust-l', '++/r']],
		[`🌳 garden 🌱 ${m}`, ['🌳', '🌱', '🌳 garden']],
		[`100% of_all ${m}`, ['100%', '%', 'of_all', '_']],
	];

	before(async () => {
		for (const [name] of cases)
			await open(name);
	});

	for (const [name, keys] of cases)
		it(`${name.slice(0, -m.length - 1)} by ${keys.join(', ')}`, async () => {
			const only_ours = async (q) => (await pages(q, 100)).flat()
				.map((room) => room.name).filter((n) => n.endsWith(m));
			for (const q of [...keys, ` ${keys[0]}  `, `${name}`])
				assert.ok((await only_ours(q)).includes(name), q);
			assert.deepEqual(await found(`${keys[0]}zz${m}`), []);
		});

	it('by what is written in it, not by what is a pattern elsewhere', async () => {
		assert.deepEqual(await found(`100_ of${m}`), []);
		assert.deepEqual(await found(`${m}%`), []);
		assert.deepEqual(await found(`.*${m}`), []);
		assert.equal((await found(m)).length, cases.length);
	});

	it('by its new name, once it has one, and no longer by the old', async () => {
		const [before_it, after_it] = [mark(), mark()];
		const room = await open(`old ${before_it}`);
		await ann.want(200, 'PUT', `/rooms/${room.id}`, { body: { name: `New ${after_it}` } });
		assert.deepEqual(await found(before_it), []);
		assert.deepEqual(await found(after_it.toUpperCase()), [`New ${after_it}`]);
		await ann.want(200, 'PUT', `/rooms/${room.id}`, { body: { description: 'same name' } });
		assert.deepEqual(await found(after_it), [`New ${after_it}`]);
		await ann.want(204, 'DELETE', `/rooms/${room.id}`);
		assert.deepEqual(await found(after_it), []);
	});

	it('and no group or direct room is', async () => {
		const word = mark();
		await ann.room({ name: `group ${word}` });
		assert.deepEqual(await found(word, ann), []);
	});
});

describe('the order and the pages', () => {
	it('those with a word that begins so come first, each room once', async () => {
		const word = mark();
		await open(`in${word}side ${word}er`);
		await open(`x${word}`);
		await open(`zz ${word}b`);
		await open(`${word}a ${word}c`);
		await open(`a-${word}d`);
		assert.deepEqual(await found(word), [`${word}a ${word}c`, `zz ${word}b`, `a-${word}d`,
			`in${word}side ${word}er`, `x${word}`]);
		const one = await pages(word, 1);
		assert.deepEqual(one.flat().map((room) => room.name), await found(word));
	});

	it('hold while rooms come and go', async () => {
		const word = mark(), rooms = [];
		for (let i = 0; i < 12; i++)
			rooms.push(await open(i % 2 ? `${word} ${String(i).padStart(2, '0')}` : `x${word} ${i}`));
		const first = await bob.get(path(word, '&limit=5'));
		const last = first.items.at(-1);
		// before, at, and after the cursor's position
		await open(`${word} 000`);
		await ann.want(204, 'DELETE', `/rooms/${last.id}`);
		await open(`${word} 99`);
		const rest = [];
		for (let cursor = first.next; cursor !== null;) {
			const page = await bob.get(path(word, `&limit=5&cursor=${cursor}`));
			rest.push(...page.items);
			cursor = page.next;
		}
		const seen = [...first.items, ...rest].map((room) => room.id);
		assert.equal(new Set(seen).size, seen.length, 'none twice');
		assert.deepEqual(rooms.filter((room) => !seen.includes(room.id)), [], 'none left out');
		assert.ok(rest.some((room) => room.name === `${word} 99`));
		assert.equal(rest.at(-1).name.startsWith('x'), true);
	});

	it('a cursor of one list is none of another', async () => {
		const word = mark();
		await open(`${word} 1`);
		await open(`${word} 2`);
		const { next } = await bob.get(path(word, '&limit=1'));
		const newest = (await bob.get('/rooms?scope=public&limit=1')).next;
		for (const query of [`scope=public&cursor=${next}`, `cursor=${next}`,
			`scope=public&q=${word}&cursor=${newest}`, `scope=public&q=${word}&cursor=x`])
			assert.deepEqual((await bob.refused(422, 'invalid', 'GET', `/rooms?${query}`)).fields,
				['cursor'], query);
	});

	it('nothing but spaces is 422, and so is q without scope', async () => {
		assert.deepEqual((await bob.refused(422, 'invalid', 'GET', path('  '))).fields, ['q']);
		assert.deepEqual((await bob.refused(422, 'invalid', 'GET', '/rooms?q=x')).fields, ['q']);
	});
});

describe('who is banned', () => {
	it('finds the rooms around theirs, in pages as full as anybody\'s', async () => {
		const word = mark();
		for (let i = 0; i < 5; i++) {
			const room = await open(`${word} ${i}`);
			if (i % 2)
				await ann.ban(room.id, bob.id);
		}
		const names = (await pages(word, 2)).map((page) => page.map((room) => room.name.slice(-1)));
		assert.deepEqual(names, [['0', '2'], ['4']]);
		assert.equal((await found(word, ann)).length, 5);
	});
});

describe('a token of one room', () => {
	it('finds that room, if anything', async () => {
		const word = mark();
		const room = await open(`Own ${word}`);
		await open(`other ${word}`);
		const { secret } = await ann.want(201, 'POST', '/auth/tokens', {
			body: { name: 'script', scopes: ['read'], room_id: room.id },
		});
		const names = async (q) => (await ann.get(path(q), { token: secret })).items
			.map((r) => r.name);
		assert.deepEqual(await names(word), [`Own ${word}`]);
		assert.deepEqual(await names(`own ${word}`), [`Own ${word}`]);
		assert.deepEqual(await names(`other ${word}`), []);
	});
});
