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
	readonly score: number;
	/** What is weak about it, where that can be said. */
	readonly because: string | undefined;
}

/** The time a judgement takes grows quickly with the length; what comes after this makes nothing weaker. */
const longestJudged = 64;

const judge = new ZxcvbnFactory({
	graphs: adjacencyGraphs,
	dictionary: { ...common, ...english },
	translations: {
		...translations,
		warnings: { ...translations.warnings, userInputs: 'Names are tried first, and what stands around them next.' },
	},
});

addEventListener('message', ({ data: { nth, password, known } }: MessageEvent<Question>) => {
	const { score, feedback } = judge.check(password.slice(0, longestJudged), [...known, 'latchkey']);
	const because = feedback.warning ?? feedback.suggestions[0];
	postMessage({ nth, score, because: score > 2 ? undefined : because } satisfies Judgement);
});
