// fake_calls.js -- calls in the world of fake.js: the server's part, and the browser's. They
// behave like the real ones as far as the client relies on it: states of participants and
// calls, who is told, signals to the one device; connections that are made by an offer and its
// answer, and break and recover with the network.

const problem = (code, more = {}) => Object.assign(new Error(code), { code, more });

const IS_OPEN = new Set(['ringing', 'active']);

export class FakeCalls {
	calls = new Map();
	signals = [];			// {from, to, data}, as received
	lose_signals = 0;		// so many more will be refused
	devices = new Map();		// call id -> Map of user id -> socket

	constructor(server) {
		this.server = server;
		server.features = [...server.features, 'calls'];
		server.calls = this;
	}

	view(call) {
		const { parts, action: _a, by: _b, ...rest } = call;
		return structuredClone({ ...rest, participants: [...parts.values()] });
	}

	// A call has changed: everybody who has a part in it is told, and `but` gets the
	// answer.
	tell(call, action, by, but = null, ref = undefined) {
		this.settle(call);
		const frame = { type: 'call', call: this.view(call), action, by };
		for (const socket of this.server.sockets)
			if (socket !== but && call.parts.has(socket.user_id))
				socket.tell(frame);
		but?.tell({ ...frame, ref });
	}

	settle(call) {
		const states = [...call.parts.values()].map((part) => part.state);
		const joined = states.filter((state) => state === 'joined').length;

		if (call.state === 'ringing' && joined > 1)
			call.state = 'active';
		else if (call.state === 'ringing' && joined === 0)
			this.end(call, 'cancelled');
		else if (call.state === 'ringing' && !states.includes('ringing'))
			this.end(call, states.includes('declined') ? 'declined' : 'missed');
		else if (call.state === 'active' && joined < 2)
			this.end(call, 'ended');
		if (call.state === 'active')
			call.answered_at ??= new Date(this.server.clock.now()).toISOString();
	}

	end(call, state) {
		call.state = state;
		call.ended_at = new Date(this.server.clock.now()).toISOString();
		for (const part of call.parts.values())
			part.state = { ringing: 'missed', joined: 'left' }[part.state] ?? part.state;
	}

	// The ringing times out.
	time_out(call_id) {
		const call = this.calls.get(call_id);
		this.end(call, 'missed');
		this.tell(call, 'missed', null);
	}

	in_a_call(user_id) {
		return [...this.calls.values()].find((call) => IS_OPEN.has(call.state)
			&& call.parts.get(user_id)?.state === 'joined');
	}

	start(room, socket, kind) {
		const { server } = this;
		const me = socket.user_id;
		const open = [...this.calls.values()].find((call) => call.room_id === room?.id
			&& IS_OPEN.has(call.state));

		if (!room?.members.has(me))
			throw problem('not_found');
		if (open)
			throw problem('call_active', { call_id: open.id });
		if (this.in_a_call(me))
			throw problem('busy', { call_id: this.in_a_call(me).id });
		const call = {
			id: server.id('call'), room_id: room.id, kind, state: 'ringing', initiator_id: me,
			started_at: new Date(server.clock.now()).toISOString(), answered_at: null,
			ended_at: null, duration: null, parts: new Map(),
		};
		for (const user_id of [me, ...[...room.members].filter((id) => id !== me)])
			call.parts.set(user_id, {
				user_id, joined_at: null, left_at: null,
				state: user_id === me ? 'joined' : this.in_a_call(user_id) ? 'busy' : 'ringing',
			});
		this.calls.set(call.id, call);
		this.devices.set(call.id, new Map([[me, socket]]));
		return call;
	}

	move(call, socket, action) {
		const me = socket.user_id;
		const part = call?.parts.get(me);
		const devices = this.devices.get(call?.id);

		if (!part)
			throw problem('not_found');
		if (!IS_OPEN.has(call.state))
			throw problem('conflict');
		if (action === 'accept') {
			const session = devices.get(me)?.session;
			if (part.state === 'joined' && session !== socket.session)
				throw problem('conflict');
			devices.set(me, socket);
			part.state = 'joined';
		} else if (action === 'decline' && part.state === 'ringing') {
			part.state = 'declined';
		} else if ((action === 'hangup' || action === 'cancel') && part.state === 'joined') {
			part.state = 'left';
		} else {
			throw problem('conflict');
		}
	}

	// Handles a frame `call` or `signal`.
	hear(socket, frame) {
		const { ref, type, action, call_id } = frame;
		const { server } = this;

		try {
			if (type === 'signal') {
				this.signal(socket, frame);
				return;
			}
			const call = action === 'start'
				? this.start(server.rooms.get(frame.room_id), socket, frame.kind)
				: this.calls.get(call_id);
			if (action !== 'start')
				this.move(call, socket, action);
			if (server.happens('cut_before_ack')) {
				this.tell(call, action, socket.user_id, { tell: () => {} });
				socket.cut(1006, '');
			} else {
				this.tell(call, action, socket.user_id, socket, ref);
			}
		} catch (error) {
			if (!error.code)
				throw error;
			socket.tell({ type: 'error', ref, code: error.code, ...error.more });
		}
	}

