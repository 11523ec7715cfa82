/** `npm run test:long`: what takes minutes. One file at a time, since some of them measure. `LONG=short` for a taste. */
export default {
	files: ['spec/**/*.long.ts'],
	extensions: ['ts'],
	timeout: '30m',
	workerThreads: false,
	concurrency: 1,
};
