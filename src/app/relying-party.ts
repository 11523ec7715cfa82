import { passkeyPlace } from '../config/passkey.ts';
import type { Config } from '../config/schema.ts';
import type { RelyingParty } from '../core/passkey.ts';
import { givenNameOf } from './branding.ts';

/**
 * Where passkeys are made for and used, for a page at that origin. `undefined`: there are none. The host that a request names
 * decides nothing, or a page with another name that leads here could ask for passkeys of its own; but for `localhost`, which no
 * other machine can have.
 */
export type RelyingPartyOf = (origin: string) => RelyingParty | undefined;

export function relyingPartyOf(config: Config): RelyingPartyOf {
	const { sessions, passkey } = config.auth;
	if (!passkey.enabled || !sessions) return () => undefined;
	const name = givenNameOf(config);
	const place = passkeyPlace(config);
	if (place !== undefined) return () => ({ ...place, name });
	if (config.portal.url !== undefined) return () => undefined;
	return (origin) =>
		/^https?:\/\/localhost(:\d{1,5})?$/.test(origin) ? { id: 'localhost', origins: [origin], name } : undefined;
}

/** Config: `auth.passkey.allowAaguids`, `denyAaguids`. */
export function isAllowedModel({ auth }: Config): (aaguid: string) => boolean {
	const { allowAaguids, denyAaguids = [] } = auth.passkey;
	return (aaguid) => !denyAaguids.includes(aaguid) && (allowAaguids?.includes(aaguid) ?? true);
}
