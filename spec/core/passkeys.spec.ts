import test from 'ava';
import { newChallenge } from '../../src/core/ceremony.ts';
import type { ShownAssertion } from '../../src/core/passkey.ts';
import { userHandleOf } from '../../src/core/passkey-assertions.ts';
import { newBrowserNonce, newCredentialStamp, newIdentityId } from '../../src/core/token.ts';
import { minuteMs, requestFrom, secret, signIn } from '../_support/core.ts';
import { isFactor, type OpenedFactor } from './factor.contract.ts';
import { openPasskeys, password, relyingParty, right } from './passkey-stage.ts';

const wrong = { ok: false, refusal: { kind: 'bad-credentials' } } as const;

isFactor(test, 'a passkey', async () => {
	const teardowns: (() => unknown)[] = [];
	const stage = await openPasskeys({ teardown: (one) => void teardowns.push(one as () => unknown) });
	const device = stage.soft();
	const { identity: owner } = await stage.owner(device);
	const stranger = await stage.core.add('eve', password);
	const show: OpenedFactor<ReturnType<typeof stage.shownOf>>['newRight'] = async (use) => {
		// The challenge that a session of the owner gets.
		const state = use.purpose === 'login' ? 'locked' : 'open';
		const checked = { session: { key: use.session, state }, identity: owner } as never;
		const options = await stage.passkeys.challengeSession(relyingParty, checked);
		return stage.shownOf(device.get({ ...options, allowCredentials: undefined as never }));
	};
	return {
		...{ factor: stage.factor, clock: stage.core.clock, owner, stranger, newRight: show },
		async newWrong(use) {
			const shown = await show(use);
			return stage.shownOf({ ...shown.credential, id: 'AAAA', rawId: 'AAAA' });
		},
		async switchOff() {
			for (const { id } of await stage.store.list(owner.id)) await stage.store.disable(id, stage.core.clock.now());
		},
		close: async () => {
			for (const one of teardowns) await one();
		},
	};
});

test('a passkey that has verified the person signs in alone, and reaches level 2 at once', async (t) => {
	const { core, soft, owner, signInAlone, store } = await openPasskeys(t);
	const device = soft();
	const { identity } = await owner(device);
	core.clock.wind(minuteMs);
	const { session } = right(await signInAlone(device));
	t.like(session, { state: 'open', level: 2, openedBy: 'passkey', methods: ['hwk', 'user'], identityId: identity.id });
	t.like(core.events.at(-1), { act: 'login', method: 'passkey', outcome: 'ok', identity: 'ada' });
	t.like(await store.list(identity.id), [
		{ signCount: 1, lastUsedAt: core.clock.now(), rpId: 'example.org', uv: true },
	]);
});

test('what a stranger is told to show names no passkey, and is the same each time but for the challenge', async (t) => {
	const { soft, owner, challengeAlone } = await openPasskeys(t);
	const before = (await challengeAlone()).options;
	await owner(soft());
	const after = (await challengeAlone()).options;
	t.false('allowCredentials' in before);
	t.deepEqual({ ...after, challenge: '' }, { ...before, challenge: '' });
	t.is(before.userVerification, 'required');
	t.regex(before.challenge, /^[A-Za-z0-9_-]{43}$/);
	t.not(after.challenge, before.challenge);
});

test('beside a password, a security key is enough that verifies nobody and finds nothing by itself', async (t) => {
	const { core, soft, owner, proveIn, passkeys } = await openPasskeys(t);
	const key = soft({ verifies: false, discoverable: false });
	await owner(key);
	const opened = await signIn(core, password);
	t.like(opened.session, { state: 'locked', needs: 'second-factor', level: 1 });
	const options = await passkeys.challengeSession(relyingParty, opened);
	t.is(options.userVerification, 'preferred');
	t.deepEqual(options.allowCredentials, [
		{ type: 'public-key', id: key.credentials[0]?.id ?? '', transports: ['internal'] },
	]);
	t.like(right(await proveIn(opened, key)).session, { state: 'open', level: 2, methods: ['pwd', 'hwk', 'user'] });
});

