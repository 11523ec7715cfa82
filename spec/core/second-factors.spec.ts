import test from 'ava';
import type {
	AuthenticatorId,
	RecoveryBatch,
	RecoveryCodeVerifier,
	TotpAuthenticator,
	TotpStep,
} from '../../src/core/authenticator.ts';
import { mostFailures } from '../../src/core/authenticator.ts';
import type { Instant } from '../../src/core/clock.ts';
import { createFactorThrottle } from '../../src/core/factor-throttle.ts';
import type { HashQueue } from '../../src/core/password.ts';
import { createRecoveryCodeFactor, newRecoveryCodes, parseRecoveryCode } from '../../src/core/recovery-codes.ts';
import { ok, refuse } from '../../src/core/refusal.ts';
import { createSealing, newSealingKey } from '../../src/core/sealing.ts';
import type { SessionKey } from '../../src/core/session.ts';
import { newIdentityId } from '../../src/core/token.ts';
import { codeAt, newTotpSecret, stepAt } from '../../src/core/totp.ts';
import { createTotpFactor } from '../../src/core/totp-factor.ts';
import { createCodeHasher } from '../../src/hashing/recovery-codes.ts';
import { createSqliteIdentities } from '../../src/store/sqlite/identities.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createHandAttempts } from '../_support/core.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { sharedHashThreads } from '../_support/hash-threads.ts';
import { newIdentity } from '../store/identity-store.contract.ts';
import { isFactor, useFor } from './factor.contract.ts';
import { right } from './passkey-stage.ts';

const minuteMs = 60_000;

const threads = sharedHashThreads(1);
test.after.always(() => threads.close());
const hasher = createCodeHasher(threads);
/** One that lets everybody in at once. */
const queue: HashQueue = { run: async (hash) => ok(await hash()) };

/** Ten digests take their time: made once. */
const printed = newRecoveryCodes({ hasher, queue }).then(right);

/** Ada has two apps and ten codes on paper; Bob has nothing. `turns`: in place of a queue that is never full. */
async function openStage(turns = queue) {
	const clock = createHandClock();
	const identities = createSqliteIdentities(openSqlite(':memory:'));
	const [owner, stranger] = [newIdentity(), newIdentity()];
	await identities.insert(owner);
	await identities.insert(stranger);
	const store = identities.authenticators;
	const throttle = createFactorThrottle(createHandAttempts(clock));
	const sealing = createSealing([newSealingKey()]);
	const keys = { present: async () => sealing as typeof sealing | undefined };
	const secrets = [newTotpSecret(), newTotpSecret()] as const;
	const authenticators = secrets.map((secret, index): TotpAuthenticator => {
		const id = newIdentityId() as string as AuthenticatorId;
		return {
			...{ kind: 'totp', id, identityId: owner.id, name: `Phone ${index}`, failures: 0 },
			...{ createdAt: clock.now(), confirmedAt: clock.now(), lastStep: 0 as TotpStep },
			sealedSecret: sealing.seal(secret, { id, identityId: owner.id }),
		};
	});
	for (const each of authenticators) await store.insert(each, 20);
	const paper = await printed;
	await store.putRecoveryCodes(owner.id, paper.batch, paper.verifiers, owner.credentialStamp);
	return {
		...{ clock, store, owner, stranger, keys, authenticators },
		totp: createTotpFactor({ store, sealing: keys, throttle, clock }),
		recovery: createRecoveryCodeFactor({ store, hashing: { hasher, queue: turns }, throttle, clock }),
		codes: paper.codes.map((code) => parseRecoveryCode(code) ?? ''),
		/** Of the app, so many steps from now. */
		codeOf: (app: 0 | 1 = 0, steps = 0) => codeAt(secrets[app], (stepAt(clock.now()) + steps) as TotpStep),
		wrongCode() {
			const right = secrets.flatMap((secret) =>
				[-2, -1, 0, 1, 2].map((steps) => codeAt(secret, (stepAt(clock.now()) + steps) as TotpStep)),
			);
			return Array.from({ length: 20 }, (_, digit) => String(digit).padStart(6, '0')).find(
				(code) => !right.includes(code),
			)!;
		},
		close: async () => identities.close(),
	};
}

const use = useFor();

isFactor(test, 'TOTP', async () => {
	const stage = await openStage();
	const unused = ([0, 1] as const).flatMap((app) => [-1, 0, 1].map((steps) => [app, steps] as const));
	return {
		...stage,
		factor: stage.totp,
		newRight: async () => stage.codeOf(...(unused.shift() ?? ([0, 0] as const))),
		newWrong: async () => stage.wrongCode(),
		async switchOff() {
			for (const { id } of stage.authenticators) await stage.store.disable(id, stage.clock.now());
		},
	};
});

