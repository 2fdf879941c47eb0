// raw.js -- bytes over a TCP connection, for what no proper client would send.

import { randomBytes } from 'node:crypto';
import net from 'node:net';

import { within } from './wait.js';

export class Raw {
	constructor(port) {
		this.got = Buffer.alloc(0);
		this.waiting = [];
		this.socket = net.connect(port, '127.0.0.1');
		this.socket.on('data', (bytes) => {
			this.got = Buffer.concat([this.got, bytes]);
			this.settle();
		});
		this.socket.on('error', () => {});
		this.closed = new Promise((resolve) => {
			this.socket.on('close', () => {
				this.gone = true;
				resolve();
				this.settle();
			});
		});
	}

	settle() {
		this.waiting = this.waiting.filter((w) => !w());
	}

	send(...parts) {
		for (const part of parts)
			this.socket.write(part);
		return this;
	}

	// Waits until the received bytes (as latin1 text) match; returns the match.
	find(pattern, ms) {
		const found = new Promise((resolve, reject) => {
			const look = () => {
				const match = pattern.exec(this.got.toString('latin1'));
				if (match)
					resolve(match);
				else if (this.gone)
					reject(new Error(`closed before ${pattern}: ${this.got.toString('latin1')}`));
				return Boolean(match) || this.gone;
			};
			if (!look())
				this.waiting.push(look);
		});
		return within(found, () => `${pattern} in ${this.got.toString('latin1').slice(0, 400)}`, ms);
	}

	ended(ms) {
		return within(this.closed, 'end of the connection', ms);
	}

	end() {
		this.socket.destroy();
	}
}

// A request as text; headers is a list, so that nothing is corrected.
export function request(line, headers, body = '') {
	return Buffer.concat([
		Buffer.from(`${line}\r\n${headers.join('\r\n')}\r\n\r\n`, 'latin1'),
		Buffer.from(body),
	]);
}

export function upgrade(path, headers = []) {
	return request(`GET ${path} HTTP/1.1`, [
		'Host: 127.0.0.1',
		'Connection: Upgrade',
		'Upgrade: websocket',
		'Sec-WebSocket-Version: 13',
		`Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
		...headers,
	]);
}

// One WebSocket frame of a client, in which the caller can get every bit wrong.
export function frame({ opcode = 1, fin = true, rsv = 0, masked = true, payload = '', claim }) {
	const data = Buffer.from(payload);
	const length = claim ?? data.length;
	const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
	const mask = randomBytes(4);
	const bit = masked ? 0x80 : 0;

	if (length < 126)
		head.push(bit | length);
	else if (length < 65536)
		head.push(bit | 126, length >> 8, length & 255);
	else {
		const wide = Buffer.alloc(8);
		wide.writeBigUInt64BE(BigInt(length));
		head.push(bit | 127, ...wide);
	}
	if (!masked)
		return Buffer.concat([Buffer.from(head), data]);
	return Buffer.concat([Buffer.from(head), mask, data.map((b, i) => b ^ mask[i & 3])]);
}
