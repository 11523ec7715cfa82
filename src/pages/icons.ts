import type Router from '@koa/router';
import type { Context } from 'koa';

/** By how a file's name ends. */
export const iconTypes: Readonly<Record<string, string>> = {
	'.svg': 'image/svg+xml',
	'.png': 'image/png',
	'.webp': 'image/webp',
	'.jpg': 'image/jpeg',
	'.ico': 'image/x-icon',
};

/** Below the console. */
export function iconPathOf(consolePath: string): string {
	return `${consolePath === '/' ? '' : consolePath}/console/icons`;
}

/** Pictures of applications, for the console. Who knows the content knows the name, and nobody else. */
export function mountIcons(
	router: Router,
	consolePath: string,
	find: (name: string) => { readonly bytes: Buffer; readonly type: string } | undefined,
): void {
	router.get(`${iconPathOf(consolePath)}/:name`, (given) => {
		const ctx = given as unknown as Context & { params: { name: string } };
		const icon = find(ctx.params.name);
		if (icon === undefined) return;
		// An SVG that somebody opens by itself is a document: it runs nothing, and has no origin.
		ctx.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox");
		ctx.set('Cache-Control', 'private, max-age=31536000, immutable');
		ctx.type = icon.type;
		ctx.body = icon.bytes;
	});
}
