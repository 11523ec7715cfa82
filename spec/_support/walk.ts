import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './server.ts';

/*
 * A page of the documentation, walked as a reader does: commands go into a terminal, files are written, and the service
 * is started anew where its configuration changed. Only the ports are others.
 */

export interface Block {
	readonly language: string;
	readonly lines: readonly string[];
	/** Why it is not run: a comment in front of it says so. */
	readonly notRun?: string;
}

/** The fenced blocks of a page, in the order in which they stand. */
export function blocksOf(page: string): Block[] {
	const found = page.matchAll(/^(?:<!-- not run: (.*?) -->\n+)?```(\w*)\n([\s\S]*?)^```$/gm);
	return [...found].map(([, notRun, language = '', text = '']) => ({
		language,
		lines: text.trimEnd().split('\n'),
		...(notRun !== undefined && { notRun }),
	}));
}

export interface Step {
	readonly command: string;
	readonly prints: readonly string[];
}

/** Commands, over several lines where one is open, and what each is said to print: the lines behind `# `. */
export function stepsOf({ lines }: Block): Step[] {
	const steps: { command: string; prints: string[] }[] = [];
	let open = false;
	let ending: string | undefined;
	for (const line of lines) {
		const last = steps.at(-1);
		if ((open || ending !== undefined) && last) last.command += `\n${line}`;
		else if (line.startsWith('# ')) last?.prints.push(line.slice(2));
		else if (line.trim() !== '') steps.push({ command: line, prints: [] });
		if (line === ending) ending = undefined;
		ending ??= /<<'?(\w+)'?/.exec(line)?.[1];
		open = line.endsWith('\\');
	}
	return steps;
}

/** The file that a block is: its first line is a comment with the name, and nothing else. */
export function fileOf({ language, lines }: Block): string | undefined {
	if (language === 'sh') return undefined;
	return /^(?:#|\/\/) ([\w./-]+\.\w+)$/.exec(lines[0] ?? '')?.[1];
}

/** Whether a command printed what the page says; `…` stands for anything, and alone for any lines. */
export function isAsShown(printed: string, shown: readonly string[]): boolean {
	const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
	const anything = (line: string) => (line === '…' ? '[^]+' : line.trimEnd().split('…').map(literally).join('.*'));
	const pattern = shown.map(anything);
	const lines = printed.split(/\r?\n/).map((line) => line.trimEnd());
	return new RegExp(`^${pattern.join('\n')}$`).test(lines.join('\n').trim());
}

export interface Ran {
	/** As it stands in the terminal: stdout and stderr. */
	readonly out: string;
	readonly status: number;
}

export interface Terminal {
	run(command: string): Promise<Ran>;
	close(): void;
}

/** One shell, in which variables, functions and background jobs live on. */
export function openTerminal(folder: string, env: NodeJS.ProcessEnv): Terminal {
	const shell = spawn('bash', ['--norc'], { cwd: folder, env, detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
	let heard = '';
	let told = () => {};
	shell.stdout.setEncoding('utf8').on('data', (text) => {
		heard += text;
		told();
	});
	shell.once('close', () => told());
	let count = 0;
	return {
		async run(command) {
			count += 1;
			const mark = `--walked ${count}:`;
			heard = '';
			shell.stdin.write(`{ ${command}\n} 2>&1 </dev/null\nprintf '\\n%s%d\\n' '${mark}' $?\n`);
			for (;;) {
				const [, out = '', status] = new RegExp(`^([\\s\\S]*)\\n${mark}(\\d+)\\n`).exec(heard) ?? [];
				if (status !== undefined) return { out: out.trim(), status: Number(status) };
				if (shell.exitCode !== null) throw new Error(`the shell has ended at: ${command}`);
				await new Promise<void>((resolve) => {
					told = resolve;
				});
			}
		},
		close: () => void endGroup(shell),
	};
}

function endGroup({ pid }: ChildProcess): void {
	try {
		if (pid !== undefined) process.kill(-pid, 'SIGKILL');
	} catch {
		// It has ended already.
	}
}

export interface Place {
	readonly folder: string;
	/** Of the one who types commands. The service is told its port besides. */
	readonly env: NodeJS.ProcessEnv;
	/** The text with the ports that are free here. */
	here(text: string): string;
	/** Starts the service, or starts it anew; resolves when it is ready. */
	start(): Promise<void>;
	/** What it has printed for the operator since. */
	said(): string;
	close(): void;
}

/** A folder, the ports that are free in place of those of the pages, and the service that is started there. */
export async function openPlace(folder: string, ports: readonly string[]): Promise<Place> {
	const free = new Map<string, string>();
	for (const port of ports) free.set(port, String(await freePort()));
	const here = (text: string) => text.replace(new RegExp(`\\b(${ports.join('|')})\\b`, 'g'), (port) => free.get(port)!);
	const env = { ...process.env, NO_COLOR: '1' };
	const ofService = { ...env, LATCHKEY_HTTP_PORT: here('8080') };
	let service: ChildProcess | undefined;
	let said = '';
	return {
		folder,
		env,
		here,
		async start() {
			if (service?.pid !== undefined && service.exitCode === null) {
				const ended = once(service, 'exit');
				process.kill(service.pid, 'SIGTERM');
				await ended;
			}
			const child = spawn('npm', ['start'], {
				cwd: folder,
				env: ofService,
				detached: true,
				stdio: ['ignore', 'ignore', 'pipe'],
			});
			service = child;
			said = '';
			child.stderr.setEncoding('utf8').on('data', (text) => {
				said += text;
			});
			await until(async () => {
				if (child.exitCode !== null) throw new Error(`npm start: ${said}`);
				return (await fetch(here('http://127.0.0.1:8080/health/ready')).catch(() => undefined))?.ok ?? false;
			});
		},
		said: () => said,
		close: () => service && endGroup(service),
	};
}

/** Writes what a block says is a file. */
export async function writeBlock(place: Place, name: string, { lines }: Block): Promise<void> {
	const file = join(place.folder, name);
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, `${place.here(lines.join('\n'))}\n`);
}

export async function until(isSo: () => Promise<boolean>): Promise<void> {
	for (let left = 1200; left > 0; left -= 1) {
		if (await isSo()) return;
		await wait(50);
	}
	throw new Error('waited in vain');
}
