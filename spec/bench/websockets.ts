import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Visitor } from './ask.ts';
import type { Row } from './figures.ts';
import { openGateway } from './gateway.ts';
import { cpuMs, memoryOf, type Started } from './programs.ts';

/** Opens one, and leaves it alone. */
async function openWebSocket({ url }: Started, { headers }: Visitor): Promise<Socket> {
	const { hostname, port, host } = new URL(url);
	const socket = connect(Number(port), hostname);
	const lines = Object.entries({
		...headers,
		Host: host,
		Connection: 'Upgrade',
		Upgrade: 'websocket',
		'Sec-WebSocket-Version': '13',
		'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
	}).map(([name, value]) => `${name}: ${value}\r\n`);
	socket.write(`GET /assets/socket HTTP/1.1\r\n${lines.join('')}\r\n`);
	const [answer] = await once(socket, 'data');
	if (!String(answer).startsWith('HTTP/1.1 101 ')) throw new Error(`no WebSocket: ${answer}`);
	return socket;
}

export const websockets: Row = {
	name: 'websockets',
	says: '1,000 idle WebSockets through the reverse proxy, each of which is judged again every 15 seconds',
	async measure(extent) {
		const { short } = extent;
		const many = short ? 50 : 1000;
		const idleSeconds = short ? 1 : 30;
		await using gateway = await openGateway(extent);
		const { proxying, visitor } = gateway;
		const sockets: Socket[] = [];
		try {
			// The first ones bring with them what all share.
			for (let at = 0; at < 20; at += 1) sockets.push(await openWebSocket(proxying, visitor));
			await sleep(500);
			const before = memoryOf(proxying.pid).now;
			const startedAt = performance.now();
			while (sockets.length < many + 20) {
				const some = Array.from({ length: 20 }, () => openWebSocket(proxying, visitor));
				sockets.push(...(await Promise.all(some)));
			}
			const openMs = performance.now() - startedAt;
			await sleep(500);
			const opened = sockets.length - 20;
			const each = (memoryOf(proxying.pid).now - before) / opened;
			const cpuBefore = cpuMs(proxying.pid);
			await sleep(idleSeconds * 1000);
			const idleCpu = (cpuMs(proxying.pid) - cpuBefore) / idleSeconds;
			const later = (memoryOf(proxying.pid).now - before) / opened;
			const lost = sockets.filter(({ closed }) => closed).length;
			return {
				figures: [
					{ what: `${opened} WebSockets: memory`, unit: 'KB each', values: [each / 1000] },
					{ what: `the same ${idleSeconds} s later`, unit: 'KB each', values: [later / 1000] },
					{ what: 'CPU while they are idle', unit: 'ms/s', values: [idleCpu] },
					{ what: 'opened', unit: '/s', values: [(opened * 1000) / openMs] },
					{ what: 'lost', values: [lost], goal: { atMost: 0 } },
				],
			};
		} finally {
			for (const socket of sockets) socket.destroy();
		}
	},
};
