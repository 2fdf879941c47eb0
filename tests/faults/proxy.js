// proxy.js -- a bad line: a TCP proxy that cuts, delays, and stops forwarding in one direction
// or both without closing, so that each end believes the other is merely quiet.
//
// Owns: its listening socket and both sockets of each connection.

import net from 'node:net';

export class Proxy {
	constructor(port, random) {
		Object.assign(this, { port, random });
		this.pairs = new Set();
		this.delay_ms = 0;
		this.server = net.createServer((near) => this.connected(near));
	}

	async open() {
		await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		return this;
	}

	// The same address through this proxy.
	through(url) {
		return url.replace(/:\d+/, `:${this.server.address().port}`);
	}

	connected(near) {
		const far = net.connect(this.port, '127.0.0.1');
		const pair = { near, far };
		const end = () => {
			near.destroy();
			far.destroy();
			this.pairs.delete(pair);
		};

		this.pairs.add(pair);
		for (const [from, to] of [[near, far], [far, near]]) {
			from.setNoDelay(true);
			from.on('data', (bytes) => this.carry(from, to, bytes));
			from.on('end', () => to.end());
			from.on('close', end);
			from.on('error', () => {});
			to.on('drain', () => from.is_stopped || from.late || from.resume());
		}
	}

	// Keeps the order even when the delay changes: late bytes hold back those that follow.
	carry(from, to, bytes) {
		if (!this.delay_ms && !from.late) {
			if (!to.write(bytes))
				from.pause();
			return;
		}
		from.late = (from.late ?? 0) + 1;
		from.pause();
		setTimeout(() => {
			from.late = 0;
			if (!to.destroyed)
				to.write(bytes);
			if (!from.is_stopped)
				from.resume();
		}, this.delay_ms);
	}

	some(share) {
		const list = [...this.pairs].filter(() => this.random() < share);

		return list.length > 0 ? list : [...this.pairs].slice(0, 1);
	}

	// Returns how many it cut.
	cut(share) {
		const victims = this.some(share);

		for (const { near, far } of victims) {
			near.resetAndDestroy();
			far.resetAndDestroy();
		}
		return victims.length;
	}

	// way: 'up', 'down' or 'both'. These connections never work again, and the proxy never
	// closes them.
	stop(share, way) {
		const victims = this.some(share);

		for (const { near, far } of victims)
			for (const side of { up: [near], down: [far], both: [near, far] }[way]) {
				side.is_stopped = true;
				side.pause();
			}
		return victims.length;
	}

	close() {
		this.server.close();
		for (const { near, far } of this.pairs) {
			near.destroy();
			far.destroy();
		}
	}
}
