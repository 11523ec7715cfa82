import { join } from 'node:path';

/** `npm test`. Processes that specs start read what others have compiled, wherever they run. */
export default {
	files: ['spec/**/*.spec.ts'],
	extensions: ['ts'],
	timeout: '60s',
	workerThreads: false,
	environmentVariables: {
		NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(import.meta.dirname, 'node_modules/.cache/compiled'),
	},
};
