// web.js -- how heavy and fast the web client is: the weight of a first visit, and what
// Lighthouse says of the two screens everybody sees.
//
//   make bench-web
//
// Starts a private server with something to read in it, and headless Chromium. Prints two
// tables; asserts nothing. Weights are of the bytes that the web server sends, compressed (by
// brotli; one more line has the sum by gzip), for everything requested until the page is idle.
//
// Lighthouse loads each screen as on a first visit, with nothing stored but the session: by
// https and HTTP/2, as a site has it (behind nginx, if it is installed), and by plain HTTP/1.1
// from lighttpd; and as on a return visit, with what the service worker has cached. Times are
// those of its simulated slow phone on a slow line, in milliseconds; beside the score stand its
// components, and the longest task, which takes four times as long as it took here.
//
//   RUNS=3   of Lighthouse each, of which the median by performance is printed;
//            0: weights alone
//   SCREEN=conversation, VISIT=HTTP/1.1   just that screen, just such visits, and no weights

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

import lighthouse from 'lighthouse';

process.env.VARIANT ??= 'release';
const { LOOSE, end_private_servers, free_port, private_server } = await import('../tests/lib/server.js');
const { CHROMIUM, FLAGS, close_browser, end_all, sign_in, until } = await import('../tests/web/browser.js');
const { chromium } = await import('../tests/node_modules/playwright-core/index.mjs');
const { Scene } = await import('../tests/web/scene.js');
const { SCREENS, settle } = await import('../tests/web/screens.js');
const { table } = await import('./lib/swarm.js');
const { front_of, has_nginx } = await import('./lib/front.js');

const RUNS = Number(process.env.RUNS ?? 3);
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
const { SCREEN = '', VISIT = '' } = process.env;
const WATCHED = [['sign-in', 'guest'], ['conversation', 'anna']]
	.filter(([name]) => name.includes(SCREEN));
const LOCALES = SCREEN || VISIT ? [] : ['en-GB', 'ru-RU'];
const TIMES = ['first-contentful-paint', 'largest-contentful-paint', 'speed-index',
	'total-blocking-time', 'max-potential-fid'];

// A browser with a profile of its own; Lighthouse connects to its port.
async function a_browser({ locale = 'en-GB', ...more } = {}) {
	const port = await free_port();
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'foyer-web-'));
	const profile = await chromium.launchPersistentContext(folder, {
		executablePath: CHROMIUM, ignoreHTTPSErrors: true,
		args: [...FLAGS, `--remote-debugging-port=${port}`, '--ignore-certificate-errors'],
		locale, viewport: { width: 1280, height: 800 }, ...more,
	});

	return {
		port, profile,
		async end() {
			await profile.close();
			fs.rmSync(folder, { recursive: true, force: true });
		},
	};
}

// Loads the page as on a first visit, until it is idle: {count, bytes, wire} by kind of file.
// bytes: the compressed contents; wire: these with all headers. Data from the API, people's
// pictures included, is not part of the client and counted separately. The service worker is
// off: a page that it serves weighs nothing, and what it caches for later does not belong to
// the page.
async function weigh(profile, url, screen, scene, headers = {}) {
	const page = await profile.newPage();
	const session = await profile.newCDPSession(page);
	const kinds = new Map(), of = new Map();
	const is_api = new URL('api/', url).href;

	session.on('Network.responseReceived', ({ requestId, type, response }) =>
		of.set(requestId, { kind: response.url.startsWith(is_api) ? 'API' : type,
			headers: response.encodedDataLength }));
	session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
		const { kind, headers } = of.get(requestId);
		const sum = kinds.get(kind) ?? { count: 0, bytes: 0, wire: 0 };
		kinds.set(kind, { count: sum.count + 1, bytes: sum.bytes + encodedDataLength - headers,
			wire: sum.wire + encodedDataLength });
	});
	await session.send('Network.enable');
	await session.send('Network.setCacheDisabled', { cacheDisabled: true });
	await session.send('Network.setExtraHTTPHeaders', { headers });
	page.home = url;
	await page.goto(screen.name === 'sign-in' ? url : `${url}#/rooms/${scene.garden.id}`);
	await page.waitForSelector(screen.name === 'sign-in' ? 'form' : '.row');
	await settle(page);
	await page.waitForLoadState('networkidle');
	await page.close();
	return kinds;
}

function sum_of(kinds) {
	const all = { count: 0, bytes: 0, wire: 0 };

	for (const [kind, one] of kinds)
		if (kind !== 'API')
			for (const what of Object.keys(all))
				all[what] += one[what];
	return all;
}

