// foyer-cgi in front of the programs: a CGI process stays after its answer and serves the next
// request.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, afterEach, before, beforeEach, it } from 'node:test';

import { CgiHost } from '../lib/cgi.js';
import { fetched, upload } from '../lib/files.js';
import { actor, Client } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { tick, until } from '../lib/wait.js';

const IDLE_MS = 20000, BACK_ENDS = 2;

let server, host, ann, count = 0;

before(async () => {
	server = await shared();
});
beforeEach(async () => {
	host = await front();
	ann = await actor(host, 'ann');
});
afterEach(async () => {
	assert.doesNotMatch(host.errors, /Sanitizer|runtime error/);
	await end(host);
});

// A CGI host with a folder for back ends, and a log that tells them apart.
async function front() {
	const made = await new CgiHost(server).open();
	const { uid, gid } = fs.statSync(path.join(server.state, 'run'));

	made.folder = path.join(server.state, `cgi-${process.pid}-${++count}`);
	made.log = `${made.folder}.log`;
	fs.mkdirSync(made.folder, { mode: 0o700 });
	fs.chownSync(made.folder, uid, gid);
	made.arguments = () => [];
	made.ending = '.cgi';
	made.settings = { FOYER_CONFIG: path.join(server.state, 'foyer.yaml'), FOYER_CGI_DIR: made.folder,
		FOYER_LOG_FILE: made.log, FOYER_SENDFILE: 'none' };
	return made;
}

async function end(made) {
	await made.close();
	for (const pid of backs_of(made))
		process.kill(pid, 'SIGTERM');
	await until(() => backs_of(made).length === 0, 'the back ends end');
}

// The processes that hold a socket of that folder.
function backs_of(made) {
	const inodes = new Set(fs.readFileSync('/proc/net/unix', 'utf8').split('\n')
		.filter((line) => line.includes(`${made.folder}/`)).map((line) => line.trim().split(/\s+/)[6]));
	return fs.readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && sockets_of(pid).some((s) => inodes.has(s)))
		.map(Number);
}

function sockets_of(pid) {
	try {
		return fs.readdirSync(`/proc/${pid}/fd`)
			.map((fd) => /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]);
	} catch {
		return [];
	}
}

// The processes that answered, in order.
const answered_by = (made) => fs.readFileSync(made.log, 'utf8').split('\n')
	.filter((line) => line.includes('event=request')).map((line) => Number(/ pid=(\d+)/.exec(line)[1]));

const waits = (made, name) => until(() => fs.existsSync(path.join(made.folder, `${name}.sock`)), `${name} waits`);

// Waits until some process stays, whichever it is.
async function back(made, who) {
	await until(async () => {
		await who.get('/rooms');
		return backs_of(made).length > 0;
	}, 'one stays');
	await waits(made, 'rooms.0');
	await who.get('/rooms');
	return answered_by(made).at(-1);
}

it('a program that has answered stays, and answers the next', async () => {
	const pid = await back(host, ann);
	assert.ok(backs_of(host).includes(pid));
	const before = answered_by(host).length;
	for (let i = 0; i < 5; i++)
		assert.equal((await ann.room({ name: `room ${i}` })).name, `room ${i}`);
	await ann.refused(422, 'invalid', 'POST', '/rooms', { body: { name: '' } });
	assert.deepEqual(answered_by(host).slice(before), Array(6).fill(pid));
	assert.deepEqual([...new Set(host.exits)], [0]);
});

it('bodies and files go through it', async () => {
	const big = Buffer.alloc(3_000_000, 'abcdefg');
	for (let i = 0; i < 3; i++) {
		const file = await upload(ann, `big ${i}.bin`, big);
		const { status, body } = await fetched(host, `/files/${file.id}`, { who: ann });
		assert.deepEqual([status, body.length, big.equals(body)], [200, big.length, true]);
	}
	assert.ok(backs_of(host).length > 0);
});

