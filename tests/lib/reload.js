// reload.js -- other settings for a broker while it runs.

import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { until } from './wait.js';

// Sets these in the server's foyer.yaml, and waits until the broker has read it again. A
// setting in the server's environment would overrule it.
export async function reload(server, settings) {
	const file = path.join(server.state, 'foyer.yaml');
	const kept = fs.readFileSync(file, 'utf8').trimEnd().split('\n')
		.filter((line) => !Object.keys(settings).some((name) => line.startsWith(`${name}:`)));
	const set = Object.entries(settings).map(([name, value]) => `${name}: ${value}`);
	const from = server.log('broker.log').length;

	fs.writeFileSync(file, [...kept, ...set, ''].join('\n'));
	process.kill(server.pid('broker'), 'SIGHUP');
	await until(() => /event=broker\.reload$/m.test(server.log('broker.log').slice(from)), 'the new settings');
}
