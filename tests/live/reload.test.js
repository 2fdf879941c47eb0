// SIGHUP: the broker reads its settings again, without losing anybody.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, afterEach, before, it } from 'node:test';

import { end_all, live, Live } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { end_private_servers, private_server } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

const ORIGIN = 'https://new-friend.example';
let server, ann, room, ear, file, at_start;

// Replaces what follows run/foyer's own lines in the settings file.
function send(text) {
	fs.writeFileSync(file, `${at_start}\n${text}\n`);
	process.kill(server.pid('broker'), 'SIGHUP');
}

async function reload(text, event) {
	const from = server.log('broker.log').length;

	send(text);
	await until(() => server.log('broker.log').slice(from).includes(event), event);
	return server.log('broker.log').slice(from);
}

before(async () => {
	server = await private_server({ name: 'reload' });
	file = path.join(server.state, 'foyer.yaml');
	at_start = fs.readFileSync(file, 'utf8');
	ann = await actor(server, 'ann');
	room = await ann.room();
	ear = await live(server, { token: ann.token });
	await ear.join(room.id);
});
afterEach(() => ear.settled());
after(end_all);
after(end_private_servers);

const refused = (origin) => new Live(server, { token: ann.token, origin }).opened.then(() => null,
	(e) => e.status);

it('limits, origins and the level of the log change at once, for those who are here too', async () => {
	assert.equal(await refused(ORIGIN), 403);
	await reload(`messages_per_second: 1\nmessages_burst: 3\nallowed_origins: ["${ORIGIN}"]`, 'broker.reload');
	const guest = await live(server, { token: ann.token, origin: ORIGIN });
	assert.equal(guest.ready.limits.messages_burst, 3);
	const replies = await Promise.all(Array.from({ length: 20 }, (_, i) => ear.ask({
		type: 'message', room_id: room.id, text: `m${i}`,
	})));
	assert.ok(replies.filter((r) => r.code === 'rate_limited').length >= 2);
	await guest.close();
	const from = server.log('broker.log').length;
	send('log_level: "error"');
	await until(async () => await refused(ORIGIN) === 403, 'the old origins');
	assert.equal(server.log('broker.log').slice(from).includes('broker.reload'), false,
		'at the level error nothing is said of it');
	await reload('log_level: "info"', 'broker.reload');
});

it('one that only changes with a restart is named, and stays', async () => {
	const said = await reload('max_json_depth: 5', 'setting_needs_restart');
	assert.match(said, /setting_needs_restart.*max_json_depth/);
	await ear.refused('invalid', { type: 'ping', a: [[[[[[[[1]]]]]]]] }); // unknown, but not too deep
});

it('a file that is not right changes nothing, and says so', async () => {
	await reload(`allowed_origins: ["${ORIGIN}"]`, 'broker.reload');
	const broker = server.pid('broker');
	for (const wrong of ['messages_burst: many', 'nonsense: 1', 'allowed_origins: ["x"]', '\t- {', 'max_page: 0'])
		await reload(`messages_per_second: 1\n${wrong}`, 'broker.reload_refused');
	assert.equal(await refused(ORIGIN), null, 'the last good ones hold');
	const { ready } = await live(server, { token: ann.token });
	assert.equal(ready.limits.messages_per_second, 20);
	assert.equal(server.pid('broker'), broker);
	await within(ear.settled(), 'a pong');
});
