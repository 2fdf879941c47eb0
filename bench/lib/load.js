// load.js -- the load program (bench/load.c) for any of the servers that are compared.

import path from 'node:path';

import { Child } from './child.js';

// The keys that a Foyer signs its tokens with.
export const keys_of = (server) =>
	({ folder: path.join(server.state, 'keys'), kid: server.keys().at(-1).kid });

export class Load extends Child {
	// keys: keys_of() a Foyer, if it is one.
	constructor(dialect, port, { rooms, per_room, writers = 1, keys = null }) {
		super('load', [dialect, port, rooms, per_room, writers, ...(keys ? [keys.folder, keys.kid] : [])]);
	}
}
