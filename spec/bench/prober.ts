// Asks for a path again and again on one connection, with a pause behind each answer, so that nobody is kept busy by it:
// `node prober.ts SECONDS`, with `{ url, path, headers }` on stdin. Prints how many milliseconds each answer took, as JSON.
// On a bare socket: Node's client would need more time than the server does.
import { once } from 'node:events';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Visitor } from './ask.ts';

const pauseMs = 2;
/** Until our own code is compiled and quick: not counted. */
const warmingMs = 1000;

const { url, path, headers } = (await json(process.stdin)) as { url: string; path: string } & Visitor;
const { host, hostname, port } = new URL(url);
const lines = Object.entries({ Host: host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
const request = `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;

const socket = connect({ host: hostname, port: Number(port), noDelay: true });
await once(socket, 'connect');
const took: number[] = [];
const fromMs = performance.now() + warmingMs;
const untilMs = fromMs + Number(process.argv[2]) * 1000;
while (performance.now() < untilMs) {
	const startedAt = performance.now();
	socket.write(request);
	// So short an answer comes in one piece.
	const [answer] = (await once(socket, 'data')) as [Buffer];
	const endedAt = performance.now();
	if (startedAt > fromMs) took.push(endedAt - startedAt);
	const head = answer.toString('latin1');
	if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`a check was answered with ${head}`);
	await sleep(pauseMs);
}
socket.destroy();
process.stdout.write(JSON.stringify(took));
