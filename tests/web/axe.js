// axe.js -- what axe-core finds on any screen: nothing. There is a suite for each size.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import axe from 'axe-core';

import { tours } from './tour.js';

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

// states: also those that are states of another one (tour.js).
export function judge_screens(size, { states }) {
	const tour = tours({ people: 60 });

	test(`axe finds nothing on any screen, ${size}, light and dark`, async () => {
		const found = [];

		await tour({ size, states, scheme: 'light', is_afresh: false }, async (page, screen) => {
			for (const [scheme, rules] of [['light', RULES], ['dark', OF_COLOURS]]) {
				await page.emulateMedia({ colorScheme: scheme });
				found.push(...(await faults(page, rules)).map((fault) =>
					`${screen.name}, ${scheme}: ${fault}`));
			}
			await page.emulateMedia({ colorScheme: 'light' });
		});
		assert.deepEqual(found, []);
	});
}
