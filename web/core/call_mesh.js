// call_mesh.js -- the connections of a call, one to each other participant.
//
// Creates them, passes signals to the right one, and repairs those that do not connect: first
// by another offer on the same connection, then by a new connection. Who joined later sends
// the offer; if an expected offer does not come, we send ours after a while.
//
// Owns: the peers, and the list of STUN and TURN servers.

import { Peer } from './call_peer.js';

const SAY_AGAIN_MS = 1000;	// after a signal that did not arrive
const OFFER_MS = 8000;		// how long the other end may take to offer
const FRESH_MS = 480000;	// TURN credentials last ten minutes
const RESTARTS = 2;		// of a connection, before a new one is made

const NOBODY = { link: 'connecting', stream: null, has_video: false, mic: true, screen: false };

export class Mesh {
	#tools;
	#me;
	#own;
	#call_id;
	#on_change;
	#others = new Set();		// user ids of the other participants
	#peers = new Map();		// user id -> Peer
	#ids = 0;
	#ice = null;			// {servers: promise, at}
	#timers = new Set();
	#is_closed = false;

	// tools: as in call.js. own: call_media.js. call_id(): the call's current id.
	constructor({ tools, me, own, call_id, on_change }) {
		this.#tools = tools;
		this.#me = me;
		this.#own = own;
		this.#call_id = call_id;
		this.#on_change = on_change;
	}

	// The state of one participant.
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

	// Fetches the servers before they are needed.
	warm() {
		this.#servers();
	}

	// The participants now, without me.
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
			// from a peer we do not know: only an offer can begin a connection
			if (description?.type !== 'offer' || (to !== null && to !== peer?.id))
				return;
			// both offered at the same moment: the polite end gives way
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

	// Signals sent while there was no live connection are lost on both sides. Sending one
	// also tells the server which connection of mine is in the call.
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

	// The STUN and TURN servers. Without an answer: none, which works within one network.
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
