import type { Refusal } from '../core/refusal.ts';

/** The core said no. `kind` says why, as `name-taken`, `weak-password`, `not-found`; the message is for people. */
export class LatchkeyRefusal extends Error {
	override readonly name = 'LatchkeyRefusal';
	readonly kind: Refusal['kind'];
	constructor(kind: Refusal['kind'], message: string) {
		super(message);
		this.kind = kind;
	}
}
