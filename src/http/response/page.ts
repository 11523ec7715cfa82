import { createHash } from 'node:crypto';
import { type Html, html } from './html.ts';

/*
 * The one template of small pages for people: what went wrong, and a way on. No script, no picture, nothing of elsewhere;
 * the one style stands in the page, and the policy names its hash.
 */

export interface PageParts {
	readonly title: string;
	/** A paragraph each. */
	readonly lines: readonly Html[];
	/** `url`: absolute, or empty for the very address of the page. `newTab`: out of a frame. */
	readonly link?: { readonly url: string; readonly words: string; readonly newTab?: boolean } | undefined;
	/** What to look for in the log. */
	readonly reference?: string | undefined;
	/** It is shown in a frame, of whichever page that is. There is nothing on it but a link. */
	readonly inFrame?: boolean;
}

/** A whole page, and what it may do. `reply` takes it as a body. */
export class Page {
	readonly html: string;
	/** `Content-Security-Policy`. */
	readonly policy: string;

	constructor({ title, lines, link, reference, inFrame = false }: PageParts) {
		const target = link?.newTab && html` target="_blank" rel="noopener"`;
		const way = link && html`<p><a class="button" href="${link.url}"${target}>${link.words}</a></p>`;
		const small = reference !== undefined && html`<p class="small">Reference ${reference}</p>`;
		this.html = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
${styleElement}
</head>
<body>
<main>
${!inFrame && brand}<div class="card">
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
		this.policy = inFrame ? policy : `${policy}; frame-ancestors 'none'`;
	}
}

const brand = html`<p class="brand"><svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#0b5f54"/><path fill="#f3d9a4" d="M16 6.5a5.5 5.5 0 0 0-2 10.62V24a1.5 1.5 0 0 0 1.5 1.5h1A1.5 1.5 0 0 0 18 24v-.5h2.25a.75.75 0 0 0 .75-.75v-1.5a.75.75 0 0 0-.75-.75H18v-3.38A5.5 5.5 0 0 0 16 6.5Zm0 3.25a2.25 2.25 0 1 1 0 4.5 2.25 2.25 0 0 1 0-4.5Z"/></svg>Latchkey</p>
`;

/** The console's colours and measures. */
const styleElement = html`<style>
:root{color-scheme:light dark;--ground:#f5f4f0;--paper:#fff;--line:#dedad1;--ink:#1d2321;--soft:#565c58;--accent:#0b5f54;--strong:#084a42;--on:#fff}
@media (prefers-color-scheme:dark){:root{--ground:#12171a;--paper:#1a2124;--line:#313b3f;--ink:#e9edec;--soft:#a9b3b2;--accent:#63cdb7;--strong:#85dcca;--on:#06231e}}
*{box-sizing:border-box}
html{background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0}
main{min-height:100dvh;display:grid;align-content:center;justify-items:center;gap:1.5rem;padding:1.5rem 1rem 4rem}
.brand{display:flex;align-items:center;gap:.625rem;margin:0;font-weight:650;font-size:1.125rem}
svg{width:1.75rem;height:1.75rem}
.card{width:100%;max-width:26rem;padding:1.75rem;background:var(--paper);border:1px solid var(--line);border-radius:.875rem}
h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}
p{margin:0 0 .75rem;overflow-wrap:anywhere}
.card>:last-child{margin-bottom:0}
code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
.button{display:inline-block;margin-top:.25rem;padding:.5rem 1rem;border:1px solid var(--accent);border-radius:.625rem;background:var(--accent);color:var(--on);font-weight:550;text-decoration:none}
.button:hover{background:var(--strong);border-color:var(--strong)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.small{margin-top:1.25rem;color:var(--soft);font-size:.875rem}
@media (width<40rem){.card{padding:1.25rem}}
@media (height<20rem){main{padding:1rem;align-content:start;gap:.75rem}}
</style>`;

const styleHash = createHash('sha256')
	.update(styleElement.markup.replace(/<\/?style>/g, ''))
	.digest('base64');

const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'none'; base-uri 'none'`;
