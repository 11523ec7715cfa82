import type { ExecutionContext } from 'ava';
import type { ApiToken, ApiTokenId } from '../../src/core/api-token.ts';
import { newApiToken } from '../../src/core/api-token.ts';
import type { Instant } from '../../src/core/clock.ts';
import type { Permission } from '../../src/core/identity.ts';
import type { DialectName, SessionKey } from '../../src/core/session.ts';
import type { ApiTokenStore } from '../../src/core/stores.ts';
import { newCredentialStamp, newIdentityId } from '../../src/core/token.ts';
import type { Test } from '../_support/patient.ts';
import { soon } from './soon.ts';

export interface OpenedApiTokens {
	/** Fresh and empty. */
	readonly store: ApiTokenStore;
	/** Another connection to the same tokens, best from another process. */
	readonly reopen?: () => Promise<ApiTokenStore>;
}

const from = 1_790_000_000_123;
const at = (ms: number) => (from + ms) as Instant;
const many = 1000;

export function newToken(facts: Partial<ApiToken> = {}): ApiToken {
	const { id, key } = newApiToken();
	return {
		id,
		key,
		identityId: newIdentityId(),
		name: 'nightly build',
		permissions: ['rest.assets' as Permission],
		createdAt: at(0),
		expiresAt: at(90_000),
		...facts,
	};
}

