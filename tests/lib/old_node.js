// old_node.js -- what browsers have and Debian 12's node 18 has not yet.

import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;

globalThis.CustomEvent ??= class CustomEvent extends Event {
	constructor(type, options) {
		super(type, options);
		this.detail = options?.detail ?? null;
	}
};
