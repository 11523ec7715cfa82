import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const root = join(import.meta.dirname, '..');

interface Report {
	readonly modules: readonly { readonly source: string }[];
	readonly summary: {
		readonly totalCruised: number;
		readonly violations: readonly {
			readonly from: string;
			readonly to: string;
			readonly rule: { readonly name: string };
		}[];
	};
}

async function cruise(folder: string): Promise<Report> {
	const depcruise = join(root, 'node_modules/.bin/depcruise');
	const args = [depcruise, 'src', '--config', join(root, '.ci/rooms.mjs'), '--output-type', 'json'];
	const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
	return JSON.parse(stdout) as Report;
}

const own = cruise(root);

test('every import stays within what its room may touch', async (t) => {
	const { summary } = await own;
	t.deepEqual(
		summary.violations.map(({ from, to, rule }) => `${from} → ${to} (${rule.name})`),
		[],
	);
});

test('the rooms are checked in every file of src, none unseen', async (t) => {
	const { modules, summary } = await own;
	const seen = new Set(modules.map(({ source }) => source));
	const files = (await readdir(join(root, 'src'), { recursive: true }))
		.map((file) => `src/${file}`)
		.filter((file) => file.endsWith('.ts') && !file.startsWith('src/console/'));
	t.deepEqual(
		files.filter((file) => !seen.has(file)),
		[],
	);
	t.true(summary.totalCruised >= files.length);
});

/** What must never get in, and the rule that stops it. */
const intruders = [
	{ file: 'src/core/koa.ts', imports: 'koa', rule: 'core' },
	{ file: 'src/core/file.ts', imports: 'node:fs', rule: 'core' },
	{ file: 'src/core/store.ts', imports: '../store/sqlite/good.ts', rule: 'core' },
	{ file: 'src/hashing/network.ts', imports: 'node:http', rule: 'hashing' },
	{ file: 'src/store/redis/neighbour.ts', imports: '../sqlite/good.ts', rule: 'store/redis' },
	{ file: 'src/store/postgres/driver.ts', imports: 'redis', rule: 'store/postgres' },
	{ file: 'src/store/memory/driver.ts', imports: 'node:sqlite', rule: 'store/memory' },
	{ file: 'src/store/remote/driver.ts', imports: 'redis', rule: 'store/remote' },
	{ file: 'src/observability/http.ts', imports: 'koa', rule: 'observability' },
	{ file: 'src/certificates/koa.ts', imports: 'koa', rule: 'certificates' },
	{ file: 'src/pages/dialect.ts', imports: '../dialect/kura/good.ts', rule: 'pages' },
	{ file: 'src/http/dialect.ts', imports: '../dialect/kura/good.ts', rule: 'http' },
	{ file: 'src/dialect/kismet/neighbour.ts', imports: '../kura/good.ts', rule: 'dialect' },
	{ file: 'src/dialect/kura/store.ts', imports: '../../store/sqlite/good.ts', rule: 'dialect' },
	{ file: 'src/gateway/dialect.ts', imports: '../dialect/kura/good.ts', rule: 'gateway' },
	{ file: 'src/config.ts', imports: './core/good.ts', rule: 'config' },
	{ file: 'src/app/service.ts', imports: '../cli/good.ts', rule: 'app' },
	{ file: 'src/cli/store.ts', imports: '../store/sqlite/good.ts', rule: 'cli' },
	{ file: 'src/embed/store.ts', imports: '../store/sqlite/good.ts', rule: 'embed' },
	{ file: 'src/client/server.ts', imports: '../core/good.ts', rule: 'client' },
	{ file: 'src/client/library.ts', imports: 'preact', rule: 'client' },
	{ file: 'src/console/server.ts', imports: '../core/good.ts', rule: 'console' },
	{ file: 'src/helpers/all.ts', imports: '../core/good.ts', rule: 'no-room' },
	{ file: 'src/launcher.js', imports: './core/good.ts', rule: 'launcher' },
	{ file: 'src/core/lost.ts', imports: './gone.ts', rule: 'all-found' },
	{ file: 'src/core/lost.ts', imports: './gone.ts', rule: 'core' },
	{ file: 'src/core/egg.ts', imports: './hen.ts', rule: 'no-circles' },
];
const intrusion = (file: string, imports: string) =>
	file.endsWith('.js') ? `import '${imports}';\n` : `import type * as found from '${imports}';\n`;
const innocent = ['core', 'store/sqlite', 'dialect/kura', 'cli'].map((name) => `src/${name}/good.ts`);

test('an import that its room may not make is found, also where it is of a type only', async (t) => {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-rooms-'));
	t.teardown(() => rm(folder, { recursive: true }));
	await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
	const sources = [
		...innocent.map((file) => ({ file, code: 'export const good = 1;\n' })),
		{ file: 'src/core/hen.ts', code: intrusion('src/core/hen.ts', './egg.ts') },
		...intruders.map(({ file, imports }) => ({ file, code: intrusion(file, imports) })),
	];
	for (const { file, code } of sources) {
		await mkdir(join(folder, dirname(file)), { recursive: true });
		await writeFile(join(folder, file), code);
	}
	const { summary } = await cruise(folder);
	t.deepEqual(
		summary.violations.map(({ from, rule }) => `${from} (${rule.name})`).sort(),
		intruders.map(({ file, rule }) => `${file} (${rule})`).sort(),
	);
});
