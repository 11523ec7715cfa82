import type { ExecutionContext } from 'ava';
import ava from 'ava';
import type { Identity, IdentityName, Permission } from '../../../src/core/identity.ts';
import { setUpApp } from '../../_support/authenticator-app.ts';
import { type Client, createClient } from '../../_support/client.ts';
import { createHandClock } from '../../_support/hand-clock.ts';
import { startService } from '../../_support/service.ts';

/* A permission whose holders must have a second factor is no use to sessions and tokens that were opened without one. */

const test = ava.serial;
const base = '/services/session/v1';
const jwt = '/services/token/jwt/v1';
const v2 = '/services/identity/v2';
const password = 'a long and honest password';
const plain = { 'Content-Type': 'text/plain' };
const clock = createHandClock(Date.now());
const service = await startService(
	{
		auth: { basic: true },
		attempts: { limit: 1000 },
		secondFactor: { required: 'admins', requiredFor: ['rest.safe', 'rest.vault'] },
		dialects: {
			kismet: { enabled: true },
			kuraTokens: { enabled: true },
			kuraIdentity: { enabled: true, mayGrantAdmin: true },
		},
		resources: [{ path: '/safe', permission: 'rest.safe', upstream: 'http://127.0.0.1:9' }],
	},
	clock,
);
const { identities, apiTokens } = service.service.core;
await service.add('boss', password, { permissions: ['kura.admin'] });
const boss = createClient(service);
await boss.login('boss', password);
await setUpApp(boss, clock.now);
test.after.always(() => service.close());

let people = 0;

/** Somebody new, with all that a password alone opens. */
async function newPerson(permissions: string[] = ['rest.assets', 'rest.identity']) {
	people += 1;
	const name = `person.${people}` as IdentityName;
	const identity = await service.add(name, password, { permissions });
	const browser = createClient(service);
	await browser.login(name, password);
	const kismet = createClient(service);
	await kismet.send('/session/check_session', { basic: [name, password] });
	const pair = async (how: { basic: [string, string] } | undefined) => {
		const { body } = await (how ? createClient(service) : browser).send(`${jwt}/issue`, { method: 'POST', ...how });
		return body as { accessToken: string; refreshToken: string };
	};
	const pairs = [await pair(undefined), await pair({ basic: [name, password] })];
	const wanted = { name: 'CI', permissions: ['rest.assets' as Permission], expiresInMs: 600_000 };
	const made = await apiTokens.add(identity, { ...wanted, endsWithPassword: false }, {});
	if (!made.ok) throw new Error(made.refusal.kind);
	return { name, identity, browser, kismet, pairs, token: made.value.text };
}
type Person = Awaited<ReturnType<typeof newPerson>>;

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const me = (token: string) => createClient(service).get(`${base}/currentIdentity`, bearer(token));

/** What still opens something of all that a password alone has opened. Refresh tokens are used up by it. */
async function alive({ browser, kismet, pairs }: Person): Promise<string[]> {
	const asked: [string, Promise<{ status: number }>][] = [
		['session', browser.me()],
		['its rule', browser.get('/safe')],
		['kismet', kismet.get('/session/check_session')],
		...pairs.map(({ accessToken }): (typeof asked)[number] => ['access token', me(accessToken)]),
		...pairs.map(({ refreshToken }): (typeof asked)[number] => [
			'refresh token',
			createClient(service).send(`${jwt}/refresh`, { method: 'POST', body: refreshToken, headers: plain }),
		]),
	];
	const answers = await Promise.all(asked.map(async ([what, answer]) => [what, (await answer).status] as const));
	return answers.filter(([, status]) => status !== 401).map(([what]) => what);
}
const all = ['session', 'its rule', 'kismet', 'access token', 'access token', 'refresh token', 'refresh token'];

const admin = ['kura.admin'];
const granted = (of: Identity, permissions: string[]) => identities.grant(of.id, permissions as Permission[], {});
const put = (by: Client, name: string, permissions: string[]) =>
	by.send(`${v2}/identities`, {
		method: 'PUT',
		json: { identity: { name }, permissionConfiguration: { permissions: permissions.map((each) => ({ name: each })) } },
	});

const ways: readonly (readonly [says: string, give: (to: Person) => Promise<unknown>, gets: string])[] = [
	['the command line', ({ identity }) => granted(identity, admin), 'kura.admin'],
	['of a permission that the configuration names', ({ identity }) => granted(identity, ['rest.safe']), 'rest.safe'],
	[
		'by its list of permissions',
		({ name }) => boss.send(`${base}/identities/${name}`, { method: 'PATCH', json: { permissions: admin } }),
		'kura.admin',
	],
	[
		'in bulk',
		({ name }) => boss.post(`${base}/changeIdentities`, { act: 'grant', names: [name], permissions: admin }),
		'kura.admin',
	],
	['with Kura’s Identity V2', ({ name }) => put(boss, name, ['kura.admin', 'rest.safe']), 'kura.admin'],
	['by itself', ({ browser, name }) => put(browser, name, ['rest.safe', 'rest.identity']), 'rest.safe'],
];