it('requests that come together are done beside each other', async () => {
	await back(host, ann);
	const rooms = await Promise.all([...Array(12)].map((_, i) => ann.room({ name: `room ${i}` })));
	assert.deepEqual(rooms.map((room) => room.name), [...Array(12)].map((_, i) => `room ${i}`));
	assert.ok(backs_of(host).length <= 2 * BACK_ENDS, 'no more stay than may, of two programs');
	assert.deepEqual([...new Set(host.exits)], [0]);
});

it('other settings, in the environment or in the file, take effect at once', async () => {
	const seen = new Set([await back(host, ann)]);
	const is_another = async (why) => {
		await ann.get('/rooms');
		const pid = answered_by(host).at(-1);
		assert.ok(!seen.has(pid), `${why}: not by one that was there`);
		seen.add(pid);
	};
	for (const name of ['a', 'b', 'c'])
		await ann.room({ name });
	const rooms = async () => (await ann.get('/rooms')).items.length;
	host.settings.FOYER_DEFAULT_PAGE = '2';
	await is_another('a setting that is new');
	assert.equal(await rooms(), 2);
	seen.add(await back(host, ann));
	delete host.settings.FOYER_DEFAULT_PAGE;
	await is_another('a setting that is gone');
	assert.equal(await rooms(), 3);

	const own = path.join(host.folder, '..', `${path.basename(host.folder)}.yaml`);
	fs.copyFileSync(host.settings.FOYER_CONFIG, own);
	fs.chmodSync(own, 0o644);
	host.settings.FOYER_CONFIG = own;
	await is_another('another file');
	seen.add(await back(host, ann));
	fs.appendFileSync(own, '\ndefault_page: 1\n');
	await is_another('a file that has changed');
	assert.equal(await rooms(), 1);
});

it('one that was killed is replaced', async () => {
	const pid = await back(host, ann);
	process.kill(pid, 'SIGKILL');
	await until(() => backs_of(host).length === 0 || !backs_of(host).includes(pid), 'it ends');
	await ann.get('/rooms');
	assert.notEqual(await back(host, ann), pid);
	assert.deepEqual([...new Set(host.exits)], [0]);
});

it('what one does not take is done once, by another', async () => {
	const room = await ann.room();
	await until(async () => {
		await ann.get(`/rooms/${room.id}/messages`);
		return fs.existsSync(path.join(host.folder, 'messages.0.sock'));
	}, 'one stays');
	const all = backs_of(host);
	assert.ok(all.length > 0);
	for (const one of all)
		process.kill(one, 'SIGSTOP');
	await ann.post(room.id, 'once');
	for (const one of all)
		process.kill(one, 'SIGCONT');
	await ann.post(room.id, 'and again');
	assert.deepEqual((await ann.get(`/rooms/${room.id}/messages`)).items.map((m) => m.text), ['once', 'and again']);
	assert.deepEqual([...new Set(host.exits)], [0]);
});

it('what one has taken is done by nobody else, though it be killed', async () => {
	const room = await ann.room();
	await until(async () => {
		await ann.get(`/rooms/${room.id}/messages`);
		return fs.existsSync(path.join(host.folder, 'messages.0.sock'));
	}, 'one stays');
	await ann.post(room.id, 'first');
	const pid = answered_by(host).at(-1);
	assert.ok(backs_of(host).includes(pid));
	const release = await server.hold(`SELECT 1 FROM room_heads h JOIN rooms r ON r.no = h.room_no WHERE r.id = '${room.id}' FOR UPDATE OF h`);
	const lost = ann.call('POST', `/rooms/${room.id}/messages`, { body: { text: 'lost' }, raw: true });
	await until(async () => await release.waiting() > 0, 'it waits for the room');
	// meanwhile that process takes no other request: others answer
	await ann.get(`/rooms/${room.id}/messages`);
	assert.notEqual(answered_by(host).at(-1), pid);
	process.kill(pid, 'SIGKILL');
	assert.equal((await lost).text, '');
	await release();
	assert.equal(host.exits.at(-1), 1, 'who was to hand the answer on says that there is none');
	await ann.post(room.id, 'last');
	const texts = (await ann.get(`/rooms/${room.id}/messages`)).items.map((m) => m.text);
	assert.deepEqual(texts.filter((text) => text !== 'lost'), ['first', 'last']);
	assert.ok(texts.length <= 3, 'the database may have had it in hand; it is there once at most');
});

