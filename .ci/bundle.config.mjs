// Bundles the `latchkey` command with the packages that `serve` over SQLite loads: a tenth of the files is read in half
// the time. The bundle is a copy of what is installed, and used only while it is one (src/launcher.js).
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

process.env.NODE_ENV = 'production';

const root = join(import.meta.dirname, '..');
// Threads are files of their own, found beside the code that starts them. No folders: what lies outside is two levels up,
// as it is from every room.
const entries = [join(root, 'src/main.ts'), ...globSync(join(root, 'src/**/*-thread.ts'))];

/** Native, or loaded by few: these stay where they are installed. The last one is looked for by `debug`, but not needed. */
const left = [
	'@node-rs/argon2',
	'@peculiar/x509',
	'@zxcvbn-ts/language-common',
	'pg',
	'prom-client',
	'redis',
	'reflect-metadata',
	'supports-color',
];

/**
 * Writes which package took which others from where it lay: `{ "": { "koa": "3.3.0", … }, "koa@3.3.0": { … }, … }`, where
 * `""` is Latchkey.
 */
const packageList = {
	name: 'package-list',
	generateBundle() {
		const packages = { '': {} };
		for (const id of [...this.getModuleIds()].sort()) {
			const from = packageOf(id);
			const fromId = from ? `${from.name}@${from.version}` : '';
			packages[fromId] ??= {};
			const { importedIds, dynamicallyImportedIds } = this.getModuleInfo(id);
			for (const imported of [...importedIds, ...dynamicallyImportedIds]) {
				const to = packageOf(imported);
				if (to && to.folder !== from?.folder) packages[fromId][to.name] = to.version;
			}
		}
		this.emitFile({ type: 'asset', fileName: 'packages.json', source: JSON.stringify(packages, undefined, '\t') });
	},
};

/** `undefined` for a file of ours. */
function packageOf(id) {
	const [folder, name] = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)(?=\/)/.exec(id) ?? [];
	if (folder === undefined) return undefined;
	return { folder, name, version: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version };
}

/**
 * Whoever imports `node:http`, and does not require it, has all that it exports made at once, and with it the
 * whole of `fetch` and `WebSocket`: a twentieth of a start.
 */
const lazyHttp = {
	name: 'lazy-http',
	enforce: 'pre',
	resolveId: { filter: { id: /^(node:)?http$/ }, handler: () => '\0http' },
	load: { filter: { id: /^\0http$/ }, handler: () => "module.exports = process.getBuiltinModule('node:http');" },
};

export default {
	root,
	publicDir: false,
	plugins: [lazyHttp, packageList],
	// Text is read faster than code: `mime-db` is there four times.
	json: { stringify: true, namedExports: false },
	ssr: { noExternal: true, external: left },
	build: {
		ssr: true,
		outDir: join(root, 'dist/bundle'),
		emptyOutDir: true,
		target: 'node24',
		minify: false,
		license: { fileName: 'licenses.md' },
		rolldownOptions: {
			input: Object.fromEntries(entries.map((file) => [basename(file, '.ts'), file])),
			output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
			// `depd` has one, of its own words.
			checks: { eval: false },
		},
	},
};
