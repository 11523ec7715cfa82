import test, { type ExecutionContext } from 'ava';
import type { Permission } from '../../../src/core/identity.ts';
import { type Client, createClient } from '../../_support/client.ts';
import { createHandClock } from '../../_support/hand-clock.ts';
import { startService } from '../../_support/service.ts';

const base = '/services/session/v1';
const password = 'a long and honest password';

/** What an administrator may do, and nobody else. */
const acts: readonly { readonly method: string; readonly path: string; readonly body?: unknown }[] = [
	{ method: 'GET', path: '/identities' },
	{ method: 'GET', path: '/identities?limit=5' },
	{ method: 'GET', path: '/permissions' },
	{ method: 'POST', path: '/identities', body: { name: 'mole', password, permissions: ['kura.admin'] } },
	{ method: 'GET', path: '/identities/boss' },
	{ method: 'PATCH', path: '/identities/clerk', body: { permissions: ['kura.admin'] } },
	{ method: 'PATCH', path: '/identities/boss', body: { disabled: true } },
	{ method: 'PUT', path: '/identities/boss/password', body: { password } },
	{ method: 'DELETE', path: '/identities/boss' },
	{ method: 'GET', path: '/sessions?all' },
	{ method: 'GET', path: '/sessions?identity=boss' },
	{ method: 'DELETE', path: '/sessions?identity=boss' },
	{ method: 'DELETE', path: '/sessions?all' },
	{ method: 'PUT', path: '/identities/boss/name', body: { name: 'nobody' } },
	{ method: 'POST', path: '/changeIdentities', body: { act: 'remove', names: ['boss'] } },
];

for (const { method, path, body } of acts) {
	test(`${method} ${path} ${JSON.stringify(body) ?? ''}: refused without kura.admin, and nothing has changed`, async (t) => {
		const service = await startService();
		t.teardown(() => service.close());
		await service.add('boss', password, { permissions: ['kura.admin'] });
		await service.add('clerk', password, { permissions: ['rest.assets'] });
		const [boss, clerk] = [createClient(service), createClient(service)];
		await boss.login('boss', password);
		await clerk.login('clerk', password);
		// A page, which has the sign-ins of this very moment.
		const list = () => boss.get(`${base}/identities?limit=50`);
		const before = (await list()).body;
		t.is((await clerk.send(base + path, { method, json: body })).status, 403);
		const after = await list();
		t.is(after.status, 200, 'the administrator is still signed in');
		t.deepEqual(after.body, before);
	});
}

async function startWithBoss(t: ExecutionContext) {
	const service = await startService();
	t.teardown(() => service.close());
	await service.add('boss', password, { permissions: ['kura.admin', 'rest.assets'] });
	const boss = createClient(service);
	await boss.login('boss', password);
	return { service, boss };
}

test('an administrator’s own password is not reset with a session alone: that needs the present one', async (t) => {
	const { service, boss } = await startWithBoss(t);
	const body = { password: 'another long and honest password', passwordChangeNeeded: false };
	t.is((await boss.send(`${base}/identities/boss/password`, { method: 'PUT', json: body })).status, 403);
	t.is((await boss.get(`${base}/currentIdentity`)).status, 200, 'the session lives on');
	t.is((await createClient(service).login('boss', body.password)).status, 401);
});

const lasts: readonly (readonly [says: string, method: string, body?: unknown])[] = [
	['removed', 'DELETE'],
	['disabled', 'PATCH', { disabled: true }],
	['stripped of kura.admin', 'PATCH', { permissions: ['rest.assets', 'rest.more'] }],
];

for (const [says, method, body] of lasts) {
	test(`the last administrator is not ${says}, and stays as it was; with another one it is`, async (t) => {
		const { service, boss } = await startWithBoss(t);
		await service.add('idle', password, { permissions: ['kura.admin'] });
		t.is((await boss.send(`${base}/identities/idle`, { method: 'PATCH', json: { disabled: true } })).status, 200);
		const before = (await boss.get(`${base}/identities/boss`)).body;
		t.is((await boss.send(`${base}/identities/boss`, { method, json: body })).status, 409);
		t.deepEqual((await boss.get(`${base}/identities/boss`)).body, before);
		t.true(service.audit().some(({ reason }) => reason === 'last-administrator'));
		t.is((await boss.send(`${base}/identities/idle`, { method: 'PATCH', json: { disabled: false } })).status, 200);
		t.true([200, 204].includes((await boss.send(`${base}/identities/boss`, { method, json: body })).status));
	});
}

for (const name of ['..', 'operator', 'bοss', 'ВОЅЅ', 'boss\u2800']) {
	test(`no identity is made that is called ${JSON.stringify(name)}`, async (t) => {
		const { boss } = await startWithBoss(t);
		const { status } = await boss.post(`${base}/identities`, { name, password });
		t.true([400, 409].includes(status), String(status));
	});
}

const rename = (boss: Client, from: string, name: string) =>
	boss.send(`${base}/identities/${from}/name`, { method: 'PUT', json: { name } });

