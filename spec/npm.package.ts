import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { createClient } from './_support/client.ts';
import { npmEnv as env, type Packed, packLatchkey } from './_support/pack.ts';
import { blocksOf, fileOf, isAsShown, openTerminal, stepsOf } from './_support/walk.ts';
import { installTimeoutMs, installTools, tool, whyNoRegistry, whyNoTools } from './clients/tools.ts';

/*
 * The package as npm gets it: built and packed from a copy of the project, judged, installed into an empty project, and
 * used from there.
 */

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const noRegistry = await whyNoRegistry();
const noTools = await whyNoTools();

let folder: string;
let packed: Packed;
let tarball: string;
/** The empty project. */
let project: string;
/** The package with what the lock file names, and nothing for developers: as in the image. */
let app: string;

test.before(async (t) => {
	t.timeout(installTimeoutMs);
	folder = await mkdtemp(join(tmpdir(), 'latchkey-package-'));
	packed = await packLatchkey(folder);
	tarball = join(folder, packed.filename);
	project = join(folder, 'project');
	app = join(folder, 'app');
	await mkdir(project);
	await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
	if (noRegistry) return;
	const wanted = [tarball, 'koa@3', '@koa/router@15', '@types/koa@3', '@types/node@24'];
	const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
	await run('npm', ['install', ...quietly, ...wanted], { cwd: project, env });
	await run('tar', ['-xzf', tarball], { cwd: folder });
	await rename(join(folder, 'package'), app);
	for (const file of ['package-lock.json', '.npmrc']) await cp(join(root, file), join(app, file));
	await run('npm', ['ci', '--omit=dev', ...quietly], { cwd: app, env });
});

test.after.always(() => rm(folder, { recursive: true }));

