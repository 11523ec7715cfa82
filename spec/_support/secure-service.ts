import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Clock } from '../../src/core/clock.ts';
import { type Issued, newCa, serverAuth } from './certificates.ts';
import type { Answer } from './client.ts';
import { assertAnswers, fieldsOf } from './contract.ts';
import { type Settings, startService, type TestService } from './service.ts';

/** What a client shows, and what it sends. */
export interface SecureRequest {
	/** Its certificate. Absent: it shows none. */
	readonly as?: Issued;
	readonly headers?: RequestOptions['headers'];
	/** Another address of this machine. */
	readonly from?: string;
	readonly body?: unknown;
}

export interface SecureService extends TestService {
	/** Of the https endpoint. */
	readonly secureUrl: string;
	/** The CA that the service trusts for clients. */
	readonly clientCa: Issued;
	/** Replaces `client-ca.pem` or `revoked.pem`, at once. */
	put(name: string, content: string): Promise<void>;
	/** A certificate of that CA with this common name. */
	certificateOf(name: string): Promise<Issued>;
	/** One request on a TLS connection of its own. */
	ask(method: string, path: string, what?: SecureRequest): Promise<Answer>;
}

interface Wishes {
	/** There is a revocation list: this one, or one that names nobody yet. */
	readonly lists?: string | true;
	/** Another service's: its certificates are good here, too. */
	readonly clientCa?: Issued;
	readonly clock?: Clock;
}

/** The real service with an https endpoint that asks for client certificates. */
export async function startSecureService(settings: Settings = {}, wishes: Wishes = {}): Promise<SecureService> {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-spec-tls-'));
	const [serverCa, clientCa] = await Promise.all([newCa('Server CA'), wishes.clientCa ?? newCa('Client CA')]);
	const server = await serverCa.issue({
		subject: [{ CN: ['localhost'] }],
		purposes: [serverAuth],
		hosts: ['localhost', '127.0.0.1'],
	});
	const file = async (name: string, content: string) => {
		await writeFile(join(folder, name), content, { mode: 0o600 });
		return join(folder, name);
	};
	const https = {
		port: 0,
		cert: await file('server.pem', server.cert),
		key: await file('server-key.pem', server.key),
		clientCa: await file('client-ca.pem', clientCa.cert),
		...(wishes.lists && {
			clientCrl: await file('revoked.pem', wishes.lists === true ? await clientCa.list() : wishes.lists),
		}),
	};
	const service = await startService({ ...settings, https }, wishes.clock);
	const secureUrl = service.service.urls[1] ?? '';

	return {
		...service,
		secureUrl,
		clientCa,
		put: async (name, content) => rename(await file('next', content), join(folder, name)),
		certificateOf: (name) => clientCa.issue({ subject: [{ CN: [name] }] }),
		async ask(method, path, { as, headers = {}, body, from } = {}) {
			const req = request(secureUrl + path, {
				method,
				agent: false,
				ca: serverCa.cert,
				...(from !== undefined && { localAddress: from }),
				...(as && { cert: as.cert, key: as.key }),
				headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
			});
			const answered = Promise.withResolvers<import('node:http').IncomingMessage>();
			req.on('response', answered.resolve).on('error', answered.reject);
			req.end(body === undefined ? undefined : JSON.stringify(body));
			const res = await answered.promise;
			const got = await text(res);
			const isJson = res.headers['content-type']?.startsWith('application/json') ?? false;
			const answer = {
				status: res.statusCode ?? 0,
				headers: res.headers,
				setCookie: res.headers['set-cookie'] ?? [],
				text: got,
				body: isJson && got !== '' ? JSON.parse(got) : got,
			};
			assertAnswers(method, path, answer.status, fieldsOf(res.headers), answer.body);
			return answer;
		},
		async close() {
			await service.close();
			await rm(folder, { recursive: true });
		},
	};
}
