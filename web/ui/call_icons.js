// call_icons.js -- the icons used only by calls.

import { drawn, icon } from './icons.js';

const HANDSET = 'M6.5 4h3l1.5 4.5-2 1.5a12 12 0 0 0 5 5l1.5-2 4.5 1.5v3a2 2 0 0 1-2.2 2A16.3 16.3 0 0 1 4.5 6.2 2 2 0 0 1 6.5 4Z';
const MIC = 'M12 3.5a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0v-5a3 3 0 0 0-3-3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3';
const SLASH = 'M4 4l16 16';

const PATHS = {
	mic: MIC,
	mic_off: `${MIC}${SLASH}`,
	camera_off: `M4 6h11v12H4zM15 10.5l5-3v9l-5-3z${SLASH}`,
	screen: 'M3.5 5h17v11h-17zM8.5 20h7M12 13V8M9.5 10.5 12 8l2.5 2.5',
	hang_up: 'M3 14.5c0-1 .4-1.9 1.2-2.5a13.5 13.5 0 0 1 15.6 0c.8.6 1.2 1.5 1.2 2.5v1.5a1 1 0 0 1-1.2 1l-3-.6a1.3 1.3 0 0 1-1-1.3v-2a11 11 0 0 0-7.6 0v2a1.3 1.3 0 0 1-1 1.3l-3 .6a1 1 0 0 1-1.2-1Z',
	shrink: 'M10 4v6H4M14 20v-6h6M4 4l6 6M20 20l-6-6',
	grow: 'M4 10V4h6M20 14v6h-6M4 4l6.5 6.5M20 20l-6.5-6.5',
	full: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
	full_off: 'M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5',
	turn: 'M4 12a8 8 0 0 1 14-5.3L20 9M20 4v5h-5M20 12a8 8 0 0 1-14 5.3L4 15M4 20v-5h5',
	call_in: `${HANDSET}M20 4l-5.5 5.5M14.5 5v4.5H19`,
	call_out: `${HANDSET}M14.5 9.5 20 4M15.5 4H20v4.5`,
	call_missed: `${HANDSET}M15 4l5 5M20 4l-5 5`,
};

export function call_icon(name) {
	return name in PATHS ? drawn(name, PATHS[name]) : icon(name);
}
