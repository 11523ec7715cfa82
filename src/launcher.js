#!/usr/bin/env node
// Plain JavaScript, so that a Node that is too old still gets as far as saying so.
import { existsSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url)).slice(0, -1);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 25 || (major === 24 && minor >= 15)) {
	if (process.env.npm_command !== undefined) endWithParent();
	keepCompiled();
	// A checkout runs its sources, with no build step. Node strips no types below node_modules: there, the build runs.
	const fromSource = existsSync(`${root}/src/main.ts`) && !root.includes('/node_modules/');
	await import(new URL(fromSource ? './main.ts' : '../dist/main.js', import.meta.url).href);
} else {
	process.stderr.write(
		`latchkey needs Node 24.15 or later (24, or 26 and up); this is ${process.version}. In a checkout, npx latchkey brings its own.\n`,
	);
	process.exitCode = 2;
}

/**
 * Lets Node keep what it compiled for the next start, in a folder of this user's own: what stands in Node's default, below
 * the system's temporary folder, may be another user's, and it is code. Where nothing can be written, nothing is kept.
 */
function keepCompiled() {
	const { NODE_COMPILE_CACHE, CACHE_DIRECTORY, XDG_CACHE_HOME, HOME } = process.env;
	if (NODE_COMPILE_CACHE !== undefined) return; // Node itself has heeded it.
	const caches = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
	// The first: of systemd's `CacheDirectory=`.
	const folders = CACHE_DIRECTORY ? [CACHE_DIRECTORY] : caches ? [caches, `${caches}/latchkey`] : [];
	const folder = folders.at(-1);
	// One by one: below /proc, Node would try for ever to make a folder with those above it.
	if (folder !== undefined && folders.every(isMade)) module.enableCompileCache(folder);
}

function isMade(folder) {
	try {
		mkdirSync(folder, { mode: 0o700 });
	} catch (fault) {
		if (fault.code !== 'EEXIST') return false;
	}
	return true;
}

/** npx and npm pass SIGTERM to a shell, which dies of it and leaves us running, unseen, on our port: follow it. */
function endWithParent() {
	const parent = process.ppid;
	const watch = setInterval(() => {
		if (process.ppid === parent) return;
		clearInterval(watch);
		process.kill(process.pid, 'SIGTERM');
	}, 200).unref();
}