test('alone, a passkey must verify the person: at this moment, and when it was registered', async (t) => {
	const { soft, owner, signInAlone, lastFlaw } = await openPasskeys(t);
	const device = soft();
	await owner(device);
	t.deepEqual(await signInAlone(device, { flags: 0x01 }), wrong);
	t.is(lastFlaw(), 'passkey-not-verified');
	t.true((await signInAlone(device)).ok, 'and is not used up by it');
	// Somebody finds a security key without a PIN, and sets one.
	const found = soft({ verifies: false });
	await owner(found, 'bob');
	t.deepEqual(await signInAlone(found, { flags: 0x05 }), wrong);
	t.is(lastFlaw(), 'passkey-not-verified');
});

test('to prove once more, a passkey that can verify the person does so', async (t) => {
	const { soft, owner, proveIn } = await openPasskeys(t);
	const device = soft();
	const { opened } = await owner(device);
	t.deepEqual(await proveIn(opened, device, { flags: 0x01 }), wrong);
	t.like(right(await proveIn(opened, device)).session, { level: 2 });
	const key = soft({ verifies: false });
	t.true((await proveIn((await owner(key, 'bob')).opened, key)).ok, 'one that cannot is shown as it is');
});

test('a challenge is good once, for five minutes, for what it was made for, where it was made', async (t) => {
	const { core, soft, owner, passkeys, challengeAlone, shownOf, lastFlaw, proveIn, register } = await openPasskeys(t);
	const device = soft();
	await owner(device);
	const opened = await signIn(core, password);
	const other = await signIn(core, password);
	const refused = async (says: string, shown: ShownAssertion, nonces = [newBrowserNonce()]) => {
		t.deepEqual(await passkeys.login(shownOf(shown), nonces, requestFrom()), wrong, says);
		t.is(lastFlaw(), 'passkey-challenge', says);
	};

	const { nonce, options } = await challengeAlone();
	const shown = device.get(options);
	t.true((await passkeys.login(shownOf(shown), [newBrowserNonce(), nonce], requestFrom())).ok);
	await refused('once more', shown, [nonce]);
	await refused('of nobody', device.get({ ...options, challenge: newChallenge() }), [nonce]);

	const another = await challengeAlone();
	await refused('of another browser', device.get(another.options), [nonce]);
	await refused('used up by the wrong browser', device.get(another.options), [another.nonce]);
	const late = await challengeAlone();
	core.clock.wind(5 * minuteMs + 1);
	await refused('too late', device.get(late.options), [late.nonce]);
	const last = await challengeAlone();
	core.clock.wind(5 * minuteMs);
	t.true(
		(await passkeys.login(shownOf(device.get(last.options)), [last.nonce], requestFrom())).ok,
		'at the last moment',
	);
	const early = await challengeAlone();
	core.clock.wind(-60 * minuteMs);
	await refused('with the clock set back', device.get(early.options), [early.nonce]);
	core.clock.wind(60 * minuteMs);

	// A registration's challenge signs nobody in, a login's registers nothing and proves nothing in another session.
	const open = right(await proveIn(opened, device));
	const creation = await passkeys.challengeRegistration(relyingParty, open);
	await refused('of a registration', device.get({ ...creation, rpId: 'example.org' } as never), [nonce]);
	await refused('of a locked session', device.get(await passkeys.challengeSession(relyingParty, other)), [nonce]);
	const forLogin = await challengeAlone();
	const made = soft().create({ ...creation, challenge: forLogin.options.challenge });
	const added = await passkeys.register(open, { name: 'x', credential: made, relyingParty }, requestFrom());
	t.like(added, { ok: false, refusal: { kind: 'passkey-refused' } });
	t.is(lastFlaw(), 'passkey-challenge');
	t.true((await register(open, soft())).ok);
});

test('what belongs to one session proves nothing in another of the same person', async (t) => {
	const { core, soft, owner, passkeys, shownOf, factor } = await openPasskeys(t);
	const device = soft();
	const { identity } = await owner(device);
	const [one, two] = [await signIn(core, password), await signIn(core, password)];
	const options = await passkeys.challengeSession(relyingParty, one);
	const use = { purpose: 'login', session: two.session.key, request: requestFrom() } as const;
	t.deepEqual(await factor.check(identity, shownOf(device.get(options)), use), wrong);
});

