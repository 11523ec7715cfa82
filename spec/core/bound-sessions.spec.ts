import test, { type ExecutionContext } from 'ava';
import type { HostName, SessionToken } from '../../src/core/session.ts';
import { digestOfShown } from '../../src/core/session-binding.ts';
import type { NewSession } from '../../src/core/sessions.ts';
import { newBrowserNonce, nonceDigestOf } from '../../src/core/token.ts';
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

/*
 * With `session.bindCertificate` a session that a certificate opens, or raises, is refused wherever that certificate is not shown,
 * and goes on where it is.
 */

const password = 'four brown bears';
const open = { session: 'open', childSession: 'accepted', xsrf: 'exempt', countsAsActivity: true } as const;
const digest = digestOfShown(shown('robot'));
const other = digestOfShown(shown('thief'));
const owner = requestFrom({ certificate: digest });
const thieves = [
	['no certificate', requestFrom({ address: '198.51.100.9' })],
	['another certificate', requestFrom({ address: '198.51.100.9', certificate: other })],
] as const;

async function start(t: ExecutionContext, wishes: CoreWishes = {}): Promise<TestCore> {
	const core = await createCore({ bindCertificate: true, ...wishes });
	t.teardown(() => core.close());
	await core.add('robot', password);
	return core;
}

async function come({ sessions }: TestCore): Promise<NewSession> {
	const outcome = await sessions.loginByCertificate(shown('robot'), owner);
	if (!outcome.ok) throw new Error(outcome.refusal.kind);
	return outcome.value;
}

async function judge({ sessions }: TestCore, token: SessionToken, request = owner): Promise<string> {
	const outcome = await sessions.check(token, request, open);
	return outcome.ok ? 'ok' : outcome.refusal.kind;
}

for (const [says, thief] of thieves) {
	test(`a session that is shown with ${says} is refused and not used, stands in the audit, and goes on for its owner`, async (t) => {
		const core = await start(t);
		const { token, session } = await come(core);
		t.is(session.boundTo, digest);
		core.clock.wind(5 * minuteMs);
		core.events.length = 0;
		t.is(await judge(core, token, thief), 'bad-certificate');
		t.is(core.activity.lastOf(session), session.openedAt, 'it was not used');
		const { address, requestId, device } = thief;
		const { key, dialect } = session;
		const line = { act: 'session-stolen', outcome: 'refused', reason: 'bad-certificate', identity: named('robot') };
		t.deepEqual(core.events, [{ ...line, session: key, dialect, address, requestId, device }] as unknown[]);
		t.is(await judge(core, token), 'ok');
		t.is(core.events.length, 1);
	});

	test(`a login with ${says} ends no session that it carries, right or wrong`, async (t) => {
		const core = await start(t);
		const { token } = await come(core);
		const presented = { ...thief, presented: [token] };
		for (const word of ['wrong', password]) {
			core.events.length = 0;
			await core.sessions.login(named('robot'), secret(word), presented);
			t.is(core.events.filter(({ act }) => act === 'session-stolen').length, 1, word);
			t.false(
				core.events.some(({ act }) => act === 'session-end'),
				word,
			);
			t.is(await judge(core, token), 'ok', word);
		}
		await core.sessions.loginByCertificate(undefined, presented);
		await core.sessions.loginByCertificate(shown('robot'), presented);
		t.is(await judge(core, token), 'ok');
	});
}

test('a login of the owner ends the session that it carries, as any other', async (t) => {
	const core = await start(t);
	const { token } = await come(core);
	await core.sessions.login(named('robot'), secret(password), { ...owner, presented: [token] });
	t.is(await judge(core, token), 'no-session');
});

test('one that is over ends with a login, whatever is shown: that is no theft', async (t) => {
	const core = await start(t);
	const { token, session } = await come(core);
	core.clock.wind(16 * minuteMs);
	core.events.length = 0;
	await core.sessions.login(named('robot'), secret(password), { ...requestFrom(), presented: [token] });
	t.is(await core.kept.sessions.find(session.key), undefined);
	t.false(core.events.some(({ act }) => act === 'session-stolen'));
});

test('an end that is due comes first: expired, or of other credentials', async (t) => {
	const core = await start(t);
	const [, thief] = thieves[0];
	const { token } = await come(core);
	core.clock.wind(16 * minuteMs);
	t.is(await judge(core, token, thief), 'session-expired');
});

