// explain.js -- the plans that PostgreSQL uses in the programs' own sessions.

// Makes all new sessions explain their statements in PostgreSQL's log.
export async function explain_from_now_on(server) {
	for (const role of ['foyer_api', 'foyer_auth'])
		for (const setting of ["session_preload_libraries = 'auto_explain'",
			'auto_explain.log_min_duration = 0', 'auto_explain.log_analyze = on',
			'auto_explain.log_buffers = on', 'auto_explain.log_timing = off',
			'auto_explain.log_format = json'])
			await server.sql(`ALTER ROLE ${role} SET ${setting}`);
	await server.sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity'
		+ " WHERE usename IN ('foyer_api', 'foyer_auth')");
}

const EXPLAINED = /LOG: {2}duration: ([\d.]+) ms {2}plan:\n((?:\t.*\n)+)/g;

// The statements in the log since `from`: {query, ms, buffers, plan}.
export function explained(server, from) {
	return [...server.log('postgres.log').slice(from).matchAll(EXPLAINED)].map(([, ms, text]) => {
		const { 'Query Text': query, Plan: plan } = JSON.parse(text);
		return { query, plan, ms: Number(ms),
			buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] };
	});
}

// The scans of a plan in its order, "members_user (50), log_pkey (50 × 1)": each with how often
// it ran, if more than once, and how many rows it returned each time.
export function sources(plan) {
	const own = plan['Index Name'] ?? (plan['Node Type'] === 'Seq Scan' ? `all of ${plan['Relation Name']}` : null);
	const loops = plan['Actual Loops'], rows = plan['Actual Rows'];
	const said = own && loops > 0 ? [`${own} (${loops > 1 ? `${loops} × ` : ''}${rows})`] : [];
	return [...said, ...(plan.Plans ?? []).flatMap(sources)];
}
