import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type Issued, serverAuth } from '../../_support/certificates.ts';
import { startService, type TestService } from '../../_support/service.ts';

export const password = 'a long enough secret';

const resources = [
	{ path: '/assets', permission: 'rest.assets', xsrf: 'unsafe' },
	{ path: '/services/assets/v1', permission: 'rest.assets' },
	{ path: '/admin', permission: 'rest.admin', xsrf: 'unsafe' },
	{ path: '/sure', permission: 'rest.assets', xsrf: 'unsafe', assuranceLevel: 2 },
	{ path: '/live', websocket: true, access: 'public' },
	{ path: '/live', permission: 'rest.admin', xsrf: 'unsafe' },
	{ path: '/duplex', websocket: true, permission: 'rest.admin', xsrf: 'unsafe' },
	{ path: '/duplex', permission: 'rest.assets', xsrf: 'unsafe' },
];

export function portOf(url: string): number {
	return Number(new URL(url).port);
}

/** A service that trusts client certificates of this CA. */
export async function startBehind(ca: Issued): Promise<TestService> {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-behind-'));
	const put = async (name: string, content: string) => {
		await writeFile(join(folder, name), content, { mode: 0o600 });
		return join(folder, name);
	};
	const { cert, key } = await ca.issue({ hosts: ['localhost'], purposes: [serverAuth] });
	const service = await startService({
		trustedProxies: ['127.0.0.1/32'],
		auth: { basic: true, statelessCertificate: true },
		session: { bindCertificate: true },
		resources,
		https: {
			port: 0,
			cert: await put('server.pem', cert),
			key: await put('server-key.pem', key),
			clientCa: await put('ca.pem', ca.cert),
		},
	});
	await service.add('foo', password, { permissions: ['rest.assets'] });
	await service.add('bar', undefined, { permissions: ['rest.assets'] });
	await service.add('Jürgen', password, { permissions: ['rest.assets'] });
	return {
		...service,
		async close() {
			await service.close();
			await rm(folder, { recursive: true });
		},
	};
}

/** Sends these bytes, and returns all that comes back until the other side closes, or says nothing for a while. */
export async function rawOverTls(port: number, ca: string, bytes: string): Promise<string> {
	const socket = connect({ port, host: '127.0.0.1', ca, servername: 'localhost', ALPNProtocols: ['http/1.1'] });
	socket.setEncoding('latin1').write(bytes, 'latin1');
	// A request that is still waited for is as good as none.
	socket.setTimeout(2000, () => socket.destroy());
	let got = '';
	try {
		for await (const part of socket) got += part;
	} catch {
		// The other side cut it off: what came before counts.
	}
	return got;
}
