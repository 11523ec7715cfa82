import type { AuditEvent } from './audit.ts';
import type { Clock } from './clock.ts';

const minuteMs = 60_000;
/**
 * Of one kind in a minute, of one identity (of one address, where nobody is known), and of refusals in a session. What no limit on
 * guessing counts can be done as often as somebody likes: to fill the disk, or to push out what they would hide.
 */
const mostOfOne = { ok: 200, refused: 20 } as const;
/** Refusals of one kind in a minute, of all together. */
const mostRefused = 600;

/** Says whether the table of the audit has enough of such lines for this minute. What it lets through is counted. */
export function createFloodGate(clock: Clock): (event: AuditEvent) => boolean {
	let since = clock.now();
	let counts = new Map<string, number>();

	return ({ identity, address, act, outcome, reason, method, session }) => {
		const now = clock.now();
		// Also where the clock was set back.
		if (Math.abs(now - since) >= minuteMs) [since, counts] = [now, new Map()];
		const isRefused = outcome === 'refused';
		const kind = [act, outcome, reason, method, identity === undefined].join('\n');
		const ofKind = counts.get(kind) ?? 0;
		if (isRefused && ofKind >= mostRefused) return true;
		// A thief of one session hides none of another.
		const source = [kind, identity ?? address, isRefused && session].join('\n');
		const ofSource = counts.get(source) ?? 0;
		if (ofSource >= mostOfOne[outcome]) return true;
		counts.set(kind, ofKind + 1);
		counts.set(source, ofSource + 1);
		return false;
	};
}
