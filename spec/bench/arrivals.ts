// Asks at a constant rate, whatever becomes of the answers: `node arrivals.ts`, with `Arrivals` as JSON on stdin. Prints how many
// milliseconds each answer took, as JSON. An answer's time begins when its request was due, not when it could be sent: who is slow
// for a moment is also told how long those waited that came meanwhile. (wrk and autocannon send the next request when the last one
// was answered, and so leave out the worst: coordinated omission.)
import { connect, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

export interface Arrivals {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly perSecond: number;
	readonly seconds: number;
	/** At most; begins nothing new while all of them wait. */
	readonly connections: number;
	/** Not so exact to the millisecond, and leaves the core to others. */
	readonly sleeps: boolean;
}

/** Until our own code is compiled and quick: not counted. */
const warmingMs = 1000;
const headEnd = '\r\n\r\n';

/** Is answered one request after the other. */
interface Connection {
	/** Resolves to when it was answered. */
	ask(): Promise<number>;
	close(): void;
}

const { url, headers, perSecond, seconds, connections, sleeps } = (await json(process.stdin)) as Arrivals;
const { host, hostname, port, pathname, search } = new URL(url);
const lines = Object.entries({ Host: host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
const request = `GET ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`;

/** How many bytes an answer has in all, or `undefined` while that cannot be told. */
function lengthOf(answer: string): number | undefined {
	const end = answer.indexOf(headEnd);
	if (end === -1) return undefined;
	if (!answer.startsWith('HTTP/1.1 20')) throw new Error(`answered with ${answer}`);
	return end + headEnd.length + Number(/\r\ncontent-length: *(\d+)/i.exec(answer)?.[1] ?? 0);
}

const all = new Set<Connection>();
/** The last one used is used next. */
const free: Connection[] = [];

function open(): Connection {
	const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
	let answer = '';
	let asked: PromiseWithResolvers<number> | undefined;
	socket.setEncoding('latin1').on('data', (text: string) => {
		answer += text;
		try {
			const length = lengthOf(answer);
			if (length === undefined || answer.length < length) return;
			answer = '';
			asked?.resolve(performance.now());
			asked = undefined;
		} catch (fault) {
			asked?.reject(fault);
		}
	});
	socket.on('error', (fault) => asked?.reject(fault));
	socket.on('close', () => {
		asked?.reject(new Error('the connection was closed'));
		// A server closes one that has nothing to do.
		all.delete(connection);
		if (free.includes(connection)) free.splice(free.indexOf(connection), 1);
	});
	const connection: Connection = {
		ask() {
			asked = Promise.withResolvers();
			socket.write(request);
			return asked.promise;
		},
		close: () => socket.destroy(),
	};
	all.add(connection);
	return connection;
}

function takeFree(): Connection | undefined {
	return free.pop() ?? (all.size < connections ? open() : undefined);
}

const took: number[] = [];
const fromMs = performance.now();
const countedFromMs = fromMs + warmingMs;
const untilMs = countedFromMs + seconds * 1000;
let failed: unknown;

async function ask(connection: Connection, dueMs: number) {
	try {
		const endedAt = await connection.ask();
		if (dueMs >= countedFromMs) took.push(endedAt - dueMs);
		free.push(connection);
	} catch (fault) {
		failed ??= fault;
	}
}

for (let nth = 0; ; ) {
	const dueMs = fromMs + (nth * 1000) / perSecond;
	const connection = dueMs <= performance.now() ? takeFree() : undefined;
	if (dueMs >= untilMs || failed !== undefined) break;
	if (connection === undefined) await (sleeps ? sleep(1) : nextTurn());
	else {
		void ask(connection, dueMs);
		nth += 1;
	}
}
while (free.length < all.size && failed === undefined) await sleep(1);
for (const connection of all) connection.close();
if (failed !== undefined) throw failed;
process.stdout.write(JSON.stringify(took));
