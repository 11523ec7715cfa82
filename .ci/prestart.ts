/*
 * Before `npm start` in a checkout: the console, which browsers cannot run as it is written, is built where it is missing
 * or older than its sources. It takes about a second. The package brings it along.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const built = join(root, 'dist/console');
const sources = join(root, 'src/console');
const config = join(root, '.ci/vite.config.mjs');
const vite = join(root, 'node_modules/vite/bin/vite.js');

/** Resolves to whether the console is there. Without it everything else still works. */
export async function ensureConsole(): Promise<boolean> {
	if (isFresh() || !existsSync(vite)) return existsSync(built);
	// In a folder of its own, put in place at once: others may be serving, or building, at the same time.
	const fresh = join(root, `dist/.console-${process.pid}`);
	const old = `${fresh}-old`;
	try {
		const child = spawn(process.execPath, [vite, 'build', '-c', config, '--outDir', fresh, '-l', 'error'], {
			stdio: ['ignore', 'ignore', 'inherit'],
		});
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

function isFresh(): boolean {
	const index = join(built, 'index.html');
	if (!existsSync(index)) return false;
	const builtAt = statSync(index).mtimeMs;
	const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).map((file) => join(sources, file));
	return [...files, config].every((file) => statSync(file).mtimeMs <= builtAt);
}

if (import.meta.main) await ensureConsole();
