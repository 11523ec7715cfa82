import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { isLoopbackHost } from '../http/request/address.ts';
import { clientOf } from '../http/request/context.ts';
import { reply } from '../http/response/reply.ts';
import { type Brand, branded } from './branding.ts';
import { type BuiltFile, readIfThere, send } from './built-file.ts';

/** What Vite made of `src/console`; the same place for the sources and for what is built from them. */
const builtConsole = new URL('../../dist/console/', import.meta.url);

export const consoleNotBuilt = 'The console is not built. In a checkout: npm run build:console';

export function isConsoleBuilt(): boolean {
	return existsSync(new URL('index.html', builtConsole));
}

/** Nothing but our own files and our own API; no word of script or style in the page itself. */
const policy = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data:",
	"connect-src 'self'",
	"form-action 'self'",
	"frame-ancestors 'none'",
	"base-uri 'none'",
].join('; ');

const types: Readonly<Record<string, string>> = {
	js: 'text/javascript; charset=utf-8',
	css: 'text/css; charset=utf-8',
	svg: 'image/svg+xml',
};

/** Nothing that leads out of the folder, and nothing that is too long for a file. */
const fileName = /^[\w-]{1,100}\.(js|css|svg)$/;

/**
 * At `path` the console; below it, `console/…`: what it is made of, under names that change with the content. Elsewhere
 * than at `/` it answers with and without a `/` at the end, as people type it. `brand`: how it looks; absent: as it is built.
 */
export function mountConsole(router: Router, path = '/', folder: URL = builtConsole, brand?: () => Brand): void {
	const base = path === '/' ? '' : path;
	const files = new Map<string, BuiltFile>();

	async function find(name: string): Promise<BuiltFile | undefined> {
		const known = files.get(name);
		if (known !== undefined) return known;
		const [, extension = ''] = fileName.exec(name) ?? [];
		const type = types[extension];
		const bytes = type && (await readIfThere(new URL(name, folder)));
		if (!type || !bytes) return undefined;
		const file = { bytes, type };
		files.set(name, file);
		return file;
	}

	// Read every time: it is small, and names the files of the build that is there now.
	router.get(base === '' ? '/' : [base, `${base}/`], async (given) => {
		const ctx = given as unknown as Context;
		const file = await readIfThere(new URL('index.html', folder));
		const built = file?.toString('utf8').replaceAll('="./', `="${base}/console/`);
		const page = built && Buffer.from(brand ? branded(built, brand(), path) : built);
		ctx.set('Content-Security-Policy', policy);
		const { secure, host } = clientOf(ctx);
		// Elsewhere browsers ignore it, and report each load as a mistake.
		if (secure || isLoopbackHost(host)) ctx.set('Cross-Origin-Opener-Policy', 'same-origin');
		if (!page) {
			return reply(ctx, { message: consoleNotBuilt, code: 'unavailable' }, 503);
		}
		ctx.set('Cache-Control', 'no-cache');
		ctx.set('ETag', `"${createHash('sha256').update(page).digest('base64url').slice(0, 22)}"`);
		ctx.status = 200;
		if (ctx.fresh) {
			ctx.status = 304;
			return;
		}
		ctx.type = 'text/html; charset=utf-8';
		ctx.body = page;
	});

	router.get(`${base}/console/:file`, async (given) => {
		const ctx = given as unknown as Context & { params: { file: string } };
		const file = await find(ctx.params.file);
		if (file === undefined) return;
		ctx.set('Content-Security-Policy', policy);
		ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
		await send(ctx, file);
	});
}
