import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import test from 'ava';
import { type Issued, newCa } from '../../_support/certificates.ts';
import { createClient } from '../../_support/client.ts';
import { caddy, nginx, startCaddy, startNginx } from '../../_support/proxies.ts';
import type { TestService } from '../../_support/service.ts';
import { password, portOf, rawOverTls, startBehind } from './proxy.behind.ts';

/*
 * An application that does not read the bodies of requests (Python's `http.server`), behind a proxy that asks Latchkey:
 * what it leaves unread must not become a request that nobody judged, nor the answer to somebody else.
 */

let python: ReturnType<typeof spawn>;
let lines: Interface;
let application: number;
let ca: Issued;
let service: TestService;
/** What the application took for a request. */
const taken: string[] = [];

test.before(async () => {
	python = spawn('python3', [join(import.meta.dirname, 'careless-upstream.py')], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	lines = createInterface({ input: python.stdout as NodeJS.ReadableStream });
	const [port] = await once(lines, 'line');
	application = Number(port);
	lines.on('line', (line) => taken.push(line));
	ca = await newCa();
	service = await startBehind(ca);
});
test.after.always(async () => {
	await service?.close();
	python?.kill();
});

const hidden = 'GET /admin/hidden HTTP/1.1\r\nHost: h\r\nRemote-User: admin\r\n\r\n';
const framings = [
	`Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
	`Transfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
];

for (const [name, installed, start] of [
	['nginx', nginx, startNginx],
	['Caddy', caddy, startCaddy],
] as const) {
	const says = `behind ${name}, a request in a body is no request to an application that reads no bodies`;
	if (installed === undefined) {
		test.skip(`${says}: ${name} is not installed`, () => undefined);
		continue;
	}
	test.serial(says, async (t) => {
		const proxy = await start({ latchkey: portOf(service.url), application });
		t.teardown(proxy.stop);
		const foo = createClient({ port: proxy.port, ca: proxy.ca, from: '127.0.0.2' });
		await foo.login('foo', password);
		const own = `Host: localhost:${proxy.port}\r\nCookie: ${foo.cookies()}\r\nX-XSRF-Token: ${foo.xsrfToken()}\r\n`;
		const from = taken.length;
		for (const method of ['GET', 'OPTIONS', 'DELETE', 'POST']) {
			for (const framing of framings) {
				const bytes = `${method} /assets/own HTTP/1.1\r\n${own}Connection: close\r\n${framing}`;
				for (let round = 0; round < 3; round++) {
					const asked = rawOverTls(proxy.port, proxy.ca, bytes);
					const others = await Promise.all([1, 2, 3].map((each) => foo.send(`/assets/${each}`)));
					t.deepEqual(
						others.map(({ text }) => text),
						[1, 2, 3].map((each) => `/assets/${each} for foo`),
					);
					t.notRegex(await asked, /hidden/, `${method} ${framing}`);
				}
			}
		}
		await foo.send(`/assets/last-${name}`);
		while (!taken.includes(`GET /assets/last-${name} foo`)) await once(lines, 'line');
		t.deepEqual(
			taken.slice(from).filter((line) => !line.endsWith(' foo')),
			[],
		);
	});
}
