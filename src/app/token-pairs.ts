import type { Config } from '../config/schema.ts';
import { toJwk } from '../core/access-token.ts';
import type { ApiTokens } from '../core/api-tokens.ts';
import type { Identities } from '../core/identities.ts';
import { createTokenPairs, type TokenPairParts, type TokenPairs } from '../core/token-pairs.ts';
import type { KuraAuthenticator } from '../dialect/kura/authenticator.ts';
import { isKuraName } from '../dialect/kura/identity-name.ts';
import { kuraTokenRoutes } from '../dialect/kura/jwt/routes.ts';
import { type Bearer, type BearerParts, createBearer } from '../http/bearer.ts';
import type { Route } from '../http/route.ts';
import { createSigningKey } from './signing-key.ts';
import type { Stores } from './store-types.ts';

type Given = 'sessions' | 'activity' | 'wrongTokens' | 'clock' | 'audit';

/** Access and refresh tokens, with the key that signs them. */
export interface OpenedTokenPairs extends TokenPairs {
	readonly signingKey: TokenPairParts['signingKey'];
}

/** Config: `dialects.kuraTokens`. Nothing is read and no key is made before it is asked for. */
export function openTokenPairs(
	{ dialects, session }: Config,
	stores: Stores,
	given: Pick<TokenPairParts, Given>,
): OpenedTokenPairs {
	const { issuer, keyFile, accessTokenLifetime, refreshTokenLifetime } = dialects.kuraTokens;
	const signingKey = createSigningKey(keyFile, stores.notes);
	const pairs = createTokenPairs({
		...given,
		families: stores.sessions.refreshTokens,
		identities: stores.identities,
		signingKey,
		isSubject: isKuraName,
		issuer,
		accessTokenMs: accessTokenLifetime * 1000,
		refreshTokenMs: refreshTokenLifetime * 1000,
		lifetimeMs: session.absoluteLifetime * 1000,
	});
	return { ...pairs, signingKey };
}

/** What ends all API tokens of an identity ends its refresh tokens, too; and so does the sweep with those that expired. */
export function withRefreshTokens(
	apiTokens: ApiTokens,
	pairs: Pick<TokenPairs, 'endOf' | 'sweep'>,
	identities: Pick<Identities, 'list'>,
): ApiTokens {
	return {
		...apiTokens,
		async endOf(id, fields) {
			const ids = id === undefined ? (await identities.list()).map((each) => each.id) : [id];
			for (const each of ids) await pairs.endOf(each);
			return apiTokens.endOf(id, fields);
		},
		async sweep() {
			await pairs.sweep();
			return apiTokens.sweep();
		},
	};
}

/** The tokens that are taken as `Authorization: Bearer`. Config: `auth.tokens`, `dialects.kuraTokens`. */
export function openBearer(
	{ auth, dialects }: Config,
	{ sessions, apiTokens, tokenPairs }: Required<BearerParts>,
): Bearer {
	return createBearer({
		sessions,
		apiTokens: auth.tokens ? apiTokens : undefined,
		tokenPairs: dialects.kuraTokens.enabled ? tokenPairs : undefined,
	});
}

/** Kura's Token JWT V1; no routes where `dialects.kuraTokens` is off. The key is made in time, where the store is there. */
export function openKuraTokens(config: Config, pairs: OpenedTokenPairs, authenticator: KuraAuthenticator): Route[] {
	if (!config.dialects.kuraTokens.enabled) return [];
	void pairs.signingKey().catch(() => undefined);
	return kuraTokenRoutes({ authenticator, pairs, publicKey: async () => toJwk(await pairs.signingKey()) });
}
