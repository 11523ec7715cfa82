import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { reply } from '../http/response/reply.ts';
import { type BuiltFile, readIfThere, send } from './built-file.ts';

/** Beside `src` in a checkout, beside `dist` in the package; what `src/api-docs` made of it is in `dist` either way. */
const root = new URL('../../', import.meta.url);

export const apiDocsNotBuilt = 'The page of the API is not built. In a checkout: npm run build:docs';

export function areApiDocsBuilt(): boolean {
	return existsSync(new URL('dist/docs/index.html', root));
}

/** The contract as it is written, as JSON, and as a page; all below `path`. Read when first asked for, and then kept. */
export function mountDocs(router: Router, path = '/'): void {
	const base = path === '/' ? '' : path;
	const pages = [
		{ path: '/openapi.yaml', from: 'openapi.yaml', type: 'application/yaml; charset=utf-8' },
		{ path: '/openapi.json', from: 'dist/docs/openapi.json', type: 'application/json; charset=utf-8' },
		{ path: '/docs', from: 'dist/docs/index.html', type: 'text/html; charset=utf-8' },
	];
	for (const { path, from, type } of pages) {
		let kept: (BuiltFile & { readonly etag: string; readonly policy: string }) | undefined;
		router.get(`${base}${path}`, async (given) => {
			const ctx = given as unknown as Context;
			const bytes = kept?.bytes ?? (await readIfThere(new URL(from, root)));
			if (bytes === undefined) return reply(ctx, { message: apiDocsNotBuilt }, 503);
			kept ??= { bytes, type, etag: `W/"${hashOf(bytes, 'base64url').slice(0, 22)}"`, policy: policyFor(`${bytes}`) };
			if (path === '/docs') ctx.set('Content-Security-Policy', kept.policy);
			ctx.set('Cache-Control', 'no-cache');
			ctx.set('ETag', kept.etag);
			ctx.status = 200;
			if (ctx.fresh) ctx.status = 304;
			else await send(ctx, kept);
		});
	}
}

/** The scripts and the style that stand in the page, its `data:` icon, and nothing else from anywhere. */
function policyFor(page: string): string {
	const own = (element: string) =>
		[...page.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map(
			([, text = '']) => `'sha256-${hashOf(text, 'base64')}'`,
		);
	const allowed = `script-src ${own('script').join(' ')}; style-src ${own('style').join(' ')}; img-src data:`;
	return `default-src 'none'; ${allowed}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;
}

function hashOf(content: string | Buffer, encoding: 'base64' | 'base64url'): string {
	return createHash('sha256').update(content).digest(encoding);
}
