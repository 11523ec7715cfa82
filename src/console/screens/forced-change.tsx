import { type Leave, useRequest } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Title } from '../parts/title.tsx';
import { logOut } from '../session-v1.ts';
import { ChangePasswordForm } from './change-password-form.tsx';
import { SessionEnd } from './session-end.tsx';
import type { SignedIn } from './sign-in-form.tsx';

/** Signed in, but nothing else may be done before the password is changed. */
export function ForcedChange({
	name,
	over,
	onSignedIn,
	onLeft,
}: {
	/** `undefined`: the page was loaded anew, and a locked session does not tell whose it is. */
	name: string | undefined;
	over: boolean;
	onSignedIn: SignedIn;
	onLeft: Leave;
}) {
	const request = useRequest();
	const signOut = () =>
		request.run(async () => {
			await logOut();
			onLeft('signed-out');
		});

	return (
		<>
			<SessionEnd awaited="password-change" name={name} over={over} onSignedIn={onSignedIn} onLeft={onLeft} />
			<Card>
				<Title name="Choose a new password" />
				<p>
					{name !== undefined && (
						<>
							You are signed in as <strong>{name}</strong>.{' '}
						</>
					)}
					Before anything else, the password has to be changed.
				</p>
				<ChangePasswordForm name={name} first onLeft={onLeft} />
				<p class="aside">
					<Act tone="quiet" request={request} onAct={() => void signOut()}>
						Sign out
					</Act>
				</p>
			</Card>
		</>
	);
}
