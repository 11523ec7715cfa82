/** Somebody, as another system kept them. Nothing in it is judged yet: names, rights and verifiers are what stood there. */
export interface Person {
	readonly name: string;
	readonly verifier?: string | undefined;
	/** Where the other system kept it in clear. */
	readonly password?: string | undefined;
	readonly permissions: readonly string[];
	readonly mustChange?: boolean | undefined;
	readonly disabled?: boolean | undefined;
	readonly service?: boolean | undefined;
	/** An API key of Kismet, which opens one role. Times in seconds since 1970; absent: it has no end. */
	readonly key?: { readonly text: string; readonly role: string; readonly expires?: number } | undefined;
	/** ISO 8601. */
	readonly expiresAt?: string | undefined;
	/** Why they cannot be taken over, in words that follow the name. */
	readonly problem?: string | undefined;
}

/** The file as a whole is not what it was said to be. One line, without anything that stands in the file. */
export class Unreadable extends Error {
	override readonly name = 'Unreadable';
}
