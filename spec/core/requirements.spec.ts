import test from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { Identity, IdentityName, Permission } from '../../src/core/identity.ts';
import type { Refusal } from '../../src/core/refusal.ts';
import { type Access, firstUnmet, isConclusive, type Requirements } from '../../src/core/requirements.ts';
import type { Session, SessionNeed, SessionNumber, XsrfToken } from '../../src/core/session.ts';

/* What a request must satisfy, and which part of it is refused first. */

const permissions = (...names: string[]) => names as Permission[];
const now = 1_000_000 as Instant;
const identity = { name: 'ada' as IdentityName, permissions: new Set(permissions('a')) } as unknown as Identity;
const session = {
	state: 'open',
	openedBy: 'password',
	level: 1,
	provedAt: (now - 1000) as Instant,
	leveledAt: (now - 1000) as Instant,
	xsrfToken: 'token' as XsrfToken,
	number: 7 as SessionNumber,
} as Session;
const bySession: Access = { session, identity };
const byBasic: Access = { identity, credential: 'basic' };
const nothing: Requirements = { session: 'any', xsrf: 'exempt', countsAsActivity: false };

/** From the last to the first that is looked at: each is refused although all before it in this list are not met, either. */
const order: readonly { kind: Refusal['kind']; needs: Partial<Requirements>; locked?: true }[] = [
	{ kind: 'proof-needed', needs: { provedWithinMs: 999 } },
	{ kind: 'permission-missing', needs: { permissions: { all: permissions('b') } } },
	{ kind: 'credential-not-accepted', needs: { credentials: ['certificate'] } },
	{ kind: 'cross-site', needs: { xsrf: 'failed' } },
	{ kind: 'session-locked', needs: { session: 'open' }, locked: true },
	{ kind: 'xsrf-token-mismatch', needs: { xsrf: 'token' } },
	{ kind: 'no-session', needs: { claimed: { name: identity.name, number: 8 as SessionNumber } } },
];
for (const [at, { kind }] of order.entries()) {
	test(`of all that a session lacks, ${kind} is refused before ${order[at - 1]?.kind ?? 'nothing else'}`, (t) => {
		const failing = order.slice(0, at + 1);
		const requirements: Requirements = Object.assign({ ...nothing }, ...failing.map(({ needs }) => needs));
		const isLocked = failing.some(({ locked }) => locked);
		const state = isLocked ? ({ state: 'locked', needs: 'password-change' } as const) : {};
		const access: Access = { identity, session: { ...session, ...state } };
		t.is(firstUnmet(requirements, access, { xsrfToken: 'wrong' }, now)?.kind, kind);
	});
}

test('a session that meets all of it lacks nothing; at exactly the limit its proof is fresh', (t) => {
	const claimed = { name: identity.name, number: 7 as SessionNumber };
	const all: Requirements = {
		...{ session: 'open', xsrf: 'token', countsAsActivity: true, provedWithinMs: 1000, claimed },
		...{ credentials: ['certificate', 'password'], permissions: { any: permissions('b', 'a'), all: permissions('a') } },
	};
	t.is(firstUnmet(all, bySession, { xsrfToken: 'token' }, now), undefined);
	t.is(firstUnmet({ ...nothing, xsrf: 'token' }, bySession, {}, now)?.kind, 'xsrf-token-mismatch', 'no token at all');
	t.is(firstUnmet({ ...nothing, permissions: {}, credentials: undefined }, bySession, {}, now), undefined);
});

const locked: readonly (readonly [SessionNeed, Refusal['kind']])[] = [
	['second-factor', 'session-needs-factor'],
	['password-change', 'session-locked'],
	['enrolment', 'session-needs-enrolment'],
];
for (const [needs, kind] of locked) {
	test(`a session that waits for ${needs} is let in where that is done, and nowhere else`, (t) => {
		const access: Access = { identity, session: { ...session, state: 'locked', needs } };
		const judged = (requirements: Partial<Requirements>) =>
			firstUnmet({ ...nothing, ...requirements }, access, {}, now)?.kind;
		t.is(judged({ session: 'open' }), kind);
		t.is(judged({ session: 'open', lockedFor: [needs] }), kind, 'open is open');
		t.is(judged({}), undefined);
		t.is(judged({ lockedFor: [needs] }), undefined);
		t.is(judged({ lockedFor: locked.map(([other]) => other).filter((other) => other !== needs) }), kind);
		t.is(judged({ lockedFor: [] }), kind);
		t.is(firstUnmet({ ...nothing, lockedFor: [] }, bySession, {}, now), undefined, 'an open one is let in');
	});
}

