import test from 'ava';
import type { Identity } from '../../src/core/identity.ts';
import type { DialectName, SessionToken } from '../../src/core/session.ts';
import type { NewSession, Sessions } from '../../src/core/sessions.ts';
import { newStampOfSameRoot } from '../../src/core/token.ts';
import { createCore, named, requestFrom, secret, signIn, type TestCore } from '../_support/core.ts';

/*
 * Sessions and the credentials that opened them: what was changed, by whomever and whenever, leaves nobody inside.
 */

const password = 'four brown bears';
const demand: Parameters<Sessions['check']>[2] = { session: 'any', xsrf: 'exempt', countsAsActivity: true };
const told = { actor: 'operator' } as const;

async function start(...args: Parameters<typeof createCore>) {
	const core = await createCore(...args);
	const identity = await core.add('ada', password);
	return { core, identity };
}

/** How a check ends: `ok`, or the kind of its refusal. */
async function judge({ sessions }: TestCore, token: SessionToken): Promise<string> {
	const outcome = await sessions.check(token, requestFrom(), demand);
	return outcome.ok ? 'ok' : outcome.refusal.kind;
}

/** What another process does to an identity, or a crash leaves undone: no session is ended by it. */
const silently: Readonly<Record<string, (core: TestCore, identity: Identity) => Promise<unknown>>> = {
	'its password was changed': ({ kept }, { id, credentialStamp }) =>
		kept.identities.changeCredentials(id, credentialStamp, {
			passwordChangeNeeded: false,
			credentialStamp: 'another stamp of thirty two bytes' as never,
		}),
	'its password was changed in a way that spares other dialects': ({ kept }, { id, credentialStamp }) =>
		kept.identities.changeCredentials(id, credentialStamp, {
			passwordChangeNeeded: false,
			credentialStamp: newStampOfSameRoot(credentialStamp),
		}),
	'it was removed': ({ kept }, { id }) => kept.identities.remove(id),
	'it was disabled': ({ kept }, { id }) => kept.identities.setDisabled(id, true),
	'it was removed, and its name added anew': async (core, { id }) => {
		await core.kept.identities.remove(id);
		await core.add('ada', password);
	},
};

for (const [what, change] of Object.entries(silently)) {
	test(`no session of an identity passes a check from the moment that ${what}`, async (t) => {
		const { core, identity } = await start();
		const { token, session } = await signIn(core, password);
		t.is(await judge(core, token), 'ok');
		await change(core, identity);
		t.is(await judge(core, token), 'credentials-changed');
		t.is(await core.kept.sessions.find(session.key), undefined, 'and it is ended for good');
		await core.close();
	});
}

test('an identity that was disabled and enabled again has none of its old sessions back', async (t) => {
	const { core, identity } = await start();
	const { token } = await signIn(core, password);
	// As a crash leaves it: disabled, with its sessions still there.
	await core.kept.identities.setDisabled(identity.id, true);
	t.true((await core.identities.setDisabled(identity.id, false, told)).ok);
	t.not(await judge(core, token), 'ok');
	t.is(await judge(core, (await signIn(core, password)).token), 'ok');
	t.true((await core.identities.setDisabled(identity.id, false, told)).ok);
	t.is((await core.sessions.list(identity.id, 10)).length, 1, 'enabling what is enabled ends nothing');
	await core.close();
});

test('sessions of a dialect that outlives a change of its own kind live on, and those of a real change do not', async (t) => {
	const kismet = 'kismet' as DialectName;
	const { core, identity } = await start({ survivesPasswordChange: [kismet] });
	const open = async () => {
		const present = (await core.identities.find(identity.id))!;
		const outcome = await core.sessions.open(present, requestFrom({ dialect: kismet }), { by: 'password' });
		return outcome.ok ? outcome.value.token : ('' as SessionToken);
	};
	const check = async (token: SessionToken) =>
		(await core.sessions.check(token, requestFrom({ dialect: kismet }), demand)).ok;
	const first = await open();
	const { token } = await signIn(core, password);
	t.true(
		(
			await core.identities.replacePassword(
				identity,
				secret('seven green frogs'),
				{ exceptDialects: [kismet] },
				requestFrom(),
			)
		).ok,
	);
	t.true(await check(first));
	t.not(await judge(core, token), 'ok', 'those of other dialects end');
	const how = { passwordChangeNeeded: false, policy: true };
	t.true((await core.identities.setPassword(identity.id, secret('nine yellow newts'), how, told)).ok);
	t.false(await check(first));
	await core.close();
});

