// closed.test.js -- root starts what is in a folder that only root may enter, as a checkout in
// /root is. (Only root can; and only where root may have mounts of its own.)

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';

import { alive } from '../lib/server.js';
import { until } from '../lib/wait.js';
import { foyer, ROOT, said_in, server } from './commands.js';

const MOUNTS = { skip: spawnSync('unshare', ['--mount', 'true']).status !== 0
	&& 'only root with the right to mount may do this' };

const closed = fs.mkdtempSync(path.join(process.env.TEST_TMP ?? os.tmpdir(), 'foyer-closed-'));	// mode 700
const prefix = path.join(closed, 'below/foyer');
const secret = path.join(closed, 'secret');

before(() => execFileSync(path.join(ROOT, 'run/install.sh'), { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'],
	env: { ...process.env, VARIANT: 'release', PREFIX: prefix, DESTDIR: '' } }));
after(() => fs.rmSync(closed, { recursive: true }));

const said_by = (s, word, env = {}) => spawnSync(path.join(prefix, 'bin/foyer'), [word],
	{ env: { ...s.environment(), ...env }, encoding: 'utf8' });

for (const REST of ['fastcgi', 'cgi'])
	test(`it runs with ${REST}, and sees nothing else of root's`, MOUNTS, async (t) => {
		const s = await server(t);

		fs.writeFileSync(secret, 'for root alone', { mode: 0o644 });
		fs.renameSync(s.state, path.join(closed, 'state'));
		s.state = path.join(closed, 'state');
		const { status, stdout, stderr } = said_by(s, 'start', { REST });
		assert.equal(status, 0, stderr);
		assert.match(stdout, /closed to www-data/);
		assert.equal((await said_in(s, { path: '/health' })).database, 'up');
		assert.equal((await fetch(`${s.url}/`)).status, 200);

		const pids = s.all_pids();
		assert.ok(pids.length > 4, pids.join());
		for (const pid of pids)
			assert.equal(fs.existsSync(`/proc/${pid}/root${secret}`), false);
		assert.ok(fs.existsSync(secret));
		const told = said_by(s, 'status');
		assert.deepEqual([told.status, told.stdout.match(/not running/)], [0, null], told.stdout);
		assert.equal((await foyer(s, 'stop')).code, 0);
		await until(() => !pids.some(alive), 'end of all');
	});

test('a folder that is itself closed is named', MOUNTS, async (t) => {
	const s = await server(t);
	const share = path.join(prefix, 'share/foyer');

	fs.chmodSync(share, 0o700);
	const { status, stderr } = said_by(s, 'start');
	assert.deepEqual([status, stderr.includes(`${share}/web is closed to www-data`)], [1, true], stderr);
});
