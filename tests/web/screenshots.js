// screenshots.js -- takes pictures of every screen, into docs/screens/ (make screenshots).
//
//   SCREENS=sign-in,rooms   just these
//   SIZE=phone SCHEME=dark  just this size and scheme
//   FORMAT=png INTO=folder  for a look; the ones in docs/ are WebP
//   LOCALE=ru-RU            in Russian

import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

process.env.VARIANT ??= 'release';
const { LOOSE, end_private_servers, private_server } = await import('../lib/server.js');
const { close_browser, end_all } = await import('./browser.js');
const { Scene } = await import('./scene.js');
const { tour, PICTURED } = await import('./tour.js');

const INTO = process.env.INTO ?? 'docs/screens';
const FORMAT = process.env.FORMAT ?? 'webp';
const names = process.env.SCREENS?.split(',') ?? null;

async function picture(page, file) {
	const session = await page.context().newCDPSession(page);
	const { data } = await session.send('Page.captureScreenshot', {
		format: FORMAT, ...(FORMAT === 'png' ? {} : { quality: 82 }),
	});
	fs.writeFileSync(file, Buffer.from(data, 'base64'));
}

const server = await private_server({ env: LOOSE });
try {
	const scene = await Scene.on(server);
	fs.mkdirSync(INTO, { recursive: true });
	for (const size of process.env.SIZE?.split(',') ?? PICTURED)
		for (const scheme of process.env.SCHEME?.split(',') ?? ['light', 'dark'])
			await tour({
				scene, url: `${server.url}/`, size, scheme, names,
				locale: process.env.LOCALE ?? 'en-GB',
			}, async (page, screen) => {
				const file = path.join(INTO, `${screen.name}-${size}-${scheme}.${FORMAT}`);
				await picture(page, file);
				console.log(file);
			});
} finally {
	await end_all();
	await close_browser();
	await end_private_servers();
}
