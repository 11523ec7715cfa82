import { useId } from 'preact/hooks';

const shape = /^[A-Za-z0-9_*-]+(\.[A-Za-z0-9_*-]+)*$/;

/** One permission per line, or with commas or spaces between. */
export function parsePermissions(text: string): readonly string[] {
	return [...new Set(text.split(/[\s,]+/).filter((word) => word !== ''))];
}

/** The first word that can be no permission. */
export function misshapen(permissions: readonly string[]): string | undefined {
	return permissions.find((permission) => !shape.test(permission));
}

export function PermissionsField({
	label,
	value,
	onValue,
}: {
	label: string;
	value: string;
	onValue(value: string): void;
}) {
	const id = useId();
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<textarea
				id={id}
				rows={4}
				spellcheck={false}
				autocapitalize="none"
				aria-describedby={`${id}-hint`}
				value={value}
				onInput={({ currentTarget }) => onValue(currentTarget.value)}
			/>
			<p class="hint" id={`${id}-hint`}>
				One per line, as <code>rest.assets</code>. <code>kura.admin</code> is every right there is.
			</p>
		</div>
	);
}
