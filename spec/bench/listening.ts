import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Says where it listens, as `startNode` waits to hear it. */
export function listenAndTell(server: Server): void {
	server.listen(0, '127.0.0.1', () => {
		const { port } = server.address() as AddressInfo;
		process.stdout.write(`listening on http://127.0.0.1:${port}\n`);
	});
}
