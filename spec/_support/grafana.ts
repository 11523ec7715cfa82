import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { json } from 'node:stream/consumers';
import { WebSocketServer } from 'ws';

/*
 * What a Grafana does that a gateway could break, in our own words: `auth.proxy` takes the name from a header, pages and
 * calls need one, a POST must come from the host that is asked, redirects are made of `root_url`, and everything stands below
 * its path (`serve_from_sub_path`). A login page and a session cookie of its own are there, too.
 */

export interface Grafana {
	/** `https://example.org/grafana/`. It may be set once the port is known. */
	rootUrl: string;
	/** Says whether the request is for it. */
	handle(req: IncomingMessage, res: ServerResponse): boolean;
	upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean;
	close(): void;
}

/** `header`: `header_name` of `auth.proxy`. `password`: of its own user `admin`. */
export function createGrafana({ header = 'remote-user', password = 'grafana itself' } = {}): Grafana {
	const sockets = new WebSocketServer({ noServer: true });
	const sessions = new Set<string>();
	const own: Grafana = { rootUrl: '', handle, upgrade, close: () => sockets.close() };
	const root = () => new URL(own.rootUrl);

	const userOf = ({ headers }: IncomingMessage) => {
		const [, session = ''] = /(?:^|; ?)grafana_session=([^;]*)/.exec(headers.cookie ?? '') ?? [];
		return headers[header]?.toString() || (sessions.has(session) ? 'admin' : undefined);
	};
	const isOwnOrigin = ({ headers }: IncomingMessage) =>
		headers.origin === undefined || new URL(headers.origin).host === headers.host;

	/** The path below that of `root_url`. */
	function below({ url = '' }: IncomingMessage): string | undefined {
		const { pathname } = new URL(url, own.rootUrl);
		return pathname.startsWith(root().pathname) ? pathname.slice(root().pathname.length) : undefined;
	}

	function handle(req: IncomingMessage, res: ServerResponse): boolean {
		const path = below(req);
		if (path === undefined) return false;
		void answer(req, res, path);
		return true;
	}

	async function answer(req: IncomingMessage, res: ServerResponse, path: string) {
		const say = (status: number, body: object) =>
			res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
		const go = (to: string) => res.writeHead(302, { Location: own.rootUrl + to }).end();
		const user = userOf(req);
		if (path === 'api/health') return say(200, { database: 'ok', version: '12.0.0', asked: user ?? 'by nobody' });
		if (path.startsWith('public/')) {
			return res.writeHead(200, { 'Cache-Control': 'public, max-age=3600' }).end('/* of the application */');
		}
		if (req.method !== 'GET' && !isOwnOrigin(req)) return say(403, { message: 'origin not allowed' });
		if (path === 'login' && req.method === 'POST') {
			const { user: name, password: given } = (await json(req)) as Record<string, unknown>;
			if (name !== 'admin' || given !== password) return say(401, { message: 'Invalid username or password' });
			const session = randomBytes(16).toString('hex');
			sessions.add(session);
			const [at, secure] = [root().pathname, root().protocol === 'https:' ? '; Secure' : ''];
			res.setHeader('Set-Cookie', [
				`grafana_session=${session}; Path=${at}; HttpOnly; SameSite=Lax${secure}`,
				`grafana_session_expiry=1; Path=${at}; SameSite=Lax${secure}`,
			]);
			return say(200, { message: 'Logged in' });
		}
		if (path === 'login') {
			if (user !== undefined) return go('');
			return res
				.writeHead(200, { 'Content-Type': 'text/html' })
				.end('<title>Grafana</title><h1>Log in to Grafana</h1>');
		}
		if (user === undefined) {
			if (path.startsWith('api/')) return say(401, { message: 'Unauthorized' });
			res.setHeader('Set-Cookie', `redirect_to=${encodeURIComponent(req.url ?? '')}; Path=${root().pathname}`);
			return go('login');
		}
		if (path === 'api/user') return say(200, { login: user, groups: req.headers['remote-groups'] ?? '' });
		if (path === 'api/ds/query' && req.method === 'POST') return say(200, { asked: await json(req), by: user });
		if (path === 'd/old') return go('d/new');
		if (path.startsWith('api/')) return say(404, { message: 'Not found' });
		return res.writeHead(200, { 'Content-Type': 'text/html' }).end(pageFor(user, root().pathname));
	}

	function upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
		const path = below(req);
		if (path === undefined) return false;
		const user = userOf(req);
		const status = path !== 'api/live/ws' ? '404' : user === undefined ? '401' : isOwnOrigin(req) ? undefined : '403';
		if (status !== undefined) socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\n\r\n`);
		else {
			sockets.handleUpgrade(req, socket, head, (live) => {
				live.on('message', (said) => live.send(JSON.stringify({ push: `${said} for ${user}` })));
			});
		}
		return true;
	}

	return own;
}

const pageFor = (user: string, root: string) => `<!doctype html><title>Grafana</title><h1>Welcome, ${user}</h1>
<link rel="stylesheet" href="${root}public/app.css">
<p id="user"></p><p id="query"></p><p id="live"></p><p id="login"></p>
<script>
	const call = (path, init) => fetch('${root}api/' + path, init).then((answer) => answer.json());
	const post = (body) => ({ method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Grafana-Org-Id': '1' }, body: JSON.stringify(body) });
	call('user').then(({ login }) => { user.textContent = 'user ' + login; });
	call('ds/query', post({ from: 'now-1h' })).then(({ asked, by }) => { query.textContent = asked.from + ' by ' + by; });
	const socket = new WebSocket(location.origin.replace('http', 'ws') + '${root}api/live/ws');
	socket.onopen = () => socket.send('live');
	socket.onmessage = ({ data }) => { live.textContent = JSON.parse(data).push; };
	fetch('${root}login', post({ user: 'admin', password: 'grafana itself' }))
		.then(() => { login.textContent = document.cookie.includes('grafana_session_expiry') ? 'cookies of its own' : 'no cookie'; });
</script>`;

/** One that listens, for pages of the documentation. */
export function startGrafana(port: number): Promise<{ close(): void }> {
	const grafana = createGrafana();
	const server = createServer((req, res) => {
		grafana.rootUrl ||= `http://${req.headers.host}/grafana/`;
		if (!grafana.handle(req, res)) res.writeHead(404).end();
	});
	return new Promise((resolve) => {
		server.listen(port, '127.0.0.1', () => {
			resolve({
				close() {
					server.closeAllConnections();
					server.close();
				},
			});
		});
	});
}
