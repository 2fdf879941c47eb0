// call_peer.js -- the connection to one other participant of a call.
//
// Both ends may offer at any time ("perfect negotiation"): if offers collide, the polite end
// rolls back its own and the impolite end ignores the other's. Steps at this end run one
// after another.
//
// Each end has an id, sent with every signal as `from`, and the other's as `to`. So an end
// notices that it talks to a new one (a reloaded page, another tab), and ignores signals
// meant for a former one.
//
// Turning the camera on or off replaces the track of an existing sender, which needs no new
// offer.
//
// Owns: the RTCPeerConnection, its timers.

const LOST_MS = 3000;		// a connection that recovers by itself does so sooner
const CONNECT_MS = 12000;	// for ICE to connect
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
	#early = [];		// candidates that arrived before the description
	#cancel = () => {};
	#is_closed = false;
	remote = null;		// the other end's id, once it has spoken
	has_heard = false;
	link = 'connecting';	// connecting, connected, lost
	tries = 0;
	media = null;		// {mic, camera, screen} as they report it; null: not reported
	stream;

	// ice: promise of iceServers. own: call_media.js. say(data): sends to the other end.
	// on_change(): link, media or stream changed. on_broken(): it does not connect.
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

	// Their current loudness, from 0 to 1.
	get level() {
		const audio = this.#pc?.getReceivers().find(({ track }) => track.kind === 'audio');
		return audio?.getSynchronizationSources?.()[0]?.audioLevel ?? 0;
	}

	// Whether a signal with these ids is from the end we talk to, or meant for this one.
	is_for(from, to) {
		return this.has_heard ? this.remote === from : to === this.id;
	}

	offer() {
		return this.#run(() => this.#put_tracks());
	}

	take(data) {
		return this.#run(() => this.#take(data));
	}

	// My tracks have changed.
	tracks_changed() {
		this.#run(() => this.#put_tracks());
		this.tell_media();
	}

	tell_media() {
		this.#run(() => this.#say({ media: this.#own.shown }));
	}

	// Restarts ICE; the last description may not have arrived and is sent again.
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

	// Runs the steps one after another. A failing step breaks the connection, not the page.
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
		// the browser asks again once the current exchange is done
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
			return;		// ignored: my own offer stands
		if (!is_offer && pc.signalingState !== 'have-local-offer')
			return;		// the answer to an offer that was rolled back
		await pc.setRemoteDescription(description);
		for (const candidate of this.#early.splice(0))
			await pc.addIceCandidate(candidate).catch(() => {});
		if (!is_offer)
			return;
		await this.#put_tracks();
		await pc.setLocalDescription();
		this.#say_description();
	}

	// Puts my tracks into existing transceivers; creates missing ones, which requires an
	// offer.
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

	// Reports a broken connection if it is not up after this time.
	#watch(ms) {
		this.#cancel();
		this.#cancel = this.#clock.after(ms + (this.#is_polite ? POLITE_MS : 0), () => {
			this.tries++;
			this.#on_broken();
		});
	}
}
