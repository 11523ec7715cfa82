import type { ExecutionContext } from 'ava';
import {
	type Authenticator,
	type AuthenticatorId,
	type CredentialId,
	mostFailures,
	type RecoveryBatch,
	type RecoveryCodeVerifier,
	type SealedSecret,
	type TotpAuthenticator,
	type TotpStep,
	type WebAuthnAuthenticator,
} from '../../src/core/authenticator.ts';
import type { AuthenticatorStore, StampChange } from '../../src/core/authenticator-store.ts';
import type { Instant } from '../../src/core/clock.ts';
import type { Identity } from '../../src/core/identity.ts';
import type { IdentityStore } from '../../src/core/stores.ts';
import { newCredentialStamp, newIdentityId } from '../../src/core/token.ts';
import type { Test } from '../_support/patient.ts';
import { newIdentity } from './identity-store.contract.ts';

const from = 1_790_000_000_123;
const at = (ms: number) => (from + ms) as Instant;
const step = (number: number) => (59_666_666 + number) as TotpStep;
const limit = 20;
const newId = () => newIdentityId() as string as AuthenticatorId;

export function newTotp({ id }: Identity, facts: Partial<TotpAuthenticator> = {}): TotpAuthenticator {
	return {
		kind: 'totp',
		id: newId(),
		identityId: id,
		name: 'Phone',
		createdAt: at(0),
		confirmedAt: at(1),
		failures: 0,
		sealedSecret: 'k1.sealed' as SealedSecret,
		lastStep: step(0),
		...facts,
	};
}

export function newPasskey({ id }: Identity, facts: Partial<WebAuthnAuthenticator> = {}): WebAuthnAuthenticator {
	return {
		kind: 'webauthn',
		id: newId(),
		identityId: id,
		name: 'Ünï 🦊 "key"',
		createdAt: at(0),
		confirmedAt: at(0),
		failures: 0,
		credentialId: Buffer.from(newId()).toString('base64url') as CredentialId,
		publicKey: 'pQECAyYgASFY',
		signCount: 2 ** 32 - 2,
		transports: ['internal', 'hybrid'],
		aaguid: '00000000-0000-0000-0000-000000000000',
		rpId: 'login.example.com',
		uv: true,
		backupEligible: true,
		backedUp: false,
		...facts,
	};
}

function pendingTotp(identity: Identity): TotpAuthenticator {
	const { confirmedAt: _, ...totp } = newTotp(identity);
	return totp;
}

const changeOf = ({ credentialStamp }: Identity): StampChange => ({ from: credentialStamp, to: newCredentialStamp() });
const batch = 'batch' as RecoveryBatch;
const verifiers = (...texts: string[]) => texts as RecoveryCodeVerifier[];