isFactor(test, 'recovery codes', async () => {
	const stage = await openStage();
	return {
		...stage,
		factor: stage.recovery,
		newRight: async () => stage.codes.pop() ?? '',
		newWrong: async () => 'a'.repeat(16),
		async switchOff() {
			const { batch, verifiers } = await printed;
			const { owner, store, clock } = stage;
			await store.putRecoveryCodes(owner.id, batch, verifiers.slice(0, 1), owner.credentialStamp);
			await store.takeRecoveryCode(owner.id, verifiers[0]!, clock.now());
		},
	};
});

test('a code of an app counts once in its whole window, and those before it not at all', async (t) => {
	const { totp, owner, clock, codeOf } = await openStage();
	const [before, present, next] = [codeOf(0, -1), codeOf(), codeOf(0, 1)];
	t.true((await totp.check(owner, present, use)).ok);
	for (const seconds of [0, 29, 30]) {
		clock.wind(seconds * 1000);
		t.false((await totp.check(owner, present, use)).ok, `after ${seconds} seconds`);
	}
	t.false((await totp.check(owner, before, use)).ok);
	t.true((await totp.check(owner, next, use)).ok);
});

test('a code that was used does not come back with a clock that goes back', async (t) => {
	const { totp, owner, clock, codeOf } = await openStage();
	const code = codeOf();
	t.true((await totp.check(owner, code, use)).ok);
	clock.wind(-10_000);
	t.false((await totp.check(owner, code, use)).ok);
	clock.wind(-60 * minuteMs);
	t.false((await totp.check(owner, codeOf(), use)).ok, 'of an hour that is over');
	clock.wind(61 * minuteMs);
	t.true((await totp.check(owner, codeOf(), use)).ok);
});

test('a code that has signed somebody in proves nothing more, in that session or another', async (t) => {
	const { totp, owner, clock, codeOf } = await openStage();
	const [code, next] = [codeOf(), codeOf(0, 1)];
	const session = 'the session that it opened' as SessionKey;
	t.true((await totp.check(owner, code, useFor({ purpose: 'login', session }))).ok);
	const proof = useFor({ purpose: 'proof', session });
	for (const each of [proof, useFor({ purpose: 'proof' }), useFor({ purpose: 'login' })]) {
		t.like(await totp.check(owner, code, each), { ok: false, refusal: { kind: 'bad-credentials' } });
	}
	clock.wind(30_000);
	t.like(await totp.check(owner, code, proof), { ok: false, refusal: { kind: 'bad-credentials' } }, 'a step later');
	t.true((await totp.check(owner, next, proof)).ok, 'the next one does');
});

test('each app of an identity proves, by its own codes', async (t) => {
	const { totp, owner, codeOf } = await openStage();
	t.true((await totp.check(owner, codeOf(0), use)).ok);
	t.true((await totp.check(owner, codeOf(1), use)).ok);
	t.false((await totp.check(owner, codeOf(1), use)).ok);
});

test('after five wrong ones one waits a second, two, four and so on, up to a quarter of an hour', async (t) => {
	const { totp, owner, clock, wrongCode } = await openStage();
	const waits: number[] = [];
	while (waits.length < 12) {
		const outcome = await totp.check(owner, wrongCode(), use);
		if (outcome.ok) return t.fail('a wrong one is right');
		if (outcome.refusal.kind !== 'too-many-attempts') continue;
		waits.push(outcome.refusal.retryAfterMs / 1000);
		clock.wind(outcome.refusal.retryAfterMs);
	}
	t.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
});

test('a hundred wrong ones in a row switch all apps off, until another factor is shown', async (t) => {
	const { totp, recovery, owner, clock, store, codes, codeOf, wrongCode } = await openStage();
	let tried = 0;
	while ((await totp.standingOf(owner)) === 'ready') {
		const outcome = await totp.check(owner, wrongCode(), use);
		if (!outcome.ok && outcome.refusal.kind === 'bad-credentials') tried += 1;
		clock.wind(16 * minuteMs);
	}
	t.is(tried, mostFailures);
	t.is(await totp.standingOf(owner), 'off');
	clock.wind(2 * 24 * 60 * minuteMs);
	t.false((await totp.check(owner, codeOf(), use)).ok, 'it is off, however long one waits');
	t.true((await recovery.check(owner, codes[0]!, use)).ok);
	t.is(await totp.standingOf(owner), 'ready');
	clock.wind(16 * minuteMs);
	t.true((await totp.check(owner, codeOf(), use)).ok);
	t.deepEqual(
		(await store.list(owner.id)).map(({ failures }) => failures),
		[0, 0],
	);
});

