// entry.js -- recognises invitations and rooms in pasted text. Plain functions.

const INVITE = /(?:#join=|\/invites\/)([\w-]{1,64})/;
const ROOM_ID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
const CODE = /^[\w-]{22}$/;

// {code} of an invitation or {id} of a room, pasted alone, in a link, or within a sentence;
// or null.
export function entry_of(text) {
	const code = INVITE.exec(text)?.[1];
	const ids = text.match(ROOM_ID);

	if (code)
		return { code };
	if (ids)
		return { id: ids.at(-1).toLowerCase() };
	return CODE.test(text.trim()) ? { code: text.trim() } : null;
}
