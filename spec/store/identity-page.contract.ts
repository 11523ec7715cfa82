import type { ExecutionContext } from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { Identity, IdentityName, Permission } from '../../src/core/identity.ts';
import {
	type IdentityOrder,
	type IdentityPosition,
	type IdentityQuery,
	identityOrders,
} from '../../src/core/identity-query.ts';
import type { IdentityStore } from '../../src/core/stores.ts';
import { newIdentityId } from '../../src/core/token.ts';
import type { Test } from '../_support/patient.ts';
import { newTotp } from './authenticator-store.contract.ts';
import { newIdentity, type OpenedIdentities } from './identity-store.contract.ts';
import { testsOf } from './opened.ts';

const from = 1_790_000_000_000;
const at = (ms: number) => (from + ms) as Instant;
const byName = { order: 'name', descending: false, limit: 200 } as const;
const namesOf = (identities: readonly Identity[]) => identities.map(({ name }) => String(name));

/** As the name of each says: `Zoë` is made last, `a` signs in last, and three of a kind stand at the same time. */
const names = ['a', 'B', 'b2', 'c%', 'c_', 'd', 'é', 'Zoë', '山田', '🦊', 'ёлка', "o'brien", 'x"y', 'y\\z'];

async function fill(store: IdentityStore): Promise<readonly Identity[]> {
	const all = names.map((name, nth) =>
		newIdentity({
			name,
			createdAt: at(Math.floor(nth / 3)),
			...(nth % 4 > 0 && { lastSignInAt: at(100 - (nth % 4)) }),
		}),
	);
	await store.insertAll(all);
	return all;
}

function keyOf(identity: Identity, order: IdentityOrder): number {
	return { name: 0, created: identity.createdAt, 'last-sign-in': identity.lastSignInAt ?? 0 }[order];
}

function sorted(all: readonly Identity[], order: IdentityOrder, descending: boolean): readonly Identity[] {
	const rising = all.toSorted(
		(a, b) => keyOf(a, order) - keyOf(b, order) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
	);
	return descending ? rising.toReversed() : rising;
}

/** All pages of a query, one behind the other. */
async function read(store: IdentityStore, query: IdentityQuery, between?: (nth: number) => Promise<void>) {
	const found: Identity[] = [];
	let after: IdentityPosition | undefined;
	for (let nth = 0; ; nth += 1) {
		const page = await store.page({ ...query, after });
		found.push(...page);
		const last = page.at(-1);
		if (last === undefined) return found;
		after = { at: keyOf(last, query.order) as Instant, name: last.name };
		await between?.(nth);
	}
}

