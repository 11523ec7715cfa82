import test from 'ava';
import type { Identity, Permission } from '../../src/core/identity.ts';
import { adminPermission } from '../../src/core/identity.ts';
import { type InvitationPurpose, newInvitationCode, usualInvitationMs } from '../../src/core/invitation.ts';
import type { Outcome } from '../../src/core/refusal.ts';
import type { DialectName } from '../../src/core/session.ts';
import { createCore, minuteMs, named, requestFrom, secret, signIn, type TestCore } from '../_support/core.ts';
import { createCodes } from './spec-factor.ts';

const chosen = secret('seven green frogs');
const told = { actor: 'operator' } as const;
const said = (outcome: Outcome<unknown>) => (outcome.ok ? 'ok' : outcome.refusal.kind);

async function invite(core: TestCore, identity: Identity, by?: Identity, purpose?: InvitationPurpose) {
	const made = await core.invitations.make(identity, { purpose, expiresInMs: usualInvitationMs }, told, by);
	if (!made.ok) throw new Error(made.refusal.kind);
	return made.value.code;
}

const look = async (core: TestCore, code: string) => said(await core.invitations.look(code, requestFrom()));
const accept = async (core: TestCore, code: string) => said(await core.invitations.accept(code, chosen, requestFrom()));

const administrator = (core: TestCore, name = 'root') =>
	core.add(name, 'four brown bears', { permissions: new Set([adminPermission]) });

test('a code has 130 random bits: none twice, each letter at each place', (t) => {
	const codes = Array.from({ length: 10_000 }, newInvitationCode);
	t.is(new Set(codes).size, codes.length);
	for (let at = 0; at < 26; at += 1) t.is(new Set(codes.map((code) => code[at])).size, 32);
	for (const code of codes) t.regex(code, /^[a-z2-7]{26}$/);
});

test('a code sets the password once, and signs in; capitals are the same code', async (t) => {
	const core = await createCore();
	const ada = await core.add('ada');
	const code = await invite(core, ada);
	t.is(await look(core, code), 'ok');
	t.is(await look(core, code.toUpperCase()), 'ok', 'looking uses nothing up');
	const outcome = await core.invitations.accept(code.toUpperCase(), chosen, requestFrom());
	t.true(outcome.ok);
	if (!outcome.ok) return;
	t.is(outcome.value.identity.id, ada.id);
	t.is(outcome.value.session.state, 'open');
	t.is(await accept(core, code), 'invitation-over');
	t.is(await look(core, code), 'invitation-over');
	t.is((await signIn(core, chosen)).identity.id, ada.id);
});

test('of fifty at once one sets the password', async (t) => {
	const core = await createCore();
	const code = await invite(core, await core.add('ada', 'four brown bears'));
	const tries = Array.from({ length: 50 }, (_, at) =>
		core.invitations.accept(code, secret(`seven green frogs ${at}`), requestFrom()),
	);
	const outcomes = await Promise.all(tries);
	t.is(outcomes.filter(({ ok }) => ok).length, 1);
	const winner = outcomes.findIndex(({ ok }) => ok);
	t.truthy(await signIn(core, `seven green frogs ${winner}`));
});

type End = (core: TestCore, ada: Identity, root: Identity) => Promise<unknown>;
const ends: [string, End][] = [
	['a newer one', (core, ada, root) => invite(core, ada, root)],
	['disabling', (core, ada) => core.identities.setDisabled(ada.id, true, told)],
	[
		'disabling, and enabling after it',
		async (core, ada) => {
			await core.identities.setDisabled(ada.id, true, told);
			await core.identities.setDisabled(ada.id, false, told);
		},
	],
	[
		'what a crash left of disabling, and enabling after it',
		async (core, ada) => {
			await core.kept.identities.setDisabled(ada.id, true);
			await core.identities.setDisabled(ada.id, false, told);
		},
	],
	['removal', (core, ada) => core.identities.remove(ada.id, told)],
	[
		'a reset of the password',
		(core, ada) => core.identities.setPassword(ada.id, chosen, { passwordChangeNeeded: false, policy: true }, told),
	],
	['that the password must be changed', (core, ada) => core.identities.requirePasswordChange(ada.id, told)],
	[
		'a change of her own',
		(core, ada) => core.identities.changePassword(ada, secret('four brown bears'), chosen, requestFrom()),
	],
	[
		'a change that keeps sessions of a protocol',
		(core, ada) =>
			core.identities.replacePassword(ada, chosen, { exceptDialects: ['kismet' as DialectName] }, requestFrom()),
	],
	[
		'a rename',
		async (core, ada) => {
			await core.identities.grant(ada.id, [adminPermission], told);
			const present = (await core.identities.find(ada.id)) as Identity;
			await core.identities.replacePassword(present, chosen, { name: named('countess') }, requestFrom());
		},
	],
	['its time, to the millisecond', async (core) => core.clock.wind(usualInvitationMs)],
	['that its maker is disabled', (core, _, root) => core.identities.setDisabled(root.id, true, told)],
	['that its maker is removed', (core, _, root) => core.identities.remove(root.id, told)],
	[
		'that its maker is no administrator any more',
		(core, _, root) => core.identities.revoke(root.id, [adminPermission], told),
	],
];
for (const [what, end] of ends) {
	test(`${what} ends it`, async (t) => {
		const core = await createCore();
		const [ada, root] = [await core.add('ada', 'four brown bears'), await administrator(core)];
		await administrator(core, 'other root');
		const code = await invite(core, ada, root);
		t.is(await look(core, code), 'ok');
		await end(core, ada, root);
		const set = (await core.identities.find(ada.id))?.passwordVerifier;
		t.is(await accept(core, code), 'invitation-over');
		t.is(await look(core, code), 'invitation-over');
		t.is((await core.identities.find(ada.id))?.passwordVerifier, set);
	});
}

