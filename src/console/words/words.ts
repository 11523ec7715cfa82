import { type ComponentChildren, createContext, h } from 'preact';
import { useContext } from 'preact/hooks';
import { en } from './en.ts';

/** What there is to say in a language. */
export type Words = typeof en;

/** Something that is said in whichever language is spoken when it is shown. */
export type Say = (words: Words) => ComponentChildren;

export const WordsContext = createContext<Words>(en);

/** The words of the language that is spoken now. */
export const useWords = () => useContext(WordsContext);

/** The word for a key that comes from the service, which may know more of them than this page does. */
export function wordFor<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
	return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** What the service says in its own words. */
export const inEnglish = (text: string): Say => {
	const said = h('span', { lang: 'en' }, text);
	return () => said;
};
