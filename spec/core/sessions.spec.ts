import test from 'ava';
import { createClock } from '../../src/core/clock.ts';
import type { Permission } from '../../src/core/identity.ts';
import type { Requirements } from '../../src/core/requirements.ts';
import type { DialectName, SessionToken } from '../../src/core/session.ts';
import type { NewSession } from '../../src/core/sessions.ts';
import { newCredentialStamp } from '../../src/core/token.ts';
import {
	createCore,
	kura,
	minuteMs,
	named,
	requestFrom,
	secret,
	shown,
	signIn,
	type TestCore,
} from '../_support/core.ts';

const password = 'four brown bears';
const inactivityMs = 15 * minuteMs;

const requirements: Requirements = { session: 'any', xsrf: 'exempt', countsAsActivity: true };
const told = { actor: 'operator' } as const;

async function start(...args: Parameters<typeof createCore>) {
	const core = await createCore(...args);
	const identity = await core.add('ada', password);
	return { core, identity };
}

/** How a check ends: `ok`, or the kind of its refusal. */
async function judge(
	{ sessions }: TestCore,
	token: SessionToken,
	how: Partial<Requirements> = {},
	by: Parameters<typeof requestFrom>[0] = {},
): Promise<string> {
	const outcome = await sessions.check(token, requestFrom(by), { ...requirements, ...how });
	return outcome.ok ? 'ok' : outcome.refusal.kind;
}

test('at exactly the inactivity interval a session lives, and that request starts the interval anew', async (t) => {
	const { core } = await start();
	const { token } = await signIn(core, password);
	for (let request = 0; request < 5; request += 1) {
		core.clock.wind(inactivityMs);
		t.is(await judge(core, token), 'ok');
	}
	core.clock.wind(inactivityMs + 1);
	t.is(await judge(core, token), 'session-expired');
	t.is(await judge(core, token), 'no-session', 'and it is gone');
	await core.close();
});

test('at exactly the absolute lifetime a session lives, however busy, and not a millisecond longer', async (t) => {
	const { core } = await start({ lifetimeMs: 60 * minuteMs });
	const { token } = await signIn(core, password);
	for (let minute = 0; minute < 60; minute += 10) {
		core.clock.wind(10 * minuteMs);
		t.is(await judge(core, token), 'ok');
	}
	core.clock.wind(1);
	t.is(await judge(core, token), 'session-expired');
	await core.close();
});

test('a request that does not count keeps no session alive', async (t) => {
	const { core } = await start();
	const { token } = await signIn(core, password);
	core.clock.wind(inactivityMs);
	t.is(await judge(core, token, { countsAsActivity: false }), 'ok');
	core.clock.wind(1);
	t.is(await judge(core, token, { countsAsActivity: false }), 'session-expired');
	await core.close();
});

test('a request that is refused keeps no session alive', async (t) => {
	const { core } = await start();
	const { token } = await signIn(core, password);
	core.clock.wind(inactivityMs);
	t.is(await judge(core, token, { xsrf: 'token' }, { xsrfToken: 'wrong' }), 'xsrf-token-mismatch');
	t.is(await judge(core, token, { permissions: { all: ['rest.assets' as Permission] } }), 'permission-missing');
	core.clock.wind(1);
	t.is(await judge(core, token), 'session-expired');
	await core.close();
});

test('an expired session stays expired when the clock is set back', async (t) => {
	let wall = 1_800_000_000_000;
	let elapsed = 0;
	const { core } = await start({
		clock: createClock(
			() => wall,
			() => elapsed,
		),
		lifetimeMs: 60 * minuteMs,
	});
	const { token } = await signIn(core, password);
	const { token: busy } = await signIn(core, password);
	const pass = (ms: number) => {
		wall += ms;
		elapsed += ms;
	};
	pass(inactivityMs);
	t.is(await judge(core, busy), 'ok');
	pass(1);
	wall -= 60 * minuteMs;
	t.is(await judge(core, token), 'session-expired');
	for (let passed = inactivityMs + 1; passed < 60 * minuteMs; passed += 5 * minuteMs) {
		t.is(await judge(core, busy), 'ok');
		pass(5 * minuteMs);
		wall -= 4 * minuteMs;
	}
	t.is(await judge(core, busy), 'session-expired', 'and nothing grows older than it may by it');
	await core.close();
});

