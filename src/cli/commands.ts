import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { StoreUnavailable } from '../core/stores.ts';
import { addConfigCommands, addRuleCommands } from './config-commands.ts';
import { addMovingCommands } from './moving-commands.ts';
import { collect, configOption, durationOf, hoursOf, jsonOption, yesOption } from './options.ts';
import { Failed, Misused, NotLetThrough, print, say, styled, write } from './output.ts';
import { addTokenCommands } from './token-commands.ts';
import { versionOfPackage } from './version.ts';

/* What a command needs is loaded when it runs: help, and being told of a typing mistake, should take no time. */
const identity = () => import('./identity.ts');
const session = () => import('./session.ts');

/** Runs a command line. 0: done. 1: refused or failed, one clear line (or one a problem) on stderr. 2: wrong usage. */
export async function run(argv: readonly string[]): Promise<number> {
	try {
		await program().parseAsync([...argv], { from: 'user' });
		return 0;
	} catch (fault) {
		if (fault instanceof CommanderError) return fault.exitCode === 0 ? 0 : 2;
		if (fault instanceof NotLetThrough) return 1;
		for (const line of await linesOf(fault)) say(`${styled('red', 'latchkey:')} ${line}`);
		return fault instanceof Misused ? 2 : 1;
	}
}

async function linesOf(fault: unknown): Promise<readonly string[]> {
	const { ConfigError } = await import('../config/read.ts');
	if (fault instanceof ConfigError) return fault.lines;
	if (fault instanceof StoreUnavailable) {
		return [`${fault.message}: ${fault.cause instanceof Error ? fault.cause.message : fault.cause}`];
	}
	if (fault instanceof Failed || fault instanceof Misused) return [fault.message];
	const { code, message } = fault as NodeJS.ErrnoException;
	return [code === 'EADDRINUSE' ? `the address is in use: ${message.replace(/^.* /, '')}` : message];
}

const lastOption = ['--yes', 'also where nobody could administer any more'] as const;

