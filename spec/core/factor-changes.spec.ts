import test, { type ExecutionContext } from 'ava';
import {
	type AuthenticatorId,
	mostAuthenticators,
	type RecoveryBatch,
	type RecoveryCodeVerifier,
} from '../../src/core/authenticator.ts';
import type { HashQueue } from '../../src/core/password.ts';
import type { CodeHasher } from '../../src/core/recovery-codes.ts';
import { type Outcome, ok, refuse } from '../../src/core/refusal.ts';
import { createSealing, newSealingKey } from '../../src/core/sealing.ts';
import { createSecondFactors, type NewTotp } from '../../src/core/second-factors.ts';
import type { HostName } from '../../src/core/session.ts';
import type { AuthenticatedSession, NewSession } from '../../src/core/sessions.ts';
import { newBrowserNonce, newCredentialStamp, nonceDigestOf } from '../../src/core/token.ts';
import { createApp } from '../_support/authenticator-app.ts';
import { requestFrom, secret, signIn } from '../_support/core.ts';
import { newPasskey } from '../store/authenticator-store.contract.ts';
import { openPasskeys, password, right } from './passkey-stage.ts';

/* What is under way when its session ends: passkeys and apps that are added, factors that are removed, codes that are made. */

const told = { actor: 'operator' } as const;
const [before, code] = ['batch' as RecoveryBatch, 'of before' as RecoveryCodeVerifier];
const noSession = { ok: false, refusal: { kind: 'no-session' } } as const;
const open = { session: 'open', xsrf: 'exempt', countsAsActivity: false } as const;

const tooBusy = { kind: 'too-busy', retryAfterMs: 2000 } as const;

async function start(t: ExecutionContext) {
	const stage = await openPasskeys(t);
	const { core, store } = stage;
	const { clock, sessions, kept } = core;
	const sealing = createSealing([newSealingKey()]);
	/** Turns that are left before the queue is full, and what happens at each. */
	const queue = { left: Number.POSITIVE_INFINITY, atTurn: async () => undefined as unknown };
	const run: HashQueue['run'] = async (hash) => {
		queue.left -= 1;
		if (queue.left < 0) return refuse(tooBusy);
		await queue.atTurn();
		return ok(await hash());
	};
	const hasher: CodeHasher = { digest: async (text) => `digest of ${text}` as RecoveryCodeVerifier };
	const secondFactors = createSecondFactors({
		hashing: { hasher, queue: { run } },
		...{ store, sessions, clock, identities: kept.identities, issuer: 'Latchkey', isRequired: () => false },
		sealing: { present: async () => sealing, making: async () => sealing },
		audit: { write: (event) => void core.events.push(event) },
	});
	const identity = await core.add('ada', password);
	const appOf = ({ id, secret: text }: NewTotp) => createApp(id, text, clock.now);
	return {
		...{ ...stage, secondFactors, identity, queue },
		identityNow: async () => (await kept.identities.find(identity.id))!,
		/** Adds an app; not yet confirmed. */
		newApp: async () => appOf(right(await secondFactors.addTotp(identity, 'Phone'))),
		confirmed: async () =>
			(await store.list(identity.id)).filter(({ confirmedAt }) => confirmedAt !== undefined).map(({ name }) => name),
		isAlive: async ({ token }: NewSession) => (await sessions.check(token, requestFrom(), open)).ok,
		lastOf: (act: string) => core.events.findLast((event) => event.act === act),
	};
}

type Stage = Awaited<ReturnType<typeof start>>;

const ends: Readonly<Record<string, (stage: Stage, opened: NewSession) => Promise<unknown>>> = {
	'ended by key': ({ core }, { session }) => core.sessions.end(session.key, told),
	'ended with all of its identity': ({ core }, { identity }) => core.sessions.endOf(identity.id, {}, told),
	'logged out': ({ core }, { session, identity }) => core.sessions.logout(session, identity, requestFrom()),
	'raised by a proof': ({ core }, opened) =>
		core.sessions.prove(opened, { by: 'password', password: secret(password) }, requestFrom()),
};

/** What a session does that lives. */
const changes: Readonly<
	Record<string, (stage: Stage, opened: NewSession) => Promise<(checked: AuthenticatedSession) => Promise<unknown>>>
> = {
	'adds no passkey':
		async ({ register, soft }) =>
		(checked) =>
			register(checked, soft()),
	'confirms no app': async ({ secondFactors, newApp }) => {
		const app = await newApp();
		return (checked) => secondFactors.confirmTotp(checked, app.id as AuthenticatorId, app.code(), requestFrom());
	},
	'removes nothing': async ({ secondFactors, store, identity }) => {
		const [first] = await store.list(identity.id);
		return (checked) => secondFactors.remove(checked, first!.id, requestFrom());
	},
};

