// The README's first command, `npm start`: ready within a minute, and gone with status 0 when told to stop.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	await new Promise((resolve) => server.close(resolve));
	return port;
}

async function isReady(url) {
	const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
	return answer?.status === 200;
}

const port = await freePort();
const data = mkdtempSync(join(tmpdir(), 'latchkey-smoke-'));
const store = `sqlite:${join(data, 'latchkey.db')}`;
const child = spawn('npm', ['start'], {
	stdio: ['ignore', 'inherit', 'inherit'],
	detached: true,
	env: {
		...process.env,
		LATCHKEY_HTTP_PORT: `${port}`,
		LATCHKEY_STORE_IDENTITIES: store,
		LATCHKEY_STORE_SESSIONS: store,
	},
});
const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);

let outcome = 'not ready within a minute';
for (const until = Date.now() + 60_000; Date.now() < until && child.exitCode === null; await wait(200)) {
	if (!(await isReady(`http://127.0.0.1:${port}/health/ready`))) continue;
	child.kill('SIGTERM');
	const status = await Promise.race([ended, wait(20_000, 'still running 20 s later', { ref: false })]);
	outcome = status === 0 ? 'ok' : `ready, but after SIGTERM: ${status}`;
	break;
}
try {
	process.kill(-child.pid, 'SIGKILL');
} catch {
	// Nothing of it is left, as it should be.
}
rmSync(data, { recursive: true });
console.log(`npm start: ${outcome}`);
process.exitCode = outcome === 'ok' ? 0 : 1;
