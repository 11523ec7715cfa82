import test from 'ava';
import { type ApiToken, newApiToken } from '../../src/core/api-token.ts';
import type { Identity, Permission } from '../../src/core/identity.ts';
import { dayMs, mostApiTokens, type NewApiToken } from '../../src/core/new-api-token.ts';
import type { Outcome } from '../../src/core/refusal.ts';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { createCore, minuteMs, named, requestFrom, secret, shown, signIn, type TestCore } from '../_support/core.ts';

const password = 'four brown bears';
const assets = 'rest.assets' as Permission;
const devices = 'rest.devices' as Permission;
const admin = 'kura.admin' as Permission;
const told = { actor: 'operator' } as const;

const wanted: NewApiToken = { name: 'CI', permissions: [assets], expiresInMs: 90 * dayMs, endsWithPassword: false };

async function identityOf(core: TestCore, name: string, permissions: Permission[] = [assets]): Promise<Identity> {
	return core.add(name, password, { permissions: new Set(permissions) });
}

async function make(core: TestCore, identity: Identity, how: Partial<NewApiToken> = {}) {
	const made = await core.apiTokens.add(identity, { ...wanted, ...how }, told);
	if (!made.ok) throw new Error(made.refusal.kind);
	return made.value;
}

const said = (outcome: Outcome<unknown>) => (outcome.ok ? 'ok' : outcome.refusal.kind);
const use = async (core: TestCore, text: string, from = requestFrom()) => said(await core.apiTokens.check(text, from));

test('a token opens what it names, in the name of its identity', async (t) => {
	const core = await createCore();
	const ada = await identityOf(core, 'ada', [assets, devices]);
	const { text, token } = await make(core, ada);
	const outcome = await core.apiTokens.check(text, requestFrom());
	t.true(outcome.ok);
	if (!outcome.ok) return;
	t.is(outcome.value.identity.name, ada.name);
	t.deepEqual([...outcome.value.identity.permissions], [assets], 'and nothing else that the identity holds');
	t.is(outcome.value.token.id, token.id);
});

test('nothing that is kept or written down has the secret', async (t) => {
	const core = await createCore();
	const { text } = await make(core, await identityOf(core, 'ada'));
	await core.apiTokens.check(text, requestFrom());
	await core.apiTokens.check(`${text.slice(0, -1)}x`, requestFrom());
	await core.writeUses();
	const kept = JSON.stringify([await core.kept.apiTokens.list(undefined), core.events]);
	t.false(kept.includes(text.slice(16, 59)));
});

test('nobody makes a token that opens more than its identity holds', async (t) => {
	const core = await createCore();
	const ada = await identityOf(core, 'ada', [assets]);
	for (const permissions of [[devices], [assets, devices], [admin], ['rest.*' as Permission]]) {
		t.is(said(await core.apiTokens.add(ada, { ...wanted, permissions }, told)), 'permission-missing');
	}
	t.deepEqual(await core.apiTokens.list(undefined), []);
	const root = await identityOf(core, 'root', [admin]);
	t.true(
		(await core.apiTokens.add(root, { ...wanted, permissions: [devices] }, told)).ok,
		'an administrator holds all',
	);
});

test('what an identity loses, its tokens lose with it, and get back with it', async (t) => {
	const core = await createCore();
	const root = await identityOf(core, 'root', [admin]);
	await identityOf(core, 'other root', [admin]);
	const { text } = await make(core, root, { permissions: [assets, devices] });
	const opens = async () => {
		const outcome = await core.apiTokens.check(text, requestFrom());
		return outcome.ok && [...outcome.value.identity.permissions];
	};
	t.deepEqual(await opens(), [assets, devices]);
	await core.identities.revoke(root.id, [admin], told);
	t.deepEqual(await opens(), []);
	await core.identities.grant(root.id, [devices], told);
	t.deepEqual(await opens(), [devices]);
});

