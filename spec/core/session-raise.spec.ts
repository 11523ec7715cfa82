import test, { type ExecutionContext } from 'ava';
import { byFactor } from '../../src/core/factor.ts';
import type { HostName, SessionToken } from '../../src/core/session.ts';
import type { AuthenticatedSession, NewSession, Sessions } from '../../src/core/sessions.ts';
import { newBrowserNonce, nonceDigestOf } from '../../src/core/token.ts';
import { createCore, minuteMs, named, requestFrom, secret, shown, signIn, type TestCore } from '../_support/core.ts';
import { createCodes } from './spec-factor.ts';

/*
 * A session that proves more, or once more, is raised: it goes on under another key, and the old one is worth nothing.
 */

const password = 'four brown bears';
const open = { session: 'open', xsrf: 'exempt', countsAsActivity: true } as const;

type Wishes = NonNullable<Parameters<typeof createCore>[0]> & {
	mustChange?: boolean;
	isRequired?: boolean;
	has?: boolean;
};

async function start(
	t: ExecutionContext,
	{ mustChange = false, isRequired = false, has = true, ...wishes }: Wishes = {},
) {
	let codes: ReturnType<typeof createCodes> | undefined;
	const core = await createCore({
		...wishes,
		factors(clock) {
			codes = createCodes(clock);
			return { factors: [codes.factor], isRequired: () => isRequired };
		},
	});
	t.teardown(() => core.close());
	if (codes === undefined) throw new Error('no factor');
	const { factor, add, newCode } = codes;
	const identity = await core.add('ada', password, { passwordChangeNeeded: mustChange });
	if (has) add(identity);
	const opened = await signIn(core, password);
	const prove = (checked: AuthenticatedSession, code = newCode(identity)) =>
		core.sessions.prove(checked, byFactor(factor, code), requestFrom());
	return { core, codes, identity, opened, prove, add: () => add(identity) };
}

const by = (word: string) => ({ by: 'password', password: secret(word) }) as const;

async function judge(
	{ sessions }: TestCore,
	{ token }: NewSession,
	how: Partial<Parameters<Sessions['check']>[2]> = {},
) {
	const outcome = await sessions.check(token, requestFrom(), { ...open, ...how });
	return outcome.ok ? outcome.value.session : outcome.refusal.kind;
}

function right<T>(outcome: { ok: true; value: T } | { ok: false; refusal: { kind: string } }): T {
	if (!outcome.ok) throw new Error(outcome.refusal.kind);
	return outcome.value;
}

test('who has a second factor gets a session by password that opens nothing, until the factor is shown', async (t) => {
	const { core, opened, prove } = await start(t);
	t.like(opened.session, { state: 'locked', needs: 'second-factor', level: 1, methods: ['pwd'] });
	t.is(await judge(core, opened), 'session-needs-factor');
	t.like(await prove(opened, 'wrong'), { ok: false, refusal: { kind: 'bad-credentials' } });
	t.is(await judge(core, opened), 'session-needs-factor', 'a wrong one changes nothing');
	core.clock.wind(minuteMs);
	const raised = right(await prove(opened));
	const now = core.clock.now();
	t.like(raised.session, {
		...{ state: 'open', level: 2, methods: ['pwd', 'otp'], provedAt: now, leveledAt: now, openedBy: 'password' },
		...{ openedAt: opened.session.openedAt, identityId: opened.session.identityId },
	});
	t.false('needs' in raised.session);
	t.deepEqual(await judge(core, raised), raised.session);
	t.is(await judge(core, opened, { session: 'any' }), 'no-session', 'the old token opens nothing, not even that');
	t.not(raised.session.xsrfToken, opened.session.xsrfToken);
	t.is((await core.kept.sessions.list(undefined, 10)).length, 1);
	const lines = core.events.filter(({ act }) => act === 'login' || act === 'proof');
	t.like(lines[0], { act: 'login', outcome: 'ok', method: 'password', needs: 'second-factor' });
	t.like(lines[1], { act: 'proof', outcome: 'refused', method: 'totp', reason: 'bad-credentials' });
	t.like(lines[2], { act: 'proof', outcome: 'ok', method: 'totp', session: raised.session.key });
});

test('what else it waits for comes after the factor, one after the other', async (t) => {
	const { opened, prove, core } = await start(t, { mustChange: true });
	t.like(opened.session, { needs: 'second-factor' });
	const raised = right(await prove(opened));
	t.like(raised.session, { state: 'locked', needs: 'password-change', level: 2 });
	t.is(await judge(core, raised), 'session-locked');
	t.like(await prove(raised), { refusal: { kind: 'session-locked' } }, 'no factor opens that');
	t.like(await core.sessions.prove(raised, by(password), requestFrom()), { refusal: { kind: 'session-locked' } });
});

