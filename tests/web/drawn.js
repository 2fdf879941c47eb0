// drawn.js -- pictures with something in them, drawn by a page: a landscape, or a rough face.
// The same seed gives the same picture.

import { the_browser } from './browser.js';

// Runs in the page; returns a PNG as base64.
function draw({ what, width, height, seed }) {
	const canvas = new OffscreenCanvas(width, height);
	const at = canvas.getContext('2d');
	let x = seed * 7919 + 17;
	const random = () => {
		x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
		return x / 2 ** 32;
	};
	const hue = (seed * 67 + 200) % 360;

	function hills() {
		const sky = at.createLinearGradient(0, 0, 0, height);
		sky.addColorStop(0, `hsl(${hue} 60% 82%)`);
		sky.addColorStop(0.6, `hsl(${(hue + 140) % 360} 80% 88%)`);
		at.fillStyle = sky;
		at.fillRect(0, 0, width, height);
		for (let layer = 0; layer < 5; layer++) {
			const base = height * (0.45 + layer * 0.11);
			at.fillStyle = `hsl(${hue - 60 + layer * 6} ${18 + layer * 6}% ${72 - layer * 12}%)`;
			at.beginPath();
			at.moveTo(0, height);
			const shift = random() * 6;
			for (let px = 0; px <= width; px += 4)
				at.lineTo(px, base + Math.sin(px / width * 7 + shift) * 40
					+ Math.sin(px / width * 17 + shift * 2) * 14);
			at.lineTo(width, height);
			at.fill();
		}
	}

	function face() {
		at.fillStyle = `hsl(${hue} 45% 72%)`;
		at.fillRect(0, 0, width, height);
		const disc = (cx, cy, r, colour) => {
			at.fillStyle = colour;
			at.beginPath();
			at.arc(cx * width, cy * height, r * width, 0, 7);
			at.fill();
		};
		disc(0.5, 1.02, 0.42, `hsl(${hue + 150} 40% 42%)`);
		disc(0.5, 0.44, 0.22, `hsl(28 ${40 + random() * 20}% ${55 + random() * 25}%)`);
		disc(0.5, 0.3, 0.2, `hsl(${random() * 40} 40% ${15 + random() * 30}%)`);
		disc(0.5, 0.47, 0.19, `hsl(28 45% ${60 + random() * 20}%)`);
	}

	({ hills, face })[what]();
	return canvas.convertToBlob({ type: 'image/png' }).then((blob) => blob.arrayBuffer())
		.then((bytes) => Array.from(new Uint8Array(bytes)));
}

// what: hills, face. Returns a Buffer.
export async function drawn(what, width, height, seed) {
	const page = await (await the_browser()).newPage();

	try {
		return Buffer.from(await page.evaluate(draw, { what, width, height, seed }));
	} finally {
		await page.close();
	}
}
