import { availableParallelism } from 'node:os';
import { join, relative, sep } from 'node:path';

/** Specs that start browsers, processes and servers take longest: what starts last must not be one of them. */
const longest = [
	'console',
	'cli',
	'faults',
	'conformance',
	'requirements',
	'store',
	'pages',
	'fuzz',
	'model',
	'gateway',
];
const specs = join(import.meta.dirname, 'spec');

function placeOf(file) {
	const at = longest.indexOf(relative(specs, file).split(sep)[0]);
	return at === -1 ? longest.length : at;
}

/** `npm test`. Processes that specs start read what others have compiled, wherever they run. */
export default {
	files: ['spec/**/*.spec.ts'],
	extensions: ['ts'],
	require: ['./.ci/no-source-maps.mjs'],
	sortTestFiles: (one, other) => placeOf(one) - placeOf(other) || one.localeCompare(other, 'en'),
	// Without any test ending. On a machine that is busy with something else, one of the first may take minutes.
	timeout: '5m',
	workerThreads: false,
	// No module stands behind a link: what Node spares itself in looking for links is a twentieth of most files.
	nodeArguments: ['--preserve-symlinks', '--preserve-symlinks-main'],
	// With more than there are cores, what is to happen within a second does not, on a machine that is busy with something else.
	concurrency: availableParallelism(),
	environmentVariables: {
		NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(import.meta.dirname, 'node_modules/.cache/compiled'),
	},
};
