import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** `npm test`. Processes that specs start read what others have compiled, wherever they run. */
export default {
	files: ['spec/**/*.spec.ts'],
	extensions: ['ts'],
	timeout: '60s',
	workerThreads: false,
	// One more than there are cores: some wait.
	concurrency: availableParallelism() + 1,
	environmentVariables: {
		NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(import.meta.dirname, 'node_modules/.cache/compiled'),
	},
};
