import test from 'ava';
import { openWorkplace, type Workplace } from '../_support/command-line.ts';

/*
 * What a command says and with which status it ends. 0: done. 1: refused or failed, one clear line on stderr. 2: wrong
 * usage.
 */

let place: Workplace;

test.before(async () => {
	place = await openWorkplace();
});

test.after.always(() => place.remove());

const commands = [
	...['', 'serve', 'identity', 'identity add', 'identity set-password', 'identity grant', 'identity revoke'],
	...['identity list', 'identity show', 'identity remove', 'identity disable', 'identity enable', 'session'],
	...['token', 'token add', 'token list', 'token end', 'token certificate'],
	...['identity rename', 'audit', 'audit tail', 'hash-password'],
	...['session list', 'session end', 'config', 'config check', 'certificates', 'certificates dev', 'health'],
];

const groups = new Set(['', 'identity', 'session', 'token', 'config', 'certificates', 'audit']);
const printing = new Set([
	...[
		'identity add',
		'identity list',
		'identity show',
		'session list',
		'token add',
		'token list',
		'audit tail',
		'config check',
		'certificates dev',
		'health',
	],
]);

test('--help everywhere, with --config for all that does something, and --json for all that prints data', async (t) => {
	for (const command of commands) {
		const { status, stdout, stderr } = await place.run([...command.split(' ').filter(Boolean), '--help']);
		t.is(status, 0, command);
		t.true(stdout.startsWith(`Usage: latchkey ${command}`.trimEnd()), command);
		t.is(stderr, '', command);
		t.is(stdout.includes('--config <file>'), !groups.has(command), command);
		t.is(stdout.includes('--json'), printing.has(command), command);
		t.notRegex(stdout, /default: \[\]/, command);
	}
});

const wrong: readonly string[] = [
	'',
	'frobnicate',
	'identity',
	'identity frobnicate',
	'identity add',
	'identity add ada --frobnicate',
	'identity add ada bob',
	'identity add ada --permission',
	'identity add ada --password-stdin --verifier-stdin',
	'identity set-password ada',
	'identity grant ada',
	'identity list all',
	'session',
	'session end',
	'session end 0123456789abcdef --identity ada',
	'identity add ci --service --password-stdin',
	'identity add ci --for soon',
	'token add',
	'token add ci --for 0d',
	'token end',
	'token end abcdefghijkl --all',
	'serve --config',
	'serve --workers 0',
	'serve --workers many',
	'certificates dev',
	'config',
];

test('wrong usage: status 2, and a word on stderr', async (t) => {
	for (const command of wrong) {
		const { status, stdout, stderr } = await place.run(command.split(' ').filter(Boolean));
		t.is(status, 2, command);
		t.is(stdout, '', command);
		t.regex(stderr, /^(error: |Usage: |latchkey: no terminal)/, command);
		t.notRegex(stderr, /\n\s+at /, command);
	}
});

const password = 'four brown bears';

const refused: readonly (readonly [command: string, line: RegExp, stdin?: string | Buffer])[] = [
	['identity show nobody', /^latchkey: there is no identity nobody$/],
	['identity set-password nobody --password-stdin', /^latchkey: there is no identity nobody$/, password],
	['session end 0123456789abcdef', /^latchkey: there is no session 0123456789abcdef$/],
	['session end xyz', /^latchkey: an ID is 8 to 64 hexadecimal digits/],
	['identity add taken', /^latchkey: taken: that name is taken/],
	['identity add TAKEN', /^latchkey: TAKEN: that name is taken, or looks like one that is$/],
	['identity add a\u0000b'.replace('\u0000', '\u0007'), /^latchkey: that cannot be a name/],
	['identity add ada --permission a..b', /^latchkey: a\.\.b: a permission is letters/],
	['identity rename nobody anybody', /^latchkey: there is no identity nobody$/],
	['identity rename taken TAKEN2 --config nowhere.yaml', /^latchkey: nowhere\.yaml: cannot be read/],
	['identity rename other taken', /^latchkey: taken: that name is taken/],
	['identity grant taken rest.assets é', /^latchkey: é: a permission is letters/],
	['identity add ada --password-stdin', /^latchkey: ada: the password must have at least 15 characters/, 'short'],
	['identity add ada --password-stdin', /^latchkey: the password is empty/, ''],
	['identity add ada --password-stdin', /^latchkey: the password is .*longer than 1024 bytes/, 'x'.repeat(1025)],
	[
		'identity add ada --password-stdin',
		/^latchkey: what stands on stdin is not UTF-8$/,
		Buffer.from('caf\xe9 and more', 'latin1'),
	],
	['identity add ada --verifier-stdin', /^latchkey: what stands on stdin is no password verifier/, 'secret password'],
	[
		'identity list --config nowhere.yaml',
		/^latchkey: nowhere\.yaml: cannot be read: ENOENT: no such file or directory$/,
	],
	['serve --config nowhere.yaml', /^latchkey: nowhere\.yaml: cannot be read: ENOENT/],
];

test('refused or failed: status 1, and one clear line on stderr', async (t) => {
	for (const name of ['taken', 'other']) await place.run(['identity', 'add', name]);
	for (const [command, line, stdin = ''] of refused) {
		const ran = await place.run(command.split(' '), { stdin });
		t.is(ran.status, 1, command);
		t.is(ran.stdout, '', command);
		t.is(ran.stderr.trimEnd().split('\n').length, 1, ran.stderr);
		t.regex(ran.stderr.trimEnd(), line, command);
	}
	t.is((await place.run(['identity', 'show', 'ada'])).status, 1, 'nobody was added');
});

test('the binary says the same, and ends with that status', async (t) => {
	for (const [command, stdin] of [
		['identity add --help', ''],
		['identity add ada --frobnicate', ''],
		['identity show nobody', ''],
		['identity add ada --password-stdin', 'short'],
	] as const) {
		const args = command.split(' ');
		t.deepEqual(await place.runBinary(args, { stdin }), await place.run(args, { stdin }), command);
	}
});