it('whatever is killed or changed meanwhile, what was answered is there once', async () => {
	const room = await ann.room();
	const said = [], settings = host.settings;
	let going = true, blows = 0;

	async function talk(name) {
		for (let i = 0; i < 25; i++) {
			const client_id = `${name}-${i}`;
			await until(async () => {
				const reply = await ann.call('POST', `/rooms/${room.id}/messages`, { body: { text: client_id, client_id }, raw: true });
				return reply.status === 201;
			}, 'an answer');
			said.push(client_id);
		}
	}
	async function blow() {
		for (; going; blows++) {
			const some = backs_of(host);
			const signal = ['SIGKILL', 'SIGTERM', 'SIGSTOP'][blows % 3], pid = some[blows % some.length];
			if (pid)
				process.kill(pid, signal);
			if (blows % 10 === 9)
				host.settings = { ...settings, FOYER_MAX_PAGE: `${200 + blows}` };
			await tick(60);
			if (pid && signal === 'SIGSTOP')
				process.kill(pid, 'SIGCONT');
		}
	}
	const blowing = blow();
	await Promise.all(['a', 'b', 'c', 'd'].map(talk));
	going = false;
	await blowing;
	host.settings = settings;
	const { items } = await ann.get(`/rooms/${room.id}/messages?limit=100`);
	assert.deepEqual(items.map((m) => m.text).sort(), [...said].sort());
	for (const name of ['a', 'b', 'c', 'd'])
		assert.deepEqual(items.map((m) => m.text).filter((text) => text.startsWith(name)),
			[...Array(25)].map((_, i) => `${name}-${i}`), 'in the order of who said it');
	const pids = answered_by(host);
	assert.ok(blows > 5 && new Set(pids).size < pids.length, 'some stayed between the blows');
});

it('without a place to stay, each process serves its own request', async () => {
	fs.chmodSync(host.folder, 0o770);
	for (let i = 0; i < 3; i++)
		await ann.get('/rooms');
	delete host.settings.FOYER_CGI_DIR;
	await ann.get('/rooms');
	host.settings.FOYER_CGI_DIR = path.join(host.folder, 'x'.repeat(100));
	await ann.get('/rooms');
	host.settings.FOYER_CGI_DIR = '/none';
	await ann.get('/rooms');
	const pids = answered_by(host).slice(-6);
	assert.equal(new Set(pids).size, pids.length, 'six processes');
	fs.chmodSync(host.folder, 0o700);
	assert.deepEqual([...new Set(host.exits)], [0]);
});

it('a query is never taken for arguments, and a request that is too long is not handed over', async () => {
	const pid = await back(host, ann);
	host.arguments = ({ url }) => (url.split('?')[1] ?? '').split('+').filter(Boolean);
	await ann.refused(422, 'invalid', 'GET', '/rooms?--config=/none');
	assert.notEqual(answered_by(host).at(-1), pid);
	host.arguments = () => [];
	host.settings.LONG = 'x'.repeat(70000);
	await ann.get('/rooms');
	assert.notEqual(answered_by(host).at(-1), pid);
	delete host.settings.LONG;
	await ann.get('/rooms');
	assert.deepEqual([...new Set(host.exits)], [0]);
});

it('an idle process ends', async () => {
	await back(host, ann);
	await until(() => backs_of(host).length === 0, 'all of them end', 3 * IDLE_MS);
	assert.deepEqual(fs.readdirSync(host.folder), []);
	await ann.get('/rooms');
});
