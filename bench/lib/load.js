// load.js -- the load program for any of the servers that are compared (bench/load.c).

import path from 'node:path';

import { Child } from './child.js';

// What a Foyer's tokens are signed with.
export const keys_of = (server) =>
	({ folder: path.join(server.state, 'keys'), kid: server.keys().at(-1).kid });

export class Load extends Child {
	// keys: keys_of() a Foyer.
	constructor(dialect, port, { rooms, per_room, writers = 1, keys = null }) {
		super('load', [dialect, port, rooms, per_room, writers, ...(keys ? [keys.folder, keys.kid] : [])]);
	}
}
