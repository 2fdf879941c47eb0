// sweep.js -- make a sweep due, and let a program come by it.

import fs from 'node:fs';
import path from 'node:path';

// request: anything that the program which sweeps answers.
export async function sweep(server, name, request) {
	const file = path.join(server.state, 'run', `sweep.${name}`);

	if (fs.existsSync(file))
		fs.utimesSync(file, 0, 0);
	await request();
}
