// crop.js -- crops a square from a picture: move by touch, mouse or arrow keys; zoom by
// wheel, two fingers, slider, or + and -.

import { open_dialog } from './dialog.js';
import { h, new_id, replace, set } from './dom.js';
import { icon } from './icons.js';

const SIZE = 512;		// of the result, in pixels
const MOST = 5;			// maximum zoom
const STEP = 0.05;		// of an arrow key, as a fraction of the visible part
const QUALITY = 0.9;

// on_done(blob): gets the square as JPEG; returns a promise of its URL, or null.
export async function open_crop({ words }, file, { on_done }) {
	const error = h('p', { class: 'form-error', role: 'alert', hidden: true });
	let picture;

	try {
		picture = await createImageBitmap(file);
	} catch {
		open_dialog({
			words,
			title: words.t('settings.picture_title'),
			content: () => [h('p', { class: 'dialog-text' }, words.t('settings.picture_bad'))],
		});
		return;
	}
	const crop = new Crop(words, picture);
	const dialog = open_dialog({
		words,
		title: words.t('settings.picture_title'),
		class: 'cropping',
		content: (close) => {
			const save = h('button', {
				type: 'button', class: 'button primary',
				onclick: async () => {
					set(save, 'disabled', true);
					replace(save, words.t('auth.busy'));
					await on_done(await crop.blob());
					close();
				},
			}, words.t('settings.picture_save'));
			return [
				crop.node, error,
				h('div', { class: 'dialog-actions' },
					h('button', { type: 'button', class: 'button quiet', onclick: close },
						words.t('dialog.cancel')),
					save),
			];
		},
	});

	dialog.addEventListener('close', () => picture.close());
	crop.focus();
}

class Crop {
	#picture;
	#canvas;
	#slider;
	#zoom = 1;
	#x;			// the centre of the square, in the picture's pixels
	#y;
	#fingers = new Map();	// pointer id -> {x, y}

	constructor(words, picture) {
		const id = new_id('zoom');

		this.#picture = picture;
		this.#x = picture.width / 2;
		this.#y = picture.height / 2;
		this.#canvas = h('canvas', {
			class: 'crop-canvas', width: SIZE, height: SIZE, tabindex: 0,
			role: 'application', 'aria-label': words.t('settings.picture_move'),
			onkeydown: (event) => this.#on_key(event),
			onwheel: (event) => {
				event.preventDefault();
				this.#set_zoom(this.#zoom * Math.exp(-event.deltaY / 400));
			},
			onpointerdown: (event) => this.#on_down(event),
			onpointermove: (event) => this.#on_move(event),
			onpointerup: (event) => this.#fingers.delete(event.pointerId),
			onpointercancel: (event) => this.#fingers.delete(event.pointerId),
		});
		this.#slider = h('input', {
			id, type: 'range', class: 'slider', min: 0, max: 100, value: 0,
			oninput: () => this.#set_zoom(MOST ** (this.#slider.value / 100)),
		});
		this.node = h('div', { class: 'crop' },
			h('div', { class: 'crop-frame' }, this.#canvas),
			h('div', { class: 'crop-zoom' },
				h('label', { for: id }, icon('search'),
					h('span', { class: 'unseen' }, words.t('settings.picture_zoom'))),
				this.#slider));
		this.#draw();
	}

	focus() {
		this.#canvas.focus();
	}

	blob() {
		return new Promise((resolve) =>
			this.#canvas.toBlob(resolve, 'image/jpeg', QUALITY));
	}

	// The side of the visible square, in the picture's pixels.
	get #side() {
		return Math.min(this.#picture.width, this.#picture.height) / this.#zoom;
	}

	#set_zoom(zoom) {
		this.#zoom = Math.min(MOST, Math.max(1, zoom));
		this.#slider.value = 100 * Math.log(this.#zoom) / Math.log(MOST);
		this.#move(0, 0);
	}

	#move(dx, dy) {
		const { width, height } = this.#picture;
		const half = this.#side / 2;

		this.#x = Math.min(width - half, Math.max(half, this.#x + dx));
		this.#y = Math.min(height - half, Math.max(half, this.#y + dy));
		this.#draw();
	}

	#draw() {
		const side = this.#side;
		const ground = this.#canvas.getContext('2d');

		ground.imageSmoothingQuality = 'high';
		// transparent parts become white, not black
		ground.fillStyle = '#ffffff';
		ground.fillRect(0, 0, SIZE, SIZE);
		ground.drawImage(this.#picture, this.#x - side / 2, this.#y - side / 2, side, side,
			0, 0, SIZE, SIZE);
	}

	#on_key(event) {
		const step = this.#side * STEP;
		const moves = {
			ArrowLeft: [-step, 0], ArrowRight: [step, 0],
			ArrowUp: [0, -step], ArrowDown: [0, step],
		};

		if (moves[event.key])
			this.#move(...moves[event.key]);
		else if (event.key === '+' || event.key === '=')
			this.#set_zoom(this.#zoom * 1.15);
		else if (event.key === '-')
			this.#set_zoom(this.#zoom / 1.15);
		else
			return;
		event.preventDefault();
	}

	#on_down(event) {
		this.#canvas.setPointerCapture(event.pointerId);
		this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
	}

	#on_move(event) {
		const before = this.#fingers.get(event.pointerId);
		if (!before)
			return;
		const now = { x: event.clientX, y: event.clientY };
		const scale = this.#side / this.#canvas.clientWidth;
		const others = [...this.#fingers].filter(([id]) => id !== event.pointerId);

		this.#fingers.set(event.pointerId, now);
		if (others.length === 0) {
			this.#move((before.x - now.x) * scale, (before.y - now.y) * scale);
		} else {
			const [, other] = others[0];
			const far = (at) => Math.max(1, Math.hypot(at.x - other.x, at.y - other.y));
			this.#set_zoom(this.#zoom * far(now) / far(before));
		}
	}
}
