import type { ExecutionContext } from 'ava';
import type { CredentialStamp, IdentityId } from '../../src/core/identity.ts';
import { newRefreshToken, type TokenFamily } from '../../src/core/refresh-token.ts';
import { newCredentialStamp, newIdentityId } from '../../src/core/token.ts';
import type { Test } from '../_support/patient.ts';
import { testsOf } from './opened.ts';
import { after, newSession, type OpenedSessions } from './session-store.contract.ts';

export function newFamily(facts: Partial<TokenFamily> = {}): TokenFamily {
	const { key, current } = newRefreshToken();
	return {
		...{ key, current },
		identityId: newIdentityId(),
		credentialStamp: newCredentialStamp(),
		startedAt: after(0),
		issuedAt: after(0),
		expiresAt: after(900_000),
		...facts,
	};
}

const nextOf = (family: TokenFamily): TokenFamily => ({
	...family,
	current: newRefreshToken().current,
	issuedAt: after(10),
	expiresAt: after(900_010),
});

/** The promises of a RefreshTokenStore, which is where sessions are. */
export function keepsRefreshTokens(test: Test, name: string, open: (t: ExecutionContext) => Promise<OpenedSessions>) {
	const { says, saysOfTwo } = testsOf(test, `${name}, refresh tokens`, 'refresh tokens', open);

	says('a family is found as it was inserted, and once', async (t, { refreshTokens: store }) => {
		for (const facts of [{}, { session: newSession().key }]) {
			const family = newFamily(facts);
			await store.insert(family, 10);
			t.deepEqual(await store.find(family.key), family);
			await t.throwsAsync(store.insert(family, 10));
		}
		t.is(await store.find(newFamily().key), undefined);
	});

	says('what was used is replaced once, and the rest stays', async (t, { refreshTokens: store }) => {
		const family = newFamily({ session: newSession().key });
		await store.insert(family, 10);
		const next = nextOf(family);
		t.true(await store.replace(next, family.current));
		t.deepEqual(await store.find(family.key), next);
		t.false(await store.replace(nextOf(family), family.current));
		t.deepEqual(await store.find(family.key), next);
		const third = nextOf(next);
		t.true(await store.replace(third, next.current));
		t.false(await store.replace(nextOf(third), family.current));
		t.false(await store.replace(nextOf(third), next.current));
		t.false(await store.replace(newFamily(), family.current), 'one that is not there');
	});

	says('of fifty that replace one at once, one does', async (t, { refreshTokens: store }) => {
		const family = newFamily();
		await store.insert(family, 10);
		const all = Array.from({ length: 50 }, () => nextOf(family));
		const done = await Promise.all(all.map((next) => store.replace(next, family.current)));
		t.is(done.filter(Boolean).length, 1);
		t.deepEqual(await store.find(family.key), all[done.indexOf(true)]);
	});

	says('one that was deleted is gone, and nothing replaces it', async (t, { refreshTokens: store }) => {
		const family = newFamily();
		await store.insert(family, 10);
		t.true(await store.delete(family.key));
		t.false(await store.delete(family.key));
		t.is(await store.find(family.key), undefined);
		t.false(await store.replace(nextOf(family), family.current));
		t.is(await store.find(family.key), undefined);
	});

	says('those of one identity go together, and the newest are kept', async (t, { refreshTokens: store }) => {
		const [identityId, other] = [newIdentityId(), newFamily()];
		await store.insert(other, 3);
		const families = Array.from({ length: 5 }, (_, at) => newFamily({ identityId, startedAt: after(at) }));
		for (const family of families) await store.insert(family, 3);
		const found = await Promise.all(families.map(({ key }) => store.find(key)));
		t.deepEqual(found, [undefined, undefined, ...families.slice(2)]);
		t.is(await store.deleteOf(identityId), 3);
		t.is(await store.deleteOf(identityId), 0);
		for (const { key } of families) t.is(await store.find(key), undefined);
		t.deepEqual(await store.find(other.key), other);
	});

	says('those that have expired go before any that lives, however old that is', async (t, { refreshTokens: store }) => {
		const identityId = newIdentityId();
		const started = (at: number, expiresAt = 900_000) =>
			newFamily({ identityId, startedAt: after(at), issuedAt: after(at), expiresAt: after(expiresAt) });
		const refreshed = started(0, 1);
		const over = [1, 2].map((at) => started(at, at));
		const [next, second, third, fourth] = [nextOf(refreshed), started(10), started(11), started(12)];
		for (const family of [refreshed, ...over]) await store.insert(family, 3);
		t.true(await store.replace(next, refreshed.current));
		for (const family of [second, third]) await store.insert(family, 3);
		const found = (families: readonly TokenFamily[]) => Promise.all(families.map(({ key }) => store.find(key)));
		t.deepEqual(await found([next, ...over, second, third]), [next, undefined, undefined, second, third]);
		await store.insert(fourth, 3);
		t.deepEqual(await found([next, second, third, fourth]), [undefined, second, third, fourth]);
		t.is(await store.deleteOf(identityId), 3);
	});

	says('a sweep takes none whose time is not over', async (t, { refreshTokens: store }) => {
		const [living, over] = [newFamily(), newFamily({ expiresAt: after(5) })];
		for (const family of [living, over]) await store.insert(family, 10);
		await store.sweep(after(5));
		t.deepEqual(await store.find(living.key), living);
	});

	says('texts of another form come back as they were', async (t, { refreshTokens: store }) => {
		const odd = { identityId: 'ab' as IdentityId, credentialStamp: 'cd' as CredentialStamp };
		const family = newFamily(odd);
		await store.insert(family, 10);
		t.deepEqual(await store.find(family.key), family);
	});

	saysOfTwo('of fifty over two connections, one replaces it', async (t, one, other) => {
		const family = newFamily();
		await one.refreshTokens.insert(family, 10);
		const stores = Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? one : other).refreshTokens);
		const done = await Promise.all(stores.map((store) => store.replace(nextOf(family), family.current)));
		t.is(done.filter(Boolean).length, 1);
	});

	saysOfTwo('what one ends is gone for the other', async (t, one, other) => {
		const [family, another] = [newFamily(), newFamily()];
		for (const each of [family, another]) await one.refreshTokens.insert(each, 10);
		t.deepEqual(await other.refreshTokens.find(family.key), family);
		await one.refreshTokens.delete(family.key);
		await one.refreshTokens.deleteOf(another.identityId);
		t.is(await other.refreshTokens.find(family.key), undefined);
		t.is(await other.refreshTokens.find(another.key), undefined);
	});
}

/** Of a RefreshTokenStore that keeps what has expired until a sweep. Redis lets it go by itself. */
export function sweepsRefreshTokens(test: Test, name: string, open: (t: ExecutionContext) => Promise<OpenedSessions>) {
	const { says } = testsOf(test, `${name}, refresh tokens`, 'refresh tokens', open);

	says('a sweep forgets those whose time is over, at exactly their end, too', async (t, { refreshTokens: store }) => {
		const families = [4, 5, 6].map((ms) => newFamily({ expiresAt: after(ms) }));
		for (const family of families) await store.insert(family, 10);
		t.is(await store.sweep(after(5)), 2);
		const found = await Promise.all(families.map(({ key }) => store.find(key)));
		t.deepEqual(found, [undefined, undefined, families[2]]);
	});
}