test('the tarball holds what is needed to run, to compile against and to read, and nothing else', (t) => {
	const kb = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`;
	t.log(`${packed.files.length} files, ${kb(packed.size)}, unpacked ${kb(packed.unpackedSize)}`);
	const paths = packed.files.map(({ path }) => path);
	const notBuilt = paths.filter((path) => !path.startsWith('dist/')).sort();
	t.deepEqual(notBuilt, ['LICENSE', 'README.md', 'openapi.yaml', 'package.json', 'src/launcher.js']);
	for (const path of [
		'dist/main.js',
		'dist/embed.js',
		'dist/embed.d.ts',
		'dist/client/client.js',
		'dist/client/client.d.ts',
		'dist/console/index.html',
		'dist/latchkey.1',
	]) {
		t.true(paths.includes(path), path);
	}
	const built = paths.filter((path) => path.startsWith('dist/'));
	t.deepEqual(
		built.filter((path) => !/\.(js|d\.ts|html|css|svg|json|1)$/.test(path)),
		[],
	);
	t.true(packed.size < 2_000_000, kb(packed.size));
});

const judges = [
	{ says: 'publint has nothing to say', program: 'publint', args: ['--strict'] },
	{
		says: 'its types are there for every way to import it',
		program: 'attw',
		args: ['--profile', 'esm-only', '--exclude-entrypoints', './openapi.yaml', '--no-emoji', '--quiet'],
	},
];
for (const { says, program, args } of judges) {
	(noTools ? test.skip : test)(`${says}${noTools ? `: ${noTools}` : ''}`, async (t) => {
		t.timeout(installTimeoutMs);
		await installTools();
		await t.notThrowsAsync(tool(program, [tarball, ...args], folder));
	});
}

/** What needs it installed. */
function whenInstalled(says: string, act: (t: ExecutionContext) => Promise<void>): void {
	if (noRegistry) test.skip(`${says}: ${noRegistry}`, () => undefined);
	else
		test(says, async (t) => {
			t.timeout(120_000);
			await act(t);
		});
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	return typeof address === 'object' && address ? address.port : 0;
}

function isThere(url: string): Promise<boolean> {
	return fetch(url).then(
		({ ok }) => ok,
		() => false,
	);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
	for (let left = 600; left > 0; left -= 1) {
		if (await isSo()) return;
		await wait(50);
	}
	throw new Error('waited in vain');
}

/** Runs a program of the project until the test is over; resolves when it answers. */
async function serve(
	t: ExecutionContext,
	command: string,
	args: readonly string[],
	how: object,
	answersAt: string,
	cwd = project,
) {
	const child = spawn(command, args, { cwd, env: { ...env, ...how }, stdio: ['ignore', 'ignore', 'pipe'] });
	let said = '';
	child.stderr.on('data', (chunk) => {
		said += chunk;
	});
	const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
	t.teardown(() => child.kill('SIGKILL'));
	await until(async () => {
		if (child.exitCode !== null) throw new Error(`${command} ${args.join(' ')}: ${said}`);
		return isThere(answersAt);
	});
	return {
		said: () => said,
		async stop() {
			child.kill('SIGTERM');
			return (await exit)[0];
		},
	};
}

const password = 'correct horse battery';
const example = join(root, 'spec/examples/koa-app.ts');

whenInstalled('a Koa app in JavaScript carries it', async (t) => {
	// Types are all that is TypeScript about it, and there are none to be seen.
	await cp(example, join(project, 'koa-app.js'));
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const app = await serve(t, process.execPath, ['koa-app.js'], { PORT: `${port}` }, url);
	const browser = createClient({ url });
	t.is((await browser.get('/')).body, 'for everybody');
	t.is((await browser.get('/orders')).status, 401);
	t.is((await browser.login('ada', password)).status, 200);
	t.is((await browser.get('/orders')).body, 'orders of ada');
	t.is((await browser.get('/welcome', { 'X-XSRF-Token': '' })).body, 'welcome, ada: see your orders');
	t.is((await browser.logout()).status, 204);
	t.is((await browser.get('/orders')).status, 401);
	t.is(await app.stop(), 0);
});

whenInstalled('the app of docs/embedding.md runs in an empty folder, and answers as the page says', async (t) => {
	const blocks = blocksOf(await readFile(join(root, 'docs/embedding.md'), 'utf8'));
	const program = blocks.find((block) => fileOf(block) === 'app.mjs');
	const empty = await mkdtemp(join(folder, 'shop-'));
	await symlink(join(project, 'node_modules'), join(empty, 'node_modules'));
	await writeFile(join(empty, 'app.mjs'), program?.lines.join('\n') ?? '');
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	await serve(
		t,
		process.execPath,
		['app.mjs'],
		{ PORT: `${port}` },
		`${url}/services/session/v1/authenticationInfo`,
		empty,
	);
	const terminal = openTerminal(empty, env);
	t.teardown(terminal.close);
	for (const { command, prints } of stepsOf(blocks.at(-1)!)) {
		const { out } = await terminal.run(command.replaceAll('3000', `${port}`));
		if (prints.length > 0) t.true(isAsShown(out, prints), `${command}\n${out}`);
	}
});

/** Code below `latchkey`, `app` and `router`, and whether it must compile. */
const typed = [
	{
		says: 'the identity has its type behind a guard',
		code: "app.use(latchkey.guard('a')).use(({ state }) => { const name: string = state.identity.name; void name; });",
		compiles: true,
	},
	{
		says: 'and no more than that',
		code: "app.use(latchkey.guard('a')).use(({ state }) => { void state.identity.password; });",
		compiles: false,
	},
	{
		says: 'the same in a router',
		code: "router.get('/', latchkey.loggedIn(), (ctx) => { void ctx.state.identity.password; });",
		compiles: false,
	},
	{
		says: 'settings have their types',
		code: "void createLatchkey({ config: { session: { inactivityInterval: 'soon' } } });",
		compiles: false,
	},
	{ says: 'and their names', code: 'void createLatchkey({ config: { sesion: {} } });', compiles: false },
	{
		says: 'where to listen is the app’s business',
		code: 'void createLatchkey({ config: { http: { port: 1 } } });',
		compiles: false,
	},
	{
		says: 'a refusal has a kind',
		code: "void ((fault: LatchkeyRefusal) => fault.kind === 'name-taken');",
		compiles: true,
	},
	{
		says: 'of those that there are',
		code: "void ((fault: LatchkeyRefusal) => fault.kind === 'taken');",
		compiles: false,
	},
];

whenInstalled('a Koa app in TypeScript compiles against it strictly, libraries and all', async (t) => {
	await cp(example, join(project, 'koa-app.ts'));
	const lines = [
		"import Router from '@koa/router';",
		"import Koa from 'koa';",
		"import { createLatchkey, LatchkeyRefusal } from 'latchkey';",
		'const latchkey = await createLatchkey();',
		'const app = new Koa();',
		'const router = new Router();',
		...typed.map(({ says, code, compiles }) => `// ${compiles ? '' : '@ts-expect-error: '}${says}\n${code}`),
	];
	await writeFile(join(project, 'typed.ts'), lines.join('\n'));
	const page = [
		"import { type ClientState, createLatchkeyClient } from 'latchkey/client';",
		"const latchkey = createLatchkeyClient({ baseUrl: 'https://login.example.org' });",
		"const name = (state: ClientState) => (state.kind === 'signed-in' ? state.session.identity : undefined);",
		'// @ts-expect-error: nobody is signed in, in every state',
		'void latchkey.state.session;',
		'// @ts-expect-error: a login needs a password',
		"void latchkey.login('ada');",
		'export { name };',
	];
	await writeFile(join(project, 'page.ts'), page.join('\n'));
	const shown = blocksOf(await readFile(join(root, 'docs/spa.md'), 'utf8')).find(({ language }) => language === 'ts');
	const drawn = 'declare function draw(state: ClientState): void;';
	const imports = "import type { ClientState } from 'latchkey/client';";
	await writeFile(join(project, 'shown.ts'), [imports, drawn, ...(shown?.lines ?? [])].join('\n'));
	const compilerOptions = {
		target: 'es2024',
		module: 'nodenext',
		strict: true,
		exactOptionalPropertyTypes: true,
		noUncheckedIndexedAccess: true,
		skipLibCheck: false,
		types: ['node'],
		noEmit: true,
	};
	await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
	const tsc = join(root, 'node_modules/typescript/bin/tsc');
	const { stdout = '' } = await run(process.execPath, [tsc, '-p', '.'], { cwd: project }).catch((fault) => fault);
	t.is(stdout, '');
});

