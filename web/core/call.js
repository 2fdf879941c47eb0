// call.js -- a call that I am in, from the microphone to the last word.
//
//	preparing   the microphone is asked for; `trouble` when it cannot be had
//	entering    the server is asked: start, or accept
//	ringing     the others are being rung
//	talking     somebody else is in it; each pair finds its own way (call_peer.js)
//
// Who came later offers to those who are in it. The call itself goes by what the server
// says (hear()); sound and picture need neither the server nor its line, so that a line
// that is gone for a while changes nothing, and each pair that lost its way finds a new
// one when it is back.
//
// Loaded only when there is a call to be in. Owns: the peers, and my media.

import { ApiError } from './api.js';
import { OwnMedia } from './call_media.js';
import { Mesh } from './call_mesh.js';
import { is_open, part_of } from './call_state.js';

const TRIES = 4;		// to begin, over a line that comes and goes
const AGAIN_MS = 1500;
const UNHEARD_MS = 2500;	// so long for the server to tell of the call on a new line

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
	#call = null;			// as the server showed it last
	#wants_video;
	#since = null;
	#mesh;
	#cancel_ask = () => {};
	#is_heard = true;		// whether the server told of it on this line
	#is_over = false;

	// tools: {api, line, rtc, clock, random}. me: my id. call_id: of the call to accept; null:
	// to start one in this room. is_pair: between two. on_change(): view() is another.
	// on_over({reason, …}): as in call_state.js.
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

	// What there is to see.
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

	// Whether the call is to begin. Where the microphone cannot be had, a person decides.
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

	// With a microphone that cannot be had: 'again', 'audio' (no camera), or 'listen'.
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
					// they called me in the same moment; or it is mine, and I was not told
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

	// Somebody was faster: a device of mine, or who called.
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

	// --- what the server says ---

	// The frame `call`, if it is about this one.
	hear({ call, action, by }) {
		this.#is_heard = true;
		if (this.#phase === 'preparing' || this.#phase === 'entering')
			this.#hear_before(call, by);
		else
			this.#take(call, action, by);
	}

	// Not in it yet: it may end, or another device of mine may be faster.
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

	// The line is back: what was said meanwhile is lost on both sides.
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

	// --- what I do ---

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

	// Another tab has gone on with it: here is nothing to be said to the server.
	taken_over() {
		this.#end({ reason: 'elsewhere', call: this.#call });
	}

	// Without a word to anybody.
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

// Why a call of mine is over, as a word.
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

// What a call cannot be begun with.
export const no_line = () => new ApiError({ code: 'offline' });
