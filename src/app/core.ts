import { availableParallelism } from 'node:os';
import type { Config } from '../config/schema.ts';
import { type ApiTokens, createApiTokens } from '../core/api-tokens.ts';
import type { AuditTrail } from '../core/audit-trail.ts';
import { type Credentials, createCredentials } from '../core/authentication.ts';
import { type Clock, createClock } from '../core/clock.ts';
import { ensureOperatorLogin, type OperatorLogin } from '../core/configured-login.ts';
import { createIdentities, type Identities } from '../core/identities.ts';
import type { IdentityId, PasswordVerifier, Permission } from '../core/identity.ts';
import { createInvitations, type Invitations } from '../core/invitations.ts';
import { createActivity, flushIntervalFor } from '../core/last-activity.ts';
import { createMalformedTokens } from '../core/malformed-tokens.ts';
import { createPasswords, type PasswordPolicy } from '../core/password.ts';
import type { Permissions } from '../core/permission-store.ts';
import type { Outcome } from '../core/refusal.ts';
import { createRegistry, type Registry } from '../core/registry.ts';
import type { DialectName } from '../core/session.ts';
import { createSessions, type Sessions } from '../core/sessions.ts';
import { triedOf } from '../core/temporary-password.ts';
import { createAttempts } from '../core/throttle.ts';
import { createWrongTokens } from '../core/wrong-tokens.ts';
import { kismet as kismetName } from '../dialect/kismet/authenticator.ts';
import type { PasskeyRouteParts } from '../dialect/kura/passkeys.ts';
import { createArgon2Hasher } from '../hashing/argon2.ts';
import { createCommonPasswords } from '../hashing/common-passwords.ts';
import { createHashThreads } from '../hashing/pool.ts';
import { createHashQueue } from '../hashing/queue.ts';
import { createCodeHasher } from '../hashing/recovery-codes.ts';
import { createSlowKinds } from '../hashing/slow-kinds.ts';
import type { Logs } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import { openAuditTrail } from './audit-trail.ts';
import { type FactorParts, openFactors, withSecondFactors } from './factors.ts';
import {
	addGauges,
	instrumentedApiTokens,
	instrumentedQueue,
	instrumentedSessions,
	instrumentedStores,
	instrumentedTokenPairs,
} from './instrument.ts';
import { followNotes, judgeNotes } from './judge-notes.ts';
import { kismetLoginOf } from './operator-login.ts';
import { passwordPolicyOf } from './password-policy.ts';
import { relyingPartyOf } from './relying-party.ts';
import type { CopiesOf } from './store-types.ts';
import { openStores } from './stores.ts';
import { type OpenedTokenPairs, openTokenPairs, withRefreshTokens } from './token-pairs.ts';
import { openWriteBehinds } from './write-behind.ts';

/** Everything but HTTP: what the command line works with. */
export interface Core {
	readonly sessions: Sessions;
	readonly identities: Identities;
	readonly apiTokens: ApiTokens;
	readonly invitations: Invitations;
	/** Writes to the log, and behind it to the table. */
	readonly audit: Logs['audit'];
	readonly auditTrail: AuditTrail;
	readonly tokenPairs: OpenedTokenPairs;
	readonly passkeys: Pick<PasskeyRouteParts, 'passkeys' | 'factor' | 'relyingPartyOf'>;
	readonly credentials: Credentials;
	readonly factorParts: FactorParts;
	/** For those who manage identities without holding `kura.admin`. `wellKnown`: always defined. */
	registryWith(wellKnown: () => ReadonlySet<Permission>): Registry;
	/** See `core/configured-login.ts`. */
	ensureLogin(login: OperatorLogin): Promise<Outcome<void>>;
	/** What a new password must be like. Rejects where a store is away. */
	passwordPolicy(): Promise<PasswordPolicy>;
	/** Permissions that were made or are held. Reads all identities. */
	definedPermissions(): Promise<Permissions>;
	/** A verifier from elsewhere that some password may fit. */
	isUsableVerifier(verifier: PasswordVerifier): boolean;
	/** Logins are quick again once the last slow verifier from elsewhere is gone. Housekeeping: reads all identities, where there was one. */
	recountVerifiers(): Promise<void>;
	/** What this process keeps of stores on other machines. */
	readonly copies: readonly CopiesOf[];
	/** What an operator should know of the stores, as they were opened. */
	readonly notices: readonly string[];
	/** Rejects where a store does not answer. */
	probe(): Promise<void>;
	/** Before anybody logs in: the first one would have to wait until there is a thread that hashes. */
	startHashing(): void;
	/** Tells, once, where nobody is to be served any more: `app/judge-notes.ts`. Returns how to stop. */
	followNotes(tell: (objection: string) => void): () => void;
	close(): Promise<void>;
}

