import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import test from 'ava';
import { type Client, createClient } from '../../_support/client.ts';
import { startService, type TestService } from '../../_support/service.ts';
import { raw } from './servers.ts';

/*
 * A real server that does not read the bodies of requests: Python's `http.server`. What it leaves unread is its next
 * request, so that a client that may send a body could ask for what nobody judged, and in anybody's name.
 */

const password = 'a long enough secret';
/** What the upstream took for a request. */
const taken: string[] = [];
let python: ReturnType<typeof spawn>;
let lines: Interface;
let service: TestService;
let port: number;
let ann: Client;
let bob: Client;

test.before(async () => {
	python = spawn('python3', [join(import.meta.dirname, 'careless-upstream.py')], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	lines = createInterface({ input: python.stdout as NodeJS.ReadableStream });
	const [itsPort] = await once(lines, 'line');
	lines.on('line', (line) => taken.push(line));
	const upstream = `http://127.0.0.1:${itsPort}`;
	service = await startService({
		resources: [
			{ path: '/public', permission: 'rest.public', upstream, xsrf: 'unsafe' },
			{ path: '/secret', permission: 'rest.secret', upstream, xsrf: 'unsafe' },
		],
	});
	port = Number(new URL(service.url).port);
	const login = async (name: string, permissions: string[]) => {
		await service.add(name, password, { permissions });
		const visitor = createClient({ port });
		await visitor.login(name, password);
		return visitor;
	};
	ann = await login('ann', ['rest.public']);
	bob = await login('bob', ['rest.public', 'rest.secret']);
});
test.after.always(async () => {
	await service?.close();
	python?.kill();
});

test.serial('what ann may not ask for is refused where she asks for it', async (t) => {
	t.is((await ann.send('/secret/x')).status, 403);
	t.is((await bob.send('/secret/x')).text, '/secret/x for bob');
});

const hidden = 'GET /secret/x HTTP/1.1\r\nHost: h\r\nRemote-User: admin\r\n\r\n';
const framings = [
	`Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
	`Transfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
];
const methods = { GET: 400, HEAD: 400, OPTIONS: 400, POST: 200, PUT: 200, PATCH: 200, DELETE: 200 };
for (const [method, status] of Object.entries(methods)) {
	test.serial(
		`a request in the body of a ${method} reaches no upstream, and nobody gets another answer: ${status}`,
		async (t) => {
			const from = taken.length;
			const head = `${method} /public/own HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n`;
			const hers = `${head}Cookie: ${ann.cookies()}\r\nX-XSRF-Token: ${ann.xsrfToken()}\r\n`;
			for (let round = 0; round < 15; round++) {
				const asked = framings.map((framing) => raw(port, hers + framing));
				const others = await Promise.all([bob.send('/public/bob'), ...asked, bob.send('/secret/bob')]);
				t.is((others[0] as { text: string }).text, '/public/bob for bob');
				t.is((others.at(-1) as { text: string }).text, '/secret/bob for bob');
				for (const asking of asked) t.regex(await asking, new RegExp(`^HTTP/1.1 ${status} `));
				t.is((await bob.send('/public/after')).text, '/public/after for bob');
			}
			const last = `GET /public/last-${method} bob`;
			await bob.send(`/public/last-${method}`);
			while (!taken.includes(last)) await once(lines, 'line');
			const known = ['GET /public/after bob', 'GET /public/bob bob', 'GET /secret/bob bob', last];
			if (status === 200) known.push(`${method} /public/own ann`);
			t.deepEqual([...new Set(taken.slice(from))].sort(), known.sort());
		},
	);
}

test.serial('the body that it sends with the answer to a HEAD is no answer to anybody', async (t) => {
	for (let round = 0; round < 30; round++) {
		const [head, get] = await Promise.all([ann.send('/public/head', { method: 'HEAD' }), bob.send('/public/bob')]);
		t.is(head.status, 200);
		t.is(get.text, '/public/bob for bob');
	}
});