/** The promises of an IdentityStore about pages and sign-ins. */
export function pagesIdentities(test: Test, name: string, open: (t: ExecutionContext) => Promise<OpenedIdentities>) {
	const { says, saysOfTwo } = testsOf(test, name, 'identities', open);

	says('pages hold each identity once, in every order and both directions', async (t, store) => {
		const all = await fill(store);
		for (const order of identityOrders) {
			for (const descending of [false, true]) {
				for (const limit of [1, 3, 200]) {
					const found = await read(store, { order, descending, limit });
					t.deepEqual(namesOf(found), namesOf(sorted(all, order, descending)), `${order} ${descending} ${limit}`);
					t.deepEqual(found, sorted(all, order, descending));
				}
			}
		}
	});

	says('what is added or removed between two pages moves nothing else', async (t, store) => {
		const all = await fill(store);
		for (const order of identityOrders) {
			const seen = await read(store, { order, descending: false, limit: 3 }, async (nth) => {
				if (nth !== 1) return;
				const [first] = sorted(await store.list(), order, false);
				await store.remove(first!.id);
				await store.insert(newIdentity({ name: `0 ${order}`, createdAt: at(-1) }));
			});
			const found = new Set(seen.map(({ id }) => id));
			t.is(found.size, seen.length);
			t.true(all.every(({ id, name }) => found.has(id) || name === 'a' || name === 'B' || name === 'b2'));
		}
	});

	const searches: readonly (readonly [search: string, found: readonly string[]])[] = [
		['b', ['B', 'b2', "o'brien"]],
		['B2', ['b2']],
		['%', ['c%']],
		['_', ['c_']],
		['ZOË', ['Zoë']],
		['山', ['山田']],
		['🦊', ['🦊']],
		['ЁЛ', ['ёлка']],
		["'", ["o'brien"]],
		['\\', ['y\\z']],
		['"y', ['x"y']],
		['nobody', []],
	];
	says('a search finds what stands in names, in capitals or not, and nothing is a pattern', async (t, store) => {
		await fill(store);
		for (const [search, found] of searches) {
			t.deepEqual(namesOf(await store.page({ ...byName, search })), found, search);
		}
		t.is((await store.page({ ...byName, search: '' })).length, names.length);
	});

	says('filters are by permission, by state, and by all of them at once', async (t, store) => {
		const admin = 'kura.admin' as Permission;
		const { passwordVerifier: _, ...keyless } = newIdentity({ name: 'keyless' });
		const { passwordVerifier: __, ...program } = newIdentity({ name: 'program', service: true });
		const factored = newIdentity({ name: 'factored', permissions: new Set([admin]) });
		const begun = newIdentity({ name: 'begun' });
		const off = newIdentity({ name: 'off', disabled: true, permissions: new Set([admin]) });
		const must = newIdentity({ name: 'must', passwordChangeNeeded: true });
		await store.insertAll([keyless, program, factored, begun, off, must]);
		const { confirmedAt: ___, ...unconfirmed } = newTotp(begun);
		await store.authenticators.write(begun.id, { authenticators: [unconfirmed], recoveryCodes: [] });
		await store.authenticators.write(factored.id, { authenticators: [newTotp(factored)], recoveryCodes: [] });
		await store.authenticators.write(must.id, {
			authenticators: [newTotp(must, { disabledAt: at(1) })],
			recoveryCodes: [],
		});
		const found = async (filter: Partial<IdentityQuery>) => namesOf(await store.page({ ...byName, ...filter }));
		t.deepEqual(await found({ permission: admin }), ['factored', 'off']);
		t.deepEqual(await found({ permission: 'kura' as Permission }), []);
		t.deepEqual(await found({ state: 'disabled' }), ['off']);
		t.deepEqual(await found({ state: 'must-change-password' }), ['must']);
		t.deepEqual(await found({ state: 'certificate-only' }), ['keyless']);
		t.deepEqual(await found({ state: 'second-factor' }), ['factored']);
		t.deepEqual(await found({ state: 'no-second-factor' }), ['begun', 'must', 'off']);
		t.deepEqual(await found({ state: 'no-second-factor', permission: admin, search: 'F' }), ['off']);
		t.deepEqual(await found({ state: 'second-factor', permission: admin, search: 'off' }), []);
	});

	saysOfTwo('a sign-in moves forward, never back, and adds nobody', async (t, one, other) => {
		const [ada, never] = [newIdentity({ name: 'ada' }), newIdentity({ name: 'never' })];
		await one.insertAll([ada, never]);
		const lastOf = async (store: IdentityStore) => (await store.findByName('ada' as IdentityName))?.lastSignInAt;
		await one.touch(new Map([[ada.id, at(5)]]));
		t.is(await lastOf(other), at(5));
		await other.touch(
			new Map([
				[newIdentityId(), at(9)],
				[ada.id, at(4)],
			]),
		);
		t.is(await lastOf(one), at(5));
		await other.touch(new Map());
		await other.touch(new Map([[ada.id, at(6)]]));
		t.deepEqual(await one.list(), [{ ...ada, lastSignInAt: at(6) }, never]);
		await one.changeCredentials(ada.id, ada.credentialStamp, {
			passwordChangeNeeded: true,
			credentialStamp: never.credentialStamp,
		});
		t.is(await lastOf(other), at(6));
	});
}
