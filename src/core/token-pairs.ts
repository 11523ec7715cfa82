import { type AccessTokenText, claimsToBeAccessToken, newAccessToken, type SigningKey } from './access-token.ts';
import type { Audit, AuditEvent } from './audit.ts';
import type { Clock, Instant } from './clock.ts';
import { isSameStamp } from './credential-stamp.ts';
import type { Identity, IdentityId, IdentityName } from './identity.ts';
import { isActive } from './identity.ts';
import type { Activity } from './last-activity.ts';
import {
	looksLikeRefreshToken,
	newRefreshToken,
	parseRefreshToken,
	type RefreshTokenStore,
	type RefreshTokenText,
	type TokenFamily,
} from './refresh-token.ts';
import type { Outcome, Refusal } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { Origin } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { Access } from './requirements.ts';
import type { Sessions } from './sessions.ts';
import type { IdentityStore } from './stores.ts';
import { createVerifiedTokens } from './verified-tokens.ts';
import type { WrongTokens } from './wrong-tokens.ts';

/** An access token, and what the next pair is asked for with. Shown once. */
export interface TokenPair {
	readonly accessToken: AccessTokenText;
	/** Milliseconds, both. */
	readonly accessTokenMs: number;
	readonly refreshToken: RefreshTokenText;
	readonly refreshTokenMs: number;
}

/** An access token that was judged: whose it is, as it is now. */
export interface AuthenticatedAccessToken {
	readonly identity: Identity;
	/** Whether its time is not over yet: for what it let in before. */
	isStillTrusted(): boolean;
}

/** The verbs of access and refresh tokens. Rule: Kura's Token JWT V1; what differs says so. */
export interface TokenPairs {
	/**
	 * For an access that was just let in, by a session or by a credential that came along. Refusals: `password-change-needed`;
	 * `name-unfit` where no Kura takes the name; `credentials-changed` where what let in has ended meanwhile.
	 */
	issue(access: Access, origin: Origin): Promise<Outcome<TokenPair>>;
	/**
	 * Uses a refresh token up, for a new pair. Refusals: `token-malformed` (no store is asked); `token-invalid` (unknown, used,
	 * of a session that is over, of other credentials, of an identity that is removed, disabled or over), `too-many-attempts` in
	 * its place; `token-expired`; `password-change-needed`, which uses nothing up. Ours: a used one ends its family, since somebody has a
	 * copy. Source: RFC 9700, 4.14.2.
	 */
	refresh(text: string, origin: Origin): Promise<Outcome<TokenPair>>;
	/**
	 * Judges an access token for one request: the hot path. Refusals: `token-invalid`, `too-many-attempts` in its place, and
	 * `token-expired`. Rejects with `StoreUnavailable`.
	 */
	check(text: string, origin: Origin): Promise<Outcome<AuthenticatedAccessToken>>;
	/** Whether a text says that it is one of ours, right or wrong: nobody else is to see it. */
	isOurs(text: string): boolean;
	/** Ends all refresh tokens of an identity. Returns how many families there were. */
	endOf(id: IdentityId): Promise<number>;
	/** Forgets what has expired. Housekeeping. */
	sweep(): Promise<number>;
}

export interface TokenPairParts {
	readonly families: RefreshTokenStore;
	readonly identities: Pick<IdentityStore, 'find'>;
	readonly sessions: Pick<Sessions, 'find' | 'ownerOf'>;
	readonly activity: Pick<Activity, 'record'>;
	readonly wrongTokens: WrongTokens;
	/** Rejects with `StoreUnavailable` where it is in a store that is away. */
	signingKey(): Promise<SigningKey>;
	/** Whether a name can stand in a token. */
	isSubject(name: IdentityName): boolean;
	readonly issuer: string;
	/** Milliseconds. Config: `dialects.kuraTokens`. */
	readonly accessTokenMs: number;
	readonly refreshTokenMs: number;
	/** Of a family, from its issue; 0 is no limit. Config: `session.absoluteLifetime`. */
	readonly lifetimeMs: number;
	readonly clock: Clock;
	readonly audit: Audit;
}

/** Families of one identity: more are of nobody, and the oldest go. */
const familiesLimit = 100;

