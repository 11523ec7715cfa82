import { useDesk } from '../desk.ts';
import { Act } from './button.tsx';

/** Puts a text on the clipboard. `what`: its name in a sentence, `the token`. */
export function Copy({ what, text }: { what: string; text: string }) {
	const { say } = useDesk();

	async function copy() {
		try {
			await navigator.clipboard.writeText(text);
			say('Copied.');
		} catch {
			say(`The browser did not copy ${what}: select the text, and copy it by hand.`);
		}
	}

	return (
		<Act more={what} onAct={() => void copy()}>
			Copy
		</Act>
	);
}
