import { type Leave, useRequest } from '../desk.ts';
import type { Notice } from '../machine.ts';
import { logOut } from '../session-v1.ts';
import { Act } from './button.tsx';
import { ProblemText } from './problem-text.tsx';

/** Ends the session, below all that can be done with it. `notice`: what the sign-in screen says then. */
export function WayOut({ label, notice, onLeft }: { label: string; notice?: Notice; onLeft: Leave }) {
	const request = useRequest();
	const leave = () =>
		request.run(async () => {
			await logOut();
			onLeft(notice);
		});

	return (
		<>
			<ProblemText request={request} />
			<p class="aside">
				<Act tone="quiet" request={request} onAct={() => void leave()}>
					{label}
				</Act>
			</p>
		</>
	);
}
