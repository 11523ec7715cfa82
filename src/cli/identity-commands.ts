import { type Command, Option } from 'commander';
import { identityOrders, identityStates } from '../core/identity-query.ts';
import { addMovingCommands } from './moving-commands.ts';
import { collect, configOption, durationOf, hoursOf, jsonOption, linesOf } from './options.ts';

const identity = () => import('./identity.ts');

const lastOption = ['--yes', 'do not ask, and also where nobody could administer any more'] as const;

/** `latchkey identity …` */
export function addIdentityCommands(identities: Command): void {
	const onIdentity = (name: string, what: string) =>
		identities
			.command(`${name} <name>`)
			.description(what)
			.option(...configOption);
	const withPassword = (command: Command) =>
		command
			.option('--must-change-password', 'the next login must change it first')
			.option('--no-policy', 'set a password that the policy refuses');
	withPassword(
		onIdentity(
			'add',
			'create an identity; its password is asked for at a terminal; without one it logs in by certificate only',
		),
	)
		.option('--password-stdin', 'read its password from stdin')
		.addOption(new Option('--no-password', 'it gets none, and nobody is asked').conflicts('passwordStdin'))
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
		.option('--password-stdin', 'read the password from stdin, where no terminal is attached')
		.action(async (name, options) => (await identity()).setPassword(name, options));
	onIdentity('invite', 'print a link, good once, with which somebody sets their own password')
		.option('--hours <n>', 'how long it is good, 168 at the most (default: 24)', hoursOf)
		.addOption(
			new Option('--for <purpose>', 'what it is for (default: a password, its first or a new one)').choices([
				'first-sign-in',
				'new-password',
				'new-factor',
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
	identities
		.command('rename <name> <new>')
		.description('give it another name; its sessions end')
		.option(...configOption)
		.action(async (name, to, options) => (await identity()).renameIdentity(name, to, options));
	onIdentity('disable', 'keep it, but let it log in no more; its sessions end')
		.option(...lastOption)
		.action(async (name, options) => (await identity()).setDisabled(name, true, options));
	onIdentity('enable', 'let it log in again').action(async (name, options) =>
		(await identity()).setDisabled(name, false, options),
	);
	onIdentity('factors', 'print the second factors of an identity, or take them all away')
		.option('--reset', 'remove them and its recovery codes: it has lost them all; its sessions end')
		.option(...jsonOption)
		.action(async (name, options) => (await import('./identity-factors.ts')).showFactors(name, options));
	onIdentity('history', 'print what was done with its login, newest first: sign-ins, factors, passwords, tokens')
		.option('--limit <n>', 'how many lines, 1000 at the most (default: 50)', linesOf)
		.option(...jsonOption)
		.action(async (name, options) => (await import('./identity-history.ts')).showHistory(name, options));
	onIdentity('show', 'print one')
		.option(...jsonOption)
		.action(async (name, options) => (await identity()).showIdentity(name, options));
	onIdentity('remove', 'remove it; its sessions end')
		.option(...lastOption)
		.action(async (name, options) => (await identity()).removeIdentity(name, options));
	identities
		.command('list')
		.description('print all, or those that are looked for')
		.option('--search <text>', 'with this in the name, in capitals or not')
		.option('--permission <permission>', 'that hold it')
		.addOption(new Option('--state <state>', 'that are like this').choices(identityStates))
		.addOption(new Option('--sort <by>', 'in this order (default: name)').choices(identityOrders))
		.option(...configOption)
		.option(...jsonOption)
		.action(async (options) => (await import('./identity-list.ts')).listIdentities(options));

	addMovingCommands(identities);
}
