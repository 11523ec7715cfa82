import { type Command, InvalidArgumentError, Option } from 'commander';
import { configOption, jsonOption, linesOf, momentOf } from './options.ts';

/** Commands that look at the audit, and change nothing. */
export function addAuditCommands(root: Command): void {
	const about = root.command('audit').description('who did what');
	about
		.command('list')
		.description('print the newest events of the last weeks, from the stores; while the service runs, or not')
		.option('--limit <n>', 'how many', linesOf, 50)
		.option('--from <time>', 'only from that day or moment on', momentOf)
		.option('--to <time>', 'only from before that day or moment', momentOf)
		.option('--identity <name>', 'only those about one identity, or by it')
		.option('--act <act>', 'only one kind, as login or session-end')
		.addOption(new Option('--outcome <outcome>', 'only what was granted, or refused').choices(['ok', 'refused']))
		.option('--address <address>', 'only from there; with * behind it, from addresses that begin so')
		.option(...configOption)
		.option(...jsonOption)
		.action(async (options) => (await import('./audit-list.ts')).listAudit(options));
	about
		.command('tail [file]')
		.description('print the last events of log.auditFile for people, and those that come; - reads lines from stdin')
		.option('--lines <n>', 'how many of the last ones', countOf, 20)
		.option('--follow', 'go on with what is written from now on, also after the file was rotated')
		.option('--identity <name>', 'only those about one identity, or by it')
		.option('--act <act>', 'only one kind, as login or session-end')
		.option(...configOption)
		.option(...jsonOption)
		.action(async (file, options) => (await import('./audit.ts')).tailAudit(file, options));
}

function countOf(text: string): number {
	if (/^\d{1,6}$/.test(text)) return Number(text);
	throw new InvalidArgumentError('(say a number)');
}
