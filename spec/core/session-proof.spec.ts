import test from 'ava';
import type { OpenSession } from '../../src/core/session.ts';
import type { AuthenticatedSession } from '../../src/core/sessions.ts';
import { createCore, minuteMs, named, requestFrom, secret, shown, signIn } from '../_support/core.ts';

const password = 'four brown bears';
const told = { actor: 'operator' } as const;

async function start() {
	const core = await createCore();
	const identity = await core.add('ada', password);
	const { session, token } = await signIn(core, password);
	const checked = { session, identity } as AuthenticatedSession<OpenSession>;
	const prove = (word: string) =>
		core.sessions.prove(checked, { by: 'password', password: secret(word) }, requestFrom());
	return { core, checked, token, prove, all: () => core.kept.sessions.list(identity.id, 10) };
}

const ends = [
	['by key', ({ core, checked }) => core.sessions.end(checked.session.key, told)],
	['with all of its identity', ({ core, checked }) => core.sessions.endOf(checked.identity.id, {}, told)],
	['by a logout', ({ core, checked }) => core.sessions.logout(checked.session, checked.identity, requestFrom())],
] as const satisfies readonly (readonly [string, (started: Awaited<ReturnType<typeof start>>) => Promise<unknown>])[];

for (const [how, end] of ends) {
	test(`a session that is ended ${how} while its password is tried again stays ended, and no other takes its place`, async (t) => {
		const started = await start();
		const { core, prove, all } = started;
		const held = core.hasher.hold();
		const proving = prove(password);
		await held.begun;
		await end(started);
		held.release();
		t.deepEqual(await proving, { ok: false, refusal: { kind: 'no-session' } });
		t.deepEqual(await all(), []);
		await core.close();
	});
}

test('of two proofs of one session at once, one opens the session that takes its place', async (t) => {
	const { core, prove, all } = await start();
	const outcomes = await Promise.all([prove(password), prove(password)]);
	t.deepEqual(outcomes.map(({ ok }) => ok).sort(), [false, true]);
	t.is((await all()).length, 1);
	await core.close();
});

test('a password that is changed while it is tried again proves nothing', async (t) => {
	const { core, checked, prove, all } = await start();
	const held = core.hasher.hold();
	const proving = prove(password);
	await held.begun;
	const how = { passwordChangeNeeded: false, policy: false };
	await core.identities.setPassword(checked.identity.id, secret('another'), how, told);
	held.release();
	t.false((await proving).ok);
	t.deepEqual(await all(), []);
	await core.close();
});

test('a proof that is not tried, or is wrong, ends nothing', async (t) => {
	const { core, prove, all } = await start();
	const before = await all();
	core.passwords.refuse = { kind: 'too-busy', retryAfterMs: 1000 };
	t.like(await prove(password), { ok: false, refusal: { kind: 'too-busy' } });
	core.passwords.refuse = undefined;
	t.like(await prove('wrong'), { ok: false, refusal: { kind: 'bad-credentials' } });
	t.deepEqual(await all(), before);
	await core.close();
});

test('a certificate proves its own identity, and keeps what it takes to judge it again', async (t) => {
	const core = await createCore();
	for (const name of ['device', 'other']) await core.add(name);
	const opened = await core.sessions.loginByCertificate(shown('device'), requestFrom());
	if (!opened.ok) return t.fail();
	const { session, identity } = opened.value;
	const checked = { session, identity } as AuthenticatedSession<OpenSession>;
	for (const by of [undefined, shown('other')]) {
		const proved = await core.sessions.prove(checked, { by: 'certificate', shown: by }, requestFrom());
		t.like(proved, { ok: false, refusal: { kind: 'bad-certificate' } });
	}
	core.clock.wind(minuteMs);
	const proved = await core.sessions.prove(checked, { by: 'certificate', shown: shown('device') }, requestFrom());
	if (!proved.ok) return t.fail(proved.refusal.kind);
	const { key } = proved.value.session;
	t.like(proved.value.session, {
		openedBy: 'certificate',
		state: 'open',
		openedAt: session.openedAt,
		provedAt: core.clock.now(),
	});
	t.deepEqual((await core.kept.sessions.certified(10)).found, [{ key, certificate: shown('device').certificate }]);
	await core.close();
});

test('a name that went over to somebody else proves nothing', async (t) => {
	const { core, checked, prove, all } = await start();
	await core.kept.identities.remove(checked.identity.id);
	await core.add('ada', password);
	t.like(await prove(password), { ok: false, refusal: { kind: 'credentials-changed' } });
	t.is((await all()).length, 1, 'which no check lets pass');
	t.is((await core.sessions.list((await core.identities.findByName(named('ada')))?.id, 10)).length, 0);
	await core.close();
});
