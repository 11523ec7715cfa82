import type { Audit, AuditEvent } from './audit.ts';
import type { AuthenticatorId } from './authenticator.ts';
import type { AuthenticatedSession, NewSession } from './opened-session.ts';
import type { Outcome } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { FactorChange } from './session-proof.ts';
import type { Sessions } from './sessions.ts';

/** A change, and what the audit says of it. */
export interface ToldChange extends Omit<FactorChange, 'make'> {
	readonly event: Pick<AuditEvent, 'act' | 'method' | 'authenticator'>;
	readonly id: AuthenticatorId;
	make(): Promise<Outcome<unknown>>;
}

/** Changes the second factors of an identity by one of its sessions: see `CarryOn`. All other sessions of the identity end. */
export type ChangeFactors = (
	checked: AuthenticatedSession,
	change: ToldChange,
	request: RequestContext,
) => Promise<Outcome<NewSession>>;

export interface FactorChangeParts {
	readonly sessions: Pick<Sessions, 'carryOn' | 'endOf'>;
	readonly audit: Audit;
}

export function createChangeFactors({ sessions, audit }: FactorChangeParts): ChangeFactors {
	return async (checked, { event, id, make, undo, ...change }, request) => {
		const { identity } = checked;
		const about = { identity: identity.name, ...auditFieldsOf(request) };
		let isMade = false;
		const told: FactorChange = {
			...change,
			async make(next) {
				const made = await make();
				if (!made.ok) return made;
				isMade = true;
				audit.write({ ...event, ...about, outcome: 'ok', authenticator: id });
				await sessions.endOf(identity.id, { except: next }, about);
				return made;
			},
			...(undo && {
				async undo() {
					await undo();
					audit.write({
						act: 'authenticator-remove',
						...about,
						outcome: 'ok',
						authenticator: id,
						reason: 'no-session',
					});
				},
			}),
		};
		const raised = await sessions.carryOn(checked, told, request);
		if (!raised.ok && !isMade) audit.write({ ...event, ...about, outcome: 'refused', reason: raised.refusal.kind });
		return raised;
	};
}
