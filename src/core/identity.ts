import type { Brand } from './brand.ts';
import type { Instant } from './clock.ts';

/** A UUID. Stays when the name changes; a name removed and added anew gets another one. */
export type IdentityId = Brand<string, 'IdentityId'>;

/** The string an identity logs in with, in its one canonical form (`parseIdentityName`). */
export type IdentityName = Brand<string, 'IdentityName'>;

/** A named right, as `rest.assets`; compared letter for letter. */
export type Permission = Brand<string, 'Permission'>;

/** What we keep of a password: a PHC string (`$argon2id$…`), or a verifier that was imported. Never logged. */
export type PasswordVerifier = Brand<string, 'PasswordVerifier'>;

/** A random mark of an identity's present credentials (`core/credential-stamp.ts`). */
export type CredentialStamp = Brand<string, 'CredentialStamp'>;

/** Someone, or something, that can log in. Holds no clear password, ever. */
export interface Identity {
	readonly id: IdentityId;
	readonly name: IdentityName;
	readonly permissions: ReadonlySet<Permission>;
	/** Absent: this identity logs in by certificate only. */
	readonly passwordVerifier?: PasswordVerifier;
	/** The next password login opens a locked session. */
	readonly passwordChangeNeeded: boolean;
	/** Fresh and random at every credential change, and when it is disabled or enabled: sessions that carry another stamp are over. */
	readonly credentialStamp: CredentialStamp;
	/** A disabled identity cannot log in, and its sessions are over. */
	readonly disabled: boolean;
	/** True: of a program that shows API tokens. It has no password and logs in by nothing. Absent: false. */
	readonly service?: true;
	/** From this moment on it cannot log in, and its sessions and tokens open nothing. Absent: it has no end. */
	readonly expiresAt?: Instant;
	readonly createdAt: Instant;
	/** When a session of it was opened last, as the store heard of it; one that is kept in memory may be older. Absent: never. */
	readonly lastSignInAt?: Instant;
}

/** Holds every right there is, and may administer identities and sessions. Rule: Kura's `kura.admin`. */
export const adminPermission = 'kura.admin' as Permission;

export function mayUse(identity: Identity, permission: Permission): boolean {
	return identity.permissions.has(permission) || identity.permissions.has(adminPermission);
}

/** Whether it exists for sessions, tokens and logins: not disabled, and before its end. */
export function isActive({ disabled, expiresAt }: Identity, now: Instant): boolean {
	return !disabled && (expiresAt === undefined || now < expiresAt);
}

const maxNameCodePoints = 256;
const maxNameBytes = 1024;
/**
 * Controls, direction-changing characters, private use, lone surrogates, line and paragraph separators, and whatever
 * shows as nothing (fillers, the blank Braille pattern): `admin` with one of them behind it would look like `admin`.
 */
const unprintable =
	/[\u2800\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;

/**
 * The canonical form (NFC) of a name, or `undefined` where it can be no name: empty, longer than 256 code points
 * or 1024 bytes, with a character that does not print, or with a space at either end.
 */
export function parseIdentityName(text: string): IdentityName | undefined {
	if (text.length > maxNameBytes || Buffer.byteLength(text) > maxNameBytes) return undefined;
	const name = text.normalize('NFC');
	if (name === '' || [...name].length > maxNameCodePoints || Buffer.byteLength(name) > maxNameBytes) return undefined;
	if (unprintable.test(name) || name !== name.trim()) return undefined;
	return name as IdentityName;
}

/** Alphabets that share the shapes of letters. Source: Unicode Technical Standard 39, section 5.2. */
const similarScripts = ['Latin', 'Greek', 'Cyrillic', 'Armenian', 'Cherokee', 'Coptic', 'Lisu'].map(
	(script) => new RegExp(`\\p{Script=${script}}`, 'u'),
);

/**
 * Why a new identity may not bear a name, in words that follow "The name"; `undefined` where it may. Those that exist
 * keep theirs.
 */
export function reasonAgainst(name: IdentityName): string | undefined {
	// URLs fold them: `/identities/..` is another path.
	if (name === '.' || name === '..') return 'cannot stand in a URL';
	// The audit calls the command line so.
	if (foldName(name) === 'operator') return 'is reserved';
	if (similarScripts.filter((script) => script.test(name)).length > 1)
		return 'mixes letters of alphabets that look alike';
	return undefined;
}

/** Greek and Cyrillic letters that look like Latin ones, small or capital, and those Latin ones. */
const lookAlikes = new Map(
	['αa', 'βb', 'εe', 'ζz', 'ηh', 'ιi', 'κk', 'μm', 'νv', 'οo', 'ρp', 'τt', 'υu', 'χx', 'ϳj']
		.concat(['аa', 'вb', 'еe', 'зz', 'іi', 'јj', 'кk', 'мm', 'нh', 'оo', 'рp', 'сc', 'тt', 'уy', 'хx', 'ѕs'])
		.concat(['ѵv', 'һh', 'ԁd', 'ԛq', 'ԝw', 'ӏl'])
		.map(([letter = '', latin = '']) => [letter, latin]),
);

/**
 * Names that fold to the same text look alike: only one of them may exist. Names are still compared with case. Also of a
 * part of a name.
 */
export function foldName(name: string): string {
	// Down, up and down again: `ẞ` becomes `ß` only on the first way down, and `ss` only on the way up.
	const folded = name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
	return folded
		.replace(/[\p{Script=Greek}\p{Script=Cyrillic}]/gu, (letter) => lookAlikes.get(letter) ?? letter)
		.normalize('NFKC');
}

/** A dotted word of letters, digits, `_`, `-` and `*`, 128 characters at most; or `undefined`. */
export function parsePermission(text: string): Permission | undefined {
	return /^[A-Za-z0-9_*-]+(\.[A-Za-z0-9_*-]+)*$/.test(text) && text.length <= 128 ? (text as Permission) : undefined;
}
