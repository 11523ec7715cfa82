import { useDesk } from '../desk.ts';
import type { Notice } from '../machine.ts';
import { Card } from '../parts/card.tsx';
import { Title } from '../parts/title.tsx';
import { type SignedIn, SignInForm } from './sign-in-form.tsx';

const notices: Record<Notice, string> = {
	'signed-out': 'You have signed out.',
	'password-changed': 'The password is changed. Sign in with the new one.',
	'set-up': 'The administrator is created. Sign in with the password you have just set.',
};

export function SignIn({
	notice,
	name,
	onSignedIn,
}: {
	notice: Notice | undefined;
	name: string | undefined;
	onSignedIn: SignedIn;
}) {
	const { offer } = useDesk();
	return (
		<Card>
			<Title name="Sign in" />
			{offer.message !== undefined && (
				<section class="banner" aria-label="Notice of this service">
					{offer.message}
				</section>
			)}
			{notice !== undefined && (
				<p class="notice" role="status">
					{notices[notice]}
				</p>
			)}
			<SignInForm name={name} onSignedIn={onSignedIn} />
		</Card>
	);
}
