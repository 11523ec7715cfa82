// What stands behind a proxy: a few bytes, a download and an upload of any size, and WebSockets that nobody uses.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { listenAndTell } from './listening.ts';

const chunk = Buffer.alloc(64 * 1024, 'x');
const small = Buffer.from('{"name":"ada","passwordChangeNeeded":false}');

const server = createServer((req, res) => {
	const { pathname, searchParams } = new URL(req.url ?? '', 'http://localhost');
	if (pathname === '/assets/download') {
		let left = Number(searchParams.get('bytes'));
		res.setHeader('Content-Length', left);
		const write = () => {
			while (left > 0) {
				const some = chunk.subarray(0, Math.min(left, chunk.length));
				left -= some.length;
				if (!res.write(some)) return void res.once('drain', write);
			}
			res.end();
		};
		return write();
	}
	if (pathname === '/assets/upload') {
		let bytes = 0;
		req.on('data', (some: Buffer) => {
			bytes += some.length;
		});
		return void req.on('end', () => res.end(String(bytes)));
	}
	req.resume();
	res.setHeader('Content-Type', 'application/json');
	res.setHeader('Content-Length', small.length);
	res.end(small);
});

/** Rule: RFC 6455, 4.2.2. */
server.on('upgrade', (req, socket) => {
	const key = `${req.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
	const accept = createHash('sha1').update(key).digest('base64');
	const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
	socket.on('error', () => undefined).resume();
	socket.write(`${[...lines, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`);
});

listenAndTell(server);
