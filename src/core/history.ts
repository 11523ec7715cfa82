import type { AuditEvent } from './audit.ts';
import type { AuditRow } from './audit-table.ts';
import type { Instant } from './clock.ts';

/*
 * What was done with the login of an identity, for itself and for administrators to look at: a part of the table of the audit.
 */

/** One line of it. There is no more in it than in the audit, besides `device`. */
export interface HistoryEvent
	extends Pick<
		AuditEvent,
		'act' | 'outcome' | 'reason' | 'dialect' | 'method' | 'needs' | 'purpose' | 'actor' | 'address' | 'device'
	> {
	/** No two of one identity at the same one, as far as one process tells. */
	readonly at: Instant;
}

const acts: ReadonlySet<AuditEvent['act']> = new Set<AuditEvent['act']>([
	...(['setup', 'login', 'logout', 'proof', 'session-end', 'session-stolen', 'access'] as const),
	...(['password-change', 'password-reset', 'invitation-add', 'invitation-use'] as const),
	...(['authenticator-add', 'authenticator-remove', 'authenticator-reset', 'authenticator-cloned'] as const),
	...(['recovery-codes', 'token-add', 'token-end'] as const),
	...(['identity-add', 'identity-rename', 'identity-disable', 'identity-enable'] as const),
]);

/** Where nothing was tried, a guesser would fill it for nothing; what follows by itself from another act says nothing new. */
export function isOfHistory({ act, outcome, reason, method, actor }: AuditEvent): boolean {
	if (!acts.has(act) || reason === 'too-many-attempts' || reason === 'too-busy') return false;
	if (act === 'identity-add') return outcome === 'ok';
	if (act === 'session-end') return actor !== undefined;
	if (act === 'access') return outcome === 'refused' && method === 'basic';
	return true;
}

/** From where somebody else did it is their business. */
export function toHistoryEvent(row: AuditRow): HistoryEvent {
	const { at, identity, act, outcome, reason, dialect, method, needs, purpose, actor, address, device } = row;
	const isOwn = actor === undefined || actor === identity;
	return {
		...{ at, act, outcome },
		...(reason !== undefined && { reason }),
		...(dialect !== undefined && { dialect }),
		...(method !== undefined && { method }),
		...(needs !== undefined && { needs }),
		...(purpose !== undefined && { purpose }),
		...(!isOwn && { actor }),
		...(isOwn && address !== undefined && { address }),
		...(isOwn && device !== undefined && { device }),
	};
}
