import { en } from './en.ts';
import type { Words } from './words.ts';

export interface Language {
	/** As those call it who speak it. */
	readonly name: string;
	readonly dir: 'ltr' | 'rtl';
	/** All but English are files of their own. */
	load(): Promise<Words>;
}

export const languages = {
	en: { name: 'English', dir: 'ltr', load: async () => en },
	de: { name: 'Deutsch', dir: 'ltr', load: async () => (await import('./de.ts')).de },
	it: { name: 'Italiano', dir: 'ltr', load: async () => (await import('./it.ts')).it },
	fr: { name: 'Français', dir: 'ltr', load: async () => (await import('./fr.ts')).fr },
	es: { name: 'Español', dir: 'ltr', load: async () => (await import('./es.ts')).es },
	ja: { name: '日本語', dir: 'ltr', load: async () => (await import('./ja.ts')).ja },
} as const satisfies Readonly<Record<string, Language>>;

export type LanguageCode = keyof typeof languages;

export const languageCodes = Object.keys(languages) as readonly LanguageCode[];

const isSpoken = (code: string | undefined): code is LanguageCode =>
	code !== undefined && Object.hasOwn(languages, code);

/** In `localStorage`, under this name. Absent: the browser says which. */
export const storedAs = 'latchkey-language';

/** A choice made here comes before what the browser is set to. */
export function wantedLanguage(): LanguageCode {
	const wanted = [chosenBefore(), ...navigator.languages.map((tag) => tag.split('-')[0]?.toLowerCase())];
	return wanted.find(isSpoken) ?? 'en';
}

function chosenBefore(): string | undefined {
	try {
		return localStorage.getItem(storedAs) ?? undefined;
	} catch {
		// A browser that keeps nothing for pages.
		return undefined;
	}
}

export function keepChoice(code: LanguageCode): void {
	try {
		localStorage.setItem(storedAs, code);
	} catch {
		// It holds as long as the page.
	}
}

/** With the region that the browser is set to, where it is of that language: dates differ from one to the next. */
export function localeOf(code: string): string {
	return navigator.languages.find((tag) => tag.split('-')[0]?.toLowerCase() === code) ?? code;
}
