import test from 'ava';
import type { Permission } from '../../src/core/identity.ts';
import { createListedPermissions } from '../../src/core/listed-permissions.ts';
import { createSqliteIdentities } from '../../src/store/sqlite/identities.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createHandClock } from '../_support/hand-clock.ts';

/*
 * What anybody may ask without a login must not keep the store busy.
 */

const north = 'site.north' as Permission;
const south = 'site.south' as Permission;

function opened() {
	const { permissions, close } = createSqliteIdentities(openSqlite(':memory:'));
	const clock = createHandClock();
	let reads = 0;
	let isAway = false;
	const counted = {
		async find() {
			reads += 1;
			if (isAway) throw new Error('away');
			return permissions.find();
		},
	};
	return {
		listed: createListedPermissions(counted, clock),
		permissions,
		clock,
		close,
		reads: () => reads,
		goAway: (away: boolean) => {
			isAway = away;
		},
	};
}

test('however many ask in a second, the store is read once', async (t) => {
	const { listed, clock, close, reads } = opened();
	t.teardown(close);
	await Promise.all(Array.from({ length: 200 }, () => listed.find()));
	clock.wind(999);
	await listed.find();
	t.is(reads(), 1);
	clock.wind(1);
	await listed.find();
	t.is(reads(), 2);
});

test('what others made is seen within a second, what was made here at once', async (t) => {
	const { listed, permissions, clock, close } = opened();
	t.teardown(close);
	t.deepEqual((await listed.find()).made, []);
	await permissions.make(north);
	clock.wind(1000);
	t.deepEqual((await listed.find()).made, [north]);
	await listed.changing(permissions.make(south));
	t.deepEqual((await listed.find()).made, [north, south]);
});

test('a store that was away is asked again at once', async (t) => {
	const { listed, close, reads, goAway } = opened();
	t.teardown(close);
	goAway(true);
	await t.throwsAsync(listed.find(), { message: 'away' });
	goAway(false);
	await listed.find();
	t.is(reads(), 2);
});

test('a clock that goes back keeps nothing for longer', async (t) => {
	const { listed, clock, close, reads } = opened();
	t.teardown(close);
	await listed.find();
	clock.wind(-5000);
	await listed.find();
	t.is(reads(), 2);
});
