import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

/*
 * Client generators, and checks of the package: programs of npm that only specs run, with a TypeScript of their own.
 * They stand in this folder's node_modules, so that `npm ci` of the product does not bring them.
 */

const run = promisify(execFile);
const folder = import.meta.dirname;
const modules = join(folder, 'node_modules');

/** Milliseconds: a slow network and a busy machine. */
export const installTimeoutMs = 300_000;

interface Lock {
	readonly packages: Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>;
}

async function readLock(file: string): Promise<Lock | undefined> {
	const text = await readFile(join(folder, file), 'utf8').catch(() => undefined);
	return text === undefined ? undefined : (JSON.parse(text) as Lock);
}

/** npm writes the second file last: what stands there is installed. */
async function areInstalled(): Promise<boolean> {
	const [wanted, there] = await Promise.all([
		readLock('package-lock.json'),
		readLock('node_modules/.package-lock.json'),
	]);
	if (wanted === undefined || there === undefined) return false;
	return Object.entries(wanted.packages).every(
		([path, { version, optional }]) => path === '' || optional || there.packages[path]?.version === version,
	);
}

/** Why nothing can be installed; `undefined` where a registry answers. */
export async function whyNoRegistry(): Promise<string | undefined> {
	const asked = run('npm', ['view', 'koa', 'version'], { cwd: folder, timeout: 30_000 });
	return asked.then(
		() => undefined,
		() => 'no registry of npm packages answers',
	);
}

/** Why they cannot be had; `undefined` where they are there, or can be installed. */
export async function whyNoTools(): Promise<string | undefined> {
	if (await areInstalled()) return undefined;
	const reason = await whyNoRegistry();
	return reason && `the generators are not installed (npm ci --prefix spec/clients), and ${reason}`;
}

/** Installs them from the lock file where they are not. Of several processes one does; the others wait. */
export async function installTools(): Promise<void> {
	const lock = join(folder, 'node_modules.lock');
	for (const until = Date.now() + installTimeoutMs; !(await areInstalled()); ) {
		const mine = await mkdir(lock).then(
			() => true,
			() => false,
		);
		if (mine) {
			try {
				await run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder });
			} finally {
				await rm(lock, { recursive: true });
			}
			continue;
		}
		const since = await stat(lock).then(
			({ mtimeMs }) => mtimeMs,
			() => Date.now(),
		);
		// Left behind by a process that was killed.
		if (Date.now() > until || Date.now() - since > installTimeoutMs) await rm(lock, { recursive: true, force: true });
		await wait(500);
	}
}

/** Runs one of them; rejects with what it printed. */
export async function tool(name: string, args: readonly string[], cwd: string): Promise<string> {
	const program = join(modules, '.bin', name);
	try {
		const { stdout, stderr } = await run(process.execPath, [program, ...args], {
			cwd,
			maxBuffer: 16 * 1024 * 1024,
			env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
		});
		return stdout + stderr;
	} catch (fault) {
		const { stdout = '', stderr = '' } = fault as { stdout?: string; stderr?: string };
		throw new Error(`${name} ${args.join(' ')}:\n${stdout}${stderr}`, { cause: fault });
	}
}

/** For a folder elsewhere: its `node_modules` is this one. */
export { modules as toolModules };
