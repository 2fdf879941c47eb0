// Clients that this project did not write, with their own understanding of WebSocket, event
// streams and HTTP. Each signs in, joins or follows a room, posts, listens, and resumes where
// it was. See also clients_browser.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import WebSocket from 'ws';

import { Curl } from '../lib/curl.js';
import { actor, an_address, PASSWORD } from '../lib/rest.js';
import { shared } from '../lib/server.js';
import { read_events } from '../lib/stream.js';
import { until, within } from '../lib/wait.js';

// Debian's python, which has the package; another one may precede it in PATH.
const PYTHON = '/usr/bin/python3';
let server, ann, bob, room;
const to_end = [];

before(async () => {
	server = await shared();
	[ann, bob] = await Promise.all(['ann', 'bob'].map((n) => actor(server, n)));
	room = await ann.room({ member_ids: [bob.id] });
});
after(() => to_end.forEach((child) => child.kill()));

// A program that talks in lines.
function talker(command, ...args) {
	const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
	const one = { child, lines: [], text: '', errors: '' };

	to_end.push(child);
	child.stdout.setEncoding('utf8').on('data', (text) => (one.text += text));
	readline.createInterface({ input: child.stdout }).on('line', (line) => one.lines.push(line));
	child.stderr.setEncoding('utf8').on('data', (text) => (one.errors += text));
	one.ended = once(child, 'close').then(([code]) => (one.code = code));
	one.find = (like, what) => until(() => one.lines.find(like) ?? (one.code !== undefined
		&& assert.fail(`${what}: ended with ${one.code}: ${one.errors}${one.lines.slice(-3)}`)), what);
	return one;
}

describe('Python\'s websockets', () => {
	it('signs in, joins, posts, hears, pings, and resumes', async () => {
		const one = talker(PYTHON, fileURLToPath(new URL('clients/talk.py', import.meta.url)),
			server.api, bob.login, PASSWORD, room.id);
		const { left_at } = JSON.parse(await one.find((l) => /"left_at"/.test(l), 'its leave'));
		const missed = [await ann.post(room.id, 'while away'), await ann.post(room.id, 'the last')];
		one.child.stdin.end('\n');
		assert.equal(await within(one.ended, 'end of it'), 0, one.errors);
		const told = one.lines.map((line) => JSON.parse(line));
		assert.equal(told.find((t) => t.protocol).protocol, 'foyer.v1');
		const messages = told.map((t) => t.frame).filter((f) => f?.type === 'message');
		assert.deepEqual(messages.map((m) => m.seq), [left_at, ...missed.map((m) => m.seq)]);
		assert.equal(messages[0].text, 'из Python 🐍');
		assert.deepEqual(told.at(-1), { done: true });
	});
});

describe('Node\'s ws', () => {
	// All frames of a socket; find() waits for the first that matches.
	function hears(socket) {
		const frames = [];
		socket.on('message', (data) => frames.push(JSON.parse(data)));
		return { frames, find: (like, what) => until(() => frames.find(like), what) };
	}

	it('joins in the URL, posts, hears, is cut, and resumes in the URL', async () => {
		const url = new URL(`${server.ws}/rooms/ws?room=${room.id}`);
		const headers = { 'X-Forwarded-For': an_address() };
		const one = new WebSocket(url, ['foyer.v1', `bearer.${bob.token}`], { headers });
		const first = hears(one);
		const { epoch } = await first.find((f) => f.type === 'joined', 'joined');
		assert.equal(one.protocol, 'foyer.v1');
		one.send(JSON.stringify({ type: 'message', client_id: 'w-1', text: 'by ws', ref: 'r' }));
		const ack = await first.find((f) => f.type === 'ack' && f.ref === 'r', 'ack');
		await first.find((f) => f.type === 'message' && f.id === ack.id, 'it');
		one.terminate();
		const missed = [await ann.post(room.id, 'one'), await ann.post(room.id, 'two')];
		url.searchParams.set('after', ack.seq);
		url.searchParams.set('epoch', epoch);
		const two = new WebSocket(url, { headers: { ...headers, Authorization: `Bearer ${bob.token}` } });
		const second = hears(two);
		await second.find((f) => f.id === missed[1].id, 'the last');
		assert.deepEqual(second.frames.filter((f) => f.type === 'message').map((f) => f.seq),
			missed.map((m) => m.seq));
		two.close(1000, 'enough');
		const [code] = await within(once(two, 'close'), 'close');
		assert.equal(code, 1000);
	});
});