const ends: [string, (core: TestCore, identity: Identity, token: ApiToken) => Promise<unknown>][] = [
	['it is ended', (core, _, { id }) => core.apiTokens.end(id, undefined, told)],
	['all of its identity are ended', (core, { id }) => core.apiTokens.endOf(id, told)],
	['all of everybody are ended', (core) => core.apiTokens.endOf(undefined, told)],
	['its identity is disabled', (core, { id }) => core.identities.setDisabled(id, true, told)],
	[
		'its identity is disabled and enabled again',
		async (core, { id }) => {
			await core.identities.setDisabled(id, true, told);
			await core.identities.setDisabled(id, false, told);
		},
	],
	[
		'its identity was disabled by a process that died then, and is enabled again',
		async (core, { id }) => {
			await core.kept.identities.setDisabled(id, true);
			await core.identities.setDisabled(id, false, told);
		},
	],
	['its identity is removed', (core, { id }) => core.identities.remove(id, told)],
	[
		'its identity is removed and another one takes its name',
		async (core, { id, name }) => {
			await core.identities.remove(id, told);
			await identityOf(core, name);
		},
	],
];
for (const [when, act] of ends) {
	test(`a token opens nothing any more, at once, when ${when}`, async (t) => {
		const core = await createCore();
		const ada = await identityOf(core, 'ada');
		const { text, token } = await make(core, ada);
		t.is(await use(core, text), 'ok');
		await act(core, ada, token);
		t.is(await use(core, text), 'token-invalid');
		t.is(await core.apiTokens.ownerOf(token, '192.0.2.1'), undefined, 'nor does what it let in before stay open');
	});
}

test('a change of the password ends no token, but one that was made to end with it', async (t) => {
	const core = await createCore();
	const ada = await identityOf(core, 'ada');
	const { text: usual } = await make(core, ada);
	const { text: bound } = await make(core, ada, { endsWithPassword: true });
	const changed = await core.identities.changePassword(
		ada,
		secret(password),
		secret('another brown bear'),
		requestFrom(),
	);
	t.is(said(changed), 'ok');
	t.is(await use(core, usual), 'ok');
	t.is(await use(core, bound), 'token-invalid');
});

const times: [string, number, string][] = [
	['a millisecond before its end', 90 * dayMs - 1, 'ok'],
	['at its end', 90 * dayMs, 'token-expired'],
	['long after its end', 400 * dayMs, 'token-expired'],
];
for (const [when, passedMs, expected] of times) {
	test(`expiry is judged at use, and no sweep was needed: ${when}`, async (t) => {
		const core = await createCore();
		const { text } = await make(core, await identityOf(core, 'ada'));
		core.clock.wind(passedMs);
		t.is(await use(core, text), expected);
	});
}

test('a clock that goes back revives no token that was seen to be over', async (t) => {
	for (const see of [
		async (core: TestCore, text: string) => use(core, text),
		async (core: TestCore) => core.apiTokens.sweep(),
	]) {
		const core = await createCore();
		const { text } = await make(core, await identityOf(core, 'ada'), { expiresInMs: minuteMs });
		core.clock.wind(2 * minuteMs);
		await see(core, text);
		core.clock.wind(-2 * minuteMs);
		t.is(await use(core, text), 'token-invalid');
	}
});

test('a clock that goes back to before a token was made or used does not lengthen its life', async (t) => {
	const core = await createCore();
	const { text } = await make(core, await identityOf(core, 'ada'), { expiresInMs: minuteMs });
	core.clock.wind(-3650 * dayMs);
	t.is(await use(core, text), 'ok', 'it is taken: its time is not over');
	core.clock.wind(3650 * dayMs + minuteMs);
	t.is(await use(core, text), 'token-expired');
});

