// local_files.js -- files of this machine as the page shows them: what is about to be
// sent, and what was sent from here, which need not be fetched back to be seen.
//
// Owns: the addresses (blob:) that it made; the oldest are given back.

const MOST = 40;

const urls = new Map();		// key -> address; the least recently asked for first

// key: a message's client_id, or a file's id.
export function local_url(key) {
	const url = urls.get(key);

	if (url) {
		urls.delete(key);
		urls.set(key, url);
	}
	return url ?? null;
}

export function remember_local(key, blob) {
	const known = local_url(key);
	if (known)
		return known;
	const url = URL.createObjectURL(blob);
	urls.set(key, url);
	for (const [oldest, old] of urls) {
		if (urls.size <= MOST)
			break;
		urls.delete(oldest);
		if (![...urls.values()].includes(old))
			URL.revokeObjectURL(old);
	}
	return url;
}

// The same file by another name: it is uploaded now.
export function also_local(key, other) {
	const url = local_url(key);

	if (url && other && !urls.has(other))
		urls.set(other, url);
}
