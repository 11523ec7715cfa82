import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const script = fileURLToPath(new URL('no-descriptors-process.ts', import.meta.url));
const all = (value: boolean) => ({ 'a cookie': value, 'a body': value, 'common passwords': value, 'a passkey': value });

test('what is loaded late and cannot be read, as where a stranger holds all descriptors, is loaded when it can be', async (t) => {
	const command = `ulimit -n 128 && exec "${process.execPath}" "${script}"`;
	const { stdout } = await promisify(execFile)('sh', ['-c', command]);
	t.deepEqual(JSON.parse(stdout), { without: all(false), afterwards: all(true) });
});
