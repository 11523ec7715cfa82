import { createHash } from 'node:crypto';
import test from 'ava';
import type { IdentityName, PasswordVerifier } from '../../src/core/identity.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';
import { type Answer, ask, login, verify } from './ask.ts';

/*
 * Nobody learns by asking which names exist: whatever is wrong, the answer is the same, byte for byte. That it takes
 * the same time is measured by `spec/bench/login-timing.ts`. Source: OWASP ASVS 5.0 6.3.8.
 */

const password = 'four brown bears';

let upstream: Upstream;
let service: TestService;

test.before(async () => {
	upstream = await startUpstream();
	const resources = [{ path: '/treasure', permission: 'p', upstream: upstream.url }];
	const dialects = { kismet: { enabled: true }, insights: { enabled: true } };
	service = await startService({ auth: { basic: true }, resources, dialects }, createHandClock());
});

test.after.always(async () => {
	await service.close();
	upstream.close();
});

const told = { actor: 'operator' } as const;

/** One of each kind, of its own for every way to try a password: they all count on one counter. */
async function people(of: string): Promise<(kind: string) => string> {
	const name = (kind: string) => `${kind} for ${of}`;
	for (const kind of ['known', 'disabled']) await service.add(name(kind), password);
	await service.add(name('by certificate'));
	const { identities } = service.service.core;
	const disabled = await identities.findByName(name('disabled') as IdentityName);
	if (disabled) await identities.setDisabled(disabled.id, true, told);
	const wanted = { name: name('kept as in Kura') as IdentityName, permissions: [], passwordChangeNeeded: false };
	const passwordVerifier = `$kura-sha256$${createHash('sha256').update(password).digest('base64')}` as PasswordVerifier;
	await identities.add({ ...wanted, passwordVerifier, policy: false }, told);
	return name;
}

type Try = (name: string, word: string) => Promise<Answer>;

const basic = (name: string, word: string) => ({
	Authorization: `Basic ${Buffer.from(`${name}:${word}`).toString('base64')}`,
});

const insights = (headers: Record<string, string>, separator: string): Try => {
	const type = { 'Content-Type': headers.type ?? '' };
	return (uid, pw) => {
		const body = separator === '{}' ? JSON.stringify({ uid, pw }) : new URLSearchParams({ uid, pw }).toString();
		return ask(service.url, 'POST', `/prime-14.01/api/!login${separator === '{}' ? ':json' : ''}`, {
			headers: type,
			body,
		});
	};
};

const ways: Readonly<Record<string, Try>> = {
	'a login by JSON': (name, word) => login(service.url, name, word),
	'Basic at a resource': (name, word) => ask(service.url, 'GET', '/treasure', { headers: basic(name, word) }),
	'Basic at forward-auth': (name, word) =>
		ask(service.url, 'GET', `${verify}?permission=p`, { headers: basic(name, word) }),
	'Basic in the manner of Kismet': (name, word) =>
		ask(service.url, 'GET', '/session/check_session', { headers: basic(name, word) }),
	'!login': insights({ type: 'application/x-www-form-urlencoded' }, '='),
	'!login:json': insights({ type: 'application/json' }, '{}'),
};

/** What is left of an answer without what differs from one request to the next. */
function shown({ status, rawHeaders, body }: Answer) {
	const headers: string[] = [];
	for (let at = 0; at < rawHeaders.length; at += 2) {
		const name = rawHeaders[at] ?? '';
		headers.push(/^(date|x-request-id)$/i.test(name) ? name : `${name}: ${rawHeaders[at + 1]}`);
	}
	return { status, headers, body };
}

const classes = [
	['an identity that is disabled, right', 'disabled', password],
	['an identity that is disabled, wrong', 'disabled', 'not it'],
	['an identity without a password', 'by certificate', 'not it'],
	['an identity whose password is kept as in Kura', 'kept as in Kura', 'not it'],
	['a name that nobody has', 'nobody at all', 'not it'],
	['a password of one letter', 'known', 'x'],
	['a password of one letter for nobody', 'nobody else', 'x'],
] as const;

for (const [way, attempt] of Object.entries(ways)) {
	test(`${way} answers all that is wrong, and an empty password, in the same way for everybody`, async (t) => {
		const of = await people(way);
		const wrong = shown(await attempt(of('known'), 'not it'));
		t.true([401, 403].includes(wrong.status), String(wrong.status));
		for (const [says, kind, word] of classes) t.deepEqual(shown(await attempt(of(kind), word)), wrong, says);
		const empty = shown(await attempt(of('known'), ''));
		t.true([400, 401].includes(empty.status), String(empty.status));
		for (const [says, kind] of classes) t.deepEqual(shown(await attempt(of(kind), '')), empty, says);
	});

	test(`${way} answers a client that has to wait in the same way, whether the name exists or not`, async (t) => {
		const names = [`throttled ${way}`, `nobody ${way}`];
		await service.add(names[0] ?? '', password);
		for (const name of names) for (let tries = 0; tries < 10; tries += 1) await attempt(name, `no ${tries}`);
		const [one, other] = [await attempt(names[0] ?? '', password), await attempt(names[1] ?? '', password)];
		t.deepEqual(shown(one), shown(other));
		t.true([429, 401].includes(one.status), String(one.status));
	});
}
