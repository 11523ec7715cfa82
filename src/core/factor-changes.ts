import type { Audit, AuditEvent } from './audit.ts';
import type { AuthenticatorId } from './authenticator.ts';
import type { AuthenticatorStore } from './authenticator-store.ts';
import type { IdentityId } from './identity.ts';
import type { AuthenticatedSession, NewSession } from './opened-session.ts';
import type { Outcome } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { FactorChange } from './session-proof.ts';
import type { Sessions } from './sessions.ts';
import type { IdentityStore } from './stores.ts';
import { newCredentialStamp } from './token.ts';

/** A change, and what the audit says of it. */
export interface ToldChange extends Omit<FactorChange, 'make' | 'undo'> {
	readonly event: Pick<AuditEvent, 'act' | 'method' | 'authenticator'>;
	readonly id: AuthenticatorId;
	/** Whether it is undone where the session was ended while it was made: what was added goes. */
	readonly isUndone?: boolean;
	make(): Promise<Outcome<unknown>>;
}

/** Changes the second factors of an identity by one of its sessions: see `CarryOn`. All other sessions of the identity end. */
export type ChangeFactors = (
	checked: AuthenticatedSession,
	change: ToldChange,
	request: RequestContext,
) => Promise<Outcome<NewSession>>;

export interface FactorChangeParts {
	readonly store: Pick<AuthenticatorStore, 'remove'>;
	readonly identities: Pick<IdentityStore, 'find'>;
	readonly sessions: Pick<Sessions, 'carryOn' | 'endOf'>;
	readonly audit: Audit;
}

export function createChangeFactors({ store, identities, sessions, audit }: FactorChangeParts): ChangeFactors {
	/** Whatever has changed of the identity since it was added. Returns whether it was there. */
	async function takeAway(id: AuthenticatorId, of: IdentityId): Promise<boolean> {
		for (;;) {
			const identity = await identities.find(of);
			if (identity === undefined) return false;
			const done = await store.remove(id, of, { from: identity.credentialStamp, to: newCredentialStamp() });
			// Somebody was quicker: once more.
			if (done !== 'outdated') return done === 'removed';
		}
	}

	return async (checked, { event, id, make, isUndone, ...change }, request) => {
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
			...(isUndone && {
				async undo() {
					if (!(await takeAway(id, identity.id))) return;
					const removal = { act: 'authenticator-remove', authenticator: id, reason: 'no-session' } as const;
					audit.write({ ...removal, ...about, outcome: 'ok' });
				},
			}),
		};
		const raised = await sessions.carryOn(checked, told, request);
		if (!raised.ok && !isMade) audit.write({ ...event, ...about, outcome: 'refused', reason: raised.refusal.kind });
		return raised;
	};
}
