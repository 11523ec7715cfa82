import type { ApiToken, ApiTokenId, ApiTokenKey, ApiTokenText } from './api-token.ts';
import { judgeApiToken, narrowedBy, newApiToken, parseApiToken } from './api-token.ts';
import type { Audit, AuditEvent } from './audit.ts';
import { auditedOutcome } from './audit.ts';
import type { Clock, Instant } from './clock.ts';
import { keptDialectKey, newDialectKey } from './dialect-key.ts';
import type { Identity, IdentityId } from './identity.ts';
import { mayUse } from './identity.ts';
import type { MalformedTokens } from './malformed-tokens.ts';
import { dayMs, mostApiTokens, type NewApiToken } from './new-api-token.ts';
import type { Outcome, Refusal } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { Origin } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { SessionKey } from './session.ts';
import type { AuditFields } from './session-ends.ts';
import type { ApiTokenStore, ApiTokenUse, IdentityStore } from './stores.ts';
import type { WriteBehind } from './write-behind.ts';
import type { WrongTokens } from './wrong-tokens.ts';

/** A token just made, with the one thing that is shown once: its text. */
export interface MadeApiToken {
	readonly token: ApiToken;
	readonly text: ApiTokenText;
}

/** A token that was judged, and its identity with the permissions that the token opens now, for one request. */
export interface AuthenticatedApiToken {
	readonly token: ApiToken;
	readonly identity: Identity;
}

/** The session that makes a token, and whether it lives. */
export interface MakingSession {
	readonly key: SessionKey;
	isAlive(): Promise<boolean>;
}

/** The verbs of an API token's life. Times are judged at use, and no token is needed for any of them but `check`. */
export interface ApiTokens {
	/**
	 * Makes a token of an identity. Refusals: `permission-missing` where the identity does not hold what the token is to
	 * open; `too-many-tokens`; of a key from elsewhere, `token-malformed` and `name-taken` where it is here already; `credentials-changed` where the session that asked was ended meanwhile.
	 */
	add(identity: Identity, wanted: NewApiToken, fields: AuditFields, by?: MakingSession): Promise<Outcome<MadeApiToken>>;
	/**
	 * Judges a token for one request: the hot path. Refusals: `token-malformed` (no store is asked), `token-invalid`
	 * (unknown, ended, not from this network, of an identity that is removed, disabled or over), `token-expired`;
	 * `too-many-attempts` in place of `token-invalid` where too many came from that address. Rejects with
	 * `StoreUnavailable`.
	 */
	check(text: string, origin: Origin): Promise<Outcome<AuthenticatedApiToken>>;
	/** The same for a key of a protocol, as `parseDialectKey` reads it; never `token-malformed`. */
	checkKey(key: ApiTokenKey, origin: Origin): Promise<Outcome<AuthenticatedApiToken>>;
	/** The same for what the token let in before, as an open WebSocket. Counts as no use. `undefined`: it opens nothing. */
	ownerOf(token: ApiToken, address: string): Promise<Identity | undefined>;
	/** Newest first; those that have ended are left out. */
	list(of: IdentityId | undefined): Promise<readonly ApiToken[]>;
	/** `of`: only where it is that identity's. Returns whether this call ended it. */
	end(id: ApiTokenId, of: IdentityId | undefined, fields: AuditFields): Promise<boolean>;
	/** Ends all of an identity, or of everybody. Returns how many. */
	endOf(id: IdentityId | undefined, fields: AuditFields): Promise<number>;
	/** Ends what has expired, and forgets what ended a month ago. Housekeeping: no judgement waits for it. */
	sweep(): Promise<number>;
}

export interface ApiTokenParts {
	readonly apiTokens: ApiTokenStore;
	readonly identities: Pick<IdentityStore, 'find'>;
	readonly wrongTokens: WrongTokens;
	readonly malformedTokens: MalformedTokens;
	/** When and from where tokens were used last. */
	readonly uses: Pick<WriteBehind<ApiTokenId, ApiTokenUse>, 'record'>;
	readonly clock: Clock;
	readonly audit: Audit;
}

/** Milliseconds that one which ended is kept, so that the audit can say whose it was. */
const keptMs = 30 * dayMs;

function madeOf({ dialect, text }: NewApiToken) {
	if (dialect === undefined) return newApiToken();
	return text === undefined ? newDialectKey(dialect) : keptDialectKey(dialect, text);
}

