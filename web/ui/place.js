// place.js -- a shared location: coordinates, and links to a map. Nothing is loaded from
// other hosts; a map opens at a click, in a new tab or an app.

import { h, svg } from './dom.js';

const MAP = 'https://www.openstreetmap.org/';
const ZOOM = 16;

// 60.1695° N, 24.9354° E
export function coordinates_text(lat, lon, words) {
	const part = (value, more, less) => words.t(value < 0 ? less : more, {
		degrees: Math.abs(value).toFixed(5).replace(/0{1,4}$/, ''),
	});

	return `${part(lat, 'place.north', 'place.south')}, ${
		part(lon, 'place.east', 'place.west')}`;
}

export function place_view({ data }, { words }) {
	const { lat, lon, label } = data;
	const link = (href, text, props = {}) => h('a', { href, class: 'button quiet small',
		...props }, text);
	const node = h('div', { class: 'place' },
		sketch(lat, lon),
		h('div', { class: 'place-text' },
			h('strong', { dir: 'auto' }, label || words.t('message.kind.location')),
			h('span', { class: 'file-size', dir: 'ltr' }, coordinates_text(lat, lon, words))),
		h('div', { class: 'place-links' },
			link(`${MAP}?mlat=${lat}&mlon=${lon}#map=${ZOOM}/${lat}/${lon}`,
				words.t('place.map'), { target: '_blank', rel: 'noopener noreferrer' }),
			link(`geo:${lat},${lon}?z=${ZOOM}`, words.t('place.app'))));

	return { node, update() {} };
}

// A drawing in place of a map, always the same for the same location.
function sketch(lat, lon) {
	const turn = Math.round(Math.abs(lat * 7 + lon * 13)) % 40 - 20;
	const street = (d) => svg('path', { class: 'sketch-street', d });

	return svg('svg', { class: 'sketch', viewBox: '0 0 300 110', 'aria-hidden': 'true',
		preserveAspectRatio: 'xMidYMid slice' },
	svg('g', { transform: `rotate(${turn} 150 55)` },
		svg('path', { class: 'sketch-water', d: 'M-60 110 Q60 70 170 100 T380 84 V240 H-60Z' }),
		svg('rect', { class: 'sketch-green', x: 186, y: -30, width: 74, height: 62, rx: 6 }),
		street('M-60 40 H360'), street('M-60 76 L360 62'), street('M70 -60 V170'),
		street('M170 -60 L150 170'), street('M262 -60 V170'), street('M-60 8 L360 -4')),
	svg('g', { class: 'sketch-pin', transform: 'translate(150 52)' },
		svg('path', { d: 'M0 0C-11-12-14-18-14-25a14 14 0 0 1 28 0c0 7-3 13-14 25Z' }),
		svg('circle', { cx: 0, cy: -25, r: 5 })),
	);
}
