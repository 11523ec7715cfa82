import { useDesk } from '../desk.ts';
import { Act } from './button.tsx';

/** The one time that they are shown. */
export function RecoveryCodes({ codes, onSeen }: { codes: readonly string[]; onSeen(): void }) {
	const { say } = useDesk();
	const text = `${codes.join('\n')}\n`;

	async function copy() {
		try {
			await navigator.clipboard.writeText(text);
			say('Copied.');
		} catch {
			say('They could not be copied: select them, and copy them by hand.');
		}
	}

	return (
		<div class="once">
			<p>
				Each lets you in once when everything else is lost. Print them, or keep them where your passwords are. They are
				not shown again.
			</p>
			<ol class="codes">
				{codes.map((code) => (
					<li key={code}>
						<code>{code}</code>
					</li>
				))}
			</ol>
			<div class="actions">
				<Act more="the recovery codes" onAct={() => void copy()}>
					Copy
				</Act>
				<a
					class="button"
					download="latchkey-recovery-codes.txt"
					href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
				>
					Save as a file
				</a>
				<Act tone="primary" onAct={onSeen}>
					I have kept them
				</Act>
			</div>
		</div>
	);
}