test('a right one makes the wrong ones before it forgotten', async (t) => {
	const { totp, owner, clock, store, codeOf, wrongCode } = await openStage();
	for (let round = 0; round < 5; round += 1) {
		for (let times = 0; times < 4; times += 1) await totp.check(owner, wrongCode(), use);
		t.true((await totp.check(owner, codeOf(), use)).ok, `round ${round}`);
		clock.wind(2 * minuteMs);
	}
	t.deepEqual(
		(await store.list(owner.id)).map(({ failures, disabledAt }) => ({ failures, disabledAt })),
		[
			{ failures: 0, disabledAt: undefined },
			{ failures: 0, disabledAt: undefined },
		],
	);
});

test('wrong ones at one factor make nobody wait at the other', async (t) => {
	const { totp, recovery, owner, codes, wrongCode } = await openStage();
	for (let times = 0; times < 8; times += 1) await totp.check(owner, wrongCode(), use);
	t.like(await totp.check(owner, wrongCode(), use), { refusal: { kind: 'too-many-attempts' } });
	t.true((await recovery.check(owner, codes[0]!, use)).ok);
});

test('without the key TOTP is off, and still there', async (t) => {
	const { totp, owner, keys, codeOf } = await openStage();
	keys.present = async () => undefined;
	t.is(await totp.standingOf(owner), 'off');
	t.false((await totp.check(owner, codeOf(), use)).ok);
});

test('ten codes of 80 bits are made, all different; people may type them as they read them', async (t) => {
	const { codes, verifiers, batch } = right(await newRecoveryCodes({ hasher, queue }));
	t.is(codes.length, 10);
	t.is(new Set(codes).size, 10);
	t.is(new Set(verifiers).size, 10);
	for (const code of codes) t.regex(code, /^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
	const plain = codes[0]!.replaceAll('-', '');
	for (const typed of [
		codes[0]!,
		plain,
		plain.toUpperCase(),
		` ${codes[0]} `,
		plain.replaceAll('o', '0').replaceAll('l', '1').replaceAll('b', '8'),
	]) {
		t.is(parseRecoveryCode(typed), plain);
	}
	for (const wrong of ['', plain.slice(1), `${plain}a`, plain.replace(/.$/, '9'), plain.replace(/.$/, 'é')]) {
		t.is(parseRecoveryCode(wrong), undefined);
	}
	for (const verifier of verifiers) t.false(verifier.includes(plain));
	t.truthy(batch);
});

test('codes that were kept by versions before still work', async (t) => {
	const batch = 'AAECAwQFBgcICQoLDA0ODw' as RecoveryBatch;
	t.is(
		await hasher.digest('abcdefghijklmnop', batch),
		'bs5Xb9pcgQWOkbHi1YsnMI2fIEijBXYErgM3JSz18ks' as RecoveryCodeVerifier,
	);
});

test('ten digests take ten turns, one after the other', async (t) => {
	let [turns, running, most] = [0, 0, 0];
	const counting: HashQueue = {
		async run(hash) {
			turns += 1;
			running += 1;
			most = Math.max(most, running);
			const made = ok(await hash());
			running -= 1;
			return made;
		},
	};
	right(await newRecoveryCodes({ hasher, queue: counting }));
	t.deepEqual([turns, most], [10, 1]);
});

test('a recovery code that is not tried since too many are waiting is no attempt, and is still good', async (t) => {
	let isFull = true;
	const tooBusy = { kind: 'too-busy', retryAfterMs: 2000 } as const;
	const turns: HashQueue = { run: async (hash) => (isFull ? refuse(tooBusy) : ok(await hash())) };
	const { recovery, owner, store, codes } = await openStage(turns);
	for (let times = 0; times < 20; times += 1) {
		t.deepEqual(await recovery.check(owner, codes[0]!, use), { ok: false, refusal: tooBusy });
	}
	t.like(await store.recoveryCodes(owner.id), { left: 10 });
	isFull = false;
	t.true((await recovery.check(owner, codes[0]!, use)).ok);
});

test('each recovery code works, once; when all are used up a second factor is still asked for', async (t) => {
	const { recovery, owner, codes, clock } = await openStage();
	for (const code of codes) {
		t.true((await recovery.check(owner, code, use)).ok);
		t.false((await recovery.check(owner, code, use)).ok);
		clock.wind(1000 as Instant);
	}
	t.is(await recovery.standingOf(owner), 'off');
});