export type OpenHashThreads = typeof createHashThreads;

/** A name that no identity has: asking for it shows that a store answers. */
const nobody = '00000000-0000-0000-0000-000000000000' as IdentityId;

/** Sessions that outlive a password change of their own protocol. Rule: Kismet, `/session/set_password`. */
const survivesPasswordChange: ReadonlySet<DialectName> = new Set([kismetName]);

/**
 * `clock`: one that is wound by hand, where nobody can wait for sessions to expire. `metrics`: for a service; a command
 * is over before anybody could ask. `openHashThreads`: threads that several cores of a process share.
 */
export async function openCore(
	config: Config,
	{ log, audit: lines }: Pick<Logs, 'log' | 'audit'>,
	clock: Clock = createClock(),
	metrics?: Metrics,
	openHashThreads: OpenHashThreads = createHashThreads,
): Promise<Core> {
	const notices: string[] = [];
	let audit = lines;
	const opened = await openStores(config, clock, {
		onTransition(store, isThere, cause) {
			if (!isThere) log.debug({ cause }, `${store} is away`);
			audit.write({ act: isThere ? 'store-recovery' : 'store-outage', outcome: isThere ? 'ok' : 'refused', store });
		},
		onFault: (cause) =>
			log.warn({ cause }, 'the write-ahead log could not be brought to the disk ahead of time; it will be tried again'),
		onNotice(notice) {
			notices.push(notice);
			log.warn({}, notice);
		},
	});
	await judgeNotes(opened);
	const stores = metrics ? instrumentedStores(opened, metrics) : opened;
	const auditTrail = openAuditTrail(config, stores.auditTable, { clock, log, metrics });
	audit = auditTrail.behind(lines);
	const { inactivityInterval, absoluteLifetime, mostPerIdentity } = config.session;
	const limits = { inactivityMs: inactivityInterval * 1000, lifetimeMs: absoluteLifetime * 1000 };
	const temporaryPasswordMs = config.passwordPolicy.temporaryHours * 3_600_000;
	const { concurrency, ...hashParameters } = config.passwordHash;
	const width = concurrency || defaultHashWidth();
	// One more for each thread: on its way to the next one it would fall asleep, and wake up on whatever core.
	const turns = createHashQueue({ width, ahead: width, maxWaitMs: 2000 });
	const queue = metrics ? instrumentedQueue(turns, metrics) : turns;
	const hashThreads = openHashThreads(width, (tookMs) => metrics?.hashTimes.observe(tookMs / 1000));
	const passwordPolicy = passwordPolicyOf(config, stores.notes);
	const slowKinds = createSlowKinds(stores.notes, hashParameters);
	const passwords = createPasswords({
		hasher: createArgon2Hasher(hashParameters, hashThreads, slowKinds),
		queue,
		common: createCommonPasswords(),
		policy: passwordPolicy,
		onUnusableVerifier: (identity) =>
			log.error({ identity }, 'a stored password verifier cannot be used: reset that password'),
	});
	const activity = createActivity({
		store: stores.sessions,
		clock,
		flushIntervalMs: flushIntervalFor(limits.inactivityMs),
		onFault: (cause) => log.warn({ cause }, 'last activity could not be written; it will be tried again'),
	});
	const rules = { limit: config.attempts.limit, windowMs: config.attempts.window * 1000 };
	const attempts = createAttempts(stores.attempts, rules);
	const hashing = { hasher: createCodeHasher(hashThreads), queue };
	const kinds = openFactors(config, { stores, hashing, clock, audit, metrics });
	const { factors } = kinds;
	const credentials = createCredentials({ identities: stores.identities, passwords, attempts, factors, clock, audit });
	const { uses, signIns, stop: stopWritingBehind } = openWriteBehinds(stores, log);
	const wrongTokens = createWrongTokens(stores.attempts, rules, 'token');
	const judgedTokens = createApiTokens({
		apiTokens: stores.apiTokens,
		identities: stores.identities,
		wrongTokens,
		malformedTokens: createMalformedTokens(rules),
		uses,
		clock,
		audit,
	});
	const judged = createSessions({
		sessions: stores.sessions,
		factors,
		certificateLevel: config.auth.certificateLevel,
		bindCertificate: config.session.bindCertificate,
		identities: stores.identities,
		credentials,
		activity,
		clock,
		signIns,
		limits,
		mostPerIdentity,
		survivesPasswordChange,
		audit,
	});
	const sessions = metrics ? instrumentedSessions(judged, metrics) : judged;
	const judgedPairs = openTokenPairs(config, stores, {
		sessions: judged,
		activity,
		wrongTokens,
		clock,
		audit,
	});
	const tokenPairs = metrics ? instrumentedTokenPairs(judgedPairs, metrics) : judgedPairs;
	const allTokens = withRefreshTokens(judgedTokens, tokenPairs, stores.identities);
	const apiTokens = metrics ? instrumentedApiTokens(allTokens, metrics) : allTokens;
	const common = { identities: stores.identities, sessions, passwords, factors, clock, audit };
	const wrongCodes = createWrongTokens(stores.attempts, rules, 'invitation');
	const invitations = createInvitations({ ...common, credentials, invitations: stores.invitations, wrongCodes });
	const ofIdentities = { apiTokens, invitations, credentials, signIns, temporaryPasswordMs };
	const configuredName = kismetLoginOf(config)?.name;
	const identities = createIdentities({ ...common, ...ofIdentities, configuredName });
	if (metrics) addGauges(metrics, stores, turns);
	return {
		sessions,
		identities,
		apiTokens,
		invitations,
		...{ audit, auditTrail },
		tokenPairs,
		passkeys: {
			...{ passkeys: kinds.passkeys.with(sessions), factor: kinds.passkeys.factor },
			relyingPartyOf: relyingPartyOf(config),
		},
		credentials,
		factorParts: withSecondFactors(kinds, { config, stores, sessions, hashing, clock, audit }),
		registryWith: (wellKnown) =>
			createRegistry({
				...{ identities, store: stores.identities.permissions, sessions, apiTokens, invitations },
				...{ passwords, factors, audit, clock, wellKnown },
				mayGrantAdmin: config.dialects.kuraIdentity.mayGrantAdmin,
				byPassword: config.auth.password,
				temporaryPasswordMs,
			}),
		passwordPolicy,
		definedPermissions: stores.identities.permissions.find,
		isUsableVerifier: passwords.isUsable,
		recountVerifiers: () =>
			slowKinds.recount(async () =>
				(await stores.identities.list()).map(({ passwordVerifier }) => passwordVerifier && triedOf(passwordVerifier)),
			),
		copies: stores.copies,
		notices,
		ensureLogin: (login) => ensureOperatorLogin({ identities, passwords }, login),
		async probe() {
			await Promise.all([stores.identities.find(nobody), stores.sessions.list(nobody, 1)]);
		},
		startHashing: hashThreads.start,
		followNotes: (tell) => followNotes(stores.notes, tell),
		async close() {
			await activity.stop();
			await stopWritingBehind();
			await auditTrail.stop();
			await hashThreads.close();
			await stores.sessions.close();
			await stores.identities.close();
		},
	};
}

function defaultHashWidth(): number {
	return Math.max(1, availableParallelism() - 1);
}
