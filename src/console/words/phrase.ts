import type { ComponentChildren } from 'preact';

/** What stands in a sentence: a text, or an element. */
export type Piece = ComponentChildren;

/** A sentence with elements in it, as a tagged template. */
export function phrase(texts: TemplateStringsArray, ...pieces: readonly Piece[]): ComponentChildren {
	return texts.map((text, at) => [text, pieces[at]]);
}
