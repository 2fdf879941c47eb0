// router.js -- which room is open stands in the address, so that back, forward, reload
// and a link given to somebody do what one expects.

const ROOM = /^#\/rooms\/([^/?]+)$/;

export function path_of(room_id) {
	return room_id ? `#/rooms/${encodeURIComponent(room_id)}` : '#/';
}

export function current_path() {
	const found = ROOM.exec(location.hash);
	return found ? decodeURIComponent(found[1]) : null;
}

export function go_to(room_id) {
	location.hash = path_of(room_id);
}

// The full address of a room, to be given away.
export function link_to(room_id) {
	return new URL(path_of(room_id), new URL('.', document.baseURI)).href;
}
