// icons.js -- the icons that the chat shows at first, on a 24 by 24 grid in the text colour.
// icons_more.js adds the others.

import { svg } from './dom.js';

const PATHS = {
	plus: 'M12 5v14M5 12h14',
	enter: 'M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M4 12h11M11 8l4 4-4 4',
	back: 'M19 12H5M11 6l-6 6 6 6',
	down: 'M12 5v14M6 13l6 6 6-6',
	search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM20 20l-4-4',
	send: 'M5 12 4 4l17 8-17 8 1-8Zm0 0h8',
	close: 'M6 6l12 12M18 6 6 18',
	invite: 'M10 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM4 20c0-3.3 2.7-5.5 6-5.5s6 2.2 6 5.5M19 8v6M16 11h6',
	check: 'M5 13l4 4L19 7',
	warning: 'M12 4 3 19h18L12 4ZM12 10v4M12 16.5v.5',
	more: 'M12 5.5v.01M12 12v.01M12 18.5v.01',
	globe: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18',
	lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
	copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
	clip: 'M20 11.5l-8.2 8.2a5.2 5.2 0 0 1-7.4-7.4L13 3.8a3.5 3.5 0 0 1 5 5l-8.5 8.4a1.7 1.7 0 0 1-2.5-2.4l7.6-7.6',
	download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
	image: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 8.5v.01',
	video: 'M4 6h11v12H4zM15 10.5l5-3v9l-5-3z',
	audio: 'M9 18V6l10-2v12M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0ZM19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Z',
	archive: 'M4 4h16v4H4zM5.5 8v12h13V8M10 12h4',
	document: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
	text: 'M5 6h14M5 10h14M5 14h14M5 18h8',
	file: 'M6 3h8l4 4v14H6zM14 3v4h4',
	people: 'M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM3 19c0-3 2.6-5 6-5s6 2 6 5M15.5 5.3a3.5 3.5 0 0 1 0 6.4M17.5 14.3c2.1.7 3.5 2.4 3.5 4.7',
	bell_off: 'M4 4l16 16M8 6.5A6 6 0 0 1 18 11v4M6 9.5V16l-1.5 2H17M10 20.5h4',
	reply: 'M9 7 4 12l5 5M4 12h9a7 7 0 0 1 7 7',
	edit: 'M4 20h4L19 9l-4-4L4 16v4ZM13 7l4 4',
	smile: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM8.5 14a4.2 4.2 0 0 0 7 0M9 9.5v.5M15 9.5v.5',
	phone: 'M6.5 4h3l1.5 4.5-2 1.5a12 12 0 0 0 5 5l1.5-2 4.5 1.5v3a2 2 0 0 1-2.2 2A16.3 16.3 0 0 1 4.5 6.2 2 2 0 0 1 6.5 4Z',
	talk: 'M4 5h16v11H9l-5 4V5ZM8 9h8M8 12.5h5',
};

export function more_icons(paths) {
	Object.assign(PATHS, paths);
}

export function icon(name, props = {}) {
	return drawn(name, PATHS[name], props);
}

// An icon from a path given by another part of the page.
export function drawn(name, path, props = {}) {
	return svg('svg', {
		class: `icon icon-${name}`, viewBox: '0 0 24 24', 'aria-hidden': 'true', ...props,
	}, svg('path', { d: path }));
}

// The logo: an open door with light in it.
export function logo() {
	return svg('svg', { class: 'logo', viewBox: '0 0 48 48', 'aria-hidden': 'true' },
		svg('rect', { class: 'logo-ground', width: 48, height: 48, rx: 13 }),
		svg('path', {
			class: 'logo-door',
			d: 'M14 37V21a10 10 0 0 1 20 0v16h-7.5V23.5a2.5 2.5 0 0 0-5 0V37H14Z',
		}),
		svg('circle', { class: 'logo-light', cx: 24, cy: 31.5, r: 2.5 }));
}
