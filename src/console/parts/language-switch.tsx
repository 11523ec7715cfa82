import { useId, useState } from 'preact/hooks';
import { type LanguageCode, languageCodes, languages } from '../words/languages.ts';
import { useSpeech } from '../words/speaking.tsx';
import { useWords } from '../words/words.ts';

/** Below every page. Each language is called by its own name: who looks for theirs may read no other. */
export function LanguageSwitch() {
	const id = useId();
	const { common } = useWords();
	const { code, choose } = useSpeech();
	const [hasChosen, setHasChosen] = useState(false);

	return (
		<footer class="foot">
			<label for={id}>{common.language}</label>
			<select
				id={id}
				value={code}
				onChange={({ currentTarget: { value } }) => void choose(value as LanguageCode).then(() => setHasChosen(true))}
			>
				{languageCodes.map((each) => (
					<option key={each} value={each} lang={each}>
						{languages[each].name}
					</option>
				))}
			</select>
			<span class="unseen" role="status">
				{hasChosen && common.spoken}
			</span>
		</footer>
	);
}
