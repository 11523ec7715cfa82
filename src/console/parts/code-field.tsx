import { Field } from './field.tsx';

const ofCode = (text: string) => ({ field: 'code', text });

/** What a refused code of an app means to a person. */
export const totpWords = {
	'wrong-code': ofCode('The code is wrong, or was used. Wait for the next one; the clock of your phone must be right.'),
	malformed: ofCode('The code is six digits.'),
};

export const recoveryCodeWords = {
	'wrong-code': ofCode('The recovery code is wrong, or was used.'),
	malformed: ofCode('A recovery code is 16 letters and digits.'),
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
	error?: string | undefined;
}) {
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
			hint="Six digits. A new code comes every 30 seconds."
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
	error?: string | undefined;
}) {
	return (
		<Field
			label="Recovery code"
			value={value}
			onValue={onValue}
			required
			first
			error={error}
			autocomplete="off"
			maxLength={40}
			hint="One of those that you have printed or saved. Each is good once."
		/>
	);
}
