import { existsSync } from 'node:fs';
import { basename, delimiter, dirname } from 'node:path';
import type { Core, Service } from '../app/service.ts';
import { readSecret } from '../config/secret-file.ts';
import { type IdentityName, parseIdentityName } from '../core/identity.ts';
import { type Password, parsePassword } from '../core/password.ts';
import { Failed, say, styled } from './output.ts';
import { refusalInWords } from './refusals.ts';
import type { Settings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const passwordVariable = 'LATCHKEY_ADMIN_PASSWORD';
const nameVariable = 'LATCHKEY_ADMIN_NAME';

/**
 * Makes the first administrator from LATCHKEY_ADMIN_PASSWORD and LATCHKEY_ADMIN_NAME (`admin`), or from files that
 * variables of those names with _FILE at the end name. Once the first setup is over, however it was done, they mean
 * nothing any more: a password that was changed since is not put back.
 */
export async function makeFirstAdministrator({ identities }: Core, env: Environment): Promise<void> {
	const given = firstAdministratorOf(env);
	if (given === undefined || (await identities.setupToken()) === undefined) return;
	const { name, password } = given;
	const setUp = await identities.setUp({ name, password, method: 'environment' }, {});
	const variable = env[`${passwordVariable}_FILE`] ? `${passwordVariable}_FILE` : passwordVariable;
	if (setUp.ok) say(`made the first identity, ${name}, with the password of ${variable}`);
	// Another process may have been first.
	else if (setUp.refusal.kind === 'weak-password') {
		throw new Failed(`${variable}: the password ${setUp.refusal.requirement}`);
	} else if (setUp.refusal.kind !== 'already-set-up') {
		throw new Failed(`${variable}: ${refusalInWords(setUp.refusal)}`);
	}
}

/** Throws where the environment names one who cannot be. */
export function firstAdministratorOf(env: Environment): { name: IdentityName; password: Password } | undefined {
	const text = textOf(env, passwordVariable);
	if (text === undefined) return undefined;
	const name = parseIdentityName(textOf(env, nameVariable) ?? 'admin');
	const password = parsePassword(text);
	if (name === undefined) throw new Failed(`${nameVariable}: that cannot be a name`);
	if (password === undefined) throw new Failed(`${passwordVariable}: that cannot be a password`);
	return { name, password };
}

function textOf(env: Environment, name: string): string | undefined {
	const file = env[`${name}_FILE`];
	if (file === undefined || file === '') return env[name] || undefined;
	try {
		return readSecret(file) || undefined;
	} catch (fault) {
		throw new Failed(`${name}_FILE: ${(fault as Error).message}`);
	}
}

/** Where nobody can sign in yet: every way to make the first identity, ready to be used. */
export async function greet(
	{ core, urls, consolePath }: Service,
	{ file, config: { data, portal } }: Settings,
): Promise<void> {
	const token = await core.identities.setupToken();
	for (const notice of core.notices) say(styled('yellow', notice));
	if (token === undefined) return;
	const config = file === undefined ? '' : ` --config ${asTyped(file)}`;
	const latchkey = commandOf(process);
	// A shell knows nothing of the state directory that systemd has set.
	const there = data.dir === undefined || data.dir === process.cwd() ? '' : `LATCHKEY_DATA_DIR=${asTyped(data.dir)} `;
	// A password of its own for each installation: one that stands here would be used as it is.
	const password = 'p=$(head -c 18 /dev/urandom | base64); echo "$p"; echo "$p"';
	const add = `${password} | ${there}${latchkey} identity add admin --password-stdin --permission kura.admin`;
	say(`${styled('yellow', 'There is no identity yet.')} Make the first one, an administrator, in one of these ways:`);
	say('');
	// A browser may not reach the address that stands for all of them.
	const page = urls[0]?.replace(/\/\/(0\.0\.0\.0|\[::\])(?=:)/, '//localhost');
	const [here, elsewhere, typed] = isContainer()
		? ['in a browser', 'where that port is published, or behind a proxy', 'inside this container']
		: ['in a browser on this machine', 'in a browser elsewhere', 'in another terminal, in this folder'];
	const width = Math.max(here.length, elsewhere.length, typed.length) + 3;
	if (consolePath !== undefined && portal.url !== undefined) {
		say(`  ${'in a browser'.padEnd(width)}${portal.url.replace(/\/?$/, '/')}#setup=${token}`);
	} else if (consolePath !== undefined) {
		say(`  ${here.padEnd(width)}${page}${consolePath}#setup=${token}`);
		say(
			`  ${elsewhere.padEnd(width)}the same page at its address there, with the setup token ${styled('bold', token)}`,
		);
	}
	say(`  ${typed.padEnd(width)}${add}${config}`);
	say('');
}

/** Where the address that we listen on says little of where we are reached. */
function isContainer(): boolean {
	return (
		['/.dockerenv', '/run/.containerenv'].some((file) => existsSync(file)) || 'KUBERNETES_SERVICE_HOST' in process.env
	);
}

/** What starts us is what a person may type: `npx` where that was used, `latchkey` where it stands in the path. */
function commandOf({ argv: [node = '', script = ''], env }: NodeJS.Process): string {
	if (env.npm_command !== undefined) return 'npx latchkey';
	if (basename(script) !== 'latchkey') return `${asTyped(node)} ${asTyped(script)}`;
	return (env.PATH ?? '').split(delimiter).includes(dirname(script)) ? 'latchkey' : asTyped(script);
}

/** As a shell takes it for one word. */
function asTyped(word: string): string {
	return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
