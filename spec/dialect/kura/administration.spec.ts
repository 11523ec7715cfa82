import test from 'ava';
import { createBrowser } from '../../_support/browser.ts';
import { startService } from '../../_support/service.ts';

const base = '/services/session/v1';
const password = 'a long and honest password';

/** What an administrator may do, and nobody else. */
const acts: readonly { readonly method: string; readonly path: string; readonly body?: unknown }[] = [
	{ method: 'GET', path: '/identities' },
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
		const [boss, clerk] = [createBrowser(service), createBrowser(service)];
		await boss.login('boss', password);
		await clerk.login('clerk', password);
		const before = (await boss.get(`${base}/identities`)).body;
		t.is((await clerk.send(method, base + path, body)).status, 403);
		const after = await boss.get(`${base}/identities`);
		t.is(after.status, 200, 'the administrator is still signed in');
		t.deepEqual(after.body, before);
	});
}
