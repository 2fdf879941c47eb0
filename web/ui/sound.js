// sound.js -- two short tones, made by the browser itself.

const TONES = [[660, 0], [880, 0.11]];	// hertz, seconds from now
const LENGTH_S = 0.22;
const LOUDNESS = 0.12;

let context = null;

// Nothing is heard where the browser does not let a page sound yet.
export function play() {
	try {
		context ??= new AudioContext();
		context.resume().catch(() => {});
		for (const [hertz, at] of TONES)
			tone(hertz, context.currentTime + at);
	} catch {
		context = null;
	}
}

function tone(hertz, at) {
	const source = new OscillatorNode(context, { type: 'sine', frequency: hertz });
	const gain = new GainNode(context, { gain: 0 });

	gain.gain.setValueAtTime(0, at);
	gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.015);
	gain.gain.exponentialRampToValueAtTime(0.001, at + LENGTH_S);
	source.connect(gain).connect(context.destination);
	source.start(at);
	source.stop(at + LENGTH_S);
}
