// floor.js -- bench/peers/floor.c as a CGI program, behind a lighttpd of its own, connecting to
// the database of a server.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { free_port } from '../../tests/lib/server.js';
import { until } from '../../tests/lib/wait.js';
import { BUILT } from './child.js';
import { answers } from './peers.js';

const conf = (port, folder, database) => `server.modules = ( "mod_setenv", "mod_cgi" )
server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${BUILT}"
server.errorlog = "${folder}/log"
setenv.add-environment = ( "DATABASE" => "${database}" )
cgi.assign = ( "/floor" => "" )
`;

// {url, end()}: request url.
export async function floor_before(server) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'foyer-floor-')), port = await free_port();
	const socket = path.join(server.state, 'pg/sock'), file = path.join(folder, 'conf');

	fs.chmodSync(folder, 0o777); // another user writes the log
	fs.writeFileSync(file, conf(port, folder, `host=${socket} port=5432 dbname=foyer user=foyer_api`));
	const child = spawn('setpriv', [`--reuid=${fs.statSync(socket).uid}`, '--clear-groups',
		'/usr/sbin/lighttpd', '-D', '-f', file], { stdio: ['ignore', 'ignore', 'inherit'] });
	await until(() => answers(port), 'lighttpd answers');
	return {
		url: `http://127.0.0.1:${port}`,
		async end() {
			const over = once(child, 'exit');
			child.kill('SIGTERM');
			await over;
			fs.rmSync(folder, { recursive: true });
		},
	};
}
