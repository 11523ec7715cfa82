import type { Awaited, Connection, CurrentSession } from './connection.ts';
import { Refused, SessionOver } from './refused.ts';

/*
 * Sees the end of a session in time. It asks, and asking does not count as activity: the session ends when nobody
 * uses it, page or no page.
 */

export type Liveness =
	| { readonly kind: 'alive' }
	| ({ readonly kind: 'ending' } & Ending)
	/** The service does not answer; the session may well live. */
	| { readonly kind: 'unknown'; readonly fault: unknown };

export interface Ending {
	/** By silence, one click keeps it; by age, nothing does. */
	readonly by: 'silence' | 'age';
	/** Milliseconds on this page's clock. */
	readonly at: number;
}

/** Seconds before the end; half of a session's inactivity interval where that is shorter than two minutes. */
const warnBefore = 60;
/** Milliseconds between two looks: at rest (somebody may end the session elsewhere), and while the end is near. */
const restMs = 30_000;
const nearMs = 5_000;

export interface Watch {
	/** Looks now: something happened that may have changed it. */
	look(): void;
	stop(): void;
}

interface Target {
	addEventListener(type: string, act: () => void): void;
	removeEventListener(type: string, act: () => void): void;
}

/** What a page has, and a worker or a server has not. */
interface Page {
	readonly window?: Target;
	readonly document?: Target & { readonly hidden: boolean };
}

/** `awaited`: nothing is told of a locked session but that it lives, and nothing but what it waits for keeps it alive. */
export function watchSession(
	connection: Connection,
	awaited: Awaited | undefined,
	tell: (liveness: Liveness) => void,
	over: () => void,
): Watch {
	let timer: ReturnType<typeof setTimeout> | undefined;
	let stopped = false;
	let looks = 0;

	async function look() {
		clearTimeout(timer);
		looks += 1;
		const thisLook = looks;
		const found = await (awaited === undefined ? lookHowLong(connection) : lookWhetherWaiting(connection, awaited));
		// Another look began meanwhile: it knows more.
		if (stopped || thisLook !== looks) return;
		if (found === 'over') {
			over();
			return;
		}
		tell(found.liveness);
		timer = setTimeout(() => void look(), found.againInMs);
	}

	const { window, document } = globalThis as unknown as Page;
	const onReturn = () => {
		if (!document?.hidden) void look();
	};
	// A machine that slept, a tab that was away: timers are late then.
	document?.addEventListener('visibilitychange', onReturn);
	window?.addEventListener('pageshow', onReturn);
	void look();

	return {
		look: () => void look(),
		stop() {
			stopped = true;
			clearTimeout(timer);
			document?.removeEventListener('visibilitychange', onReturn);
			window?.removeEventListener('pageshow', onReturn);
		},
	};
}

interface Found {
	readonly liveness: Liveness;
	readonly againInMs: number;
}

const unknown = (fault: unknown): Found => ({ liveness: { kind: 'unknown', fault }, againInMs: waitMsAfter(fault) });

/** Milliseconds until it is worth asking again. */
export function waitMsAfter(fault: unknown): number {
	const retryAfter = fault instanceof Refused ? fault.retryAfter : undefined;
	return Math.max(nearMs, (retryAfter ?? 0) * 1000);
}

async function lookWhetherWaiting({ findSession }: Connection, awaited: Awaited): Promise<Found | 'over'> {
	try {
		return (await findSession()) === awaited ? { liveness: { kind: 'alive' }, againInMs: restMs } : 'over';
	} catch (fault) {
		return unknown(fault);
	}
}

async function lookHowLong({ askInSession }: Connection): Promise<Found | 'over'> {
	try {
		const session = await askInSession<CurrentSession>('GET', '/currentSession');
		const { inactivityInterval = Infinity, secondsUntilInactive = Infinity, secondsUntilTooOld = Infinity } = session;
		const seconds = Math.min(secondsUntilInactive, secondsUntilTooOld);
		const warnAt = Math.min(warnBefore, inactivityInterval / 2);
		if (seconds > warnAt) {
			return { liveness: { kind: 'alive' }, againInMs: Math.min(restMs, (seconds - warnAt) * 1000) };
		}
		const by = secondsUntilTooOld <= secondsUntilInactive ? 'age' : 'silence';
		// A little after the end, so that the last look finds it over.
		const againInMs = Math.min(nearMs, seconds * 1000 + 250);
		return { liveness: { kind: 'ending', by, at: Date.now() + seconds * 1000 }, againInMs };
	} catch (fault) {
		return fault instanceof SessionOver ? 'over' : unknown(fault);
	}
}
