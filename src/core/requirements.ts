import type { Identity, IdentityName, Permission } from './identity.ts';
import { mayUse } from './identity.ts';
import type { Refusal } from './refusal.ts';
import type { Session, SessionNumber } from './session.ts';
import { isSameSecret } from './token.ts';

/** What a request asks of its session. */
export interface Demand {
	readonly lets: 'open-session' | 'any-session';
	/** The header's value, `undefined` where there is none; `exempt` where the protocol asks for none. */
	readonly xsrf: { readonly header: string | undefined } | 'exempt';
	/** Whether the request counts as activity. */
	readonly counts: boolean;
	/** What the identity must hold, where that matters. */
	readonly permission?: Permission;
	/** How long ago the session's credential may have been proved, in milliseconds, where that matters. */
	readonly provedWithinMs?: number;
	/** Whose session it is and which, where the request says so besides the token (1010data's cookie). */
	readonly claimed?: { readonly name: IdentityName; readonly number: SessionNumber };
}

/** What a living session lacks for this request. */
export function unmet(demand: Demand, session: Session, identity: Identity): Refusal | undefined {
	const { xsrf, lets, permission, claimed } = demand;
	if (claimed !== undefined) {
		const isName = isSameSecret(claimed.name, identity.name);
		const isNumber = isSameSecret(String(claimed.number), String(session.number));
		if (!isName || !isNumber) return { kind: 'no-session' };
	}
	if (xsrf !== 'exempt' && !(xsrf.header !== undefined && isSameSecret(xsrf.header, session.xsrfToken))) {
		return { kind: 'xsrf-token-mismatch' };
	}
	if (lets === 'open-session' && session.state === 'locked') return { kind: 'session-locked' };
	return permission === undefined || mayUse(identity, permission)
		? undefined
		: { kind: 'permission-missing', permission };
}
