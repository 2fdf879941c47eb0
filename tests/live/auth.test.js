// Authenticating: every way to present a token, and the answers to bad ones.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { end_all, live, open } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { allowed_origin, shared } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

let server, ann, room, site;

before(async () => {
	server = await shared();
	site = server.url.replace('http', 'ws');
	ann = await actor(server, 'ann');
	room = await ann.room();
});
afterEach(end_all);
after(end_all);

async function closed_with(connection, code) {
	const gone = await within(connection.closed, `close ${code}`);
	assert.equal(gone.code, code, JSON.stringify(gone));
	return gone;
}

describe('a token is taken', () => {
	const ways = [
		['from the Authorization header', () => ({ token: ann.token })],
		['from a header whose scheme is in small letters',
			() => ({ headers: { Authorization: `bearer ${ann.token}` } })],
		['from the subprotocols', () => ({ protocols: ['foyer.v1', `bearer.${ann.token}`] })],
		['from the subprotocols in the other order',
			() => ({ protocols: [`bearer.${ann.token}`, 'foyer.v1'] })],
		['from the subprotocols among others',
			() => ({ protocols: ['chat', `bearer.${ann.token}`, 'x.y', 'foyer.v1'] })],
		['from ?token=', () => ({ query: { token: ann.token } })],
		['at /ws', () => ({ token: ann.token, base: site })],
		['at /ws from ?token=', () => ({ query: { token: ann.token }, base: site })],
		['at /ws with a trailing slash', () => ({ token: ann.token, path: '/ws/' })],
		['at /rooms/ws', () => ({ token: ann.token, path: '/rooms/ws', query: { room: room.id } })],
		['at /rooms/ws as the seeds do it',
			() => ({ path: '/rooms/ws', query: { room: room.id, token: ann.token } })],
	];
	for (const [name, options] of ways)
		it(name, async () => {
			const connection = await live(server, options());
			assert.equal(connection.ready.user.id, ann.id);
			assert.equal(connection.frames[0].type, 'ready');
			const asked = options().protocols;
			assert.equal(connection.socket.protocol, asked ? 'foyer.v1' : '');
		});

	it('from the first frame', async () => {
		const connection = await open(server);
		connection.send({ type: 'auth', token: ann.token, ref: 'mine' });
		const ready = await connection.find('ready');
		assert.equal(ready.user.id, ann.id);
	});

	it('from the first frame, with foyer.v1 alone as subprotocol', async () => {
		const connection = await open(server, { protocols: ['foyer.v1'] });
		assert.equal(connection.socket.protocol, 'foyer.v1');
		connection.send({ type: 'auth', token: ann.token });
		await connection.find('ready');
	});

	it('from the first frame at /rooms/ws, which is joined then', async () => {
		const connection = await open(server, { path: '/rooms/ws', query: { room: room.id } });
		connection.send({ type: 'auth', token: ann.token });
		await connection.find('ready');
		assert.equal((await connection.find('joined')).room_id, room.id);
	});
});

describe('ready', () => {
	it('says who, which session, the epoch, the limits and my rooms', async () => {
		const bob = await actor(server, 'bob');
		await bob.join(room.id);
		await ann.post(room.id, 'unread to bob');
		const { ready } = await live(server, { token: bob.token });
		for (const field of ['user', 'session_id', 'epoch', 'heartbeat_s', 'limits', 'rooms',
			'more_rooms'])
			assert.ok(field in ready, field);
		const said = await bob.get('/auth/validate');
		assert.equal(ready.session_id, said.session_id);
		assert.equal(ready.epoch, (await bob.get('/status')).epoch);
		assert.ok(Number.isInteger(ready.heartbeat_s));
		assert.equal(ready.more_rooms, false);
		assert.equal(ready.rooms.length, 1);
		assert.deepEqual(Object.keys(ready.rooms[0]).sort(),
			['id', 'mentions', 'read_seq', 'seq', 'unread']);
		assert.equal(ready.rooms[0].id, room.id);
		assert.equal(ready.rooms[0].unread, 1);
		assert.equal(ready.rooms[0].seq, (await bob.get(`/rooms/${room.id}`)).seq);
	});
});

describe('who shows no good token', () => {
	const wrong = [
		['a bad header', () => ({ token: 'garbage' })],
		['a bad subprotocol', () => ({ protocols: ['foyer.v1', 'bearer.garbage'] })],
		['an empty bearer in the subprotocols', () => ({ protocols: ['foyer.v1', 'bearer.'] })],
		['a bad ?token=', () => ({ query: { token: 'garbage' } })],
		['a refresh token', () => ({ query: { token: ann.pair.refresh_token } })],
	];
	for (const [name, options] of wrong)
		it(`${name}: an error frame after the upgrade, then 4401`, async () => {
			const connection = await open(server, options());
			assert.equal((await connection.find('error')).code, 'token_invalid');
			await closed_with(connection, 4401);
		});

	it('a bad token in the first frame: the same', async () => {
		const connection = await open(server);
		connection.send({ type: 'auth', token: 'garbage' });
		assert.equal((await connection.find('error')).code, 'token_invalid');
		await closed_with(connection, 4401);
	});

	it('another frame first: an error, then 4401, and nothing was done', async () => {
		const seq = (await ann.get(`/rooms/${room.id}`)).seq;
		for (const frame of [{ type: 'message', room_id: room.id, text: 'x', client_id: 'x' },
			{ type: 'join', room_id: room.id }, { type: 'ping' }]) {
			const connection = await open(server);
			connection.send(frame);
			await connection.find('error');
			await closed_with(connection, 4401);
		}
		assert.equal((await ann.get(`/rooms/${room.id}`)).seq, seq);
	});

	it('silence: 4401 after the announced few seconds', async () => {
		const connection = await open(server);
		await closed_with(connection, 4401);
	});

	it('frames before ready wait for it, in order, when the token came with the upgrade', async () => {
		const connection = await open(server, { token: ann.token });
		connection.send({ type: 'join', room_id: room.id, ref: 'early' });
		const joined = await connection.find((f) => f.ref === 'early', 'joined');
		assert.equal(joined.type, 'joined');
		assert.equal(connection.frames[0].type, 'ready');
	});
});