test('who must have a factor sets one up, and is let in by it', async (t) => {
	const { core, opened, prove, add } = await start(t, { isRequired: true, has: false });
	t.like(opened.session, { needs: 'enrolment' });
	t.is(await judge(core, opened), 'session-needs-enrolment');
	t.like(await prove(opened), { ok: false });
	add();
	t.like(right(await prove(opened)).session, { state: 'open', level: 2 });
});

test('a password opens no session that waits for a factor, and costs no attempt', async (t) => {
	const { core, opened } = await start(t);
	const tried = core.hasher.tried.length;
	const outcome = await core.sessions.prove(opened, by(password), requestFrom());
	t.deepEqual(outcome, { ok: false, refusal: { kind: 'session-needs-factor' } });
	t.is(core.hasher.tried.length, tried);
});

test('a certificate is never asked for more, and its level is what the configuration says', async (t) => {
	for (const certificateLevel of [1, 2] as const) {
		const { core, codes } = await start(t, { certificateLevel });
		codes.add(await core.add('device'));
		const { session } = right(await core.sessions.loginByCertificate(shown('device'), requestFrom()));
		t.like(session, { state: 'open', level: certificateLevel, methods: ['pop'] });
	}
});

test('where a protocol has no way to show a factor, no session is opened', async (t) => {
	const { core, identity } = await start(t);
	const before = await core.kept.sessions.list(undefined, 10);
	const opened = await core.sessions.open(identity, requestFrom(), { by: 'password', neverLocked: true });
	t.deepEqual(opened, { ok: false, refusal: { kind: 'second-factor-needed' } });
	t.deepEqual(await core.kept.sessions.list(undefined, 10), before);
	t.like(core.events.at(-1), { act: 'login', outcome: 'refused', reason: 'second-factor-needed' });
});

test('a credential that comes along with one request can carry no factor', async (t) => {
	const { core } = await start(t);
	const [access, login] = [{ act: 'access', method: 'basic' } as const, { act: 'login', method: 'password' } as const];
	const tryPassword = (word: string, act: typeof access | typeof login) =>
		core.credentials.byPassword(named('ada'), secret(word), requestFrom(), act);
	t.deepEqual(await tryPassword(password, access), { ok: false, refusal: { kind: 'second-factor-needed' } });
	t.like(core.events.at(-1), { ...access, outcome: 'refused', reason: 'second-factor-needed', identity: 'ada' });
	t.like(await tryPassword('wrong', access), { refusal: { kind: 'bad-credentials' } });
	t.true((await tryPassword(password, login)).ok, 'a login goes on to ask for it');
	const byCertificate = await core.credentials.byCertificate(named('ada'), requestFrom(), access);
	t.like(byCertificate, { refusal: { kind: 'second-factor-needed' } });
	await core.add('eve', password);
	t.true((await core.credentials.byPassword(named('eve'), secret(password), requestFrom(), access)).ok);
});

test('a later proof by password makes the password fresh, and the factor not', async (t) => {
	const { core, opened, prove } = await start(t);
	const two = right(await prove(opened));
	const { leveledAt } = two.session;
	core.clock.wind(minuteMs);
	const again = right(await core.sessions.prove(two, by(password), requestFrom()));
	t.like(again.session, { level: 2, methods: ['pwd', 'otp'], leveledAt, provedAt: core.clock.now() });
	const needed = { assuranceLevel: 2, provedWithinMs: minuteMs - 1 } as const;
	t.is(await judge(core, again, needed), 'proof-needed');
	t.is(typeof (await judge(core, again, { ...needed, assuranceLevel: 1 })), 'object');
	const fresh = right(await prove(again));
	t.like(fresh.session, { level: 2, leveledAt: core.clock.now() });
	t.is(typeof (await judge(core, fresh, needed)), 'object');
});

test('of 50 proofs of one session at once, one raises it; one code is shown once', async (t) => {
	const { core, codes, identity, opened, prove } = await start(t);
	const code = codes.newCode(identity);
	const outcomes = await Promise.all(Array.from({ length: 50 }, () => prove(opened, code)));
	t.is(outcomes.filter(({ ok }) => ok).length, 1);
	core.clock.wind(minuteMs);
	const [raised] = await core.kept.sessions.list(undefined, 10);
	if (raised === undefined) return t.fail();
	const checked = { session: raised, identity };
	const proofs = await Promise.all(
		Array.from({ length: 50 }, () => core.sessions.prove(checked, by(password), requestFrom())),
	);
	t.is(proofs.filter(({ ok }) => ok).length, 1);
	t.is((await core.kept.sessions.list(undefined, 100)).length, 1);
});

