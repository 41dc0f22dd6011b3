// The three Redis commands a subscriber needs: AUTH, SUBSCRIBE and listening. Connects again by itself.
import { connect } from 'node:net';

const command = (...words) => `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

export function subscribe(url, channel, onMessage) {
	let socket, subscribed = false, closing = false;

	function open() {
		let buffer = Buffer.alloc(0);
		socket = connect(Number(url.port || 6379), url.hostname, () => {
			if (url.password) socket.write(command('AUTH', decodeURIComponent(url.password)));
			socket.write(command('SUBSCRIBE', channel));
		});
		socket.on('data', (data) => {
			buffer = Buffer.concat([buffer, data]);
			for (let item; (item = read(buffer)); buffer = item.rest) {
				const [kind, , payload] = Array.isArray(item.value) ? item.value : [];
				if (kind === 'subscribe') subscribed = true;
				if (kind === 'message') onMessage(payload);
			}
		});
		socket.on('error', (error) => console.log(JSON.stringify({ level: 'warn', message: error.message })));
		socket.on('close', () => {
			subscribed = false;
			if (!closing) setTimeout(open, 1000);
		});
	}

	open();
	return { connected: () => subscribed, close: () => { closing = true; socket.destroy(); } };
}

// One complete value at the start of the buffer, or null while it is still on its way.
function read(buffer, at = 0) {
	const end = buffer.indexOf('\r\n', at);
	if (end < 0) return null;
	const kind = String.fromCharCode(buffer[at]);
	const head = buffer.toString('utf8', at + 1, end);
	const done = (value, next) => ({ value, next, rest: buffer.subarray(next) });
	if (kind === '$') {
		const stop = end + 2 + Number(head);
		return buffer.length < stop + 2 ? null : done(buffer.toString('utf8', end + 2, stop), stop + 2);
	}
	if (kind !== '*') return done(head, end + 2);
	const values = [];
	let next = end + 2;
	for (let index = 0; index < Number(head); index += 1) {
		const item = read(buffer, next);
		if (!item) return null;
		values.push(item.value);
		next = item.next;
	}
	return done(values, next);
}