export function createApiTokens(parts: ApiTokenParts): ApiTokens {
	const { apiTokens, identities, wrongTokens, malformedTokens, uses, clock, audit } = parts;
	/** The last identity that each token was narrowed to: while both are the same, so is what it opens. */
	const narrowed = new WeakMap<ApiToken, { readonly from: Identity; readonly identity: Identity }>();

	function narrow(token: ApiToken, from: Identity): Identity {
		const kept = narrowed.get(token);
		if (kept?.from === from) return kept.identity;
		const identity = narrowedBy(token, from);
		narrowed.set(token, { from, identity });
		return identity;
	}

	/** Absent where the identity was removed. */
	async function nameOf({ identityId }: ApiToken): Promise<Pick<AuditFields, 'identity'>> {
		const identity = await identities.find(identityId);
		return identity ? { identity: identity.name } : {};
	}

	function tell({ id }: ApiToken, act: AuditEvent['act'], fields: AuditFields) {
		audit.write({ act, outcome: 'ok', token: id, ...fields });
	}

	async function deny(refusal: Refusal, origin: Origin, token?: ApiToken) {
		const about = token && { token: token.id, ...(await nameOf(token)) };
		const event = { act: 'access', method: 'token', outcome: 'refused', reason: refusal.kind } as const;
		audit.write({ ...event, ...about, ...auditFieldsOf(origin) });
		return refuse(refusal);
	}

	/** No store is asked, so a flood of these costs nothing but lines of the audit; and of those there are few. */
	function denyMalformed(origin: Origin) {
		const heard = malformedTokens.heard(origin.address, clock.now());
		if (heard !== 'skip') {
			const reason = heard === 'last' ? 'too-many-attempts' : 'token-malformed';
			audit.write({ act: 'access', method: 'token', outcome: 'refused', reason, ...auditFieldsOf(origin) });
		}
		return refuse({ kind: 'token-malformed' });
	}

	/** One that opens nothing for anybody: counted, and told apart for nobody but the audit. */
	async function denyWrong(origin: Origin, token?: ApiToken) {
		const counted = await wrongTokens.count(origin.address);
		return deny(counted.ok ? { kind: 'token-invalid' } : counted.refusal, origin, token);
	}

	/** Put down where it is noticed: a clock that goes back afterwards revives nothing. */
	async function denyExpired(origin: Origin, token: ApiToken) {
		if (token.endedAt === undefined && (await apiTokens.end(token.id, clock.now()))) {
			tell(token, 'token-expiry', await nameOf(token));
		}
		return deny({ kind: 'token-expired' }, origin, token);
	}

	async function judge(token: ApiToken, origin: Origin): Promise<Outcome<AuthenticatedApiToken>> {
		const identity = await identities.find(token.identityId);
		const { address } = origin;
		const now = clock.now();
		const reason = judgeApiToken(token, identity, { now, address });
		if (reason === 'token-expired') return denyExpired(origin, token);
		if (reason !== undefined || identity === undefined) return denyWrong(origin, token);
		uses.record(token.id, { at: now, address });
		return ok({ token, identity: narrow(token, identity) });
	}

	async function add(identity: Identity, wanted: NewApiToken, by?: MakingSession): Promise<Outcome<MadeApiToken>> {
		const { name, permissions, expiresInMs, networks, paths, endsWithPassword, dialect } = wanted;
		const permission = permissions.find((each) => !mayUse(identity, each));
		if (permission !== undefined) return refuse({ kind: 'permission-missing', permission, holder: identity.name });
		const made = madeOf(wanted);
		if (made === undefined) return refuse({ kind: 'token-malformed' });
		const { text, id, key } = made;
		if (wanted.text !== undefined && (await apiTokens.find(key)) !== undefined) return refuse({ kind: 'name-taken' });
		const createdAt = clock.now();
		const token: ApiToken = {
			id,
			key,
			identityId: identity.id,
			name,
			permissions: [...new Set(permissions)].sort(),
			...(networks && { networks }),
			...(paths && { paths }),
			createdAt,
			...(by && { createdBySession: by.key }),
			expiresAt: (createdAt + expiresInMs) as Instant,
			...(endsWithPassword && { credentialStamp: identity.credentialStamp }),
			...(dialect !== undefined && { dialect }),
		};
		if ((await apiTokens.insert(token, mostApiTokens)) === 'full') return refuse({ kind: 'too-many-tokens' });
		// Who ends a session that was stolen must not find a token in its place.
		if (by !== undefined && !(await by.isAlive())) {
			await apiTokens.end(id, clock.now());
			return refuse({ kind: 'credentials-changed' });
		}
		return ok({ token, text });
	}

	return {
		async add(identity, wanted, fields, by) {
			const outcome = await add(identity, wanted, by);
			const event = { act: 'token-add', identity: identity.name, ...fields, ...(by && { session: by.key }) } as const;
			const made = outcome.ok && { token: outcome.value.token.id };
			audit.write({ ...event, ...made, ...auditedOutcome(outcome) });
			return outcome;
		},
		async check(text, origin) {
			const named = parseApiToken(text);
			if (named === undefined) return denyMalformed(origin);
			const token = await apiTokens.find(named.key);
			return token?.id === named.id ? judge(token, origin) : denyWrong(origin);
		},
		async checkKey(key, origin) {
			const token = await apiTokens.find(key);
			return token === undefined ? denyWrong(origin) : judge(token, origin);
		},
		async ownerOf({ key }, address) {
			const token = await apiTokens.find(key);
			const identity = token && (await identities.find(token.identityId));
			if (token === undefined || identity === undefined) return undefined;
			const reason = judgeApiToken(token, identity, { now: clock.now(), address });
			return reason === undefined ? narrow(token, identity) : undefined;
		},
		list: (of) => apiTokens.list(of),
		async end(id, of, fields) {
			const [found] = of === undefined ? [] : (await apiTokens.list(of)).filter((token) => token.id === id);
			// To an identity that may not end it, somebody else's token is not there.
			if (of !== undefined && found === undefined) return false;
			const ended = await apiTokens.end(id, clock.now());
			if (ended !== undefined) tell(ended, 'token-end', { ...(await nameOf(ended)), ...fields });
			return ended !== undefined;
		},
		async endOf(id, fields) {
			const ended = await apiTokens.endOf(id, clock.now());
			for (const token of ended)
				tell(token, 'token-end', { ...(id === undefined && (await nameOf(token))), ...fields });
			return ended.length;
		},
		async sweep() {
			const now = clock.now();
			const expired = await apiTokens.sweep(now, (now - keptMs) as Instant);
			for (const token of expired) tell(token, 'token-expiry', await nameOf(token));
			return expired.length;
		},
	};
}
