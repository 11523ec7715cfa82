import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { createClient } from '../_support/client.ts';
import { openWorkplace, serve } from '../_support/command-line.ts';
import { soon } from '../store/soon.ts';

/* Readers that go away, the version, and whether a service lives. */

const launcher = join(import.meta.dirname, '../../src/launcher.js');
const password = 'four brown bears';

test('a command whose reader has gone ends quietly, with the status of SIGPIPE', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const child = spawn(process.execPath, [launcher, '--help'], { cwd: place.folder, stdio: ['ignore', 'pipe', 'pipe'] });
	child.stdout.destroy();
	let stderr = '';
	child.stderr.on('data', (text) => {
		stderr += text;
	});
	t.deepEqual(await once(child, 'close'), [141, null]);
	t.is(stderr, '');
});

test('a service whose stdout nobody reads any more goes on to write log and audit, on stderr', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	await place.run(['identity', 'add', 'ada', '--password-stdin', '--no-policy'], { stdin: password });
	const server = await serve(place.folder);
	t.teardown(server.stop);
	server.closeStdout();
	const browser = createClient(server);
	t.is((await browser.login('ada', password)).status, 200);
	t.true(await soon(async () => /"act":"login","outcome":"ok"|"act":"login".*"ok"/.test(server.said.stderr)));
	t.regex(server.said.stderr, /nobody reads stdout any more/);
	await browser.logout();
	t.true(await soon(async () => /"act":"logout"/.test(server.said.stderr)));
});

test('--version says which one', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const { status, stdout, stderr } = await place.run(['--version']);
	t.deepEqual([status, stderr], [0, '']);
	t.regex(stdout, /^\d+\.\d+\.\d+\S*\n$/);
});

test('health asks the service of the configuration: status 0 where it lives, 1 and a line where it does not', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const asked: string[] = [];
	const server = createServer((req, res) => {
		asked.push(req.url ?? '');
		res.writeHead(req.url === '/health/live' ? 200 : 503).end('{}');
	}).listen(0, '0.0.0.0');
	t.teardown(() => server.close());
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	await place.configure({ http: { port, host: '0.0.0.0', insecure: true } });
	t.deepEqual(await place.run(['health']), { status: 0, stdout: 'live\n', stderr: '' });
	t.is((await place.run(['health', '--json'])).stdout, '{"status":"live"}\n');
	const notReady = { status: 1, stdout: '', stderr: 'latchkey: /health/ready answers 503\n' };
	t.deepEqual(await place.run(['health', '--ready']), notReady);
	t.deepEqual(asked, ['/health/live', '/health/live', '/health/ready']);
	server.close();
	const { status, stderr } = await place.run(['health']);
	t.is(status, 1);
	t.is(stderr, `latchkey: nobody answers at 127.0.0.1:${port}: ECONNREFUSED\n`);
	await place.configure({});
	t.regex((await place.run(['health'])).stderr, /^latchkey: http\.port is 0/);
});

test('health loads what reads the configuration, and nothing of the service', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const { stderr } = await place.runBinary(['health'], { env: { NODE_DEBUG: 'esm', LATCHKEY_HTTP_PORT: '1' } });
	const loaded = stderr.match(/file:\/\/[^'"\s]+?\.(?:ts|js)(?=\W)/g) ?? [];
	t.true(loaded.some((file) => file.endsWith('/cli/health.ts')));
	t.deepEqual(
		[...new Set(loaded)].filter((file) =>
			/src\/(compose|core\/sessions|http|store)|node_modules\/(koa|pino|pg|redis)/.test(file),
		),
		[],
	);
});
