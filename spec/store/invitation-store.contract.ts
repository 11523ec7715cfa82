import type { ExecutionContext } from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { IdentityId } from '../../src/core/identity.ts';
import type { Invitation, InvitationStore } from '../../src/core/invitation.ts';
import { invitationKeyOf, newInvitationCode } from '../../src/core/invitation.ts';
import { newCredentialStamp, newIdentityId } from '../../src/core/token.ts';
import type { Test } from '../_support/patient.ts';

export interface OpenedInvitations {
	/** Fresh and empty. */
	readonly store: InvitationStore;
	/** Another connection to the same invitations, best from another process. */
	readonly reopen?: () => Promise<InvitationStore>;
}

const from = 1_790_000_000_123;
const at = (ms: number) => (from + ms) as Instant;

export function newInvitation(facts: Partial<Invitation> = {}): Invitation {
	return {
		key: invitationKeyOf(newInvitationCode()),
		identityId: newIdentityId(),
		purpose: 'first-sign-in',
		credentialStamp: newCredentialStamp(),
		madeAt: at(0),
		expiresAt: at(100),
		...facts,
	};
}

/** The promises of an InvitationStore. */
export function keepsInvitations(test: Test, name: string, open: (t: ExecutionContext) => Promise<OpenedInvitations>) {
	function says(sentence: string, check: (t: ExecutionContext, store: InvitationStore) => Promise<void>) {
		test(`${name}: ${sentence}`, async (t) => check(t, (await open(t)).store));
	}

	const kinds: [string, Invitation][] = [
		['an invitation by an operator', newInvitation()],
		['one by an administrator', newInvitation({ purpose: 'new-password', madeBy: newIdentityId() })],
		['one of an identity with an odd id', newInvitation({ identityId: `Ünï 🦊 "'; --` as IdentityId })],
	];
	for (const [kind, invitation] of kinds) {
		says(`${kind} is found by its key as it was put, and not used up by that`, async (t, store) => {
			await store.put(invitation);
			t.deepEqual(await store.find(invitation.key), invitation);
			t.deepEqual(await store.find(invitation.key), invitation);
			t.deepEqual(await store.list(), [invitation]);
		});
	}

	says('what is not there is neither found nor taken nor ended', async (t, store) => {
		const invitation = newInvitation();
		await store.put(invitation);
		const stranger = newInvitation();
		t.is(await store.find(stranger.key), undefined);
		t.is(await store.take(stranger.key), undefined);
		t.false(await store.endOf(stranger.identityId));
		t.deepEqual(await store.list(), [invitation]);
	});

	says('a newer one takes the place of the one that its identity had, and of no other', async (t, store) => {
		const [older, other] = [newInvitation(), newInvitation()];
		const newer = newInvitation({ identityId: older.identityId, purpose: 'new-password', madeAt: at(1) });
		for (const each of [older, other, newer]) await store.put(each);
		t.is(await store.find(older.key), undefined);
		t.is(await store.take(older.key), undefined);
		t.deepEqual(await store.find(newer.key), newer);
		t.deepEqual(await store.find(other.key), other);
	});

	says('two identities never share a key', async (t, store) => {
		const invitation = newInvitation();
		await store.put(invitation);
		await t.throwsAsync(async () => store.put(newInvitation({ key: invitation.key })));
		t.deepEqual(await store.list(), [invitation]);
	});

	says('that of an identity ends, once, and no other', async (t, store) => {
		const [invitation, other] = [newInvitation(), newInvitation()];
		for (const each of [invitation, other]) await store.put(each);
		t.true(await store.endOf(invitation.identityId));
		t.false(await store.endOf(invitation.identityId));
		t.is(await store.take(invitation.key), undefined);
		t.deepEqual(await store.list(), [other]);
	});

	says('a sweep forgets those whose time is over, at exactly their end, too', async (t, store) => {
		const [over, living] = [newInvitation(), newInvitation({ expiresAt: at(101) })];
		for (const each of [over, living]) await store.put(each);
		await store.sweep(at(100));
		t.deepEqual(await store.list(), [living]);
	});

	test(`${name}: of fifty that take one at once, here and in another process, one gets it`, async (t) => {
		const { store, reopen } = await open(t);
		const other = reopen ? await reopen() : store;
		const invitation = newInvitation({ madeBy: newIdentityId() });
		await store.put(invitation);
		t.deepEqual(await other.find(invitation.key), invitation);
		const takes = Array.from({ length: 50 }, (_, at) => (at % 2 ? store : other).take(invitation.key));
		const got = (await Promise.all(takes)).filter((each) => each !== undefined);
		t.deepEqual(got, [invitation]);
		t.is(await other.find(invitation.key), undefined);
	});
}
