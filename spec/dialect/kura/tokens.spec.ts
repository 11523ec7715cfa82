import test from 'ava';
import { createClient } from '../../_support/client.ts';
import { createHandClock, minuteMs } from '../../_support/hand-clock.ts';
import { startService } from '../../_support/service.ts';

/*
 * Who makes, sees and ends API tokens over HTTP: oneself one's own, administrators those of others, by a session alone.
 */

const base = '/services/session/v1';
const password = 'a long and honest password';
const clock = createHandClock(Date.now());
const service = await startService({}, clock);
await service.add('boss', password, { permissions: ['kura.admin'] });
await service.add('ada', password, { permissions: ['rest.assets', 'rest.devices'] });
await service.add('eve', password, { permissions: ['rest.devices'] });
test.after.always(() => service.close());

async function signedIn(name: string) {
	const browser = createClient(service);
	const { status } = await browser.login(name, password);
	if (status !== 200) throw new Error(String(status));
	return browser;
}

interface Made {
	readonly id: string;
	readonly token: string;
	readonly expiresAt: string;
}

async function made(name: string, what: object = {}, path = `${base}/tokens`): Promise<Made> {
	const { status, body } = await (await signedIn(name)).post(path, { name: 'CI', ...what });
	if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
	return body as Made;
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const me = (token: string) => createClient(service).get(`${base}/currentIdentity`, bearer(token));
const idsOf = async (name: string) =>
	(await service.service.core.apiTokens.list(await idOf(name))).map(({ id }) => String(id));
async function idOf(name: string) {
	const found = (await service.service.core.identities.list()).find((each) => each.name === name);
	if (found === undefined) throw new Error(name);
	return found.id;
}
test.beforeEach(async () => void (await service.service.core.apiTokens.endOf(undefined, {})));

test.serial('one makes a token for oneself, sees it in the list, uses it and ends it', async (t) => {
	const ada = await signedIn('ada');
	const what = { name: 'CI', permissions: ['rest.assets'], expiresInDays: 30, networks: ['127.0.0.0/8'] };
	const { status, body, headers } = await ada.post(`${base}/tokens`, what);
	t.is(status, 201);
	t.is(headers['cache-control'], 'no-store');
	const { id, token, expiresAt } = body as Made;
	t.is(Date.parse(expiresAt), clock.now() + 30 * 86_400_000);
	const listed = ((await ada.get(`${base}/tokens`)).body as { tokens: unknown[] }).tokens;
	t.is(listed.length, 1);
	t.like(listed[0], { id, name: 'CI', permissions: ['rest.assets'], networks: ['127.0.0.0/8'], expiresAt });
	t.false(JSON.stringify(listed).includes(token.slice(16)));
	t.deepEqual((await me(token)).body, { name: 'ada', passwordChangeNeeded: false, permissions: ['rest.assets'] });
	t.is((await ada.send(`${base}/tokens/${id}`, { method: 'DELETE' })).status, 204);
	const over = await me(token);
	t.is(over.status, 401);
	t.is(over.headers['www-authenticate'], 'Bearer error="invalid_token"');
	t.is((over.body as { code: string }).code, 'token-invalid');
});

test.serial('the identity of a token stands in no body: it is the one that asks', async (t) => {
	const victim = await idOf('boss');
	const more = { identity: 'boss', identityId: victim, userId: victim, id: victim, credentialStamp: 'x', key: 'x' };
	const { token } = await made('eve', { permissions: ['rest.devices'], ...more });
	t.like((await me(token)).body, { name: 'eve', permissions: ['rest.devices'] });
	t.deepEqual(await idsOf('boss'), []);
});

test.serial('nobody makes a token that opens more than one holds', async (t) => {
	const eve = await signedIn('eve');
	for (const permissions of [['kura.admin'], ['rest.devices', 'rest.assets']]) {
		const { status, body } = await eve.post(`${base}/tokens`, { name: 'CI', permissions });
		t.is(status, 403);
		t.is((body as { code: string }).code, 'permission-missing');
		t.regex(
			(body as { message: string }).message,
			/^eve does not hold (kura\.admin|rest\.assets), and so no token of eve /,
		);
	}
	t.deepEqual(await idsOf('eve'), []);
});

const bad: [string, object][] = [
	['without a name', {}],
	['with a name that does not print', { name: 'a\u202e' }],
	['for ever', { name: 'a', expiresInDays: 0 }],
	['for longer than a year', { name: 'a', expiresInDays: 367 }],
	['for half a day', { name: 'a', expiresInDays: 0.5 }],
	['for no network', { name: 'a', networks: [] }],
	['for a network that is none', { name: 'a', networks: ['10.0.0.0/8', '*'] }],
	['for a path that can be read in several ways', { name: 'a', paths: ['/a/../b'] }],
	['with a permission that is none', { name: 'a', permissions: ['a b'] }],
];
for (const [what, body] of bad) {
	test.serial(`a token is not made ${what}`, async (t) => {
		t.is((await (await signedIn('ada')).post(`${base}/tokens`, body)).status, 400);
		t.deepEqual(await idsOf('ada'), []);
	});
}

test.serial('a token of somebody else is not there: not to be seen, not to be ended', async (t) => {
	const { id, token } = await made('ada');
	const eve = await signedIn('eve');
	t.deepEqual((await eve.get(`${base}/tokens`)).body, { tokens: [] });
	const unknown = await eve.send(`${base}/tokens/${'a'.repeat(12)}`, { method: 'DELETE' });
	const others = await eve.send(`${base}/tokens/${id}`, { method: 'DELETE' });
	t.deepEqual([others.status, others.body], [404, unknown.body]);
	t.is((await eve.send(`${base}/tokens`, { method: 'DELETE' })).status, 200);
	for (const [method, path] of [
		['GET', `${base}/identities/ada/tokens`],
		['POST', `${base}/identities/ada/tokens`],
		['DELETE', `${base}/identities/ada/tokens`],
		['DELETE', `${base}/identities/ada/tokens/${id}`],
	] as const) {
		t.is(
			(await eve.send(path, { method, json: method === 'POST' ? { name: 'CI' } : undefined })).status,
			403,
			`${method} ${path}`,
		);
	}
	t.is((await me(token)).status, 200);
});

test.serial('an administrator makes, sees and ends the tokens of others, and the audit says who it was', async (t) => {
	const boss = await signedIn('boss');
	const path = `${base}/identities/ada/tokens`;
	const wider = await boss.post(path, { name: 'CI', permissions: ['kura.admin'] });
	t.is(wider.status, 403, 'not with more than ada holds');
	const { id, token } = (await boss.post(path, { name: 'CI', permissions: ['rest.assets'] })).body as Made;
	t.like((await me(token)).body, { name: 'ada', permissions: ['rest.assets'] });
	t.like((await boss.get(path)).body, { tokens: [{ id }] });
	const elsewhere = await boss.send(`${base}/identities/eve/tokens/${id}`, { method: 'DELETE' });
	t.is(elsewhere.status, 404, 'it is not one of eve');
	t.is((await boss.send(`${path}/${id}`, { method: 'DELETE' })).status, 204);
	t.is((await me(token)).status, 401);
	await made('ada');
	t.deepEqual((await boss.send(path, { method: 'DELETE' })).body, { ended: 1 });
	t.is((await boss.get(`${base}/identities/nobody/tokens`)).status, 404);
	const told = service.audit().filter(({ token: about, act }) => about === id && act !== 'access');
	t.deepEqual(
		told.map(({ act, identity, actor, outcome }) => ({ act, identity, actor, outcome })),
		[
			{ act: 'token-add', identity: 'ada', actor: 'boss', outcome: 'ok' },
			{ act: 'token-end', identity: 'ada', actor: 'boss', outcome: 'ok' },
		],
	);
});

test.serial('a token is made by a session that was proved within five minutes, and ended by any', async (t) => {
	const ada = await signedIn('ada');
	const { id } = (await ada.post(`${base}/tokens`, { name: 'CI' })).body as Made;
	clock.wind(5 * minuteMs + 1);
	const late = await ada.post(`${base}/tokens`, { name: 'CI' });
	t.deepEqual([late.status, (late.body as { code: string }).code], [403, 'proof-needed']);
	t.is((await ada.send(`${base}/tokens/${id}`, { method: 'DELETE' })).status, 204);
	const boss = await signedIn('boss');
	const { id: other } = await made('ada');
	clock.wind(5 * minuteMs + 1);
	t.is((await boss.send(`${base}/identities/ada/tokens/${other}`, { method: 'DELETE' })).status, 403);
	t.is((await boss.get(`${base}/identities/ada/tokens`)).status, 200);
});

test.serial('without the XSRF token, and from a page of another site, no token is made', async (t) => {
	const ada = await signedIn('ada');
	t.is((await ada.post(`${base}/tokens`, { name: 'CI' }, { 'X-XSRF-Token': 'x' })).status, 401);
	t.is((await ada.post(`${base}/tokens`, { name: 'CI' }, { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
	t.deepEqual(await idsOf('ada'), []);
});

/** What changes or tells credentials, sessions and identities. */
const own: [string, string, unknown?][] = [
	['GET', '/xsrfToken'],
	['POST', '/logout'],
	['POST', '/changePassword', { currentPassword: password, newPassword: `${password}, and longer` }],
	['POST', '/proof', { password }],
	['POST', '/continue', { url: `${service.url}/docs` }],
	['GET', '/currentSession'],
	['GET', '/sessions'],
	['GET', '/sessions?all'],
	['DELETE', '/sessions'],
	['GET', '/tokens'],
	['POST', '/tokens', { name: 'CI' }],
	['DELETE', '/tokens'],
	['DELETE', '/tokens/abcdefghijkl'],
	['GET', '/identities'],
	['POST', '/identities', { name: 'mole', password, permissions: ['kura.admin'] }],
	['GET', '/identities/ada'],
	['PATCH', '/identities/ada', { permissions: ['kura.admin'] }],
	['PUT', '/identities/ada/password', { password }],
	['DELETE', '/identities/ada'],
	['GET', '/identities/ada/tokens'],
	['POST', '/identities/ada/tokens', { name: 'CI' }],
	['DELETE', '/identities/ada/tokens'],
	['DELETE', '/identities/ada/tokens/abcdefghijkl'],
];

test.serial('no token makes tokens, changes credentials, manages identities, or opens or ends a session', async (t) => {
	const { token } = await made('boss', { permissions: ['kura.admin'] });
	const before = await service.service.core.sessions.list(undefined, 100);
	const machine = createClient(service);
	for (const [method, path, body] of own) {
		const answer = await machine.send(base + path, { method, json: body, headers: bearer(token) });
		t.is(answer.status, 401, `${method} ${path}`);
		t.deepEqual(answer.setCookie, []);
	}
	t.is((await me(token)).status, 200);
	t.is(machine.jar.size, 0);
	t.deepEqual(
		(await service.service.core.sessions.list(undefined, 100)).map(({ key }) => key),
		before.map(({ key }) => key),
	);
	t.is((await service.service.core.apiTokens.list(undefined)).length, 1);
});

test.serial('with `auth.tokens: false` there are no tokens: not to be made, and none is taken', async (t) => {
	const without = await startService({ auth: { tokens: false } });
	t.teardown(() => without.close());
	await without.add('ada', password);
	const ada = createClient(without);
	await ada.login('ada', password);
	for (const method of ['GET', 'POST', 'DELETE']) {
		t.is(
			(await ada.send(`${base}/tokens`, { method, json: method === 'POST' ? { name: 'CI' } : undefined })).status,
			404,
			method,
		);
	}
	const { core } = without.service;
	const [identity] = await core.identities.list();
	if (identity === undefined) return t.fail();
	const wanted = { name: 'CI', permissions: [], expiresInMs: 60_000, endsWithPassword: false };
	const outcome = await core.apiTokens.add(identity, wanted, {});
	if (!outcome.ok) return t.fail();
	const { status, body } = await createClient(without).get(`${base}/currentIdentity`, bearer(outcome.value.text));
	t.deepEqual([status, (body as { code: string }).code], [401, 'session-missing']);
});
