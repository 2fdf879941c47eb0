// icons.js -- draws web/icons/ from web/icon.svg (make icons), in the sizes that an installed
// page needs. The result is kept in the repository, since servers do not draw.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { CHROMIUM, FLAGS } from './browser.js';

const WEB = fileURLToPath(new URL('../../web/', import.meta.url));
const drawing = fs.readFileSync(path.join(WEB, 'icon.svg'), 'utf8');
// up to the edges: the system cuts out its own shape
const full = drawing.replace(/ rx="\d+"/, '');
// a silhouette, for the top bar of a phone
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
