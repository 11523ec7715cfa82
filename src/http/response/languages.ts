import type { Context } from 'koa';

/** Languages that our own pages are written in. */
const languages = ['en', 'de', 'it', 'fr', 'es', 'ja'] as const;

export type Language = (typeof languages)[number];

/** The one of them that the browser likes best, and English where it likes none. The answer depends on it from here on. */
export function languageOf(ctx: Context): Language {
	ctx.vary('Accept-Language');
	return languages.find((each) => each === ctx.acceptsLanguages(...languages)) ?? 'en';
}
