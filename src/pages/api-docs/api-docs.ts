import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type Router from '@koa/router';
import type { Context } from 'koa';
import type { OpenApi } from './document.ts';

/** Beside `src` in a checkout, beside `dist` in the package. */
const documentFile = new URL('../../../openapi.yaml', import.meta.url);

interface Resource {
	readonly text: string;
	readonly etag: string;
}

/**
 * `openapi.yaml`: the contract; `docs`: the same as a page; both below `path`. Read and made when first asked for, and then kept: neither
 * the document's parser nor the page's parts are loaded at start.
 */
export function mountDocs(router: Router, path = '/'): void {
	const base = path === '/' ? '' : path;
	const document = once(async () => resourceOf(await readFile(documentFile, 'utf8')));
	const page = once(async () => {
		const [{ text }, { parse }, { pageOf }, { style }] = await Promise.all([
			document(),
			import('yaml'),
			import('./page.ts'),
			import('./style.ts'),
		]);
		const styleHash = createHash('sha256').update(style).digest('base64');
		return { ...resourceOf(pageOf(parse(text) as OpenApi)), policy: policyFor(styleHash) };
	});

	router.get(`${base}/openapi.yaml`, async (ctx) => {
		answer(ctx as unknown as Context, 'application/yaml; charset=utf-8', await document());
	});
	router.get(`${base}/docs`, async (ctx) => {
		const made = await page();
		ctx.set('Content-Security-Policy', made.policy);
		answer(ctx as unknown as Context, 'text/html; charset=utf-8', made);
	});
}

/** The page's one style sheet and its `data:` icon, and nothing else from anywhere. */
function policyFor(styleHash: string): string {
	const own = `style-src 'sha256-${styleHash}'; img-src data:`;
	return `default-src 'none'; ${own}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;
}

function answer(ctx: Context, type: string, { text, etag }: Resource) {
	ctx.set('Cache-Control', 'no-cache');
	ctx.set('ETag', etag);
	ctx.status = 200;
	if (ctx.fresh) {
		ctx.status = 304;
		return;
	}
	ctx.type = type;
	ctx.body = text;
}

function resourceOf(text: string): Resource {
	return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` };
}

/** What was made once stays; what failed is tried again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
	let made: Promise<T> | undefined;
	return () => {
		made ??= make().catch((fault) => {
			made = undefined;
			throw fault;
		});
		return made;
	};
}
