import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

/*
 * The README's commands, to the letter, in a copy of the project. Only the ports are others: a line behind `# ` is what
 * the command before it prints.
 */

const root = fileURLToPath(new URL('..', import.meta.url));

interface Block {
	readonly language: string;
	readonly lines: readonly string[];
}

function blocksOf(section: string): Block[] {
	return [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
		language,
		lines: text.trimEnd().split('\n'),
	}));
}

/** A command, over several lines where they end in a backslash, and what it is said to print. */
function stepsOf({ lines }: Block): { command: string; prints: string[] }[] {
	const steps: { command: string; prints: string[] }[] = [];
	let open = false;
	for (const line of lines) {
		const last = steps.at(-1);
		if (open && last) last.command += `\n${line}`;
		else if (line.startsWith('# ')) last?.prints.push(line.slice(2));
		else steps.push({ command: line, prints: [] });
		open = line.endsWith('\\');
	}
	return steps;
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	return typeof address === 'object' && address ? address.port : 0;
}

async function copyOfProject(t: ExecutionContext): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-readme-'));
	t.teardown(() => rm(folder, { recursive: true }));
	for (const part of ['package.json', 'src', 'openapi.yaml', 'tsconfig.json', '.ci']) {
		await cp(join(root, part), join(folder, part), { recursive: true }).catch(() => undefined);
	}
	await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
	return folder;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
	for (let left = 600; left > 0; left -= 1) {
		if (await isSo().catch(() => false)) return;
		await wait(50);
	}
	throw new Error('waited in vain');
}

test('a newcomer gets from the README to a login by password and by certificate, and to an upstream', async (t) => {
	t.timeout(120_000);
	const folder = await copyOfProject(t);
	const ports = new Map<string, number>();
	for (const port of ['8080', '8443', '9000']) ports.set(port, await freePort());
	const here = (text: string) => text.replace(/\b(8080|8443|9000)\b/g, (port) => String(ports.get(port)));
	const env = { ...process.env, LATCHKEY_HTTP_PORT: String(ports.get('8080')), NO_COLOR: '1' };

	let service: ChildProcess | undefined;
	const others: ChildProcess[] = [];
	t.teardown(() => {
		for (const child of [service, ...others]) if (child?.pid) process.kill(-child.pid, 'SIGKILL');
	});
	const start = async () => {
		if (service?.pid) {
			process.kill(service.pid, 'SIGTERM');
			await once(service, 'exit');
		}
		service = spawn('npm', ['start'], { cwd: folder, env, detached: true, stdio: 'ignore' });
		await until(async () => (await fetch(here('http://127.0.0.1:8080/health/ready'))).ok);
	};
	const run = async (command: string) => {
		const child = spawn('bash', ['-c', command], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
		let out = '';
		let err = '';
		child.stdout.on('data', (chunk) => {
			out += chunk;
		});
		child.stderr.on('data', (chunk) => {
			err += chunk;
		});
		await once(child, 'close');
		return { out: out.trim(), err };
	};

	await start();
	const readme = await readFile(join(root, 'README.md'), 'utf8');
	const sections = readme
		.split(/^## /m)
		.filter((text) => /^(The first login|Protect something|Who may sign in)/.test(text))
		// Shown in full above; here they only list and end.
		.map((text) => text.replaceAll(/^npx latchkey identity disable.*\n/gm, ''));
	t.is(sections.length, 4);
	// Variables live from one block to the next, as in a terminal.
	let variables = '';
	for (const block of sections.flatMap(blocksOf)) {
		if (block.language === 'yaml') {
			await appendFile(join(folder, 'latchkey.yaml'), `${here(block.lines.join('\n'))}\n`);
			await start();
		}
		if (block.language !== 'sh') continue;
		for (const { command, prints } of stepsOf(block)) {
			if (command.startsWith('python3 -m http.server')) {
				others.push(spawn('bash', ['-c', here(command)], { cwd: folder, detached: true, stdio: 'ignore' }));
				await until(async () => (await fetch(here('http://127.0.0.1:9000/'))).ok);
				continue;
			}
			const printed = await run(`${variables}${here(command)}`);
			const [, name] = /^(\w+)=/.exec(command) ?? [];
			if (name !== undefined) {
				const { out } = await run(`${variables}${here(command)}\nprintf '%s' "$${name}"`);
				variables += `${name}='${out}'\n`;
			}
			if (prints.length > 0) t.deepEqual(printed.out.split(/\r?\n/), prints, command);
			t.notRegex(printed.err, /error|latchkey:/i, command);
		}
	}
});
