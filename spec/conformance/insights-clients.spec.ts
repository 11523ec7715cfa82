import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { type DialectService, startDialects, treasure } from '../_support/dialects.ts';
import { hasProgram } from '../_support/server.ts';

/*
 * The clients that 1010data's page "Logging In" shows, as they stand there: only the host, the scheme and the
 * credentials are ours.
 */

/** One that a shell leaves as it is, as the page's lines have it unquoted. */
const password = 'four-brown-bears';
const clients = join(import.meta.dirname, 'clients');
const run = promisify(execFile);
/** One after the other: they share the one session that an identity has. */
const whereThereIs = (name: string, isThere: boolean, title: string, work: (t: ExecutionContext) => Promise<void>) =>
	isThere ? test.serial(title, work) : test.skip(`${title}: ${name} is not on this machine`, work);

let service: DialectService;
let folder: string;

test.before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'latchkey-clients-'));
	service = await startDialects();
	await service.add('csmith', password, { permissions: ['rest.treasure'] });
});

test.after.always(async () => {
	await service?.close();
	rmSync(folder, { recursive: true });
});

const ours = (text: string) => text.replaceAll('https://www2.1010data.com', service.url).replaceAll('XXX', password);
const lines = readFileSync(join(clients, 'login.sh'), 'utf8').trim().split('\n');

for (const [at, line] of lines.entries()) {
	whereThereIs(
		'curl',
		hasProgram('curl'),
		`the page's curl line ${at + 1} logs in, and its cookie file opens what is protected`,
		async (t) => {
			const cwd = mkdtempSync(join(folder, 'curl-'));
			const { stdout } = await run('sh', ['-c', ours(line)], { cwd });
			const { uid, sid, epw } = JSON.parse(stdout);
			t.is(uid, 'csmith');
			t.regex(sid, /^[1-9]\d*$/);
			t.regex(epw, /^_______[\w-]+$/);
			t.true(readFileSync(join(cwd, 'cookie.txt'), 'utf8').includes(`\tsession\t${uid}|${sid}|${epw}\n`));
			const opened = await run('curl', ['-s', '-b', 'cookie.txt', service.url + treasure], { cwd });
			t.is(opened.stdout, 'the treasure');
			const over = ['-s', '-b', 'cookie.txt', '-F', 'cookies=@cookie.txt', `${service.url}/beta-latest/api/!logout`];
			t.deepEqual(JSON.parse((await run('curl', over, { cwd })).stdout), { rc: '0', msg: 'Logged out' });
			t.not((await run('curl', ['-s', '-b', 'cookie.txt', service.url + treasure], { cwd })).stdout, 'the treasure');
		},
	);
}

/** Debian's python3-requests belongs to its own python3, whichever comes first on the path. */
const python = ['/usr/bin/python3', 'python3'].find((name) => spawnSync(name, ['-c', 'import requests']).status === 0);

whereThereIs(
	'python3 with requests',
	python !== undefined,
	'the page’s Python program runs to its end, and its cookie opens what is protected',
	async (t) => {
		const program = join(folder, 'login.py');
		writeFileSync(program, ours(readFileSync(join(clients, 'login.py'), 'utf8')));
		const child = spawn(python ?? '', [join(clients, 'terminal.py'), python ?? '', program], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		let shown = '';
		const answers = new Map([
			['Username: ', 'csmith\n'],
			['Password: ', `${password}\n`],
		]);
		child.stdout.setEncoding('utf8').on('data', (text) => {
			shown += text;
			for (const [question, answer] of answers) {
				if (!shown.includes(question)) continue;
				answers.delete(question);
				child.stdin.write(answer);
			}
		});
		const [status] = await once(child, 'close');
		t.is(status, 0, shown);
		const [, session = ''] =
			/sessionID secured\.\s+session cookie=:\{'session': '(csmith\|\d+\|_______[\w-]+)'\}/.exec(shown) ?? [];
		const reply = await service.caller().get(treasure, { Cookie: `session=${session}` });
		t.deepEqual([reply.status, reply.body], [200, 'the treasure']);
	},
);
