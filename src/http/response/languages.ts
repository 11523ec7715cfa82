import type { Context } from 'koa';

/** Languages that our own pages are written in. */
const languages = ['en', 'de', 'it', 'fr', 'es', 'ja'] as const;

export type Language = (typeof languages)[number];

/** The one of them that is liked best, by `Accept-Language`; English where none is. */
export function languageFor(ctx: Context): Language {
	return (ctx.acceptsLanguages(...languages) || 'en') as Language;
}
