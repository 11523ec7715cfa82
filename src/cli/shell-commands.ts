import { Argument, type Command } from 'commander';
import { print, write } from './output.ts';

/** `latchkey completion …` and `latchkey man`: made from the commands themselves. */
export function addShellCommands(root: Command): void {
	root
		.command('completion')
		.description('print what lets a shell complete commands and options')
		.addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
		.action(async (shell) => {
			const { completionFor } = await import('./completion.ts');
			write(completionFor(root, shell));
		});
	root
		.command('version')
		.description('print the version, as --version does')
		.action(() => print(root.version() ?? ''));
	root
		.command('man')
		.description('print the manual page: latchkey man | man -l -')
		.action(async () => print((await import('./manual.ts')).manualOf(root)));
}
