import { brotliCompressSync } from 'node:zlib';
import test from 'ava';
import { bundleClient } from './bundle.ts';

test('all of latchkey/client, bundled and compressed, is 4 kB at the most, and imports nothing', async (t) => {
	const [chunk, ...others] = await bundleClient();
	t.deepEqual(others, []);
	t.deepEqual(chunk.imports, []);
	const bytes = brotliCompressSync(chunk.code).length;
	t.log(`${bytes} bytes`);
	t.true(bytes > 500 && bytes <= 4000, `${bytes} bytes`);
});