describe('curl', () => {
	let token;

	before(async () => {
		const nobody = new Curl(server);
		const pair = await nobody.json(200, 'POST', '/api/v1/auth/login', {
			login: bob.login, password: PASSWORD,
		});
		token = pair.access_token;
	});

	const follow = (accept, query = '', ...more) => talker('curl', '-sN', '--noproxy', '*', '-m', '60',
		'-H', `Authorization: Bearer ${token}`, '-H', `Accept: ${accept}`,
		'-H', `X-Forwarded-For: ${an_address()}`, ...more, `${server.api}/rooms/${room.id}/events${query}`);

	const post = (text) => new Curl(server, token).want(201, `/api/v1/rooms/${room.id}/messages`,
		'-H', 'Content-Type: text/plain', '--data-binary', text);

	async function stop(one) {
		one.child.kill();
		await within(one.ended, 'end of curl');
	}

	const forms = {
		'text/event-stream': { seqs: (one) => read_events(one.text).items.map((i) => i.data.seq) },
		'application/x-ndjson': {
			seqs: (one) => one.lines.filter(Boolean).map((line) => JSON.parse(line).seq),
		},
		'text/plain': {
			seqs: (one) => one.lines.filter(Boolean).map((line) => Number(line.split('\t')[0])),
		},
	};
	for (const [accept, { seqs }] of Object.entries(forms))
		it(`-N follows as ${accept}, posts beside it, and comes back with after=`, async () => {
			const { seq } = await ann.get(`/rooms/${room.id}`);
			const one = follow(accept, `?after=${seq}`);
			for (let i = 1; i <= 3; i++) {
				const said = await post(`line ${i} of curl`);
				// each arrives at once: nothing buffers it
				await until(() => seqs(one).includes(said.seq), `event ${said.seq} in ${one.text}`);
			}
			await stop(one);
			assert.deepEqual(seqs(one), [seq + 1, seq + 2, seq + 3]);
			await ann.post(room.id, 'while it was away');
			const { epoch } = await ann.get(`/rooms/${room.id}`);
			const two = follow(accept, `?after=${epoch}.${seq + 2}`);
			await until(() => seqs(two).includes(seq + 4), 'what was missed');
			await stop(two);
			assert.deepEqual(seqs(two), [seq + 3, seq + 4]);
		});

	it('tells the status of a refusal: --fail ends with 22', async () => {
		const one = follow('text/plain', '?after=x', '--fail');
		assert.equal(await within(one.ended, 'end of curl'), 22);
	});

	it('lines are for a shell: read takes them apart', async () => {
		const { seq } = await ann.get(`/rooms/${room.id}`);
		await post('to be\tread');
		const one = talker('sh', '-c', `curl -sN --noproxy '*' -m 60 -H "Authorization: Bearer $1" \
			-H 'Accept: text/plain' "$2" | while IFS="$(printf '\\t')" read -r seq at who text
			do printf '%s said (%s): %s\\n' "$who" "$seq" "$text"; break; done`, 'sh', token,
		`${server.api}/rooms/${room.id}/events?after=${seq}`);
		assert.equal(await one.find(() => true, 'a line'), `${bob.login} said (${seq + 1}): to be\\tread`);
		await post('which curl finds nobody to give to');
		await within(one.ended, 'end of the pipe');
	});
});