test('whose it is must be said by the passkey, and be true', async (t) => {
	const { soft, owner, signInAlone, lastFlaw, core, proveIn } = await openPasskeys(t);
	const [device, theirs] = [soft(), soft()];
	const { identity } = await owner(device);
	const { identity: eve } = await owner(theirs, 'eve');
	for (const userHandle of [userHandleOf(eve.id), userHandleOf(newIdentityId()), identity.id, identity.name, '']) {
		t.deepEqual(await signInAlone(device, { userHandle }), wrong, userHandle);
		t.is(lastFlaw(), 'passkey-owner', userHandle);
	}
	const unnamed = soft({ discoverable: false });
	unnamed.credentials.push(...device.credentials);
	await t.throwsAsync(signInAlone(unnamed), undefined, 'it finds none');
	// Eve has a session of Ada's that waits, and her own key.
	const opened = await signIn(core, password);
	theirs.credentials.push({ ...theirs.credentials[0]!, id: device.credentials[0]?.id ?? '' });
	t.deepEqual(await proveIn(opened, theirs), wrong);
	const handle = Buffer.from(userHandleOf(identity.id), 'base64url');
	t.is(handle.length, 64);
	t.false(handle.includes(identity.name));
});

test('a copy of a passkey is found out by its counter: neither proves anything any more', async (t) => {
	const { core, soft, owner, signInAlone, store, factor } = await openPasskeys(t);
	const device = soft();
	const { identity } = await owner(device, 'ada', { signCount: 7 });
	t.true((await signInAlone(device, { signCount: 8 })).ok);
	t.deepEqual(await signInAlone(device, { signCount: 8 }), wrong);
	const [authenticator] = await store.list(identity.id);
	t.like(
		core.events.find(({ act }) => act === 'authenticator-cloned'),
		{ identity: 'ada', outcome: 'refused', authenticator: authenticator?.id },
	);
	t.is(await factor.standingOf(identity), 'off');
	t.deepEqual(await signInAlone(device, { signCount: 100 }), wrong);
	t.is(core.events.filter(({ act }) => act === 'authenticator-cloned').length, 1);
	const opened = right(await core.sessions.login(identity.name, secret(password), requestFrom()));
	t.like(opened.session, { state: 'locked', needs: 'second-factor' }, 'and is asked for all the same');
});

test('one that does not count is never taken for a copy; one that stops counting is', async (t) => {
	const { soft, owner, signInAlone } = await openPasskeys(t);
	const silent = soft({ counts: false });
	await owner(silent);
	for (let times = 0; times < 3; times += 1) t.true((await signInAlone(silent)).ok);
	const counting = soft();
	await owner(counting, 'bob');
	t.true((await signInAlone(counting)).ok);
	t.deepEqual(await signInAlone(counting, { signCount: 0 }), wrong);
});

test('what is signed wrongly switches nothing off', async (t) => {
	const { soft, owner, signInAlone, factor } = await openPasskeys(t);
	const device = soft();
	const { identity } = await owner(device);
	const forger = soft();
	await owner(forger, 'eve');
	forger.credentials.push({ ...device.credentials[0]!, privateKey: forger.credentials[0]!.privateKey });
	for (let times = 0; times < 20; times += 1) t.deepEqual(await signInAlone(forger, { signCount: 0 }), wrong);
	t.is(await factor.standingOf(identity), 'ready');
	t.true((await signInAlone(device)).ok);
});

test('an authenticator that says it may be copied, or may not any more, is another one', async (t) => {
	const { soft, owner, signInAlone, lastFlaw } = await openPasskeys(t);
	const device = soft();
	await owner(device);
	t.deepEqual(await signInAlone(device, { flags: 0x0d }), wrong);
	t.is(lastFlaw(), 'passkey-invalid');
	const synced = soft();
	await owner(synced, 'bob', { flags: 0x1d });
	t.like(right(await signInAlone(synced, { flags: 0x0d })).session, { methods: ['swk', 'user'] }, 'not backed up yet');
	t.deepEqual(await signInAlone(synced, { flags: 0x05 }), wrong);
});

test('whose identity is disabled, over, or gone has no passkey', async (t) => {
	const { core, soft, owner, signInAlone } = await openPasskeys(t);
	const device = soft();
	const { identity } = await owner(device);
	await core.kept.identities.setDisabled(identity.id, true);
	t.deepEqual(await signInAlone(device), wrong);
	t.like(core.events.at(-1), { act: 'login', method: 'passkey', outcome: 'refused', identity: 'ada' });
	await core.kept.identities.setDisabled(identity.id, false);
	t.true((await signInAlone(device)).ok);
	await core.kept.identities.remove(identity.id);
	t.deepEqual(await signInAlone(device), wrong);
});

