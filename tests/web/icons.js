// icons.js -- draws web/icons/ from web/icon.svg (make icons): the sizes that an installed
// page is asked for. What comes out is kept in the repository, as no server draws.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { CHROMIUM, FLAGS } from './browser.js';

const WEB = fileURLToPath(new URL('../../web/', import.meta.url));
const drawing = fs.readFileSync(path.join(WEB, 'icon.svg'), 'utf8');
// to the edges: whoever shows it cuts its own shape out
const full = drawing.replace(/ rx="\d+"/, '');
// a silhouette, for the bar at the top of a telephone
const shape = drawing.replace(/<rect[^>]*>/, '').replace(/<circle[^>]*>/, '');

const ICONS = [
	['192.png', 192, drawing], ['512.png', 512, drawing], ['maskable.png', 512, full],
	['apple.png', 180, full], ['badge.png', 96, shape],
];

const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
const page = await browser.newPage();

fs.mkdirSync(path.join(WEB, 'icons'), { recursive: true });
for (const [name, size, svg] of ICONS) {
	await page.setViewportSize({ width: size, height: size });
	await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px}</style>${svg}`);
	await page.screenshot({ path: path.join(WEB, 'icons', name), omitBackground: true });
}
await browser.close();