const fresh = (now - 100) as Instant;
const old = (now - 1001) as Instant;
const levels: readonly (readonly [
	says: string,
	has: readonly [level: Session['level'], provedAt: Instant, leveledAt: Instant],
	needs: Pick<Requirements, 'assuranceLevel' | 'provedWithinMs'>,
	missing?: { readonly level: Session['level']; readonly withinMs?: number },
])[] = [
	['level 1 is no level 2', [1, fresh, fresh], { assuranceLevel: 2 }, { level: 2 }],
	['level 2 is', [2, old, old], { assuranceLevel: 2 }],
	['level 2 is level 1, too', [2, old, old], { assuranceLevel: 1 }],
	[
		'a fresh password makes no old second factor fresh',
		[2, fresh, old],
		{ assuranceLevel: 2, provedWithinMs: 1000 },
		{ level: 2, withinMs: 1000 },
	],
	['and is fresh enough where one factor is', [2, fresh, old], { provedWithinMs: 1000 }],
	['a fresh second factor is fresh for both', [2, fresh, fresh], { assuranceLevel: 2, provedWithinMs: 1000 }],
];
for (const [says, [level, provedAt, leveledAt], needs, missing] of levels) {
	test(`level and freshness: ${says}`, (t) => {
		const access: Access = { identity, session: { ...session, level, provedAt, leveledAt } };
		const refusal = firstUnmet({ ...nothing, ...needs }, access, {}, now);
		t.deepEqual(refusal, missing && { kind: 'proof-needed', ...missing });
	});
}

test('what comes along is proved now, at level 1; a token is no proof of a person', (t) => {
	const judged = (access: Access, needs: Partial<Requirements>) =>
		firstUnmet({ ...nothing, ...needs }, access, {}, now)?.kind;
	for (const credential of ['basic', 'certificate', 'token'] as const) {
		t.is(judged({ identity, credential }, { assuranceLevel: 2 }), 'proof-needed', credential);
		t.is(judged({ identity, credential }, { assuranceLevel: 1 }), undefined, credential);
	}
	t.is(judged({ identity, credential: 'certificate', level: 2 }, { assuranceLevel: 2, provedWithinMs: 0 }), undefined);
	t.is(judged({ identity, credential: 'basic' }, { provedWithinMs: 0 }), undefined);
	t.is(judged({ identity, credential: 'token' }, { provedWithinMs: 1000 }), 'proof-needed');
});

test('a credential that comes along needs no token, no page of its own and no proof, and the permission all the same', (t) => {
	const ofSessions: Requirements = { ...nothing, session: 'open', xsrf: 'failed', provedWithinMs: 0 };
	t.is(firstUnmet(ofSessions, byBasic, {}, now), undefined);
	t.is(firstUnmet({ ...ofSessions, xsrf: 'token' }, byBasic, {}, now), undefined);
	t.like(firstUnmet({ ...ofSessions, permissions: { any: permissions('b', 'c') } }, byBasic, {}, now), {
		kind: 'permission-missing',
		permission: 'b or c' as Permission,
	});
});

const kinds: readonly { says: string; access: Access; taken: readonly ('password' | 'certificate' | 'basic')[] }[] = [
	{ says: 'a session by password', access: bySession, taken: ['password'] },
	{
		says: 'a session by certificate',
		access: { identity, session: { ...session, openedBy: 'certificate' } },
		taken: ['certificate'],
	},
	{ says: 'Basic that comes along', access: byBasic, taken: ['basic'] },
	{ says: 'a certificate that comes along', access: { identity, credential: 'certificate' }, taken: ['certificate'] },
];
for (const { says, access, taken } of kinds) {
	test(`${says} is of the kind ${taken}, and of no other`, (t) => {
		for (const kind of ['password', 'certificate', 'basic'] as const) {
			const refusal = firstUnmet({ ...nothing, credentials: [kind] }, access, {}, now);
			t.deepEqual(
				refusal,
				taken.includes(kind)
					? undefined
					: { kind: 'credential-not-accepted', credentials: [kind], identity: identity.name },
			);
		}
	});
}

test('what was recognised and lacks a right decides; what proves nothing of its holder does not', (t) => {
	const conclusive = order.filter(({ kind }) => isConclusive({ kind } as Refusal)).map(({ kind }) => kind);
	t.deepEqual(conclusive, ['proof-needed', 'permission-missing']);
});
