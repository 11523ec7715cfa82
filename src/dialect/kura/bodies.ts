import { z } from 'zod';
import type { ApiToken, ApiTokenId } from '../../core/api-token.ts';
import type { Identity, IdentityName } from '../../core/identity.ts';
import { parseIdentityName, parsePermission } from '../../core/identity.ts';
import { longestInvitationMs, usualInvitationMs } from '../../core/invitation.ts';
import { parseApiTokenName, parseApiTokenNetwork, parseApiTokenPath } from '../../core/new-api-token.ts';
import { parsePassword } from '../../core/password.ts';
import type { HostName, Session, SessionKey, TimeLeft } from '../../core/session.ts';
import { endOfPassword } from '../../core/temporary-password.ts';
import type { NonceDigest } from '../../core/ticket.ts';

/*
 * Kura's words on the wire, and ours behind them. What comes in is typed and in its one form when it leaves here.
 */

/** A user name in its canonical form; 400 where it cannot be one. */
export const identityName = z.string().transform((text, found) => {
	const name = parseIdentityName(text);
	if (name !== undefined) return name;
	found.addIssue({ code: 'custom', message: 'cannot be a user name' });
	return z.NEVER;
});

/**
 * A password, normalised; 400 where it cannot be one, for every name alike and before any is looked up. Rule: Kura takes
 * a field of white space alone for one that is missing.
 */
export const password = z.string().transform((text, found) => {
	const parsed = parsePassword(text);
	const isBlank = text.trim() === '';
	if (parsed !== undefined && !isBlank) return parsed;
	found.addIssue({ code: 'custom', message: isBlank ? 'is missing' : 'cannot be a password' });
	return z.NEVER;
});

/** What people call an authenticator, of whatever kind. */
export const authenticatorName = parsed((text) => {
	// To put marks in order takes long where there are many.
	if (text.length > 4 * 64) return undefined;
	const name = text.normalize('NFC');
	return /^(?!\s)[^\p{C}\p{Zl}\p{Zp}]{1,64}(?<!\s)$/u.test(name) ? name : undefined;
}, 'must be 1 to 64 printable characters, no space at either end');

export const usernamePassword = z.object({ username: identityName, password });

export const passwordChangeRequest = z.object({ currentPassword: password, newPassword: password });

const nonceDigest = z
	.string()
	.regex(/^[A-Za-z0-9_-]{43}$/, 'must be what stood in the address of the sign-in page')
	.transform((text) => text as NonceDigest);

/** Ours. What the address may be, the gateway judges. `enter`: of the browser that was led to the sign-in page. */
export const continueRequest = z.object({ url: z.string(), enter: nonceDigest.optional() });

const apiTokenId = z
	.string()
	.regex(/^[a-z2-7]{12}$/, 'must be the id of a token, and not what it shows')
	.transform((text) => text as ApiTokenId);

/** Ours. What the question may be, the gateway judges. `as` and `token` absent: somebody who is not signed in. */
export const explainRequest = z.strictObject({
	method: z.string().max(32),
	url: z.string().max(8192),
	from: z.string().max(64).optional(),
	as: identityName.optional(),
	token: apiTokenId.optional(),
	websocket: z.boolean().optional(),
});

export function toCurrentIdentity({ name, passwordChangeNeeded, permissions }: Identity) {
	return { name, passwordChangeNeeded, permissions: [...permissions].sort() };
}

/*
 * What follows is ours: Kura keeps these things elsewhere.
 */

export const setupRequest = z.object({
	username: identityName.prefault('admin'),
	password,
	token: z.string().max(128).optional(),
});

export const permission = z.string().transform((text, found) => {
	const parsed = parsePermission(text);
	if (parsed !== undefined) return parsed;
	found.addIssue({ code: 'custom', message: 'is not a permission: letters, digits, _ - * and dots between them' });
	return z.NEVER;
});

const permissions = z.array(permission).max(1000);

export const newIdentity = z.object({
	name: identityName,
	/** Absent: it can log in by certificate only. */
	password: password.optional(),
	permissions: permissions.default([]),
	passwordChangeNeeded: z.boolean().default(true),
	/** Of a program: no password, no certificate, API tokens alone. */
	service: z.literal(true).optional(),
	/** Seconds until its end. Absent: it has none. */
	expiresIn: z.int().min(60).max(315_360_000).optional(),
});

export const identityChange = z.object({
	/** All that it holds from now on. */
	permissions: permissions.optional(),
	disabled: z.boolean().optional(),
	/** `true`: the next login must change the password; its sessions end. */
	passwordChangeNeeded: z.literal(true).optional(),
});

export const newName = z.object({ name: identityName });

/** So many are done within seconds, on a slow disk, too. */
const mostAtOnce = 500;

export const bulkChange = z.object({
	act: z.enum(['disable', 'enable', 'end-sessions', 'grant', 'revoke', 'remove']),
	names: z.array(identityName).min(1).max(mostAtOnce),
	/** Of `grant` and `revoke`. */
	permissions: permissions.optional(),
});

