import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/read.ts';
import { StoreUnavailable } from '../core/stores.ts';
import { makeDevCertificates } from './certificates.ts';
import * as identity from './identity.ts';
import { Failed, print, say, styled } from './output.ts';
import { serve } from './serve.ts';
import * as session from './session.ts';
import { readSettings } from './settings.ts';

/** Runs a command line. 0: done. 1: refused or failed, one clear line (or one a problem) on stderr. 2: wrong usage. */
export async function run(argv: readonly string[]): Promise<number> {
	try {
		await program().parseAsync([...argv], { from: 'user' });
		return 0;
	} catch (fault) {
		if (fault instanceof CommanderError) return fault.exitCode === 0 ? 0 : 2;
		for (const line of linesOf(fault)) say(`${styled('red', 'latchkey:')} ${line}`);
		return 1;
	}
}

function linesOf(fault: unknown): readonly string[] {
	if (fault instanceof ConfigError) return fault.lines;
	if (fault instanceof StoreUnavailable) {
		return [`${fault.message}: ${fault.cause instanceof Error ? fault.cause.message : fault.cause}`];
	}
	if (fault instanceof Failed) return [fault.message];
	const { code, message } = fault as NodeJS.ErrnoException;
	return [code === 'EADDRINUSE' ? `the address is in use: ${message.replace(/^.*EADDRINUSE: /, '')}` : message];
}

const configOption = [
	'--config <file>',
	'the configuration (default: $LATCHKEY_CONFIG, or latchkey.yaml here)',
] as const;
const jsonOption = ['--json', 'print JSON'] as const;

function program(): Command {
	const root = new Command('latchkey').description('A login and session service.');
	root.exitOverride().showHelpAfterError('(--help tells more)');

	root
		.command('serve')
		.description('run the service in the foreground, until SIGTERM or SIGINT')
		.option(...configOption)
		.action(serve);

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
		.option('--verifier-stdin', 'read a password verifier from stdin: $argon2id$…, or $kura-sha256$BASE64')
		.option('--permission <permission>', 'grant it; may be given several times', collect, [])
		.option(...jsonOption)
		.action(identity.addIdentity);
	withPassword(onIdentity('set-password', 'reset a password; its sessions end'))
		.requiredOption('--password-stdin', 'read the password from stdin')
		.action(identity.setPassword);
	identities
		.command('grant <name> <permissions...>')
		.description('give permissions')
		.option(...configOption)
		.action(identity.grant);
	identities
		.command('revoke <name> <permissions...>')
		.description('take permissions away')
		.option(...configOption)
		.action(identity.revoke);
	onIdentity('disable', 'keep it, but let it log in no more; its sessions end').action((name, options) =>
		identity.setDisabled(name, true, options),
	);
	onIdentity('enable', 'let it log in again').action((name, options) => identity.setDisabled(name, false, options));
	onIdentity('show', 'print one')
		.option(...jsonOption)
		.action(identity.showIdentity);
	onIdentity('remove', 'remove it; its sessions end').action(identity.removeIdentity);
	identities
		.command('list')
		.description('print all')
		.option(...configOption)
		.option(...jsonOption)
		.action(identity.listIdentities);

	const sessions = root.command('session').description('who is signed in');
	sessions
		.command('list')
		.description('print living sessions, newest first')
		.option('--identity <name>', 'only those of one identity')
		.option(...configOption)
		.option(...jsonOption)
		.action(session.listSessions);
	sessions
		.command('end [id]')
		.description('end one session, or all of one identity')
		.option('--identity <name>', 'all sessions of this identity')
		.option(...configOption)
		.action(session.endSessions);

	root
		.command('config')
		.description('the configuration')
		.command('check')
		.description('say whether the configuration can be used, and what is wrong with it')
		.option(...configOption)
		.action(({ config }) => print(`${readSettings(config).file ?? 'the defaults'}: ok`));

	root
		.command('certificates')
		.description('certificates to try certificate login with')
		.command('dev')
		.description('make a throwaway CA, a server certificate and client certificates')
		.requiredOption('--out <dir>', 'the folder to put them in')
		.option('--client <name>', 'a client certificate for this identity; may be given several times', collect, [])
		.action(async ({ out, client }) => {
			for (const file of await makeDevCertificates({ out, clients: client })) print(file);
		});
	return root;
}

function collect(value: string, before: readonly string[]): string[] {
	return [...before, value];
}
