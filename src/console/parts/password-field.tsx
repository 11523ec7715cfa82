import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type Say, useWords } from '../words/words.ts';
import { Field } from './field.tsx';

/** A password, which can be looked at while it is typed. */
export function PasswordField({
	label,
	value,
	onValue,
	autocomplete,
	first = false,
	hint,
	error,
	shownFor,
	describedBy,
}: {
	label: string;
	value: string;
	onValue(value: string): void;
	autocomplete: 'current-password' | 'new-password';
	first?: boolean;
	hint?: ComponentChildren;
	error?: Say | undefined;
	/** A value that is shown until somebody hides it: it was not typed. */
	shownFor?: string | undefined;
	describedBy?: string;
}) {
	const { passwords } = useWords();
	const [toggled, setToggled] = useState<boolean>();
	const shown = toggled ?? (value !== '' && value === shownFor);
	return (
		<Field
			label={label}
			type={shown ? 'text' : 'password'}
			autocomplete={autocomplete}
			required
			first={first}
			value={value}
			onValue={onValue}
			error={error}
			{...(hint !== undefined && { hint })}
			{...(describedBy !== undefined && { describedBy })}
			aside={
				<button type="button" class="reveal" onClick={() => setToggled(!shown)}>
					<span aria-hidden="true">{shown ? passwords.hide : passwords.show}</span>
					<span class="unseen">{shown ? passwords.hideOf(label) : passwords.showOf(label)}</span>
				</button>
			}
		/>
	);
}
