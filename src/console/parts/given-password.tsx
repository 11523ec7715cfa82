import { Act } from './button.tsx';
import type { Demand } from './demands.tsx';
import { NewPassword } from './new-password.tsx';
import { suggestPassword } from './suggestion.ts';

/** A password that is set for somebody else, who has to be told. */
export function GivenPassword({
	label,
	value,
	onValue,
	name,
	demands,
}: {
	label: string;
	value: string;
	onValue(value: string): void;
	name: string;
	demands: readonly Demand[];
}) {
	return (
		<div class="given">
			<NewPassword label={label} value={value} onValue={onValue} name={name} demands={demands} />
			<Act tone="quiet" more="a password" onAct={() => onValue(suggestPassword())}>
				Suggest one
			</Act>
		</div>
	);
}
