// child.js -- runs a load program (bench/drive.h), which answers each line of command with one
// line of JSON.

import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import readline from 'node:readline';

// Where `make bench-tools` puts the programs.
export const BUILT = path.resolve(process.env.BUILD ?? 'build', 'release');

export class Child {
	#name;
	#lines;

	// name: of the program. nice: how far to lower its priority.
	constructor(name, args, { nice = 0 } = {}) {
		this.#name = name;
		this.child = spawn('nice', ['-n', String(nice), path.join(BUILT, name), ...args.map(String)],
			{ stdio: ['pipe', 'pipe', 'inherit'] });
		this.#lines = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
	}

	async do(command) {
		this.child.stdin.write(`${command}\n`);
		const { value, done } = await this.#lines.next();
		if (done)
			throw new Error(`${this.#name} ended at ${command}`);
		return JSON.parse(value);
	}

	async end() {
		const over = new Promise((resolve) => this.child.once('exit', resolve));
		if (this.child.exitCode !== null || this.child.signalCode !== null)
			return;
		this.child.stdin.end('end\n');
		await over;
	}
}
