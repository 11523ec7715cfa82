import { type Html, html } from './html.ts';
import type { Language } from './languages.ts';
import { type Look, ownLook } from './look.ts';

/*
 * The one template of small pages for people: what went wrong, and a way on. No script, and nothing of elsewhere.
 */

export interface PageParts {
	readonly language: Language;
	readonly title: string;
	/** A paragraph each. */
	readonly lines: readonly Html[];
	/** `url`: absolute, or empty for the very address of the page. `newTab`: out of a frame. */
	readonly link?: { readonly url: string; readonly words: string; readonly newTab?: boolean } | undefined;
	/** What to look for in the log, in a sentence. */
	readonly reference?: string | undefined;
	/** It is shown in a frame, of whichever page that is. There is nothing on it but a link. */
	readonly inFrame?: boolean;
}

/** A whole page, and what it may do. `reply` takes it as a body. */
export class Page {
	readonly html: string;
	/** `Content-Security-Policy`. */
	readonly policy: string;

	constructor({ language, title, lines, link, reference, inFrame = false }: PageParts, look: Look = ownLook) {
		const target = link?.newTab && html` target="_blank" rel="noopener"`;
		const way = link && html`<p><a class="button" href="${link.url}"${target}>${link.words}</a></p>`;
		const small = reference !== undefined && html`<p class="small">${reference}</p>`;
		this.html = html`<!doctype html>
<html lang="${language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${look.windowTitle(title)}</title>
${look.style}
</head>
<body>
<main>
${!inFrame && look.brand}<div class="card">
<h1>${title}</h1>
${lines.map(
	(line) => html`<p>${line}</p>
`,
)}${way}${small}
</div>
</main>
</body>
</html>
`.markup;
		this.policy = inFrame ? look.policy : `${look.policy}; frame-ancestors 'none'`;
	}
}
