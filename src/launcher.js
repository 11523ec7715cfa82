#!/usr/bin/env node
// Plain JavaScript, so that a Node that is too old still gets as far as saying so.
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 25 || (major === 24 && minor >= 15)) {
	if (process.env.npm_command !== undefined) endWithParent();
	// A checkout runs its sources, with no build step. Node strips no types below node_modules: there, the build runs.
	const source = new URL('./main.ts', import.meta.url);
	const fromSource = existsSync(source) && !source.pathname.includes('/node_modules/');
	await import(fromSource ? source.href : new URL('../dist/main.js', import.meta.url).href);
} else {
	process.stderr.write(
		`latchkey needs Node 24.15 or later (24, or 26 and up); this is ${process.version}. In a checkout, npx latchkey brings its own.\n`,
	);
	process.exitCode = 2;
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
