// Runs every `check:…` script of package.json side by side. What one prints is shown where it fails.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
const checks = Object.keys(scripts).filter((name) => name.startsWith('check:'));

function run(name) {
	const started = performance.now();
	const child = spawn(scripts[name], { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
	let printed = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text) => {
			printed += text;
		});
	}
	return new Promise((resolve) => {
		child.on('error', (error) => resolve(console.log(`✘ ${name}: ${error.message}`)));
		child.on('close', (code) => {
			const seconds = ((performance.now() - started) / 1000).toFixed(1);
			console.log(`${code === 0 ? '✔' : '✘'} ${name} (${seconds} s)`);
			if (code !== 0) console.log(printed.trim());
			resolve(code === 0);
		});
	});
}

const results = await Promise.all(checks.map(run));
process.exitCode = results.length > 0 && results.every(Boolean) ? 0 : 1;