test('what ends one to a new factor: all that ends one to a password', async (t) => {
	for (const [what, end] of ends) {
		let codes: ReturnType<typeof createCodes> | undefined;
		const core = await createCore({
			factors(clock) {
				codes = createCodes(clock);
				return { factors: [codes.factor] };
			},
		});
		const [ada, root] = [await core.add('ada', 'four brown bears'), await administrator(core)];
		codes?.add(ada);
		await administrator(core, 'other root');
		const code = await invite(core, ada, root, 'new-factor');
		t.is(await look(core, code), 'ok');
		await end(core, ada, root);
		for (const shown of [chosen, secret('four brown bears')]) {
			t.is(said(await core.invitations.accept(code, shown, requestFrom())), 'invitation-over', what);
		}
		t.deepEqual(await core.sessions.list(ada.id, 10), []);
	}
});

test('what changes while a password is tried counts: nothing is set', async (t) => {
	const core = await createCore({
		around: ({ invitations }) => ({
			invitations: {
				...invitations,
				async take(key) {
					const ada = await core.identities.findByName(named('ada'));
					if (ada) await core.identities.requirePasswordChange(ada.id, told);
					return invitations.take(key);
				},
			},
		}),
	});
	const ada = await core.add('ada', 'four brown bears');
	t.is(await accept(core, await invite(core, ada)), 'invitation-over');
	t.is((await core.identities.find(ada.id))?.passwordVerifier, ada.passwordVerifier);
	t.deepEqual(await core.sessions.list(ada.id, 10), []);
});

test('one that was seen to be over stays so when the clock goes back, and one of the future is not longer', async (t) => {
	const core = await createCore();
	const ada = await core.add('ada');
	const code = await invite(core, ada);
	core.clock.wind(usualInvitationMs);
	t.is(await look(core, code), 'invitation-over');
	core.clock.wind(-usualInvitationMs);
	t.is(await accept(core, code), 'invitation-over');

	const used = await invite(core, ada);
	t.is(await accept(core, used), 'ok');
	core.clock.wind(-minuteMs);
	t.is(await accept(core, used), 'invitation-over', 'nor one that was used');
});

test('a sweep forgets it for good', async (t) => {
	const core = await createCore();
	await invite(core, await core.add('ada'));
	core.clock.wind(usualInvitationMs - 1);
	await core.invitations.sweep();
	t.is((await core.kept.invitations.list()).length, 1);
	core.clock.wind(1);
	await core.invitations.sweep();
	t.deepEqual(await core.kept.invitations.list(), []);
});

test('nobody invites themselves, a service, or somebody who is disabled or over', async (t) => {
	const core = await createCore();
	const root = await administrator(core);
	const make = async (identity: Identity, by?: Identity) =>
		said(await core.invitations.make(identity, { expiresInMs: minuteMs }, told, by));
	t.is(await make(root, root), 'own-password');
	t.is(await make(root), 'ok', 'an operator may');
	const facts = { permissions: [], passwordChangeNeeded: false, policy: false } as const;
	const service = await core.identities.add({ name: named('ci'), ...facts, service: true }, told);
	const over = await core.identities.add({ name: named('guest'), ...facts, expiresInMs: minuteMs }, told);
	const ada = await core.add('ada');
	await core.identities.setDisabled(ada.id, true, told);
	core.clock.wind(minuteMs);
	t.true(service.ok && over.ok);
	if (!service.ok || !over.ok) return;
	t.is(await make(service.value), 'service-identity');
	t.is(await make(over.value, root), 'identity-disabled');
	t.is(await make((await core.identities.find(ada.id)) as Identity, root), 'identity-disabled');
});

