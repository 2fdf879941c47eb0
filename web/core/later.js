// later.js -- a part of core/ that is loaded when it is first used.
//
// The proxy has all of its methods; each returns a promise, and they run in the order of the
// calls. If the part cannot be loaded, the promise rejects like a request while offline
// (ApiError `offline`), and the next call tries again.
//
// Firefox never again loads a module that it once failed to load, nor those that import it:
// only a new page helps. failed_import() notices that.

import { ApiError } from './api.js';

let outside = null;	// {fetch, reload}, once

export function reload_by(how) {
	outside = how;
}

// After a failed import(): reloads the page if the module that the error names can be fetched
// by now, and still not be imported.
export async function failed_import({ message = '' }) {
	const [url] = /https?:\S+$/.exec(message) ?? [];

	if (!url || !outside)
		return;
	try {
		if (!(await outside.fetch(url)).ok)
			return;
	} catch {
		return;	// still out of reach
	}
	await import(url).catch(() => {
		outside?.reload();
		outside = null;
	});
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
