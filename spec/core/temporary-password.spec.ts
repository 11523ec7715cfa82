import test from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { PasswordVerifier } from '../../src/core/identity.ts';
import type { Outcome } from '../../src/core/refusal.ts';
import { endOfPassword, makeTemporary, triedOf, withEndOf } from '../../src/core/temporary-password.ts';
import { parseVerifier } from '../../src/hashing/verifier.ts';
import { createCore, named, requestFrom, secret, signIn, type TestCore } from '../_support/core.ts';

const given = secret('four brown bears');
const own = secret('seven green frogs');
const told = { actor: 'administrator' } as never;
const endMs = 72 * 3_600_000;

const said = (outcome: Outcome<unknown>) => (outcome.ok ? 'ok' : outcome.refusal.kind);
const login = async ({ sessions }: TestCore, password = given) =>
	said(await sessions.login(named('ada'), password, requestFrom()));

async function withPassword(passwordChangeNeeded = true): Promise<TestCore> {
	const core = await createCore({ temporaryPasswordMs: endMs });
	await core.add('ada', given, { passwordChangeNeeded });
	return core;
}

test('an end stands in front of a verifier, and comes off it', (t) => {
	const verifier = '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNoaGFzaA' as PasswordVerifier;
	const temporary = makeTemporary(verifier, 1_800_000_000_000 as Instant);
	t.is(triedOf(temporary), verifier);
	t.is(endOfPassword(temporary), 1_800_000_000_000 as Instant);
	t.is(
		withEndOf('$2b$another' as PasswordVerifier, temporary),
		'$temporary$until=1800000000000$$2b$another' as PasswordVerifier,
	);
	t.is(triedOf(verifier), verifier);
	t.is(endOfPassword(verifier), undefined);
	t.is(withEndOf(verifier, verifier), verifier);
	t.not(parseVerifier(verifier), undefined);
	t.is(parseVerifier(temporary), undefined, 'who knows no end takes it for unusable');
});

test('a password that somebody else has set, and that has to be changed, logs in until its end', async (t) => {
	const core = await withPassword();
	core.clock.wind(endMs - 1);
	t.is(await login(core), 'ok');
	core.clock.wind(1);
	t.is(await login(core), 'password-expired');
	t.is(await login(core, own), 'bad-credentials', 'who does not know it learns nothing');
	const { events } = core;
	t.like(
		events.findLast(({ reason }) => reason === 'password-expired'),
		{ act: 'login', identity: 'ada' },
	);
});

test('to show it late counts as a wrong login: nobody tries it without end', async (t) => {
	const core = await withPassword();
	core.clock.wind(endMs);
	for (let count = 0; count < 10; count += 1) t.is(await login(core), 'password-expired');
	t.is(await login(core), 'too-many-attempts');
});

test('who has logged in with it in time may still change it, and the new one has no end', async (t) => {
	const core = await withPassword();
	core.clock.wind(endMs - 1);
	const { identity } = await signIn(core, given);
	core.clock.wind(2);
	t.is(said(await core.identities.changePassword(identity, given, own, requestFrom())), 'ok');
	core.clock.wind(endMs);
	t.is(await login(core, own), 'ok');
});

test('a reset has an end of its own; one that need not be changed has none', async (t) => {
	const core = await withPassword();
	const ada = await core.identities.findByName(named('ada'));
	const reset = async (passwordChangeNeeded: boolean) =>
		ada && core.identities.setPassword(ada.id, own, { passwordChangeNeeded, policy: true }, told);
	core.clock.wind(endMs);
	await reset(true);
	t.is(await login(core, own), 'ok');
	core.clock.wind(endMs);
	t.is(await login(core, own), 'password-expired');
	await reset(false);
	core.clock.wind(2 * endMs);
	t.is(await login(core, own), 'ok');
});

test('to ask for a change puts no end to a password that is one’s own', async (t) => {
	const core = await withPassword(false);
	const ada = await core.identities.findByName(named('ada'));
	if (ada) await core.identities.requirePasswordChange(ada.id, told);
	core.clock.wind(2 * endMs);
	t.is(await login(core), 'ok');
});

test('a verifier that is made anew keeps the end', async (t) => {
	const core = await withPassword();
	const ada = await core.identities.findByName(named('ada'));
	if (ada === undefined) return t.fail();
	const end = (core.clock.now() + endMs) as Instant;
	const old = makeTemporary(`old:${given}` as PasswordVerifier, end);
	const change = { passwordChangeNeeded: true, credentialStamp: ada.credentialStamp, passwordVerifier: old };
	await core.kept.identities.changeCredentials(ada.id, ada.credentialStamp, change);
	t.is(await login(core), 'ok');
	const renewed = (await core.identities.find(ada.id))?.passwordVerifier;
	t.is(renewed, makeTemporary(`fake:${given}` as PasswordVerifier, end));
});
