import { randomBytes } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { IdentityId } from '../../src/core/identity.ts';
import type {
	CertificateDigest,
	ClientCertificate,
	DialectName,
	Kept,
	Session,
	SessionKey,
	SessionNumber,
} from '../../src/core/session.ts';
import { completed } from '../../src/core/session.ts';
import type { CertifiedPage, SessionStore } from '../../src/core/stores.ts';
import { keyOf, newCredentialStamp, newIdentityId, newSessionToken, newXsrfToken } from '../../src/core/token.ts';
import type { Test } from '../_support/patient.ts';
import { type Opened, testsOf } from './opened.ts';
import { soon } from './soon.ts';

export type OpenedSessions = Opened<SessionStore>;

const kura = 'kura' as DialectName;
const kismet = 'kismet' as DialectName;
const insights = 'insights' as DialectName;

/** A moment near the present, as stores may forget what is long over. */
const start = Date.now() - 600_000;

export function after(ms: number): Instant {
	return (start + ms) as Instant;
}

function newKey(): SessionKey {
	return keyOf(newSessionToken(), { dialect: kura, secure: true });
}

export function newSession(facts: Partial<Kept> = {}): Session {
	return completed({
		key: newKey(),
		dialect: kura,
		identityId: newIdentityId(),
		xsrfToken: newXsrfToken(),
		openedAt: after(0),
		lastActivityAt: after(0),
		credentialStamp: newCredentialStamp(),
		openedBy: 'password',
		address: '192.0.2.7',
		device: 'Firefox on Linux',
		state: 'open',
		...facts,
	});
}

const newDigest = () => randomBytes(32).toString('hex') as CertificateDigest;

function keys(sessions: readonly Session[]): SessionKey[] {
	return sessions.map(({ key }) => key);
}

