// cpu.js -- processor time of processes, as the kernel counts it.

import fs from 'node:fs';

// Processor time so far, in seconds, of all their threads; processes that have exited are not
// counted.
export function cpu_seconds(pids) {
	return pids.reduce((sum, pid) => sum + of_process(pid), 0);
}

// The processes of a server's PostgreSQL, without the postmaster.
export const postgresql_of = (server) =>
	server.children(server.postmaster()).map(({ pid }) => pid);

function of_process(pid) {
	let sum = 0;
	try {
		for (const task of fs.readdirSync(`/proc/${pid}/task`))
			sum += Number(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
	} catch {
		// it has exited
	}
	return sum / 1e9;
}
