import { z } from 'zod';
import { reasonAgainstAccent } from './accent.ts';

/*
 * Where people sign in, and how it looks: in the console, and on the pages that say why something is not shown.
 */

/** In quotes: without them YAML takes it for a comment. What is none is not judged any further. */
const colour = z.string().regex(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i, { abort: true });

const helpText = z.string().regex(/^\P{Cc}{1,500}$/u, 'must be 1 to 500 characters in one line');

const helpUrl = z.string().max(2000).refine(isLink, 'must be https://…, http://…, mailto:… or tel:…');

export const portalSchema = z.strictObject({
	/** Absent: the console, on the host that was asked. */
	url: z
		.string()
		.refine(isPage, 'must be https://HOST, with a path perhaps and nothing behind it; http:// on this machine only')
		.optional(),
	/** What the pages call the product, and apps and passkeys the service (`secondFactor.issuer`). Absent: Latchkey. */
	title: z
		.string()
		.regex(/^(?!\s)[^\p{C}\p{Zl}\p{Zp}]{1,60}(?<!\s)$/u, 'must be 1 to 60 printable characters')
		.optional(),
	/** A file, SVG or PNG by its content. What it may be: `app/logo.ts`. */
	logo: z.string().min(1).optional(),
	/** Of buttons, links and what is marked. One colour: of the light theme, and a lighter one of it in the dark. */
	accent: z
		.union([colour, z.strictObject({ light: colour, dark: colour })], {
			error: "must be a colour in quotes, as '#0b5f54', or one for each of light and dark",
		})
		.superRefine((accent, found) => {
			const { light, dark } = typeof accent === 'string' ? { light: accent, dark: undefined } : accent;
			const say = (path: string[], message: string | undefined) => {
				if (message !== undefined) found.addIssue({ code: 'custom', path, message });
			};
			say(dark === undefined ? [] : ['light'], reasonAgainstAccent(light, 'light'));
			if (dark !== undefined) say(['dark'], reasonAgainstAccent(dark, 'dark'));
		})
		.optional(),
	/** On the sign-in page, for who cannot. */
	help: z
		.union(
			[
				helpText,
				z
					.strictObject({ text: helpText.optional(), url: helpUrl.optional() })
					.refine(({ text, url }) => text !== undefined || url !== undefined, 'needs a text or a url'),
			],
			{ error: 'must be a text, or a text and a url' },
		)
		.optional(),
});

function isPage(text: string): boolean {
	const url = URL.parse(text);
	if (url === null || !/^https?:\/\/[^/@\\\s]+(\/[^\\\s]*)?$/i.test(text) || url.search + url.hash !== '') return false;
	return url.protocol === 'https:' || /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(url.hostname);
}

/** Nothing that a browser would run. */
function isLink(text: string): boolean {
	return /^(https?:\/\/|mailto:|tel:)[^\s\p{C}]+$/iu.test(text) && URL.canParse(text);
}
