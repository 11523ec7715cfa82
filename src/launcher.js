#!/usr/bin/env node
// Plain JavaScript, so that a Node that is too old still gets as far as saying so.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url)).slice(0, -1);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 25 || (major === 24 && minor >= 15)) {
	if (process.env.npm_command !== undefined) endWithParent();
	// A checkout runs its sources, with no build step. Node strips no types below node_modules: there, the build runs.
	const fromSource = existsSync(`${root}/src/main.ts`) && !root.includes('/node_modules/');
	const built = () => (isBundleOfInstalled() ? '../dist/bundle/main.js' : '../dist/main.js');
	await import(new URL(fromSource ? './main.ts' : built(), import.meta.url).href);
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

/**
 * The bundle starts in much less time, but holds copies of other packages (`.ci/bundle.config.mjs`). Who replaces one of
 * those, by a version with a fix, must get it: so each must be installed as it was bundled, where Node would look for it.
 */
function isBundleOfInstalled() {
	/** By the folder of a package. */
	const versions = new Map();

	function hasAsBundled(folder, id, bundled) {
		return Object.entries(bundled[id]).every(([name, version]) => {
			const found = find(name, folder);
			if (versions.has(found)) return versions.get(found) === version;
			versions.set(found, version);
			if (read(`${found}/package.json`).version !== version) return false;
			return hasAsBundled(realpathSync.native(found), `${name}@${version}`, bundled);
		});
	}

	try {
		return hasAsBundled(root, '', read(`${root}/dist/bundle/packages.json`));
	} catch {
		return false;
	}
}

/** As Node does: in the nearest `node_modules`. (Of plain strings: `node:path` takes as long as all the rest.) */
function find(name, folder) {
	for (let at = folder; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
		const found = `${at}/node_modules/${name}`;
		if (!at.endsWith('/node_modules') && existsSync(found)) return found;
	}
	throw new Error(`${name} is not installed`);
}

function read(file) {
	return JSON.parse(readFileSync(file, 'utf8'));
}