test('an identity is renamed: it logs in by the new name, its sessions end, and what it holds stays', async (t) => {
	const { service, boss } = await startWithBoss(t);
	await service.add('clerk', password, { permissions: ['rest.assets'] });
	const clerk = createClient(service);
	await clerk.login('clerk', password);
	const { token } = (await clerk.post(`${base}/tokens`, { name: 'CI' })).body as { token: string };
	const short = { name: 'short', endsWithPassword: true };
	const { token: ending } = (await clerk.post(`${base}/tokens`, short)).body as { token: string };
	t.like(await rename(boss, 'clerk', 'clerk.two'), { status: 200, body: { name: 'clerk.two', hasPassword: true } });

	t.is((await clerk.me()).status, 401);
	t.is((await createClient(service).login('clerk', password)).status, 401);
	t.is((await clerk.login('clerk.two', password)).status, 200);
	t.like((await clerk.me()).body, { name: 'clerk.two', permissions: ['rest.assets'] });
	const by = (bearer: string) =>
		createClient(service).get(`${base}/currentIdentity`, { Authorization: `Bearer ${bearer}` });
	t.like(await by(token), { status: 200, body: { name: 'clerk.two' } });
	t.is((await by(ending)).status, 401);
	t.like(
		service.audit().find(({ act }) => act === 'identity-rename'),
		{ outcome: 'ok', identity: 'clerk', newName: 'clerk.two', actor: 'boss' },
	);
	await service.add('clerk', password);
	t.is((await createClient(service).login('clerk', password)).status, 200, 'the old name is free');
});

test('a name that cannot be one, is taken, or looks like one that is, is refused, and nothing has changed', async (t) => {
	const { service, boss } = await startWithBoss(t);
	await service.add('clerk', password);
	const cases: readonly (readonly [name: string, status: number, code: string])[] = [
		['', 400, 'malformed'],
		['operator', 400, 'bad-name'],
		['bοss', 400, 'bad-name'],
		['BOSS', 409, 'name-taken'],
	];
	for (const [name, status, code] of cases) t.like(await rename(boss, 'clerk', name), { status, body: { code } }, name);
	t.is((await rename(boss, 'nobody', 'somebody')).status, 404);
	t.is((await boss.get(`${base}/identities/clerk`)).status, 200);
	t.is((await rename(boss, 'clerk', 'Clerk')).status, 200, 'another spelling of its own name');
});

test('who renames itself is signed out, and logs in by the new name; to its own name, nothing is done', async (t) => {
	const { service, boss } = await startWithBoss(t);
	t.is((await rename(boss, 'boss', 'boss')).status, 200);
	t.is((await boss.me()).status, 200);
	const renamed = await rename(boss, 'boss', 'chief');
	t.like(renamed, { status: 200, body: { name: 'chief' } });
	t.regex(renamed.setCookie.join(), /^JSESSIONID=;/);
	t.is((await boss.me()).status, 401);
	t.is((await createClient(service).login('chief', password)).status, 200);
});

test('the login that stands in the configuration keeps its name, and all else may change its own', async (t) => {
	const service = await startService({ dialects: { kismet: { enabled: true, username: 'kis', password } } });
	t.teardown(() => service.close());
	const kis = createClient(service);
	await kis.login('kis', password);
	t.like(await rename(kis, 'kis', 'kismet'), { status: 409, body: { code: 'set-in-configuration' } });
	await service.add('clerk', password);
	t.is((await rename(kis, 'clerk', 'clerk2')).status, 200);
});

test('an administrator ends everybody’s sessions, and keeps the own one or does not', async (t) => {
	const { service, boss } = await startWithBoss(t);
	await service.add('clerk', password);
	const [clerk, elsewhere] = [createClient(service), createClient(service)];
	await clerk.login('clerk', password);
	await elsewhere.login('boss', password);
	const endAll = (query: string) => boss.send(`${base}/sessions?all${query}`, { method: 'DELETE' });
	t.is((await endAll('&keep=mine')).status, 400);
	t.is((await endAll('&identity=clerk')).status, 400, 'it is not clear whose');
	t.like(await endAll(''), { status: 200, body: { ended: 2 } });
	t.deepEqual([(await boss.me()).status, (await clerk.me()).status, (await elsewhere.me()).status], [200, 401, 401]);
	const ends = service.audit().filter(({ act }) => act === 'session-end');
	t.deepEqual(ends.map(({ identity, actor }) => `${identity} by ${actor}`).sort(), ['boss by boss', 'clerk by boss']);

	await clerk.login('clerk', password);
	const last = await endAll('&keep=none');
	t.like(last, { status: 200, body: { ended: 2 } });
	t.regex(last.setCookie.join(), /^JSESSIONID=;/);
	t.deepEqual([(await boss.me()).status, (await clerk.me()).status], [401, 401]);
});

interface Result {
	readonly name: string;
	readonly done: boolean;
	readonly code?: string;
}

async function bulk(boss: Client, body: object) {
	const answer = await boss.post(`${base}/changeIdentities`, body);
	return { ...answer, results: (answer.body as { results?: readonly Result[] }).results ?? [] };
}

const told = (results: readonly Result[]) => results.map(({ name, code }) => `${name}: ${code ?? 'done'}`);

