import { type Command, Option } from 'commander';
import { collect, configOption } from './options.ts';

const kinds = ['kura', 'kismet', 'kismet-keys', 'authelia', 'htpasswd', 'json'];

/** Below `latchkey identity`: from other systems, and back. */
export function addMovingCommands(identities: Command): void {
	identities
		.command('import <file>')
		.description('add everybody in a file of another system who is not there yet; passwords go on')
		.addOption(
			new Option('--from <kind>', 'a snapshot of Kura, kismet_httpd.conf, a users file of Authelia, …')
				.choices(kinds)
				.makeOptionMandatory(),
		)
		.option('--dry-run', 'say what would be done, and do nothing')
		.option('--group <group=permission>', 'of Authelia, else group.NAME; may be given several times', collect)
		.option(...configOption)
		.action(async (file, options) => (await import('./identity-import.ts')).importIdentities(file, options));
	identities
		.command('export')
		.description('print all as JSON, for import --from json')
		.option('--with-verifiers', 'with what is kept of passwords: who reads it can try passwords at leisure')
		.option(...configOption)
		.action(async (options) => (await import('./identity-export.ts')).exportIdentities(options));
}
