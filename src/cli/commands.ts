import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { StoreUnavailable } from '../core/stores.ts';
import { addAuditCommands } from './audit-commands.ts';
import { addConfigCommands, addRuleCommands } from './config-commands.ts';
import { addExamples } from './examples.ts';
import { addIdentityCommands } from './identity-commands.ts';
import { collect, configOption, jsonOption, yesOption } from './options.ts';
import { Failed, Misused, NotLetThrough, print, say, styled, write } from './output.ts';
import { addShellCommands } from './shell-commands.ts';
import { addTokenCommands } from './token-commands.ts';
import { versionOfPackage } from './version.ts';

/* What a command needs is loaded when it runs: help, and being told of a typing mistake, should take no time. */
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

	addIdentityCommands(root.command('identity').description('who may log in'));

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

	addTokenCommands(root.command('token').alias('tokens').description('API tokens, for machines'));

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
		.command('reseal')
		.description('seal the secrets of apps with codes by the first of the sealing keys; then the others can go')
		.option(...configOption)
		.action(async (options) => (await import('./reseal.ts')).resealStore(options));
	stores
		.command('reopen')
		.description('serve again from a store that was moved; all its sessions end')
		.option(...yesOption)
		.option(...configOption)
		.action(async (options) => (await import('./store.ts')).reopenStore(options));

	addAuditCommands(root);
	addConfigCommands(root);
	addRuleCommands(root);

	root
		.command('hash-password')
		.description('print the verifier of a password, for identity add --verifier-stdin and import')
		.option('--password-stdin', 'read the password from stdin, where no terminal is attached')
		.option(...configOption)
		.action(async (options) => (await import('./identity.ts')).hashPassword(options));

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
	addShellCommands(root);
	addExamples(root);
	return root;
}

const mostWorkers = 256;

function workersOf(text: string): number {
	const workers = Number(text);
	if (/^\d+$/.test(text) && workers >= 1 && workers <= mostWorkers) return workers;
	throw new InvalidArgumentError(`(say a number from 1 to ${mostWorkers})`);
}
