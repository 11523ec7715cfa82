import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as english, translations } from '@zxcvbn-ts/language-en';

/*
 * Judges how hard a password is to guess, beside the page: its dictionaries are large, and a judgement may take a
 * tenth of a second. Nothing leaves the browser.
 */

export interface Question {
	readonly nth: number;
	readonly password: string;
	/** What a guesser would try first: the name. */
	readonly known: readonly string[];
}

export interface Judgement {
	readonly nth: number;
	/** 0 (guessed at once) to 4. */
	readonly score: 0 | 1 | 2 | 3 | 4;
	/** What is weak about it, where that can be said. */
	readonly because: Because | undefined;
}

/** By the names that zxcvbn has for it; the words are the page's. */
export interface Because {
	readonly kind: 'because' | 'advice';
	readonly key: string;
}

/** The time a judgement takes grows quickly with the length; what comes after this makes nothing weaker. */
const longestJudged = 64;

const judge = new ZxcvbnFactory({
	graphs: adjacencyGraphs,
	dictionary: { ...common, ...english },
	translations: {
		...translations,
		warnings: named('because', translations.warnings),
		suggestions: named('advice', translations.suggestions),
	},
});

/** Each by its name, in place of a sentence. */
function named<Key extends string>(kind: Because['kind'], sentences: Readonly<Record<Key, string>>) {
	return Object.fromEntries(Object.keys(sentences).map((key) => [key, `${kind} ${key}`])) as Record<Key, string>;
}

function because(said: string | null | undefined): Because | undefined {
	const [kind, key] = said?.split(' ') ?? [];
	return key === undefined ? undefined : { kind: kind as Because['kind'], key };
}

addEventListener('message', ({ data: { nth, password, known } }: MessageEvent<Question>) => {
	const { score, feedback } = judge.check(password.slice(0, longestJudged), [...known, 'latchkey']);
	const said = feedback.warning ?? feedback.suggestions[0];
	postMessage({ nth, score, because: score > 2 ? undefined : because(said) } satisfies Judgement);
});
