import { Act } from './button.tsx';
import { Copy } from './copy.tsx';

/** The one time that they are shown. */
export function RecoveryCodes({ codes, onSeen }: { codes: readonly string[]; onSeen(): void }) {
	const text = `${codes.join('\n')}\n`;

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
				<Copy what="the recovery codes" text={text} />
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
