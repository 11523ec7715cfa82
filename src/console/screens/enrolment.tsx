import { type Leave, useDesk, useRequest } from '../desk.ts';
import { goTo } from '../page.ts';
import { Act } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { Title } from '../parts/title.tsx';
import { logOut } from '../session-v1.ts';
import { AddFactor } from './security.tsx';
import { SessionEnd } from './session-end.tsx';
import type { SignedIn } from './sign-in-form.tsx';

/** Signed in, but nothing else may be done before a second factor is set up. */
export function Enrolment({
	name,
	onSignedIn,
	onLeft,
}: {
	/** `undefined`: the page was loaded anew, and a locked session does not tell whose it is. */
	name: string | undefined;
	onSignedIn: SignedIn;
	onLeft: Leave;
}) {
	const { settle } = useDesk();
	const request = useRequest();
	const signOut = () =>
		request.run(async () => {
			await logOut();
			onLeft('signed-out');
		});

	return (
		<>
			<SessionEnd awaited="enrolment" name={name} over={false} onSignedIn={onSignedIn} onLeft={onLeft} />
			<Card>
				<Title name="Set up a second factor" />
				<p>
					{name !== undefined && (
						<>
							You are signed in as <strong>{name}</strong>.{' '}
						</>
					)}
					Here a password alone is not enough. Before anything else, set up something that only you have.
				</p>
				<AddFactor
					onAdded={async () => {
						// Recovery codes come next.
						goTo({ at: 'security' });
						await settle();
					}}
				/>
				<ProblemText request={request} />
				<p class="aside">
					<Act tone="quiet" request={request} onAct={() => void signOut()}>
						Sign out
					</Act>
				</p>
			</Card>
		</>
	);
}
