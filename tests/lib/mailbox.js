// mailbox.js -- a sendmail that stores each letter in a folder instead of sending it.
//
// Pass `env` to a server; then next(address) waits for a letter to that address.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { until } from './wait.js';

function parse(raw) {
	const end = raw.indexOf('\n\n');
	const head = raw.slice(0, end).replace(/\n[ \t]/g, ' ').split('\n');
	const headers = Object.fromEntries(head.map((line) => {
		const colon = line.indexOf(':');
		return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
	}));
	const text = raw.slice(end + 2);
	const link = text.match(/https?:\S+#(\w+)=(\S+)/);

	return { raw, headers, text, link: link?.[0], what: link?.[1], secret: link?.[2] };
}

export class Mailbox {
	// script: what to do with the letter on standard input, besides storing it
	constructor({ script = '' } = {}) {
		const base = process.env.TEST_TMP ?? os.tmpdir();

		this.folder = fs.mkdtempSync(path.join(base, 'mail-'));
		this.taken = new Set();
		// the server may run as another user
		fs.chmodSync(this.folder, 0o777);
		this.command = path.join(this.folder, 'sendmail');
		fs.writeFileSync(this.command, `#!/bin/sh
			cd '${this.folder}' || exit 1
			cat >$$.part
			printf '%s\\n' "$@" >$$.args
			env >$$.env
			ls -l /proc/self/fd/ >$$.fds
			mv $$.part $$.letter
			${script}
		`, { mode: 0o755 });
		this.env = { FOYER_SENDMAIL: this.command };
	}

	// All letters to this address, in no particular order.
	to(address) {
		return fs.readdirSync(this.folder)
			.filter((name) => name.endsWith('.letter'))
			.map((name) => ({
				name: name.replace('.letter', ''),
				...parse(fs.readFileSync(path.join(this.folder, name), 'utf8')),
			}))
			.filter((letter) => letter.headers.to === `<${address}>`);
	}

	// Waits for the next letter that has not been taken yet.
	async next(address) {
		const letter = await until(
			() => this.to(address).find((l) => !this.taken.has(l.name)), `letter to ${address}`);
		this.taken.add(letter.name);
		return letter;
	}

	// What the command stored beside the letter: its args, env or fds.
	beside(letter, what) {
		return fs.readFileSync(path.join(this.folder, `${letter.name}.${what}`), 'utf8').trim();
	}

	remove() {
		fs.rmSync(this.folder, { recursive: true, force: true });
	}
}
