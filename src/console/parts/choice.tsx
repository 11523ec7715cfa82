import { useId } from 'preact/hooks';

/** One of a few. */
export function Choice({
	label,
	value,
	of,
	onValue,
}: {
	label: string;
	value: string;
	of: readonly string[];
	onValue(value: string): void;
}) {
	const id = useId();
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<select id={id} value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
				{of.map((each) => (
					<option key={each}>{each}</option>
				))}
			</select>
		</div>
	);
}
