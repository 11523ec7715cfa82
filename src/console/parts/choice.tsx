import { useId } from 'preact/hooks';

/** One of a few. `names`: what they are called, where not by themselves. */
export function Choice<const Value extends string>({
	label,
	value,
	of,
	names = {},
	onValue,
}: {
	label: string;
	value: Value;
	of: readonly Value[];
	names?: Partial<Record<Value, string>>;
	onValue(value: Value): void;
}) {
	const id = useId();
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<select id={id} value={value} onChange={({ currentTarget }) => onValue(currentTarget.value as Value)}>
				{of.map((each) => (
					<option key={each} value={each}>
						{names[each] ?? each}
					</option>
				))}
			</select>
		</div>
	);
}
