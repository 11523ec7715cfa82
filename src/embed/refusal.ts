import type { Refusal } from '../core/refusal.ts';

/** A verb was refused. `kind` says why: compare it, and not the message, which is for people. Which kinds there are, each verb says. */
export class LatchkeyRefusal extends Error {
	override readonly name = 'LatchkeyRefusal';
	readonly kind: Refusal['kind'];
	constructor(kind: Refusal['kind'], message: string) {
		super(message);
		this.kind = kind;
	}
}
