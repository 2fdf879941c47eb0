// load.js -- the load program (bench/load.c), driven line by line.

import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';

import { BUILT } from './peers.js';

export class Load {
	// keys: {folder, kid}, where Foyer's tokens are signed.
	constructor(dialect, port, { rooms, per_room, writers = 1, keys = null }) {
		const args = [dialect, port, rooms, per_room, writers, ...(keys ? [keys.folder, keys.kid] : [])];

		this.child = spawn(path.join(BUILT, 'load'), args.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
		this.lines = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
	}

	async do(command) {
		this.child.stdin.write(`${command}\n`);
		const { value, done } = await this.lines.next();
		if (done)
			throw new Error(`the load ended at ${command}`);
		return JSON.parse(value);
	}

	async end() {
		const over = new Promise((resolve) => this.child.once('exit', resolve));
		this.child.stdin.end('end\n');
		await over;
	}
}
