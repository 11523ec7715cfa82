import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestFn } from 'ava';
import WebSocket, { WebSocketServer } from 'ws';
import { clientAuth, type Issued, newCa } from '../../_support/certificates.ts';
import { createClient, type Way } from '../../_support/client.ts';
import type { Behind, Running } from '../../_support/proxies.ts';
import { portOf, startBehind } from './proxy.behind.ts';
import { type Echo, echo, valuesOf } from './servers.ts';

/*
 * `session.bindCertificate` behind a proxy that asks Latchkey, and forwards the certificate that it was shown. All clients come
 * through the same proxy, which keeps its connections to Latchkey.
 */

const base = '/services/session/v1';

export function bindsSessions(test: TestFn, name: string, start: (behind: Behind) => Promise<Running>): void {
	test.serial(
		`behind ${name}, a copied session opens nothing without its certificate, and goes on with it`,
		async (t) => {
			const ca = await newCa();
			const application = createServer(echo).listen(0, '127.0.0.1');
			await once(application, 'listening');
			new WebSocketServer({ server: application }).on('connection', (socket) => socket.send('inside'));
			t.teardown(() => {
				application.closeAllConnections();
				application.close();
			});
			const service = await startBehind(ca);
			t.teardown(() => service.close());
			const { port } = application.address() as AddressInfo;
			const proxy = await start({ latchkey: portOf(service.url), application: port, clientCa: ca.cert });
			t.teardown(() => proxy.stop());
			const visitor = (way: Partial<Way> = {}) =>
				createClient({ port: proxy.port, ca: proxy.ca, from: '127.0.0.2', ...way });
			const certificateOf = (common: string) => ca.issue({ subject: [{ CN: [common] }], purposes: [clientAuth] });
			const [bar, renewed, foo] = await Promise.all(['bar', 'bar', 'foo'].map(certificateOf));
			if (!bar || !renewed || !foo) throw new Error('no certificates');
			const headerOf = ({ der }: Issued) => `:${der.toString('base64')}:`;
			const open = async (shown: Partial<Issued>, headers: Record<string, string>) => {
				const { cert, key } = shown;
				const socket = new WebSocket(`wss://localhost:${proxy.port}/assets/1`, {
					...{ ca: proxy.ca, headers, localAddress: '127.0.0.2' },
					...(cert && { cert, key }),
				});
				const answer = Promise.withResolvers<unknown>();
				socket.on('unexpected-response', (_, res) => answer.resolve(res.statusCode)).on('error', answer.reject);
				socket.on('message', (message) => answer.resolve(String(message)));
				return answer.promise.finally(() => socket.terminate());
			};

			const owner = visitor({ cert: bar.cert, key: bar.key });
			t.is((await owner.loginByCertificate()).status, 204);
			const loot = { Cookie: owner.cookies(), 'X-XSRF-Token': owner.xsrfToken() };
			const { headers } = (await owner.send('/assets/1')).body as Echo;
			t.deepEqual(valuesOf(headers, 'remote-user'), ['bar']);
			t.deepEqual(valuesOf(headers, 'client-cert'), []);
			t.is(await open(bar, loot), 'inside');

			const before = service.audit().length;
			for (const shown of [{}, renewed, foo] as Partial<Issued>[]) {
				const { cert, key } = shown;
				const thief = visitor(cert && key ? { cert, key } : {});
				for (const forged of [{}, { 'Client-Cert': headerOf(bar) }, { 'client-CERT': headerOf(bar) }]) {
					for (const target of [`${base}/xsrfToken`, `${base}/currentIdentity`]) {
						const answer = await thief.send(target, { headers: { ...loot, ...forged } });
						t.like(answer, { status: 401, body: { code: 'bad-certificate' } }, `${target}: ${answer.text}`);
					}
					// nginx says it in its own words.
					for (const target of ['/assets/1', '/services/assets/v1']) {
						t.is((await thief.send(target, { headers: { ...loot, ...forged } })).status, 401, target);
					}
				}
				t.is(await open(shown, { ...loot, 'Client-Cert': headerOf(bar) }), 401);
				t.is((await owner.send('/assets/1')).status, 200, 'the owner goes on');
			}
			const thefts = service.audit().slice(before);
			t.is(thefts.length, 39);
			for (const line of thefts) t.like(line, { act: 'session-stolen', identity: 'bar', address: '127.0.0.2' });
		},
	);
}
