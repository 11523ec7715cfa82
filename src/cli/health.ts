import { connect } from 'node:net';
import type { Config } from '../config/schema.ts';
import type { Common } from './identity.ts';
import { Failed, print } from './output.ts';
import { readSettings } from './settings.ts';

/** Milliseconds: an answer that comes later is none. */
const patienceMs = 3000;

/**
 * Asks the service that this configuration describes whether it lives, or with `ready` whether it may be sent requests.
 * For health checks of container engines, every few seconds: so it loads no more than it needs.
 */
export async function checkHealth({ config: given, json, ready }: Common & { ready?: boolean }): Promise<void> {
	const { http } = readSettings(given).config;
	if (http.port === 0) throw new Failed('http.port is 0: nobody knows where the service listens');
	const path = `/health/${ready ? 'ready' : 'live'}`;
	const status = await ask(reachable(http), http.port, path);
	if (status !== 200) throw new Failed(`${path} answers ${status}`);
	print(json ? JSON.stringify({ status: ready ? 'ready' : 'live' }) : ready ? 'ready' : 'live');
}

/** The address that stands for all of them cannot be asked. */
function reachable({ host }: Config['http']): string {
	return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
}

/** The status of the answer. Without `node:http`: to load it would take as long as all the rest. */
function ask(host: string, port: number, path: string): Promise<number> {
	return new Promise((resolve, reject) => {
		let answer = '';
		const socket = connect({ host, port, timeout: patienceMs });
		socket.setEncoding('latin1').on('data', (text: string) => {
			answer += text;
			const [, status] = /^HTTP\/1\.[01] (\d{3}) /.exec(answer) ?? [];
			if (status === undefined) return;
			socket.destroy();
			resolve(Number(status));
		});
		const fail = (why: string) => {
			socket.destroy();
			reject(new Failed(`nobody answers at ${named(host)}:${port}: ${why}`));
		};
		socket.once('timeout', () => fail(`nothing within ${patienceMs / 1000} seconds`));
		socket.once('error', (fault: NodeJS.ErrnoException) => fail(fault.code ?? fault.message));
		socket.once('end', () => fail('the connection ended'));
		socket.write(`GET ${path} HTTP/1.1\r\nHost: ${named(host)}:${port}\r\nConnection: close\r\n\r\n`);
	});
}

function named(host: string): string {
	return host.includes(':') ? `[${host}]` : host;
}
