import type { Instant } from '../../core/clock.ts';
import { newestStepAt } from '../../core/totp.ts';

/*
 * What becomes of each table where a database of the past comes back: `kept` is what a backup carries; what `ends` is in
 * no backup, since what was ended or used up after it was made would be good again; what `stays` belongs to the installation and
 * not to a moment. All tables of the schema stand here: `spec/store/sqlite-tables.spec.ts`.
 */
type Fate = 'kept' | 'ends' | 'stays';

export const fates: Readonly<Record<string, Fate>> = {
	setup: 'kept',
	identity: 'kept',
	authenticator: 'kept',
	recovery_code: 'kept',
	session: 'ends',
	child_session: 'ends',
	ticket: 'ends',
	ceremony: 'ends',
	token_family: 'ends',
	invitation: 'ends',
	api_token: 'stays',
	ended_session: 'stays',
	attempt: 'stays',
	audit: 'stays',
	// Empty; versions before wrote to it.
	history: 'stays',
	// But `keptNotes`.
	note: 'stays',
};

/** Permissions that were made, and what the installation was begun with. */
export const keptNotes = "('permissions', 'min-length-alone')";

export function tablesThat(fate: Fate): readonly string[] {
	return Object.keys(fates).filter((table) => fates[table] === fate);
}

/**
 * Ends what a database of the past would open: sessions, wherever they are kept, since credential stamps are fresh; invitations;
 * and codes of second factors, since those that were used after its time cannot be told from others. In a transaction. Returns
 * how many recovery codes are void by it.
 */
export function endPast(run: (sql: string, ...values: number[]) => number, now: Instant): number {
	for (const table of tablesThat('ends')) run(`DELETE FROM ${table}`);
	run('UPDATE identity SET credential_stamp = randomblob(24)');
	run('UPDATE authenticator SET last_step = ?1 WHERE last_step < ?1', newestStepAt(now));
	return run('UPDATE recovery_code SET used_at = ? WHERE used_at IS NULL', now);
}