test('a passkey that is removed while it signs in opens nothing', async (t) => {
	const { core, soft, owner, signInAlone, store, lastFlaw } = await openPasskeys(t);
	const device = soft();
	const { identity, opened } = await owner(device);
	const { recordUse } = store;
	store.recordUse = async (...use) => {
		const isRecorded = await recordUse(...use);
		await store.clear(identity.id, { from: identity.credentialStamp, to: newCredentialStamp() });
		return isRecorded;
	};
	t.deepEqual(await signInAlone(device), wrong);
	t.is(lastFlaw(), 'passkey-unknown');
	const kept = await core.kept.sessions.list(identity.id, 10);
	t.deepEqual(
		kept.map(({ key }) => key),
		[opened.session.key],
	);
});

test('a new passkey ends every other session, and raises the one that made it', async (t) => {
	const { core, soft, register, store } = await openPasskeys(t);
	const identity = await core.add('ada', password);
	const [here, elsewhere] = [await signIn(core, password), await signIn(core, password)];
	const raised = right(await register(here, soft(), {}, 'Blue key'));
	const open = { session: 'open', xsrf: 'exempt', countsAsActivity: false } as const;
	for (const old of [here, elsewhere]) {
		t.false((await core.sessions.check(old.token, requestFrom(), open)).ok);
	}
	t.true((await core.sessions.check(raised.token, requestFrom(), open)).ok);
	t.like(raised.session, { level: 2, methods: ['pwd', 'hwk', 'user'], openedAt: here.session.openedAt });
	t.is((await core.kept.sessions.list(identity.id, 10)).length, 1);
	t.like(await store.list(identity.id), [{ id: raised.id, name: 'Blue key' }]);
	t.like(
		core.events.find(({ act }) => act === 'authenticator-add'),
		{ outcome: 'ok', identity: 'ada', authenticator: raised.id },
	);
});

test('a passkey is registered once, and no more than twenty of one person', async (t) => {
	const { core, soft, owner, register, passkeys, store } = await openPasskeys(t);
	const device = soft();
	let { identity, opened } = await owner(device);
	const options = await passkeys.challengeRegistration(relyingParty, { ...opened, identity });
	t.deepEqual(
		options.excludeCredentials.map(({ id }) => id),
		device.credentials.map(({ id }) => id),
	);
	t.is(options.user.id, userHandleOf(identity.id));
	t.is(options.attestation, 'none');
	for (let count = (await store.list(identity.id)).length; count < 20; count += 1) {
		opened = right(await register(opened, soft()));
	}
	identity = (await core.kept.identities.find(identity.id))!;
	t.like(await register({ ...opened, identity }, soft()), { ok: false, refusal: { kind: 'too-many-authenticators' } });
});

test('only models that are allowed can be registered', async (t) => {
	const allowed = 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd';
	const { core, soft, register, lastFlaw } = await openPasskeys(t, (aaguid) => aaguid === allowed);
	await core.add('ada', password);
	const opened = await signIn(core, password);
	t.like(await register(opened, soft()), { ok: false, refusal: { kind: 'passkey-refused' } });
	t.is(lastFlaw(), 'passkey-model');
	t.true((await register(opened, soft(), { aaguid: allowed })).ok);
});

test('of 50 registrations by one session at once one comes', async (t) => {
	const { core, soft, register, store } = await openPasskeys(t);
	const identity = await core.add('ada', password);
	const opened = await signIn(core, password);
	const outcomes = await Promise.all(Array.from({ length: 50 }, () => register(opened, soft())));
	t.is(outcomes.filter(({ ok }) => ok).length, 1);
	t.is((await store.list(identity.id)).length, 1);
});

test('a login by passkey revokes the presented session, even if it fails', async (t) => {
	const { core, soft, owner, passkeys, shownOf, challengeAlone } = await openPasskeys(t);
	const device = soft();
	const { opened } = await owner(device);
	const { nonce, options } = await challengeAlone();
	const shown = shownOf(device.get(options, { flags: 0 }));
	t.deepEqual(await passkeys.login(shown, [nonce], requestFrom({ presented: [opened.token] })), wrong);
	t.is(await core.kept.sessions.find(opened.session.key), undefined);
});
