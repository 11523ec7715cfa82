import type { Command } from 'commander';
import { examples } from './examples.ts';

/** The manual page, section 1, in the macros of man(7). */
export function manualOf(root: Command): string {
	return [
		`.TH LATCHKEY 1 "" "latchkey ${root.version()}" "User Commands"`,
		'.SH NAME',
		'latchkey \\- a login and session service',
		'.SH SYNOPSIS',
		'.B latchkey',
		'.I command',
		'[options]',
		'.SH DESCRIPTION',
		'People sign in with a password, a passkey or a client certificate, machines show tokens, and reach what stands behind.',
		'Commands work on the stores of the service, whether it runs or not.',
		'.SH COMMANDS',
		...root.commands.flatMap((command) => entriesOf(command, root.name())),
		'.SH EXIT STATUS',
		'.TP',
		'0',
		'Done.',
		'.TP',
		'1',
		'Refused or failed; a line on standard error says why.',
		'.TP',
		'2',
		'Wrong usage.',
		'.SH ENVIRONMENT',
		'.TP',
		'.B LATCHKEY_CONFIG',
		'The configuration file, where \\-\\-config does not name one.',
		'.TP',
		'.BI LATCHKEY_ SETTING',
		'A setting: http.port is LATCHKEY_HTTP_PORT. With _FILE behind it, a file that holds the value.',
		'.TP',
		'.B LATCHKEY_DATA_DIR',
		'The folder from where relative paths of stores count.',
		'.TP',
		'.B NO_COLOR',
		'No colours.',
		'.SH FILES',
		'.TP',
		'.I latchkey.yaml',
		'The configuration, in the working folder.',
		'.TP',
		'.I data/latchkey.db',
		'Identities and sessions, where the configuration names no other store.',
	].join('\n');
}

function entriesOf(command: Command, above: string): string[] {
	const path = `${above} ${command.name()}`;
	if (command.commands.length > 0) return command.commands.flatMap((each) => entriesOf(each, path));
	const given = command.registeredArguments.map((each) => {
		const name = each.name() + (each.variadic ? '...' : '');
		return each.required ? `<${name}>` : `[${name}]`;
	});
	return [
		`.SS ${escaped([path, ...given].join(' '))}`,
		sentence(command.description()),
		...command.options.flatMap(({ flags, description }) => ['.TP', `.B ${escaped(flags)}`, sentence(description)]),
		...exampleOf(path.split(' ').slice(1).join(' ')),
	];
}

function exampleOf(path: string): string[] {
	const lines = examples[path];
	return lines === undefined ? [] : ['.PP', '.EX', ...lines.map(escaped), '.EE'];
}

function sentence(text: string): string {
	return escaped(`${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
}

/** Nothing of it is a request or an escape of roff, and a minus is one. */
function escaped(text: string): string {
	return text
		.replaceAll('\\', '\\e')
		.replaceAll('-', '\\-')
		.replaceAll('…', '...')
		.replaceAll('×', 'x')
		.replace(/^[.']/, '\\&$&');
}
