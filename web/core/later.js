// later.js -- a part of core/ that is loaded when something is first asked of it.
//
// What stands in its place has all of its methods, and each answers with a promise. They
// are called in the order in which they were asked for. Where the part cannot be had, the
// promise is rejected as any request is without a line (ApiError `offline`), and the next
// question tries once more.

import { ApiError } from './api.js';

// load(): an import(). make(module): the part itself.
export function later(load, make) {
	let part = null;
	const is_there = () => {
		part ??= load().then(make, (error) => {
			part = null;
			throw new ApiError({ code: 'offline', detail: error.message });
		});
		return part;
	};

	return new Proxy({}, {
		// it is no promise itself
		get: (_, name) => name === 'then' ? undefined
			: async (...all) => (await is_there())[name](...all),
	});
}
