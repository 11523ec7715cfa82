import { type Say, useWords } from '../words/words.ts';
import { Act } from './button.tsx';
import { Copy } from './copy.tsx';
import type { Demand } from './demands.tsx';
import { NewPassword } from './new-password.tsx';
import { suggestPassword } from './suggestion.ts';

/** What is set for somebody else, and whether it was suggested here: then nobody has seen it who has not read it here. */
export interface Given {
	readonly password: string;
	readonly suggested?: string;
}

export const nothingGiven: Given = { password: '' };

export const isSuggested = ({ password, suggested }: Given) => password !== '' && password === suggested;

/** A password that is set for somebody else, who has to be told. */
export function GivenPassword({
	label,
	value,
	onValue,
	name,
	demands,
	error,
	first = false,
}: {
	label: string;
	value: Given;
	onValue(value: Given): void;
	name: string;
	demands: readonly Demand[];
	error?: Say | undefined;
	first?: boolean;
}) {
	const { passwords } = useWords();
	const { password, suggested } = value;
	function suggest() {
		const fresh = suggestPassword();
		onValue({ password: fresh, suggested: fresh });
	}
	return (
		<div class="given">
			<NewPassword
				label={label}
				value={password}
				onValue={(typed) => onValue({ ...value, password: typed })}
				name={name}
				demands={demands}
				error={error}
				first={first}
				shownFor={suggested}
			/>
			<div class="actions">
				<Act tone="quiet" label={passwords.suggestLabel} onAct={suggest}>
					{passwords.suggest}
				</Act>
				{isSuggested(value) && <Copy what="password" text={password} />}
			</div>
		</div>
	);
}