const weights_of = (name, kinds, by_gzip) => [...kinds, ['all but the API', sum_of(kinds)],
	['the same by gzip', sum_of(by_gzip)]]
	.map(([kind, { count, bytes, wire }]) => [name, kind, count, kb(bytes), kb(wire)]);

// is_first: Lighthouse clears caches and the service worker before each run, as it does by
// default; the session in localStorage stays.
async function audit(port, url, is_first) {
	const runs = [];

	for (let run = 0; run < RUNS; run++)
		runs.push(await run_lighthouse(port, url, is_first));
	runs.sort((a, b) => a.categories.performance.score - b.categories.performance.score);
	return runs[Math.floor(RUNS / 2)];
}

// Waits until the service worker has cached the whole page and serves it.
async function be_kept(profile, url) {
	const page = await profile.newPage();

	await page.goto(url);
	await page.evaluate(async () => {
		await navigator.serviceWorker.ready;
	});
	await page.reload();
	await until(() => page.evaluate(() => Boolean(navigator.serviceWorker.controller)),
		'page that the service worker gives out');
	await page.close();
}

async function run_lighthouse(port, url, is_first) {
	const { lhr } = await lighthouse(url, {
		port, disableStorageReset: !is_first, onlyCategories: CATEGORIES, logLevel: 'error',
	});
	return lhr;
}

const failed = (lhr) => Object.values(lhr.audits)
	.filter(({ score, scoreDisplayMode }) => score !== null && score < 0.9
		&& ['binary', 'numeric', 'metricSavings'].includes(scoreDisplayMode))
	.map(({ id, displayValue }) => (displayValue ? `${id} (${displayValue})` : id));

// The largest element painted.
const largest = (lhr) => lhr.audits['largest-contentful-paint-element'].details?.items?.[0]
	?.items?.[0]?.node?.selector ?? 'nothing';

const kb = (bytes) => (bytes / 1000).toFixed(1);

// The kinds of visit.
const HOW = [
	...has_nginx() ? [{ name: 'first, HTTP/2', is_first: true, by_front: true }] : [],
	{ name: 'first, HTTP/1.1', is_first: true, by_front: false },
	{ name: 'again', is_first: false, by_front: false },
].filter(({ name }) => name.includes(VISIT));

const server = await private_server({ env: LOOSE });
const front = has_nginx() && RUNS > 0 ? await front_of(server.port, await free_port()) : null;
try {
	const url = `${server.url}/`;
	const scene = await Scene.on(server);
	const weights = [], scores = [], faults = [];

	const visit = async (how, who, work, home = url) => {
		const browser = await a_browser(how);
		try {
			if (who !== 'guest') {
				const page = await browser.profile.newPage();
				await page.goto(home);
				await sign_in(page, scene.people[who].login);
				await page.close();
			}
			await work(browser);
		} finally {
			await browser.end();
		}
	};

	for (const [name, who] of WATCHED) {
		const screen = SCREENS.find((one) => one.name === name);

		for (const locale of LOCALES)
			await visit({ locale, serviceWorkers: 'block' }, who, async ({ profile }) => {
				const by = (headers) => weigh(profile, url, screen, scene, headers);
				weights.push(...weights_of(`${name} ${locale}`, await by({}),
					await by({ 'Accept-Encoding': 'gzip' })));
			});
		if (RUNS < 1)
			continue;
		for (const how of HOW)
			await visit({}, who, async ({ port, profile }) => {
				const home = how.by_front ? front.url : url;
				const at = who === 'guest' ? home : `${home}#/rooms/${scene.garden.id}`;

				if (!how.is_first)
					await be_kept(profile, at);
				const lhr = await audit(port, at, how.is_first);
				const value = (id) => lhr.audits[id].numericValue;
				scores.push([name, how.name,
					...CATEGORIES.map((id) => Math.round(lhr.categories[id].score * 100)),
					...TIMES.map((id) => value(id).toFixed(0)),
					value('cumulative-layout-shift').toFixed(3)]);
				faults.push(`${name}, ${how.name}: ${failed(lhr).join(', ') || 'nothing'}; largest: ${
					largest(lhr)}`);
			}, how.by_front ? front.url : url);
	}
	table(['screen', 'what', 'requests', 'kB', 'with headers'], weights);
	console.log();
	table(['screen', 'visit', ...CATEGORIES, 'first paint', 'largest paint', 'speed index',
		'blocked', 'longest task', 'shift'], scores);
	console.log(`\nBelow 90 of 100:\n${faults.join('\n')}`);
} finally {
	await end_all();
	await close_browser();
	await front?.end();
	await end_private_servers();
}
