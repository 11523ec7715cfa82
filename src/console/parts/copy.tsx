import { useDesk } from '../desk.ts';
import { useWords, type Words } from '../words/words.ts';
import { Act } from './button.tsx';

/** What can be copied. */
export type Secret = keyof Words['secrets'];

/** Puts a text on the clipboard. */
export function Copy({ what, text }: { what: Secret; text: string }) {
	const { say } = useDesk();
	const { common, secrets } = useWords();

	async function copy() {
		try {
			await navigator.clipboard.writeText(text);
			say((words) => words.common.copied);
		} catch {
			say((words) => words.secrets[what].notCopied);
		}
	}

	return (
		<Act label={secrets[what].copy} onAct={() => void copy()}>
			{common.copy}
		</Act>
	);
}
