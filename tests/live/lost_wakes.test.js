// All wake-ups are lost: the REST programs reach neither the broker's socket nor anybody by
// NOTIFY. The broker learns of changes all the same, by comparing heads.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, it } from 'node:test';

import { end_all, live } from '../lib/live.js';
import { actor } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { until } from '../lib/wait.js';

let server, ann, bob;

// In every new session, NOTIFY's function does nothing.
const DEAF = `
	CREATE TABLE public.unheard (said text);
	GRANT INSERT, SELECT ON public.unheard TO PUBLIC;
	CREATE FUNCTION public.pg_notify(text, said text) RETURNS void LANGUAGE sql
		AS 'INSERT INTO public.unheard VALUES (said)';
	GRANT EXECUTE ON FUNCTION public.pg_notify TO PUBLIC;
	DO $$ DECLARE r name; BEGIN
		FOR r IN SELECT rolname FROM pg_roles WHERE rolname LIKE 'foyer%' LOOP
			EXECUTE format('ALTER ROLE %I SET search_path = public, pg_catalog', r);
		END LOOP;
	END $$;
	SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid();`;

before(async () => {
	server = await private_server({ name: 'lost', env: LOOSE });
	[ann, bob] = await Promise.all(['ann', 'bob'].map((name) => actor(server, name)));
	const sockets = fs.readdirSync(path.join(server.state, 'run')).filter((name) => name === 'wake.sock');
	assert.deepEqual(sockets, ['wake.sock']);
	fs.rmSync(path.join(server.state, 'run', 'wake.sock'));
	await server.sql(DEAF);
	await until(async () => (await ann.call('GET', '/rooms')).status === 200, 'REST again');
	await until(() => live(server, { token: bob.token }).catch(() => null), 'the broker again');
});
after(end_all);
after(end_private_servers);

it('all that is done by REST is heard, in order and whole, though nobody says a word', async () => {
	const [room, doomed, other] = await Promise.all([{}, {}, { kind: 'public' }].map((fields) =>
		ann.room({ member_ids: fields.kind ? [] : [bob.id], ...fields })));
	const ear = await live(server, { token: bob.token });
	const from = (await ear.join(room.id)).seq;
	await ear.join(doomed.id);

	const said = [];
	for (const text of ['one', 'two', 'three'])
		said.push(await ann.post(room.id, text));
	await ann.want(200, 'PUT', `/messages/${said[0].id}`, { body: { text: 'one, as it is now' } });
	await ann.want(204, 'DELETE', `/messages/${said[1].id}`);
	await ann.want(200, 'PUT', `/messages/${said[2].id}/reactions/${encodeURIComponent('👍')}`);
	const call = await ann.want(201, 'POST', '/calls', { body: { room_id: room.id, kind: 'audio' } });
	await ann.want(204, 'DELETE', `/rooms/${doomed.id}`);
	await bob.join(other.id);

	const of_room = (type, id) => (f) => f.type === type && (f.room_id ?? f.room?.id) === id;
	await Promise.all([
		ear.find(of_room('reaction', room.id), 'the reaction'),
		ear.find((f) => f.type === 'call' && f.call.id === call.id, 'the call'),
		ear.find((f) => f.type === 'room_removed' && f.room_id === doomed.id, 'the end of a room'),
		ear.find(of_room('room_added', other.id), 'the new membership'),
	]);
	const events = ear.events(room.id);
	assert.deepEqual(events.map((e) => e.seq), events.map((_, i) => from + 1 + i));
	assert.deepEqual(events.slice(0, 6).map((e) => e.type),
		['message', 'message', 'message', 'edited', 'deleted', 'reaction']);
	const unheard = (await server.sql('SELECT said FROM unheard')).split('\n');
	for (const what of [`room ${room.id}`, `call ${call.id}`])
		assert.ok(unheard.some((text) => text.startsWith(what)), `${what} was said to nobody`);
});
