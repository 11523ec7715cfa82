import type { Context, Next } from 'koa';
import type { Outcome, Refusal } from '../core/refusal.ts';

/** What HTTP itself finds wrong, before the core is asked. */
export type HttpRefusal = {
	readonly kind: 'malformed' | 'unsupported-type' | 'too-large' | 'method-not-allowed';
	readonly because?: string;
};

/** A no on its way out of a handler. */
class Refused extends Error {
	override readonly name = 'Refused';
	readonly refusal: Refusal | HttpRefusal;
	readonly answers: Answers | undefined;
	constructor(refusal: Refusal | HttpRefusal, answers?: Answers) {
		super(refusal.kind);
		this.refusal = refusal;
		this.answers = answers;
	}
}

export class HttpRefused extends Refused {
	constructor(kind: HttpRefusal['kind'], because?: string) {
		super({ kind, ...(because !== undefined && { because }) });
	}
}

/** The value, or leave the handler: `answerRefusals` says no; by `answers`, where whoever refuses has words of its own. */
export function granted<T>(outcome: Outcome<T>, answers?: Answers): T {
	if (outcome.ok) return outcome.value;
	throw new Refused(outcome.refusal, answers);
}

/** Leaves the handler with a no. */
export function refuse(refusal: Refusal): never {
	throw new Refused(refusal);
}

/** How a no looks on the wire. The body is never optional: Koa makes 204 of a missing one, and a no would look like a yes. */
export interface Answer {
	readonly status: number;
	readonly body: string | Readonly<Record<string, unknown>>;
	readonly headers?: Readonly<Record<string, string>>;
}

/** A dialect's table. A new kind of refusal does not compile until every dialect has decided what to say. */
export type Answers = {
	readonly [Kind in (Refusal | HttpRefusal)['kind']]: (
		refusal: Extract<Refusal | HttpRefusal, { kind: Kind }>,
	) => Answer;
};

/** Runs a handler; a refusal becomes the answer that the table has for it. */
export async function answerRefusals(ctx: Context, answers: Answers, handler: Next): Promise<void> {
	try {
		await handler();
	} catch (fault) {
		if (!(fault instanceof Refused)) throw fault;
		const answerFor = (fault.answers ?? answers)[fault.refusal.kind] as (refusal: Refusal | HttpRefusal) => Answer;
		const answer = answerFor(fault.refusal);
		ctx.status = answer.status;
		ctx.body = answer.body;
		if (answer.headers) ctx.set(answer.headers as Record<string, string>);
	}
}

/** `Retry-After`: whole seconds, at least one. */
export function retryAfter(ms: number): Record<string, string> {
	return { 'Retry-After': String(Math.max(1, Math.ceil(ms / 1000))) };
}
