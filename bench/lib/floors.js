// floors.js -- the least that a CGI and a FastCGI program can do (bench/peers/cgi_floor.c, which
// connects to the database of a server, and fcgi_floor.c), behind a lighttpd of their own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { free_port } from '../../tests/lib/server.js';
import { until } from '../../tests/lib/wait.js';
import { BUILT } from './child.js';
import { answers } from './peers.js';

const PROCESSES = 4; // of the FastCGI program

const conf = (port, folder, database) => `server.modules = ( "mod_setenv", "mod_cgi", "mod_fastcgi" )
server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${BUILT}"
server.errorlog = "${folder}/log"
server.max-keep-alive-idle = 60
server.max-keep-alive-requests = 1000
setenv.add-environment = ( "DATABASE" => "${database}" )
cgi.assign = ( "/cgi_floor" => "" )
fastcgi.server = ( "/fcgi_floor" => (( "bin-path" => "${BUILT}/fcgi_floor", "socket" => "${folder}/socket",
	"max-procs" => ${PROCESSES}, "check-local" => "disable" )) )
`;

// {url, pids() of the FastCGI program, front() of lighttpd, end()}: request url + "/cgi_floor" or
// "/fcgi_floor".
export async function floors(server) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'foyer-floor-')), port = await free_port();
	const socket = path.join(server.state, 'pg/sock'), file = path.join(folder, 'conf');

	fs.chmodSync(folder, 0o777); // another user writes the log
	fs.writeFileSync(file, conf(port, folder, `host=${socket} port=5432 dbname=foyer user=foyer_api`));
	const child = spawn('setpriv', [`--reuid=${fs.statSync(socket).uid}`, '--clear-groups',
		'/usr/sbin/lighttpd', '-D', '-f', file], { stdio: ['ignore', 'ignore', 'inherit'] });
	await until(() => answers(port), 'lighttpd answers');
	return {
		url: `http://127.0.0.1:${port}`,
		pids: () => server.children(child.pid).map(({ pid }) => pid),
		front: () => [child.pid],
		async end() {
			const over = once(child, 'exit');
			child.kill('SIGTERM');
			await over;
			fs.rmSync(folder, { recursive: true });
		},
	};
}
