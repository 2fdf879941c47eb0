// Removing what a deleted account left, while the program that does it is killed again and
// again: it must continue where it was, and every room's log must stay gapless.

import assert from 'node:assert/strict';
import process from 'node:process';
import { after, it } from 'node:test';

import { actor, PASSWORD } from '../lib/rest.js';
import { alive, end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { sweep } from '../lib/sweep.js';
import { DEADLINE_MS, until } from '../lib/wait.js';

after(end_private_servers);

const ROOMS = 8;
const MESSAGES = 250; // in each room: more than a fast machine clears before the last kill
const KILLS = 5;

// As if bob had written them: numbered through the room's head, as the log requires.
const write = (room, bob) => `WITH h AS (SELECT h.* FROM room_heads h JOIN rooms r ON r.no = h.room_no
	WHERE r.id = '${room.id}'), l AS (INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, type,
	kind, client_id, text) SELECT room_no, seq + n, messages + n, now(), '${bob.id}', 'message', 'text',
	'k' || n, 'secret ' || n FROM h, generate_series(1, ${MESSAGES}) n)
	UPDATE room_heads SET seq = h.seq + ${MESSAGES}, messages = h.messages + ${MESSAGES},
	last_message = h.seq + ${MESSAGES} FROM h WHERE room_heads.room_no = h.room_no`;

it('a removed account is cleared away whole, whoever is killed meanwhile', async () => {
	const server = await private_server({ name: 'removal', env: LOOSE });
	const ann = await actor(server, 'ann');
	const bob = await actor(server, 'bob');
	const rooms = [];

	for (let i = 0; i < ROOMS; i++) {
		const owner = i % 2 ? ann : bob;
		const room = await owner.room({ name: `room ${i}` });
		await (i % 2 ? bob : ann).join(room.id);
		await server.sql(write(room, bob));
		rooms.push(room);
	}
	await bob.want(204, 'DELETE', '/users/me', { body: { password: PASSWORD, erase_messages: true } });

	const left = () => server.sql(`SELECT (SELECT count(*) FROM members WHERE user_id = '${bob.id}')
		+ (SELECT count(*) FROM log WHERE text IS NOT NULL AND actor_id = '${bob.id}')
		+ (SELECT count(*) FROM removed_accounts WHERE walked_no < 9223372036854775807)`).then(Number);
	const step = () => sweep(server, 'removed_accounts',
		() => ann.call('GET', '/rooms', { raw: true }).catch(() => null));
	let kills = 0, before = await left();
	while (kills < KILLS && await left() > 0) {
		await until(async () => {
			await step(); // again: this worker may have been pausing since the last kill
			const was = before;
			before = await left();
			return before < was; // holds for the last step too, which leaves 0
		}, 'a step');
		for (const pid of server.workers('rooms')) {
			process.kill(pid, 'SIGKILL');
			await until(() => !alive(pid), `end of ${pid}`);
		}
		kills++;
		await until(() => server.workers('rooms').length > 0 || step().then(() => false), 'workers');
	}
	assert.ok(kills >= 3, `killed ${kills} times in the middle of it`);
	await until(async () => {
		await step();
		return await left() === 0;
	}, 'the end', 3 * DEADLINE_MS); // everything that is left, in pieces with pauses

	for (const room of rooms) {
		const now = await ann.get(`/rooms/${room.id}`);
		assert.equal(now.owner_id, ann.id);
		assert.equal(now.member_count, 1);
		assert.equal(await server.sql('SELECT count(*) = max(seq) AND max(seq) = (SELECT seq FROM room_heads h'
			+ ' WHERE h.room_no = l.room_no) AND count(*) FILTER (WHERE type = \'deleted\') = ' + MESSAGES
			+ ' FROM log l JOIN rooms r ON r.no = l.room_no WHERE r.id = '
			+ `'${room.id}' GROUP BY l.room_no`), 't');
	}
});
