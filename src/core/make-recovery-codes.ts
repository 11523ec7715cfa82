import { type Audit, auditedOutcome } from './audit.ts';
import type { AuthenticatorStore, Outdated } from './authenticator-store.ts';
import type { IdentityId } from './identity.ts';
import type { AuthenticatedSession } from './opened-session.ts';
import { type CodeHashing, newRecoveryCodes } from './recovery-codes.ts';
import { type Outcome, ok, refuse } from './refusal.ts';
import type { AuditFields } from './session-ends.ts';
import type { Sessions } from './sessions.ts';

/**
 * Puts new codes in place of those before, by a session. Refusals: `no-factor` where there is no authenticator that they could stand in
 * for; `credentials-changed`, and `no-session` where the session was ended or raised meanwhile: none are kept then; `too-busy`, also while
 * codes of the same identity are being made.
 */
export type MakeRecoveryCodes = (
	checked: AuthenticatedSession,
	fields: AuditFields,
) => Promise<Outcome<readonly string[]>>;

export interface MakeRecoveryCodesParts {
	readonly store: Pick<AuthenticatorStore, 'list' | 'putRecoveryCodes'>;
	readonly sessions: Pick<Sessions, 'find'>;
	readonly hashing: CodeHashing;
	readonly audit: Audit;
}

/** Milliseconds that ten digests take on most machines. */
const usualMs = 1000;

export function createMakeRecoveryCodes({
	store,
	sessions,
	hashing,
	audit,
}: MakeRecoveryCodesParts): MakeRecoveryCodes {
	/** Whose are being made: one person must not fill the queue. */
	const making = new Set<IdentityId>();

	async function make({ session, identity }: AuthenticatedSession, fields: AuditFields) {
		const { id, name, credentialStamp } = identity;
		const isConfirmed = (await store.list(id)).some(({ confirmedAt }) => confirmedAt !== undefined);
		if (!isConfirmed) return refuse({ kind: 'no-factor' });
		const made = await newRecoveryCodes(hashing);
		if (!made.ok) return made;
		const { codes, batch, verifiers } = made.value;
		const put = async (them: typeof verifiers) =>
			keptAs(await store.putRecoveryCodes(id, batch, them, credentialStamp));
		const isOver = async () => (await sessions.find(session.key)) === undefined;
		let kept = (await isOver()) ? refuse({ kind: 'no-session' }) : await put(verifiers);
		if (kept.ok && (await isOver())) {
			// Nobody is told these, and those before are gone.
			await put([]);
			kept = refuse({ kind: 'no-session' });
		}
		const event = { act: 'recovery-codes', identity: name, ...fields } as const;
		audit.write({ ...event, ...auditedOutcome(kept) });
		return kept.ok ? ok(codes) : kept;
	}

	return async (checked, fields) => {
		const { id } = checked.identity;
		if (making.has(id)) return refuse({ kind: 'too-busy', retryAfterMs: usualMs });
		making.add(id);
		try {
			return await make(checked, fields);
		} finally {
			making.delete(id);
		}
	};
}

function keptAs(done: 'kept' | 'no-factor' | Outdated): Outcome<undefined> {
	if (done === 'no-factor') return refuse({ kind: 'no-factor' });
	return done === 'outdated' ? refuse({ kind: 'credentials-changed' }) : ok(undefined);
}
