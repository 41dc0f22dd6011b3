// Every message on the Redis channel goes to every open socket. Nothing is read from the browsers but their goodbye.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { subscribe } from './redis-subscriber.js';

const port = Number(process.env.PORT ?? 8083);
const sockets = new Set();
const redis = subscribe(new URL(process.env.REDIS_URL), process.env.CHANNEL ?? 'tracks', broadcast);

// One text frame, as in RFC 6455, section 5.2; messages here are far below 64 KiB.
function frame(text) {
	const data = Buffer.from(text);
	const head = data.length < 126 ? Buffer.from([0x81, data.length]) : Buffer.from([0x81, 126, data.length >> 8, data.length & 255]);
	return Buffer.concat([head, data]);
}

function broadcast(text) {
	for (const socket of sockets) socket.write(frame(text));
}

const server = createServer((request, response) => {
	const ok = request.url === '/health' && redis.connected();
	response.writeHead(ok ? 200 : request.url === '/health' ? 503 : 404, { 'content-type': 'application/json' });
	response.end(JSON.stringify({ sockets: sockets.size, redis: redis.connected() }));
});

server.on('upgrade', (request, socket) => {
	const key = request.headers['sec-websocket-key'];
	if (request.url !== '/ws' || !key) return socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
	// The constant is part of the protocol (RFC 6455, section 1.3).
	const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
	socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
	sockets.add(socket);
	const forget = () => sockets.delete(socket);
	socket.on('data', (data) => (data[0] & 15) === 8 && socket.end());
	socket.on('close', forget).on('error', forget);
});

server.listen(port, () => console.log(JSON.stringify({ listening: port })));
process.on('SIGTERM', () => {
	for (const socket of sockets) socket.end(Buffer.from([0x88, 0]));
	redis.close();
	server.close(() => process.exit(0));
});