/** The promises of an ApiTokenStore. */
export function keepsApiTokens(test: Test, name: string, open: (t: ExecutionContext) => Promise<OpenedApiTokens>) {
	function says(sentence: string, check: (t: ExecutionContext, store: ApiTokenStore) => Promise<void>) {
		test(`${name}: ${sentence}`, async (t) => check(t, (await open(t)).store));
	}

	const kinds: [string, ApiToken][] = [
		['a token', newToken()],
		['one without permissions', newToken({ permissions: [] })],
		['one with an odd name', newToken({ name: `Ünï 🦊 "'; DROP TABLE api_token; --` })],
		[
			'one with all that it can have',
			newToken({
				permissions: ['a', 'b.c', 'kura.admin'] as Permission[],
				networks: ['10.0.0.0/8', '2001:db8::/32'],
				paths: ['/services/assets', '/é'],
				createdBySession: 'ab'.repeat(32) as SessionKey,
				credentialStamp: newCredentialStamp(),
				lastUsedAt: at(5),
				lastAddress: '2001:db8::1',
			}),
		],
		['a key of a protocol', newToken({ dialect: 'kismet' as DialectName })],
		['one with an empty list of networks', newToken({ networks: [], paths: [] })],
	];
	for (const [kind, token] of kinds) {
		says(`${kind} is found by its key as it was inserted`, async (t, store) => {
			t.is(await store.insert(token, many), 'inserted');
			t.deepEqual(await store.find(token.key), token);
			t.deepEqual(await store.list(token.identityId), [token]);
			t.deepEqual(await store.list(undefined), [token]);
		});
	}

	says('what is not there is not found, and not ended', async (t, store) => {
		const token = newToken();
		await store.insert(token, many);
		const stranger = newToken();
		t.is(await store.find(stranger.key), undefined);
		t.is(await store.end(stranger.id, at(1)), undefined);
		t.is(await store.end(token.id.toUpperCase() as ApiTokenId, at(1)), undefined);
		t.deepEqual(await store.endOf(stranger.identityId, at(1)), []);
		t.deepEqual(await store.list(stranger.identityId), []);
		await store.touch(new Map([[stranger.id, { at: at(1), address: '192.0.2.1' }]]));
		t.deepEqual(await store.list(undefined), [token]);
	});

	says('two tokens never share a key or an id', async (t, store) => {
		const token = newToken();
		await store.insert(token, many);
		await t.throwsAsync(async () => store.insert(newToken({ key: token.key }), many));
		await t.throwsAsync(async () => store.insert(newToken({ id: token.id }), many));
		t.deepEqual(await store.list(undefined), [token]);
	});

	says('an identity has so many tokens; those that ended or expired take no room', async (t, store) => {
		const identityId = newIdentityId();
		const [first, second] = [newToken({ identityId }), newToken({ identityId, expiresAt: at(10) })];
		t.is(await store.insert(first, 2), 'inserted');
		t.is(await store.insert(second, 2), 'inserted');
		t.is(await store.insert(newToken({ identityId }), 2), 'full');
		t.is(await store.insert(newToken(), 2), 'inserted', 'another identity has room of its own');
		t.is(await store.insert(newToken({ identityId, createdAt: at(10) }), 2), 'inserted', 'one has expired');
		t.is(await store.insert(newToken({ identityId, createdAt: at(10) }), 2), 'full');
		await store.end(first.id, at(11));
		t.is(await store.insert(newToken({ identityId, createdAt: at(11) }), 2), 'inserted');
	});

	says('one that was ended stays ended, and is told once', async (t, store) => {
		const token = newToken();
		const other = newToken({ identityId: token.identityId });
		await store.insert(token, many);
		await store.insert(other, many);
		await store.find(token.key);
		const ended = { ...token, endedAt: at(7) };
		t.deepEqual(await store.end(token.id, at(7)), ended);
		t.is(await store.end(token.id, at(8)), undefined);
		t.deepEqual(await store.find(token.key), ended);
		t.deepEqual(await store.list(token.identityId), [other]);
	});

	says('of many that end one at once, one has ended it', async (t, store) => {
		const token = newToken();
		await store.insert(token, many);
		const ends = await Promise.all(Array.from({ length: 20 }, () => store.end(token.id, at(7))));
		t.is(ends.filter((each) => each !== undefined).length, 1);
	});

	says('all of an identity end at once, and no other one; then those of everybody', async (t, store) => {
		const identityId = newIdentityId();
		const tokens = Array.from({ length: 3 }, () => newToken({ identityId }));
		const other = newToken();
		for (const token of [...tokens, other]) await store.insert(token, many);
		await store.end(tokens[0]?.id as ApiTokenId, at(1));
		const ids = (ended: readonly ApiToken[]) => ended.map(({ id }) => id).sort();
		t.deepEqual(ids(await store.endOf(identityId, at(2))), ids(tokens.slice(1)));
		t.deepEqual(await store.list(undefined), [other]);
		t.deepEqual(ids(await store.endOf(undefined, at(3))), [other.id]);
		t.deepEqual(await store.list(undefined), []);
	});

	says('the newest is listed first', async (t, store) => {
		const identityId = newIdentityId();
		const tokens = [0, 1, 2].map((ms) => newToken({ identityId, createdAt: at(ms) }));
		for (const token of tokens) await store.insert(token, many);
		t.deepEqual(await store.list(identityId), tokens.toReversed());
	});

	says('the last use moves forward, and never back', async (t, store) => {
		const token = newToken();
		const untouched = newToken();
		await store.insert(token, many);
		await store.insert(untouched, many);
		const touch = (ms: number, address: string) => store.touch(new Map([[token.id, { at: at(ms), address }]]));
		await touch(20, '192.0.2.2');
		await touch(10, '192.0.2.1');
		const used = { ...token, lastUsedAt: at(20), lastAddress: '192.0.2.2' };
		t.deepEqual(await store.list(token.identityId), [used]);
		t.deepEqual(await store.list(untouched.identityId), [untouched]);
		await store.end(token.id, at(30));
		await touch(40, '192.0.2.3');
		t.is((await store.find(token.key))?.endedAt, at(30));
	});

	says('a sweep ends what has expired, and forgets what ended long ago', async (t, store) => {
		const [old, ended, expiring, living] = [
			newToken(),
			newToken(),
			newToken({ expiresAt: at(100) }),
			newToken({ expiresAt: at(101) }),
		];
		for (const token of [old, ended, expiring, living]) await store.insert(token, many);
		await store.end(old.id, at(10));
		await store.end(ended.id, at(20));
		const swept = await store.sweep(at(100), at(20));
		t.deepEqual(
			swept.map(({ id, endedAt }) => ({ id, endedAt })),
			[{ id: expiring.id, endedAt: at(100) }],
		);
		t.is(await store.find(old.key), undefined);
		t.is((await store.find(ended.key))?.endedAt, at(20));
		t.deepEqual(await store.list(undefined), [living]);
		t.deepEqual(await store.sweep(at(100), at(20)), []);
	});

	test(`${name}: what one process ends opens nothing in another, though it was read there before`, async (t) => {
		const { store, reopen } = await open(t);
		if (reopen === undefined) {
			t.log('not asked: these tokens belong to one process');
			t.pass();
			return;
		}
		const other = await reopen();
		const identityId = newIdentityId();
		const tokens = Array.from({ length: 3 }, () => newToken({ identityId }));
		for (const token of tokens) await store.insert(token, many);
		const [first, second, third] = tokens as [ApiToken, ApiToken, ApiToken];
		for (const { key } of tokens) t.truthy(await other.find(key));
		const endedThere = async ({ key }: ApiToken) => (await other.find(key))?.endedAt !== undefined;
		await store.end(first.id, at(1));
		t.true(await soon(() => endedThere(first)));
		t.false(await endedThere(second));
		await store.endOf(identityId, at(2));
		t.true(await soon(() => endedThere(second)));
		t.true(await soon(() => endedThere(third)));
		t.deepEqual(await other.list(undefined), []);
	});
}
