import { useEffect, useId, useState } from 'preact/hooks';
import { type PasswordPolicy, passwordPolicy } from '../session-v1.ts';
import type { Say } from '../words/words.ts';
import { type Demand, Demands, demandsOf } from './demands.tsx';
import { PasswordField } from './password-field.tsx';
import { Strength } from './strength.tsx';

let known: Promise<PasswordPolicy> | undefined;

/** Asked for once; `undefined` until it is there, or where it cannot be had: the service judges in any case. */
function usePolicy(): PasswordPolicy | undefined {
	const [policy, setPolicy] = useState<PasswordPolicy>();
	useEffect(() => {
		known ??= passwordPolicy();
		known.then(setPolicy, () => {
			known = undefined;
		});
	}, []);
	return policy;
}

/** What is asked of a password for `name`, and how well `password` meets it. */
export function useDemands(password: string, name: string): readonly Demand[] {
	const policy = usePolicy();
	return policy === undefined ? [] : demandsOf(policy, password, name);
}

/** A field for a password yet to be, with what is asked of it and how strong it is. */
export function NewPassword({
	label,
	value,
	onValue,
	name,
	demands,
	first = false,
	error,
	shownFor,
}: {
	label: string;
	value: string;
	onValue(value: string): void;
	/** Whose it is going to be. */
	name: string;
	demands: readonly Demand[];
	first?: boolean;
	error?: Say | undefined;
	shownFor?: string | undefined;
}) {
	const id = useId();
	return (
		<div class="new-password">
			<PasswordField
				label={label}
				value={value}
				onValue={onValue}
				autocomplete="new-password"
				first={first}
				error={error}
				shownFor={shownFor}
				describedBy={id}
			/>
			<Strength password={value} name={name} />
			<Demands id={id} demands={demands} />
		</div>
	);
}
