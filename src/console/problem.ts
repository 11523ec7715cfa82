import { NotProved, Refused, Unreachable } from './api.ts';

/** What went wrong, as it is told to a person. */
export interface Problem {
	readonly text: string;
	/** Seconds to wait before it is worth trying again. */
	readonly waitSeconds?: number;
}

/** Something that the page itself finds wrong, before it asks the service or after. */
export class Amiss extends Error {
	override readonly name = 'Amiss';
}

/** `words`: what a code means in this place; without them the service's own words are shown. */
export function problemOf(fault: unknown, words: Readonly<Record<string, string>> = {}): Problem {
	if (fault instanceof Unreachable) {
		return { text: 'The service cannot be reached. Check the connection, then try again.' };
	}
	if (fault instanceof NotProved) return { text: 'Nothing was changed: you have not confirmed that it is you.' };
	if (fault instanceof Amiss) return { text: fault.message };
	if (!(fault instanceof Refused)) throw fault;
	const { status, code, retryAfter, reference, message } = fault;
	const wait = retryAfter !== undefined && { waitSeconds: retryAfter };
	const own = code === undefined ? undefined : words[code];
	if (own !== undefined) return { text: own, ...wait };
	if (status === 429) return { text: 'Too many attempts.', ...wait };
	if (status === 503) return { text: 'The service is not available at the moment.', ...wait };
	if (status >= 500) {
		return {
			text: `The service has failed at this.${reference === undefined ? '' : ` Its log has more: ${reference}.`}`,
		};
	}
	return { text: message === '' ? `The service refuses this (${status}).` : `${message}.` };
}
