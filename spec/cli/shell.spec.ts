import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { examples } from '../../src/cli/examples.ts';
import { readConfig } from '../../src/config/read.ts';
import { identityStates } from '../../src/core/identity-query.ts';
import { openWorkplace, type Workplace } from '../_support/command-line.ts';

/* What shells, man and editors get, made from the commands and the schema. */

let place: Workplace;

test.before(async () => {
	place = await openWorkplace();
});

test.after.always(() => place.remove());

const printed = async (...args: string[]) => {
	const { status, stdout, stderr } = await place.run(args);
	if (status !== 0 || stderr !== '') throw new Error(`${status}: ${stderr}`);
	return stdout;
};

/** What each shell offers behind a line, as its own machinery says. */
const shells: Readonly<Record<string, (script: string, line: string) => string[]>> = {
	bash: (script, line) => {
		const words = line.split(' ');
		const ask = `source ${script}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _latchkey; printf '%s\\n' "\${COMPREPLY[@]}"`;
		return lines(execFileSync('bash', ['-c', ask], { encoding: 'utf8' }));
	},
	zsh: (script, line) => {
		// `_describe` is what would show them; here it prints what it was given.
		const ask = `compdef() { :; }; source ${script}; _files() { :; }; _describe() { print -rl -- "\${(@P)2}"; }; words=(\${(z)1} ''); CURRENT=$2; _latchkey`;
		const count = line.split(' ').length;
		const given = execFileSync('zsh', ['-f', '-c', ask, 'zsh', line.trimEnd(), String(count)], { encoding: 'utf8' });
		return lines(given).map((each) => each.replace(/:.*/, ''));
	},
	fish: (script, line) =>
		lines(
			execFileSync('fish', ['--no-config', '-c', `source ${script}; complete -C '${line}'`], { encoding: 'utf8' }),
		).map((each) => each.replace(/\t.*/, '')),
};

const lines = (text: string) => text.split('\n').filter(Boolean);

for (const [shell, complete] of Object.entries(shells)) {
	const isThere = existsSync(`/usr/bin/${shell}`) || existsSync(`/bin/${shell}`);
	const title = `${shell} completes commands, those below them, and their options`;
	(isThere ? test : test.skip)(isThere ? title : `${title}: it is not here`, async (t) => {
		const script = join(place.folder, `completion.${shell}`);
		await writeFile(script, await printed('completion', shell));
		const commands = complete(script, 'latchkey ');
		for (const command of ['serve', 'identity', 'audit', 'completion']) t.true(commands.includes(command), command);
		t.false(commands.includes('add'));
		t.true(complete(script, 'latchkey identity ').includes('set-password'));
		const options = complete(script, 'latchkey identity add ada --').filter((word) => word.startsWith('--'));
		for (const option of ['--permission', '--no-password', '--help']) t.true(options.includes(option), option);
		t.false(options.includes('--workers'));
		t.deepEqual(complete(script, 'latchkey identity list --state ').sort(), [...identityStates].sort());
		t.true(complete(script, 'latchkey identity list --state disabled --').includes('--sort'));
		for (const known of ['bash', 'zsh', 'fish']) t.true(complete(script, 'latchkey completion ').includes(known));
		// Files, which each shell knows itself.
		t.false(complete(script, 'latchkey serve --config ').includes('--workers'));
	});
}

test('the manual page is one that man takes without a word, and has every command', async (t) => {
	const page = await printed('man');
	const file = join(place.folder, 'latchkey.1');
	await writeFile(file, page);
	const lint = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', file], { encoding: 'utf8' });
	if (lint.error) t.log('not held against mandoc, which is not here');
	// It has no date: its version says which one it is.
	else t.regex(lint.stdout + lint.stderr, /^mandoc: \S+ WARNING: missing date, using "": TH\n$/);
	for (const command of [
		'serve',
		'identity set-password <name>',
		'audit tail [file]',
		'identity grant <name> <permissions...>',
	])
		t.true(page.includes(`.SS latchkey ${command.replaceAll('-', '\\-')}`), command);
});

test('every example of --help is one that its command takes, as far as that can be said without running it', async (t) => {
	for (const [command, given] of Object.entries(examples)) {
		const help = await printed(...command.split(' '), '--help');
		for (const line of given) {
			t.true(help.includes(line), line);
			const args = line
				.slice(line.search(new RegExp(`latchkey ${command}`)))
				.replace(/[)|&>].*/, '')
				.slice('latchkey '.length);
			t.true(args.startsWith(command), line);
			for (const option of args.match(/--[a-z-]+/g) ?? []) t.true(help.includes(option), `${line}: ${option}`);
		}
	}
	t.regex(await printed('--help'), /LATCHKEY_CONFIG[\s\S]*Exit status/);
});

test('the template of a configuration can be used as it is, and so with every # taken away', async (t) => {
	const template = await printed('config', 'template');
	// An https port needs a certificate.
	const uncommented = template.replace(/^#(?! \S)/gm, '').replace(/^https:\n(?: .*\n)+/m, '');
	const defaults = readConfig({ env: {} });
	const passwordPolicy = { ...defaults.passwordPolicy, minLengthAlone: 15 };
	for (const [name, text] of Object.entries({ template, uncommented })) {
		const file = join(place.folder, `${name}.yaml`);
		await writeFile(file, text);
		const read = readConfig({ file, env: {} });
		t.deepEqual(read, { ...defaults, passwordPolicy }, name);
	}
	t.true(Object.keys(parse(uncommented)).length > 15);
	t.true(Math.max(...template.split('\n').map((line) => line.length)) <= 120);
});
