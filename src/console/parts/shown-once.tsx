import type { ComponentChildren } from 'preact';
import { useDesk } from '../desk.ts';
import { Act } from './button.tsx';
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
	const { say } = useDesk();

	async function copy() {
		try {
			await navigator.clipboard.writeText(secret);
			say('Copied.');
		} catch {
			say('It could not be copied: select it, and copy it by hand.');
		}
	}

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
				aside={
					<Act more={what} onAct={() => void copy()}>
						Copy
					</Act>
				}
			/>
			{children}
			<Act onAct={onSeen}>Done</Act>
		</div>
	);
}
