import type { Context } from 'koa';

/*
 * Caches and what is protected. A shared cache in front of us would give an answer to people who may not see it; a
 * browser's own would give it to whoever sits there after a logout. Source: RFC 9111, 5.2.2; OWASP ASVS 5.0 14.3.2.
 */

/** At a logout: whoever sits there next reads nothing of it in the browser's cache. */
export function emptyBrowserCache(ctx: Context): void {
	ctx.set('Clear-Site-Data', '"cache"');
}

/** What shared caches alone go by, and `private`, which is said anew for the whole of the answer. */
const dropped = new Set(['public', 's-maxage', 'proxy-revalidate', 'private']);

/**
 * `Cache-Control` for what one identity may see, from what the application said: its word counts for the browser's own
 * cache. Where it said nothing, the browser has to ask each time. `expires`: there is a header of that name.
 */
export function privateCaching(given: string | undefined, expires: boolean): string {
	const directives = (given ?? '').match(/(?:[^,"]|"(?:\\.|[^"\\])*")+/g) ?? [];
	const kept = directives.map((text) => text.trim()).filter((text) => text !== '' && !dropped.has(nameOf(text)));
	if (kept.length === 0 && !expires) kept.push('no-cache');
	return ['private', ...kept].join(', ');
}

function nameOf(directive: string): string {
	return (directive.split('=', 1)[0] ?? '').trim().toLowerCase();
}
