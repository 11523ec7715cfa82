import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { json, text } from 'node:stream/consumers';
import { WebSocketServer } from 'ws';

/*
 * What a Node-RED does that a gateway could break, in our own words: an editor of static files, an admin API that takes
 * either the name in a header (`adminAuth.tokenHeader`) or a bearer token of its own, flows that are deployed as JSON with
 * `Node-RED-API-Version`, and a WebSocket `/comms` that beats. Besides, a call that waits until something happens.
 */

export interface NodeRed {
	handle(req: IncomingMessage, res: ServerResponse): void;
	upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
	close(): void;
}

const ownToken = 'token-of-node-red-itself';

export function createNodeRed({ header = 'remote-user', beatMs = 200 } = {}): NodeRed {
	const sockets = new WebSocketServer({ noServer: true });
	const waiting = new Set<ServerResponse>();
	let rev = 1;

	const userOf = ({ headers }: IncomingMessage) =>
		headers[header]?.toString() || (headers.authorization === `Bearer ${ownToken}` ? 'admin' : undefined);
	const tell = (topic: string, data: unknown) => {
		for (const socket of sockets.clients) socket.send(JSON.stringify([{ topic, data }]));
	};
	const beat = setInterval(() => tell('hb', Date.now()), beatMs);

	async function answer(req: IncomingMessage, res: ServerResponse) {
		const say = (status: number, body: object) =>
			res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
		const path = (req.url ?? '').split('?')[0];
		const user = userOf(req);
		const version = req.headers['node-red-api-version'];
		switch (`${req.method} ${path}`) {
			case 'GET /':
				return res.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
			case 'GET /red/red.min.js':
				return res
					.writeHead(200, { 'Content-Type': 'text/javascript', 'Cache-Control': 'public, max-age=0' })
					.end(script);
			case 'GET /auth/login':
				return say(200, { type: 'credentials', prompts: [{ id: 'username' }, { id: 'password' }] });
			case 'POST /auth/token': {
				const given = new URLSearchParams(await text(req));
				if (given.get('password') !== 'node-red itself') return say(403, { error: 'invalid_grant' });
				return say(200, { access_token: ownToken, token_type: 'Bearer' });
			}
			case 'POST /hook':
				return say(200, { heard: await json(req), from: user ?? 'nobody' });
		}
		if (user === undefined) return res.writeHead(401).end('Unauthorized');
		switch (`${req.method} ${path}`) {
			case 'GET /settings':
				return say(200, { user: { username: user } });
			case 'GET /flows':
				return version === 'v2' ? say(200, { flows: [], rev: String(rev) }) : say(200, []);
			case 'POST /flows': {
				const sent = (await json(req)) as { rev?: string; flows?: unknown[] };
				if (version !== 'v2') return say(400, { code: 'invalid_api_version' });
				if (sent.rev !== String(rev)) return say(409, { code: 'version_mismatch' });
				rev += 1;
				tell('notification/runtime-deploy', { revision: String(rev) });
				for (const held of waiting) held.end(JSON.stringify({ rev: String(rev) }));
				waiting.clear();
				return say(200, { rev: String(rev) });
			}
			case 'POST /inject/tick':
				tell('debug', { msg: `tick for ${user}` });
				return res.writeHead(200).end('OK');
			case 'GET /poll':
				waiting.add(res.writeHead(200, { 'Content-Type': 'application/json' }));
				return res.flushHeaders();
			default:
				return res.writeHead(404).end();
		}
	}

	return {
		handle: (req, res) => void answer(req, res),
		upgrade(req, socket, head) {
			if (!req.url?.startsWith('/comms') || userOf(req) === undefined) return void socket.destroy();
			sockets.handleUpgrade(req, socket, head, (comms) => {
				comms.on('message', (said) => {
					const { subscribe } = JSON.parse(String(said)) as { subscribe?: string };
					if (subscribe) comms.send(JSON.stringify([{ topic: 'subscribed', data: subscribe }]));
				});
			});
		},
		close() {
			clearInterval(beat);
			for (const socket of sockets.clients) socket.terminate();
			sockets.close();
		},
	};
}

const page = `<!doctype html><title>Node-RED</title><h1>Node-RED</h1>
<button>Deploy</button>
<p id="user"></p><p id="comms"></p><p id="beats"></p><p id="debug"></p><p id="deployed"></p><p id="polled"></p>
<script src="red/red.min.js"></script>`;

const script = `
	const v2 = { 'Node-RED-API-Version': 'v2', 'Content-Type': 'application/json' };
	const show = (id, words) => { document.getElementById(id).textContent = words; };
	fetch('settings').then((answer) => answer.json()).then(({ user }) => show('user', 'editor of ' + user.username));
	let beats = 0;
	const connect = () => {
		const socket = new WebSocket(location.href.replace('http', 'ws').replace(/[?#].*/, '') + 'comms');
		socket.onopen = () => socket.send(JSON.stringify({ subscribe: 'debug' }));
		socket.onmessage = ({ data }) => {
			for (const { topic, data: told } of JSON.parse(data)) {
				if (topic === 'subscribed') fetch('inject/tick', { method: 'POST' });
				if (topic === 'hb' && ++beats > 2) show('beats', 'it beats');
				if (topic === 'debug') show('debug', told.msg);
			}
		};
		socket.onclose = () => show('comms', 'lost connection');
	};
	connect();
	fetch('poll').then((answer) => answer.json()).then(({ rev }) => show('polled', 'told of revision ' + rev));
	document.querySelector('button').onclick = async () => {
		const { flows, rev } = await (await fetch('flows', { headers: v2 })).json();
		const answer = await fetch('flows', { method: 'POST', headers: { ...v2, 'Node-RED-Deployment-Type': 'full' }, body: JSON.stringify({ flows, rev }) });
		show('deployed', 'deployed: ' + answer.status);
	};
`;

/** One that listens, for pages of the documentation. */
export async function startNodeRed(port: number): Promise<{ close(): void }> {
	const nodeRed = createNodeRed();
	const server = createServer(nodeRed.handle).on('upgrade', nodeRed.upgrade).listen(port, '127.0.0.1');
	await once(server, 'listening');
	return {
		close() {
			nodeRed.close();
			server.closeAllConnections();
			server.close();
		},
	};
}
