// results.js -- prints the results of a measurement and keeps them as JSON below $BUILD/bench,
// with the machine's load before and after.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

import { TABLES, text_of } from './tables.js';

const FOLDER = path.resolve(process.env.BUILD ?? 'build', 'bench');
const load = () => os.loadavg()[0];
const load_before = load();

// name: of the script. found: what TABLES takes; it must fit into JSON.
export function keep(name, found) {
	const about = {
		when: new Date().toISOString().slice(0, 16), node: process.version, cpus: os.cpus().length,
		cpu: os.cpus()[0].model, kernel: os.release(), load_before, load_after: load(),
	};
	fs.mkdirSync(FOLDER, { recursive: true });
	fs.writeFileSync(path.join(FOLDER, `${name}.json`), `${JSON.stringify({ about, ...found }, null, '\t')}\n`);
	for (const table of TABLES[name](found))
		console.log(`\n## ${table.title}\n\n${text_of(table)}`);
	console.log(`\n(load ${load_before.toFixed(1)} before, ${load().toFixed(1)} after)`);
}

// The last results that keep() stored under this name; null: none.
export function kept(name) {
	const file = path.join(FOLDER, `${name}.json`);

	return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : null;
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
