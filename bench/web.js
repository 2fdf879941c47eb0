// web.js -- the web client as people meet it: what the first visit weighs, and what
// Lighthouse says of the two screens everybody sees.
//
//   make bench-web
//
// Starts a private server with something to read in it, and headless Chromium. Prints two
// tables; asserts nothing. Weights are bytes on the wire, compressed as the web server
// sends them, everything asked for until the page is at rest.
//
//   RUNS=3   of Lighthouse for each screen, of which the median by performance is printed

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

import lighthouse from 'lighthouse';

process.env.VARIANT ??= 'release';
const { LOOSE, end_private_servers, free_port, private_server } = await import('../tests/lib/server.js');
const { CHROMIUM, FLAGS, close_browser, end_all, sign_in } = await import('../tests/web/browser.js');
const { chromium } = await import('../tests/node_modules/playwright-core/index.mjs');
const { Scene } = await import('../tests/web/scene.js');
const { SCREENS, settle } = await import('../tests/web/screens.js');
const { table } = await import('./lib/swarm.js');

const RUNS = Number(process.env.RUNS ?? 3);
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
const WATCHED = [['sign-in', 'guest'], ['conversation', 'anna']];

// A browser with a profile of its own, whom Lighthouse joins by its port.
async function a_browser() {
	const port = await free_port();
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'foyer-web-'));
	const profile = await chromium.launchPersistentContext(folder, {
		executablePath: CHROMIUM, args: [...FLAGS, `--remote-debugging-port=${port}`],
		locale: 'en-GB', viewport: { width: 1280, height: 800 },
	});

	return {
		port, profile,
		async end() {
			await profile.close();
			fs.rmSync(folder, { recursive: true, force: true });
		},
	};
}

// Bytes on the wire of one visit: {count, bytes} by kind of file.
async function weigh(profile, url, screen, scene) {
	const page = await profile.newPage();
	const session = await profile.newCDPSession(page);
	const kinds = new Map(), of = new Map();

	session.on('Network.responseReceived', ({ requestId, type }) => of.set(requestId, type));
	session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
		const kind = of.get(requestId) ?? 'Other';
		const sum = kinds.get(kind) ?? { count: 0, bytes: 0 };
		kinds.set(kind, { count: sum.count + 1, bytes: sum.bytes + encodedDataLength });
	});
	await session.send('Network.enable');
	await session.send('Network.setCacheDisabled', { cacheDisabled: true });
	page.home = url;
	await page.goto(url);
	await page.waitForSelector('form, .shell');
	await screen.go(page, scene);
	await settle(page);
	await page.waitForLoadState('networkidle');
	await page.close();
	return kinds;
}

async function audit(port, url) {
	const runs = [];

	for (let run = 0; run < RUNS; run++) {
		const { lhr } = await lighthouse(url, {
			port, disableStorageReset: true, onlyCategories: CATEGORIES, logLevel: 'error',
		});
		runs.push(lhr);
	}
	runs.sort((a, b) => a.categories.performance.score - b.categories.performance.score);
	return runs[Math.floor(RUNS / 2)];
}

const failed = (lhr) => Object.values(lhr.audits)
	.filter(({ score, scoreDisplayMode }) => score !== null && score < 0.9
		&& ['binary', 'numeric', 'metricSavings'].includes(scoreDisplayMode))
	.map(({ id, displayValue }) => (displayValue ? `${id} (${displayValue})` : id));

const kb = (bytes) => (bytes / 1000).toFixed(1);

const server = await private_server({ env: LOOSE });
try {
	const url = `${server.url}/`;
	const scene = await Scene.on(server);
	const weights = [], scores = [], faults = [];

	for (const [name, who] of WATCHED) {
		const screen = SCREENS.find((one) => one.name === name);
		const browser = await a_browser();
		try {
			if (who !== 'guest') {
				const page = await browser.profile.newPage();
				await page.goto(url);
				await sign_in(page, scene.people[who].login);
				await page.close();
			}
			for (const [kind, { count, bytes }] of await weigh(browser.profile, url, screen, scene))
				weights.push([name, kind, count, kb(bytes)]);
			const at = who === 'guest' ? url : `${url}#/rooms/${scene.garden.id}`;
			const lhr = await audit(browser.port, at);
			const value = (id) => lhr.audits[id].displayValue;
			scores.push([name, ...CATEGORIES.map((id) => Math.round(lhr.categories[id].score * 100)),
				value('first-contentful-paint'), value('largest-contentful-paint'),
				value('total-blocking-time'), value('cumulative-layout-shift')]);
			faults.push(`${name}: ${failed(lhr).join(', ') || 'nothing'}`);
		} finally {
			await browser.end();
		}
	}
	table(['screen', 'what', 'requests', 'kB'], weights);
	console.log();
	table(['screen', ...CATEGORIES, 'first paint', 'largest paint', 'blocked', 'shift'], scores);
	console.log(`\nBelow 90 of 100:\n${faults.join('\n')}`);
} finally {
	await end_all();
	await close_browser();
	await end_private_servers();
}
