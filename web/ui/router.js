// router.js -- which room is open stands in the address, and whether one looks at its
// details, so that back, forward, reload and a link given to somebody do what one expects.
// So does the secret of a link that was mailed or handed on (link.js), and not for long.

const ROOM = /^#\/rooms\/([^/?]+)(?:(\/details)|\/(\d{1,15}))?$/;
const LINK = /^#(reset|confirm|register|join)=([\w-]{1,64})$/;

// {what, secret} of the address, which forgets it; or null.
export function take_link() {
	const found = LINK.exec(location.hash);

	if (!found)
		return null;
	history.replaceState(history.state, '', '#/');
	return { what: found[1], secret: found[2] };
}

export function path_of(room_id) {
	return room_id ? `#/rooms/${encodeURIComponent(room_id)}` : '#/';
}

// What was opened over a room is gone with one step back.
export function turn_details(room_id) {
	if (!is_details())
		history.pushState({ is_over: true }, '', `${path_of(room_id)}/details`);
	else if (history.state?.is_over)
		history.back();
	else
		history.replaceState(null, '', path_of(room_id));
	dispatchEvent(new HashChangeEvent('hashchange'));
}

export function current_path() {
	const found = ROOM.exec(location.hash);
	return found ? decodeURIComponent(found[1]) : null;
}

export function is_details() {
	return Boolean(ROOM.exec(location.hash)?.[2]);
}

// The seq of the message in the address that leads to one, or null.
export function current_seq() {
	const seq = ROOM.exec(location.hash)?.[3];
	return seq ? Number(seq) : null;
}

export function go_to(room_id) {
	location.hash = path_of(room_id);
}

// The full address of a room, to be given away.
export function link_to(room_id) {
	return new URL(path_of(room_id), new URL('.', document.baseURI)).href;
}