	signal(socket, { call_id, to, data }) {
		const call = this.calls.get(call_id);
		const device = this.devices.get(call_id)?.get(to);
		const is_here = (one) => this.server.sockets.has(one);

		this.signals.push({ from: socket.user_id, to, data });
		if (call?.parts.get(to)?.state !== 'joined' || this.lose_signals > 0) {
			this.lose_signals = Math.max(0, this.lose_signals - 1);
			throw problem('conflict');
		}
		this.devices.get(call_id).set(socket.user_id, socket);
		const targets = is_here(device) ? [device] : [...this.server.sockets]
			.filter((one) => one.user_id === to && one.session === device.session);
		if (targets.length === 0)
			throw problem('conflict');
		for (const one of targets)
			one.tell({ type: 'signal', call_id, from: socket.user_id, data });
	}

	// Called after `ready`.
	greet(socket) {
		for (const call of this.calls.values())
			if (IS_OPEN.has(call.state)
				&& ['ringing', 'joined'].includes(call.parts.get(socket.user_id)?.state))
				socket.tell({ type: 'call', call: this.view(call), action: 'start',
					by: call.initiator_id });
	}

	// GET /calls…
	answer(path, query, user_id) {
		if (path === '/calls/ice')
			return { ice_servers: [{ urls: ['stun:stun.test'] }] };
		if (path === '/calls')
			return { next: null, items: [...this.calls.values()].reverse()
				.filter((call) => query.get('room_id') === call.room_id
					|| (!query.has('room_id') && call.parts.has(user_id)))
				.map((call) => this.view(call)) };
		const call = this.calls.get(path.slice('/calls/'.length));
		if (!call)
			throw Object.assign(new Error('not_found'), {
				status: 404, body: { status: 404, code: 'not_found' },
			});
		return this.view(call);
	}
}

// --- the browser's part ---------------------------------------------------------------

class FakeTrack {
	enabled = true;
	readyState = 'live';
	muted = false;
	onended = null;

	constructor(kind, label) {
		this.kind = kind;
		this.label = label;
	}

	stop() {
		this.readyState = 'ended';
	}

	// E.g. unplugged.
	end() {
		this.readyState = 'ended';
		this.onended?.();
	}
}

class FakeStream {
	constructor(tracks = []) {
		this.tracks = [...tracks];
	}

	getTracks() {
		return [...this.tracks];
	}

	getAudioTracks() {
		return this.tracks.filter((track) => track.kind === 'audio');
	}

	getVideoTracks() {
		return this.tracks.filter((track) => track.kind === 'video');
	}

	addTrack(track) {
		if (!this.tracks.includes(track))
			this.tracks.push(track);
	}

	removeTrack(track) {
		this.tracks = this.tracks.filter((other) => other !== track);
	}
}

// What all ends share: who can reach whom, and every connection and track ever made.
export class FakeNet {
	is_up = true;
	connections = [];
	tracks = [];
	faults = {};			// device -> an error's name, or a promise to await

	constructor(clock) {
		this.clock = clock;
	}

	// The `rtc` argument of Client.
	rtc() {
		const net = this;

		return {
			Stream: FakeStream,
			Connection: class extends FakeConnection {
				constructor(settings) {
					super(net, settings);
				}
			},
			devices: {
				getUserMedia: (wanted) => net.#open(Object.keys(wanted)
					.filter((kind) => wanted[kind])),
				getDisplayMedia: () => net.#open(['screen']),
			},
		};
	}

	async #open(devices) {
		await this.gate;
		for (const device of devices)
			if (this.faults[device])
				throw Object.assign(new Error(device), { name: this.faults[device] });
		return new FakeStream(devices.map((device) => {
			const track = new FakeTrack(device === 'audio' ? 'audio' : 'video', device);
			this.tracks.push(track);
			return track;
		}));
	}

	get live_tracks() {
		return this.tracks.filter((track) => track.readyState === 'live')
			.map((track) => track.label);
	}

	get open_connections() {
		return this.connections.filter((pc) => pc.signalingState !== 'closed');
	}

	find(id) {
		return this.connections.find((pc) => pc.id === id && pc.signalingState !== 'closed');
	}

	// Cuts the way between all ends, until up().
	down() {
		this.is_up = false;
		for (const pc of this.connections)
			pc.lost();
	}

	up() {
		this.is_up = true;
	}
}

let ids = 0;

