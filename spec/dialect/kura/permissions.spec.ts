import test from 'ava';
import { createClient } from '../../_support/client.ts';
import { startService } from '../../_support/service.ts';

const password = 'a long and honest password';
const upstream = 'http://127.0.0.1:1';

interface Known {
	readonly permission: string;
	readonly opens: readonly { readonly number: number }[];
}

test('permissions come with the rules that name them, as they are in force, and with those that are held', async (t) => {
	const service = await startService({
		resources: [
			{ hosts: ['wiki.example.org'], path: '/admin', permission: 'wiki.admin', upstream },
			{ path: '/both', permissions: { all: ['wiki.admin', 'plant.write'] }, upstream },
			{ path: '/either', permissions: { any: ['plant.read', 'plant.write'] }, upstream },
			{ path: '/public', access: 'public', upstream },
			{ path: '/closed', access: 'denied' },
			{ path: '/anybody', access: 'authenticated', upstream },
		],
	});
	t.teardown(() => service.close());
	await service.add('boss', password, { permissions: ['kura.admin', 'wiki.admin'] });
	await service.add('ada', undefined, { permissions: ['wiki.amdin'] });
	const boss = createClient(service);
	await boss.login('boss', password);
	const { permissions } = (await boss.get('/services/session/v1/permissions')).body as { permissions: Known[] };
	t.deepEqual(
		permissions.map(({ opens, ...others }) => ({ ...others, rules: opens.map(({ number }) => number) })),
		[
			{ permission: 'kura.admin', defined: false, held: true, rules: [] },
			{ permission: 'plant.read', defined: false, held: false, rules: [3] },
			{ permission: 'plant.write', defined: false, held: false, rules: [2, 3] },
			{ permission: 'wiki.admin', defined: false, held: true, rules: [1, 2] },
			{ permission: 'wiki.amdin', defined: false, held: true, rules: [] },
		],
	);
	t.like(permissions[3]?.opens[0], { hosts: ['wiki.example.org'], paths: ['/admin'] });
});
