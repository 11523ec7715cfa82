import { askInSession, connection } from './api.ts';

/* The audit, as `session-v1.ts` has the rest. */

export interface AuditEvent {
	readonly at: string;
	readonly act: string;
	readonly outcome: 'ok' | 'refused';
	readonly reason?: string;
	readonly identity?: string;
	readonly newName?: string;
	/** Somebody else, or `operator`. */
	readonly actor?: string;
	readonly method?: string;
	readonly dialect?: string;
	readonly address?: string;
	readonly device?: string;
	readonly requestId?: string;
}

export interface AuditPage {
	readonly events: readonly AuditEvent[];
	/** The `cursor` of the page behind this one. */
	readonly next?: string;
}

/** The newest first. */
export function findAudit(query: string): Promise<AuditPage> {
	return askInSession('GET', `/audit?${query}`);
}

/** All of it, as a file that the browser saves. */
export async function takeAudit(query: string, format: string): Promise<void> {
	const answer = await connection.send(`/services/session/v1/audit/export?${query}`);
	const link = document.createElement('a');
	link.href = URL.createObjectURL(await answer.blob());
	link.download = `latchkey-audit.${format}`;
	link.click();
	// The browser has begun to save it by then.
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
