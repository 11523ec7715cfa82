import { type ApiTokens, createApiTokens } from '../../src/core/api-tokens.ts';
import type { AuditEvent } from '../../src/core/audit.ts';
import { type Credentials, createCredentials } from '../../src/core/authentication.ts';
import type { Clock } from '../../src/core/clock.ts';
import { createFactors, type FactorParts } from '../../src/core/factor.ts';
import { createIdentities, type Identities } from '../../src/core/identities.ts';
import type { Identity, IdentityName, PasswordVerifier, Permission } from '../../src/core/identity.ts';
import type { SignIns } from '../../src/core/identity-page.ts';
import type { InvitationStore } from '../../src/core/invitation.ts';
import { createInvitations, type Invitations } from '../../src/core/invitations.ts';
import { type Activity, createActivity, flushIntervalFor } from '../../src/core/last-activity.ts';
import { createMalformedTokens } from '../../src/core/malformed-tokens.ts';
import { createPasswords, type Password, type PasswordHasher } from '../../src/core/password.ts';
import { type Refusal, refuse } from '../../src/core/refusal.ts';
import type { RequestContext } from '../../src/core/request.ts';
import type { AssuranceLevel, ClientCertificate, DialectName } from '../../src/core/session.ts';
import { createSessions, type NewSession, type Sessions, type ShownCertificate } from '../../src/core/sessions.ts';
import type {
	ApiTokenStore,
	AttemptKey,
	AttemptStore,
	Count,
	IdentityStore,
	SessionStore,
} from '../../src/core/stores.ts';
import { createAttempts } from '../../src/core/throttle.ts';
import { createWriteBehind } from '../../src/core/write-behind.ts';
import { createWrongTokens } from '../../src/core/wrong-tokens.ts';
import { createHashQueue } from '../../src/hashing/queue.ts';
import { createMemorySessions } from '../../src/store/memory/sessions.ts';
import { createSqliteApiTokens } from '../../src/store/sqlite/api-tokens.ts';
import { createSqliteIdentities } from '../../src/store/sqlite/identities.ts';
import { createSqliteInvitations } from '../../src/store/sqlite/invitations.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createHandClock, type HandClock, minuteMs } from './hand-clock.ts';

export { minuteMs };

export const kura = 'kura' as DialectName;

export const named = (name: string) => name as IdentityName;
export const secret = (password: string) => password as Password;

/** What a request from there looks like to the core. */
export function requestFrom(how: Partial<RequestContext> = {}): RequestContext {
	return { dialect: kura, secure: false, address: '192.0.2.1', device: 'a spec', requestId: 'r-1', ...how };
}

/** A hasher whose work can be watched, and held up. */
export interface FakeHasher extends PasswordHasher {
	/** Verifiers that were tried, in order. */
	readonly tried: PasswordVerifier[];
	/** From now on nothing that is tried ends before `release`; resolves when the first one has begun. */
	hold(): { readonly begun: Promise<void>; release(): void };
	/** What is tried from now on is not held up; what was tried before still is. */
	free(): void;
}

export function createFakeHasher(): FakeHasher {
	const tried: PasswordVerifier[] = [];
	let held: Promise<void> | undefined;
	let onBegin: () => void = () => {};
	return {
		tried,
		make: async (password) => `fake:${password}` as PasswordVerifier,
		decoy: 'fake:the password of nobody' as PasswordVerifier,
		async matches(verifier, password) {
			tried.push(verifier);
			const isRight = verifier.replace(/^(fake|old|foreign):/, '') === password;
			onBegin();
			await held;
			return isRight;
		},
		assess: (verifier) =>
			verifier.startsWith('fake:')
				? 'current'
				: verifier.startsWith('old:')
					? 'outdated'
					: verifier.startsWith('foreign:')
						? 'foreign'
						: 'unusable',
		announce: async () => undefined,
		free() {
			held = undefined;
		},
		hold() {
			const gate = Promise.withResolvers<void>();
			const begun = Promise.withResolvers<void>();
			held = gate.promise;
			onBegin = begun.resolve;
			return {
				begun: begun.promise,
				release() {
					held = undefined;
					gate.resolve();
				},
			};
		},
	};
}