test('a token opens nothing on another channel than its own', async (t) => {
	const { core } = await start();
	const { token } = await signIn(core, password);
	for (const channel of [{ secure: true }, { dialect: 'kismet' as DialectName }]) {
		const outcome = await core.sessions.check(token, requestFrom(channel), requirements);
		t.is(outcome.ok ? 'ok' : outcome.refusal.kind, 'no-session');
	}
	t.is(await judge(core, token), 'ok');
	await core.close();
});

test('a locked session is refused where an open one is asked for; its XSRF token is judged first', async (t) => {
	const { core } = await start();
	await core.add('newcomer', password, { passwordChangeNeeded: true });
	const { token, session } = await signIn(core, password, 'newcomer');
	t.is(session.state, 'locked');
	t.is(await judge(core, token), 'ok');
	t.is(await judge(core, token, { session: 'open' }), 'session-locked');
	t.is(await judge(core, token, { session: 'open', xsrf: 'token' }), 'xsrf-token-mismatch');
	await core.close();
});

test('right or wrong, a login ends the session that the request carried; a right one never takes its token over', async (t) => {
	const { core } = await start();
	const first = await signIn(core, password);
	const carrying = requestFrom({ presented: [first.token] });
	const second = await core.sessions.login(named('ada'), secret(password), carrying);
	t.true(second.ok);
	t.is(await judge(core, first.token), 'no-session');
	if (!second.ok) return;
	t.not(second.value.token, first.token);
	await core.sessions.login(named('ada'), secret('wrong'), requestFrom({ presented: [second.value.token] }));
	t.is(await judge(core, second.value.token), 'no-session');
	await core.close();
});

test('a login ends the session that it carried, whichever channel that was opened on', async (t) => {
	const { core } = await start();
	await core.add('device');
	const logins: readonly (readonly [string, (how: ReturnType<typeof requestFrom>) => Promise<{ ok: boolean }>])[] = [
		['right password', (how) => core.sessions.login(named('ada'), secret(password), how)],
		['wrong password', (how) => core.sessions.login(named('ada'), secret('wrong'), how)],
		['unknown name', (how) => core.sessions.login(named('nobody'), secret(password), how)],
		['certificate', (how) => core.sessions.loginByCertificate(shown('device'), how)],
		['no certificate', (how) => core.sessions.loginByCertificate(undefined, how)],
		['certificate of nobody', (how) => core.sessions.loginByCertificate(shown('nobody'), how)],
	];
	for (const [kind, login] of logins) {
		for (const secure of [true, false]) {
			const opened = await core.sessions.login(named('ada'), secret(password), requestFrom({ secure }));
			if (!opened.ok) return t.fail(opened.refusal.kind);
			const { token, session } = opened.value;
			core.events.length = 0;
			await login(requestFrom({ secure: !secure, presented: [token], requestId: 'r-2' }));
			t.is(
				await core.kept.sessions.find(session.key),
				undefined,
				`${kind}, opened ${secure ? 'over TLS' : 'in clear'}`,
			);
			const ends = core.events.filter(({ act }) => act === 'session-end');
			t.like(ends, { length: 1, 0: { session: session.key, identity: 'ada', requestId: 'r-2' } }, kind);
		}
	}
	await core.close();
});

test('a login that was not tried ends nothing: too many attempts, too busy, a store that is away', async (t) => {
	let isAway = false;
	const { core } = await start({
		around: ({ sessions, identities }) => ({
			sessions,
			identities: {
				...identities,
				findByName: async (name) => {
					if (isAway) throw new Error('away');
					return identities.findByName(name);
				},
			},
		}),
	});
	const { token } = await signIn(core, password);
	const carrying = requestFrom({ presented: [token] });
	for (let wrong = 0; wrong < 10; wrong += 1) await core.sessions.login(named('ada'), secret('wrong'), requestFrom());
	for (const login of [
		() => core.sessions.login(named('ada'), secret(password), carrying),
		() => core.sessions.loginByCertificate(shown('ada'), carrying),
	]) {
		t.like(await login(), { ok: false, refusal: { kind: 'too-many-attempts' } });
		t.is(await judge(core, token), 'ok');
	}
	isAway = true;
	await t.throwsAsync(core.sessions.login(named('bob'), secret(password), carrying));
	isAway = false;
	t.is(await judge(core, token), 'ok');
	core.passwords.refuse = { kind: 'too-busy', retryAfterMs: 1000 };
	t.like(await core.sessions.login(named('bob'), secret(password), carrying), { refusal: { kind: 'too-busy' } });
	t.is(await judge(core, token), 'ok');
	await core.close();
});

