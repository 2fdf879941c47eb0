// sweep.js -- makes a sweep due, and has a program run it.

import fs from 'node:fs';
import path from 'node:path';

// request: a function that makes the sweeping program answer something.
export async function sweep(server, name, request) {
	const file = path.join(server.state, 'run', `sweep.${name}`);

	if (fs.existsSync(file))
		fs.utimesSync(file, 0, 0);
	await request();
}
