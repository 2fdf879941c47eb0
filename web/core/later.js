// later.js -- a part of core/ that is loaded when it is first used.
//
// The proxy has all of its methods; each returns a promise, and they run in the order of the
// calls. If the part cannot be loaded, the promise rejects like a request while offline
// (ApiError `offline`), and the next call tries again.

import { ApiError } from './api.js';

// Told the error of each import() that failed.
export let failed_import = () => {};

export function on_failed_import(fn) {
	failed_import = fn;
}

// load(): an import(). make(module): creates the part.
export function later(load, make) {
	let part = null;
	const is_there = () => {
		part ??= load().then(make, (error) => {
			part = null;
			failed_import(error);
			throw new ApiError({ code: 'offline', detail: error.message });
		});
		return part;
	};

	return new Proxy({}, {
		// the proxy is not a promise itself
		get: (_, name) => name === 'then' ? undefined
			: async (...all) => (await is_there())[name](...all),
	});
}
