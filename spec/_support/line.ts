import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A line to a server that can be cut without a word: nothing is closed, nothing comes through. */
export interface Line {
	readonly port: number;
	/** Connections that were made through it so far. */
	connections(): number;
	cut(): void;
	/** What was cut stays dead; new connections get through. */
	mend(): void;
	close(): void;
}

export async function openLine(to: number): Promise<Line> {
	const sockets = new Set<Socket>();
	let isCut = false;
	let connections = 0;
	const server = createServer((near) => {
		connections += 1;
		const far = isCut ? undefined : connect(to, '127.0.0.1');
		for (const socket of [near, far]) {
			if (socket === undefined) continue;
			sockets.add(socket);
			socket.setNoDelay();
			socket.on('error', () => undefined);
			socket.on('close', () => {
				sockets.delete(socket);
				if (!isCut) (socket === near ? far : near)?.destroy();
			});
		}
		if (far === undefined) near.pause();
		else near.pipe(far).pipe(near);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		port: (server.address() as AddressInfo).port,
		connections: () => connections,
		cut() {
			isCut = true;
			for (const socket of sockets) socket.unpipe().pause();
		},
		mend() {
			isCut = false;
		},
		close() {
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
}
