import test, { type ExecutionContext } from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { Entered } from '../../src/core/handover.ts';
import type { Identity } from '../../src/core/identity.ts';
import type { Outcome } from '../../src/core/refusal.ts';
import type { RequestContext } from '../../src/core/request.ts';
import type { DialectName, HostName, SessionKey, SessionToken } from '../../src/core/session.ts';
import type { NewSession, Sessions } from '../../src/core/sessions.ts';
import type { BrowserNonce, TicketToken } from '../../src/core/ticket.ts';
import { newBrowserNonce, newTicketToken, nonceDigestOf } from '../../src/core/token.ts';
import {
	type CoreWishes,
	createCore,
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
const grafana = 'grafana.example.org' as HostName;
const wiki = 'wiki.example.org' as HostName;
const url = 'https://grafana.example.org/d/7?x=1';
const demand: Parameters<Sessions['check']>[2] = {
	session: 'open',
	childSession: 'accepted',
	xsrf: 'exempt',
	countsAsActivity: true,
};
const told = { actor: 'operator' } as const;

interface Stage {
	readonly core: TestCore;
	readonly identity: Identity;
	readonly parent: NewSession;
	readonly nonce: BrowserNonce;
}

async function start(t: ExecutionContext, wishes?: CoreWishes): Promise<Stage> {
	const core = await createCore(wishes);
	t.teardown(() => core.close());
	const identity = await core.add('ada', password);
	return { core, identity, parent: await signIn(core, password), nonce: newBrowserNonce() };
}

const at = (host: HostName | undefined, how: Partial<RequestContext> = {}) => requestFrom({ host, ...how });

async function issue({ core, parent, nonce }: Stage, host = grafana): Promise<TicketToken> {
	const ticket = await core.sessions.handover.issue(parent.session, { host, browser: nonceDigestOf(nonce), url });
	if (!ticket.ok) throw new Error(ticket.refusal.kind);
	return ticket.value;
}

const enter = ({ core, nonce }: Stage, ticket: string, host: HostName | undefined = grafana, nonces = [nonce]) =>
	core.sessions.handover.enter(ticket, nonces, at(host));

async function handedOver(stage: Stage, host = grafana): Promise<SessionToken> {
	const entered = await enter(stage, await issue(stage, host), host);
	if (!entered.ok) throw new Error(entered.refusal.kind);
	return entered.value.token;
}

async function judge(
	{ core }: Stage,
	token: SessionToken,
	here = at(grafana),
	how: Partial<typeof demand> = {},
): Promise<string> {
	const outcome = await core.sessions.check(token, here, { ...demand, ...how });
	return outcome.ok ? 'ok' : outcome.refusal.kind;
}

const ends = (outcome: Outcome<Entered>) => (outcome.ok ? 'ok' : outcome.refusal.kind);
const last = ({ core }: Stage) => core.events.at(-1);

test('a ticket opens a child of the session on its host, and leads to where the person wanted to go', async (t) => {
	const stage = await start(t);
	const { core, parent } = stage;
	const entered = await enter(stage, await issue(stage));
	t.true(entered.ok);
	if (!entered.ok) return;
	t.is(entered.value.url, url);
	t.not(entered.value.token, parent.token);
	const child = await core.sessions.check(entered.value.token, at(grafana), demand);
	t.true(child.ok);
	if (!child.ok) return;
	const { session, identity } = child.value;
	t.deepEqual([session.key, session.host, identity.name], [parent.session.key, grafana, named('ada')]);
	t.not(session.xsrfToken, parent.session.xsrfToken);
	const bringing = (xsrfToken: string) =>
		judge(stage, entered.value.token, at(grafana, { xsrfToken }), { xsrf: 'token' });
	t.is(await bringing(session.xsrfToken), 'ok');
	t.is(await bringing(parent.session.xsrfToken), 'xsrf-token-mismatch');
	const { act, outcome, host, session: key, identity: name } = core.events.find(({ act }) => act === 'handover') ?? {};
	t.deepEqual([act, outcome, host, key, name], ['handover', 'ok', grafana, parent.session.key, named('ada')]);
	t.deepEqual([...(await core.sessions.handover.hostsOf([parent.session.key]))], [[parent.session.key, [grafana]]]);
});

test('the token of a child opens nothing elsewhere, and that of its parent nothing more than before', async (t) => {
	const stage = await start(t);
	const child = await handedOver(stage);
	const elsewhere = [
		at(wiki),
		at('login.example.org' as HostName),
		at('example.org' as HostName),
		at('x.grafana.example.org' as HostName),
		at(undefined),
		at('' as HostName),
		at(grafana, { secure: true }),
		at(grafana, { dialect: 'kismet' as DialectName }),
	];
	for (const here of elsewhere) t.is(await judge(stage, child, here), 'no-session', JSON.stringify(here));
	t.is(await judge(stage, child), 'ok');
	t.is(await judge(stage, child.slice(2) as SessionToken), 'no-session');
	t.is(await judge(stage, `h.${stage.parent.token}` as SessionToken), 'no-session');
	t.is(await judge(stage, stage.parent.token, at(wiki)), 'ok', 'as a token without a host always was');
});

test('what is not for child sessions is refused to them, and is so unless it says otherwise', async (t) => {
	const stage = await start(t);
	const child = await handedOver(stage);
	const { childSession: _, ...plain } = demand;
	const outcome = await stage.core.sessions.check(child, at(grafana), plain);
	t.is(outcome.ok ? 'ok' : outcome.refusal.kind, 'portal-only');
	t.like(last(stage), { act: 'access', reason: 'portal-only', session: stage.parent.session.key });
	t.is(await judge(stage, stage.parent.token, at(grafana), { childSession: undefined }), 'ok');
});

const wrong: [string, (stage: Stage, ticket: TicketToken) => Promise<Outcome<Entered>>, string][] = [
	['at another host', (stage, ticket) => enter(stage, ticket, wiki), 'ticket-host'],
	[
		'at a host that is not known for sure',
		({ core, nonce }, ticket) => core.sessions.handover.enter(ticket, [nonce], at(undefined)),
		'ticket-host',
	],
	['in another browser', (stage, ticket) => enter(stage, ticket, grafana, [newBrowserNonce()]), 'ticket-browser'],
	['in a browser that shows nothing', (stage, ticket) => enter(stage, ticket, grafana, []), 'ticket-browser'],
	[
		'a millisecond too late',
		(stage, ticket) => {
			stage.core.clock.wind(30_001);
			return enter(stage, ticket);
		},
		'ticket-expired',
	],
	[
		'after its session has ended',
		async (stage, ticket) => {
			await stage.core.sessions.end(stage.parent.session.key, told);
			return enter(stage, ticket);
		},
		'ticket-unknown',
	],
	[
		'after the password was changed',
		async (stage, ticket) => {
			await stage.core.kept.identities.changeCredentials(stage.identity.id, stage.identity.credentialStamp, {
				passwordChangeNeeded: false,
				credentialStamp: 'another' as never,
			});
			return enter(stage, ticket);
		},
		'ticket-session',
	],
	[
		'after the identity was disabled',
		async (stage, ticket) => {
			await stage.core.kept.identities.setDisabled(stage.identity.id, true);
			return enter(stage, ticket);
		},
		'ticket-session',
	],
];
for (const [how, use, reason] of wrong) {
	test(`a ticket ${how} is refused like every other, used up, and in the audit`, async (t) => {
		const stage = await start(t);
		const ticket = await issue(stage);
		t.is(ends(await use(stage, ticket)), 'ticket-refused');
		t.like(last(stage), { act: 'handover', outcome: 'refused', reason });
		t.is(ends(await enter(stage, ticket)), 'ticket-refused', 'used up');
		t.like(last(stage), { reason: 'ticket-unknown' });
		t.deepEqual([...(await stage.core.sessions.handover.hostsOf([stage.parent.session.key]))], []);
	});
}

test('a ticket is good for thirty seconds, and once', async (t) => {
	const stage = await start(t);
	const ticket = await issue(stage);
	stage.core.clock.wind(30_000);
	t.is(ends(await enter(stage, ticket, grafana, [newBrowserNonce(), stage.nonce])), 'ok');
	t.is(ends(await enter(stage, ticket)), 'ticket-refused');
	t.deepEqual(
		stage.core.events.filter(({ act }) => act === 'handover').map(({ outcome, reason }) => [outcome, reason]),
		[
			['ok', undefined],
			['refused', 'ticket-unknown'],
		],
	);
});

test('of fifty that use a ticket at once, one comes in', async (t) => {
	const stage = await start(t);
	const ticket = await issue(stage);
	const all = await Promise.all(Array.from({ length: 50 }, () => enter(stage, ticket)));
	t.is(all.filter(({ ok }) => ok).length, 1);
	t.is(stage.core.events.filter(({ act, outcome }) => act === 'handover' && outcome === 'refused').length, 49);
});

test('what is no ticket at all is refused and in the audit, and what was written stands nowhere', async (t) => {
	const stage = await start(t);
	for (const text of ['', 'x', stage.parent.token, newTicketToken(), `${newTicketToken()}=`, 'ä'.repeat(43)]) {
		t.is(ends(await enter(stage, text)), 'ticket-refused');
		const event = last(stage);
		t.like(event, { act: 'handover', outcome: 'refused', reason: 'ticket-unknown', address: '192.0.2.1' });
		t.is(event?.host, undefined);
	}
});

test('for a session that has ended no ticket is issued', async (t) => {
	const stage = await start(t);
	await stage.core.sessions.end(stage.parent.session.key, told);
	const to = { host: grafana, browser: nonceDigestOf(stage.nonce), url };
	t.deepEqual(await stage.core.sessions.handover.issue(stage.parent.session, to), {
		ok: false,
		refusal: { kind: 'no-session' },
	});
});

const ways: [string, (stage: Stage, child: SessionToken) => Promise<unknown>][] = [
	[
		'the parent is logged out',
		({ core, parent, identity }) => core.sessions.logout(parent.session, identity, requestFrom()),
	],
	[
		'the child is logged out',
		async ({ core, identity }, child) => {
			const checked = await core.sessions.check(child, at(grafana), demand);
			if (checked.ok) await core.sessions.logout(checked.value.session, identity, at(grafana));
		},
	],
	['the parent is ended', ({ core, parent }) => core.sessions.end(parent.session.key, told)],
	['all of the identity end', ({ core, identity }) => core.sessions.endOf(identity.id, {}, told)],
	['all end', ({ core }) => core.sessions.endAll(told)],
	[
		'the password is changed',
		({ core, identity }) =>
			core.identities.changePassword(identity, secret(password), secret('five brown bears'), requestFrom()),
	],
	['the identity is disabled', ({ core, identity }) => core.identities.setDisabled(identity.id, true, told)],
	['the identity is removed', ({ core, identity }) => core.identities.remove(identity.id, told)],
	['the parent is silent for too long', async ({ core }) => core.clock.wind(inactivityMs + 1)],
	[
		'a login carries the parent',
		({ core, parent }) =>
			core.sessions.login(named('ada'), secret('wrong'), requestFrom({ presented: [parent.token] })),
	],
	[
		'a login on its host carries the child',
		({ core }, child) => core.sessions.login(named('ada'), secret('wrong'), at(grafana, { presented: [child] })),
	],
	[
		'and whichever channel that has',
		({ core }, child) =>
			core.sessions.login(named('ada'), secret('wrong'), at(grafana, { presented: [child], secure: true })),
	],
];
for (const [how, end] of ways) {
	test(`a child and all its siblings end when ${how}`, async (t) => {
		const stage = await start(t);
		const [child, sibling] = [await handedOver(stage), await handedOver(stage, wiki)];
		t.is(await judge(stage, sibling, at(wiki)), 'ok');
		await end(stage, child);
		t.not(await judge(stage, child), 'ok');
		t.not(await judge(stage, sibling, at(wiki)), 'ok');
		t.not(await judge(stage, stage.parent.token, requestFrom()), 'ok');
		t.is(await judge(stage, child), 'no-session');
	});
}

test('a login elsewhere that carries a stolen child ends nothing', async (t) => {
	const stage = await start(t);
	const child = await handedOver(stage);
	await stage.core.sessions.login(named('ada'), secret('wrong'), at(wiki, { presented: [child] }));
	t.is(await judge(stage, child), 'ok');
});

test('a child ends with the certificate of its parent', async (t) => {
	const core = await createCore();
	t.teardown(() => core.close());
	const identity = await core.add('ada', password);
	const opened = await core.sessions.loginByCertificate(shown('ada'), requestFrom());
	if (!opened.ok) throw new Error(opened.refusal.kind);
	const stage = { core, identity, parent: opened.value, nonce: newBrowserNonce() };
	const child = await handedOver(stage);
	t.is(await judge(stage, child), 'ok');
	t.is(await core.sessions.endRefused(() => true), 1);
	t.is(await judge(stage, child), 'no-session');
});

test('to use a child is to use its parent, in one write; the lifetime is the parent’s', async (t) => {
	const written: SessionKey[][] = [];
	const stage = await start(t, {
		lifetimeMs: 60 * minuteMs,
		around: ({ sessions, identities }) => ({
			sessions: {
				...sessions,
				async touch(activity) {
					written.push([...activity.keys()]);
					await sessions.touch(activity);
				},
			},
			identities,
		}),
	});
	const { core, parent } = stage;
	const [child, sibling] = [await handedOver(stage), await handedOver(stage, wiki)];
	for (let minute = 0; minute < 60; minute += 10) {
		core.clock.wind(10 * minuteMs);
		t.is(await judge(stage, child), 'ok');
		t.is(await judge(stage, sibling, at(wiki)), 'ok');
		await core.activity.flush('everything');
	}
	t.deepEqual(
		written,
		Array.from({ length: 6 }, () => [parent.session.key]),
	);
	t.is(
		await judge(stage, parent.token, requestFrom(), { countsAsActivity: false }),
		'ok',
		'kept alive by its children alone',
	);
	core.clock.wind(1);
	t.is(await judge(stage, child), 'session-expired');
	t.is(await judge(stage, parent.token, requestFrom()), 'no-session');
});

test('a child that polls keeps nothing alive', async (t) => {
	const stage = await start(t);
	const child = await handedOver(stage);
	stage.core.clock.wind(inactivityMs);
	t.is(await judge(stage, child, undefined, { countsAsActivity: false }), 'ok');
	stage.core.clock.wind(1);
	t.is(await judge(stage, child, undefined, { countsAsActivity: false }), 'session-expired');
});

test('of the children of a session the latest hundred live; and a child is nothing in a list', async (t) => {
	const stage = await start(t);
	const first = await handedOver(stage);
	const second = await handedOver(stage);
	for (let more = 0; more < 99; more += 1) await handedOver(stage, wiki);
	t.is(await judge(stage, first), 'no-session');
	t.is(await judge(stage, second), 'ok');
	t.is((await stage.core.sessions.list(undefined, 100)).length, 1);
	t.is(await stage.core.kept.sessions.count(), 1);
});

test('a sweep takes the children of what it sweeps', async (t) => {
	const stage = await start(t);
	await handedOver(stage);
	stage.core.clock.wind(inactivityMs + 1);
	t.is(await stage.core.sessions.sweep(), 1);
	t.deepEqual([...(await stage.core.sessions.handover.hostsOf([stage.parent.session.key]))], []);
});

test('a logout while a ticket is used leaves nothing open, whichever comes first', async (t) => {
	for (let round = 0; round < 20; round += 1) {
		const stage = await start(t);
		const ticket = await issue(stage);
		const { core, parent, identity } = stage;
		const [entered] = await Promise.all([
			enter(stage, ticket),
			(async () => {
				for (let turn = 0; turn < round; turn += 1) await undefined;
				await core.sessions.logout(parent.session, identity, requestFrom());
			})(),
		]);
		if (entered.ok) t.is(await judge(stage, entered.value.token), 'no-session');
		t.deepEqual([...(await core.sessions.handover.hostsOf([parent.session.key]))], []);
	}
});

test('a ticket of a node whose clock is ahead is no error', async (t) => {
	const stage = await start(t);
	const ticket = await issue(stage);
	stage.core.clock.wind(-2000);
	t.is(ends(await enter(stage, ticket)), 'ok');
	t.true(stage.core.clock.now() < (stage.parent.session.openedAt as Instant));
});