test('several identities are changed at once, each by itself, with a result and a line in the audit', async (t) => {
	const { service, boss } = await startWithBoss(t);
	for (const name of ['ada', 'bob']) await service.add(name, password);
	const ada = createClient(service);
	await ada.login('ada', password);
	const names = ['ada', 'nobody', 'bob', 'ada'];
	const after = ['ada: done', 'nobody: not-found', 'bob: done'];
	const find = async (name: string) => (await boss.get(`${base}/identities/${name}`)).body;

	t.deepEqual(
		told((await bulk(boss, { act: 'grant', names, permissions: ['rest.assets', 'rest.more'] })).results),
		after,
	);
	t.deepEqual(told((await bulk(boss, { act: 'revoke', names, permissions: ['rest.more'] })).results), after);
	t.like(await find('bob'), { permissions: ['rest.assets'] });
	t.deepEqual(told((await bulk(boss, { act: 'end-sessions', names })).results), after);
	t.is((await ada.me()).status, 401);
	await ada.login('ada', password);
	t.deepEqual(told((await bulk(boss, { act: 'disable', names })).results), after);
	t.is((await ada.me()).status, 401);
	t.like(await find('ada'), { disabled: true });
	t.deepEqual(told((await bulk(boss, { act: 'enable', names })).results), after);
	t.is((await ada.login('ada', password)).status, 200);
	t.deepEqual(told((await bulk(boss, { act: 'remove', names })).results), after);
	t.is((await boss.get(`${base}/identities/ada`)).status, 404);
	const acts = service.audit().filter(({ identity, actor }) => identity === 'bob' && actor === 'boss');
	t.deepEqual(
		acts.map(({ act }) => act),
		['permission-grant', 'permission-revoke', 'identity-disable', 'identity-enable', 'identity-remove'],
	);
});

test('among others nobody loses the own administration, and the last administrator stays', async (t) => {
	const { service, boss } = await startWithBoss(t);
	await service.add('idle', password, { permissions: ['kura.admin'] });
	const elsewhere = createClient(service);
	await elsewhere.login('boss', password);
	const names = ['boss', 'idle'];
	for (const act of ['disable', 'remove']) {
		const { results } = await bulk(boss, { act, names: ['boss'] });
		t.deepEqual(told(results), ['boss: own-identity'], act);
	}
	const admin = { act: 'revoke', names, permissions: ['kura.admin'] };
	t.deepEqual(told((await bulk(boss, admin)).results), ['boss: own-identity', 'idle: done']);
	t.deepEqual(told((await bulk(boss, { act: 'end-sessions', names })).results), ['boss: done', 'idle: done']);
	t.is((await boss.me()).status, 200, 'the session that asks goes on');
	t.is((await elsewhere.me()).status, 401);

	await service.add('chief', password, { permissions: ['kura.admin'] });
	await service.add('deputy', password, { permissions: ['kura.admin'] });
	const chief = createClient(service);
	await chief.login('chief', password);
	// Two at once, each of whom would leave the other.
	const [one, other] = await Promise.all([
		bulk(boss, { act: 'disable', names: ['chief', 'deputy'] }),
		bulk(chief, { act: 'disable', names: ['boss', 'deputy'] }),
	]);
	const left = await service.service.core.identities.list();
	t.true(left.some(({ permissions, disabled }) => permissions.has('kura.admin' as Permission) && !disabled));
	t.false([one, other].some(({ status }) => status >= 500));
});

test('a change of several says what it changes: no act, nobody, too many, or no permissions is malformed', async (t) => {
	const { boss } = await startWithBoss(t);
	const many = Array.from({ length: 501 }, (_, nth) => `somebody-${nth}`);
	const bad = [
		{ act: 'promote', names: ['boss'] },
		{ act: 'disable', names: [] },
		{ act: 'disable', names: many },
		{ act: 'disable', names: [' boss'] },
		{ act: 'grant', names: ['boss'] },
		{ act: 'revoke', names: ['boss'], permissions: ['not a permission'] },
	];
	for (const body of bad) t.like(await bulk(boss, body), { status: 400, body: { code: 'malformed' } }, body.act);
	t.is((await bulk(boss, { act: 'enable', names: many.slice(1) })).results.length, 500);
});

test('renaming, and what is done to several or to everybody, asks for a proof of the last minutes', async (t) => {
	const clock = createHandClock();
	const service = await startService({}, clock);
	t.teardown(() => service.close());
	await service.add('boss', password, { permissions: ['kura.admin'] });
	const boss = createClient(service);
	await boss.login('boss', password);
	clock.wind(301_000);
	const needed = { status: 403, body: { code: 'proof-needed' } };
	t.like(await rename(boss, 'boss', 'chief'), needed);
	t.like(await bulk(boss, { act: 'enable', names: ['boss'] }), needed);
	t.like(await boss.send(`${base}/sessions?all`, { method: 'DELETE' }), needed);
	await boss.post(`${base}/proof`, { password });
	await boss.fetchXsrfToken();
	t.is((await bulk(boss, { act: 'enable', names: ['boss'] })).status, 200);
});
