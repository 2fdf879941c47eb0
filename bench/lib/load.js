// load.js -- the load program for any of the servers that are compared (bench/load.c).

import { Child } from './child.js';

export class Load extends Child {
	// keys: {folder, kid}, where Foyer's tokens are signed.
	constructor(dialect, port, { rooms, per_room, writers = 1, keys = null }) {
		super('load', [dialect, port, rooms, per_room, writers, ...(keys ? [keys.folder, keys.kid] : [])]);
	}
}
