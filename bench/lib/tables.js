// tables.js -- results as tables: one function for each measurement, from what it keeps
// (lib/results.js) to [{title, head, rows, bars}]. bars: what to plot of it, {what, of: [[name,
// number]]}; absent if there is no plot.

export const ms = (value) => (value === undefined || value === null ? '' : value.toFixed(value < 10 ? 2 : 1));
const percent = (part) => (part === null ? '' : (100 * part).toFixed(0));
const whole = (value) => Math.round(value).toLocaleString('en-US');
const digits = (count) => (value) => (value === null || value === undefined ? '' : value.toFixed(count));
const mib = (kib) => (kib / 1024).toFixed(2);

const work = ({ name, found }) => ({
	title: name,
	head: ['server', 'deliveries/CPU s', 'x floor', 'deliveries/s', 'CPU %', 'PostgreSQL %', 'load %',
		'p50 ms', 'p99 ms', 'p99.9 ms', 'lost or wrong'],
	rows: found.map((f) => [f.name, whole(f.per_cpu), digits(2)(f.ratio), whole(f.rate), percent(f.cpu),
		percent(f.beside), percent(f.load), ms(f.p50_ms), ms(f.p99_ms), ms(f.p999_ms), f.lost]),
	bars: { what: 'deliveries per second of processor time, as a multiple of one send() each',
		of: found.map((f) => [f.name, f.ratio]) },
});

const rest = (found) => [...new Set(found.map(({ route }) => route))].flatMap((route) => {
	const sides = found.filter((f) => f.route === route), [other] = sides;
	return sides.map((f) => [route, f.name, digits(3)(f.program), digits(2)(f.program / other.program),
		digits(3)(f.postgresql), f.front ? digits(3)(f.front) : '', whole(f.rate)]);
});

export const TABLES = {
	delivery: ({ works }) => works.map(work),

	durable: ({ found }) => [{
		title: 'durable post',
		head: ['', 'messages/s', 'x single inserts', 'broker us', 'PostgreSQL us', 'ack p50 ms', 'ack p99 ms'],
		rows: found.map((f) => [f.name, whole(f.rate), digits(1)(f.ratio), digits(1)(f.broker_us),
			digits(1)(f.postgresql_us), ms(f.p50_ms), ms(f.p99_ms)]),
		bars: { what: 'messages a second that are stored for good', of: found.map((f) => [f.name, f.rate]) },
	}],

	connections: ({ count, found }) => [{
		title: `${whole(count)} connections`,
		head: ['server', 'CPU us to open one', 'PostgreSQL us', 'opened/s', 'KiB each'],
		rows: found.map((f) => [f.name, digits(1)(f.us), f.name === 'Foyer' ? digits(1)(f.postgresql_us) : '',
			f.rate ? whole(f.rate) : '', digits(2)(f.kib)]),
		bars: { what: 'KiB of memory for each idle connection',
			of: found.filter((f) => f.kib).map((f) => [f.name, f.kib]) },
	}],

	resume: ({ clients, messages, found: f }) => [{
		title: `${whole(clients)} come back, ${whole(messages)} missed messages each`,
		head: ['seconds', 'messages/s', 'broker us a message', 'PostgreSQL us a message'],
		rows: [[digits(2)(f.seconds), whole(f.rate), digits(2)(f.broker_us), digits(2)(f.postgresql_us)]],
	}],

	rest: ({ found }) => [{
		title: 'REST, processor seconds for 1,000 requests',
		head: ['route', 'server', 'program', 'x gin', 'PostgreSQL', 'lighttpd', 'requests/s'],
		rows: rest(found),
	}],

	growth: ({ found }) => [{
		title: 'growth',
		head: ['', '', 'broker us a delivery', 'x', 'PostgreSQL us a message', 'x', 'p50 ms', 'x'],
		rows: found.map((f) => [f.name, whole(f.size), digits(2)(f.broker_us), digits(2)(f.broker_us_ratio),
			digits(1)(f.postgresql_us), digits(2)(f.postgresql_us_ratio), ms(f.p50_ms), digits(2)(f.p50_ms_ratio)]),
	}],

	footprint: ({ empty, cgi }) => [{
		title: 'memory of the empty stack, MiB',
		head: ['broker, private', 'a FastCGI worker', 'the largest', 'workers', 'all without PostgreSQL, private', 'all of it, Pss'],
		rows: [[mib(empty.broker), mib(empty.worker), mib(empty.worker_most), empty.workers, mib(empty.all_own), mib(empty.all)]],
	}, {
		title: 'by plain CGI', head: ['', 'p50 ms', 'p90 ms', 'x floor'],
		rows: [['a page of 50, by a program that stays', cgi.staying], ['by one that is started for it', cgi.ending],
			['the floor: libpq, SELECT 1', cgi.floor]].map(([name, { p50_ms, p90_ms }]) =>
			[name, ms(p50_ms), ms(p90_ms), (p50_ms / cgi.floor.p50_ms).toFixed(2)]),
	}],
};

// As Markdown.
export function text_of({ head, rows }) {
	const line = (cells) => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
