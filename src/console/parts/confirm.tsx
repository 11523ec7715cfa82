import type { ComponentChildren } from 'preact';
import type { Request } from '../desk.ts';
import { useWords } from '../words/words.ts';
import { Act } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { ProblemText } from './problem-text.tsx';

/** Asks before something that cannot be undone. The harmless answer has the focus. */
export function Confirm({
	title,
	yes,
	request,
	onYes,
	onNo,
	children,
}: {
	title: string;
	yes: string;
	request: Request;
	onYes(): void;
	onNo(): void;
	children: ComponentChildren;
}) {
	const { common } = useWords();
	return (
		<Dialog title={title} onEscape={onNo}>
			<p>{children}</p>
			<ProblemText request={request} />
			<div class="actions">
				<Act onAct={onNo}>{common.cancel}</Act>
				<Act tone="danger" request={request} onAct={onYes}>
					{yes}
				</Act>
			</div>
		</Dialog>
	);
}
