import type { ComponentChildren } from 'preact';
import { useWords } from '../words/words.ts';
import { Act } from './button.tsx';
import { Copy, type Secret } from './copy.tsx';
import { Field } from './field.tsx';

/** The one time that a secret is shown. */
export function ShownOnce({
	what,
	secret,
	hint,
	children,
	onSeen,
}: {
	what: Secret;
	secret: string;
	hint: ComponentChildren;
	children?: ComponentChildren;
	onSeen(): void;
}) {
	const { common, secrets } = useWords();
	return (
		<div class="once">
			<Field
				label={secrets[what].label}
				value={secret}
				onValue={() => undefined}
				readOnly
				first
				autocomplete="off"
				hint={hint}
				aside={<Copy what={what} text={secret} />}
			/>
			{children}
			<Act onAct={onSeen}>{common.done}</Act>
		</div>
	);
}