/** Counters on a clock of our own. */
export function createHandAttempts(clock: Clock): AttemptStore & { readonly size: number } {
	const counters = new Map<AttemptKey, { count: number; forgottenAt: number }>();
	const present = (key: AttemptKey) => {
		const counter = counters.get(key);
		return counter && counter.forgottenAt > clock.now() ? counter : undefined;
	};
	const told = ({ count, forgottenAt }: { count: number; forgottenAt: number }): Count => ({
		count,
		forgottenInMs: forgottenAt - clock.now(),
	});
	return {
		get size() {
			return counters.size;
		},
		async add(key, forMs) {
			const counter = present(key) ?? { count: 0, forgottenAt: clock.now() + forMs };
			counter.count += 1;
			counters.set(key, counter);
			return told(counter);
		},
		async set(key, count, forMs) {
			counters.set(key, { count, forgottenAt: clock.now() + forMs });
		},
		async takeBack(key) {
			const counter = present(key);
			if (counter && counter.count > 1) counter.count -= 1;
			else counters.delete(key);
		},
		async find(key) {
			const counter = present(key);
			return counter && told(counter);
		},
		async forget(key) {
			counters.delete(key);
		},
	};
}

export interface TestCore {
	readonly sessions: Sessions;
	readonly identities: Identities;
	readonly credentials: Credentials;
	readonly apiTokens: ApiTokens;
	readonly invitations: Invitations;
	/** Writes what was seen of uses of tokens. */
	writeUses(): Promise<void>;
	readonly activity: Activity;
	readonly hasher: FakeHasher;
	/** `refuse`: what the next passwords are answered, untried. */
	readonly passwords: { refuse: Refusal | undefined };
	readonly clock: HandClock;
	/** What stands behind the verbs: to do what another process does, or a crash leaves undone. */
	readonly kept: {
		readonly sessions: SessionStore;
		readonly identities: IdentityStore;
		readonly apiTokens: ApiTokenStore;
		readonly invitations: InvitationStore;
	};
	readonly events: AuditEvent[];
	add(name: string, password?: string, how?: Partial<Identity>): Promise<Identity>;
	close(): Promise<void>;
}

export interface CoreWishes {
	readonly inactivityMs?: number;
	readonly lifetimeMs?: number;
	readonly mostPerIdentity?: number;
	/** Dialects whose sessions outlive a password change of their own. */
	readonly survivesPasswordChange?: readonly DialectName[];
	readonly clock?: Clock;
	readonly temporaryPasswordMs?: number;
	/** As in `PasswordPolicy`. */
	readonly minLengthAlone?: number;
	readonly factors?: (clock: Clock) => Partial<FactorParts>;
	readonly certificateLevel?: AssuranceLevel;
	readonly bindCertificate?: boolean;
	/** Puts something between the core and what it keeps. */
	readonly around?: (kept: TestCore['kept']) => Partial<TestCore['kept']>;
}