/** Ada has a passkey, and has signed in once more since: with the session, and her identity as it is. */
async function owning(t: ExecutionContext) {
	const stage = await start(t);
	right(await stage.register(await signIn(stage.core, password), stage.soft(), {}, 'Old key'));
	const opened = await signIn(stage.core, password);
	return { stage, opened };
}

for (const [how, end] of Object.entries(ends)) {
	for (const [what, prepare] of Object.entries(changes)) {
		test(`a session that was ${how} meanwhile ${what}`, async (t) => {
			const { stage, opened } = await owning(t);
			const change = await prepare(stage, opened);
			const before = await stage.identityNow();
			// A proof by password alone raises no session that waits for a second factor.
			await end(stage, asOpen(opened));
			const others = await stage.core.kept.sessions.list(stage.identity.id, 10);
			t.deepEqual(await change(asOpen(opened)), noSession);
			t.deepEqual(await stage.confirmed(), ['Old key']);
			t.deepEqual(await stage.identityNow(), before);
			t.deepEqual(await stage.core.kept.sessions.list(stage.identity.id, 10), others, 'no other session ends');
			const act = what === 'removes nothing' ? 'authenticator-remove' : 'authenticator-add';
			t.like(stage.lastOf(act), { outcome: 'refused', reason: 'no-session', identity: 'ada' });
		});
	}
}

/** A page of another host, which the session was handed over to, asks. */
async function handedOver({ core }: Stage, { session }: NewSession) {
	const { handover } = core.sessions;
	const host = 'app.example.org' as HostName;
	const nonce = newBrowserNonce();
	const ticket = right(
		await handover.issue(session, { host, browser: nonceDigestOf(nonce), url: 'https://app.example.org/' }),
	);
	const { token } = right(await handover.enter(ticket, [nonce], requestFrom({ host })));
	const needed = { session: 'any', childSession: 'accepted', xsrf: 'exempt', countsAsActivity: false } as const;
	return async () => (await core.sessions.check(token, requestFrom({ host }), needed)).ok;
}

for (const [what, prepare] of Object.entries(changes)) {
	for (const when of ['before', 'after'] as const) {
		test(`a page of another host that asks just ${when} something is written down ends nothing: ${what}`, async (t) => {
			const { stage, opened } = await owning(t);
			const asks = await handedOver(stage, opened);
			const change = await prepare(stage, opened);
			around(stage, { [when]: asks });
			const next = right((await change(asOpen(opened))) as Outcome<NewSession>);
			t.true(await stage.isAlive(asOpen(next)));
			t.true(await asks());
		});
	}
}

/** Puts something before or after the first change that is written down. */
function around({ store }: Stage, how: { before?: () => Promise<unknown>; after?: () => Promise<unknown> }) {
	const { insert, confirm, remove, clear } = store;
	let isFirst = true;
	async function within<T>(write: () => Promise<T>): Promise<T> {
		const { before, after } = isFirst ? how : {};
		isFirst = false;
		await before?.();
		const done = await write();
		await after?.();
		return done;
	}
	store.insert = (...all) => within(() => insert(...all));
	store.confirm = (...all) => within(() => confirm(...all));
	store.remove = (...all) => within(() => remove(...all));
	store.clear = (...all) => within(() => clear(...all));
}

const asOpen = (opened: NewSession): NewSession => ({ ...opened, session: { ...opened.session, state: 'open' } });

