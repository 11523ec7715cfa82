/*
 * Before `npm start` and `npm test` in a checkout: what browsers are served is built where it is missing or older than its
 * sources. It takes about a second. The package brings it along.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const vite = join(root, 'node_modules/vite/bin/vite.js');
const viteConfig = join(root, '.ci/vite.config.mjs');
const docs = join(root, 'src/api-docs/build.ts');

interface Part {
	/** Below `dist`. */
	readonly name: string;
	readonly sources: readonly string[];
	readonly command: (folder: string) => readonly string[];
}

const consolePage: Part = {
	name: 'console',
	sources: ['src/console', 'src/client', '.ci/vite.config.mjs'],
	command: (folder) => [vite, 'build', '-c', viteConfig, '--outDir', folder, '-l', 'error'],
};
const apiDocs: Part = {
	name: 'docs',
	sources: ['src/api-docs', 'src/http/response/html.ts', 'openapi.yaml'],
	command: (folder) => [docs, folder],
};

/** These resolve to whether it is there. Without it everything else still works. */
export const ensureConsole = () => ensure(consolePage);
export const ensureApiDocs = () => ensure(apiDocs);

async function ensure(part: Part): Promise<boolean> {
	const built = join(root, 'dist', part.name);
	// In a folder of its own, put in place at once: others may be serving, or building, at the same time.
	const fresh = join(root, `dist/.${part.name}-${process.pid}`);
	const command = part.command(fresh);
	if (isFresh(built, part) || !existsSync(command[0] ?? '')) return existsSync(built);
	const old = `${fresh}-old`;
	try {
		const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'inherit'] });
		const [status] = await once(child, 'exit');
		if (status !== 0) return existsSync(built);
		if (existsSync(built)) renameSync(built, old);
		renameSync(fresh, built);
	} catch {
		// Another process was quicker, and built the same.
	} finally {
		for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
	}
	return existsSync(built);
}

function isFresh(built: string, { sources }: Part): boolean {
	const index = join(built, 'index.html');
	if (!existsSync(index)) return false;
	const builtAt = statSync(index).mtimeMs;
	return sources.flatMap(filesBelow).every((file) => statSync(file).mtimeMs <= builtAt);
}

function filesBelow(path: string): string[] {
	const at = join(root, path);
	if (!statSync(at).isDirectory()) return [at];
	return readdirSync(at, { recursive: true, encoding: 'utf8' }).map((file) => join(at, file));
}

if (import.meta.main) await Promise.all([ensureConsole(), ensureApiDocs()]);
