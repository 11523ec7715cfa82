import { type Leave, useRequest } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { Title } from '../parts/title.tsx';
import { logOut } from '../session-v1.ts';
import { SecondFactorForm } from './second-factor-form.tsx';
import { SessionEnd } from './session-end.tsx';
import type { SignedIn } from './sign-in-form.tsx';

/** The password was right. Now something else that only this person has. */
export function SecondFactor({
	name,
	onSignedIn,
	onLeft,
}: {
	name: string | undefined;
	onSignedIn: SignedIn;
	onLeft: Leave;
}) {
	const request = useRequest();
	const cancel = () =>
		request.run(async () => {
			await logOut();
			onLeft();
		});
	return (
		<>
			<SessionEnd awaited="second-factor" name={name} over={false} onSignedIn={onSignedIn} onLeft={onLeft} />
			<Card>
				<Title name="One more step" />
				<SecondFactorForm name={name} onSignedIn={onSignedIn} />
				<ProblemText request={request} />
				<p class="aside">
					<Act tone="quiet" request={request} onAct={() => void cancel()}>
						Cancel
					</Act>
				</p>
			</Card>
		</>
	);
}
