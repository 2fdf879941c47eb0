// old_node.js -- what browsers have and node 18 of Debian 12 lacks.

import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;

globalThis.CustomEvent ??= class CustomEvent extends Event {
	constructor(type, options) {
		super(type, options);
		this.detail = options?.detail ?? null;
	}
};
