import type { Command } from 'commander';
import { collect, configOption, durationOf, jsonOption, yesOption } from './options.ts';

/** Below `latchkey token`. */
export function addTokenCommands(tokens: Command): void {
	const token = () => import('./token.ts');
	tokens
		.command('add <name>')
		.description('make an API token of an identity and print it, once')
		.option(
			'--permission <permission>',
			'what it opens, of what its identity holds; may be given several times',
			collect,
		)
		.option('--for <time>', 'how long it lives, 366d at the most: 90m, 12h or 30d (default: 90d)', durationOf)
		.option('--name <text>', 'what it is called in lists')
		.option('--network <cidr>', 'where it is taken from, else from everywhere; may be given several times', collect)
		.option(
			'--path <path>',
			'the resource that it opens, with all below it, else all; may be given several times',
			collect,
		)
		.option('--ends-with-password', 'it ends when the password of its identity is changed')
		.option(...configOption)
		.option(...jsonOption)
		.action(async (name, options) => (await token()).addToken(name, options));
	tokens
		.command('list')
		.description('print API tokens, newest first; the tokens themselves are kept nowhere')
		.option('--identity <name>', 'only those of one identity')
		.option(...configOption)
		.option(...jsonOption)
		.action(async (options) => (await token()).listTokens(options));
	tokens
		.command('end [id]')
		.description('end one API token, all of one identity, or all')
		.option('--identity <name>', 'all API tokens of this identity')
		.option('--all', 'all API tokens of everybody')
		.option(...yesOption)
		.option(...configOption)
		.action(async (id, options, command) => {
			if ([id, options.identity, options.all].filter((given) => given !== undefined).length !== 1) {
				command.error('error: say which token: an ID, --identity NAME for all of one identity, or --all');
			}
			await (await token()).endTokens(id, options);
		});
	tokens
		.command('certificate')
		.description("print a certificate over the key of access tokens, for a Kura's trust store")
		.option(...configOption)
		.action(async (options) => (await import('./token-certificate.ts')).printTokenCertificate(options));
}
