import { askInSession } from './api.ts';

/* The history of a login, as `session-v1.ts` has the rest. */

export interface HistoryEvent {
	readonly at: string;
	/** As in the audit; there may be more of them than this page knows. */
	readonly act: string;
	readonly outcome: 'ok' | 'refused';
	readonly method?: string;
	/** What the session waits for that was opened. */
	readonly needs?: 'second-factor' | 'password-change' | 'enrolment';
	/** Somebody else, or `operator`. */
	readonly actor?: string;
	readonly address?: string;
	readonly device?: string;
}

/** The newest first. `of`: whose, for administrators; absent: one's own. `before`: older than that. */
export async function history({ of, before, limit }: { of?: string | undefined; before?: string; limit: number }) {
	const path = of === undefined ? '/history' : `/identities/${encodeURIComponent(of)}/history`;
	const query = new URLSearchParams({ limit: String(limit), ...(before !== undefined && { before }) });
	return (await askInSession<{ readonly events: readonly HistoryEvent[] }>('GET', `${path}?${query}`)).events;
}
