import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { type Say, useWords } from '../words/words.ts';

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
	error,
}: {
	label: string;
	value: string;
	onValue(value: string): void;
	error?: Say | undefined;
}) {
	const id = useId();
	const words = useWords();
	const area = useRef<HTMLTextAreaElement>(null);
	useLayoutEffect(() => {
		if (error !== undefined) area.current?.focus();
	}, [error]);
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<textarea
				id={id}
				ref={area}
				rows={4}
				spellcheck={false}
				autocapitalize="none"
				aria-invalid={error !== undefined || undefined}
				aria-describedby={error === undefined ? `${id}-hint` : `${id}-error ${id}-hint`}
				value={value}
				onInput={({ currentTarget }) => onValue(currentTarget.value)}
			/>
			{error !== undefined && (
				<p class="amiss" id={`${id}-error`} role="alert">
					{error(words)}
				</p>
			)}
			<p class="hint" id={`${id}-hint`}>
				{words.tokens.permissionsHint(<code>rest.assets</code>, <code>kura.admin</code>)}
			</p>
		</div>
	);
}