for (const what of ['adds no passkey', 'confirms no app']) {
	for (const when of ['before', 'after'] as const) {
		test(`a session that is ended just ${when} something is written down ${what}`, async (t) => {
			const { stage, opened } = await owning(t);
			const { core, identity } = stage;
			const change = await changes[what]!(stage, opened);
			around(stage, { [when]: () => core.sessions.endOf(identity.id, {}, told) });
			t.deepEqual(await change(asOpen(opened)), noSession);
			t.deepEqual(await stage.confirmed(), ['Old key']);
			t.deepEqual(await core.kept.sessions.list(identity.id, 10), []);
			t.like(stage.lastOf('authenticator-remove'), { outcome: 'ok', reason: 'no-session', identity: 'ada' });
		});
	}

	test(`a session that ends with another password just after something is written down ${what}`, async (t) => {
		const { stage, opened } = await owning(t);
		const { core, identity } = stage;
		const change = await changes[what]!(stage, opened);
		const next = secret('seven green frogs');
		const how = { passwordChangeNeeded: false, policy: false };
		around(stage, { after: async () => right(await core.identities.setPassword(identity.id, next, how, told)) });
		t.deepEqual(await change(asOpen(opened)), noSession);
		t.deepEqual(await stage.confirmed(), ['Old key']);
		t.like(stage.lastOf('authenticator-remove'), { outcome: 'ok', reason: 'no-session', identity: 'ada' });
	});

	test(`what is reset just after it is written down is removed once: ${what}`, async (t) => {
		const { stage, opened } = await owning(t);
		const change = await changes[what]!(stage, opened);
		around(stage, { after: async () => right(await stage.secondFactors.reset(stage.identity.id, told)) });
		t.deepEqual(await change(asOpen(opened)), noSession);
		t.deepEqual(await stage.confirmed(), []);
		t.is(stage.lastOf('authenticator-remove'), undefined);
		t.like(stage.lastOf('authenticator-reset'), { outcome: 'ok' });
	});

	test(`a session whose credentials change just before something is written down ${what}, and is over`, async (t) => {
		const { stage, opened } = await owning(t);
		const { core, store, identity } = stage;
		const change = await changes[what]!(stage, opened);
		const { credentialStamp: from } = await stage.identityNow();
		const [old] = await store.list(identity.id);
		around(stage, { before: () => store.remove(old!.id, identity.id, { from, to: newCredentialStamp() }) });
		t.like(await change(asOpen(opened)), { ok: false, refusal: { kind: 'credentials-changed' } });
		t.deepEqual(await stage.confirmed(), []);
		t.false((await core.kept.sessions.list(identity.id, 10)).some(({ key }) => key === opened.session.key));
		t.like(stage.lastOf('authenticator-add'), { outcome: 'refused', reason: 'credentials-changed', identity: 'ada' });
	});

	test(`a session ${what} where the store is away then, and no other session follows it`, async (t) => {
		const { stage, opened } = await owning(t);
		const { core, identity } = stage;
		const others = (await core.kept.sessions.list(identity.id, 10)).filter(({ key }) => key !== opened.session.key);
		const change = await changes[what]!(stage, opened);
		around(stage, { before: () => Promise.reject(new Error('away')) });
		await t.throwsAsync(change(asOpen(opened)), { message: 'away' });
		t.deepEqual(await stage.confirmed(), ['Old key']);
		t.deepEqual(await core.kept.sessions.list(identity.id, 10), others);
	});
}

test('what is refused before anything is changed costs no session', async (t) => {
	const stage = await start(t);
	const { core, store, register, soft, newApp, secondFactors, identity, isAlive } = stage;
	const opened = await signIn(core, password);
	const app = await newApp();
	const unconfirmed = app.id as AuthenticatorId;
	t.like(await secondFactors.confirmTotp(opened, unconfirmed, app.wrongCode(), requestFrom()), {
		refusal: { kind: 'bad-credentials' },
	});
	t.like(await secondFactors.remove(opened, unconfirmed, requestFrom()), { refusal: { kind: 'not-found' } });
	const { insert } = store;
	for (let count = 1; count < mostAuthenticators; count += 1) await insert(newPasskey(identity), mostAuthenticators);
	t.like(await register(opened, soft()), { refusal: { kind: 'too-many-authenticators' } });
	t.like(stage.lastOf('authenticator-add'), { outcome: 'refused', reason: 'too-many-authenticators', identity: 'ada' });
	t.true(await isAlive(opened));
});

test('what a session sets up in place of lost factors takes no place where that session was ended meanwhile', async (t) => {
	const { stage, opened } = await owning(t);
	const session = { ...opened.session, state: 'locked', needs: 'enrolment' } as const;
	await stage.core.sessions.end(opened.session.key, told);
	for (const what of ['adds no passkey', 'confirms no app']) {
		const change = await changes[what]!(stage, opened);
		t.deepEqual(await change({ ...opened, session }), noSession, what);
		t.deepEqual(await stage.confirmed(), ['Old key'], what);
	}
});

for (const [how, end] of Object.entries(ends)) {
	test(`a session that was ${how} while its codes were made gets none, and those before stay`, async (t) => {
		const { stage, opened } = await owning(t);
		const { secondFactors, store, identity } = stage;
		const owner = await stage.identityNow();
		await store.putRecoveryCodes(identity.id, before, [code], owner.credentialStamp);
		stage.queue.atTurn = async () => {
			stage.queue.atTurn = async () => undefined;
			await end(stage, asOpen(opened));
		};
		t.deepEqual(await secondFactors.makeRecoveryCodes(asOpen(opened), told), noSession);
		t.like(await store.read(identity.id), { recoveryCodes: [{ batch: before, verifier: code }] });
		t.like(stage.lastOf('recovery-codes'), { outcome: 'refused', reason: 'no-session', identity: 'ada' });
	});
}

test('a session that is ended just after its codes were written down is told none, and they open nothing', async (t) => {
	const { stage, opened } = await owning(t);
	const { core, secondFactors, store, identity } = stage;
	const { putRecoveryCodes } = store;
	store.putRecoveryCodes = async (...all) => {
		const done = await putRecoveryCodes(...all);
		await core.sessions.endOf(identity.id, {}, told);
		return done;
	};
	t.deepEqual(await secondFactors.makeRecoveryCodes(opened, told), noSession);
	t.is(await store.recoveryCodes(identity.id), undefined);
});

