import { brand } from '../brand.ts';
import { useDesk } from '../desk.ts';
import type { Notice } from '../machine.ts';
import { Card } from '../parts/card.tsx';
import { Title } from '../parts/title.tsx';
import { useWords } from '../words/words.ts';
import { type SignedIn, SignInForm } from './sign-in-form.tsx';

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
	const { common, help, signIn } = useWords();
	return (
		<Card>
			<Title name={signIn.title} />
			{offer.message !== undefined && (
				<section class="banner" aria-label={common.noticeOfService}>
					{offer.message}
				</section>
			)}
			{notice !== undefined && (
				<p class="notice" role="status">
					{signIn.notices[notice]}
				</p>
			)}
			<SignInForm name={name} onSignedIn={onSignedIn} />
			{brand.help && (
				<p class="hint">
					{brand.help.text} {brand.help.url !== undefined && <a href={brand.help.url}>{help.link}</a>}
				</p>
			)}
		</Card>
	);
}
