// call_media.js -- what I send in a call: my microphone, and my camera or my screen.
//
// Whatever goes wrong with a device is a word: refused, missing, taken (by another
// program), insecure (browsers give devices to https alone), failed. Nothing is left
// open: each track that was opened is stopped, also one that comes after the end.
//
// Owns: the tracks.

const WHY = {
	NotAllowedError: 'refused', SecurityError: 'refused',
	NotFoundError: 'missing', OverconstrainedError: 'missing', DevicesNotFoundError: 'missing',
	NotReadableError: 'taken', TrackStartError: 'taken', AbortError: 'taken',
};

const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

const why_of = (error) => WHY[error?.name] ?? 'failed';

export class OwnMedia {
	#devices;
	#Stream;
	#size;
	#on_change;
	#is_closed = false;
	#is_mic_on = true;
	#audio = null;
	#camera = null;
	#screen = null;
	view = null;			// a stream of what I show, for my own picture
	notice = null;			// what did not work, '<device>_<why>', or null
	is_back = false;		// of two cameras the one that looks away from me

	// rtc: {devices, Stream, …} of the browser. is_pair: only one other hears and sees me.
	// on_change(): other tracks, or the same in another state.
	constructor({ rtc, is_pair, on_change }) {
		this.#devices = rtc.devices;
		this.#Stream = rtc.Stream;
		// to many it goes as many times
		this.#size = is_pair ? [1280, 720] : [640, 360];
		this.#on_change = on_change;
	}

	get audio() {
		return this.#audio;
	}

	// One picture at a time: who shows their screen is not seen meanwhile.
	get video() {
		return this.#screen ?? this.#camera;
	}

	// As the others are told.
	get shown() {
		return {
			mic: Boolean(this.#audio) && this.#is_mic_on,
			camera: Boolean(this.#camera) && !this.#screen,
			screen: Boolean(this.#screen),
		};
	}

	get has_camera_on() {
		return Boolean(this.#camera);
	}

	get can_share() {
		return Boolean(this.#devices?.getDisplayMedia);
	}

	// Before a call: null, or {device, why}. A camera alone that does not work is no
	// reason not to talk.
	async open({ video }) {
		if (!this.#devices)
			return { device: 'microphone', why: 'insecure' };
		let camera_why = null;
		if (video) {
			try {
				this.#take(await this.#ask({ audio: SOUND, video: this.#picture }));
				return null;
			} catch (error) {
				camera_why = why_of(error);
			}
		}
		try {
			this.#take(await this.#ask({ audio: SOUND }));
		} catch (error) {
			return { device: 'microphone', why: why_of(error) };
		}
		this.notice = camera_why && `camera_${camera_why}`;
		return null;
	}

	async set_mic(on) {
		if (on && !this.#audio)
			await this.#open('microphone', { audio: SOUND });
		this.#is_mic_on = on;
		if (this.#audio)
			this.#audio.enabled = on;
		this.#on_change();
	}

	async set_camera(on) {
		if (on && !this.#camera)
			await this.#open('camera', { video: this.#picture });
		else if (!on)
			this.#camera = this.#stopped(this.#camera);
		this.#show();
	}

	// The other one of two cameras.
	async turn_camera() {
		this.is_back = !this.is_back;
		this.#camera = this.#stopped(this.#camera);
		await this.set_camera(true);
	}

	async set_screen(on) {
		if (!on) {
			this.#screen = this.#stopped(this.#screen);
		} else if (!this.#screen) {
			try {
				const stream = await this.#devices.getDisplayMedia({ video: true });
				this.#screen = this.#kept(stream.getVideoTracks()[0], () =>
					this.set_screen(false));
			} catch (error) {
				// not choosing anything is no fault
				if (why_of(error) !== 'refused')
					this.notice = `screen_${why_of(error)}`;
			}
		}
		this.#show();
	}

	close() {
		this.#is_closed = true;
		for (const track of [this.#audio, this.#camera, this.#screen])
			this.#stopped(track);
		this.#audio = this.#camera = this.#screen = this.view = null;
	}

	get #picture() {
		const [width, height] = this.#size;
		return {
			width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30, max: 30 },
			facingMode: this.is_back ? 'environment' : 'user',
		};
	}

	async #ask(wanted) {
		const stream = await this.#devices.getUserMedia(wanted);

		if (this.#is_closed)
			for (const track of stream.getTracks())
				track.stop();
		return stream;
	}

	async #open(device, wanted) {
		this.notice = null;
		try {
			if (!this.#devices)
				throw new Error('no devices');
			this.#take(await this.#ask(wanted));
		} catch (error) {
			this.notice = `${device}_${this.#devices ? why_of(error) : 'insecure'}`;
		}
	}

	#take(stream) {
		if (this.#is_closed)
			return;
		const [audio] = stream.getAudioTracks();
		const [video] = stream.getVideoTracks();

		if (audio) {
			this.#stopped(this.#audio);
			this.#audio = this.#kept(audio, () => this.#lose('microphone'));
			audio.enabled = this.#is_mic_on;
		}
		if (video) {
			this.#stopped(this.#camera);
			this.#camera = this.#kept(video, () => this.#lose('camera'));
		}
		this.#show();
	}

	// A track of which we hear when it ends by itself: unplugged, or ended by the
	// browser's own button.
	#kept(track, on_ended) {
		if (this.#is_closed)
			return this.#stopped(track);
		track.onended = on_ended;
		return track;
	}

	#stopped(track) {
		if (track) {
			track.onended = null;
			track.stop();
		}
		return null;
	}

	#lose(device) {
		if (device === 'camera')
			this.#camera = null;
		else
			this.#audio = null;
		this.notice = `${device}_missing`;
		this.#show();
	}

	#show() {
		const { video } = this;

		if (this.#is_closed)
			return;
		if (!video)
			this.view = null;
		else if (this.view?.getVideoTracks()[0] !== video)
			this.view = new this.#Stream([video]);
		this.#on_change();
	}
}
