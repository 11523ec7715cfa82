/** Markup, which only `html` and `Html.verbatim` make: what a name or an address holds is text in it. */
export class Html {
	/** Private, so that the compiler takes no look-alike for markup. */
	readonly #markup: string;
	private constructor(markup: string) {
		this.#markup = markup;
	}

	get markup(): string {
		return this.#markup;
	}

	/** A file of our own, taken as it is: never anything of a request, a name or a configuration. */
	static verbatim(file: string): Html {
		return new Html(file);
	}

	/** Markup as a tagged template: a piece that is no markup is text, and escaped; nothing where there is none. */
	static of(template: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
		return new Html(String.raw({ raw: template }, ...pieces.map(markupOf)));
	}
}

export const html = Html.of;

type Piece = Html | string | number | false | undefined | readonly Piece[];

function markupOf(piece: Piece): string {
	if (piece === undefined || piece === false) return '';
	if (piece instanceof Html) return piece.markup;
	return typeof piece === 'object' ? piece.map(markupOf).join('') : escaped(String(piece));
}

const entities: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
