import type { Core } from '../app/service.ts';
import type { Config } from '../config/schema.ts';
import { decodeText } from '../config/secret-file.ts';
import type { Identity, IdentityName, PasswordVerifier, Permission } from '../core/identity.ts';
import { parseIdentityName, parsePermission } from '../core/identity.ts';
import { type Password, parsePassword } from '../core/password.ts';
import type { Outcome } from '../core/refusal.ts';
import { show } from './identity-rows.ts';
import { Failed, Misused, print, say } from './output.ts';
import { askNewPassword, confirm, isAtTerminal } from './prompt.ts';
import { refusalInWords } from './refusals.ts';
import { readSettings, withCore } from './settings.ts';

/** What the audit names as the actor of everything that is done here. */
const told = { actor: 'operator' } as const;

export interface Common {
	readonly config?: string;
	readonly json?: boolean;
}

export interface PasswordOptions {
	readonly passwordStdin?: boolean;
	readonly mustChangePassword?: boolean;
	/** Commander's `--no-policy`. */
	readonly policy: boolean;
}

export interface AddOptions extends Common, PasswordOptions {
	readonly permission?: readonly string[];
	readonly verifierStdin?: boolean;
	/** Commander's `--no-password`. */
	readonly password: boolean;
	readonly service?: true;
	/** Milliseconds until its end. */
	readonly for?: number;
}

export interface TakeOptions extends Common {
	/** Also from the last administrator. */
	readonly yes?: boolean;
}

const mayBeLast = ({ yes }: TakeOptions) => (yes ? 'may-be-last' : undefined);

export async function addIdentity(given: string, options: AddOptions): Promise<void> {
	const name = nameOf(given);
	const permissions = (options.permission ?? []).map(permissionOf);
	const verifier = options.verifierStdin ? await readStdin() : undefined;
	const password = await passwordOfNew(name, options);
	await withCore(options.config, async ({ identities, isUsableVerifier }) => {
		const identity = done(
			await identities.add(
				{
					name,
					permissions,
					...(password !== undefined && { password }),
					...(verifier !== undefined && { passwordVerifier: verifierOf(verifier, isUsableVerifier) }),
					passwordChangeNeeded: options.mustChangePassword ?? false,
					policy: options.policy,
					...(options.service && { service: true }),
					...(options.for !== undefined && { expiresInMs: options.for }),
				},
				told,
			),
			name,
		);
		show(identity, options);
	});
}

export async function setPassword(given: string, options: Common & PasswordOptions): Promise<void> {
	const name = nameOf(given);
	const password = await givenPassword(`New password of ${name}`, options);
	await withIdentity(name, options, async ({ identities }, { id }) => {
		const how = { passwordChangeNeeded: options.mustChangePassword ?? false, policy: options.policy };
		done(await identities.setPassword(id, password, how, told), name);
		say(`password of ${name} set; its sessions have ended`);
	});
}

/** It logs in by another name from now on. */
export async function renameIdentity(given: string, to: string, options: Common): Promise<void> {
	const next = nameOf(to);
	await withIdentity(nameOf(given), options, async ({ identities }, { id, name }) => {
		done(await identities.rename(id, next, told), next);
		say(`${name} is ${next} from now on; its sessions have ended`);
	});
}

export async function hashPassword(options: Common & Pick<PasswordOptions, 'passwordStdin'>): Promise<void> {
	const { config } = readSettings(options.config);
	const password = await givenPassword('Password', { ...options, policy: false });
	print(await (await import('../app/hash-password.ts')).hashPassword(config, password));
}

export async function grant(given: string, permissions: readonly string[], options: Common): Promise<void> {
	const wanted = permissions.map(permissionOf);
	await withIdentity(nameOf(given), options, async ({ identities }, { id, name, credentialStamp }) => {
		done(await identities.grant(id, wanted, told), name);
		const isOver = (await identities.find(id))?.credentialStamp !== credentialStamp;
		const ended = isOver ? '; that needs a second factor: its sessions have ended' : '';
		say(`${name} now holds ${wanted.join(', ')}${ended}`);
	});
}

export async function revoke(given: string, permissions: readonly string[], options: TakeOptions): Promise<void> {
	const wanted = permissions.map(permissionOf);
	await withIdentity(nameOf(given), options, async ({ identities }, { id, name }) => {
		done(await identities.revoke(id, wanted, told, mayBeLast(options)), name);
		say(`${name} no longer holds ${wanted.join(', ')}`);
	});
}

