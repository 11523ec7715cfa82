import type { ApiTokens } from '../core/api-tokens.ts';
import { isSameStamp } from '../core/credential-stamp.ts';
import type { Identities } from '../core/identities.ts';
import type { Identity } from '../core/identity.ts';
import type { RequestContext } from '../core/request.ts';
import type { Access, DirectAccess } from '../core/requirements.ts';
import { isStolen } from '../core/session-binding.ts';
import type { Sessions } from '../core/sessions.ts';
import { type Protection, requirementsOf } from './rules.ts';

export interface ReauthorizeParts {
	readonly sessions: Pick<Sessions, 'ownerOf' | 'firstUnmet'>;
	readonly identities: Pick<Identities, 'findActive'>;
	readonly apiTokens: Pick<ApiTokens, 'ownerOf'>;
}

/** Whether access that was given may go on. `here`: the connection that it was given on. Rejects where a store is away. */
export type Reauthorize = (
	access: Access,
	protection: Protection,
	here: Pick<RequestContext, 'certificate'>,
) => Promise<boolean>;

/**
 * Judges what stays open, as a WebSocket, by what let it in, and by nothing else that its request carried: a session
 * while that very session lives, and is bound to no other certificate than that of the connection; a credential while it is
 * still the identity's. No password is tried again, no attempt is counted, no session is opened.
 */
export function createReauthorize({ sessions, identities, apiTokens }: ReauthorizeParts): Reauthorize {
	async function byCredential({ identity, isStillTrusted, apiToken }: DirectAccess): Promise<Identity | undefined> {
		if (apiToken !== undefined) return apiTokens.ownerOf(apiToken.token, apiToken.address);
		const present = await identities.findActive(identity.id);
		if (present === undefined) return undefined;
		const isSame = isSameStamp(present.credentialStamp, identity.credentialStamp);
		return isSame && isStillTrusted?.() !== false ? present : undefined;
	}

	return async (access, protection, here) => {
		if (access.session && isStolen(access.session, here)) return false;
		const present = await (access.session ? sessions.ownerOf(access.session.key) : byCredential(access));
		if (present === undefined) return false;
		return sessions.firstUnmet({ ...access, identity: present }, requirementsOf(protection)) === undefined;
	};
}
