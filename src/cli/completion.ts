import type { Command } from 'commander';

type Shell = 'bash' | 'zsh' | 'fish';

/** A command, as `latchkey identity add`, or an option that takes a value, with what may stand behind it. */
interface Place {
	readonly path: string;
	readonly words: readonly { readonly word: string; readonly about: string }[];
}

/** A script for that shell. What it completes is written into it: to press Tab starts no Node.js. */
export function completionFor(root: Command, shell: Shell): string {
	return { bash, zsh, fish }[shell](placesOf(root, root.name()));
}

function placesOf(command: Command, path: string): Place[] {
	const below = command.commands;
	const asWords = (values: readonly string[] = [], about = '') => values.map((word) => ({ word, about }));
	const words = [
		...below.map((each) => ({ word: each.name(), about: each.description() })),
		...command.registeredArguments.flatMap(({ argChoices, description }) => asWords(argChoices, description)),
		...command.options.map(({ long, description }) => ({ word: long ?? '', about: description })),
		{ word: '--help', about: 'display help for command' },
	];
	// Behind an option that takes a value stand its values; where it has no list of them, the shell completes files.
	const options = command.options
		.filter(({ required }) => required)
		.map(({ long, argChoices }) => ({ path: `${path} ${long}`, words: asWords(argChoices) }));
	return [{ path, words }, ...options, ...below.flatMap((each) => placesOf(each, `${path} ${each.name()}`))];
}

/**
 * Follows the words of the line down the tree of commands; what is none of them (names, values) changes nothing. An option that
 * takes a value is a place for the next word only.
 */
function descent(places: readonly Place[]): string {
	const paths = places.slice(1).map(({ path }) => quoted(path));
	return paths.join(' | ');
}

function bash(places: readonly Place[]): string {
	const cases = places.map(
		({ path, words }) => `\t${quoted(path)}) words=${quoted(words.map(({ word }) => word).join(' '))} ;;`,
	);
	return `_latchkey() {
	local place=latchkey words= word
	for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case "\${place%% --*} $word" in
		${descent(places)}) place="\${place%% --*} $word" ;;
		*) place="\${place%% --*}" ;;
		esac
	done
	case "$place" in
${cases.join('\n')}
	esac
	COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _latchkey latchkey
`;
}

function zsh(places: readonly Place[]): string {
	const cases = places.map(
		({ path, words }) =>
			`\t${quoted(path)}) words_here=(${words.map(({ word, about }) => quoted(`${word.replaceAll(':', '\\:')}:${about}`)).join(' ')}) ;;`,
	);
	return `#compdef latchkey
_latchkey() {
	local place=latchkey word
	local -a words_here
	for word in "\${(@)words[2,CURRENT-1]}"; do
		case "\${place%% --*} $word" in
		${descent(places)}) place="\${place%% --*} $word" ;;
		*) place="\${place%% --*}" ;;
		esac
	done
	case "$place" in
${cases.join('\n')}
	esac
	_describe latchkey words_here || _files
}
if [ "$funcstack[1]" = _latchkey ]; then _latchkey "$@"; else compdef _latchkey latchkey; fi
`;
}

function fish(places: readonly Place[]): string {
	const cases = places.map(
		({ path, words }) =>
			`\t\tcase ${quoted(path)}\n\t\t\tprintf '%s\\t%s\\n' ${words.map(({ word, about }) => `${fishQuoted(word)} ${fishQuoted(about)}`).join(' ')}`,
	);
	return `function __latchkey_words
	set -l place latchkey
	for word in (commandline -opc)[2..]
		set place (string replace -r ' --.*' '' -- $place)
		switch "$place $word"
		case ${places
			.slice(1)
			.map(({ path }) => fishQuoted(path))
			.join(' ')}
			set place "$place $word"
		end
	end
	switch "$place"
${cases.join('\n')}
	end
end
complete -c latchkey -n 'count (__latchkey_words) >/dev/null' -f -a '(__latchkey_words)'
`;
}

function quoted(text: string): string {
	return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** In fish, a backslash counts between single quotes. */
function fishQuoted(text: string): string {
	return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