const places: [string, readonly string[] | undefined, string, string][] = [
	['no network is named', undefined, '203.0.113.9', 'ok'],
	['it comes from a network that is named', ['10.0.0.0/8', '192.0.2.0/24'], '192.0.2.200', 'ok'],
	['it comes from an address that is named', ['2001:db8::1'], '2001:db8::1', 'ok'],
	['it comes as IPv4 within IPv6', ['192.0.2.0/24'], '::ffff:192.0.2.7', 'ok'],
	['it comes from elsewhere', ['10.0.0.0/8'], '192.0.2.1', 'token-invalid'],
	['it comes from nobody knows where', ['0.0.0.0/0', '::/0'], 'unix:', 'token-invalid'],
	['no network at all may use it', [], '192.0.2.1', 'token-invalid'],
];
for (const [when, networks, address, expected] of places) {
	test(`a token is taken from its networks alone: ${when}`, async (t) => {
		const core = await createCore();
		const { text } = await make(core, await identityOf(core, 'ada'), networks ? { networks } : {});
		t.is(await use(core, text, requestFrom({ address })), expected);
	});
}

test('a store that answers with another token lets nobody in', async (t) => {
	const core = await createCore();
	const { token } = await make(core, await identityOf(core, 'ada'));
	const swapped = { ...core.kept.apiTokens, find: async () => token };
	const careless = await createCore({ around: () => ({ ...core.kept, apiTokens: swapped }) });
	t.is(await use(careless, newApiToken().text), 'token-invalid');
});

test('a typing error is told without the store', async (t) => {
	const asked: string[] = [];
	const core = await createCore({
		around: ({ apiTokens }) => ({ apiTokens: { ...apiTokens, find: async (key) => void asked.push(key) } }),
	});
	const { text } = newApiToken();
	t.is(await use(core, `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`), 'token-malformed');
	t.is(await use(core, 'x'), 'token-malformed');
	t.deepEqual(asked, []);
	t.is(await use(core, text), 'token-invalid');
	t.is(asked.length, 1);
});

test('of a flood of mistyped tokens the audit hears ten times from each address, and once that there were more', async (t) => {
	const core = await createCore();
	const here = requestFrom({ address: '198.51.100.1' });
	const flood = async (count: number, from = here) => {
		for (let sent = 0; sent < count; sent += 1) t.is(await use(core, 'lk_cut', from), 'token-malformed');
	};
	const reasons = () => core.events.splice(0).map(({ reason }) => reason);
	core.events.length = 0;
	await flood(500);
	t.deepEqual(reasons(), [...Array<string>(10).fill('token-malformed'), 'too-many-attempts']);
	await flood(1, requestFrom({ address: '198.51.100.2' }));
	t.deepEqual(reasons(), ['token-malformed'], 'another address is heard');
	core.clock.wind(5 * minuteMs);
	await flood(500);
	t.is(reasons().length, 11, 'and this one again, when the window is over');
	for (let at = 0; at < 12_000; at += 1) await flood(1, requestFrom({ address: `10.1.${at >> 8}.${at & 255}` }));
	const written = reasons().length;
	t.true(written <= 10_011, `${written} lines of 12,000 addresses`);
	t.is(await use(core, (await make(core, await identityOf(core, 'ada'))).text, here), 'ok', 'a right one is let in');
});

test('wrong tokens cost no password hash, are counted for each address, and a right one is let in from there', async (t) => {
	const core = await createCore();
	const { text } = await make(core, await identityOf(core, 'ada'));
	const here = requestFrom({ address: '198.51.100.1' });
	for (let count = 0; count < 10; count += 1) t.is(await use(core, newApiToken().text, here), 'token-invalid');
	const refused = await core.apiTokens.check(newApiToken().text, here);
	t.is(said(refused), 'too-many-attempts');
	t.true(!refused.ok && refused.refusal.kind === 'too-many-attempts' && refused.refusal.retryAfterMs > 0);
	t.is(await use(core, text, here), 'ok');
	t.is(await use(core, newApiToken().text, requestFrom({ address: '198.51.100.2' })), 'token-invalid');
	core.clock.wind(5 * minuteMs);
	t.is(await use(core, newApiToken().text, here), 'token-invalid');
	t.deepEqual(core.hasher.tried, []);
	t.is((await signIn(core, password)).identity.name, named('ada'), 'and passwords are counted apart');
});

