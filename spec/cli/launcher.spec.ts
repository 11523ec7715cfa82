import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

const project = join(import.meta.dirname, '../..');
const launcher = join(project, 'src/launcher.js');
const root = mkdtempSync(join(tmpdir(), 'latchkey-launcher-'));

test.after.always(() => rmSync(root, { recursive: true }));

/** Below `root`. */
const cases = [
	{ says: 'in a folder that systemd made', env: { CACHE_DIRECTORY: 'systemd', HOME: '.' }, at: 'systemd' },
	{ says: 'among the caches of its user', env: { XDG_CACHE_HOME: 'caches', HOME: '.' }, at: 'caches/latchkey' },
	{ says: 'in its user’s home', env: { HOME: '.' }, at: '.cache/latchkey' },
	{ says: 'where Node is told to', env: { NODE_COMPILE_CACHE: 'nodes', HOME: '.' }, at: 'nodes' },
	{ says: 'nowhere without a home', env: {}, at: undefined },
	{ says: 'nowhere in a home that is not there', env: { HOME: 'none' }, at: undefined },
	{ says: 'nowhere that is no folder', env: { CACHE_DIRECTORY: '/dev/null/none' }, at: undefined },
	{ says: 'nowhere that cannot be written', env: { CACHE_DIRECTORY: '/proc/none' }, at: undefined },
];
for (const { says, env, at } of cases) {
	test(`what was compiled is kept ${says}, and the command runs`, (t) => {
		const home = mkdtempSync(join(root, 'case-'));
		const below = Object.entries(env).map(([name, path]) => [name, path.startsWith('/') ? path : join(home, path)]);
		const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, '--version'], {
			env: { ...Object.fromEntries(below), TMPDIR: home },
			encoding: 'utf8',
			timeout: 55_000,
		});
		t.deepEqual({ status, stderr }, { status: 0, stderr: '' });
		t.regex(stdout, /^\d+\.\d+\.\d+\n$/);
		if (at !== undefined) t.true(existsSync(join(home, at)), at);
		t.is(readdirSync(home).length, at === undefined ? 0 : 1, 'and nowhere else');
	});
}

/** Each costs every start more than it costs the one request, or the one installation, that needs it. */
const loadedLater = [
	...['internal/deps/undici/undici', 'NativeModule tls'],
	...[
		'crc',
		'is-type-of',
		'co-body',
		'qs',
		'prom-client',
		'pg',
		'@redis/client',
		'yaml',
		'jsonc-parser',
		'structured-headers',
	].map((name) => `/node_modules/${name}/`),
];

test('what few requests need is not loaded before them', (t) => {
	const program = `
		import { createRequire } from 'node:module';
		await import('./src/cli/serve.ts');
		const files = Object.keys(createRequire(import.meta.url).cache);
		process.stdout.write(JSON.stringify([...process.moduleLoadList, ...files]));
	`;
	const eval_ = ['--input-type=module', '--eval', program];
	const { stdout, stderr } = spawnSync(process.execPath, eval_, { cwd: project, encoding: 'utf8' });
	t.is(stderr, '');
	const loaded: string[] = JSON.parse(stdout);
	const found = (name: string) => loaded.filter((each) => each.includes(name));
	t.not(found('/node_modules/koa/').length, 0);
	t.deepEqual(loadedLater.flatMap(found), []);
});

/** As a fresh clone: nothing in it is built. */
test('`serve` in a checkout whose console is not built says what to do, and serves everything else', async (t) => {
	const clone = mkdtempSync(join(root, 'clone-'));
	for (const part of ['src', 'package.json', 'openapi.yaml'])
		cpSync(join(project, part), join(clone, part), { recursive: true });
	symlinkSync(join(project, 'node_modules'), join(clone, 'node_modules'));
	const child = spawn(process.execPath, [join(clone, 'src/launcher.js'), 'serve'], {
		cwd: clone,
		env: { ...process.env, LATCHKEY_HTTP_PORT: '0', LATCHKEY_LOG_LEVEL: 'fatal' },
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	t.teardown(() => child.kill('SIGKILL'));
	let said = '';
	for await (const text of child.stderr.setEncoding('utf8')) {
		said += text;
		if (/listening on \S+\n/.test(said)) break;
	}
	const [, url] = /listening on (\S+)\n/.exec(said) ?? [];
	t.deepEqual(said.split('\n').slice(0, 2), [
		'The console is not built. In a checkout: npm run build:console. Everything else is served.',
		'The page of the API is not built. In a checkout: npm run build:docs. Everything else is served.',
	]);
	t.is((await fetch(`${url}/health/ready`)).status, 200);
	for (const path of ['/', '/docs', '/openapi.json']) t.is((await fetch(url + path)).status, 503, path);
	t.is((await fetch(`${url}/openapi.yaml`)).status, 200);
	t.false(existsSync(join(clone, 'dist')), 'nothing is built');
});
