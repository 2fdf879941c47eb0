// call_peer.js -- the connection to one other person in a call.
//
// Both ends may offer at any time ("perfect negotiation"): where offers meet, the
// polite end takes its own back and the impolite end passes over the other's. What goes
// on at this end goes on in order: each step waits for the one before.
//
// An end has an id of its own, which goes with all that it says as `from`, and the
// other's as `to`. So the other end notices that it talks to a new one (a page opened
// anew, another tab), and nothing that was meant for a former one is taken.
//
// A camera that goes on or off changes the track of a sender that is there already,
// which needs no new offer.
//
// Owns: the RTCPeerConnection, its timers.

const LOST_MS = 3000;		// a line that comes back by itself does so sooner
const CONNECT_MS = 12000;	// finding the way takes no longer
const POLITE_MS = 2000;		// the impolite end tries first

const KINDS = ['audio', 'video'];

export class Peer {
	#rtc;
	#own;
	#say;
	#clock;
	#on_change;
	#on_broken;
	#is_polite;
	#pc = null;
	#chain;
	#early = [];		// candidates that came before what they belong to
	#cancel = () => {};
	#is_closed = false;
	remote = null;		// the other end's id, once it has spoken
	has_heard = false;
	link = 'connecting';	// connecting, connected, lost
	tries = 0;
	media = null;		// {mic, camera, screen}, as they say; null: they say nothing
	stream;

	// ice: promise of iceServers. own: call_media.js. say(data): to the other end.
	// on_change(): link, media or stream. on_broken(): it does not connect.
	constructor({ id, user_id, is_polite, rtc, ice, own, say, clock, on_change, on_broken }) {
		this.id = id;
		this.user_id = user_id;
		this.#is_polite = is_polite;
		this.#rtc = rtc;
		this.#own = own;
		this.#say = (data) => say({ from: this.id, to: this.remote, ...data });
		this.#clock = clock;
		this.#on_change = on_change;
		this.#on_broken = on_broken;
		this.stream = new rtc.Stream();
		this.#chain = Promise.resolve(ice).then((servers) => this.#open(servers));
		this.#watch(CONNECT_MS);
	}

	get has_video() {
		const [track] = this.stream.getVideoTracks();
		return this.media ? Boolean(this.media.camera || this.media.screen)
			: Boolean(track && !track.muted);
	}

	// How loud they are just now, from 0 to 1.
	get level() {
		const audio = this.#pc?.getReceivers().find(({ track }) => track.kind === 'audio');
		return audio?.getSynchronizationSources?.()[0]?.audioLevel ?? 0;
	}

	// Whether what came with these ids is for this end, or for what it talks to.
	is_for(from, to) {
		return this.has_heard ? this.remote === from : to === this.id;
	}

	offer() {
		return this.#run(() => this.#put_tracks());
	}

	take(data) {
		return this.#run(() => this.#take(data));
	}

	// My tracks are others now.
	tracks_changed() {
		this.#run(() => this.#put_tracks());
		this.tell_media();
	}

	tell_media() {
		this.#run(() => this.#say({ media: this.#own.shown }));
	}

	// Find a way anew; what was said last may not have arrived.
	restart(servers) {
		this.link = this.link === 'connected' ? 'lost' : this.link;
		this.#watch(CONNECT_MS);
		return this.#run(() => {
			this.#pc.setConfiguration({ iceServers: servers });
			if (this.#pc.signalingState === 'have-local-offer')
				this.#say_description();
			else
				this.#pc.restartIce();
		});
	}

	close() {
		this.#is_closed = true;
		this.#cancel();
		if (!this.#pc)
			return;
		for (const name of ['onnegotiationneeded', 'onicecandidate', 'ontrack',
			'onconnectionstatechange'])
			this.#pc[name] = null;
		this.#pc.close();
	}

	// One thing after the other. What fails makes a broken connection, no broken page.
	#run(step) {
		this.#chain = this.#chain.then(async () => {
			if (this.#is_closed)
				return;
			try {
				await step();
			} catch {
				if (!this.#is_closed)
					this.#watch(LOST_MS);
			}
		});
		return this.#chain;
	}

	#open(servers) {
		if (this.#is_closed)
			return;
		const pc = new this.#rtc.Connection({
			iceServers: servers, bundlePolicy: 'max-bundle',
		});

		this.#pc = pc;
		pc.onnegotiationneeded = () => this.#run(() => this.#offer());
		pc.onicecandidate = ({ candidate }) => candidate && this.#say({ candidate });
		pc.ontrack = ({ track }) => this.#on_track(track);
		pc.onconnectionstatechange = () => this.#on_state(pc.connectionState);
	}

	async #offer() {
		// it is asked for again once the one under way is answered
		if (this.#pc.signalingState !== 'stable')
			return;
		await this.#pc.setLocalDescription();
		this.#say_description();
	}

	#say_description() {
		const { type, sdp } = this.#pc.localDescription;
		this.#say({ description: { type, sdp }, media: this.#own.shown });
	}

	async #take({ from = null, description, candidate, media }) {
		this.remote = from;
		this.has_heard = true;
		if (media) {
			this.media = media;
			this.#on_change();
		}
		if (description)
			await this.#take_description(description);
		else if (candidate && this.#pc.remoteDescription)
			await this.#pc.addIceCandidate(candidate).catch(() => {});
		else if (candidate)
			this.#early.push(candidate);
	}

	async #take_description(description) {
		const pc = this.#pc;
		const is_offer = description.type === 'offer';

		if (is_offer && pc.signalingState !== 'stable' && !this.#is_polite)
			return;		// mine is on its way, and holds
		if (!is_offer && pc.signalingState !== 'have-local-offer')
			return;		// to an offer that was taken back
		await pc.setRemoteDescription(description);
		for (const candidate of this.#early.splice(0))
			await pc.addIceCandidate(candidate).catch(() => {});
		if (!is_offer)
			return;
		await this.#put_tracks();
		await pc.setLocalDescription();
		this.#say_description();
	}

	// What I send, where the connection has a place for it; else a place is made, and with
	// that an offer is needed.
	async #put_tracks() {
		const pc = this.#pc;
		const is_new = pc.getTransceivers().length === 0;

		for (const kind of KINDS) {
			const track = this.#own[kind];
			const place = pc.getTransceivers().find(({ receiver, currentDirection }) =>
				receiver.track.kind === kind && currentDirection !== 'stopped');
			if (place) {
				place.direction = 'sendrecv';
				await place.sender.replaceTrack(track);
			} else if (track || is_new) {
				pc.addTransceiver(track ?? kind, { direction: 'sendrecv' });
			}
		}
	}

	#on_track(track) {
		for (const former of this.stream.getTracks())
			if (former.kind === track.kind && former !== track)
				this.stream.removeTrack(former);
		this.stream.addTrack(track);
		track.onmute = track.onunmute = () => this.media || this.#on_change();
		this.#on_change();
	}

	#on_state(state) {
		const before = this.link;

		if (state === 'connected') {
			this.link = 'connected';
			this.tries = 0;
			this.#cancel();
		} else if (state === 'disconnected' || state === 'failed') {
			this.link = 'lost';
			this.#watch(state === 'failed' ? 0 : LOST_MS);
		}
		if (this.link !== before)
			this.#on_change();
	}

	// If it is not connected after this time, it is for somebody to do something.
	#watch(ms) {
		this.#cancel();
		this.#cancel = this.#clock.after(ms + (this.#is_polite ? POLITE_MS : 0), () => {
			this.tries++;
			this.#on_broken();
		});
	}
}
