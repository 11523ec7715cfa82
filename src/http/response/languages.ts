/** Languages that our own pages are written in. */
const languages = ['en', 'de', 'it', 'fr', 'es', 'ja'] as const;

export type Language = (typeof languages)[number];

/** More than any browser sends. */
const mostWishes = 32;

/** The one of them that is liked best, and English where none is. `accepted`: `Accept-Language`. Source: RFC 9110, 12.5.4. */
export function languageFor(accepted = ''): Language {
	const wishes = accepted.split(',', mostWishes).map((wish) => {
		const [tag = '', quality = 'q=1'] = wish.split(';').map((part) => part.trim().toLowerCase());
		return { language: tag.split('-')[0], weight: Number(quality.replace(/^q=/, '')) };
	});
	const best = wishes.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight);
	for (const { language } of best) {
		const ours = languages.find((each) => each === language);
		if (ours !== undefined) return ours;
	}
	return 'en';
}
