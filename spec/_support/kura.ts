import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * Something that judges as a Kura does: by Basic, for which it opens a session of its own; a challenge without it; three
 * addresses for everybody. What it answers with is made up.
 */

export interface KuraLike {
	readonly url: string;
	readonly headers: IncomingHttpHeaders[];
	close(): void;
}

const login = `Basic ${Buffer.from('latchkey:the login of Kura').toString('base64')}`;
const open = /^\/services\/identity\/v[12]\/(definedPermissions|passwordRequirements|passwordStrenghtRequirements)$/;

export async function startKura(port = 0): Promise<KuraLike> {
	const seen: IncomingHttpHeaders[] = [];
	const server = createServer(({ url = '', headers }, res) => {
		seen.push(headers);
		const isKnown = headers.authorization === login;
		if (isKnown) res.setHeader('Set-Cookie', 'JSESSIONID=node0abc.node0; Path=/services; HttpOnly');
		if (!isKnown && !open.test(url)) return void res.writeHead(401, { 'WWW-Authenticate': 'Basic realm="kura"' }).end();
		res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ url, known: isKnown }));
	});
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		headers: seen,
		close() {
			server.close();
			server.closeAllConnections();
		},
	};
}
