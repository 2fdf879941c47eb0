// call.js -- a call that I am in, from opening the microphone to the end.
//
//   preparing   waiting for the microphone; `trouble` if it is unavailable
//   entering    waiting for the server: start, or accept
//   ringing     the others' devices are ringing
//   talking     somebody else has joined; each pair connects by itself (call_peer.js)
//
// Who joined later sends the offers. The call's state follows the server (hear()). Sound and
// video need neither the server nor the live connection, so losing that for a while changes
// nothing; pairs that lost their own connection reconnect when it is back.
//
// Loaded with the first call. Owns: the peers, and my media.

import { ApiError } from './api.js';
import { OwnMedia } from './call_media.js';
import { Mesh } from './call_mesh.js';
import { is_open, part_of } from './call_state.js';

const TRIES = 4;		// to begin, over an unstable connection
const AGAIN_MS = 1500;
const UNHEARD_MS = 2500;	// how long the server may take to report it on a new connection

export class Call {
	#tools;
	#me;
	#group;
	#own;
	#on_change;
	#on_over;
	#phase = 'preparing';
	#trouble = null;
	#choose = () => {};
	#call = null;			// as the server last reported it
	#wants_video;
	#since = null;
	#mesh;
	#cancel_ask = () => {};
	#is_heard = true;		// whether the server has reported it on this connection
	#is_over = false;

