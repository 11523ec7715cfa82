import { useWords } from '../words/words.ts';
import { ChangePasswordForm } from './change-password-form.tsx';
import { Locked, type LockedProps } from './locked.tsx';

/** Signed in, but nothing else may be done before the password is changed. `over`: the session has ended meanwhile. `known`:
 * the password that was signed in with. */
export function ForcedChange({ known, ...props }: LockedProps & { over: boolean; known: string | undefined }) {
	const { passwords } = useWords();
	return (
		<Locked {...props} awaited="password-change" title={passwords.chooseTitle} lead={passwords.chooseLead}>
			<ChangePasswordForm name={props.name} known={known} first onLeft={props.onLeft} />
		</Locked>
	);
}