/** The promises of a SessionStore. */
export function keepsSessions(test: Test, name: string, open: (t: ExecutionContext) => Promise<OpenedSessions>) {
	const { says, saysOfTwo } = testsOf(test, name, 'sessions', open);

	const kinds: [string, Partial<Kept>][] = [
		['an open session', {}],
		['a session that waits for another password', { state: 'locked', needs: 'password-change' }],
		['a session that waits for a second factor', { state: 'locked', needs: 'second-factor' }],
		['a session that waits for enrolment', { state: 'locked', needs: 'enrolment' }],
		['a session of two factors', { methods: ['pwd', 'otp'], level: 2, provedAt: after(9), leveledAt: after(5) }],
		['a session opened by passkey', { openedBy: 'passkey', methods: ['hwk', 'user'], level: 2 }],
		['a session opened by certificate, at level 2', { openedBy: 'certificate', level: 2 }],
		['a session opened by certificate', { openedBy: 'certificate' }],
		['a session bound to a certificate', { openedBy: 'certificate', boundTo: newDigest() }],
		['a session by password that follows a bound one', { boundTo: newDigest() }],
		['a numbered session', { dialect: insights, number: 4_294_967_295 as SessionNumber }],
		['a session numbered 0', { number: 0 as SessionNumber }],
		['a session from an IPv6 address', { address: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff' }],
		['a session of a device that names itself oddly', { device: `Ünï 🦊 "'; DROP TABLE session; --\n` }],
		['a session without address and device', { address: '', device: '' }],
	];
	for (const [kind, facts] of kinds) {
		says(`${kind} is found as it was inserted`, async (t, store) => {
			const session = newSession(facts);
			t.deepEqual(await store.insert(session, 100), []);
			t.deepEqual(await store.find(session.key), session);
			t.deepEqual(await store.list(undefined, 10), [session]);
		});
	}

	/** Page by page; in no order. */
	async function certifiedIn(store: SessionStore, most: number) {
		const found = new Map<SessionKey, ClientCertificate | undefined>();
		let from: string | undefined;
		do {
			const page: CertifiedPage = await store.certified(most, from);
			for (const { key, certificate } of page.found) found.set(key, certificate);
			from = page.next;
		} while (from !== undefined);
		return inOrder(found);
	}
	const inOrder = (found: ReadonlyMap<SessionKey, unknown>) => [...found].sort(([a], [b]) => a.localeCompare(b));
	const newCertificate = (bytes: number) => randomBytes(bytes).toString('base64') as ClientCertificate;

	says('what opened a session by certificate is kept as it was, until the session ends', async (t, store) => {
		const opened = Array.from({ length: 40 }, () => newSession({ openedBy: 'certificate' }));
		const certificates = new Map(opened.map(({ key }, n) => [key, n === 0 ? undefined : newCertificate(400 + n)]));
		for (const session of opened) {
			await store.insert(session, 100, certificates.get(session.key));
			await store.insert(newSession(), 100);
			t.deepEqual(await store.find(session.key), session);
		}
		t.deepEqual(await certifiedIn(store, 7), inOrder(certificates));
		const gone = opened.slice(0, 3);
		await store.delete(gone[0]?.key as SessionKey);
		await store.deleteOf(gone[1]?.identityId as IdentityId);
		await store.insert(newSession({ identityId: gone[2]?.identityId as IdentityId }), 1);
		for (const { key } of gone) certificates.delete(key);
		t.deepEqual(await certifiedIn(store, 100), inOrder(certificates));
		while ((await store.sweep({ silentSince: after(1), openedBefore: after(1) }, 100)).length > 0);
		t.deepEqual(await certifiedIn(store, 100), []);
	});

	says('sessions that end from page to page hide no other', async (t, store) => {
		const opened = Array.from({ length: 30 }, () => newSession({ openedBy: 'certificate' }));
		for (const session of opened) await store.insert(session, 100, newCertificate(600));
		const seen = new Set<SessionKey>();
		let from: string | undefined;
		do {
			const page: CertifiedPage = await store.certified(4, from);
			for (const { key } of page.found) {
				seen.add(key);
				await store.delete(key);
			}
			from = page.next;
		} while (from !== undefined);
		t.deepEqual([...seen].sort(), keys(opened).sort());
	});

	saysOfTwo('what opened a session is known to every process', async (t, one, other) => {
		const session = newSession({ openedBy: 'certificate' });
		const certificate = newCertificate(700);
		await one.insert(session, 100, certificate);
		t.deepEqual(await certifiedIn(other, 10), [[session.key, certificate]]);
		await other.delete(session.key);
		t.deepEqual(await certifiedIn(one, 10), []);
	});

	says('a key that names no session finds nothing', async (t, store) => {
		const { key } = newSession();
		await store.insert(newSession({ key }), 100);
		for (const other of [newKey(), '', key.toUpperCase(), `${key}00`, `${key}zz`, key.slice(0, -2), ` ${key}`]) {
			t.is(await store.find(other as SessionKey), undefined, JSON.stringify(other));
			t.false(await store.delete(other as SessionKey), JSON.stringify(other));
		}
		t.not(await store.find(key), undefined);
	});

	says('two sessions never share a key: the second is rejected, the first stays', async (t, store) => {
		const session = newSession();
		await store.insert(session, 100);
		await t.throwsAsync(store.insert(newSession({ key: session.key }), 100));
		t.deepEqual(await store.find(session.key), session);
		t.deepEqual(await store.list(undefined, 10), [session]);
	});

	says('a rejected session ends no other', async (t, store) => {
		const identityId = newIdentityId();
		const taken = newSession();
		const mine = newSession({ identityId });
		await store.insert(taken, 100);
		await store.insert(mine, 100);
		await t.throwsAsync(store.insert(newSession({ identityId, key: taken.key }), 'alone'));
		t.deepEqual(await store.find(mine.key), mine);
	});

	says('sessions are listed newest first, of one identity or of all, no more than asked for', async (t, store) => {
		const identityId = newIdentityId();
		const mine = [1, 3, 5].map((ms) => newSession({ identityId, openedAt: after(ms), lastActivityAt: after(ms) }));
		const others = [2, 4].map((ms) => newSession({ openedAt: after(ms), lastActivityAt: after(ms) }));
		const [a, c, e] = mine as [Session, Session, Session];
		const [b, d] = others as [Session, Session];
		for (const session of [a, b, c, d, e]) await store.insert(session, 100);
		await store.touch(new Map([[a.key, after(1000)]]));
		t.deepEqual(keys(await store.list(undefined, 100)), keys([e, d, c, b, a]));
		t.deepEqual(keys(await store.list(undefined, 2)), keys([e, d]));
		t.deepEqual(keys(await store.list(identityId, 100)), keys([e, c, a]));
		t.deepEqual(keys(await store.list(identityId, 1)), keys([e]));
		t.deepEqual(await store.list(newIdentityId(), 100), []);
	});

	says('a touch moves the last activity forward, and nothing else', async (t, store) => {
		const session = newSession();
		await store.insert(session, 100);
		await store.touch(new Map([[session.key, after(5000)]]));
		t.deepEqual(await store.find(session.key), { ...session, lastActivityAt: after(5000) });
		t.deepEqual(await store.list(session.identityId, 1), [{ ...session, lastActivityAt: after(5000) }]);
	});

	says('a touch never moves it back, in whatever order calls arrive', async (t, store) => {
		const session = newSession({ lastActivityAt: after(100) });
		await store.insert(session, 100);
		await store.touch(new Map([[session.key, after(50)]]));
		t.is((await store.find(session.key))?.lastActivityAt, after(100));
		await Promise.all([300, 900, 200, 700].map((ms) => store.touch(new Map([[session.key, after(ms)]]))));
		t.is((await store.find(session.key))?.lastActivityAt, after(900));
	});

	says('a touch revives no session that was ended, and adds none', async (t, store) => {
		const session = newSession();
		await store.insert(session, 100);
		await store.find(session.key);
		await store.delete(session.key);
		await store.touch(
			new Map([
				[session.key, after(5000)],
				[newKey(), after(5000)],
			]),
		);
		t.is(await store.find(session.key), undefined);
		t.deepEqual(await store.list(undefined, 10), []);
	});

	says('a touch under way while a session ends does not revive it', async (t, store) => {
		const session = newSession();
		await store.insert(session, 100);
		for (let round = 0; round < 20; round += 1) {
			const touches = [1, 2, 3].map((ms) => store.touch(new Map([[session.key, after(round * 10 + ms)]])));
			const ended = store.delete(session.key);
			const late = store.touch(new Map([[session.key, after(round * 10 + 9)]]));
			await Promise.all([...touches, ended, late]);
			t.is(await store.find(session.key), undefined);
			await store.insert(session, 100);
		}
	});

	says('a touch of nothing, and one of very many, are done', async (t, store) => {
		const sessions = Array.from({ length: 600 }, () => newSession());
		for (const session of sessions) await store.insert(session, 100);
		await store.touch(new Map());
		await store.touch(new Map(sessions.map(({ key }, index) => [key, after(1 + index)])));
		for (const [index, { key }] of sessions.entries()) {
			t.is((await store.find(key))?.lastActivityAt, after(1 + index));
		}
	});

	says('an end is told to the one call that ended it', async (t, store) => {
		const session = newSession();
		await store.insert(session, 100);
		const told = await Promise.all(Array.from({ length: 5 }, () => store.delete(session.key)));
		t.is(told.filter(Boolean).length, 1);
		t.is(await store.find(session.key), undefined);
		t.false(await store.delete(session.key));
	});

	says('all sessions of an identity end, those of others stay', async (t, store) => {
		const identityId = newIdentityId();
		const mine = [kura, kismet, insights].map((dialect) => newSession({ identityId, dialect }));
		const other = newSession();
		for (const session of [...mine, other]) await store.insert(session, 100);
		t.deepEqual(keys(await store.deleteOf(identityId)).sort(), keys(mine).sort());
		for (const { key } of mine) t.is(await store.find(key), undefined);
		t.deepEqual(await store.find(other.key), other);
		t.deepEqual(await store.deleteOf(identityId), []);
	});

	says('many sessions end at once, and each end is told to one who asks', async (t, store) => {
		const many = Array.from({ length: 300 }, () => newSession());
		const [ended, other] = [many[0] as Session, newSession()];
		for (const session of [...many, other]) await store.insert(session, 100);
		await store.find(many[1]!.key);
		await store.delete(ended.key);
		t.deepEqual(keys(await store.deleteMany(many)).sort(), keys(many.slice(1)).sort());
		for (const { key } of many) t.is(await store.find(key), undefined);
		t.deepEqual(await store.find(other.key), other);
		t.deepEqual(await store.deleteMany(many), []);
		t.deepEqual(await store.deleteMany([]), []);
	});

	says(
		'the sessions of an identity end but for one, and but for those of dialects that are spared',
		async (t, store) => {
			const identityId = newIdentityId();
			const mine = [kura, kura, kismet, insights].map((dialect) => newSession({ identityId, dialect }));
			const [first, second, third, fourth] = mine as [Session, Session, Session, Session];
			for (const session of mine) await store.insert(session, 100);
			const ended = await store.deleteOf(identityId, { except: first.key, exceptDialects: [kismet] });
			t.deepEqual(keys(ended).sort(), keys([second, fourth]).sort());
			t.deepEqual(keys(await store.list(identityId, 10)).sort(), keys([first, third]).sort());
			t.deepEqual(
				ended.find(({ key }) => key === second.key),
				second,
			);
		},
	);

	says('a session that is to be alone ends the others of its identity and dialect', async (t, store) => {
		const identityId = newIdentityId();
		const old = newSession({ identityId, dialect: insights });
		const otherDialect = newSession({ identityId, dialect: kura });
		const otherIdentity = newSession({ dialect: insights });
		for (const session of [old, otherDialect, otherIdentity]) await store.insert(session, 100);
		const alone = newSession({ identityId, dialect: insights });
		t.deepEqual(await store.insert(alone, 'alone'), [old]);
		t.is(await store.find(old.key), undefined);
		for (const session of [otherDialect, otherIdentity, alone]) t.deepEqual(await store.find(session.key), session);
	});

	says('of many sessions that are to be alone at once, one is left', async (t, store) => {
		const identityId = newIdentityId();
		const sessions = Array.from({ length: 20 }, () => newSession({ identityId }));
		const ended = await Promise.all(sessions.map((session) => store.insert(session, 'alone')));
		t.is((await store.list(identityId, 100)).length, 1);
		t.is(new Set(keys(ended.flat())).size, 19);
		t.is(ended.flat().length, 19);
	});

	says('beyond so many sessions of an identity, of all dialects, the oldest ends', async (t, store) => {
		const identityId = newIdentityId();
		const mine = [kura, kismet, insights, kura].map((dialect, index) =>
			newSession({ identityId, dialect, openedAt: after(index), lastActivityAt: after(index) }),
		);
		const [first, second, third, fourth] = mine as [Session, Session, Session, Session];
		const other = newSession();
		await store.insert(other, 2);
		t.deepEqual(await store.insert(first, 2), []);
		t.deepEqual(await store.insert(second, 2), []);
		await store.touch(new Map([[first.key, after(0)]]));
		t.deepEqual(keys(await store.insert(third, 2)), [first.key]);
		t.deepEqual(keys(await store.insert(fourth, 1)).sort(), keys([second, third]).sort());
		t.deepEqual(keys(await store.list(identityId, 10)), [fourth.key]);
		t.deepEqual(await store.find(other.key), other);
	});

	says('those that wait for a second factor are counted by themselves, and push nothing else out', async (t, store) => {
		const identityId = newIdentityId();
		let at = 0;
		const next = (facts: Partial<Kept> = {}) => {
			at += 1;
			return newSession({ identityId, openedAt: after(at), lastActivityAt: after(at), ...facts });
		};
		const waiting = { state: 'locked', needs: 'second-factor' } as const;
		const [open, changing, enrolling] = [
			next(),
			next({ state: 'locked' }),
			next({ state: 'locked', needs: 'enrolment' }),
		];
		for (const session of [open, changing, enrolling]) t.deepEqual(await store.insert(session, 3), []);
		const [first, second, third] = [next(waiting), next(waiting), next(waiting)];
		for (const session of [first, second]) t.deepEqual(await store.insert(session, 2), []);
		t.deepEqual(keys(await store.insert(third, 2)), [first.key]);
		const another = next();
		t.deepEqual(keys(await store.insert(another, 3)), [open.key]);
		const left = [another, third, second, enrolling, changing];
		t.deepEqual(keys(await store.list(identityId, 10)), keys(left));
		t.deepEqual(keys(await store.insert(next(waiting), 1)).sort(), keys([second, third]).sort());
		t.deepEqual(keys(await store.insert(next(), 1)).sort(), keys([another, enrolling, changing]).sort());
	});

	says('the most that may live at once holds when many come at once', async (t, store) => {
		const identityId = newIdentityId();
		const sessions = Array.from({ length: 30 }, () => newSession({ identityId }));
		const ended = await Promise.all(sessions.map((session) => store.insert(session, 5)));
		t.is((await store.list(identityId, 100)).length, 5);
		t.is(ended.flat().length, 25);
	});

	const [replaced, notReplaced] = [true, false].map((isDone) => ({ isDone, ended: [] }));
	/** What takes the place of a session: its key and its secrets are others. */
	const raised = (session: Session, facts: Partial<Kept> = {}): Session =>
		completed({ ...session, key: newKey(), xsrfToken: newXsrfToken(), methods: ['pwd', 'otp'], level: 2, ...facts });

	says('one that takes the place of another is found as it is, and the other no more', async (t, store) => {
		const identityId = newIdentityId();
		const mine = [1, 2, 3].map((ms) => newSession({ identityId, openedAt: after(ms), lastActivityAt: after(ms) }));
		const [first, second, third] = mine as [Session, Session, Session];
		for (const session of mine) await store.insert(session, 100);
		await store.find(second.key);
		const next = raised(second, { lastActivityAt: after(50), provedAt: after(50), leveledAt: after(50) });
		t.deepEqual(await store.replace(second.key, next, 100), replaced);
		t.deepEqual(await store.find(next.key), next);
		t.is(await store.find(second.key), undefined);
		t.deepEqual(await store.list(identityId, 10), [third, next, first], 'it is as old as the other was');
		t.is(await store.count(), 3);
		t.false(await store.delete(second.key), 'and the end of the other is no end of it');
		t.deepEqual(await store.find(next.key), next);
		t.deepEqual(keys(await store.insert(newSession({ identityId, openedAt: after(9) }), 3)), [first.key]);
		t.deepEqual(keys(await store.deleteOf(identityId, { except: third.key })).includes(next.key), true);
		t.is(await store.find(next.key), undefined);
	});

	says('a locked session is opened by the one that takes its place', async (t, store) => {
		const locked = newSession({ state: 'locked', needs: 'second-factor' });
		await store.insert(locked, 100);
		const next = raised(completed({ ...locked, state: 'open' }));
		t.deepEqual(await store.replace(locked.key, next, 100), replaced);
		t.deepEqual(await store.find(next.key), next);
	});

	says(
		'one that is opened by what takes its place ends the oldest of those that wait for nothing',
		async (t, store) => {
			const identityId = newIdentityId();
			const at = (ms: number, facts: Partial<Kept> = {}) =>
				newSession({ identityId, openedAt: after(ms), lastActivityAt: after(ms), ...facts });
			const waiting = { state: 'locked', needs: 'second-factor' } as const;
			const [old, mine, other, young] = [at(1), at(2, waiting), at(3, waiting), at(4)];
			for (const session of [old, mine, other, young]) await store.insert(session, 2);
			const next = raised(mine, { state: 'open' });
			t.deepEqual(keys((await store.replace(mine.key, next, 2)).ended), [old.key]);
			t.deepEqual(keys(await store.list(identityId, 10)), keys([young, other, next]));
			t.is(await store.find(old.key), undefined);
			const again = raised(next);
			t.deepEqual(await store.replace(next.key, again, 2), replaced, 'one that was open already leaves as many');
			const last = raised(other, { state: 'open' });
			t.deepEqual(keys((await store.replace(other.key, last, 1)).ended).sort(), keys([young, again]).sort());
			t.deepEqual(keys(await store.list(identityId, 10)), [last.key]);
		},
	);

	says(
		'the most that may live at once holds when many are opened at once by what takes their place',
		async (t, store) => {
			const identityId = newIdentityId();
			const waiting = Array.from({ length: 20 }, () =>
				newSession({ identityId, state: 'locked', needs: 'second-factor' }),
			);
			for (const session of waiting) await store.insert(session, 100);
			const done = await Promise.all(
				waiting.map((session) => store.replace(session.key, raised(session, { state: 'open' }), 3)),
			);
			t.is((await store.list(identityId, 100)).length, 3);
			t.is(done.flatMap(({ ended }) => ended).length, 17);
		},
	);

	says('where nothing is, nothing takes its place', async (t, store) => {
		const session = newSession();
		const next = raised(session);
		t.deepEqual(await store.replace(session.key, next, 100), notReplaced);
		t.is(await store.find(next.key), undefined);
		await store.insert(session, 100);
		await store.delete(session.key);
		t.deepEqual(await store.replace(session.key, next, 100), notReplaced);
		t.is(await store.find(next.key), undefined);
		t.deepEqual(await store.list(undefined, 10), []);
	});

	says('of fifty that would take the place of one session, one does', async (t, store) => {
		const session = newSession();
		await store.insert(session, 100);
		const all = Array.from({ length: 50 }, () => raised(session));
		const done = await Promise.all(all.map((next) => store.replace(session.key, next, 100)));
		t.is(done.filter(({ isDone }) => isDone).length, 1);
		t.deepEqual(await store.list(undefined, 100), [all[done.findIndex(({ isDone }) => isDone)]]);
	});

	saysOfTwo('nor in two processes; and both know which', async (t, one, other) => {
		const session = newSession();
		await one.insert(session, 100);
		t.deepEqual(await other.find(session.key), session);
		const all = Array.from({ length: 20 }, () => raised(session));
		const done = await Promise.all(all.map((next, at) => (at % 2 ? one : other).replace(session.key, next, 100)));
		t.is(done.filter(({ isDone }) => isDone).length, 1);
		const next = all[done.findIndex(({ isDone }) => isDone)];
		for (const store of [one, other]) {
			t.true(await soon(async () => (await store.find(session.key)) === undefined));
			t.deepEqual(await store.list(undefined, 100), [next]);
		}
	});

	saysOfTwo('what is ended while another takes its place is over, whichever comes first', async (t, one, other) => {
		for (let round = 0; round < 20; round += 1) {
			const session = newSession();
			await one.insert(session, 100);
			const next = raised(session);
			await Promise.all([one.replace(session.key, next, 100), other.deleteOf(session.identityId)]);
			await other.deleteOf(session.identityId);
			t.deepEqual(await one.list(session.identityId, 10), []);
			t.true(await soon(async () => (await one.find(next.key)) === undefined));
		}
	});

	says('the certificate goes over with it, or another comes', async (t, store) => {
		const [one, two] = [newSession({ openedBy: 'certificate' }), newSession({ openedBy: 'certificate' })];
		const [first, second, third] = [newCertificate(400), newCertificate(400), newCertificate(400)];
		await store.insert(one, 100, first);
		await store.insert(two, 100, second);
		const [nextOne, nextTwo] = [raised(one), raised(two)];
		await store.replace(one.key, nextOne, 100);
		await store.replace(two.key, nextTwo, 100, third);
		const kept = new Map([
			[nextOne.key, first],
			[nextTwo.key, third],
		]);
		t.deepEqual(await certifiedIn(store, 10), inOrder(kept));
	});

	const limits = { silentSince: after(1000), openedBefore: after(500) };
	const ages: [string, Partial<Session>, boolean][] = [
		['silent since just before the limit', { openedAt: after(600), lastActivityAt: after(999) }, true],
		['silent since exactly the limit', { openedAt: after(600), lastActivityAt: after(1000) }, false],
		['opened just before the limit and active', { openedAt: after(499), lastActivityAt: after(5000) }, true],
		['opened exactly at the limit', { openedAt: after(500), lastActivityAt: after(5000) }, false],
	];
	for (const [age, facts, isSwept] of ages) {
		says(`a session ${age} is ${isSwept ? 'swept' : 'left by the sweep'}`, async (t, store) => {
			const session = newSession(facts);
			await store.insert(session, 100);
			t.deepEqual(await store.sweep(limits, 100), isSwept ? [session] : []);
			t.deepEqual(await store.find(session.key), isSwept ? undefined : session);
		});
	}

	says('a sweep takes no more than asked for, and fewer only where none is left', async (t, store) => {
		const over = Array.from({ length: 250 }, (_, index) =>
			newSession(index % 2 ? { openedAt: after(0), lastActivityAt: after(5000) } : { openedAt: after(600) }),
		);
		const alive = newSession({ openedAt: after(600), lastActivityAt: after(5000) });
		for (const session of [...over, alive]) await store.insert(session, 100);
		const swept = [...(await store.sweep(limits, 120))];
		t.is(swept.length, 120);
		swept.push(...(await store.sweep(limits, 120)));
		t.is(swept.length, 240);
		swept.push(...(await store.sweep(limits, 120)));
		t.deepEqual(keys(swept).sort(), keys(over).sort());
		t.deepEqual(await store.list(undefined, 10), [alive]);
	});

	says('a session touched in time is not swept', async (t, store) => {
		const session = newSession({ openedAt: after(600), lastActivityAt: after(600) });
		await store.insert(session, 100);
		await store.touch(new Map([[session.key, after(1000)]]));
		t.deepEqual(await store.sweep(limits, 100), []);
	});

	says('sessions are counted, all of them', async (t, store) => {
		t.is(await store.count(), 0);
		const sessions = [newSession(), newSession(), newSession()];
		for (const session of sessions) await store.insert(session, 100);
		t.true(await soon(async () => (await store.count()) === 3));
		await store.delete(sessions[0]!.key);
		t.true(await soon(async () => (await store.count()) === 2));
	});

	saysOfTwo('what one process inserts, another finds', async (t, one, other) => {
		const session = newSession();
		await one.insert(session, 100);
		t.deepEqual(await other.find(session.key), session);
		t.deepEqual(await other.list(session.identityId, 10), [session]);
	});

	saysOfTwo('what one process ends, another finds no more', async (t, one, other) => {
		for (const end of [
			(session: Session) => one.delete(session.key),
			(session: Session) => one.deleteOf(session.identityId),
			(session: Session) => one.insert(newSession({ identityId: session.identityId }), 'alone'),
			(session: Session) => one.insert(newSession({ identityId: session.identityId }), 1),
		]) {
			const session = newSession();
			await one.insert(session, 100);
			t.deepEqual(await other.find(session.key), session);
			await end(session);
			t.true(await soon(async () => (await other.find(session.key)) === undefined));
			await other.touch(new Map([[session.key, after(5000)]]));
			t.is(await one.find(session.key), undefined);
		}
	});

	saysOfTwo('where one process touches, another learns of it', async (t, one, other) => {
		const session = newSession();
		await one.insert(session, 100);
		await other.find(session.key);
		await one.touch(new Map([[session.key, after(7000)]]));
		t.true(await soon(async () => (await other.find(session.key))?.lastActivityAt === after(7000)));
		await other.touch(new Map([[session.key, after(6000)]]));
		t.is((await one.find(session.key))?.lastActivityAt, after(7000));
	});

	saysOfTwo('an end is told to one of two processes', async (t, one, other) => {
		for (let round = 0; round < 20; round += 1) {
			const session = newSession();
			await one.insert(session, 100);
			const told = await Promise.all([one.delete(session.key), other.delete(session.key)]);
			t.is(told.filter(Boolean).length, 1);
		}
	});

	saysOfTwo('of sessions that are to be alone at once in two processes, one is left', async (t, one, other) => {
		const identityId = newIdentityId();
		const sessions = Array.from({ length: 40 }, () => newSession({ identityId }));
		await Promise.all(sessions.map((session, index) => (index % 2 ? one : other).insert(session, 'alone')));
		t.is((await one.list(identityId, 100)).length, 1);
	});

	saysOfTwo('the most that may live at once holds over two processes', async (t, one, other) => {
		const identityId = newIdentityId();
		const sessions = Array.from({ length: 40 }, () => newSession({ identityId }));
		await Promise.all(sessions.map((session, index) => (index % 2 ? one : other).insert(session, 3)));
		t.is((await one.list(identityId, 100)).length, 3);
	});

	saysOfTwo('a store that closes leaves the sessions where they are', async (t, one, other) => {
		const session = newSession();
		const ended = newSession();
		await one.insert(session, 100);
		await one.insert(ended, 100);
		await one.delete(ended.key);
		await one.close();
		t.deepEqual(await other.find(session.key), session);
		t.is(await other.find(ended.key), undefined);
	});
}
