import type { Identities } from './identities.ts';
import type { IdentityName, Permission } from './identity.ts';
import { adminPermission } from './identity.ts';
import type { AuthenticatedSession } from './opened-session.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { AuditFields } from './session-ends.ts';
import type { Sessions } from './sessions.ts';

/** What is done to each of several identities. */
export type BulkAct =
	| { readonly act: 'disable' | 'enable' | 'end-sessions' | 'remove' }
	| { readonly act: 'grant' | 'revoke'; readonly permissions: readonly Permission[] };

export interface BulkResult {
	readonly name: IdentityName;
	readonly outcome: Outcome<void>;
}

/**
 * Does the same to several identities. Each is refused or done by itself, as by the verb alone (`core/identities.ts`), and has
 * its own lines in the audit. `own-identity`: who acts would lose the administration by it; their other sessions end, and the present
 * one goes on, but for a grant that asks for a second factor. Rejects where a store is away: what was done stays done, and all of it may
 * be done again.
 */
export type Bulk = (
	act: BulkAct,
	names: readonly IdentityName[],
	by: AuthenticatedSession,
	fields: AuditFields,
) => Promise<readonly BulkResult[]>;

/** At once: a store on a disk, or on another machine, writes those together. */
const together = 16;

export function createBulk({
	identities,
	sessions,
}: {
	readonly identities: Identities;
	readonly sessions: Pick<Sessions, 'endOf'>;
}): Bulk {
	async function actOn(
		name: IdentityName,
		act: BulkAct,
		{ identity: own, session }: AuthenticatedSession,
		fields: AuditFields,
	): Promise<Outcome<void>> {
		const found = await identities.findByName(name);
		if (found === undefined) return refuse({ kind: 'not-found' });
		const { id } = found;
		if (id === own.id && losesAdministration(act)) return refuse({ kind: 'own-identity' });
		switch (act.act) {
			case 'disable':
			case 'enable':
				return identities.setDisabled(id, act.act === 'disable', fields);
			case 'remove':
				return identities.remove(id, fields);
			case 'grant':
				return identities.grant(id, act.permissions, fields);
			case 'revoke':
				return identities.revoke(id, act.permissions, fields);
			case 'end-sessions':
				await sessions.endOf(id, id === own.id ? { except: session.key } : {}, { ...fields, identity: name });
				return ok(undefined);
		}
	}

	return async (act, names, by, fields) => {
		const each = [...new Set(names)];
		const results: BulkResult[] = [];
		for (let at = 0; at < each.length; at += together) {
			const some = each.slice(at, at + together);
			results.push(
				...(await Promise.all(some.map(async (name) => ({ name, outcome: await actOn(name, act, by, fields) })))),
			);
		}
		return results;
	};
}

function losesAdministration(act: BulkAct): boolean {
	if (act.act === 'revoke') return act.permissions.includes(adminPermission);
	return act.act === 'disable' || act.act === 'remove';
}
