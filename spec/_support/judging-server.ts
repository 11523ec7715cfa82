import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestOptions, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openClientTrust } from '../../src/certificates/client-trust.ts';
import { openTls, type Tls } from '../../src/certificates/server-tls.ts';
import { type CertificateJudgement, type ClientTrust, peerCertificate } from '../../src/certificates/verdict.ts';
import type { Instant } from '../../src/core/clock.ts';
import type { Issued } from './certificates.ts';

export interface JudgingServer {
	readonly port: number;
	readonly server: Server;
	readonly trust: ClientTrust;
	readonly tls: Tls;
	readonly logged: { readonly level: 'info' | 'error'; readonly fields: object; readonly message: string }[];
	/** What `forMs` more would show on the clock. */
	wind(forMs: number): void;
	/** Replaces a file as a careful operator does: at once. */
	put(file: string, content: string): void;
	remove(file: string): void;
	path(file: string): string;
	/** What the server thinks of a client that opens a connection like this. */
	ask(options?: RequestOptions): Promise<CertificateJudgement>;
	close(): void;
}

/** A folder of certificate files and an https server on them that answers every request with its judgement. */
export async function startJudgingServer(files: {
	readonly server: Issued;
	readonly ca: readonly Issued[];
	readonly crl?: string;
}): Promise<JudgingServer> {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-tls-'));
	const path = (file: string) => join(folder, file);
	const put = (file: string, content: string) => {
		writeFileSync(path('next'), content, { mode: 0o600 });
		renameSync(path('next'), path(file));
	};
	put('server.pem', files.server.cert);
	put('server-key.pem', files.server.key);
	put('ca.pem', files.ca.map(({ cert }) => cert).join(''));
	if (files.crl !== undefined) put('crl.pem', files.crl);

	let aheadMs = 0;
	const clock = { now: () => (Date.now() + aheadMs) as Instant };
	const logged: JudgingServer['logged'] = [];
	const log = {
		info: (fields: object, message: string) => logged.push({ level: 'info', fields, message }),
		error: (fields: object, message: string) => logged.push({ level: 'error', fields, message }),
	};
	const clientCrl = files.crl === undefined ? undefined : path('crl.pem');
	const trust = openClientTrust({ clientCa: path('ca.pem'), clientCrl }, { clock, log });
	const tls = openTls({ cert: path('server.pem'), key: path('server-key.pem') }, trust, log);
	const server = createServer(tls.options, (req, res) => res.end(JSON.stringify(peerCertificate(req.socket, trust))));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		port,
		server,
		trust,
		tls,
		logged,
		wind: (forMs) => {
			aheadMs += forMs;
		},
		put,
		remove: (file) => rmSync(path(file)),
		path,
		ask: (options = {}) => ask({ port, agent: false, ...options }),
		close() {
			server.close();
			server.closeAllConnections();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

async function ask(options: RequestOptions): Promise<CertificateJudgement> {
	const req = request({ host: '127.0.0.1', rejectUnauthorized: false, ...options });
	req.end();
	const [res] = await once(req, 'response');
	let body = '';
	for await (const chunk of res) body += chunk;
	return JSON.parse(body);
}