test('a request that is under way at the old token when the session is raised fails closed', async (t) => {
	const reached = Promise.withResolvers<void>();
	const gate = Promise.withResolvers<void>();
	let holds = false;
	const { core, opened, prove } = await start(t, {
		around: (kept) => ({
			sessions: {
				...kept.sessions,
				async find(key) {
					if (holds) {
						holds = false;
						reached.resolve();
						await gate.promise;
					}
					return kept.sessions.find(key);
				},
			},
		}),
	});
	holds = true;
	const judged = judge(core, opened, { session: 'any' });
	await reached.promise;
	right(await prove(opened));
	gate.resolve();
	t.is(await judged, 'no-session');
});

test('a session that is ended, or credentials that are changed, while a factor is tried stay so', async (t) => {
	for (const end of [
		({ sessions }: TestCore, { session }: NewSession) => sessions.end(session.key, { actor: 'operator' }),
		({ identities }: TestCore, { identity }: NewSession) =>
			identities.setPassword(
				identity.id,
				secret('another one of them'),
				{ passwordChangeNeeded: false, policy: false },
				{ actor: 'operator' },
			),
	]) {
		const { core, codes, identity, opened } = await start(t);
		const outcome = await core.sessions.prove(
			opened,
			{
				by: 'totp',
				async check(who, use) {
					await end(core, opened);
					return codes.factor.check(who, codes.newCode(identity), use);
				},
			},
			requestFrom(),
		);
		t.deepEqual(outcome, { ok: false, refusal: { kind: 'no-session' } });
		t.deepEqual(await core.kept.sessions.list(undefined, 10), []);
	}
});

test('a session that is raised while somebody signs out, or ends it, is over', async (t) => {
	const { core, opened, prove } = await start(t);
	core.clock.wind(1);
	const other = await signIn(core, password);
	const raised = right(await prove(opened));
	// As the request that signs out has found it, just before.
	await core.sessions.logout(opened.session, opened.identity, requestFrom());
	t.is(await judge(core, raised), 'no-session');
	t.is(await judge(core, other), 'session-needs-factor', 'others of that identity live on');
});

test('the proof is of this session: others of that identity stay as they were', async (t) => {
	const { core, opened, prove } = await start(t);
	const other = await signIn(core, password);
	right(await prove(opened));
	t.is(await judge(core, other), 'session-needs-factor');
});

test('what it was handed over to rises with it, at the next ask', async (t) => {
	const host = 'grafana.example.org' as HostName;
	const { core, opened, prove } = await start(t);
	const two = right(await prove(opened));
	const nonce = newBrowserNonce();
	const ticket = right(
		await core.sessions.handover.issue(two.session, {
			host,
			browser: nonceDigestOf(nonce),
			url: 'https://grafana.example.org/',
		}),
	);
	const { token } = right(await core.sessions.handover.enter(ticket, [nonce], requestFrom({ host })));
	const child = async (here: SessionToken, how = {}) => {
		const outcome = await core.sessions.check(here, requestFrom({ host }), {
			...open,
			childSession: 'accepted',
			...how,
		});
		return outcome.ok ? outcome.value.session.level : outcome.refusal.kind;
	};
	core.clock.wind(minuteMs);
	const needed = { assuranceLevel: 2, provedWithinMs: 1000 };
	t.is(await child(token), 2);
	t.is(await child(token, needed), 'proof-needed');
	const raised = right(await prove(two));
	t.is(await child(token, needed), 2);
	await core.sessions.logout(raised.session, raised.identity, requestFrom());
	t.is(await child(token), 'no-session', 'and ends with it');
});

test('who has a second factor proves by that one where the highest is needed, and learns by what', async (t) => {
	const needed = { assuranceLevel: 'highest', provedWithinMs: 5 * minuteMs } as const;
	const { core, opened, prove } = await start(t);
	const refusal = async (session: NewSession, how: Partial<Parameters<Sessions['check']>[2]>) => {
		const outcome = await core.sessions.check(session.token, requestFrom(), { ...open, ...how });
		return outcome.ok ? 'ok' : outcome.refusal;
	};
	const two = right(await prove(opened));
	t.is(await refusal(two, needed), 'ok');
	core.clock.wind(5 * minuteMs + 1);
	const byPassword = right(await core.sessions.prove(two, by(password), requestFrom()));
	const missing = { kind: 'proof-needed', level: 2, withinMs: 5 * minuteMs, methods: ['totp'] };
	t.deepEqual(await refusal(byPassword, needed), missing);
	t.deepEqual(await refusal(byPassword, { provedWithinMs: 5 * minuteMs }), 'ok');
	t.is(await refusal(right(await prove(byPassword)), needed), 'ok');
	await core.add('eve', password);
	const eve = await signIn(core, password, 'eve');
	t.is(await refusal(eve, needed), 'ok', 'who has none proves by the password');
	core.clock.wind(5 * minuteMs + 1);
	t.like(await refusal(eve, needed), { kind: 'proof-needed', level: 1, methods: ['password'] });
	t.like(await refusal(eve, { assuranceLevel: 2 }), { kind: 'proof-needed', level: 2, methods: [] });
});
