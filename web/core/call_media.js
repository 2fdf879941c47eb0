// call_media.js -- what I send in a call: my microphone, and my camera or my screen.
//
// A device error is one of these words: refused, missing, taken (by another program),
// insecure (browsers allow devices only on https), failed. No device stays open: every track
// is stopped, even one that arrives after the end.
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
	view = null;			// a stream of my video, for my own tile
	notice = null;			// what did not work, '<device>_<why>', or null
	is_back = false;		// whether the rear camera is used

	// rtc: {devices, Stream, …} of the browser. is_pair: a call between two. on_change(): a
	// track has changed.
	constructor({ rtc, is_pair, on_change }) {
		this.#devices = rtc.devices;
		this.#Stream = rtc.Stream;
		// in a group it is sent once per participant
		this.#size = is_pair ? [1280, 720] : [640, 360];
		this.#on_change = on_change;
	}

	get audio() {
		return this.#audio;
	}

	// One video at a time: the screen replaces the camera.
	get video() {
		return this.#screen ?? this.#camera;
	}

	// What the others are told.
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

	// Before a call: null, or {device, why}. A call may begin without its camera.
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

	// Switches between front and rear camera.
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
				// the user cancelled: no error
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

	// Watches for a track that ends by itself: unplugged, or stopped by the browser's own
	// button.
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
