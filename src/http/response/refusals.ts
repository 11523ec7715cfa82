import type { Context, Next } from 'koa';
import type { Outcome, Refusal } from '../../core/refusal.ts';
import type { Page } from './page.ts';
import { reply } from './reply.ts';

/** What HTTP itself finds wrong, before the core is asked. */
export type HttpRefusal = {
	readonly kind:
		| 'malformed'
		| 'unsupported-type'
		| 'too-large'
		| 'method-not-allowed'
		| 'expectation-failed'
		| 'headers-too-large'
		| 'request-timeout';
	readonly because?: string;
};

/** What stands behind us, or rather does not. */
export type GatewayFault = { readonly kind: 'bad-gateway' | 'gateway-timeout' | 'upstream-credentials-refused' };

/** No refusal, but something broken, and what is told of it: an id to look for in the log (`http/response/faults.ts`). */
export type Fault = {
	readonly kind: 'unavailable' | 'unexpected';
	readonly requestId: string;
};

export type No = Refusal | HttpRefusal | GatewayFault | Fault;

/** A no on its way out of a handler. Not an Error: nobody reads its stack, and to take one costs more than the rest of a refusal. */
class Refused {
	readonly refusal: Refusal | HttpRefusal;
	readonly answers: Answers | undefined;
	constructor(refusal: Refusal | HttpRefusal, answers?: Answers) {
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
export function unwrap<T>(outcome: Outcome<T>, answers?: Answers): T {
	if (outcome.ok) return outcome.value;
	throw new Refused(outcome.refusal, answers);
}

/** Leaves the handler: `answerRefusals` says no. */
export function throwRefusal(refusal: Refusal): never {
	throw new Refused(refusal);
}

/** How a no looks on the wire. The body is never optional: without one, a no would look like a yes that has nothing to say. */
export interface Answer {
	readonly status: number;
	readonly body: string | Page | Readonly<Record<string, unknown>>;
	readonly headers?: Readonly<Record<string, string>>;
}

/** How a protocol says no: made by `answersIn` (`http/response/default-answers.ts`). */
export type Answers = (no: No) => Answer;

/** Whose words a request is answered in, where its handler left with something that is no refusal. */
const inWordsOf = new WeakMap<Context, Answers>();

/** Runs a handler; a refusal becomes the answer that the table has for it. */
export async function answerRefusals(ctx: Context, answers: Answers, handler: Next): Promise<void> {
	try {
		await handler();
	} catch (fault) {
		if (fault instanceof Refused) return answer(ctx, fault.answers ?? answers, fault.refusal);
		if (!inWordsOf.has(ctx)) inWordsOf.set(ctx, answers);
		throw fault;
	}
}

/** Says that something is broken, in the words of whoever was asked. */
export function answerBroken(ctx: Context, fault: Fault): void {
	const answers = inWordsOf.get(ctx);
	if (answers) answer(ctx, answers, fault);
}

function answer(ctx: Context, answers: Answers, no: No): void {
	const { status, body, headers } = answers(no);
	reply(ctx, body, status, headers);
}
