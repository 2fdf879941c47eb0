// front.js -- a web server in front of Foyer: nginx with TLS and HTTP/2, set up as
// docs/hosting.md says. Its certificate is self-signed, so browsers have to be told to accept
// it.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { until } from '../../tests/lib/wait.js';

const conf = (folder, port, to) => `daemon off;
worker_processes 1;
pid ${folder}/pid;
events { worker_connections 1024; }
http {
	access_log off;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) =>
		`	${name}_temp_path ${folder}/${name};\n`).join('')}
	map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
	server {
		listen 127.0.0.1:${port} ssl http2;
		ssl_certificate ${folder}/cert;
		ssl_certificate_key ${folder}/key;
		location / {
			proxy_pass http://127.0.0.1:${to};
			proxy_http_version 1.1;
			proxy_set_header Host $http_host;
			proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
			proxy_set_header Upgrade $http_upgrade;
			proxy_set_header Connection $connection_upgrade;
			proxy_buffering off;
			proxy_request_buffering off;
			proxy_read_timeout 120s;
		}
	}
}
`;

const answers = (port) => new Promise((resolve) => {
	const socket = net.connect(port, '127.0.0.1', () => resolve(true));
	socket.on('error', () => resolve(false));
	socket.on('close', () => socket.destroy());
	socket.on('connect', () => socket.end());
});

export const has_nginx = () => spawnSync('nginx', ['-v']).status === 0;

// Starts it in front of the server at port `to` of this machine: {url, end()}.
export async function front_of(to, port) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'foyer-front-'));

	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
		'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1',
		'-keyout', `${folder}/key`, '-out', `${folder}/cert`], { stdio: 'ignore' });
	fs.writeFileSync(`${folder}/conf`, conf(folder, port, to));
	const child = spawn('nginx', ['-c', `${folder}/conf`, '-e', `${folder}/error.log`],
		{ stdio: 'ignore' });
	await until(() => answers(port), 'nginx');
	return {
		url: `https://127.0.0.1:${port}/`,
		async end() {
			const gone = once(child, 'exit');
			child.kill('SIGQUIT');
			await gone;
			fs.rmSync(folder, { recursive: true, force: true });
		},
	};
}
