// pages.js -- paged answers of the server: {items, next}; next is the cursor of the next
// page, null on the last.

// Reads one page after another, at most `most`. ask(cursor): undefined for the first.
export async function* pages(ask, most) {
	let cursor;

	for (let page = 0; page < most && cursor !== null; page++) {
		const answer = await ask(cursor);
		cursor = answer.next;
		yield answer;
	}
}

// All pages as one.
export async function all_pages(ask, most) {
	const all = { items: [], next: null };

	for await (const { items, next } of pages(ask, most)) {
		all.items.push(...items);
		all.next = next;
	}
	return all;
}

// Like fn(), but calls made while one is in flight share its promise; `under_way` is that
// promise, or null.
export function shared(fn) {
	const ask = () => {
		ask.under_way ??= fn().finally(() => {
			ask.under_way = null;
		});
		return ask.under_way;
	};

	ask.under_way = null;
	return ask;
}
