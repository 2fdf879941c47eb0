// axe.js -- what axe-core finds on a screen, light and dark: nothing.

import axe from 'axe-core';

// Level A and AA of WCAG 2.2, and what axe holds for good practice.
const RULES = { resultTypes: ['violations'] };
// A scheme changes colours (style/ground.css) and nothing else.
const OF_COLOURS = { ...RULES, runOnly: ['color-contrast', 'link-in-text-block'] };

async function faults(page, rules) {
	if (!await page.evaluate(() => Boolean(window.axe)))
		await page.evaluate(axe.source);
	const violations = await page.evaluate(async (options) =>
		(await window.axe.run(document, options)).violations, rules);
	return violations.flatMap(({ id, nodes }) => nodes.map((node) =>
		`${id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`));
}

// On a page that is light, and is so again.
export async function violations(page) {
	const found = [];

	for (const [scheme, rules] of [['light', RULES], ['dark', OF_COLOURS]]) {
		await page.emulateMedia({ colorScheme: scheme });
		found.push(...(await faults(page, rules)).map((fault) => `${scheme}: ${fault}`));
	}
	await page.emulateMedia({ colorScheme: 'light' });
	return found;
}
