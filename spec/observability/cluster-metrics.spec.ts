import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test from 'ava';

test('a worker that dies just when it is asked for its counts takes nobody with it', async (t) => {
	const file = fileURLToPath(new URL('cluster-process.ts', import.meta.url));
	const primary = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
	const [said, faults, [status]] = await Promise.all([
		text(primary.stdout),
		text(primary.stderr),
		once(primary, 'exit'),
	]);
	t.is(status, 0, faults);
	t.is(said, '1 answered');
});
