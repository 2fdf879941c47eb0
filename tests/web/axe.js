// axe.js -- what axe-core finds on a screen, light and dark: nothing, if all is well.

import axe from 'axe-core';

// Levels A and AA of WCAG 2.2, and axe's best practices.
const RULES = { resultTypes: ['violations'] };
// A colour scheme changes colours (style/ground.css) and nothing else.
const OF_COLOURS = { ...RULES, runOnly: ['color-contrast', 'link-in-text-block'] };

async function faults(page, rules) {
	if (!await page.evaluate(() => Boolean(window.axe)))
		await page.evaluate(axe.source);
	const violations = await page.evaluate(async (options) =>
		(await window.axe.run(document, options)).violations, rules);
	return violations.flatMap(({ id, nodes }) => nodes.map((node) =>
		`${id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`));
}

// Runs in the page. Checks what axe does not (WCAG 2.2, 1.4.11): the edge of an input or choice
// has a contrast of 3:1 to its inside and to its surroundings.
function faint_edges() {
	const numbers = (color) => color.match(/[\d.]+/g)?.map(Number) ?? [];
	const is_seen = (color) => color.startsWith('rgb') && (numbers(color)[3] ?? 1) === 1;
	const luminance = (color) => numbers(color).slice(0, 3).map((n) => n / 255)
		.map((n) => (n <= 0.03928 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4))
		.reduce((sum, n, i) => sum + n * [0.2126, 0.7152, 0.0722][i], 0);
	const contrast = (...colors) => {
		const [dark, light] = colors.map(luminance).sort((a, b) => a - b);
		return (light + 0.05) / (dark + 0.05);
	};
	const ground = (node) => {
		const { backgroundColor } = getComputedStyle(node);
		return is_seen(backgroundColor) || !node.parentElement ? backgroundColor : ground(node.parentElement);
	};
	const edge = ({ borderTopWidth, borderTopColor, boxShadow }) => (parseFloat(borderTopWidth) > 0
		? borderTopColor : boxShadow.match(/(rgba?\([^)]*\))[^()]*inset/)?.[1] ?? 'none');

	return [...document.querySelectorAll('.input, .composer-box, .choice')]
		.filter((node) => node.checkVisibility() && !node.matches(':disabled'))
		.flatMap((node) => [ground(node), ground(node.parentElement)]
			.map((around) => [edge(getComputedStyle(node)), around])
			.filter(([line, around]) => !is_seen(line) || contrast(line, around) < 3)
			.map((pair) => `edge of ${node.className}: ${pair.join(' on ')}`));
}

// The page must be light, and is light again afterwards.
export async function violations(page) {
	const found = [];

	for (const [scheme, rules] of [['light', RULES], ['dark', OF_COLOURS]]) {
		await page.emulateMedia({ colorScheme: scheme });
		found.push(...[...await faults(page, rules), ...await page.evaluate(faint_edges)]
			.map((fault) => `${scheme}: ${fault}`));
	}
	await page.emulateMedia({ colorScheme: 'light' });
	return found;
}