/** The core as it runs, with hashes that cost nothing and a clock that is wound by hand. */
export async function createCore(wishes: CoreWishes = {}): Promise<TestCore> {
	const {
		inactivityMs = 15 * minuteMs,
		lifetimeMs = 720 * minuteMs,
		mostPerIdentity = 100,
		survivesPasswordChange = [],
	} = wishes;
	const handClock = createHandClock();
	const clock = wishes.clock ?? handClock;
	const file = openSqlite(':memory:');
	const kept = {
		sessions: createMemorySessions(),
		identities: createSqliteIdentities(file),
		apiTokens: createSqliteApiTokens(file),
		invitations: createSqliteInvitations(file),
	};
	const seen = { ...kept, ...wishes.around?.(kept) };
	const events: AuditEvent[] = [];
	const audit = { write: (event: AuditEvent) => void events.push(event) };
	const hasher = createFakeHasher();
	const queue = createHashQueue({ width: 100, ahead: 0, maxWaitMs: 60_000 });
	const refusing: TestCore['passwords'] = { refuse: undefined };
	const passwords = createPasswords({
		hasher,
		queue: { run: async (hash) => (refusing.refuse ? refuse(refusing.refuse) : queue.run(hash)) },
		common: { has: async (text) => text === 'password' },
		policy: async () => ({
			minLength: 12,
			minLengthAlone: wishes.minLengthAlone,
			refuseCommon: true,
			requireDigits: false,
			requireSpecialCharacters: false,
			requireBothCases: false,
		}),
		onUnusableVerifier: () => undefined,
	});
	const fault = (cause: unknown) => {
		throw cause;
	};
	const activity = createActivity({
		store: seen.sessions,
		clock,
		flushIntervalMs: flushIntervalFor(inactivityMs),
		onFault: fault,
	});
	const rules = { limit: 10, windowMs: 5 * minuteMs };
	const counters = createHandAttempts(clock);
	const attempts = createAttempts(counters, rules, async () => {});
	const factors = createFactors({ factors: [], isRequired: () => false, ...wishes.factors?.(clock) });
	const credentials = createCredentials({ identities: seen.identities, passwords, attempts, factors, clock, audit });
	const uses = createWriteBehind({ write: seen.apiTokens.touch, atOf: ({ at }) => at, onFault: fault });
	const signIns: SignIns = createWriteBehind({ write: seen.identities.touch, atOf: (at) => at, onFault: fault });
	const wrongTokens = createWrongTokens(counters, rules, 'token');
	const malformedTokens = createMalformedTokens(rules);
	const apiTokens = createApiTokens({ ...seen, wrongTokens, malformedTokens, uses, clock, audit });
	const sessions = createSessions({
		...seen,
		factors,
		certificateLevel: wishes.certificateLevel ?? 1,
		bindCertificate: wishes.bindCertificate ?? false,
		credentials,
		activity,
		clock,
		signIns,
		limits: { inactivityMs, lifetimeMs },
		mostPerIdentity,
		survivesPasswordChange: new Set(survivesPasswordChange),
		audit,
	});
	const wrongCodes = createWrongTokens(counters, rules, 'invitation');
	const invitations = createInvitations({
		...seen,
		sessions,
		passwords,
		credentials,
		factors,
		wrongCodes,
		clock,
		audit,
	});
	const identities = createIdentities({
		identities: seen.identities,
		sessions,
		apiTokens,
		invitations,
		credentials,
		passwords,
		factors,
		signIns,
		temporaryPasswordMs: wishes.temporaryPasswordMs ?? 0,
		clock,
		audit,
	});
	return {
		sessions,
		identities,
		credentials,
		apiTokens,
		invitations,
		writeUses: uses.flush,
		activity,
		hasher,
		passwords: refusing,
		clock: handClock,
		kept,
		events,
		async add(name, password, { permissions = new Set<Permission>(), passwordChangeNeeded = false } = {}) {
			const outcome = await identities.add(
				{
					name: named(name),
					...(password !== undefined && { password: secret(password) }),
					permissions: [...permissions],
					passwordChangeNeeded,
					policy: false,
				},
				{ actor: 'operator' },
			);
			if (!outcome.ok) throw new Error(outcome.refusal.kind);
			return outcome.value;
		},
		async close() {
			await activity.stop();
			await uses.stop();
			await signIns.stop();
			await kept.identities.close();
		},
	};
}

/** A certificate of that name, which is trusted until `out` says otherwise. */
export function shown(name: string, out: { has(name: string): boolean } = new Set()): ShownCertificate {
	return {
		name: named(name),
		certificate: Buffer.from(`certificate of ${name}`).toString('base64') as ClientCertificate,
		isTrusted: () => !out.has(name),
	};
}

/** Signs in with a password that is right. */
export async function signIn({ sessions }: TestCore, password: string, name = 'ada'): Promise<NewSession> {
	const outcome = await sessions.login(named(name), secret(password), requestFrom());
	if (!outcome.ok) throw new Error(outcome.refusal.kind);
	return outcome.value;
}
