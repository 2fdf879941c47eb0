// call_mesh.js -- the connections of one call: to each of the others one.
//
// Makes them, hands signals to the one that they are for, and mends what does not
// connect: first by another offer over the same connection, then by a new connection.
// Who came later offers; where the other end should and does not, we do after a while.
//
// Owns: the peers, the addresses of the servers that help to find the way.

import { Peer } from './call_peer.js';

const SAY_AGAIN_MS = 1000;	// after a signal that did not arrive
const OFFER_MS = 8000;		// so long for the other end to offer first
const FRESH_MS = 480000;	// of ten minutes
const RESTARTS = 2;		// of a connection; after that another one is made

const NOBODY = { link: 'connecting', stream: null, has_video: false, mic: true, screen: false };

export class Mesh {
	#tools;
	#me;
	#own;
	#call_id;
	#on_change;
	#others = new Set();		// who is in the call
	#peers = new Map();		// user id -> Peer
	#ids = 0;
	#ice = null;			// {servers: promise, at}
	#timers = new Set();
	#is_closed = false;

	// tools: as in call.js. own: call_media.js. call_id(): the call's id by now.
	constructor({ tools, me, own, call_id, on_change }) {
		this.#tools = tools;
		this.#me = me;
		this.#own = own;
		this.#call_id = call_id;
		this.#on_change = on_change;
	}

	// What there is of somebody.
	view(user_id) {
		const peer = this.#peers.get(user_id);

		return !peer ? NOBODY : {
			link: peer.link, stream: peer.stream, has_video: peer.has_video,
			mic: peer.media?.mic ?? true, screen: peer.media?.screen ?? false,
		};
	}

	level_of(user_id) {
		return this.#peers.get(user_id)?.level ?? 0;
	}

	// Ask for the servers before they are needed.
	warm() {
		this.#servers();
	}

	// These are in the call now, but for me.
	sync(user_ids) {
		this.#others = new Set(user_ids);
		for (const [user_id, peer] of this.#peers)
			if (!this.#others.has(user_id))
				this.#drop(peer);
		for (const user_id of user_ids)
			if (!this.#peers.has(user_id))
				this.#after(OFFER_MS, () => {
					if (!this.#peers.has(user_id) && this.#others.has(user_id))
						this.#offer_to(user_id);
				});
	}

	offer_to_all() {
		for (const user_id of this.#others)
			this.#offer_to(user_id);
	}

	take(user_id, data) {
		if (typeof data !== 'object' || data === null)
			return;
		const { from = null, to = null, description } = data;
		let peer = this.#peers.get(user_id);

		if (!peer?.is_for(from, to)) {
			// of an end that we do not know: only an offer can begin with it
			if (description?.type !== 'offer' || (to !== null && to !== peer?.id))
				return;
			// both began in the same moment: the polite end gives way
			if (peer && !peer.has_heard && !this.#is_polite_to(user_id))
				return;
			peer = this.#peer_to(user_id);
		}
		peer.take(data);
	}

	say_again(user_id) {
		const peer = this.#peers.get(user_id);

		if (peer)
			this.#after(SAY_AGAIN_MS, () => this.#say_again(peer));
	}

	// What was said while there was no line is lost on both sides. Saying something also
	// tells the server which connection of mine is the one in the call.
	line_back() {
		for (const peer of this.#peers.values())
			this.#say_again(peer);
	}

	tracks_changed() {
		for (const peer of this.#peers.values())
			peer.tracks_changed();
	}

	close() {
		this.#is_closed = true;
		for (const cancel of this.#timers)
			cancel();
		this.#timers.clear();
		for (const peer of this.#peers.values())
			peer.close();
		this.#peers.clear();
	}

	#is_polite_to(user_id) {
		return this.#me < user_id;
	}

	#peer_to(user_id) {
		const { rtc, line, clock, random } = this.#tools;
		const peer = new Peer({
			id: `${Math.floor(random() * 2 ** 40).toString(36)}.${++this.#ids}`,
			user_id, is_polite: this.#is_polite_to(user_id), rtc, clock,
			ice: this.#servers(), own: this.#own,
			say: (data) => line.signal(this.#call_id(), user_id, data),
			on_change: this.#on_change,
			on_broken: () => this.#mend(peer),
		});

		this.#drop(this.#peers.get(user_id));
		this.#peers.set(user_id, peer);
		return peer;
	}

	#is_one_of_mine(peer) {
		return this.#peers.get(peer.user_id) === peer;
	}

	#drop(peer) {
		peer?.close();
		if (peer && this.#is_one_of_mine(peer))
			this.#peers.delete(peer.user_id);
	}

	#offer_to(user_id) {
		this.#peer_to(user_id).offer();
		this.#on_change();
	}

	#say_again(peer) {
		if (!this.#is_one_of_mine(peer))
			return;
		peer.tell_media();
		if (peer.link !== 'connected')
			this.#mend(peer);
	}

	async #mend(peer) {
		if (this.#is_closed || peer.link === 'connected' || !this.#is_one_of_mine(peer))
			return;
		if (peer.tries > RESTARTS) {
			this.#offer_to(peer.user_id);
			return;
		}
		const servers = await this.#servers();
		if (this.#is_one_of_mine(peer))
			peer.restart(servers);
	}

	// Where to ask for the way. Without an answer: as in one network.
	#servers() {
		const { api, clock } = this.#tools;

		if (!this.#ice || clock.now() - this.#ice.at > FRESH_MS) {
			const servers = api.ice(this.#call_id()).then((ice) => ice.ice_servers ?? [], () => {
				this.#ice = null;
				return [];
			});
			this.#ice = { servers, at: clock.now() };
		}
		return this.#ice.servers;
	}

	#after(ms, fn) {
		const cancel = this.#tools.clock.after(ms, () => {
			this.#timers.delete(cancel);
			fn();
		});
		this.#timers.add(cancel);
	}
}
