import type { Context } from 'koa';
import { adminPermission } from '../../core/identity.ts';
import type { Told } from '../../core/session-ends.ts';
import { proofMs } from '../../core/session-proof.ts';
import type { Checked } from '../../core/sessions.ts';
import { clientOf, requestIdOf } from '../../http/request/context.ts';

/** What an administrator may see. */
export const administration = {
	lets: 'open-session',
	xsrf: 'checked',
	counts: true,
	permission: adminPermission,
} as const;

/** What an administrator may change. */
export const administrationByProof = { ...administration, provedWithinMs: proofMs } as const;

/** What the audit says of an act by hand. */
export function toldBy(ctx: Context, { identity }: Checked) {
	return { actor: identity.name, address: clientOf(ctx).address, requestId: requestIdOf(ctx) } satisfies Told;
}
