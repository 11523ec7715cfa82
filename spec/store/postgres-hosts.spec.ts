import test from 'ava';
import { isPostgresAddress } from '../../src/config/addresses.ts';
import { createSearch, hostsOf } from '../../src/store/postgres/hosts.ts';

const cases: readonly [address: string, hosts: readonly string[]][] = [
	['postgres://a@h/db', ['postgres://a@h/db']],
	['postgres://a:p@h1:1,h2/db', ['postgres://a:p@h1:1/db', 'postgres://a:p@h2/db']],
	[
		'postgresql://h1,[::1]:7/db?sslmode=require',
		['postgresql://h1/db?sslmode=require', 'postgresql://[::1]:7/db?sslmode=require'],
	],
	['postgres://a@h1,h2/db?target_session_attrs=read-write', ['postgres://a@h1/db', 'postgres://a@h2/db']],
	['postgres://a@/db?host=%2Frun', ['postgres://a@/db?host=%2Frun']],
	['postgres://a:x%2Cy%40z@h1,h2/db', ['postgres://a:x%2Cy%40z@h1/db', 'postgres://a:x%2Cy%40z@h2/db']],
];
for (const [address, hosts] of cases) {
	test(`${address} is ${hosts.length === 1 ? 'one host' : `${hosts.length} hosts`}`, (t) => {
		t.deepEqual(hostsOf(address), hosts as never);
		t.true(isPostgresAddress(address));
	});
}

for (const address of [
	'postgres://a@h1,/db',
	'postgres://a@,h2/db',
	'postgres://a@h1:x,h2/db',
	'postgres://a@h1,h2/%zz',
]) {
	test(`${address} is none`, (t) => t.false(isPostgresAddress(address)));
}

test('a statement that waits for one of several hosts fails after two searches in vain, and not before', async (t) => {
	const search = createSearch(false);
	let isLetGo = false;
	const waiting = t.throwsAsync(search.whenFound(), { message: 'the second' }).then(() => (isLetGo = true));
	search.failed(new Error('the first'));
	await Promise.resolve();
	t.false(isLetGo);
	const later = search.whenFound();
	search.failed(new Error('the second'));
	await waiting;
	search.found();
	await t.notThrowsAsync(later);
	await t.notThrowsAsync(search.whenFound());
});
