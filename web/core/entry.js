// entry.js -- the ways into a room, as people paste them. Plain functions.

const INVITE = /(?:#join=|\/invites\/)([\w-]{1,64})/;
const ROOM_ID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
const CODE = /^[\w-]{22}$/;

// What somebody pasted as a way into a room: {code} of an invitation or {id} of a room, be
// it by itself, in a link, or in a sentence around that; or null.
export function entry_of(text) {
	const code = INVITE.exec(text)?.[1];
	const ids = text.match(ROOM_ID);

	if (code)
		return { code };
	if (ids)
		return { id: ids.at(-1).toLowerCase() };
	return CODE.test(text.trim()) ? { code: text.trim() } : null;
}