function program(): Command {
	const root = new Command('latchkey').description('A login and session service.');
	root.exitOverride().showHelpAfterError('(--help tells more)').configureOutput({ writeOut: write });
	root.version(versionOfPackage(), '--version', 'print the version');

	root
		.command('serve')
		.description('run the service in the foreground, until SIGTERM or SIGINT')
		.option('--workers <n>', 'share the work among n processes on this machine', workersOf, 1)
		.option(...configOption)
		.action(async (options) => (await import('./serve.ts')).serve(options));

	root
		.command('health')
		.description('ask the running service whether it lives; status 0: it does')
		.option('--ready', 'ask whether it may be sent requests: its stores answer, and it is not stopping')
		.option(...configOption)
		.option(...jsonOption)
		.action(async (options) => (await import('./health.ts')).checkHealth(options));

	const identities = root.command('identity').description('who may log in');
	const onIdentity = (name: string, what: string) =>
		identities
			.command(`${name} <name>`)
			.description(what)
			.option(...configOption);
	const withPassword = (command: Command) =>
		command
			.option('--must-change-password', 'the next login must change it first')
			.option('--no-policy', 'set a password that the policy refuses');
	withPassword(onIdentity('add', 'create an identity; without a password it can log in by certificate only'))
		.option('--password-stdin', 'read its password from stdin')
		.addOption(
			new Option(
				'--verifier-stdin',
				'read a password verifier from stdin: $argon2id$…, $2b$…, $scrypt$…, $pbkdf2-…$…, $5$…, $6$…, or $kura-sha256$BASE64',
			).conflicts('passwordStdin'),
		)
		.addOption(
			new Option(
				'--service',
				'of a program: it has no password, no certificate logs it in, and it shows API tokens',
			).conflicts(['passwordStdin', 'verifierStdin', 'mustChangePassword']),
		)
		.option('--for <time>', 'its time is over then, and nothing of it opens anything: 90m, 12h or 30d', durationOf)
		.option('--permission <permission>', 'grant it; may be given several times', collect)
		.option(...jsonOption)
		.action(async (name, options) => (await identity()).addIdentity(name, options));
	withPassword(onIdentity('set-password', 'reset a password; its sessions end'))
		.requiredOption('--password-stdin', 'read the password from stdin')
		.action(async (name, options) => (await identity()).setPassword(name, options));
	onIdentity('invite', 'print a link, good once, with which somebody sets their own password')
		.option('--hours <n>', 'how long it is good, 168 at the most (default: 24)', hoursOf)
		.addOption(
			new Option('--for <purpose>', 'what its page says (default: by whether there is a password)').choices([
				'first-sign-in',
				'new-password',
			]),
		)
		.option('--qr', 'draw it, too, for a camera')
		.option(...jsonOption)
		.action(async (name, options) => (await import('./invitation.ts')).invite(name, options));
	identities
		.command('grant <name> <permissions...>')
		.description('give permissions')
		.option(...configOption)
		.action(async (name, permissions, options) => (await identity()).grant(name, permissions, options));
	identities
		.command('revoke <name> <permissions...>')
		.description('take permissions away')
		.option(...lastOption)
		.option(...configOption)
		.action(async (name, permissions, options) => (await identity()).revoke(name, permissions, options));
	onIdentity('disable', 'keep it, but let it log in no more; its sessions end')
		.option(...lastOption)
		.action(async (name, options) => (await identity()).setDisabled(name, true, options));
	onIdentity('enable', 'let it log in again').action(async (name, options) =>
		(await identity()).setDisabled(name, false, options),
	);
	onIdentity('show', 'print one')
		.option(...jsonOption)
		.action(async (name, options) => (await identity()).showIdentity(name, options));
	onIdentity('remove', 'remove it; its sessions end')
		.option(...lastOption)
		.action(async (name, options) => (await identity()).removeIdentity(name, options));
	identities
		.command('list')
		.description('print all')
		.option(...configOption)
		.option(...jsonOption)
		.action(async (options) => (await identity()).listIdentities(options));

	addMovingCommands(identities);

	const sessions = root.command('session').description('who is signed in');
	sessions
		.command('list')
		.description('print living sessions, newest first')
		.option('--identity <name>', 'only those of one identity')
		.option(...configOption)
		.option(...jsonOption)
		.action(async (options) => (await session()).listSessions(options));
	sessions
		.command('end [id]')
		.description('end one session, all of one identity, or all')
		.option('--identity <name>', 'all sessions of this identity')
		.option('--all', 'all sessions of everybody')
		.option(...yesOption)
		.option(...configOption)
		.action(async (id, options, command) => {
			if ([id, options.identity, options.all].filter((given) => given !== undefined).length !== 1) {
				command.error('error: say which session: an ID, --identity NAME for all of one identity, or --all');
			}
			await (await session()).endSessions(id, options);
		});

	addTokenCommands(root.command('token').description('API tokens, for machines'));

	const stores = root.command('store').description('where identities and sessions are kept');
	stores
		.command('backup <file>')
		.description(
			'copy the identities, and no session, to a file that nobody else may read; while the service runs, or not',
		)
		.option(...configOption)
		.action(async (file, options) => (await import('./backup.ts')).backupStore(file, options));
	stores
		.command('restore <file>')
		.description('put the identities of a backup in place of the present ones; all sessions end')
		.option(...yesOption)
		.option(...configOption)
		.action(async (file, options) => (await import('./backup.ts')).restoreStore(file, options));
	stores
		.command('move')
		.description('copy identities and living sessions to another store; run it again where it was interrupted')
		.requiredOption(
			'--from <address>',
			'sqlite:FILE, postgres://… and redis://…; may be given twice; env:NAME or file:FILE keep passwords out of the list of processes',
			collect,
		)
		.option('--to <address>', 'the same (default: the configured stores)', collect)
		.option('--again', 'also where a move to there has ended: what was ended or removed since comes back')
		.option(...configOption)
		.action(async (options) => (await import('./store.ts')).moveStore(options));
	stores
		.command('reopen')
		.description('serve again from a store that was moved; all its sessions end')
		.option(...yesOption)
		.option(...configOption)
		.action(async (options) => (await import('./store.ts')).reopenStore(options));

	addConfigCommands(root);
	addRuleCommands(root);

	root
		.command('certificates')
		.description('certificates to try certificate login with')
		.command('dev')
		.description('make a throwaway CA, a server certificate and client certificates')
		.requiredOption('--out <dir>', 'the folder to put them in')
		.option('--client <name>', 'a client certificate for this identity; may be given several times', collect)
		.option(...jsonOption)
		.option(...configOption)
		.action(async ({ out, client, json }) => {
			const { devPassphrase, makeDevCertificates } = await import('./certificates.ts');
			const files = await makeDevCertificates({ out, clients: client ?? [] });
			print(json ? JSON.stringify(files) : files.join('\n'));
			if (client !== undefined) say(`browsers import the .p12; its passphrase is ${devPassphrase}`);
		});
	return root;
}

const mostWorkers = 256;

function workersOf(text: string): number {
	const workers = Number(text);
	if (/^\d+$/.test(text) && workers >= 1 && workers <= mostWorkers) return workers;
	throw new InvalidArgumentError(`(say a number from 1 to ${mostWorkers})`);
}
