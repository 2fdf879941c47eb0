// pages.js -- what the server answers in pages: {items, next}, next being the cursor to the
// page after, null with the last one.

// One page after the other, `most` of them at most. ask(cursor): undefined for the first.
export async function* pages(ask, most) {
	let cursor;

	for (let page = 0; page < most && cursor !== null; page++) {
		const answer = await ask(cursor);
		cursor = answer.next;
		yield answer;
	}
}

// All of them as if they were one.
export async function all_pages(ask, most) {
	const all = { items: [], next: null };

	for await (const { items, next } of pages(ask, most)) {
		all.items.push(...items);
		all.next = next;
	}
	return all;
}

// As fn(), but who asks while it is under way gets the same answer; `under_way` is that
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
