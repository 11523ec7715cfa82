import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocketServer } from 'ws';
import { kismetRoutes } from './kismet-routes.ts';

/*
 * Something that judges as a Kismet does: whose request it is by cookie, query or Basic, each taken apart as Kismet takes it
 * apart; then by the role that a route asks for. Whatever was shown comes back as a cookie. What it answers with is made up.
 */

export interface KismetLike {
	readonly url: string;
	/** Its administrator's. */
	readonly key: string;
	readonly seen: { readonly target: string; readonly headers: IncomingMessage['headers']; readonly role: string }[];
	/** Keys from now on: the old ones open nothing. */
	forget(): void;
	close(): void;
}

const login = { username: 'kismet', password: 'the login of Kismet itself' };

const page = `<!doctype html><title>Kismet</title><h1>Kismet</h1><ul id="found"></ul><script src="/js/kismet.js"></script>`;
const script = `
const say = (what) => { document.querySelector('#found').innerHTML += '<li>' + what; };
const ask = (path, how) => fetch(path, how).then(({ status }) => status, () => 'failed');
const form = (method) => ({ method, body: new URLSearchParams({ json: '{"fields":["kismet.device.base.key"]}' }) });
const socket = () => new Promise((resolve) => {
	const opened = new WebSocket(location.origin.replace('http', 'ws') + '/eventbus/events.ws?user=kismet&password=typed');
	opened.onmessage = ({ data }) => resolve(data);
	opened.onerror = () => resolve('refused');
});
(async () => {
	say('user status ' + await ask('/system/user_status.json'));
	say('status ' + await ask('/system/status.json'));
	say('devices ' + await ask('/devices/views/all/devices.json', form('POST')));
	say('close ' + await ask('/datasource/by-uuid/1/close_source.cmd'));
	say('events ' + await socket());
	say('cookie ' + (document.cookie || 'none'));
	say('done');
})();`;

/** One time, and `+` where it is a query's. */
function decode(encoded: string, plus: boolean): string {
	const spaced = plus ? encoded.replaceAll('+', ' ') : encoded;
	return spaced.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** `a=1&b=2` or `a=1; b=2`; the last one of a name counts. */
const pairs = (decoded: string, between: RegExp) =>
	new Map(
		decoded.split(between).map((pair): [string, string] => [pair.replace(/=.*$/s, ''), pair.replace(/^[^=]*=?/s, '')]),
	);

const routes = kismetRoutes.map((route) => {
	const pattern = route.path
		.replaceAll('.', '\\.')
		.replaceAll(/:[a-z]+/g, '[^/]+')
		.replace(/\*$/, '[A-Za-z0-9]+');
	return { ...route, pattern: new RegExp(`^${pattern}$`) };
});

export async function startKismet(port = 0): Promise<KismetLike> {
	const seen: { target: string; headers: IncomingMessage['headers']; role: string }[] = [];
	const key = randomBytes(16).toString('hex').toUpperCase();
	const keys = new Map([[key, 'admin']]);

	/** Whose it is, and what to give back as a cookie. */
	function whose({ headers, url = '' }: IncomingMessage): { role: string; token: string } {
		const [, query = ''] = /\?(.*)$/s.exec(url) ?? [];
		const variables = pairs(decode(query, false), /&/);
		const cookies = headers.cookie === undefined ? variables : pairs(decode(headers.cookie, true), /; */);
		const token = cookies.get('KISMET') ?? '';
		const role = keys.get(token);
		if (role !== undefined) return { role, token };
		const [, basic = ''] = /^Basic (.*)$/.exec(headers.authorization ?? '') ?? [];
		const [name, password] = headers.authorization
			? Buffer.from(basic, 'base64').toString().split(/:(.*)/s)
			: [variables.get('user'), variables.get('password')];
		return { role: name === login.username && password === login.password ? 'admin' : '', token };
	}

	/** 200, 401, 404 or 405. */
	function judge(req: IncomingMessage, method: string): { status: number; role: string; token: string } {
		const { role, token } = whose(req);
		seen.push({ target: req.url ?? '', headers: req.headers, role });
		const path = (req.url ?? '').replace(/\?.*$/s, '').replaceAll(/\/{2,}/g, '/');
		const found = routes.filter(
			({ pattern, methods }) => pattern.test(path) && (method === 'WS') === methods.includes('WS'),
		);
		const route = found[0];
		if (route === undefined)
			return { status: /^\/($|index\.html|js\/|css\/|images\/)/.test(path) ? 200 : 404, role, token };
		if (!found.some(({ methods }) => methods.includes(method))) return { status: 405, role, token };
		const isOpen = route.roles.includes('public') || (role !== '' && route.roles.includes('any'));
		return { status: isOpen || role === 'admin' || route.roles.includes(role) ? 200 : 401, role, token };
	}

	async function answer(req: IncomingMessage, res: ServerResponse) {
		const { status, role, token } = judge(req, req.method ?? '');
		const path = (req.url ?? '').replace(/\?.*$/s, '');
		if (token !== '') res.setHeader('Set-Cookie', `KISMET=${token}; Path=/`);
		if (status === 401 && /^[Wget]/.test(req.headers['user-agent'] ?? ''))
			res.setHeader('WWW-Authenticate', 'Basic realm=Kismet');
		const body = await text(req);
		res.statusCode = status;
		const type = (name: string) => res.setHeader('Content-Type', name);
		if (status !== 200) return void type('text/html').end(`<html><h1>${status}</h1></html>\n`);
		if (path === '/' || path === '/index.html') return void type('text/html').end(page);
		if (path.startsWith('/js/')) return void type('text/javascript').end(script);
		if (path === '/auth/apikey/generate.cmd') {
			const made = randomBytes(16).toString('hex').toUpperCase();
			keys.set(made, JSON.parse(new URLSearchParams(body).get('json') ?? '{}').role);
			return void type('text/plain').end(made);
		}
		type('application/json').end(`${JSON.stringify({ path, role, ...(body && { fields: body }) })}\n`);
	}

	const sockets = new WebSocketServer({ noServer: true }).on('headers', (headers, req) => {
		const { token } = whose(req);
		if (token !== '') headers.push(`Set-Cookie: KISMET=${token}; Path=/`);
	});
	const server = createServer((req, res) => void answer(req, res)).on('upgrade', (req, socket, head) => {
		const { status } = judge(req, 'WS');
		if (status !== 200)
			return void socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
		sockets.handleUpgrade(req, socket, head, (opened) => opened.send('event'));
	});
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		key,
		seen,
		forget: () => keys.clear(),
		close() {
			for (const socket of sockets.clients) socket.terminate();
			server.close();
			server.closeAllConnections();
		},
	};
}
