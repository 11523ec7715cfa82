import { createHash } from 'node:crypto';
import { type Html, html } from './html.ts';

/*
 * How our pages for people look: the console's colours and measures, and whose product it is. The one style stands in the
 * page, and the policy names its hash.
 */

/** A theme's colours of buttons and links. */
interface Accent {
	readonly accent: string;
	readonly strong: string;
	readonly on: string;
}

interface LookParts {
	/** Of the product. Absent: Latchkey. */
	readonly title?: string | undefined;
	/** Absent: our own. */
	readonly logo?: { readonly bytes: Buffer; readonly type: string } | undefined;
	/** Absent: our own. */
	readonly accents?: { readonly light: Accent; readonly dark: Accent } | undefined;
}

export interface Look {
	/** Of the window. */
	windowTitle(page: string): string;
	/** Above the page. */
	readonly brand: Html;
	readonly style: Html;
	/** `Content-Security-Policy`, but for who may frame the page. */
	readonly policy: string;
}

const ours = {
	light: { accent: '#0b5f54', strong: '#084a42', on: '#fff' },
	dark: { accent: '#63cdb7', strong: '#85dcca', on: '#06231e' },
};

const ownMark = html`<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#0b5f54"/><path fill="#f3d9a4" d="M16 6.5a5.5 5.5 0 0 0-2 10.62V24a1.5 1.5 0 0 0 1.5 1.5h1A1.5 1.5 0 0 0 18 24v-.5h2.25a.75.75 0 0 0 .75-.75v-1.5a.75.75 0 0 0-.75-.75H18v-3.38A5.5 5.5 0 0 0 16 6.5Zm0 3.25a2.25 2.25 0 1 1 0 4.5 2.25 2.25 0 0 1 0-4.5Z"/></svg>`;

export function createLook({ title, logo, accents = ours }: LookParts): Look {
	// In the page itself: the host that was asked may be that of an application, where nothing else of ours is served.
	const mark = logo ? html`<img src="data:${logo.type};base64,${logo.bytes.toString('base64')}" alt="">` : ownMark;
	const style = styleOf(accents.light, accents.dark);
	const hash = createHash('sha256')
		.update(style.markup.replace(/<\/?style>/g, ''))
		.digest('base64');
	return {
		windowTitle: (page) => (title === undefined ? page : `${page} – ${title}`),
		brand: html`<p class="brand">${mark}${title ?? 'Latchkey'}</p>
`,
		style,
		policy: `default-src 'none'; style-src 'sha256-${hash}'; ${logo ? 'img-src data:; ' : ''}form-action 'none'; base-uri 'none'`,
	};
}

const colours = ({ accent, strong, on }: Accent) => html`--accent:${accent};--strong:${strong};--on:${on}`;

const styleOf = (light: Accent, dark: Accent) => html`<style>
:root{color-scheme:light dark;--ground:#f5f4f0;--paper:#fff;--line:#dedad1;--ink:#1d2321;--soft:#565c58;${colours(light)}}
@media (prefers-color-scheme:dark){:root{--ground:#12171a;--paper:#1a2124;--line:#313b3f;--ink:#e9edec;--soft:#a9b3b2;${colours(dark)}}}
*{box-sizing:border-box}
html{background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0}
main{min-height:100dvh;display:grid;align-content:center;justify-items:center;gap:1.5rem;padding:1.5rem 1rem 4rem}
.brand{display:flex;align-items:center;gap:.625rem;margin:0;font-weight:650;font-size:1.125rem}
.brand>*{flex:none;height:1.75rem;max-width:10rem;object-fit:contain}
svg{width:1.75rem}
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

/** Where nothing is said of it. */
export const ownLook = createLook({});