test('the audit names the token and its identity, and of an unknown one neither', async (t) => {
	const core = await createCore();
	const ada = await identityOf(core, 'ada');
	const { text, token } = await make(core, ada);
	core.events.length = 0;
	await use(core, newApiToken().text);
	await core.apiTokens.end(token.id, ada.id, told);
	await use(core, text);
	const where = { dialect: 'kura', address: '192.0.2.1', requestId: 'r-1' };
	const refused = { act: 'access', method: 'token', outcome: 'refused', reason: 'token-invalid', ...where };
	t.deepEqual(core.events as unknown[], [
		refused,
		{ act: 'token-end', outcome: 'ok', token: token.id, identity: 'ada', actor: 'operator' },
		{ ...refused, token: token.id, identity: 'ada' },
	]);
});

test('one is ended by its identity alone, where it is said whose it must be', async (t) => {
	const core = await createCore();
	const [ada, bob] = [await identityOf(core, 'ada'), await identityOf(core, 'bob')];
	const { text, token } = await make(core, ada);
	t.false(await core.apiTokens.end(token.id, bob.id, told));
	t.is(await use(core, text), 'ok');
	t.true(await core.apiTokens.end(token.id, ada.id, told));
	t.false(await core.apiTokens.end(token.id, ada.id, told), 'once');
});

test('an identity has so many tokens at the most', async (t) => {
	const core = await createCore();
	const ada = await identityOf(core, 'ada');
	for (let count = 0; count < mostApiTokens; count += 1) await make(core, ada);
	t.is(said(await core.apiTokens.add(ada, wanted, told)), 'too-many-tokens');
});

test('a session that is ended while it makes a token leaves none behind', async (t) => {
	const core = await createCore();
	const ada = await identityOf(core, 'ada');
	const { session } = await signIn(core, password);
	const isAlive = async () => (await core.sessions.ownerOf(session.key)) !== undefined;
	const by = { key: session.key, isAlive };
	t.is(said(await core.apiTokens.add(ada, wanted, {}, by)), 'ok');
	const meanwhile = async () => {
		await core.sessions.endOf(ada.id, {}, told);
		return isAlive();
	};
	t.is(said(await core.apiTokens.add(ada, wanted, {}, { ...by, isAlive: meanwhile })), 'credentials-changed');
	t.is((await core.apiTokens.list(ada.id)).length, 1);
});

test('the last use is written behind, with its address', async (t) => {
	const touched: number[] = [];
	const core = await createCore({
		around: ({ apiTokens }) => ({
			apiTokens: {
				...apiTokens,
				touch: async (uses) => {
					touched.push(uses.size);
					await apiTokens.touch(uses);
				},
			},
		}),
	});
	const ada = await identityOf(core, 'ada');
	const { text } = await make(core, ada);
	await make(core, ada);
	for (let count = 0; count < 100; count += 1) await use(core, text, requestFrom({ address: `192.0.2.${count}` }));
	t.deepEqual(touched, [], 'no use waits for it');
	await core.writeUses();
	t.deepEqual(touched, [1]);
	const used = (await core.apiTokens.list(ada.id)).map(({ lastUsedAt, lastAddress }) => ({ lastUsedAt, lastAddress }));
	t.deepEqual(used, [
		{ lastUsedAt: undefined, lastAddress: undefined },
		{ lastUsedAt: core.clock.now(), lastAddress: '192.0.2.99' },
	]);
});

test('a store that is away lets nobody in', async (t) => {
	const away = async () => {
		throw new StoreUnavailable('PostgreSQL');
	};
	let isAway = false;
	const core = await createCore({
		around: ({ apiTokens }) => ({
			apiTokens: { ...apiTokens, find: (key) => (isAway ? away() : apiTokens.find(key)) },
		}),
	});
	const { text } = await make(core, await identityOf(core, 'ada'));
	isAway = true;
	await t.throwsAsync(core.apiTokens.check(text, requestFrom()), { instanceOf: StoreUnavailable });
});