test('who ends by changed credentials is named', async (t) => {
	const { core, identity } = await start();
	const { token, session } = await signIn(core, password);
	// What a crash leaves undone: the change was written, the session not ended.
	await core.kept.identities.changeCredentials(identity.id, identity.credentialStamp, {
		passwordChangeNeeded: false,
		credentialStamp: newCredentialStamp(),
	});
	t.is(await judge(core, token), 'credentials-changed');
	const ends = core.events.filter(({ act }) => act === 'session-end');
	t.like(ends, { length: 1, 0: { session: session.key, identity: 'ada' } });
	await core.close();
});

test('an end by key names whose session it was', async (t) => {
	const { core } = await start();
	const { session } = await signIn(core, password);
	t.true(await core.sessions.end(session.key, told));
	t.like(core.events.at(-1), { act: 'session-end', session: session.key, identity: 'ada', actor: 'operator' });
	await core.close();
});

test('wrong password, unknown name, disabled, certificate only: one refusal, and one usual hash each', async (t) => {
	const { core } = await start();
	await core.add('certificate only');
	const disabled = await core.add('disabled', password);
	await core.identities.setDisabled(disabled.id, true, told);
	const tries = [
		['ada', 'wrong'],
		['nobody', password],
		['certificate only', password],
		['disabled', password],
	] as const;
	for (const [name, tried] of tries) {
		const before = core.hasher.tried.length;
		const outcome = await core.sessions.login(named(name), secret(tried), requestFrom());
		t.deepEqual(outcome, { ok: false, refusal: { kind: 'bad-credentials' } }, name);
		t.is(core.hasher.tried.length - before, 1, name);
	}
	await core.close();
});

test('a certificate opens a session for a name that exists and is enabled, and never a locked one', async (t) => {
	const { core } = await start();
	await core.add('device', undefined, { passwordChangeNeeded: true });
	const opened = await core.sessions.loginByCertificate(shown('device'), requestFrom());
	t.true(opened.ok && opened.value.session.state === 'open');
	for (const [certificate, kind] of [
		[undefined, 'bad-certificate'],
		[shown('nobody'), 'bad-credentials'],
	] as const) {
		const outcome = await core.sessions.loginByCertificate(certificate, requestFrom());
		t.is(outcome.ok ? 'ok' : outcome.refusal.kind, kind);
	}
	await core.close();
});

test('one session more than an identity may have ends its oldest, and the login succeeds', async (t) => {
	const { core, identity } = await start({ mostPerIdentity: 3 });
	const opened: NewSession[] = [];
	for (let login = 0; login < 4; login += 1) {
		opened.push(await signIn(core, password));
		core.clock.wind(1);
	}
	t.deepEqual(await Promise.all(opened.map(({ token }) => judge(core, token))), ['no-session', 'ok', 'ok', 'ok']);
	t.is((await core.sessions.list(identity.id, 10)).length, 3);
	await core.close();
});

test('what was ended comes back by no request that was under way', async (t) => {
	const { core } = await start();
	const { token, session, identity } = await signIn(core, password);
	core.clock.wind(5 * minuteMs);
	t.is(await judge(core, token), 'ok');
	await core.sessions.logout(session, identity, requestFrom());
	core.activity.record(session, core.clock.now());
	await core.activity.flush('everything');
	t.is(await core.kept.sessions.find(session.key), undefined);
	t.is(await judge(core, token), 'no-session');
	await core.close();
});

