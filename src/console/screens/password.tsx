import type { Leave } from '../desk.ts';
import { Title } from '../parts/title.tsx';
import { useWords } from '../words/words.ts';
import { ChangePasswordForm } from './change-password-form.tsx';

/** A change of one's own will. */
export function PasswordPage({ name, onLeft }: { name: string; onLeft: Leave }) {
	const { passwords } = useWords();
	return (
		<>
			<Title name={passwords.changeTitle} />
			<p class="lead">{passwords.changeLead}</p>
			<section class="card narrow">
				<ChangePasswordForm name={name} onLeft={onLeft} />
			</section>
		</>
	);
}