test('a sweep ends what is over and says so, once', async (t) => {
	const core = await createCore();
	const ada = await identityOf(core, 'ada');
	const { token } = await make(core, ada, { expiresInMs: minuteMs });
	await make(core, ada);
	core.clock.wind(minuteMs);
	core.events.length = 0;
	t.is(await core.apiTokens.sweep(), 1);
	t.is(await core.apiTokens.sweep(), 0);
	t.deepEqual(core.events, [{ act: 'token-expiry', outcome: 'ok', token: token.id, identity: named('ada') }]);
	t.is((await core.apiTokens.list(ada.id)).length, 1);
});

/* Identities of services, and those with an end. */

test('an identity of a service logs in by nothing, and its tokens open what it holds', async (t) => {
	const core = await createCore();
	const service = { permissions: [assets], passwordChangeNeeded: false, policy: true, service: true as const };
	const added = await core.identities.add({ ...service, name: named('ci') }, told);
	if (!added.ok) throw new Error(added.refusal.kind);
	const { id } = added.value;
	t.is(said(await core.sessions.login(named('ci'), secret(password), requestFrom())), 'bad-credentials');
	t.is(said(await core.sessions.loginByCertificate(shown('ci'), requestFrom())), 'bad-credentials');
	const how = { passwordChangeNeeded: false, policy: false };
	t.is(said(await core.identities.setPassword(id, secret(password), how, told)), 'service-identity');
	t.is(said(await core.identities.requirePasswordChange(id, told)), 'service-identity');
	const withPassword = { ...service, name: named('cd'), password: secret(password) };
	t.is(said(await core.identities.add(withPassword, told)), 'service-identity');
	const { text } = await make(core, added.value);
	t.is(await use(core, text), 'ok');
});

test('an identity whose time is over logs in no more, and nothing of it opens anything', async (t) => {
	const core = await createCore({ inactivityMs: 0, lifetimeMs: 0 });
	const facts = { permissions: [assets], passwordChangeNeeded: false, policy: true };
	const expiresInMs = 60 * minuteMs;
	const added = await core.identities.add(
		{ ...facts, name: named('ada'), password: secret(password), expiresInMs },
		told,
	);
	if (!added.ok) throw new Error(added.refusal.kind);
	const { text, token } = await make(core, added.value);
	const { token: cookie, session } = await signIn(core, password);
	const demand = { session: 'open', xsrf: 'exempt', countsAsActivity: true } as const;
	const check = async () => said(await core.sessions.check(cookie, requestFrom(), demand));
	core.clock.wind(expiresInMs - 1);
	t.deepEqual([await check(), await use(core, text)], ['ok', 'ok']);
	core.clock.wind(1);
	t.is(await core.sessions.ownerOf(session.key), undefined);
	t.is(await core.apiTokens.ownerOf(token, '192.0.2.1'), undefined);
	t.deepEqual([await check(), await use(core, text)], ['credentials-changed', 'token-invalid']);
	t.is(said(await core.sessions.login(named('ada'), secret(password), requestFrom())), 'bad-credentials');
	t.is(said(await core.sessions.loginByCertificate(shown('ada'), requestFrom())), 'bad-credentials');
});

test('a sweep ends what an identity whose time is over has left', async (t) => {
	const core = await createCore({ inactivityMs: 0, lifetimeMs: 0 });
	const facts = { permissions: [assets], passwordChangeNeeded: false, policy: true };
	const ada = { ...facts, name: named('ada'), password: secret(password), expiresInMs: minuteMs };
	const added = await core.identities.add(ada, told);
	if (!added.ok) throw new Error(added.refusal.kind);
	await identityOf(core, 'bob');
	await make(core, added.value);
	await signIn(core, password);
	await signIn(core, password, 'bob');
	await core.identities.sweep();
	t.is((await core.kept.sessions.list(undefined, 10)).length, 2);
	core.clock.wind(minuteMs);
	await core.identities.sweep();
	t.is((await core.kept.sessions.list(undefined, 10)).length, 1);
	t.deepEqual(await core.apiTokens.list(undefined), []);
});
