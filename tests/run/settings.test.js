// settings.test.js -- run/foyer and foyer.yaml: what is refused, what a reload applies, and
// another database.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { alive } from '../lib/server.js';
import { until } from '../lib/wait.js';
import { foyer, listener, said_in, server, SLOW_MS } from './commands.js';

test('a setting that is wrong is named', async (t) => {
	const s = await server(t);

	await s.start();
	await s.stop();
	fs.appendFileSync(path.join(s.state, 'foyer.yaml'), 'max_pages: 7\n');
	const { code, text } = await foyer(s, 'start');
	assert.equal(code, 1);
	assert.match(text, /foyer\.yaml.*max_pages/);
	fs.rmSync(path.join(s.state, 'foyer.yaml'));
});

test('a setting that run/foyer makes itself is refused, with what to do instead', async (t) => {
	const s = await server(t);
	const file = path.join(s.state, 'foyer.yaml');

	await s.start();
	await s.stop();
	fs.appendFileSync(file, 'files_dir: /srv/files\nprefix: /chat\n');
	const { code, text } = await foyer(s, 'start', { FOYER_KEYS_DIR: '/srv/keys' });
	assert.equal(code, 1);
	assert.match(text, /^prefix is set by run\/foyer; PREFIX_URL= changes it$/m);
	assert.match(text, /^files_dir is set by run\/foyer; .* make .*\/files a link$/m);
	assert.match(text, /^keys_dir is set/m);
	fs.rmSync(file);
});

test('what the user of the state folder cannot use is named, and nothing is made in its place', async (t) => {
	const s = await server(t, { is_new: true });
	const file = path.join(s.state, 'foyer.yaml');
	const text = 'database: "host=/nowhere dbname=foyer"\n';

	for (const [name, mode] of [['foyer.yaml', 0o000], ['keys', 0o500], ['log/broker.log', 0o400]]) {
		const entry = path.join(s.state, name);
		fs.mkdirSync(path.join(s.state, 'log'), { recursive: true });
		if (name === 'keys')
			fs.mkdirSync(entry, { recursive: true });
		else
			fs.writeFileSync(entry, text);
		fs.chmodSync(entry, mode);
		const said = await foyer(s, 'start');
		assert.equal(said.code, 1, said.text);
		assert.match(said.text, new RegExp(`^foyer: \\S*/${name} belongs to \\S+, and \\S+ cannot read and write it`));
		fs.rmSync(entry, { recursive: true });
	}
	assert.ok(!fs.existsSync(path.join(s.state, 'pg')));
	assert.ok(!fs.existsSync(file));
});

test('files may be behind a link', async (t) => {
	const s = await server(t);
	const copy = path.join(s.state, 'tmp/copy');
	const elsewhere = path.join(s.state, 'tmp/elsewhere');

	await s.start();
	const { access_token: token } = await said_in(s, { path: '/auth/register',
		body: JSON.stringify({ login: 'ann', email: 'a@example.org', password: 'a long secret' }) });
	const { id } = await said_in(s, { token, path: '/files?name=a.bin', body: Buffer.from('abc'), type: 'application/octet-stream' });
	await s.stop();
	fs.renameSync(path.join(s.state, 'files'), elsewhere);
	fs.symlinkSync(elsewhere, path.join(s.state, 'files'));
	await s.start();
	assert.equal(String(await said_in(s, { token, path: `/files/${id}`, raw: true })), 'abc');
	assert.equal((await foyer(s, ['backup', copy])).code, 0);
	const kept = fs.readdirSync(path.join(copy, 'files'), { recursive: true });
	assert.ok(kept.some((name) => /^..\/.{62}$/.test(name)), kept.join());
});

test('the setting of a port that the broker cannot have is named', async (t) => {
	const s = await server(t);
	const other = await listener(0);
	const file = path.join(s.state, 'foyer.yaml');

	t.after(() => other.close());
	await s.start();
	await s.stop();
	fs.appendFileSync(file, `metrics_listen: "127.0.0.1:${other.address().port}"\n`);
	const { code, text } = await foyer(s, 'start');
	assert.equal(code, 1);
	assert.match(text, /event=listen\.open setting=metrics_listen address=127\.0\.0\.1:\d+ reason="Address already/);
	fs.rmSync(file);
});

test('another database that does not answer is named', async (t) => {
	const s = await server(t, { is_new: true });

	fs.writeFileSync(path.join(s.state, 'foyer.yaml'), 'database: "host=/nowhere dbname=foyer"\n');
	const { code, text } = await foyer(s, 'start');
	assert.equal(code, 1);
	assert.match(text, /the database does not answer; foyer\.yaml says where/);
	assert.match(text, /connection to server on socket \\"\/nowhere/);
	assert.deepEqual(s.all_pids().filter(alive), []);
});

test('what needs no restart is taken over by all, and by who comes later', async (t) => {
	const s = await server(t);
	const file = path.join(s.state, 'foyer.yaml');
	const shown = async () => (await (await fetch(`${s.api}/status`)).json()).poll_interval_s;
	const always = async (value) => {
		for (let i = 0; i < 20; i++)
			if ((await shown()) !== value)
				return false;
		return true;
	};

	assert.match((await foyer(s, 'reload')).text, /not running/);
	await s.start();
	fs.appendFileSync(file, 'poll_interval_s: 0\n');
	const refused = await foyer(s, 'reload');
	assert.equal(refused.code, 1);
	assert.match(refused.text, /poll_interval_s must be/);
	assert.equal(await shown(), 3);
	fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('poll_interval_s: 0', 'poll_interval_s: 7'));
	assert.equal((await foyer(s, 'reload')).code, 0);
	await until(() => always(7), 'all workers', SLOW_MS);
	await until(() => /broker\.reload$/m.test(s.log('broker.log')), 'the broker', SLOW_MS);
	const old = s.workers('auth');
	for (const pid of old)
		process.kill(pid, 'SIGKILL');
	await until(() => {
		const now = s.workers('auth');
		return now.length === old.length && !now.some((pid) => old.includes(pid));
	}, 'other workers', SLOW_MS);
	assert.ok(await always(7));
});

test('with another database, none of its own is run', async (t) => {
	const s = await server(t);
	const other = await server(t, { is_new: true });
	const file = path.join(other.state, 'foyer.yaml');

	await s.start();
	// a file that the operator brought stays entirely theirs
	fs.writeFileSync(file, `poll_interval_s: 8\ndatabase: "host='${s.state}/pg/sock' dbname=foyer user=foyer"\n`);
	await other.start();
	assert.match(fs.readFileSync(file, 'utf8'), /^poll_interval_s: 8$/m);
	assert.equal(other.postmaster(), 0);
	assert.equal((await foyer(other, 'status')).code, 0);
	const epoch = async (of) => (await (await fetch(`${of.api}/status`)).json()).epoch;
	assert.equal(await epoch(other), await epoch(s));
	assert.match((await foyer(other, ['backup', '/nowhere'])).text, /pg_dump/);
	await foyer(other, 'stop');
	assert.equal((await foyer(other, 'status')).code, 3);
});