test('a password that is refused leaves the invitation as it was', async (t) => {
	const core = await createCore();
	const ada = await core.add('ada', 'four brown bears', { passwordChangeNeeded: true });
	const code = await invite(core, ada);
	const tryIt = async (password: string) => said(await core.invitations.accept(code, secret(password), requestFrom()));
	t.is(await tryIt('short'), 'weak-password');
	t.is(await tryIt('four brown bears'), 'same-password', 'it was to be changed');
	core.passwords.refuse = { kind: 'too-busy', retryAfterMs: 1000 };
	t.is(await tryIt(chosen), 'too-busy');
	core.passwords.refuse = undefined;
	t.is(await tryIt(chosen), 'ok');
	t.false((await core.identities.find(ada.id))?.passwordChangeNeeded);
});

test('accepting ends the sessions of the identity, and the one of the user who is signed in there', async (t) => {
	const core = await createCore();
	const [ada, eve] = [await core.add('ada', 'four brown bears'), await core.add('eve', 'five brown bears')];
	await signIn(core, 'four brown bears');
	const presented = [(await signIn(core, 'five brown bears', 'eve')).token];
	const code = await invite(core, ada);
	t.is(said(await core.invitations.accept(code, secret('short'), requestFrom({ presented }))), 'weak-password');
	t.is((await core.sessions.list(eve.id, 10)).length, 1, 'not where it was refused');
	const accepted = await core.invitations.accept(code, chosen, requestFrom({ presented }));
	t.true(accepted.ok);
	t.deepEqual(await core.sessions.list(eve.id, 10), []);
	const left = (await core.sessions.list(ada.id, 10)).map(({ key }) => key);
	t.deepEqual(left, accepted.ok ? [accepted.value.session.key] : []);
});

test('wrong codes are counted for their address; a right one passes all the same', async (t) => {
	const core = await createCore();
	const code = await invite(core, await core.add('ada'));
	for (let count = 0; count < 5; count += 1) t.is(await look(core, 'x'), 'invitation-over');
	for (let count = 0; count < 5; count += 1) t.is(await accept(core, newInvitationCode()), 'invitation-over');
	t.is(await look(core, newInvitationCode()), 'too-many-attempts');
	const elsewhere = requestFrom({ address: '192.0.2.9' });
	t.is(said(await core.invitations.look('x', elsewhere)), 'invitation-over');
	t.is(await accept(core, code), 'ok');
});

test('the audit says who made it for whom, and its use; no code stands anywhere', async (t) => {
	const core = await createCore();
	const [ada, root] = [await core.add('ada'), await administrator(core)];
	core.events.length = 0;
	const made = await core.invitations.make(ada, { expiresInMs: minuteMs }, { actor: root.name }, root);
	const code = made.ok ? made.value.code : '';
	await look(core, `${code.slice(0, -1)}${code.endsWith('a') ? 'b' : 'a'}`);
	await accept(core, code);
	t.like(core.events, [
		{ act: 'invitation-add', outcome: 'ok', identity: 'ada', actor: 'root' },
		{ act: 'invitation-use', outcome: 'refused', reason: 'invitation-over', identity: undefined },
		{ act: 'invitation-use', outcome: 'ok', identity: 'ada', address: '192.0.2.1' },
		{ act: 'login', outcome: 'ok', identity: 'ada', method: 'password' },
	]);
	const again = await invite(core, (await core.identities.find(ada.id)) as Identity, root);
	const kept = JSON.stringify([await core.kept.invitations.list(), core.events]);
	for (const each of [code, again]) t.false(kept.includes(each));
});

test('an identity that has a password is invited to a new one, and else to sign in for the first time', async (t) => {
	const core = await createCore();
	const purposeOf = async (identity: Identity) => {
		const made = await core.invitations.make(identity, { expiresInMs: minuteMs }, told);
		return made.ok ? made.value.invitation.purpose : said(made);
	};
	t.is(await purposeOf(await core.add('ada')), 'first-sign-in');
	t.is(
		await purposeOf(await core.add('eve', 'four brown bears', { permissions: new Set<Permission>() })),
		'new-password',
	);
});

test('MF7: a second factor is asked for when an invitation is accepted, also to a reset; and counts for the length', async (t) => {
	let codes: ReturnType<typeof createCodes> | undefined;
	const core = await createCore({
		minLengthAlone: 15,
		factors(clock) {
			codes = createCodes(clock);
			return { factors: [codes.factor] };
		},
	});
	const [ada, eve] = [await core.add('ada', 'four brown bears'), await core.add('eve', 'five brown bears')];
	codes?.add(ada);
	const short = secret('14 characters.');
	t.is(said(await core.invitations.accept(await invite(core, eve), short, requestFrom())), 'weak-password');
	const accepted = await core.invitations.accept(await invite(core, ada), short, requestFrom());
	t.true(accepted.ok);
	if (!accepted.ok) return;
	t.like(accepted.value.session, { state: 'locked', needs: 'second-factor' });
	const open = { session: 'open', xsrf: 'exempt', countsAsActivity: true } as const;
	t.is(said(await core.sessions.check(accepted.value.token, requestFrom(), open)), 'session-needs-factor');
});
