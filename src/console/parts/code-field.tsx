import type { Meanings } from '../problem.ts';
import { type Say, useWords } from '../words/words.ts';
import { Field } from './field.tsx';

const ofCode = (text: Say) => ({ field: 'code', text });

/** What a refused code of an app means to a person. */
export const totpMeanings: Meanings = {
	'wrong-code': ofCode(({ secondFactor }) => secondFactor.codeWrong),
	malformed: ofCode(({ secondFactor }) => secondFactor.codeMalformed),
};

export const recoveryCodeMeanings: Meanings = {
	'wrong-code': ofCode(({ secondFactor }) => secondFactor.recoveryWrong),
	malformed: ofCode(({ secondFactor }) => secondFactor.recoveryMalformed),
};

/** Six digits, as an app shows them; phones offer what they have just shown. */
export function CodeField({
	label,
	value,
	onValue,
	error,
}: {
	label: string;
	value: string;
	onValue(value: string): void;
	error?: Say | undefined;
}) {
	const { secondFactor } = useWords();
	return (
		<Field
			label={label}
			value={value}
			onValue={(text) => onValue(text.replace(/\s/g, ''))}
			required
			first
			error={error}
			autocomplete="one-time-code"
			inputmode="numeric"
			maxLength={8}
			hint={secondFactor.codeHint}
		/>
	);
}

export function RecoveryCodeField({
	value,
	onValue,
	error,
}: {
	value: string;
	onValue(value: string): void;
	error?: Say | undefined;
}) {
	const { secondFactor } = useWords();
	return (
		<Field
			label={secondFactor.recoveryCode}
			value={value}
			onValue={onValue}
			required
			first
			error={error}
			autocomplete="off"
			maxLength={40}
			hint={secondFactor.recoveryHint}
		/>
	);
}
