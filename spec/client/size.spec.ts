import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import test from 'ava';
import { build, type Rollup } from 'vite';

const entry = join(import.meta.dirname, '../../src/client/client.ts');

test('all of latchkey/client, bundled and compressed, is 4 kB at the most, and imports nothing', async (t) => {
	const rolldownOptions = { input: entry, preserveEntrySignatures: 'strict' as const };
	const built = await build({ configFile: false, logLevel: 'error', build: { write: false, rolldownOptions } });
	const [chunk, ...others] = (built as Rollup.RollupOutput).output;
	t.deepEqual(others, []);
	t.deepEqual(chunk.imports, []);
	const bytes = brotliCompressSync(chunk.code).length;
	t.log(`${bytes} bytes`);
	t.true(bytes > 500 && bytes <= 4000, `${bytes} bytes`);
});
