import { createHash } from 'node:crypto';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { type Html, html } from '../http/response/html.ts';

/** How the console looks, and what it says to who cannot sign in. Absent parts: as it is built. */
export interface Brand {
	readonly title?: string | undefined;
	readonly help?: { readonly text?: string | undefined; readonly url?: string | undefined } | undefined;
	/** The names of the files among `files`. */
	readonly logo?: string | undefined;
	readonly style?: string | undefined;
	/** By names that change with the content. */
	readonly files: ReadonlyMap<string, BrandFile>;
}

interface BrandFile {
	readonly bytes: Buffer;
	readonly type: string;
}

interface Colours {
	readonly accent: string;
	readonly strong: string;
	readonly on: string;
	readonly soft: string;
}

interface BrandParts {
	readonly logo?: (BrandFile & { readonly name: string }) | undefined;
	readonly accents?: { readonly light: Colours; readonly dark: Colours } | undefined;
}

export function brandFiles({ logo, accents }: BrandParts): Pick<Brand, 'logo' | 'style' | 'files'> {
	const css = accents && Buffer.from(`${rule(accents.light)}@media (prefers-color-scheme:dark){${rule(accents.dark)}}`);
	const style = css && `${createHash('sha256').update(css).digest('hex').slice(0, 32)}.css`;
	const files = new Map<string, BrandFile>();
	if (logo) files.set(logo.name, logo);
	if (css && style) files.set(style, { bytes: css, type: 'text/css; charset=utf-8' });
	return { logo: logo?.name, style, files };
}

/** In place of those of `console/style/base.css`. */
function rule({ accent, strong, on, soft }: Colours): string {
	return `:root{--accent:${accent};--accent-strong:${strong};--on-accent:${on};--accent-soft:${soft}}`;
}

/** Where the files stand below the console. */
function brandPathOf(consolePath: string): string {
	return `${consolePath === '/' ? '' : consolePath}/console/brand`;
}

export function mountBranding(router: Router, consolePath: string, brand: () => Brand): void {
	router.get(`${brandPathOf(consolePath)}/:name`, (given) => {
		const ctx = given as unknown as Context & { params: { name: string } };
		const file = brand().files.get(ctx.params.name);
		if (file === undefined) return;
		// An SVG that somebody opens by itself is a document: it runs nothing, and has no origin.
		ctx.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox");
		ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
		ctx.type = file.type;
		ctx.body = file.bytes;
	});
}

/** The page of the console in that brand: what its script has to know stands in a `meta` element. */
export function branded(page: string, { title, help, logo, style }: Brand, consolePath: string): string {
	const at = brandPathOf(consolePath);
	const told = { title, help, logo: logo && `${at}/${logo}` };
	const isTold = Object.values(told).some((each) => each !== undefined);
	const head = html`${isTold && html`<meta name="brand" content="${JSON.stringify(told)}">`}${
		style !== undefined && html`<link rel="stylesheet" href="${at}/${style}">`
	}`;
	return inHead(page, { title: title && html`<title>${title}</title>`, icon: logo && iconOf(`${at}/${logo}`), head });
}

const iconOf = (path: string) => html`<link rel="icon" href="${path}">`;

interface HeadParts {
	readonly title: Html | '' | undefined;
	readonly icon: Html | '' | undefined;
	readonly head: Html;
}

function inHead(page: string, { title, icon, head }: HeadParts): string {
	const put = (text: string, there: RegExp, markup: Html | '' | undefined) =>
		markup ? text.replace(there, () => markup.markup) : text;
	const titled = put(page, /<title>[^<]*<\/title>/, title);
	return put(titled, /<link rel="icon"[^>]*>/, icon).replace('</head>', () => `${head.markup}</head>`);
}
