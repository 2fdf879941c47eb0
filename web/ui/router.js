// router.js -- the URL contains the open room and whether its details are open, so that back,
// forward, reload and shared links work as expected. It also carries the secret of a mailed
// or shared link (link.js), which is removed at once.

const ROOM = /^#\/rooms\/([^/?]+)(?:(\/details)|\/(\d{1,15}))?$/;
const LINK = /^#(reset|confirm|register|join)=([\w-]{1,64})$/;

// {what, secret} from the URL, where it is removed; or null.
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

// Details opened over a room are closed by going back one step.
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

// The seq of the message in the URL, or null.
export function current_seq() {
	const seq = ROOM.exec(location.hash)?.[3];
	return seq ? Number(seq) : null;
}

export function go_to(room_id) {
	location.hash = path_of(room_id);
}

// The full URL of a room, for sharing.
export function link_to(room_id) {
	return new URL(path_of(room_id), new URL('.', document.baseURI)).href;
}