test('switched off, and by password, nothing is bound, and no request is asked for its certificate', async (t) => {
	const core = await start(t, { bindCertificate: false });
	const certified = await come(core);
	const bound = await start(t);
	const byPassword = await signIn(bound, password, 'robot');
	const asked = {
		...requestFrom(),
		get certificate(): undefined {
			throw new Error('asked for');
		},
	};
	for (const [where, { token, session }] of [[core, certified] as const, [bound, byPassword] as const]) {
		t.is(session.boundTo, undefined);
		t.is(await judge(where, token, asked), 'ok');
		await where.sessions.login(named('robot'), secret('wrong'), Object.assign(asked, { presented: [token] }));
		t.is(await judge(where, token), 'no-session');
	}
});

test('a session that was bound stays so when it is switched off', async (t) => {
	const core = await start(t);
	const { token, session } = await come(core);
	const later = await createCore({ around: () => ({ ...core.kept }) });
	t.teardown(() => later.close());
	t.deepEqual(await later.kept.sessions.list(undefined, 1), []);
	t.is(await judge(later, token, thieves[0][1]), 'bad-certificate');
	t.is(await judge(later, token), 'ok');
	t.is((await core.kept.sessions.find(session.key))?.boundTo, digest);
});

test('a proof by certificate binds a session that was not, and no proof unbinds one', async (t) => {
	const unbound = await createCore();
	t.teardown(() => unbound.close());
	const core = await start(t, { around: () => ({ sessions: unbound.kept.sessions }) });
	await unbound.add('robot', password);
	const identity = await core.kept.identities.findByName(named('robot'));
	if (identity === undefined) throw new Error('nobody');
	const opened = await core.sessions.open(identity, owner, { by: 'password' });
	if (!opened.ok) throw new Error(opened.refusal.kind);
	t.is(opened.value.session.boundTo, undefined);
	const raised = await core.sessions.prove(opened.value, { by: 'certificate', shown: shown('robot') }, owner);
	if (!raised.ok) throw new Error(raised.refusal.kind);
	t.is(raised.value.session.boundTo, digest);
	const again = await core.sessions.prove(raised.value, { by: 'password', password: secret(password) }, owner);
	if (!again.ok) throw new Error(again.refusal.kind);
	t.is(again.value.session.boundTo, digest);
	t.is(await judge(core, again.value.token, thieves[0][1]), 'bad-certificate');
	t.is(await judge(core, again.value.token), 'ok');
});

test('a session that follows a bound one, as after a change of the password, is bound as that was', async (t) => {
	const core = await start(t);
	const { identity, session } = await come(core);
	const { boundTo } = session;
	const next = await core.sessions.open(identity, owner, { by: 'password', boundTo });
	if (!next.ok) throw new Error(next.refusal.kind);
	t.is(await judge(core, next.value.token, thieves[1][1]), 'bad-certificate');
	t.is(await judge(core, next.value.token), 'ok');
});

test('what is handed over to another host is bound, too, and is not handed over where the certificate is not shown', async (t) => {
	const core = await start(t);
	const { session } = await come(core);
	const host = 'wiki.example.org' as HostName;
	const nonce = newBrowserNonce();
	const enter = async (certificate: typeof digest | undefined) => {
		const to = { host, browser: nonceDigestOf(nonce), url: 'https://wiki.example.org/' };
		const ticket = await core.sessions.handover.issue(session, to);
		if (!ticket.ok) throw new Error(ticket.refusal.kind);
		return core.sessions.handover.enter(ticket.value, [nonce], requestFrom({ host, certificate }));
	};
	for (const wrong of [undefined, other]) {
		t.like(await enter(wrong), { ok: false, refusal: { kind: 'ticket-refused' } });
		t.like(core.events.at(-1), { act: 'handover', outcome: 'refused', reason: 'ticket-certificate' });
	}
	const entered = await enter(digest);
	if (!entered.ok) throw new Error(entered.refusal.kind);
	const { token } = entered.value;
	t.is(await judge(core, token, { ...owner, host }), 'ok');
	for (const [says, thief] of thieves) t.is(await judge(core, token, { ...thief, host }), 'bad-certificate', says);
	t.is(await judge(core, token, { ...owner, host }), 'ok');
	await core.sessions.login(named('robot'), secret('wrong'), { ...thieves[0][1], host, presented: [token] });
	t.is(await judge(core, token, { ...owner, host }), 'ok', 'a login there does not end its parent');
});