test('a sweep of many batches writes what this process has seen once, and pauses between them', async (t) => {
	let touches = 0;
	const { core } = await start({
		mostPerIdentity: 1000,
		around: ({ sessions, identities }) => ({
			identities,
			sessions: {
				...sessions,
				touch: (activity) => {
					touches += 1;
					return sessions.touch(activity);
				},
			},
		}),
	});
	for (let login = 0; login < 60; login += 1) await signIn(core, password);
	core.clock.wind(1);
	const { token, session, identity } = await signIn(core, password);
	core.clock.wind(inactivityMs);
	await judge(core, token);
	core.clock.wind(10);
	touches = 0;
	let pauses = 0;
	const swept = await core.sessions.sweep(async () => {
		pauses += 1;
		await judge(core, token);
		core.clock.wind(1);
	});
	t.deepEqual({ swept, pauses, touches }, { swept: 60, pauses: 2, touches: 1 });
	t.deepEqual(
		(await core.kept.sessions.list(identity.id, 100)).map(({ key }) => key),
		[session.key],
		'used before the sweep and meanwhile',
	);
	await core.close();
});

test('a list shows the living, newest first, with the activity that only this process knows of', async (t) => {
	const { core, identity } = await start();
	const [silent, busy] = [await signIn(core, password), await signIn(core, password)];
	core.clock.wind(inactivityMs);
	await judge(core, busy.token);
	core.clock.wind(1);
	const newest = await signIn(core, password);
	const list = await core.sessions.list(identity.id, 10);
	t.deepEqual(
		list.map(({ key }) => key),
		[newest.session.key, busy.session.key],
	);
	t.is(list[1]?.lastActivityAt, (core.clock.now() - 1) as never);
	t.is(await core.sessions.find(silent.session.key), undefined);
	t.false(await core.sessions.end(silent.session.key, told), 'what is over was not alive');
	t.true(await core.sessions.end(busy.session.key, told));
	t.false(await core.sessions.end(busy.session.key, told));
	t.is(await core.sessions.endOf(identity.id, { except: newest.session.key }, told), 0);
	t.is(await core.sessions.endOf(identity.id, {}, told), 1);
	await core.close();
});

test('a sweep drops what is over, and nothing that was used but a moment ago', async (t) => {
	const { core, identity } = await start();
	const [silent, busy] = [await signIn(core, password), await signIn(core, password)];
	core.clock.wind(inactivityMs);
	await judge(core, busy.token);
	core.clock.wind(1);
	t.is(await core.sessions.sweep(), 1);
	t.is(await core.sessions.sweep(), 0);
	t.deepEqual(
		(await core.kept.sessions.list(identity.id, 10)).map(({ key }) => key),
		[busy.session.key],
	);
	const expiry = core.events.filter(({ act }) => act === 'session-expiry');
	t.like(expiry, { length: 1, 0: { session: silent.session.key, identity: 'ada', outcome: 'ok' } });
	await core.close();
});

test('every end of a session is told once, with what brought it about', async (t) => {
	const { core, identity } = await start();
	const about = (opened: NewSession) => core.events.filter(({ session }) => session === opened.session.key);
	const acts = (opened: NewSession) => about(opened).map(({ act, outcome }) => `${act} ${outcome}`);

	const left = await signIn(core, password);
	await core.sessions.logout(left.session, identity, requestFrom());
	await core.sessions.logout(left.session, identity, requestFrom());
	t.deepEqual(acts(left), ['login ok', 'logout ok']);
	t.like(about(left)[1], { identity: 'ada', dialect: kura, address: '192.0.2.1', requestId: 'r-1' });

	const expired = await signIn(core, password);
	core.clock.wind(inactivityMs + 1);
	await Promise.all([judge(core, expired.token), judge(core, expired.token)]);
	t.deepEqual(acts(expired), ['login ok', 'session-expiry ok']);

	const ended = await signIn(core, password);
	await core.sessions.end(ended.session.key, { ...told, identity: named('ada') });
	t.deepEqual(acts(ended), ['login ok', 'session-end ok']);
	t.like(about(ended)[1], { actor: 'operator' });

	const outdated = await signIn(core, password);
	const how = { passwordChangeNeeded: false, policy: true };
	await core.identities.setPassword(identity.id, secret(password), how, told);
	t.deepEqual(acts(outdated), ['login ok', 'session-end ok']);

	const orphaned = await signIn(core, password);
	await core.identities.remove(identity.id, told);
	t.deepEqual(acts(orphaned), ['login ok', 'session-end ok']);
	t.deepEqual(await core.kept.sessions.list(undefined, 10), []);
	await core.close();
});
