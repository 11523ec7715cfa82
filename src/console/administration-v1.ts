import { askInSession } from './api.ts';
import type { Identity } from './session-v1.ts';

/* What an administrator does to a name, to several identities, and to everybody's sessions. */

export const bulkActs = ['disable', 'enable', 'end-sessions', 'grant', 'revoke', 'remove'] as const;
export type BulkAct = (typeof bulkActs)[number];

/** `permissions`: of `grant` and `revoke`. */
export interface BulkChange {
	readonly act: BulkAct;
	readonly permissions?: readonly string[];
}

export interface BulkResult {
	readonly name: string;
	readonly done: boolean;
	/** Why not. */
	readonly code?: string;
	readonly message?: string;
}

export const renameIdentity = (from: string, name: string) =>
	askInSession<Identity>('PUT', `/identities/${encodeURIComponent(from)}/name`, { name });
export const changeIdentities = (change: BulkChange, names: readonly string[]) =>
	askInSession<{ readonly results: readonly BulkResult[] }>('POST', '/changeIdentities', { ...change, names });
/** `current`: the session that asks goes on. */
export const endEverybodysSessions = (keep: 'current' | 'none') =>
	askInSession<{ readonly ended: number }>('DELETE', `/sessions?all&keep=${keep}`);
