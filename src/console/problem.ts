import { NotProved, Refused, Unreachable } from './api.ts';
import { inEnglish, type Say, wordFor } from './words/words.ts';

/** What went wrong, as it is told to a person. */
export interface Problem {
	readonly text: Say;
	/** Seconds to wait before it is worth trying again. */
	readonly waitSeconds?: number;
	/** The field that it is about, where it is said. */
	readonly field?: string;
}

/** What a code means in a place. An object: beside that field, in the usual words where there are no others. */
export type Meanings = Readonly<Record<string, Say | { readonly field: string; readonly text?: Say }>>;

/** Something that the page itself finds wrong, before it asks the service or after. */
export class Amiss extends Error {
	override readonly name = 'Amiss';
	readonly say: Say;
	readonly field: string | undefined;

	/** `field`: what it is about. */
	constructor(say: Say, field?: string) {
		super('amiss');
		this.say = say;
		this.field = field;
	}
}

/** `meanings`: what a code means in this place; without them it means what it means everywhere. */
export function problemOf(fault: unknown, meanings: Meanings = {}): Problem {
	if (fault instanceof Unreachable) return { text: ({ problems }) => problems.unreachable };
	if (fault instanceof NotProved) return { text: ({ problems }) => problems.notProved };
	if (fault instanceof Amiss) return { text: fault.say, ...beside(fault.field) };
	if (!(fault instanceof Refused)) throw fault;
	const { status, code, retryAfter, reference } = fault;
	const wait = retryAfter !== undefined && { waitSeconds: retryAfter };
	const own = code === undefined ? undefined : meanings[code];
	const { text, field } = typeof own === 'object' ? own : { text: own };
	if (text !== undefined) return { text, ...beside(field), ...wait };
	if (status === 429) return { text: ({ problems }) => problems.tooMany, ...wait };
	if (status === 503) return { text: ({ problems }) => problems.notAvailable, ...wait };
	if (status >= 500) return { text: ({ problems }) => problems.failed(reference) };
	return { text: refusedText(fault), ...beside(field) };
}

/** By its code; one that this page does not know, in the service's own words. */
export function refusedText({ status, code, message }: Refused): Say {
	const said = message === '' ? undefined : inEnglish(`${message}.`);
	return (words) =>
		(code === undefined ? undefined : wordFor(words.refusals, code)) ?? said?.(words) ?? words.problems.refused(status);
}

function beside(field: string | undefined): Pick<Problem, 'field'> {
	return field === undefined ? {} : { field };
}