export async function setDisabled(given: string, disabled: boolean, options: TakeOptions): Promise<void> {
	await withIdentity(nameOf(given), options, async ({ identities }, { id, name }) => {
		done(await identities.setDisabled(id, disabled, told, mayBeLast(options)), name);
		say(disabled ? `${name} is disabled; its sessions have ended` : `${name} is enabled`);
	});
}

export async function removeIdentity(given: string, options: TakeOptions): Promise<void> {
	if (!options.yes) await confirm(`Remove ${nameOf(given)}, with all that belongs to it?`);
	await withIdentity(nameOf(given), options, async ({ identities }, { id, name }) => {
		done(await identities.remove(id, told, mayBeLast(options)), name);
		say(`${name} removed; its sessions have ended`);
	});
}

export async function showIdentity(given: string, options: Common): Promise<void> {
	await withIdentity(nameOf(given), options, async (_, identity) => show(identity, options));
}

/** Runs on an identity that exists; else one line, and status 1. */
export async function withIdentity<T>(
	name: IdentityName,
	options: Common,
	act: (core: Core, identity: Identity, config: Config) => Promise<T>,
): Promise<T> {
	return withCore(options.config, async (core, config) => {
		const identity = await core.identities.findByName(name);
		if (identity === undefined) throw new Failed(`there is no identity ${name}`);
		return act(core, identity, config);
	});
}

export function nameOf(given: string): IdentityName {
	const name = parseIdentityName(given);
	if (name === undefined) {
		throw new Failed('that cannot be a name: 1 to 256 printable characters without a space at either end');
	}
	return name;
}

export function permissionOf(given: string): Permission {
	const permission = parsePermission(given);
	if (permission === undefined)
		throw new Failed(`${given}: a permission is letters, digits, _ - * and dots between them`);
	return permission;
}

function passwordOf(text: string): Password {
	const password = parsePassword(text);
	if (password === undefined) throw new Failed('the password is empty, or longer than 1024 bytes');
	return password;
}

/** From stdin, or typed at the terminal, where nobody sees it. */
async function givenPassword(question: string, { passwordStdin }: PasswordOptions): Promise<Password> {
	if (isAtTerminal()) return passwordOf(await askNewPassword(question));
	if (!passwordStdin) throw new Misused('no terminal is attached: --password-stdin reads the password from stdin');
	return passwordOf(await readStdin());
}

/** `undefined`: it is to have none. */
async function passwordOfNew(name: IdentityName, options: AddOptions): Promise<Password | undefined> {
	if (options.passwordStdin) return givenPassword(`Password of ${name}`, options);
	if (options.verifierStdin || options.service || !options.password || !isAtTerminal()) return undefined;
	const password = await askNewPassword(`Password of ${name} (empty: it logs in by certificate only)`);
	return password === '' ? undefined : passwordOf(password);
}

/** Forms and ceilings as in `hashing/verifier.ts`. */
const verifiersTaken =
	'argon2id (at most 1048576 KiB, 10 passes, 16 lanes of at least 8 KiB), bcrypt (cost 4 to 14), scrypt (N × r × p at most 1048576, 256 MiB), pbkdf2-sha256 and -sha512 (at most 1000000), $5$ and $6$ (1000 to 700000 rounds), or $kura-sha256$BASE64 of 32 bytes';

/** A password that somebody typed here by mistake must not be kept as it is. */
function verifierOf(text = '', isUsable: Core['isUsableVerifier']): PasswordVerifier {
	if (!/^\$[a-z0-9-]+\$\S+$/.test(text))
		throw new Failed('what stands on stdin is no password verifier: $argon2id$…, $2b$…, $6$… or the like');
	const verifier = text as PasswordVerifier;
	if (isUsable(verifier)) return verifier;
	throw new Failed(`no password can fit the verifier on stdin: ${verifiersTaken}`);
}

/** All of stdin but the line break at its end. */
async function readStdin(): Promise<string> {
	if (process.stdin.isTTY) say('reading from stdin; end with Ctrl-D');
	const chunks: Buffer[] = [];
	for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
	return decodeText(Buffer.concat(chunks), 'what stands on stdin').replace(/\r?\n$/, '');
}

function done<T>(outcome: Outcome<T>, name: IdentityName): T {
	if (outcome.ok) return outcome.value;
	throw new Failed(`${name}: ${refusalInWords(outcome.refusal)}`);
}
