// Builds the console: one script, one style sheet, and a worker that judges passwords, loaded when there is one to judge.
import { join } from 'node:path';

// Whoever runs this: what is built is what is shipped. (Under a test runner Vite would add what developers look at.)
process.env.NODE_ENV = 'production';

const root = join(import.meta.dirname, '..');

/** Half of what the worker would weigh, and the half that finds least: surnames, and words of an encyclopaedia. */
const lighterWorker = {
	name: 'lighter-worker',
	load: (id) => (/language-en\/dist\/(wikipedia|lastnames)\.json\.mjs$/.test(id) ? 'export default [];' : undefined),
};

export default {
	root: join(root, 'src/console'),
	// The index is served at `console.path`, all else below `console/` beside it, under names that change with the content.
	base: './',
	publicDir: false,
	cacheDir: join(root, 'node_modules/.vite'),
	oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
	worker: { format: 'es', plugins: () => [lighterWorker] },
	build: {
		outDir: join(root, 'dist/console'),
		emptyOutDir: true,
		assetsDir: '',
		// Nothing is written into the page itself: its Content-Security-Policy allows files of ours, and no `data:` scripts.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		target: ['chrome111', 'firefox114', 'safari16.4'],
		reportCompressedSize: false,
		chunkSizeWarningLimit: 2000,
	},
};