async function signsInAnew(t: ExecutionContext, { name }: Person) {
	const login = await createClient(service).login(name, password);
	t.deepEqual(login.body, { passwordChangeNeeded: false, enrolmentNeeded: true });
}

for (const [says, give, gets] of ways) {
	test(`a grant ${says} ends all that was opened without a second factor, and the audit says so`, async (t) => {
		const person = await newPerson();
		const from = service.audit().length;
		await give(person);
		t.true((await identities.find(person.identity.id))?.permissions.has(gets as Permission));
		t.deepEqual(await alive(person), []);
		const told = service.audit().slice(from);
		const ended = told.filter(({ act, identity }) => act === 'session-end' && identity === person.name);
		t.deepEqual(
			ended.map(({ reason }) => reason),
			['second-factor-needed', 'second-factor-needed'],
		);
		t.is(told.filter(({ act, outcome }) => act === 'permission-grant' && outcome === 'ok').length, 1);
		t.is(told.filter(({ act }) => act === 'password-reset').length, 0);
		await signsInAnew(t, person);
	});
}

const swaps: readonly (readonly [says: string, swap: (name: string, to: string[]) => Promise<{ status: number }>])[] = [
	[
		'by its list of permissions',
		(name, to) => boss.send(`${base}/identities/${name}`, { method: 'PATCH', json: { permissions: to } }),
	],
	['with Kura’s Identity V2', (name, to) => put(boss, name, to)],
];
for (const [says, swap] of swaps) {
	test(`a permission in place of another that needs a factor, too, ends nothing: ${says}`, async (t) => {
		const { name, browser } = await newPerson(['rest.assets', 'rest.safe']);
		await setUpApp(browser, clock.now);
		const from = service.audit().length;
		t.true((await swap(name, ['rest.assets', 'rest.vault'])).status < 300);
		t.like(await browser.me(), { status: 200, body: { permissions: ['rest.assets', 'rest.vault'] } });
		const acts = service.audit().slice(from);
		t.deepEqual(
			acts
				.filter(({ identity, actor }) => identity === name && actor === 'boss')
				.map(({ act }) => act)
				.sort(),
			['permission-grant', 'permission-revoke'],
		);
	});
}

test('a token that ends with the credentials ends by such a grant, too', async (t) => {
	const { identity } = await newPerson(['rest.assets']);
	const wanted = { name: 'CI', permissions: ['rest.assets' as Permission], expiresInMs: 600_000 };
	const made = await apiTokens.add(identity, { ...wanted, endsWithPassword: true }, {});
	if (!made.ok) throw new Error(made.refusal.kind);
	t.is((await me(made.value.text)).status, 200);
	await granted(identity, ['rest.safe']);
	t.is((await me(made.value.text)).status, 401);
});

test('an API token opens what it did, and nothing that was granted', async (t) => {
	const person = await newPerson(['rest.assets']);
	await granted(person.identity, ['kura.admin', 'rest.safe']);
	t.deepEqual((await me(person.token)).body, {
		name: person.name,
		passwordChangeNeeded: false,
		permissions: ['rest.assets'],
	});
	t.is((await createClient(service).get('/safe', bearer(person.token))).status, 403);
});

test('a grant that asks for no second factor ends nothing, nor does one that is there already', async (t) => {
	const person = await newPerson();
	await granted(person.identity, ['rest.system']);
	await put(boss, person.name, ['rest.assets', 'rest.system']);
	t.deepEqual(await alive(person), all);
	const owner = await newPerson(['rest.assets', 'rest.safe']);
	await owner.browser.fetchXsrfToken();
	await setUpApp(owner.browser, clock.now);
	await granted(owner.identity, ['rest.safe', 'kura.admin']);
	t.is((await owner.browser.me()).status, 200);
	await put(boss, owner.name, ['rest.safe', 'kura.admin', 'rest.system']);
	t.is((await owner.browser.me()).status, 200);
});

test('who has a second factor signs in anew, too: sessions of before are not told apart', async (t) => {
	const { identity, browser } = await newPerson();
	await setUpApp(browser, clock.now);
	t.is((await browser.me()).status, 200);
	await granted(identity, admin);
	t.is((await browser.me()).status, 401);
});

test('of grants and revocations at once none is lost, and no session is left that has not shown a factor', async (t) => {
	for (let round = 0; round < 10; round += 1) {
		const person = await newPerson(['rest.assets', 'rest.safe']);
		const { id } = person.identity;
		const [browser] = await Promise.all([
			(async () => {
				const client = createClient(service);
				await identities.revoke(id, ['rest.safe' as Permission], {});
				await client.login(person.name, password);
				return client;
			})(),
			identities.grant(id, admin as Permission[], {}),
			identities.grant(id, ['rest.system' as Permission], {}),
		]);
		const held = [...((await identities.find(id))?.permissions ?? [])].sort();
		t.deepEqual(held, ['kura.admin', 'rest.assets', 'rest.system']);
		t.is((await browser.me()).status, 401);
	}
});
