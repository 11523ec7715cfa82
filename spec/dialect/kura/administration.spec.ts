import test, { type ExecutionContext } from 'ava';
import { createClient } from '../../_support/client.ts';
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
		const before = (await boss.get(`${base}/identities`)).body;
		t.is((await clerk.send(base + path, { method, json: body })).status, 403);
		const after = await boss.get(`${base}/identities`);
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