test('an administrator who takes all factors away while codes are made leaves none', async (t) => {
	const { stage, opened } = await owning(t);
	const { secondFactors, store, identity } = stage;
	for (const when of ['putRecoveryCodes', 'list'] as const) {
		const [first] = await store.list(identity.id);
		if (!first) await store.insert(newPasskey(identity), mostAuthenticators);
		const checked = { ...opened, identity: await stage.identityNow() };
		const kept = { ...store };
		Object.assign(store, {
			async [when](...all: never[]) {
				Object.assign(store, kept);
				const there = await (kept.list as (...all: never[]) => Promise<unknown>)(...all);
				right(await secondFactors.reset(identity.id, told));
				return when === 'list' ? there : (kept.putRecoveryCodes as (...all: never[]) => Promise<unknown>)(...all);
			},
		});
		// The session that is looked at lives: a reset that has not come to the sessions yet.
		stage.core.sessions.endOf = async () => 0;
		t.like(await secondFactors.makeRecoveryCodes(checked, told), { refusal: { kind: 'credentials-changed' } }, when);
		t.deepEqual(await store.read(identity.id), { authenticators: [], recoveryCodes: [] }, when);
	}
});

test('codes of whom nothing is confirmed are not made', async (t) => {
	const { core, secondFactors, newApp, store, identity } = await start(t);
	const opened = await signIn(core, password);
	await newApp();
	t.deepEqual(await secondFactors.makeRecoveryCodes(opened, told), { ok: false, refusal: { kind: 'no-factor' } });
	t.is(await store.recoveryCodes(identity.id), undefined);
});

test('codes for which too many are waiting are not made, and those before stay', async (t) => {
	const { stage, opened } = await owning(t);
	const { secondFactors, store, identity, queue } = stage;
	await store.putRecoveryCodes(identity.id, before, [code], (await stage.identityNow()).credentialStamp);
	for (const left of [0, 4, 9]) {
		queue.left = left;
		t.deepEqual(await secondFactors.makeRecoveryCodes(opened, told), { ok: false, refusal: tooBusy });
		t.deepEqual(await store.recoveryCodes(identity.id), { batch: before, left: 1 });
	}
	queue.left = 10;
	t.is(right(await secondFactors.makeRecoveryCodes(opened, told)).length, 10);
});

test('of one person codes are made once at a time, and others need not wait for it', async (t) => {
	const { stage, opened } = await owning(t);
	const { core, secondFactors, register, soft, queue } = stage;
	await core.add('bob', password);
	const bob = right(await register(await signIn(core, password, 'bob'), soft()));
	const held = Promise.withResolvers<void>();
	queue.atTurn = () => held.promise;
	const first = secondFactors.makeRecoveryCodes(opened, told);
	const others = Array.from({ length: 40 }, () => secondFactors.makeRecoveryCodes(opened, told));
	const refused = { ok: false, refusal: { kind: 'too-busy', retryAfterMs: 1000 } } as const;
	for (const outcome of await Promise.all(others)) t.deepEqual(outcome, refused);
	queue.atTurn = async () => undefined;
	t.true((await secondFactors.makeRecoveryCodes(bob, told)).ok);
	held.resolve();
	t.true((await first).ok);
	queue.atTurn = () => Promise.reject(new Error('a fault'));
	await t.throwsAsync(secondFactors.makeRecoveryCodes(opened, told), { message: 'a fault' });
	queue.atTurn = async () => undefined;
	t.true((await secondFactors.makeRecoveryCodes(opened, told)).ok, 'neither an end nor a fault leaves it shut');
});

test('a first factor that a session must set up goes again where that session is ended just then', async (t) => {
	const stage = await start(t);
	const { core, identity, register, soft } = stage;
	const opened = await signIn(core, password);
	const session = { ...opened.session, state: 'locked', needs: 'enrolment' } as const;
	around(stage, { before: () => core.sessions.endOf(identity.id, {}, told) });
	t.deepEqual(await register({ ...opened, session }, soft()), noSession);
	t.deepEqual(await stage.confirmed(), []);
});

test('one that has taken the place of lost ones stays, and no session goes on where that was ended just then', async (t) => {
	const { stage, opened } = await owning(t);
	const { core, identity, register, soft } = stage;
	const session = { ...opened.session, state: 'locked', needs: 'enrolment' } as const;
	around(stage, { before: () => core.sessions.endOf(identity.id, {}, told) });
	t.true((await register({ ...opened, session }, soft(), {}, 'New key')).ok);
	t.deepEqual(await stage.confirmed(), ['New key']);
	t.deepEqual(await core.kept.sessions.list(identity.id, 10), []);
});