describe('the upgrade', () => {
	async function refused(options, ...statuses) {
		const answer = await open(server, options).then(() => ({ status: 101 }), (e) => e);
		assert.ok(statuses.includes(answer.status), `${answer.status} ${answer.message}`);
	}

	it('a list of subprotocols without foyer.v1 is 400', async () => {
		await refused({ protocols: ['chat'], token: ann.token }, 400);
		await refused({ protocols: [`bearer.${ann.token}`] }, 400);
		await refused({ protocols: ['foyer.v2', 'FOYER.V1'] }, 400);
	});

	it('only foyer.v1 is echoed, never the token', async () => {
		const connection = await live(server, { protocols: ['foyer.v1', `bearer.${ann.token}`] });
		assert.equal(connection.socket.protocol, 'foyer.v1');
	});

	it('our own origin and a configured one may come', async () => {
		for (const origin of [server.origin, allowed_origin])
			await live(server, { token: ann.token, origin });
	});

	it('another origin, and null, are 403', async () => {
		for (const origin of ['https://evil.example', 'null', `${server.origin}.evil.example`,
			`${allowed_origin}.evil.example`, `${allowed_origin}:444`, 'file://', 'x'])
			await refused({ token: ann.token, origin }, 403);
		await until(() => server.log('broker.log').includes('event=origin.refused request_id='),
			'the log');
		assert.match(server.log('broker.log'), /origin\.refused .*origin=https:\/\/evil\.example\n/);
	});

	it('a path that is none is 404', async () => {
		for (const path of ['/wsx', '/ws/x', '/rooms/ws/x'])
			await refused({ path, token: ann.token }, 404);
	});

	it('compression is not agreed upon', async () => {
		const connection = await live(server, { token: ann.token, deflate: true });
		assert.equal(connection.socket.extensions, '');
	});
});

describe('/rooms/ws', () => {
	const at = (query, options = {}) => open(server, {
		token: ann.token, path: '/rooms/ws', query, ...options });

	it('joins its room, which is the default of every frame', async () => {
		const connection = await at({ room: room.id });
		assert.equal((await connection.find('joined')).room_id, room.id);
		const ack = await connection.want('ack', { type: 'message', text: 'no room named' });
		assert.equal(ack.room_id, room.id);
		await connection.find((f) => f.type === 'message' && f.id === ack.id, 'own message');
	});

	it('room_id and chat_id are other names of room', async () => {
		for (const name of ['room_id', 'chat_id']) {
			const connection = await at({ [name]: room.id });
			assert.equal((await connection.find('joined')).room_id, room.id);
		}
	});

	it('joins as POST /join would, when not a member', async () => {
		const bob = await actor(server, 'bob');
		const connection = await at({ room: room.id }, { token: bob.token });
		await connection.find('joined');
		assert.equal((await bob.get(`/rooms/${room.id}`)).me.role, 'member');
	});

	it('resumes at once with after and epoch', async () => {
		const first = await ann.post(room.id, 'missed');
		const { epoch } = await ann.get('/status');
		for (const query of [{ after: first.seq - 1, epoch }, { after: `${epoch}.${first.seq - 1}` }]) {
			const connection = await at({ room: room.id, ...query });
			assert.equal((await connection.find('joined')).recovered, true);
			assert.equal((await connection.find('message')).id, first.id);
		}
	});

	it('a room that is not there: an error frame, then 4404', async () => {
		for (const query of [{ room: '00000000-0000-4000-8000-000000000000' }, { room: 'x' },
			{ room: '' }, {}]) {
			const connection = await at(query);
			const error = await connection.find('error');
			assert.ok(['not_found', 'invalid'].includes(error.code), JSON.stringify(error));
			const gone = await within(connection.closed, 'close');
			assert.ok([4404, 4400].includes(gone.code), JSON.stringify(gone));
		}
	});

	it('a full room: room_full, then 4409', async () => {
		const bob = await actor(server, 'bob');
		const other = await actor(server);
		const small = await ann.room({ max_members: 2, member_ids: [other.id] });
		const connection = await at({ room: small.id }, { token: bob.token });
		assert.equal((await connection.find('error')).code, 'room_full');
		await closed_with(connection, 4409);
	});

	it('a room that I am banned from: an error frame, then 4403 or 4404', async () => {
		const bob = await actor(server, 'bob');
		const mine = await ann.room({ member_ids: [bob.id] });
		await ann.ban(mine.id, bob.id);
		const connection = await at({ room: mine.id }, { token: bob.token });
		assert.ok(['forbidden', 'not_found'].includes((await connection.find('error')).code));
		const gone = await within(connection.closed, 'close');
		assert.ok([4403, 4404].includes(gone.code), JSON.stringify(gone));
	});

	it('the room is removed while we listen: room_removed', async () => {
		const mine = await ann.room();
		const connection = await at({ room: mine.id });
		await connection.find('joined');
		await ann.want(204, 'DELETE', `/rooms/${mine.id}`);
		assert.equal((await connection.find('room_removed')).room_id, mine.id);
	});
});