export function createTokenPairs(parts: TokenPairParts): TokenPairs {
	const { families, identities, sessions, activity, wrongTokens, signingKey, isSubject, clock, audit } = parts;
	const { issuer, accessTokenMs, refreshTokenMs, lifetimeMs } = parts;

	const verified = createVerifiedTokens(issuer);

	function deny(event: Omit<AuditEvent, 'outcome'>, refusal: Refusal, reason: AuditEvent['reason'] = refusal.kind) {
		audit.write({ ...event, outcome: 'refused', ...(reason && { reason }) });
		return refuse(refusal);
	}

	/** One that opens nothing for anybody: counted, and told apart for nobody but the audit. */
	async function denyWrong(event: Omit<AuditEvent, 'outcome'>, origin: Origin, reason?: AuditEvent['reason']) {
		const counted = await wrongTokens.count(origin.address);
		return deny(event, counted.ok ? { kind: 'token-invalid' } : counted.refusal, reason);
	}

	function isStill(identity: Identity | undefined, stamp: Identity['credentialStamp']): identity is Identity {
		if (identity === undefined || !isActive(identity, clock.now())) return false;
		return isSameStamp(stamp, identity.credentialStamp);
	}

	/** Of what a family hangs on besides its identity. */
	async function isSessionAlive({ session }: Pick<TokenFamily, 'session'>): Promise<boolean> {
		return session === undefined || (await sessions.ownerOf(session)) !== undefined;
	}

	/** The times of a refresh token that is issued now. */
	function timesOf(startedAt: Instant) {
		const issuedAt = clock.now();
		const end = lifetimeMs > 0 ? startedAt + lifetimeMs : Number.POSITIVE_INFINITY;
		return { issuedAt, expiresAt: Math.min(issuedAt + refreshTokenMs, end) as Instant };
	}

	async function newPair(identity: Identity, refreshToken: RefreshTokenText, times: ReturnType<typeof timesOf>) {
		const { issuedAt, expiresAt } = times;
		const how = { issuer, issuedAt, lifetimeMs: accessTokenMs };
		const accessToken = await newAccessToken(identity, how, await signingKey());
		return { accessToken, accessTokenMs, refreshToken, refreshTokenMs: expiresAt - issuedAt };
	}

	async function issue({ identity, session }: Access): Promise<Outcome<TokenPair>> {
		if (identity.passwordChangeNeeded) return refuse({ kind: 'password-change-needed' });
		if (!isSubject(identity.name)) return refuse({ kind: 'name-unfit' });
		const { text, key, current } = newRefreshToken();
		const startedAt = clock.now();
		const { id: identityId, credentialStamp } = identity;
		const times = timesOf(startedAt);
		const family: TokenFamily = {
			...{ key, current, identityId, credentialStamp },
			...(session && { session: session.key }),
			...{ startedAt, ...times },
		};
		const pair = await newPair(identity, text, times);
		await families.insert(family, familiesLimit);
		// What was ended meanwhile must not find a token in its place.
		if (isStill(await identities.find(identityId), credentialStamp) && (await isSessionAlive(family))) return ok(pair);
		await families.delete(key);
		return refuse({ kind: 'credentials-changed' });
	}

	async function refresh(text: string, origin: Origin): Promise<Outcome<TokenPair>> {
		const event = { act: 'token-refresh', ...auditFieldsOf(origin) } as const;
		const shown = parseRefreshToken(text);
		if (shown === undefined) return deny(event, { kind: 'token-malformed' });
		const family = await families.find(shown.key);
		if (family === undefined) return denyWrong(event, origin);
		const identity = await identities.find(family.identityId);
		const { key, session } = family;
		const about = { ...event, ...(identity && { identity: identity.name }), ...(session && { session }) };
		async function end(reason?: AuditEvent['reason']) {
			await families.delete(key);
			return denyWrong(about, origin, reason);
		}
		if (family.current !== shown.current) return end('token-reused');
		if (Math.max(clock.now(), family.issuedAt) >= family.expiresAt) {
			await families.delete(key);
			return deny(about, { kind: 'token-expired' });
		}
		if (identity?.passwordChangeNeeded && isActive(identity, clock.now()))
			return deny(about, { kind: 'password-change-needed' });
		if (!isStill(identity, family.credentialStamp) || !(await isSessionAlive(family))) return end();
		const next = newRefreshToken(shown.family);
		const times = timesOf(family.startedAt);
		// Signed first: a failure uses nothing up.
		const pair = await newPair(identity, next.text, times);
		if (!(await families.replace({ ...family, current: next.current, ...times }, shown.current)))
			return end('token-reused');
		const living = session && (await sessions.find(session));
		if (living) activity.record(living, clock.now());
		audit.write({ ...about, outcome: 'ok' });
		return ok(pair);
	}

	return {
		async issue(access, origin) {
			const { identity, session } = access;
			const method = access.session ? access.session.openedBy : access.credential;
			const event = { act: 'token-issue', method, identity: identity.name, ...auditFieldsOf(origin) } as const;
			const about = { ...event, ...(session && { session: session.key }) };
			const outcome = await issue(access);
			if (!outcome.ok) return deny(about, outcome.refusal);
			audit.write({ ...about, outcome: 'ok' });
			return outcome;
		},
		refresh,
		async check(text, origin) {
			const event = { act: 'access', method: 'jwt', ...auditFieldsOf(origin) } as const;
			const claims = verified.verify(text, await signingKey());
			const now = clock.now();
			if (claims === undefined || now < claims.notBefore) return denyWrong(event, origin);
			if (now >= claims.expiresAt) return deny(event, { kind: 'token-expired' });
			const identity = await identities.find(claims.identityId);
			const isOf = identity?.name === claims.name && claims.isOf(identity.credentialStamp);
			if (!isOf || !isActive(identity, now))
				return denyWrong({ ...event, ...(identity && { identity: identity.name }) }, origin);
			return ok({ identity, isStillTrusted: () => clock.now() < claims.expiresAt });
		},
		isOurs: (text) => verified.has(text) || looksLikeRefreshToken(text) || claimsToBeAccessToken(text, issuer),
		endOf: (id) => families.deleteOf(id),
		sweep: () => families.sweep(clock.now()),
	};
}
