import { useWords } from '../words/words.ts';
import { Act } from './button.tsx';
import { Copy } from './copy.tsx';

/** The one time that they are shown. */
export function RecoveryCodes({ codes, onSeen }: { codes: readonly string[]; onSeen(): void }) {
	const { security } = useWords();
	const text = `${codes.join('\n')}\n`;

	return (
		<div class="once">
			<p>{security.codesLead}</p>
			<ol class="codes">
				{codes.map((code) => (
					<li key={code}>
						<code>{code}</code>
					</li>
				))}
			</ol>
			<div class="actions">
				<Copy what="recoveryCodes" text={text} />
				<a
					class="button"
					download="latchkey-recovery-codes.txt"
					href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
				>
					{security.saveFile}
				</a>
				<Act tone="primary" onAct={onSeen}>
					{security.kept}
				</Act>
			</div>
		</div>
	);
}