test('a login that overlaps a password change opens nothing with the old password', async (t) => {
	const { core, identity } = await start();
	const held = core.hasher.hold();
	const login = core.sessions.login(named('ada'), secret(password), requestFrom());
	await held.begun;
	const how = { passwordChangeNeeded: false, policy: true };
	t.true((await core.identities.setPassword(identity.id, secret('seven green frogs'), how, told)).ok);
	held.release();
	const outcome = await login;
	t.is(outcome.ok ? 'ok' : outcome.refusal.kind, 'credentials-changed');
	t.deepEqual(await core.kept.sessions.list(identity.id, 10), []);
	await core.close();
});

const inBetween: readonly (readonly [
	says: string,
	change: (core: TestCore, identity: Identity) => Promise<unknown>,
])[] = [
	[
		'changed',
		(core, { id }) =>
			core.identities.setPassword(id, secret('seven green frogs'), { passwordChangeNeeded: false, policy: true }, told),
	],
	['removed', (core, { id }) => core.identities.remove(id, told)],
	['disabled', (core, { id }) => core.identities.setDisabled(id, true, told)],
];

for (const [says, change] of inBetween) {
	for (const when of ['before', 'after'] as const) {
		test(`an identity that is ${says} just ${when} a login puts its session down keeps none`, async (t) => {
			let act: (() => Promise<unknown>) | undefined;
			const core = await createCore({
				around: ({ sessions, identities }) => ({
					identities,
					sessions: {
						...sessions,
						async insert(session, keep) {
							if (when === 'before') await act?.();
							const ended = await sessions.insert(session, keep);
							if (when === 'after') await act?.();
							return ended;
						},
					},
				}),
			});
			const identity = await core.add('ada', password);
			act = () => change(core, identity);
			const outcome = await core.sessions.login(named('ada'), secret(password), requestFrom());
			t.is(outcome.ok ? 'ok' : outcome.refusal.kind, 'credentials-changed');
			t.deepEqual(await core.kept.sessions.list(identity.id, 10), []);
			await core.close();
		});
	}
}

test('two password changes with the same current password: one of them is done, the other refused', async (t) => {
	const { core, identity } = await start();
	const held = core.hasher.hold();
	const changes = ['seven green frogs', 'nine yellow newts'].map((next) =>
		core.identities.changePassword(identity, secret(password), secret(next), requestFrom()),
	);
	await held.begun;
	held.release();
	const outcomes = await Promise.all(changes);
	t.deepEqual(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.refusal.kind)).sort(), [
		'credentials-changed',
		'ok',
	]);
	await core.close();
});

const ends: Readonly<Record<string, (core: TestCore, opened: NewSession) => Promise<unknown>>> = {
	'ended by key': ({ sessions }, { session }) => sessions.end(session.key, told),
	'ended with all of its identity': ({ sessions }, { identity }) => sessions.endOf(identity.id, {}, told),
	'logged out': ({ sessions }, { session, identity }) => sessions.logout(session, identity, requestFrom()),
	'raised by a proof': ({ sessions }, opened) =>
		sessions.prove(opened, { by: 'password', password: secret(password) }, requestFrom()),
};

for (const [how, end] of Object.entries(ends)) {
	test(`a session that is ${how} while the present password is tried changes nothing, and none follows it`, async (t) => {
		const { core, identity } = await start();
		const opened = await signIn(core, password);
		const held = core.hasher.hold();
		const next = secret('seven green frogs');
		const changing = core.identities.changePassword(identity, secret(password), next, requestFrom(), opened.session);
		await held.begun;
		// A proof tries a password of its own.
		core.hasher.free();
		await end(core, opened);
		held.release();
		t.deepEqual(await changing, { ok: false, refusal: { kind: 'no-session' } });
		const left = await core.kept.sessions.list(identity.id, 10);
		t.false(left.some(({ key }) => key === opened.session.key));
		t.is(left.length, how === 'raised by a proof' ? 1 : 0);
		t.like(
			core.events.findLast(({ act }) => act === 'password-change'),
			{ outcome: 'refused', reason: 'no-session', identity: 'ada' },
		);
		t.is((await signIn(core, password)).identity.id, identity.id);
		await core.close();
	});
}

test('a change of password ends the session that another one is to follow, once; one that is refused ends none', async (t) => {
	const { core, identity } = await start();
	const { session } = await signIn(core, password);
	const change = (next: string) =>
		core.identities.changePassword(identity, secret(password), secret(next), requestFrom(), session);
	for (const refused of [password, 'short']) t.false((await change(refused)).ok);
	t.deepEqual(await core.kept.sessions.list(identity.id, 10), [session]);
	t.true((await change('seven green frogs')).ok);
	t.deepEqual(await core.kept.sessions.list(identity.id, 10), []);
	const lines = core.events.filter(({ act }) => act === 'session-end');
	t.is(lines.length, 1);
	t.like(lines[0], { session: session.key, identity: 'ada', outcome: 'ok' });
	await core.close();
});
