import { join } from 'node:path';
import { build, type Rollup } from 'vite';

const entry = join(import.meta.dirname, '../../src/client/client.ts');

/** All of `latchkey/client`, as a bundler makes it: one chunk, minified. */
export async function bundleClient(): Promise<Rollup.RollupOutput['output']> {
	const rolldownOptions = { input: entry, preserveEntrySignatures: 'strict' as const };
	const built = await build({ configFile: false, logLevel: 'error', build: { write: false, rolldownOptions } });
	return (built as Rollup.RollupOutput).output;
}