// Like an RTCPeerConnection, as far as offers, answers and their order go.
class FakeConnection {
	signalingState = 'stable';
	connectionState = 'new';
	localDescription = null;
	remoteDescription = null;
	onnegotiationneeded = null;
	onicecandidate = null;
	ontrack = null;
	onconnectionstatechange = null;
	candidates = [];
	#transceivers = [];
	#ufrag = 0;
	#is_needed = false;
	#before = null;

	constructor(net, settings) {
		this.net = net;
		this.settings = settings;
		this.id = `pc${++ids}`;
		net.connections.push(this);
	}

	setConfiguration(settings) {
		this.settings = settings;
	}

	getTransceivers() {
		return [...this.#transceivers];
	}

	getReceivers() {
		return this.#transceivers.map((one) => one.receiver);
	}

	addTransceiver(what, { direction }) {
		const track = typeof what === 'string' ? null : what;
		const one = this.#transceiver(track?.kind ?? what, direction);
		one.sender.track = track;
		this.#need();
		return one;
	}

	#transceiver(kind, direction) {
		const sender = {
			track: null,
			replaceTrack: async (track) => {
				sender.track = track;
			},
		};
		const one = { direction, currentDirection: null, sender,
			receiver: { track: new FakeTrack(kind, 'remote') } };
		this.#transceivers.push(one);
		return one;
	}

	restartIce() {
		this.#ufrag++;
		this.#need();
	}

	#need() {
		this.#is_needed = true;
		this.net.clock.after(0, () => {
			if (this.#is_needed && this.signalingState === 'stable') {
				this.#is_needed = false;
				this.onnegotiationneeded?.();
			}
		});
	}

	async setLocalDescription() {
		const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
		const kinds = this.#transceivers.map((one) => one.receiver.track.kind);

		this.#alive();
		this.#before = this.localDescription;
		if (type === 'answer')
			this.#ufrag++;
		this.localDescription = { type, sdp: JSON.stringify({ id: this.id, kinds,
			ufrag: this.#ufrag }) };
		this.signalingState = type === 'offer' ? 'have-local-offer' : 'stable';
		this.net.clock.after(1, () => this.onicecandidate?.({ candidate: { of: this.id } }));
		this.net.clock.after(1, () => this.onicecandidate?.({ candidate: null }));
		if (type === 'answer')
			this.#settled();
	}

	async setRemoteDescription({ type, sdp }) {
		this.#alive();
		if (type === 'answer' && this.signalingState !== 'have-local-offer')
			throw Object.assign(new Error('wrong state'), { name: 'InvalidStateError' });
		if (type === 'offer' && this.signalingState === 'have-local-offer') {
			this.localDescription = this.#before;	// rolled back
			this.#is_needed = true;
		}
		const { kinds } = JSON.parse(sdp);
		this.remoteDescription = { type, sdp };
		for (const kind of kinds)
			if (!this.#transceivers.some((one) => one.receiver.track.kind === kind))
				this.#transceiver(kind, 'recvonly');
		for (const one of this.#transceivers)
			if (one.currentDirection === null) {
				one.currentDirection = 'sendrecv';
				this.ontrack?.({ track: one.receiver.track });
			}
		this.signalingState = type === 'offer' ? 'have-remote-offer' : 'stable';
		if (type === 'answer')
			this.#settled();
	}

	async addIceCandidate(candidate) {
		this.#alive();
		if (!this.remoteDescription)
			throw new Error('no description');
		this.candidates.push(candidate);
	}

	#settled() {
		if (this.#is_needed)
			this.#need();
		this.net.clock.after(5, () => this.#meet());
	}

	// Connects if each has the other's latest description.
	#meet() {
		const said = (description) => description && JSON.parse(description.sdp);
		const other = this.net.find(said(this.remoteDescription)?.id);

		if (!this.net.is_up || !other || this.signalingState === 'closed'
			|| said(other.remoteDescription)?.id !== this.id
			|| other.signalingState !== 'stable' || this.signalingState !== 'stable'
			|| said(this.remoteDescription).ufrag !== said(other.localDescription).ufrag
			|| said(other.remoteDescription).ufrag !== said(this.localDescription).ufrag)
			return;
		for (const pc of [this, other])
			pc.become('connected');
	}

	become(state) {
		if (this.connectionState === state || this.signalingState === 'closed')
			return;
		this.connectionState = state;
		this.onconnectionstatechange?.();
	}

	lost() {
		if (this.connectionState !== 'connected')
			return;
		this.become('disconnected');
		this.net.clock.after(5000, () =>
			this.connectionState === 'disconnected' && this.become('failed'));
	}

	#alive() {
		if (this.signalingState === 'closed')
			throw Object.assign(new Error('closed'), { name: 'InvalidStateError' });
	}

	close() {
		this.signalingState = 'closed';
		this.connectionState = 'closed';
	}
}