whenInstalled('npx runs its command, and the service with its console and its documents', async (t) => {
	const help = await run('npx', ['latchkey', '--help'], { cwd: project, env });
	t.regex(help.stdout, /Usage: latchkey/);
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const settings = { LATCHKEY_HTTP_PORT: `${port}`, LATCHKEY_LOG_LEVEL: 'fatal' };
	const service = await serve(t, 'npx', ['latchkey', 'serve'], settings, `${url}/health/ready`);
	const page = async (path: string) => (await fetch(url + path)).text();
	const [, script = ''] = /<script[^>]* src="([^"]+)"/.exec(await page('/')) ?? [];
	t.is((await fetch(new URL(script, url))).headers.get('content-type')?.split(';')[0], 'text/javascript', script);
	t.regex(await page('/docs'), /<title>[^<]*Latchkey/);
	t.is(await page('/openapi.yaml'), await readFile(join(root, 'openapi.yaml'), 'utf8'));
	await service.stop();
	// npx dies of the signal, and the service follows it.
	await until(async () => !(await isThere(url)));
});

whenInstalled('the thread beside SQLite comes along', async (t) => {
	const code = [
		"import { createCheckpoints } from './node_modules/latchkey/dist/store/sqlite/wal-flush.js';",
		"import { openSqlite } from './node_modules/latchkey/dist/store/sqlite/open.js';",
		"const file = openSqlite('thread.db');",
		"const checkpoints = createCheckpoints('thread.db', console.log);",
		'checkpoints.committed(1000);',
		'await checkpoints.settled();',
		'await checkpoints.close();',
		'await file.close();',
		"console.log('settled');",
	];
	await writeFile(join(project, 'thread.js'), code.join('\n'));
	t.is((await run(process.execPath, ['thread.js'], { cwd: project })).stdout, 'settled\n');
});

const launcher = 'src/launcher.js';

whenInstalled('a dependency that is replaced takes effect', async (t) => {
	const copy = join(folder, 'app-with-fix');
	for (const part of ['package.json', 'src', 'dist', 'node_modules/commander'])
		await cp(join(app, part), join(copy, part), { recursive: true });
	await run(process.execPath, [launcher, '--help'], { cwd: copy });
	await appendFile(join(copy, 'node_modules/commander/index.js'), "\nconsole.log('fixed');");
	t.regex((await run(process.execPath, [launcher, '--help'], { cwd: copy })).stdout, /^fixed\nUsage: latchkey/);
});

whenInstalled('it serves with its workers, its threads, its console and its documents', async (t) => {
	const adding = run(process.execPath, [launcher, 'identity', 'add', 'ada', '--password-stdin'], { cwd: app });
	adding.child.stdin?.end(password);
	await adding;
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const how = { LATCHKEY_HTTP_PORT: `${port}`, LATCHKEY_LOG_LEVEL: 'fatal', NODE_DEBUG: 'worker' };
	const args = [launcher, 'serve', '--workers', '2'];
	const service = await serve(t, process.execPath, args, how, `${url}/health/ready`, app);
	for (const path of ['/', '/docs', '/openapi.yaml']) t.is((await fetch(url + path)).status, 200, path);
	const browser = createClient({ url });
	// A hundred changes later, the thread beside SQLite has something to do, too.
	const threads = [
		/url: file:.*\/dist\/hashing\/pool-thread\.js/,
		/url: file:.*\/dist\/store\/sqlite\/wal-flush-thread\.js/,
	];
	while (!threads.every((thread) => thread.test(service.said()))) {
		t.is((await browser.login('ada', password)).status, 200);
	}
	t.is((await browser.logout()).status, 204);
	t.is(await service.stop(), 0);
});

whenInstalled('its contract can be asked for by name', async (t) => {
	const code =
		"import { readFileSync } from 'node:fs'; process.stdout.write(readFileSync(new URL(import.meta.resolve('latchkey/openapi.yaml')), 'utf8').slice(0, 20));";
	await writeFile(join(project, 'contract.js'), code);
	const { stdout } = await run(process.execPath, ['contract.js'], { cwd: project });
	t.is(stdout, (await readFile(join(root, 'openapi.yaml'), 'utf8')).slice(0, 20));
	await writeFile(join(project, 'inner.js'), "await import('latchkey/dist/compose.js');");
	await t.throwsAsync(run(process.execPath, ['inner.js'], { cwd: project }), {
		message: /ERR_PACKAGE_PATH_NOT_EXPORTED/,
	});
});
