import type { ComponentChildren } from 'preact';
import { Act } from './button.tsx';
import { Copy } from './copy.tsx';
import { Field } from './field.tsx';

/** The one time that a secret is shown. `what`: its name in a sentence, `the token`. */
export function ShownOnce({
	what,
	secret,
	hint,
	children,
	onSeen,
}: {
	what: string;
	secret: string;
	hint: ComponentChildren;
	children?: ComponentChildren;
	onSeen(): void;
}) {
	return (
		<div class="once">
			<Field
				label={what.replace(/^./, (first) => first.toUpperCase())}
				value={secret}
				onValue={() => undefined}
				readOnly
				first
				autocomplete="off"
				hint={hint}
				aside={<Copy what={what} text={secret} />}
			/>
			{children}
			<Act onAct={onSeen}>Done</Act>
		</div>
	);
}