	// tools: {api, line, rtc, clock, random}. me: my id. call_id: the call to accept; null:
	// start one in this room. is_pair: a call between two. on_change(): view() has changed.
	// on_over({reason, …}): see call_state.js.
	constructor({ tools, me, room_id, call_id = null, video, is_pair, on_change, on_over }) {
		this.#tools = tools;
		this.#me = me;
		this.#group = !is_pair;
		this.#wants_video = video;
		this.room_id = room_id;
		this.id = call_id;
		this.#on_change = on_change;
		this.#on_over = on_over;
		this.#own = new OwnMedia({
			rtc: tools.rtc, is_pair, on_change: () => this.#on_own_media(),
		});
		this.#mesh = new Mesh({
			tools, me, own: this.#own, call_id: () => this.id, on_change,
		});
	}

	// What the page shows.
	view() {
		const others = this.#call?.participants.filter((p) => p.user_id !== this.#me) ?? [];
		const own = this.#own;

		return {
			call_id: this.id, room_id: this.room_id, phase: this.#phase, is_group: this.#group,
			kind: this.#call?.kind ?? (this.#wants_video ? 'video' : 'audio'),
			is_by_me: this.#call ? this.#call.initiator_id === this.#me : this.id === null,
			since: this.#since, trouble: this.#trouble, notice: own.notice,
			own: {
				...own.shown, stream: own.view, has_camera_on: own.has_camera_on,
				can_share: own.can_share, is_back: own.is_back,
			},
			others: others.filter((p) => ['joined', 'ringing'].includes(p.state))
				.map(({ user_id, state }) => ({ user_id, state, ...this.#mesh.view(user_id) })),
		};
	}

	level_of(user_id) {
		return this.#mesh.level_of(user_id);
	}

	// --- beginning ---

	async begin() {
		if (this.id)
			this.#mesh.warm();
		if (!await this.#open_media())
			return;
		this.#become('entering');
		try {
			const { call, came_later } = await this.#enter();
			this.#on_entered(call, came_later);
		} catch (error) {
			await this.#on_refused(error);
		}
	}

	// Whether the call is to begin. If the microphone is unavailable, the user decides.
	async #open_media() {
		for (;;) {
			this.#trouble = await this.#own.open({ video: this.#wants_video });
			if (this.#is_over || !this.#trouble)
				return !this.#is_over;
			this.#on_change();
			const choice = await new Promise((resolve) => {
				this.#choose = resolve;
			});
			this.#trouble = null;
			if (this.#is_over || choice === 'listen')
				return !this.#is_over;
			this.#wants_video &&= choice === 'again';
			this.#on_change();
		}
	}

	// If the microphone is unavailable: 'again', 'audio' (no camera), or 'listen'.
	choose(choice) {
		this.#choose(choice);
	}

	async #enter() {
		const { api, line } = this.#tools;

		for (let attempt = 1; ; attempt++) {
			try {
				if (this.id)
					return { ...await line.ask({ action: 'accept', call_id: this.id }),
						came_later: true };
				const kind = this.#wants_video ? 'video' : 'audio';
				return await line.ask({ action: 'start', room_id: this.room_id, kind });
			} catch (error) {
				if (this.#is_over)
					throw error;
				if (!this.id && error.code === 'call_active') {
					// they called me at the same moment; or it is mine, and the answer was
					// lost
					const call = await api.read_call(error.call_id);
					if (call.initiator_id === this.#me && call.state === 'ringing')
						return { call };
					this.id = call.id;
				} else if (error.transient && attempt < TRIES) {
					await this.#wait((error.retry_after ?? 0) * 1000 || AGAIN_MS);
				} else {
					throw error;
				}
			}
		}
	}

	#on_entered(call, came_later) {
		this.id = call.id;
		this.#call = call;
		if (this.#is_over) {
			this.#leave();
			return;
		}
		this.#take(call);
		if (came_later && !this.#is_over)
			this.#mesh.offer_to_all();
	}

	// Too late: another device of mine answered, or the caller hung up.
	async #on_refused(error) {
		const call = this.id && error.code === 'conflict'
			? await this.#tools.api.read_call(this.id).catch(() => null) : null;

		if (call && part_of(call, this.#me)?.state === 'joined')
			this.#end({ reason: 'elsewhere', call });
		else if (call && !is_open(call))
			this.#end({ reason: call.state === 'ended' ? 'ended' : 'cancelled', call });
		else
			this.#end({ reason: 'refused', error });
	}

	// --- frames of the server ---

	// The frame `call`, if it is about this call.
	hear({ call, action, by }) {
		this.#is_heard = true;
		if (this.#phase === 'preparing' || this.#phase === 'entering')
			this.#hear_before(call, by);
		else
			this.#take(call, action, by);
	}

	// Before joining: the call may end, or another device of mine may answer it.
	#hear_before(call, by) {
		if (!is_open(call))
			this.#end({ reason: call.state === 'ended' ? 'ended' : 'cancelled', call });
		else if (by === this.#me && this.#phase === 'preparing'
			&& part_of(call, this.#me)?.state !== 'ringing')
			this.#end({ reason: 'elsewhere', call });
	}

	#take(call, action, by) {
		const is_in = part_of(call, this.#me)?.state === 'joined';

		this.#call = call;
		if (!is_open(call)) {
			this.#end({ reason: reason_of(call, action, by, this.#me), call });
		} else if (!is_in) {
			this.#end({ reason: by === this.#me ? 'elsewhere' : 'removed', call });
		} else {
			if (call.state === 'active')
				this.#since ??= this.#tools.clock.now();
			this.#mesh.sync(call.participants
				.filter((p) => p.state === 'joined' && p.user_id !== this.#me)
				.map((p) => p.user_id));
			this.#become(call.state === 'active' ? 'talking' : 'ringing');
		}
	}

	// The live connection is back; frames of the meantime are lost on both sides.
	line_back() {
		if (!['ringing', 'talking'].includes(this.#phase))
			return;
		this.#is_heard = false;
		this.#cancel_ask();
		this.#cancel_ask = this.#tools.clock.after(UNHEARD_MS, () =>
			this.#is_heard || this.#ask_state());
		this.#mesh.line_back();
	}

	async #ask_state() {
		try {
			const call = await this.#tools.api.read_call(this.id);
			if (!this.#is_heard && !this.#is_over)
				this.#take(call, 'ended', null);
		} catch (error) {
			if (error.status === 404)
				this.#end({ reason: 'ended', call: this.#call });
		}
	}

	// The frame `signal`, if it is about this call.
	take_signal(user_id, data) {
		if (!this.#is_over)
			this.#mesh.take(user_id, data);
	}

	signal_lost(user_id) {
		this.#mesh.say_again(user_id);
	}

	// --- my actions ---

	set_mic(on) {
		return this.#own.set_mic(on);
	}

	set_camera(on) {
		return this.#own.set_camera(on);
	}

	turn_camera() {
		return this.#own.turn_camera();
	}

	set_screen(on) {
		return this.#own.set_screen(on);
	}

	notice_seen() {
		this.#own.notice = null;
		this.#on_change();
	}

	hang_up() {
		const reason = this.#phase === 'talking' ? 'ended' : 'cancelled';

		if (this.#call)
			this.#leave();
		else if (this.id && this.#phase === 'preparing')
			this.#tools.line.say({ action: 'decline', call_id: this.id });
		this.#end({ reason, call: this.#call, is_mine: true });
	}

	#leave() {
		const action = this.#call.state === 'ringing' ? 'cancel' : 'hangup';
		this.#tools.line.say({ action, call_id: this.id });
	}

	// Another tab continues the call; there is nothing to tell the server.
	taken_over() {
		this.#end({ reason: 'elsewhere', call: this.#call });
	}

	// Ends without telling anybody.
	abandon() {
		this.#is_over = true;
		this.#clean();
	}

	// --- the end ---

	#end(how) {
		if (this.#is_over)
			return;
		const since = this.#since;

		this.#is_over = true;
		this.#clean();
		this.#on_over({
			room_id: this.room_id, kind: this.view().kind, error: null, is_mine: false,
			seconds: since === null ? null
				: Math.round((this.#tools.clock.now() - since) / 1000),
			...how,
		});
	}

	#clean() {
		this.#cancel_ask();
		this.#mesh.close();
		this.#own.close();
		this.#choose('gone');
	}

	#become(phase) {
		this.#phase = phase;
		this.#on_change();
	}

	#on_own_media() {
		this.#mesh.tracks_changed();
		this.#on_change();
	}

	#wait(ms) {
		return new Promise((resolve) => {
			this.#tools.clock.after(ms, resolve);
		});
	}
}

// Why my call has ended, as a word.
function reason_of(call, action, by, me) {
	const others = call.participants.filter((p) => p.user_id !== me);

	if (call.state === 'missed')
		return others.length > 0 && others.every((p) => p.state === 'busy')
			? 'busy' : 'no_answer';
	if (call.state === 'declined')
		return 'declined';
	if (call.state === 'cancelled' && by === me)
		return 'cancelled';
	return by === null && action === 'ended' ? 'lost' : 'ended';
}

// The error if a call is started without a live connection.
export const no_line = () => new ApiError({ code: 'offline' });

// The error if a call is started or accepted in a browser without WebRTC.
export const no_rtc = () => new ApiError({ code: 'no_rtc' });
