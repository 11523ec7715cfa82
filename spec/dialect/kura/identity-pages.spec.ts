import test from 'ava';
import { createClient } from '../../_support/client.ts';
import { fillWithPeople } from '../../_support/people.ts';
import { startService, type TestService } from '../../_support/service.ts';

const path = '/services/session/v1/identities';
const password = 'a long and honest password';
const many = 450;

interface Page {
	readonly identities: readonly { readonly name: string; readonly lastSignInAt?: string }[];
	readonly next?: string;
}

let service: TestService;
let boss: ReturnType<typeof createClient>;

test.before(async () => {
	service = await startService();
	await service.add('boss', password, { permissions: ['kura.admin'] });
	await fillWithPeople(service, many);
	boss = createClient(service);
	await boss.login('boss', password);
});
test.after.always(() => service.close());

const ask = async (query: string) => (await boss.get(`${path}?${query}`)).body as Page;

test.serial('without a parameter the list is whole, as it was before there were pages', async (t) => {
	const { identities, ...others } = (await boss.get(path)).body as Page;
	t.is(identities.length, many + 1);
	t.deepEqual(others, {});
});

test.serial('pages follow each other until all are read, and none is large', async (t) => {
	const names: string[] = [];
	let cursor = '';
	do {
		const { text, body } = await boss.get(`${path}?limit=200${cursor}`);
		t.true(text.length < 60_000, `${text.length} characters`);
		const { identities, next } = body as Page;
		names.push(...identities.map(({ name }) => name));
		cursor = next === undefined ? '' : `&cursor=${next}`;
	} while (cursor !== '');
	t.is(names.length, many + 1);
	t.deepEqual(names, [...new Set(names)].sort());
	t.is((await ask('sort=name')).identities.length, 50);
});

test.serial('a sign-in is in the list at once, by which it is in order; a proof is none', async (t) => {
	const [before] = (await ask('search=boss')).identities;
	t.regex(before?.lastSignInAt ?? '', /^\d{4}-.*Z$/);
	await createClient(service).login('boss', password);
	const { lastSignInAt: then = '' } = (await boss.get(`${path}/boss`)).body as { lastSignInAt?: string };
	t.true(then > (before?.lastSignInAt ?? ''));
	t.true((await boss.post('/services/session/v1/proof', { password })).status < 300);
	await boss.fetchXsrfToken();
	t.like((await ask('search=boss')).identities, [{ lastSignInAt: then }]);
	await service.add('ada', password);
	await createClient(service).login('ada', password);
	const newest = await ask('sort=last-sign-in&order=descending&limit=2');
	t.deepEqual(
		newest.identities.map(({ name }) => name),
		['ada', 'boss'],
	);
	t.false('lastSignInAt' in ((await ask('sort=last-sign-in&limit=1')).identities[0] ?? {}));
});

test.serial('a login that waits for another password is no sign-in yet', async (t) => {
	await service.add('grace', password, { mustChange: true });
	t.is((await createClient(service).login('grace', password)).status, 200);
	t.false('lastSignInAt' in ((await ask('search=grace')).identities[0] ?? {}));
});

const malformed = [
	...['limit=0', 'limit=201', 'limit=-1', 'limit=1e2', 'limit=', 'limit=5&limit=6'],
	...[
		'sort=password',
		'sort=',
		'order=up',
		'state=awake',
		'permission=a%20b',
		'search=%00',
		`search=${'a'.repeat(257)}`,
	],
	...['serach=ada', '_=1', '__proto__=1', 'cursor=', 'cursor=%00', 'cursor=e30', `cursor=${'A'.repeat(9000)}`],
	...[[-1, 'ada'], [1.5, 'ada'], ['0', 'ada'], [0, ' ada'], [0, 'a\0'], [0, '\ud800'], [0], [0, 'ada', 1], null].map(
		(position) => `cursor=${Buffer.from(JSON.stringify(position)).toString('base64url')}`,
	),
];

for (const query of malformed) {
	test.serial(`${query.slice(0, 60)} is malformed`, async (t) => {
		const { status, body } = await boss.get(`${path}?${query}`);
		t.is(status, 400);
		t.is((body as { code: string }).code, 'malformed');
	});
}
