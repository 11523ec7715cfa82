import type { Leave } from '../desk.ts';
import { Title } from '../parts/title.tsx';
import { ChangePasswordForm } from './change-password-form.tsx';

/** A change of one's own will. */
export function PasswordPage({ name, onLeft }: { name: string; onLeft: Leave }) {
	return (
		<>
			<Title name="Change password" />
			<p class="lead">Afterwards every session of yours ends, here and elsewhere.</p>
			<section class="card narrow">
				<ChangePasswordForm name={name} onLeft={onLeft} />
			</section>
		</>
	);
}
