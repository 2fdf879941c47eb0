// report.js -- puts the last results into docs/performance.md, and plots beside it.
//
//   make bench && make bench-report
//
// The document's words are written by hand. Between <!-- name --> and <!-- end --> it has the
// tables of the measurement of that name (lib/tables.js), with the machine and its load.
// Measurements without results keep their present tables.

import fs from 'node:fs';
import path from 'node:path';

import { bars_svg } from './lib/bars.js';
import { kept } from './lib/results.js';
import { TABLES, text_of } from './lib/tables.js';

const DOCUMENT = 'docs/performance.md', PICTURES = 'docs/performance';
const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');

function picture(table) {
	if (!table.bars)
		return '';
	const file = path.join(PICTURES, `${slug(table.title)}.svg`);
	fs.mkdirSync(PICTURES, { recursive: true });
	fs.writeFileSync(file, bars_svg(table.bars));
	return `\n\n![${table.title}: ${table.bars.what}](${path.relative('docs', file)})`;
}

function section(name) {
	const found = kept(name);
	if (!found)
		return null;
	const { about } = found;
	const tables = TABLES[name](found).map((t) => `**${t.title}**\n\n${text_of(t)}${picture(t)}`);
	return `${tables.join('\n\n')}\n\nMeasured ${about.when}, ${found.rounds ? `${found.rounds} rounds, ` : ''}`
		+ `${about.cpus} x ${about.cpu}, Linux ${about.kernel}, load ${about.load_before.toFixed(1)} before and `
		+ `${about.load_after.toFixed(1)} after.`;
}

const text = fs.readFileSync(DOCUMENT, 'utf8').replace(/<!-- (\w+) -->\n[^]*?<!-- end -->/g, (whole, name) => {
	const now = section(name);
	return now ? `<!-- ${name} -->\n\n${now}\n\n<!-- end -->` : whole;
});
fs.writeFileSync(DOCUMENT, text);
