import { type ComponentChildren, createContext } from 'preact';
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { keepChoice, type LanguageCode, languages, storedAs, wantedLanguage } from './languages.ts';
import { type Words, WordsContext } from './words.ts';

interface Spoken {
	readonly code: LanguageCode;
	readonly words: Words;
}

/** Loads a language; where it cannot be had, English, which is here already. */
export async function loadLanguage(code: LanguageCode): Promise<Spoken> {
	try {
		return { code, words: await languages[code].load() };
	} catch {
		return { code: 'en', words: await languages.en.load() };
	}
}

interface Speech {
	readonly code: LanguageCode;
	/** Speaks another language from now on, here and in other tabs. What was typed stays. */
	choose(code: LanguageCode): Promise<void>;
}

const SpeechContext = createContext<Speech | undefined>(undefined);

export function useSpeech(): Speech {
	const speech = useContext(SpeechContext);
	if (speech === undefined) throw new Error('no language around');
	return speech;
}

/** Says so in the page itself: readers of screens, hyphenation and fonts go by it. */
export function declareLanguage(code: LanguageCode): void {
	document.documentElement.lang = code;
	document.documentElement.dir = languages[code].dir;
}

/** Everything below speaks one language. */
export function Speaking({ first, children }: { first: Spoken; children: ComponentChildren }) {
	const [spoken, setSpoken] = useState(first);
	/** Of two that are asked for, the later one counts, whichever is there first. */
	const turns = useRef(0);

	const turnTo = useCallback(async (code: LanguageCode) => {
		turns.current += 1;
		const turn = turns.current;
		const next = await loadLanguage(code);
		if (turn !== turns.current) return;
		declareLanguage(next.code);
		setSpoken(next);
	}, []);
	const choose = useCallback(
		(code: LanguageCode) => {
			keepChoice(code);
			return turnTo(code);
		},
		[turnTo],
	);

	useEffect(() => {
		const follow = ({ key }: StorageEvent) => {
			if (key === storedAs) void turnTo(wantedLanguage());
		};
		window.addEventListener('storage', follow);
		return () => window.removeEventListener('storage', follow);
	}, [turnTo]);

	const speech = useMemo(() => ({ code: spoken.code, choose }), [spoken.code, choose]);
	return (
		<SpeechContext.Provider value={speech}>
			<WordsContext.Provider value={spoken.words}>{children}</WordsContext.Provider>
		</SpeechContext.Provider>
	);
}
