import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from './field.tsx';

/** A password, which can be looked at while it is typed. */
export function PasswordField({
	label,
	value,
	onValue,
	autocomplete,
	first = false,
	hint,
	describedBy,
}: {
	label: string;
	value: string;
	onValue(value: string): void;
	autocomplete: 'current-password' | 'new-password';
	first?: boolean;
	hint?: ComponentChildren;
	describedBy?: string;
}) {
	const [shown, setShown] = useState(false);
	return (
		<Field
			label={label}
			type={shown ? 'text' : 'password'}
			autocomplete={autocomplete}
			required
			first={first}
			value={value}
			onValue={onValue}
			{...(hint !== undefined && { hint })}
			{...(describedBy !== undefined && { describedBy })}
			aside={
				<button type="button" class="reveal" onClick={() => setShown(!shown)}>
					{shown ? 'Hide' : 'Show'}
					<span class="unseen"> {label.toLowerCase()}</span>
				</button>
			}
		/>
	);
}
