import { ChangePasswordForm } from './change-password-form.tsx';
import { Locked, type LockedProps } from './locked.tsx';

/** Signed in, but nothing else may be done before the password is changed. `over`: the session has ended meanwhile. */
export function ForcedChange(props: LockedProps & { over: boolean }) {
	return (
		<Locked
			{...props}
			awaited="password-change"
			title="Choose a new password"
			lead="Before anything else, the password has to be changed."
		>
			<ChangePasswordForm name={props.name} first onLeft={props.onLeft} />
		</Locked>
	);
}
