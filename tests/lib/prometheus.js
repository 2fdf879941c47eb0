// prometheus.js -- a strict parser of Prometheus' text format 0.0.4: what promtool would
// complain about is an error.

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const ROW = new RegExp(`^(${NAME})(\\{[^}]*\\})? (-?[0-9.]+(e[+-]?[0-9]+)?|[+-]Inf|NaN)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"$/;
const PARTS = /_(bucket|sum|count)$/;

function labels_of(text) {
	return Object.fromEntries((text ?? '{}').slice(1, -1).split(',').filter(Boolean).map((one) => {
		const found = LABEL.exec(one);
		if (!found)
			throw new Error(`no label: ${one}`);
		return [found[1], found[2]];
	}));
}

function number_of(text) {
	return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
}

function check_histogram(name, rows) {
	const buckets = rows.filter((r) => r.name === `${name}_bucket`);
	const bounds = buckets.map((r) => number_of(r.labels.le));
	const count = rows.find((r) => r.name === `${name}_count`);

	if (!rows.some((r) => r.name === `${name}_sum`) || !count || bounds.at(-1) !== Infinity)
		throw new Error(`${name} lacks a part`);
	for (let i = 1; i < buckets.length; i++)
		if (!(bounds[i] > bounds[i - 1]) || buckets[i].value < buckets[i - 1].value)
			throw new Error(`${name}: bucket ${bounds[i]} is out of order`);
	if (buckets.at(-1).value !== count.value)
		throw new Error(`${name}: its count is not its last bucket`);
}

// {families: {name: {type, help, rows}}, get(name, labels): the value}
export function parse_metrics(text) {
	const families = {};
	const seen = new Set();
	let family = null;

	if (!text.endsWith('\n'))
		throw new Error('the last line has no end');
	for (const line of text.slice(0, -1).split('\n')) {
		const [, mark, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
		if (mark === 'HELP') {
			if (families[name])
				throw new Error(`${name} is explained twice`);
			family = families[name] = { name, help: rest, rows: [] };
			continue;
		}
		if (mark === 'TYPE') {
			if (family?.name !== name || family.type || !/^(counter|gauge|histogram)$/.test(rest))
				throw new Error(`out of place: ${line}`);
			if (rest === 'counter' && !name.endsWith('_total'))
				throw new Error(`${name} is a counter and no _total`);
			family.type = rest;
			continue;
		}
		const row = ROW.exec(line);
		const own = family?.type === 'histogram' ? row?.[1].replace(PARTS, '') : row?.[1];
		if (!row || own !== family?.name || seen.has(row[1] + row[2]))
			throw new Error(`out of place: ${line}`);
		seen.add(row[1] + row[2]);
		family.rows.push({ name: row[1], labels: labels_of(row[2]), value: number_of(row[3]) });
	}
	for (const { name, type, rows } of Object.values(families)) {
		if (!type || rows.length === 0)
			throw new Error(`${name} has no rows`);
		if (type === 'histogram')
			check_histogram(name, rows);
	}
	const get = (name, labels = {}) => families[name.replace(families[name] ? '' : PARTS, '')]?.rows
		.find((r) => r.name === name
			&& Object.entries(labels).every(([k, v]) => r.labels[k] === v))?.value;
	return { families, get };
}

// The present metrics of a server's broker.
export async function metrics_of(server, port = server.broker_port) {
	const reply = await fetch(`http://127.0.0.1:${port}/metrics`);
	if (reply.status !== 200)
		throw new Error(`/metrics: ${reply.status}`);
	return parse_metrics(await reply.text());
}
