import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createClient } from '../_support/client.ts';
import { openWorkplace, serve } from '../_support/command-line.ts';
import { soon } from '../store/soon.ts';

/* The unit of docs/operations.md, and what the service says to systemd. */

const unit = join(import.meta.dirname, '../examples/latchkey.service');
const isThere = spawnSync('systemd-analyze', ['--version']).status === 0;
const withSystemd = (title: string, run: (t: ExecutionContext) => Promise<void>) =>
	isThere ? test(title, run) : test.skip(`${title}: there is no systemd-analyze here`, run);

/** Prints each datagram that comes to a socket. */
const listener = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('listening', flush=True)
while True: print(s.recv(4096).decode(), flush=True)`;

test('the unit is the one of the documentation', async (t) => {
	const text = await readFile(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
	t.true(text.includes(`\`\`\`ini\n${await readFile(unit, 'utf8')}\`\`\``));
});

withSystemd('systemd says that it is ready once the service listens, and that it stops', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const socket = join(place.folder, 'notify');
	const heard = spawn('python3', ['-c', listener, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
	const gone = once(heard, 'close');
	t.teardown(async () => {
		heard.kill();
		await gone;
	});
	let said = '';
	heard.stdout.setEncoding('utf8').on('data', (text) => {
		said += text;
	});
	t.true(await soon(async () => said.includes('listening')));
	for (const args of [[], ['--workers', '2']]) {
		said = '';
		const server = await serve(place.folder, { env: { NOTIFY_SOCKET: socket }, args });
		t.true(await soon(async () => /^READY=1$/m.test(said)), said);
		t.notRegex(said, /STOPPING/);
		await server.stop();
		t.true(await soon(async () => /^STOPPING=1$/m.test(said)), said);
	}
});

withSystemd(
	'the unit is sound, leaves little open, and lets through what the service asks of the kernel',
	async (t) => {
		const place = await openWorkplace();
		t.teardown(place.remove);
		const copy = join(place.folder, 'latchkey.service');
		await writeFile(
			copy,
			readFileSync(unit, 'utf8')
				.replace('/usr/local/bin/latchkey', '/bin/true')
				.replace(/^Documentation.*\n/m, ''),
		);
		const { status, stderr } = spawnSync('systemd-analyze', ['verify', copy], { encoding: 'utf8' });
		t.is(status, 0, stderr);
		const judged = execFileSync('systemd-analyze', ['security', '--offline=true', copy], { encoding: 'utf8' });
		const [, exposure] = /exposure level for \S+: ([\d.]+)/.exec(judged) ?? [];
		t.true(Number(exposure) <= 2, exposure);

		const allowed = new Set(callsOf('@system-service'));
		for (const call of callsOf('@privileged')) allowed.delete(call);
		// Of SQLite, as root only.
		if (process.getuid?.() === 0) allowed.add('fchown');
		const trace = join(place.folder, 'trace');
		await place.run(['identity', 'add', 'ada', '--password-stdin'], { stdin: 'four brown bears' });
		const server = await serve(place.folder);
		const strace = spawn('strace', ['-f', '-qq', '-e', 'signal=none', '-o', trace, '-p', String(server.pid)], {
			stdio: 'ignore',
		});
		const traced = once(strace, 'close');
		const browser = createClient(server);
		t.true(
			await soon(
				async () =>
					readFileSync(trace, { encoding: 'utf8', flag: 'a+' }) !== '' ||
					(await browser.get('/health/live')).status !== 200,
			),
		);
		t.is((await browser.login('ada', 'four brown bears')).status, 200);
		await browser.logout();
		await server.stop();
		await traced;
		const asked = new Set(
			[...(await readFile(trace, 'utf8')).matchAll(/^\d+ +([a-z0-9_]+)\(/gm)].map(([, call]) => call),
		);
		t.true(asked.size > 10);
		t.deepEqual(
			[...asked].filter((call) => call !== undefined && !allowed.has(call)),
			[],
		);
	},
);

/** The system calls of a set, those of the sets in it among them. */
function callsOf(set: string): string[] {
	const listed = execFileSync('systemd-analyze', ['syscall-filter', set], { encoding: 'utf8' });
	const names = listed
		.split('\n')
		.slice(1)
		.map((line) => line.trim())
		.filter((line) => line !== '' && !line.startsWith('#'));
	return names.flatMap((name) => (name.startsWith('@') ? callsOf(name) : [name]));
}
