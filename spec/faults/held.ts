/* What people of a history hold, and what is kept of it. */

/** Across nodes an end may take that long to be known: the bound that is promised. */
const promisedMs = 1000;

/** An act of somebody at the command line. `undefined`: the stores did not say whether it happened. */
export interface Operator {
	setDisabled(name: string, disabled: boolean): Promise<true | undefined>;
	/** Gives or takes `treasure`. */
	setAllowed(name: string, allowed: boolean): Promise<true | undefined>;
	addToken(name: string, lifetimeMs: number): Promise<{ readonly id: string; readonly text: string } | undefined>;
	endToken(id: string): Promise<true | undefined>;
	/** Takes all second factors away. */
	resetFactors(name: string): Promise<true | undefined>;
	/** Returns the code of an invitation. */
	invite(name: string): Promise<string | undefined>;
}

/** Who has acknowledged something: nothing that a client asks is of the same node. */
export const byOperator = 'the operator';

/** When something was acknowledged, and by which node. */
export interface End {
	readonly at: number;
	readonly node: string;
}

export interface HeldSession {
	readonly cookie: string;
	readonly xsrf: string;
	readonly openedAt: number;
	/** For a second factor. */
	readonly waits: boolean;
	/** Its end was acknowledged. */
	over?: End;
	/** Its end was asked for, and the answer was lost; or Redis may have lost it. */
	unsure?: true;
}

export interface History {
	/** Acknowledged, by what was done. */
	readonly counts: Record<string, number>;
	readonly violations: string[];
	/** 503s, and connections that broke. */
	unavailable: number;
	broken: number;
	/** Milliseconds until another node knows of what was acknowledged. */
	readonly boundMs: number;
	/** Redis is being put back to what it was then: what was opened since may be lost, nothing more. */
	goesBackTo?: number;
	/** Since when it is back there. */
	wentBackAt?: number;
	/** What clocks of phones show; absent: the clock. */
	readonly now?: () => number;
}

export function newHistory(boundMs = promisedMs, now?: () => number): History {
	return { counts: {}, violations: [], unavailable: 0, broken: 0, boundMs, ...(now && { now }) };
}

export function pick<T>(from: readonly T[]): T {
	return from[Math.floor(Math.random() * from.length)] as T;
}
