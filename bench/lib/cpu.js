// cpu.js -- processor time of processes, as the kernel counts it.

import fs from 'node:fs';

// So far, in seconds, of all their threads; what has ended counts no more.
export function cpu_seconds(pids) {
	return pids.reduce((sum, pid) => sum + of_process(pid), 0);
}

// The processes of a server's PostgreSQL below the first.
export const postgresql_of = (server) =>
	server.children(server.postmaster()).map(({ pid }) => pid);

function of_process(pid) {
	let sum = 0;
	try {
		for (const task of fs.readdirSync(`/proc/${pid}/task`))
			sum += Number(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
	} catch {
		// it has ended
	}
	return sum / 1e9;
}