/** The promises of an AuthenticatorStore. `open`: two connections to the same identities, fresh and empty. */
export function keepsAuthenticators(
	test: Test,
	name: string,
	open: (t: ExecutionContext) => Promise<readonly [IdentityStore, IdentityStore]>,
) {
	interface Stage {
		readonly store: AuthenticatorStore;
		/** Of another connection. */
		readonly other: AuthenticatorStore;
		readonly identities: IdentityStore;
		readonly ada: Identity;
		add(...authenticators: Authenticator[]): Promise<void>;
		stamp(): Promise<string | undefined>;
	}

	function says(sentence: string, check: (t: ExecutionContext, stage: Stage) => Promise<void>) {
		test(`${name}: ${sentence}`, async (t) => {
			const [identities, others] = await open(t);
			t.teardown(() => identities.close());
			if (others !== identities) t.teardown(() => others.close());
			const ada = newIdentity();
			await identities.insert(ada);
			const { authenticators: store } = identities;
			await check(t, {
				...{ store, other: others.authenticators, identities, ada },
				async add(...authenticators) {
					for (const each of authenticators) t.is(await store.insert(each, limit), 'inserted');
				},
				stamp: async () => (await identities.find(ada.id))?.credentialStamp,
			});
		});
	}

	says('authenticators are found as they were inserted, oldest first', async (t, { store, other, ada, add }) => {
		const kinds = [
			newTotp(ada),
			newPasskey(ada),
			newPasskey(ada, { transports: [], signCount: 0, uv: false, backupEligible: false, backedUp: true }),
			newTotp(ada, { lastUsedAt: at(9), failures: 3, disabledAt: at(10), name: '' }),
			pendingTotp(ada),
		];
		await add(...kinds);
		t.deepEqual(await other.list(ada.id), kinds);
		t.deepEqual(await other.findByCredential((kinds[1] as WebAuthnAuthenticator).credentialId), kinds[1] as never);
		t.is(await store.findByCredential('nobody' as CredentialId), undefined);
		t.deepEqual(await store.list(newIdentityId()), []);
	});

	says(
		'nothing is kept of an identity that is not there, and all goes with it',
		async (t, { store, identities, ada, add }) => {
			t.is(await store.insert(newTotp(newIdentity()), limit), 'absent');
			t.is(await store.putRecoveryCodes(newIdentityId(), batch, verifiers('a'), ada.credentialStamp), 'outdated');
			const passkey = newPasskey(ada);
			await add(passkey, newTotp(ada));
			t.is(await store.putRecoveryCodes(ada.id, batch, verifiers('a'), ada.credentialStamp), 'kept');
			t.deepEqual(await store.holders(), [ada.id]);
			t.is(await identities.remove(ada.id), 'done');
			t.deepEqual(await store.read(ada.id), { authenticators: [], recoveryCodes: [] });
			t.is(await store.findByCredential(passkey.credentialId), undefined);
			t.deepEqual(await store.holders(), []);
		},
	);

	says('the same credential is one among all identities', async (t, { store, identities, ada, add }) => {
		const bob = newIdentity();
		await identities.insert(bob);
		const passkey = newPasskey(ada);
		await add(passkey);
		t.is(await store.insert(newPasskey(ada, { credentialId: passkey.credentialId }), limit), 'taken');
		t.is(await store.insert(newPasskey(bob, { credentialId: passkey.credentialId }), limit, changeOf(bob)), 'taken');
		t.is((await identities.find(bob.id))?.credentialStamp, bob.credentialStamp);
		t.deepEqual(await store.list(bob.id), []);
	});

	says('an identity has so many; an unconfirmed one makes room for the next', async (t, { store, ada, add }) => {
		await add(newPasskey(ada), pendingTotp(ada));
		const next = pendingTotp(ada);
		t.is(await store.insert(next, 2), 'inserted');
		t.deepEqual((await store.list(ada.id)).map(({ id }) => id).slice(1), [next.id]);
		t.is(await store.insert(newPasskey(ada), 2), 'full');
	});

	says('an addition changes the stamp, where it is still the one that was seen', async (t, { store, ada, stamp }) => {
		const change = changeOf(ada);
		t.is(await store.insert(newPasskey(ada), limit, change), 'inserted');
		t.is(await stamp(), change.to);
		t.is(await store.insert(newPasskey(ada), limit, change), 'outdated');
		t.is((await store.list(ada.id)).length, 1);
		t.is(await stamp(), change.to);
	});

	says('a TOTP authenticator is confirmed once, by its owner', async (t, { store, ada, add, stamp }) => {
		const pending = pendingTotp(ada);
		await add(pending);
		const first = { step: step(5), at: at(7) };
		const change = changeOf(ada);
		t.is(await store.confirm(pending.id, newIdentityId(), first, change), 'absent');
		t.is(await store.confirm(newId(), ada.id, first, change), 'absent');
		t.is(await store.confirm(pending.id, ada.id, first, { ...change, from: newCredentialStamp() }), 'outdated');
		t.is(await stamp(), ada.credentialStamp);
		t.is(await store.confirm(pending.id, ada.id, first, change), 'confirmed');
		t.is(await stamp(), change.to);
		t.is(await store.confirm(pending.id, ada.id, first, { from: change.to, to: newCredentialStamp() }), 'absent');
		t.is(await stamp(), change.to);
		t.deepEqual(await store.list(ada.id), [{ ...pending, confirmedAt: at(7), lastUsedAt: at(7), lastStep: step(5) }]);
	});

	says('one that is added alone takes the place of all others and of the recovery codes', async (t, stage) => {
		const { store, identities, ada, add, stamp } = stage;
		const bob = newIdentity();
		await identities.insert(bob);
		const his = newTotp(bob);
		const [lost, pending] = [newTotp(ada), pendingTotp(ada)];
		await add(lost, his, pending);
		t.is(await store.putRecoveryCodes(ada.id, batch, verifiers('a'), ada.credentialStamp), 'kept');
		const outdated = { from: newCredentialStamp(), to: newCredentialStamp(), alone: true };
		const first = { step: step(5), at: at(7) };
		t.is(await store.confirm(pending.id, ada.id, first, outdated), 'outdated');
		t.is(await store.insert(newPasskey(ada), limit, outdated), 'outdated');
		t.is((await store.list(ada.id)).length, 2);
		const change = { ...changeOf(ada), alone: true };
		t.is(await store.confirm(pending.id, ada.id, first, change), 'confirmed');
		const confirmed = { ...pending, confirmedAt: at(7), lastUsedAt: at(7), lastStep: step(5) };
		t.deepEqual(await store.read(ada.id), { authenticators: [confirmed], recoveryCodes: [] });

		t.is(await store.putRecoveryCodes(ada.id, batch, verifiers('b'), change.to), 'kept');
		const passkey = newPasskey(ada);
		const next = { from: change.to, to: newCredentialStamp(), alone: true };
		t.is(await store.insert(passkey, 1, next), 'inserted', 'as many as there may be are no obstacle');
		t.is(await stamp(), next.to);
		t.deepEqual(await store.read(ada.id), { authenticators: [passkey], recoveryCodes: [] });
		t.deepEqual(await store.list(bob.id), [his]);
	});

	says('of many confirmations at once, one is done', async (t, { store, other, ada, add }) => {
		const pending = pendingTotp(ada);
		await add(pending);
		const answers = await Promise.all(
			Array.from({ length: 20 }, (_, index) =>
				(index % 2 === 0 ? store : other).confirm(pending.id, ada.id, { step: step(1), at: at(1) }, changeOf(ada)),
			),
		);
		t.is(answers.filter((answer) => answer === 'confirmed').length, 1);
	});

	says('a name is changed by its owner alone', async (t, { store, ada, add }) => {
		const totp = newTotp(ada);
		await add(totp);
		t.false(await store.rename(totp.id, newIdentityId(), 'theirs'));
		t.false(await store.rename(newId(), ada.id, 'theirs'));
		t.true(await store.rename(totp.id, ada.id, 'Old phone'));
		t.deepEqual(await store.list(ada.id), [{ ...totp, name: 'Old phone' }]);
	});

	says(
		'a removal changes the stamp; without that an unconfirmed one alone goes',
		async (t, { store, ada, add, stamp }) => {
			const [totp, passkey, pending] = [newTotp(ada), newPasskey(ada), pendingTotp(ada)];
			await add(totp, passkey, pending);
			t.is(await store.remove(totp.id, ada.id), 'absent');
			t.is(await store.remove(pending.id, newIdentityId()), 'absent');
			t.is(await store.remove(pending.id, ada.id), 'removed');
			t.is(await stamp(), ada.credentialStamp);
			const change = changeOf(ada);
			t.is(await store.remove(totp.id, newIdentityId(), change), 'absent');
			t.is(await store.remove(totp.id, ada.id, change), 'removed');
			t.is(await stamp(), change.to);
			t.is(await store.remove(passkey.id, ada.id, change), 'outdated');
			t.deepEqual(await store.list(ada.id), [passkey]);
		},
	);

	says('all of an identity go at once, with its recovery codes, and nobody else’s', async (t, stage) => {
		const { store, identities, ada, add, stamp } = stage;
		const bob = newIdentity();
		await identities.insert(bob);
		const his = newTotp(bob);
		await add(newTotp(ada), newPasskey(ada), pendingTotp(ada), his);
		t.is(await store.putRecoveryCodes(ada.id, batch, verifiers('a', 'b'), ada.credentialStamp), 'kept');
		t.is(await store.clear(ada.id, { from: newCredentialStamp(), to: newCredentialStamp() }), 'outdated');
		const change = changeOf(ada);
		t.is(await store.clear(ada.id, change), 3);
		t.is(await stamp(), change.to);
		t.deepEqual(await store.read(ada.id), { authenticators: [], recoveryCodes: [] });
		t.deepEqual(await store.list(bob.id), [his]);
	});

	says('a step is used up once, with all before it, for many at once and on two nodes', async (t, stage) => {
		const { store, other, ada, add } = stage;
		const [totp, pending] = [newTotp(ada), pendingTotp(ada)];
		await add(totp, pending);
		const takes = await Promise.all(
			Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? store : other).takeStep(totp.id, step(3), at(5))),
		);
		t.is(takes.filter(Boolean).length, 1);
		t.false(await other.takeStep(totp.id, step(2), at(6)));
		t.false(await store.takeStep(totp.id, step(3), at(6)));
		t.true(await other.takeStep(totp.id, step(4), at(7)));
		t.false(await store.takeStep(pending.id, step(9), at(7)), 'it was never confirmed');
		const [kept] = await store.list(ada.id);
		t.deepEqual(kept, { ...totp, lastStep: step(4), lastUsedAt: at(7) });
	});

	says('so many failures in a row disable those that were tried, for many at once too', async (t, stage) => {
		const { store, other, ada, add } = stage;
		const [totp, passkey, pending] = [newTotp(ada, { failures: mostFailures - 10 }), newPasskey(ada), pendingTotp(ada)];
		await add(totp, passkey, pending);
		const begin = (index: number) =>
			(index % 2 === 0 ? store : other).beginAttempt(ada.id, 'totp', at(5), mostFailures);
		const tried = await Promise.all(Array.from({ length: 30 }, (_, index) => begin(index)));
		t.is(tried.filter((each) => each.length === 1 && each[0]?.id === totp.id).length, 10);
		t.is(tried.filter((each) => each.length === 0).length, 20);
		const disabled = { ...totp, failures: mostFailures, disabledAt: at(5) };
		t.deepEqual(await store.list(ada.id), [disabled, passkey, pending]);
	});

	says('what failures disabled is usable again when they are forgotten, and nothing else is', async (t, stage) => {
		const { store, ada, add } = stage;
		const [totp, fresh] = [newTotp(ada, { failures: mostFailures, disabledAt: at(5) }), newTotp(ada, { failures: 7 })];
		const cloned = newPasskey(ada, { failures: 1, disabledAt: at(6) });
		await add(totp, fresh, cloned);
		await store.forgetFailures(ada.id, mostFailures);
		const { disabledAt: _, ...usable } = totp;
		t.deepEqual(await store.list(ada.id), [
			{ ...usable, failures: 0 },
			{ ...fresh, failures: 0 },
			{ ...cloned, failures: 0 },
		]);
	});

	says('a counter only grows, unless there is none', async (t, { store, ada, add }) => {
		const [counting, synced] = [newPasskey(ada, { signCount: 5 }), newPasskey(ada, { signCount: 0 })];
		await add(counting, synced);
		const use = ({ id }: Authenticator, signCount: number) =>
			store.recordUse(id, { signCount, backedUp: true, at: at(signCount) });
		t.deepEqual([await use(counting, 5), await use(counting, 0), await use(counting, 4)], [false, false, false]);
		t.deepEqual([await use(counting, 6), await use(counting, 6)], [true, false]);
		t.deepEqual(
			[await use(synced, 0), await use(synced, 0), await use(synced, 1), await use(synced, 0)],
			[true, true, true, false],
		);
		t.deepEqual(await store.list(ada.id), [
			{ ...counting, signCount: 6, backedUp: true, lastUsedAt: at(6) },
			{ ...synced, signCount: 1, backedUp: true, lastUsedAt: at(1) },
		]);
		t.true(await store.disable(counting.id, at(9)));
		t.false(await store.disable(counting.id, at(10)));
		t.false(await use(counting, 99));
	});

	says('recovery codes are kept where the stamp is the one that was seen, and a factor confirmed', async (t, stage) => {
		const { store, other, identities, ada, add, stamp } = stage;
		const bob = newIdentity();
		await identities.insert(bob);
		const put = (text: string, seen = ada.credentialStamp) =>
			store.putRecoveryCodes(ada.id, batch, verifiers(text), seen);
		t.is(await put('a'), 'no-factor');
		await add(pendingTotp(ada), newTotp(bob));
		t.is(await put('a'), 'no-factor', 'an app that was never confirmed is none, nor is that of another');
		t.is(await put('a', bob.credentialStamp), 'outdated');
		t.is(await store.recoveryCodes(ada.id), undefined);
		const disabled = newPasskey(ada, { disabledAt: at(5) });
		await add(disabled);
		t.is(await put('a'), 'kept');
		t.is(await put('b', newCredentialStamp()), 'outdated');
		t.deepEqual(await other.recoveryCodes(ada.id), { batch, left: 1 });
		t.is(await other.takeRecoveryCode(ada.id, 'b' as RecoveryCodeVerifier, at(6)), undefined);
		t.is(await stamp(), ada.credentialStamp);
		const change = changeOf(ada);
		t.is(await other.clear(ada.id, change), 2);
		t.is(await put('c'), 'outdated');
		t.is(await put('c', change.to), 'no-factor');
		t.deepEqual(await store.read(ada.id), { authenticators: [], recoveryCodes: [] });
	});

	says('of codes that are put down beside a reset, none stay', async (t, { store, other, ada, add }) => {
		await add(newTotp(ada));
		const puts = Array.from({ length: 20 }, (_, index) =>
			(index % 2 === 0 ? store : other).putRecoveryCodes(ada.id, batch, verifiers('a', 'b'), ada.credentialStamp),
		);
		const [cleared, ...answers] = await Promise.all([other.clear(ada.id, changeOf(ada)), ...puts]);
		t.is(cleared, 1);
		for (const answer of answers) t.true(answer === 'kept' || answer === 'outdated');
		t.deepEqual(await store.read(ada.id), { authenticators: [], recoveryCodes: [] });
	});

	says('a recovery code is used once, for many at once and on two nodes', async (t, { store, other, ada, add }) => {
		await add(newTotp(ada));
		t.is(await store.recoveryCodes(ada.id), undefined);
		t.is(await store.putRecoveryCodes(ada.id, batch, verifiers('a', 'b', 'c'), ada.credentialStamp), 'kept');
		t.deepEqual(await other.recoveryCodes(ada.id), { batch, left: 3 });
		const [code] = verifiers('b');
		const takes = await Promise.all(
			Array.from({ length: 50 }, (_, index) =>
				(index % 2 === 0 ? store : other).takeRecoveryCode(ada.id, code!, at(3)),
			),
		);
		t.deepEqual(
			takes.filter((left) => left !== undefined),
			[2],
		);
		t.is(await store.takeRecoveryCode(ada.id, 'x' as RecoveryCodeVerifier, at(4)), undefined);
		t.is(await store.takeRecoveryCode(newIdentityId(), 'a' as RecoveryCodeVerifier, at(4)), undefined);
		t.deepEqual(await other.recoveryCodes(ada.id), { batch, left: 2 });
		t.is(await store.putRecoveryCodes(ada.id, 'later' as RecoveryBatch, verifiers('d'), ada.credentialStamp), 'kept');
		t.is(await other.takeRecoveryCode(ada.id, 'a' as RecoveryCodeVerifier, at(5)), undefined, 'of the ones before');
		t.is(await other.takeRecoveryCode(ada.id, 'd' as RecoveryCodeVerifier, at(5)), 0);
		t.deepEqual(await store.recoveryCodes(ada.id), { batch: 'later' as RecoveryBatch, left: 0 });
	});

	says('everything of an identity is carried to another place', async (t, { store, identities, ada, add }) => {
		await add(newTotp(ada), newPasskey(ada));
		t.is(await store.putRecoveryCodes(ada.id, batch, verifiers('a', 'b'), ada.credentialStamp), 'kept');
		await store.takeRecoveryCode(ada.id, 'a' as RecoveryCodeVerifier, at(3));
		const kept = await store.read(ada.id);
		t.deepEqual(
			kept.recoveryCodes.find(({ verifier }) => verifier === 'a'),
			{
				...{ batch, verifier: 'a' as RecoveryCodeVerifier },
				usedAt: at(3),
			},
		);
		await identities.remove(ada.id);
		t.false(await store.write(ada.id, kept));
		await identities.insert(ada);
		await store.insert(newTotp(ada), limit);
		t.true(await store.write(ada.id, kept));
		t.deepEqual(await store.read(ada.id), kept);
	});

	says('a secret is sealed anew where it is still what it was', async (t, { store, ada, add }) => {
		const totp = newTotp(ada);
		await add(totp);
		t.false(await store.reseal(totp.id, 'another', 'k2.sealed'));
		t.true(await store.reseal(totp.id, totp.sealedSecret, 'k2.sealed'));
		t.deepEqual(await store.list(ada.id), [{ ...totp, sealedSecret: 'k2.sealed' as SealedSecret }]);
	});
}