/** `for` absent: as the identity has a password or not. */
export const newInvitation = z.object({
	for: z.enum(['first-sign-in', 'new-password', 'new-factor']).optional(),
	hours: z
		.int()
		.min(1)
		.max(longestInvitationMs / 3_600_000)
		.default(usualInvitationMs / 3_600_000),
});

const invitationCode = z.string().max(128);

export const invitationQuestion = z.object({ code: invitationCode });

export const invitationAcceptance = z.object({ code: invitationCode, password });

export const passwordReset = z.object({ password, passwordChangeNeeded: z.boolean().default(true) });

export function toIdentity(identity: Identity) {
	const passwordEnd = endOfPassword(identity.passwordVerifier);
	return {
		...toCurrentIdentity(identity),
		hasPassword: identity.passwordVerifier !== undefined,
		...(passwordEnd !== undefined && { passwordExpiresAt: new Date(passwordEnd).toISOString() }),
		disabled: identity.disabled,
		...(identity.service && { service: true }),
		...(identity.expiresAt !== undefined && { expiresAt: new Date(identity.expiresAt).toISOString() }),
		createdAt: new Date(identity.createdAt).toISOString(),
		...(identity.lastSignInAt !== undefined && { lastSignInAt: new Date(identity.lastSignInAt).toISOString() }),
	};
}

/** Times in whole seconds, rounded down: who acts on them is early rather than late. Absent where there is no limit. */
export function toCurrentSession(session: Session, { name, passwordVerifier }: Identity, left: TimeLeft) {
	const { key, openedBy, host, level, methods, provedAt } = session;
	const { inactivityIntervalMs, untilInactiveMs, untilTooOldMs } = left;
	const seconds = (ms: number) => Math.floor(ms / 1000);
	return {
		id: key,
		identity: name,
		hasPassword: passwordVerifier !== undefined,
		openedBy,
		...(host !== undefined && { host }),
		level,
		methods,
		provedAt: new Date(provedAt).toISOString(),
		...(inactivityIntervalMs !== undefined && { inactivityInterval: seconds(inactivityIntervalMs) }),
		...(untilInactiveMs !== undefined && { secondsUntilInactive: seconds(untilInactiveMs) }),
		...(untilTooOldMs !== undefined && { secondsUntilTooOld: seconds(untilTooOldMs) }),
	};
}

/** `hosts`: where it was handed over to. */
export function toSession(
	session: Session,
	identity: IdentityName | undefined,
	current: SessionKey,
	hosts: readonly HostName[] = [],
) {
	const { key, dialect, state, openedBy, openedAt, lastActivityAt, address, device } = session;
	return {
		id: key,
		...(identity !== undefined && { identity }),
		dialect,
		state,
		...(session.state === 'locked' && { needs: session.needs }),
		openedBy,
		openedAt: new Date(openedAt).toISOString(),
		lastActivityAt: new Date(lastActivityAt).toISOString(),
		address,
		device,
		...(hosts.length > 0 && { hosts }),
		current: key === current,
	};
}

export function parsed(parse: (text: string) => string | undefined, not: string) {
	return z.string().transform((text, found) => {
		const value = parse(text);
		if (value !== undefined) return value;
		found.addIssue({ code: 'custom', message: not });
		return z.NEVER;
	});
}

export const apiTokenName = parsed(parseApiTokenName, 'must be 1 to 100 printable characters, no space at either end');
export const apiTokenNetwork = parsed(parseApiTokenNetwork, 'is not an address or a CIDR');
export const apiTokenPath = parsed(parseApiTokenPath, 'is not a path: /a/b, in ASCII, without escapes and dots');

export const newApiToken = z.object({
	name: apiTokenName,
	permissions: permissions.default([]),
	expiresInDays: z.int().min(1).max(366).default(90),
	networks: z.array(apiTokenNetwork).min(1).max(100).optional(),
	paths: z.array(apiTokenPath).min(1).max(100).optional(),
	/** A change of the password ends it. */
	endsWithPassword: z.boolean().default(false),
});

export type NewApiTokenRequest = z.output<typeof newApiToken>;

export function toApiToken(token: ApiToken) {
	const { id, name, permissions, networks, paths, createdAt, expiresAt, lastUsedAt, lastAddress } = token;
	const dateOf = (at: number) => new Date(at).toISOString();
	return {
		id,
		name,
		permissions,
		...(networks && { networks }),
		...(paths && { paths }),
		createdAt: dateOf(createdAt),
		expiresAt: dateOf(expiresAt),
		endsWithPassword: token.credentialStamp !== undefined,
		...(lastUsedAt !== undefined && { lastUsedAt: dateOf(lastUsedAt) }),
		...(lastAddress !== undefined && { lastAddress }),
	};
}
