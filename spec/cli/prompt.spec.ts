import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { cleanEnvironment, openWorkplace, type Workplace } from '../_support/command-line.ts';

/* What is asked at a terminal: a real one, of the kernel's, made by `script` (util-linux). */

const launcher = join(import.meta.dirname, '../../src/launcher.js');

interface Conversation {
	readonly status: number | null;
	/** All that the terminal showed. */
	readonly shown: string;
}

/** Runs a command at a terminal, and types an answer whenever what it asks is shown. */
async function converse(
	place: Workplace,
	args: readonly string[],
	answers: readonly (readonly [asked: RegExp, typed: string])[],
): Promise<Conversation> {
	const command = [process.execPath, launcher, ...args].map((word) => `'${word}'`).join(' ');
	const child = spawn('script', ['-qec', command, '/dev/null'], {
		cwd: place.folder,
		env: cleanEnvironment({ TERM: 'xterm', NO_COLOR: '1' }),
		stdio: ['pipe', 'pipe', 'pipe'],
	});
	let shown = '';
	let from = 0;
	const waiting = [...answers];
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		shown += text;
		const [next] = waiting;
		const at = next?.[0].exec(shown.slice(from));
		if (!next || !at) return;
		from += at.index + at[0].length;
		waiting.shift();
		child.stdin.write(next[1]);
	});
	const [status] = (await once(child, 'close')) as [number | null];
	return { status, shown };
}

const password = 'four brown bears and a fox';

test('a password is asked for twice, and shown nowhere', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const added = await converse(
		place,
		['identity', 'add', 'ada'],
		[
			[/Password of ada.*: /, `${password}\r`],
			[/Again: /, `${password}\r`],
		],
	);
	t.is(added.status, 0, added.shown);
	t.false(added.shown.includes('brown'), added.shown);
	t.regex(added.shown, /ada +set/);
	const differing = await converse(
		place,
		['identity', 'set-password', 'ada'],
		[
			[/New password of ada: /, 'one of them, long enough\r'],
			[/Again: /, 'another, long enough too\r'],
		],
	);
	t.is(differing.status, 1);
	t.regex(differing.shown, /latchkey: the two passwords differ/);
	const empty = await converse(place, ['identity', 'add', 'robot'], [[/Password of robot.*: /, '\r']]);
	t.is(empty.status, 0, empty.shown);
	t.regex(empty.shown, /robot +none/);
	const none = await converse(place, ['identity', 'add', 'other', '--no-password'], []);
	t.regex(none.shown, /other +none/);
});

test('Ctrl-C at the question ends the command, and nothing is done', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const { status, shown } = await converse(place, ['identity', 'add', 'ada'], [[/Password of ada.*: /, 'half\u0003']]);
	t.is(status, 130, shown);
	t.is((await place.run(['identity', 'list', '--json'])).stdout, '[]\n');
});

test('what loses something asks first, and a no leaves all as it was; a program is not asked', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	for (const name of ['ada', 'bob']) await place.run(['identity', 'add', name]);
	const no = await converse(place, ['identity', 'remove', 'ada'], [[/Remove ada.*\[y\/N\] /, 'n\r']]);
	t.is(no.status, 1, no.shown);
	t.regex(no.shown, /latchkey: nothing was done/);
	const names = async () =>
		JSON.parse((await place.run(['identity', 'list', '--json'])).stdout).map(({ name }: { name: string }) => name);
	t.deepEqual(await names(), ['ada', 'bob']);
	const yes = await converse(place, ['identity', 'remove', 'ada'], [[/Remove ada.*\[y\/N\] /, 'y\r']]);
	t.regex(yes.shown, /ada removed/);
	t.is((await place.run(['identity', 'remove', 'bob'])).status, 0);
	t.deepEqual(await names(), []);
});

test('without a terminal a password comes from stdin, and set-password says so', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	await place.run(['identity', 'add', 'ada']);
	const { status, stderr } = await place.run(['identity', 'set-password', 'ada'], { stdin: password });
	t.is(status, 2);
	t.regex(stderr, /no terminal is attached: --password-stdin reads the password from stdin/);
	const hashed = await place.run(['hash-password', '--password-stdin'], { stdin: password });
	t.regex(hashed.stdout, /^\$argon2id\$/);
	const added = await place.run(['identity', 'add', 'eve', '--verifier-stdin'], { stdin: hashed.stdout });
	t.is(added.status, 0, added.stderr);
});

test('an import shows how far it is, at a terminal and nowhere else', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const verifier = '$2b$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
	const lines = Array.from({ length: 2000 }, (_, index) => `person-${index}:${verifier}\n`);
	await writeFile(join(place.folder, 'htpasswd'), lines.join(''));
	const importing = ['identity', 'import', '--from', 'htpasswd', 'htpasswd'];
	const told = / 500 of 2000 identities.* 2000 of 2000 identities/s;
	t.notRegex((await place.run([...importing, '--dry-run'])).stderr, / of 2000 identities/);
	const { status, shown } = await converse(place, importing, []);
	t.is(status, 0, shown.slice(-500));
	t.regex(shown, told);
});
