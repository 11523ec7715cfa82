import type { Context } from 'koa';
import type { Identities } from '../../core/identities.ts';
import type { Identity } from '../../core/identity.ts';
import { adminPermission, parseIdentityName } from '../../core/identity.ts';
import type { AuditFields } from '../../core/session-ends.ts';
import { proofMs } from '../../core/session-proof.ts';
import type { AuthenticatedSession } from '../../core/sessions.ts';
import { senderOf } from '../../http/request/context.ts';
import { throwRefusal } from '../../http/response/refusals.ts';

/** By the strongest that somebody has. Source: CVE-2024-45042, where the password of somebody with a second factor was enough. */
export const freshProof = { assuranceLevel: 'highest', provedWithinMs: proofMs } as const;

/** What anybody may see and do who is signed in. */
export const ownSession = { session: 'open', xsrf: 'token', countsAsActivity: true } as const;

/** What an administrator may see. */
export const administration = { ...ownSession, permissions: { all: [adminPermission] } } as const;

/** What an administrator may change. */
export const administrationByProof = { ...administration, ...freshProof } as const;

/** The identity that `:name` in the path names; 404 where there is none. */
export function namedIdentity(identities: Pick<Identities, 'findByName'>) {
	return async (ctx: Context): Promise<Identity> => {
		const { name: given = '' } = (ctx as Context & { params: { name?: string } }).params;
		const name = parseIdentityName(given);
		const found = name && (await identities.findByName(name));
		return found ?? throwRefusal({ kind: 'not-found' });
	};
}

/** What the audit says of an act by hand. */
export function auditFieldsBy(ctx: Context, { identity }: AuthenticatedSession) {
	return { actor: identity.name, ...senderOf(ctx) } satisfies AuditFields;
}
