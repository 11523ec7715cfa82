import { NotProved, Refused, Unreachable } from './api.ts';

/** What went wrong, as it is told to a person. */
export interface Problem {
	readonly text: string;
	/** Seconds to wait before it is worth trying again. */
	readonly waitSeconds?: number;
	/** The field that it is about, where it is said. */
	readonly field?: string;
}

/** What a code means in a place. An object: beside that field, in the service's own words where there are no others. */
export type Words = Readonly<Record<string, string | { readonly field: string; readonly text?: string }>>;

/** Something that the page itself finds wrong, before it asks the service or after. */
export class Amiss extends Error {
	override readonly name = 'Amiss';
	readonly field: string | undefined;

	/** `field`: what it is about. */
	constructor(message: string, field?: string) {
		super(message);
		this.field = field;
	}
}

/** `words`: what a code means in this place; without them the service's own words are shown. */
export function problemOf(fault: unknown, words: Words = {}): Problem {
	if (fault instanceof Unreachable) {
		return { text: 'The service cannot be reached. Check the connection, then try again.' };
	}
	if (fault instanceof NotProved) return { text: 'Nothing was changed: you have not confirmed that it is you.' };
	if (fault instanceof Amiss) return { text: fault.message, ...beside(fault.field) };
	if (!(fault instanceof Refused)) throw fault;
	const { status, code, retryAfter, reference, message } = fault;
	const wait = retryAfter !== undefined && { waitSeconds: retryAfter };
	const own = code === undefined ? undefined : words[code];
	const { text, field } = typeof own === 'object' ? own : { text: own };
	if (text !== undefined) return { text, ...beside(field), ...wait };
	if (status === 429) return { text: 'Too many attempts.', ...wait };
	if (status === 503) return { text: 'The service is not available at the moment.', ...wait };
	if (status >= 500) {
		return {
			text: `The service has failed at this.${reference === undefined ? '' : ` Its log has more: ${reference}.`}`,
		};
	}
	return { text: message === '' ? `The service refuses this (${status}).` : `${message}.`, ...beside(field) };
}

function beside(field: string | undefined): Pick<Problem, 'field'> {
	return field === undefined ? {} : { field };
}
