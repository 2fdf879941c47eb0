// A hub with rooms on node and `ws`: sends each text to everybody in the room.
//
//   node bench/peers/ws.js PORT

import process from 'node:process';

import { WebSocketServer } from '../../tests/node_modules/ws/wrapper.mjs';

const rooms = new Map();
const server = new WebSocketServer({
	host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: false, backlog: 4096,
});

server.on('connection', (socket, { url }) => {
	const room = rooms.get(url) ?? rooms.set(url, new Set()).get(url);

	room.add(socket);
	socket.on('error', () => {});
	socket.on('close', () => room.delete(socket));
	socket.on('message', (text) => {
		for (const one of room)
			one.send(text, { binary: false });
	});
});
